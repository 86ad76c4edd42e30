import { afterAll, beforeAll, test } from "vitest";
import { type Connection, type Domain, typed } from "../../src/index.js";
import { compareDrivers } from "../support/both-drivers.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

// What of a domain can be set while it runs and for its next start, on libvirt's test driver and on ours.

let libvirtd: Libvirtd;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
});

afterAll(() => libvirtd.stop());

const xml = `<domain type="test"><name>tuned</name><uuid>0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9a11</uuid>
  <memory>8192</memory><vcpu cpuset="0-5" current="3">4</vcpu><iothreads>2</iothreads>
  <os><type>hvm</type></os>
  <devices>
    <disk type="file" device="disk"><source file="/one"/><target dev="vda"/></disk>
    <disk type="file" device="disk"><source file="/two"/><target dev="vdb"/></disk>
    <disk type="file" device="disk"><source file="/two"/><target dev="vdc"/></disk>
    <disk type="file" device="cdrom"><target dev="hdc"/></disk>
    <interface type="bridge"><source bridge="br0"/><mac address="52:54:00:0a:0b:0c"/></interface>
    <memballoon model="virtio"/>
  </devices></domain>`;

const [live, config] = [1, 2];

/** A map of CPUs: one for each that is in it. */
const cpus = (map: string) => [...map].map((bit) => bit === "1");

/** Runs the scene with a domain that is off, and with one that runs. */
function withDomain(scene: (domain: Domain, conn: Connection, take: Take) => Promise<void>) {
  return compareDrivers(libvirtd, async (conn, take, get) => {
    const domain = await get(() => conn.domainDefineXML(xml));
    await scene(domain, conn, take);
    await take(() => domain.getXMLDesc());
    await take(() => domain.create());
    await scene(domain, conn, take);
    await take(() => domain.getXMLDesc());
    await take(() => domain.getXMLDesc(2));
    await take(() => domain.destroy());
    await take(() => domain.undefine());
  });
}

type Take = (call: () => Promise<unknown>) => Promise<void>;

test("where virtual CPUs and the emulator run is said the same", async () => {
  await withDomain(async (domain, _conn, take) => {
    for (const flags of [0, live, config, 3]) await take(() => domain.getVcpuPinInfo(flags));
    await take(() => domain.pinVcpu(1, cpus("01010000")));
    await take(() => domain.pinVcpuFlags(0, cpus("1000000010000000"), 0));
    await take(() => domain.pinVcpuFlags(0, cpus("10000000"), live));
    await take(() => domain.pinVcpu(3, cpus("10000000")));
    await take(() => domain.pinVcpu(44, cpus("10000000")));
    await take(() => domain.getVcpuPinInfo());
    await take(async () => (await domain.getVcpus()).map(({ cpuTime, ...rest }) => [typeof cpuTime, rest]));
    for (const flags of [0, live, config, 3, 8]) {
      await take(() => domain.getEmulatorPinInfo(flags));
      await take(() => domain.pinEmulator(cpus("01100000"), flags));
      await take(() => domain.getEmulatorPinInfo(flags));
    }
    await take(() => domain.pinEmulator(cpus("00000000"), 0));
  });
});

const pins = [
  ...["<emulatorpin cpuset=''/>", "<emulatorpin/>", "<emulatorpin cpuset='0-3,^2'/>"],
  ...["<emulatorpin cpuset='1'/><emulatorpin cpuset='2'/>", "<shares>5</shares>", ""],
  ...["<vcpupin vcpu='0' cpuset=''/>", "<vcpupin vcpu='x' cpuset='1'/>", "<vcpupin cpuset='1'/>"],
  ...["<vcpupin vcpu='1'/>", "<vcpupin vcpu='1' cpuset='3,^3'/>", "<vcpupin vcpu='7' cpuset='x'/>"],
  ...["<vcpupin vcpu='1' cpuset='3'/><vcpupin vcpu='0' cpuset='1,2,3'/>"],
  ...["<vcpupin vcpu='1' cpuset='3'/><vcpupin vcpu='1' cpuset='2'/>"],
  ...["<iothreadpin iothread='1' cpuset=''/>", "<iothreadpin iothread='1' cpuset='1-1'/>"],
  ...["<iothreadpin iothread='7' cpuset='1'/>", "<iothreadpin iothread='0' cpuset='1'/>"],
  ...["<iothreadpin cpuset='1'/>", "<iothreadpin iothread='1'/>"],
  ...["<iothreadpin iothread='2' cpuset='1'/><iothreadpin iothread='1' cpuset='1'/>"],
  ...["<iothreadpin iothread='1' cpuset='1'/><iothreadpin iothread='1' cpuset='1'/>"],
].map((part) => `<cputune>${part}</cputune>`);
const nodes = ["", "0-1,3,4", "0,^0"].map(
  (set) => `<numatune><memory mode='strict' nodeset='${set}'/></numatune>`,
);

