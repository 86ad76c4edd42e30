import { encode, remote } from "../src/protocol/index.js";

// Types of typed parameters.
const int = 1;
const uint = 2;
const ullong = 4;
const boolean = 6;
const string = 7;

export const domainCount = 10_000;
const statsDomains = 1_000;
const paramsPerDomain = 100;
export const paramCount = statsDomains * paramsPerDomain;

/** A list of 10,000 domains, one in three of them running. */
export function listReply(): Uint8Array {
  return encode(remote.ConnectListAllDomainsRet, {
    domains: Array.from({ length: domainCount }, (_, i) => domain(i)),
    ret: domainCount,
  });
}

/** The statistics of 1,000 domains: 100,000 typed parameters. */
export function statsReply(): Uint8Array {
  return encode(remote.ConnectGetAllDomainStatsRet, {
    retStats: Array.from({ length: statsDomains }, (_, i) => ({ dom: domain(i), params: stats(i) })),
  });
}

function domain(i: number): remote.NonnullDomain {
  const uuid = Uint8Array.from({ length: 16 }, (_, at) => (i * 31 + at * 7) & 0xff);
  return { name: `guest-${String(i).padStart(5, "0")}`, uuid, id: i % 3 === 0 ? i + 1 : -1 };
}

/** What a running QEMU guest with 4 CPUs, 2 network interfaces and 4 disks reports, in its names and types. */
function stats(i: number): remote.TypedParam[] {
  const params: remote.TypedParam[] = [];
  const number = (type: 1 | 2 | 6, field: string, value: number) =>
    params.push({ field, value: { type, value } });
  const text = (field: string, value: string) => params.push({ field, value: { type: string, value } });
  const counters = (prefix: string, names: string) => {
    for (const name of names.split(" ")) {
      const value = BigInt(i + 1) * 1_000_003n * BigInt(params.length + 1);
      params.push({ field: prefix + name, value: { type: ullong, value } });
    }
  };
  number(int, "state.state", 1);
  number(int, "state.reason", 1);
  counters("cpu.", "time user system");
  counters("balloon.", "current maximum swap_in swap_out major_fault minor_fault unused available rss");
  number(uint, "vcpu.current", 4);
  number(uint, "vcpu.maximum", 4);
  for (let cpu = 0; cpu < 4; cpu++) {
    number(int, `vcpu.${cpu}.state`, 1);
    counters(`vcpu.${cpu}.`, "time wait delay");
    number(boolean, `vcpu.${cpu}.halted`, 0);
  }
  number(uint, "net.count", 2);
  for (let nic = 0; nic < 2; nic++) {
    text(`net.${nic}.name`, `vnet${2 * i + nic}`);
    counters(`net.${nic}.`, "rx.bytes rx.pkts rx.errs rx.drop tx.bytes tx.pkts tx.errs tx.drop");
  }
  number(uint, "block.count", 4);
  for (let disk = 0; disk < 4; disk++) {
    text(`block.${disk}.name`, `vd${"abcd"[disk]}`);
    text(`block.${disk}.path`, `/var/lib/libvirt/images/guest-${i}-${disk}.qcow2`);
    counters(`block.${disk}.`, "rd.reqs rd.bytes rd.times wr.reqs wr.bytes wr.times fl.reqs fl.times");
    counters(`block.${disk}.`, "allocation capacity physical");
  }
  return params.slice(0, paramsPerDomain);
}