test("sets of CPUs and nodes in a definition are read, and refused, the same", async () => {
  await compareDrivers(libvirtd, async (conn, take) => {
    for (const part of [...pins, ...nodes]) {
      await take(() =>
        conn.domainDefineXML(xml.replace("<iothreads>", `${part}<iothreads>`)).then((it) => it.getXMLDesc()),
      );
    }
  });
});

test("limits to memory are set the same", async () => {
  await withDomain(async (domain, _conn, take) => {
    await take(() => domain.getMemoryParameters());
    await take(() => domain.setMemoryParameters({ hard_limit: 5000n }));
    await take(() =>
      domain.setMemoryParameters({ hard_limit: 5000n, soft_limit: 4000n, swap_hard_limit: 9000n }),
    );
    await take(() => domain.getMemoryParameters());
    await take(() => domain.setMemoryParameters({ hard_limit: 9001n }));
    await take(() => domain.setMemoryParameters({ swap_hard_limit: 1n }, config));
    await take(() => domain.setMemoryParameters({ soft_limit: 7n }, config));
    await take(() => domain.getMemoryParameters(config));
    await take(() => domain.getMemoryParameters(live));
    await take(() => domain.getMemoryParameters(3));
    await take(() => domain.setMemoryParameters({ min_guarantee: 7n }, config));
    await take(() => domain.setMemoryParameters({ hard_limit: typed.int(7) }));
    await take(() => domain.setMemoryParameters({ soft_limit: 9007199254740991n }));
    await take(() => domain.setMemoryParameters({ soft_limit: 7n }, 3));
    await take(() => domain.setMemoryParameters({ soft_limit: 7n }, 8));
  });
});

test("weights of block devices are set the same", async () => {
  await withDomain(async (domain, _conn, take) => {
    await take(() => domain.getBlkioParameters());
    await take(() => domain.setBlkioParameters({ weight: 300 }));
    await take(() => domain.setBlkioParameters({ device_weight: "/dev/a,200,/dev/b,300" }));
    await take(() =>
      domain.setBlkioParameters({ device_read_iops_sec: "/dev/b,7", device_write_bytes_sec: "/dev/c,8" }),
    );
    await take(() => domain.setBlkioParameters({ device_write_iops_sec: "/dev/d,0" }));
    for (const value of [
      "",
      "/dev/a",
      "/dev/a,x",
      "/dev/a,1,",
      "/dev/a,-1",
      "/dev/a,99999999999",
      "/dev/a,1,/dev/b",
    ]) {
      await take(() => domain.setBlkioParameters({ device_read_bytes_sec: value }));
      await take(() => domain.setBlkioParameters({ device_weight: value }));
    }
    await take(() => domain.getBlkioParameters());
    await take(() => domain.getBlkioParameters(config));
    await take(() => domain.getBlkioParameters(3));
    await take(() => domain.setBlkioParameters({ device_read_bytes_sec: "/dev/a,0" }));
    await take(() => domain.setBlkioParameters({ weight: 0 }, config));
    await take(() => domain.setBlkioParameters({ heavy: typed.uint(1) }));
  });
});

test("nodes to take memory of are set the same", async () => {
  await withDomain(async (domain, _conn, take) => {
    await take(() => domain.getNumaParameters());
    await take(() => domain.setNumaParameters({ numa_mode: 2 }));
    await take(() => domain.setNumaParameters({ numa_nodeset: "0-1,^0" }));
    await take(() => domain.getNumaParameters());
    await take(() => domain.setNumaParameters({ numa_mode: 1, numa_nodeset: "3" }));
    await take(() => domain.setNumaParameters({ numa_mode: 3 }, config));
    await take(() => domain.setNumaParameters({ numa_mode: 9 }));
    await take(() => domain.setNumaParameters({ numa_nodeset: "x" }));
    await take(() => domain.getNumaParameters(config));
    await take(() => domain.getNumaParameters(live));
  });
});

test("interfaces are bounded the same", async () => {
  await withDomain(async (domain, _conn, take) => {
    for (const device of [
      "testnet0",
      "52:54:00:0a:0b:0c",
      "52:54:0:A:B:C",
      "nobody",
      "52:54:00:0a:0b:0d",
      "",
    ]) {
      await take(() => domain.getInterfaceParameters(device));
    }
    const set = (params: Parameters<Domain["setInterfaceParameters"]>[1], flags = 0) =>
      take(() => domain.setInterfaceParameters("testnet0", params, flags));
    await set({ "inbound.peak": 7 });
    await take(() => domain.getXMLDesc());
    await set({ "inbound.average": 100, "inbound.peak": 200, "inbound.burst": 300, "outbound.average": 9 });
    await take(() => domain.getInterfaceParameters("testnet0"));
    await set({ "outbound.burst": 5 });
    await set({ "inbound.floor": 5 });
    await take(() => domain.getInterfaceParameters("testnet0"));
    await set({ "outbound.average": 0 });
    await set({ "outbound.floor": typed.uint(1) });
    await set({ "inbound.average": 3 }, config);
    await take(() => domain.getInterfaceParameters("testnet0", config));
    await take(() => domain.getInterfaceParameters("testnet0", live));
    await take(() => domain.setInterfaceParameters("nobody", { "inbound.average": 1 }));
  });
});

test("disks are throttled the same", async () => {
  await withDomain(async (domain, _conn, take) => {
    for (const disk of ["vda", "/one", "/two", "vdz", "/none", ""])
      await take(() => domain.getBlockIoTune(disk));
    const set = (params: Parameters<Domain["setBlockIoTune"]>[1], disk = "vda") =>
      take(() => domain.setBlockIoTune(disk, params));
    await set({ total_bytes_sec: 5n, total_bytes_sec_max: 6n });
    await set({ read_bytes_sec: 5n });
    await set({ write_bytes_sec_max: 5n });
    await set({ total_iops_sec: 1n, write_iops_sec: 1n });
    await set({
      total_iops_sec_max: 9n,
      total_iops_sec: 2n,
      size_iops_sec: 3n,
      total_iops_sec_max_length: 4n,
    });
    await set({ read_iops_sec_max: 9n });
    await set({ group_name: "together" });
    await set({ read_bytes_sec: 1000000000000001n });
    await set({ write_iops_sec_max: 3n }, "/two");
    await set({ total_bytes_sec: 5n }, "vdz");
    await set({ more: typed.ullong(5n) });
    await take(() => domain.getBlockIoTune("vda"));
    await set({ total_bytes_sec: 0n, total_bytes_sec_max: 0n });
    await take(() => domain.getBlockIoTune("vda", config));
    await take(() => domain.getBlockIoTune("vdb", live));
    await take(() => domain.getBlockIoTune("vda", 3));
  });
});

test("counting events is turned on and off the same", async () => {
  await withDomain(async (domain, _conn, take) => {
    await take(() => domain.getPerfEvents());
    await take(() => domain.setPerfEvents({ mbml: true, cmt: true, page_faults: false }));
    await take(() => domain.setPerfEvents({ cmt: false }));
    await take(() => domain.setPerfEvents({ cmt: true }, config));
    await take(() => domain.getPerfEvents());
    await take(() => domain.getPerfEvents(config));
    await take(() => domain.setPerfEvents({ naps: typed.boolean(true) }));
  });
});

test("IO threads come, run where they are told, and go, the same", async () => {
  await withDomain(async (domain, conn, take) => {
    for (const flags of [0, live, config, 3]) await take(() => domain.getIOThreadInfo(flags));
    await take(() => domain.addIOThread(4));
    await take(() => domain.addIOThread(4));
    await take(() => domain.addIOThread(0));
    await take(() => domain.addIOThread(7, config));
    await take(() => domain.addIOThread(7, 3));
    await take(() => domain.pinIOThread(4, cpus("11000000")));
    await take(() => domain.pinIOThread(1, cpus("10100000"), config));
    await take(() => domain.pinIOThread(4, cpus("00000000")));
    await take(() => domain.pinIOThread(9, cpus("10000000")));
    await take(() => domain.getXMLDesc());
    await take(() => domain.setIOThreadParams(4, { poll_max_ns: 1n, poll_grow: 2, poll_shrink: 3 }, live));
    await take(() => domain.setIOThreadParams(4, { poll_grow: 5 }, live));
    await take(() => domain.setIOThreadParams(4, { poll_dance: typed.uint(5) }, live));
    await take(() => domain.setIOThreadParams(9, { poll_grow: 5 }, live));
    await take(() => domain.setIOThreadParams(0, { poll_grow: 5 }, live));
    await take(() => domain.setIOThreadParams(4, { poll_grow: 5 }, config));
    await take(() => conn.getAllDomainStats(0, 0));
    await take(() => domain.getIOThreadInfo());
    await take(() => domain.delIOThread(4));
    await take(() => domain.delIOThread(4));
    await take(() => domain.delIOThread(1));
    // What is left has been named by what went before it.
    await take(() => domain.getXMLDesc());
    await take(() => domain.delIOThread(0));
    await take(() => domain.getIOThreadInfo());
  });
});

test("what becomes of a domain by itself is set the same", async () => {
  await withDomain(async (domain, _conn, take) => {
    for (const type of [0, 1, 2, 3]) {
      for (const action of [0, 3, 4, 5, 9]) await take(() => domain.setLifecycleAction(type, action));
    }
    await take(() => domain.setLifecycleAction(0, 1, 3));
    await take(() => domain.setLifecycleAction(0, 1, 8));
    await take(() => domain.setMemoryStatsPeriod(5));
    await take(() => domain.setMemoryStatsPeriod(0, config));
  });
});
