import type {
  ConnectGetAllDomainStatsFlags,
  DomainStatsTypes,
  NodeAllocPagesFlags,
} from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { Codec } from "../protocol/xdr.js";
import type { CallOptions } from "../rpc/deadline.js";
import { checkList } from "./arguments.js";
import { decodeCString } from "./c-string.js";
import { cpuCount, decodeCpuMap } from "./cpu-map.js";
import { Domain } from "./domain.js";
import { ConnectionMethods } from "./generated/connection.js";
import { type JsonFriendly, withJson } from "./json.js";
import { fromTypedParams, type TypedParameters } from "./typed-params.js";

/** The host that a hypervisor runs on. C's `virNodeInfo`. */
export interface NodeInfo {
  /** The CPU model, such as `x86_64`. */
  readonly model: string;
  /** In KiB. */
  readonly memory: bigint;
  /** The number of active CPUs. */
  readonly cpus: number;
  /** The CPUs' frequency in MHz; 0 where it is not known. */
  readonly mhz: number;
  /** The number of NUMA cells; 1 where the host has an uneven topology. */
  readonly nodes: number;
  /** The number of sockets in each cell. */
  readonly sockets: number;
  /** The number of cores in each socket. */
  readonly cores: number;
  /** The number of threads in each core. */
  readonly threads: number;
}

/** The host's CPUs: which are online, and how many. */
export interface NodeCPUMap {
  /** By CPU number; as long as the host has CPUs. */
  readonly cpumap: readonly boolean[];
  readonly online: number;
}

/** How the host separates domains. C's `virSecurityModel`. */
export interface SecurityModel {
  /** `selinux`, `apparmor`, …; empty for none. */
  readonly model: string;
  /** The model's domain of interpretation. */
  readonly doi: string;
}

/** One domain's statistics. C's `virDomainStatsRecord`. */
export interface DomainStatsRecord {
  readonly domain: Domain;
  /** By the names of the `DOMAIN_STATS_*` constants. */
  readonly params: TypedParameters;
}

/** Numbers by name, such as the ns that CPUs spent in each mode. */
export type NodeStats = Readonly<Record<string, bigint>>;

/** A connection's methods around the host, and those that report on many domains at once. */
export abstract class ConnectionHost extends ConnectionMethods {
  /**
   * Reads the host's CPU model, topology and amount of memory.
   *
   * @returns `model`; `memory` in KiB; `cpus`, those online; `mhz`, the current clock of the first in MHz or
   * 0; then NUMA `nodes`, `sockets` per node, `cores` per socket and `threads` per core. A host too
   * irregular for these is given as one socket full of single-threaded cores; `getCapabilities` has the true
   * layout.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetInfo | virNodeGetInfo},
   * `REMOTE_PROC_NODE_GET_INFO` (6), since libvirt 0.1.0.
   */
  async nodeGetInfo(options?: CallOptions): Promise<NodeInfo & JsonFriendly> {
    const { model, ...rest } = await this.call(remote.nodeGetInfo, undefined, options);
    return withJson({ model: decodeCString(model), ...rest });
  }

  /**
   * Tells which of the host's CPUs are there and online.
   *
   * @returns `cpumap`, an element for each CPU there is, `true` if it is online, and `online`, how many of
   * them are.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetCPUMap | virNodeGetCPUMap},
   * `REMOTE_PROC_NODE_GET_CPU_MAP` (293), since libvirt 1.0.0.
   */
  async nodeGetCPUMap(flags = 0, options?: CallOptions): Promise<NodeCPUMap> {
    const args = { needMap: 1, needOnline: 1, flags };
    const { cpumap, online, ret } = await this.call(remote.nodeGetCpuMap, args, options);
    return { cpumap: decodeCpuMap(cpumap, cpuCount(ret)), online };
  }

  /**
   * Reads how the host's CPUs spent their time since it was booted.
   *
   * @param cpuNum - The CPU's number, or `NodeGetCPUStatsAllCPUs.ALL_CPUS` (-1) for all of them together.
   * @returns Time in ns by name (the `NODE_CPU_STATS_*` constants): `kernel`, `user`, `idle`, `iowait` and,
   * on some hosts, others. A driver that has only an average gives `utilization` in percent instead.
   * @throws LibvirtError `INVALID_ARG`: The host has no such CPU.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetCPUStats | virNodeGetCPUStats},
   * `REMOTE_PROC_NODE_GET_CPU_STATS` (227), since libvirt 0.9.3.
   */
  async nodeGetCPUStats(cpuNum = -1, flags = 0, options?: CallOptions): Promise<NodeStats & JsonFriendly> {
    return this.asOne(remote.nodeGetCpuStats, options, (within) =>
      countedStats((nparams) => this.call(remote.nodeGetCpuStats, { cpuNum, nparams, flags }, within)),
    );
  }

  /**
   * Reads how the memory of the host, or of one NUMA cell, is used.
   *
   * @param cellNum - The cell's number, or `NodeGetMemoryStatsAllCells.ALL_CELLS` (-1) for the whole host.
   * @returns KiB by name (the `NODE_MEMORY_STATS_*` constants): `total` and `free`; for the whole host also
   * `buffers`, `cached` and whatever else it tells.
   * @throws LibvirtError `INVALID_ARG`: The host has no such cell.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetMemoryStats |
   * virNodeGetMemoryStats}, `REMOTE_PROC_NODE_GET_MEMORY_STATS` (228), since libvirt 0.9.3.
   */
  async nodeGetMemoryStats(
    cellNum = -1,
    flags = 0,
    options?: CallOptions,
  ): Promise<NodeStats & JsonFriendly> {
    return this.asOne(remote.nodeGetMemoryStats, options, (within) =>
      countedStats((nparams) => this.call(remote.nodeGetMemoryStats, { cellNum, nparams, flags }, within)),
    );
  }

  /**
   * Reads how much memory is free in each of a run of NUMA cells.
   *
   * @param startCell - The first cell, counted from 0.
   * @param maxCells - For how many cells at most to tell, from the first on; at least 1.
   * @returns Bytes for each cell from the first on; fewer than asked for if the host ends before.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetCellsFreeMemory |
   * virNodeGetCellsFreeMemory}, `REMOTE_PROC_NODE_GET_CELLS_FREE_MEMORY` (101), since libvirt 0.3.3.
   */
  async nodeGetCellsFreeMemory(
    startCell: number,
    maxCells: number,
    options?: CallOptions,
  ): Promise<readonly bigint[]> {
    const args = { startCell, maxcells: maxCells };
    const { cells } = await this.call(remote.nodeGetCellsFreeMemory, args, options);
    return cells;
  }

  /**
   * Counts the free memory pages of given sizes in each of a run of NUMA cells.
   *
   * @param pages - The sizes of page to count, in KiB: 2048 for pages of 2 MiB.
   * @param startCell - The first cell, counted from 0; -1 for the host as a whole.
   * @param cellCount - How many cells to look at, from the first on; at least 1.
   * @returns Cell after cell and, within each, the counts in the order of `pages`.
   * @throws LibvirtError `OPERATION_FAILED`: The host, or a cell of it, has no pages of one of the sizes.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetFreePages |
   * virNodeGetFreePages}, `REMOTE_PROC_NODE_GET_FREE_PAGES` (340), since libvirt 1.2.6.
   */
  async nodeGetFreePages(
    pages: readonly number[],
    startCell: number,
    cellCount: number,
    flags = 0,
    options?: CallOptions,
  ): Promise<readonly (readonly bigint[])[]> {
    const args = { pages, startCell, cellCount, flags };
    const { counts } = await this.call(remote.nodeGetFreePages, args, options);
    const cells = pages.length === 0 ? 0 : Math.floor(counts.length / pages.length);
    return Array.from({ length: cells }, (_, cell) =>
      counts.slice(cell * pages.length, (cell + 1) * pages.length),
    );
  }

  /**
   * Grows or sets the host's pools of huge pages, so that guests can have them.
   *
   * @param pageSizes - The sizes of page to act on, in KiB.
   * @param pageCounts - For each size, how many pages to add or, as the flags may say, to have in all.
   * @param startCell - The first NUMA cell to act on; -1 leaves the spread over cells to the kernel.
   * @param cellCount - How many cells to act on, from the first on; at least 1.
   * @param flags - {@link NodeAllocPagesFlags}.
   * @returns How many pools were handled: one for each cell and size of page.
   * @throws LibvirtError `OPERATION_FAILED`: The host has no pages of that size, or the kernel could not
   * find as many as were wanted.
   * @throws LibvirtError `OPERATION_UNSUPPORTED`: The size is that of an ordinary page, which has no pool.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virNodeAllocPages | virNodeAllocPages},
   * `REMOTE_PROC_NODE_ALLOC_PAGES` (347), since libvirt 1.2.9.
   */
  async nodeAllocPages(
    pageSizes: readonly number[],
    pageCounts: readonly bigint[],
    startCell: number,
    cellCount: number,
    flags: NodeAllocPagesFlags = 0,
    options?: CallOptions,
  ): Promise<number> {
    checkList("pageSizes", pageSizes);
    checkList("pageCounts", pageCounts);
    if (pageSizes.length !== pageCounts.length) {
      throw new RangeError(`pageCounts: ${pageCounts.length} numbers for ${pageSizes.length} page sizes`);
    }
    const args = { pageSizes, pageCounts, startCell, cellCount, flags };
    const { ret } = await this.call(remote.nodeAllocPages, args, options);
    return ret;
  }

  /**
   * Tells which security driver confines the guests.
   *
   * @returns `model`, such as `selinux` or `apparmor`, empty if there is none, and `doi`, what its labels
   * refer to.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virNodeGetSecurityModel |
   * virNodeGetSecurityModel}, `REMOTE_PROC_NODE_GET_SECURITY_MODEL` (122), since libvirt 0.6.1.
   */
  async nodeGetSecurityModel(options?: CallOptions): Promise<SecurityModel> {
    const { model, doi } = await this.call(remote.nodeGetSecurityModel, undefined, options);
    return { model: decodeCString(model), doi: decodeCString(doi) };
  }

  /**
   * Gives statistics of all domains, or of those that the flags select, in one call.
   *
   * @param stats - Groups wanted, `DomainStatsTypes` joined by `|`; 0 for all that there are.
   * @param flags - {@link ConnectGetAllDomainStatsFlags}.
   * @returns Each domain and its values by dotted name (`block.0.rd.bytes`); what cannot be told is left
   * out.
   * @throws LibvirtError `ARGUMENT_UNSUPPORTED`: a group is unknown, and the flags have
   * `ConnectGetAllDomainStatsFlags.ENFORCE_STATS`.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats |
   * virConnectGetAllDomainStats}, `REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS` (344), since libvirt 1.2.8.
   */
  async getAllDomainStats(
    stats: DomainStatsTypes = 0,
    flags: ConnectGetAllDomainStatsFlags = 0,
    options?: CallOptions,
  ): Promise<readonly DomainStatsRecord[]> {
    return this.#domainStats([], stats, flags, options);
  }

  /**
   * Gives statistics of some domains in one call.
   *
   * @param stats - Groups wanted, `DomainStatsTypes` joined by `|`; 0 for all that there are.
   * @param flags - {@link ConnectGetAllDomainStatsFlags}.
   * @returns Each domain and its values by dotted name (`block.0.rd.bytes`); vanished domains are left out.
   * @throws LibvirtError `ARGUMENT_UNSUPPORTED`: a group is unknown, and the flags have
   * `ConnectGetAllDomainStatsFlags.ENFORCE_STATS`.
   * @throws TypeError: a domain belongs to another connection.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainListGetStats |
   * virDomainListGetStats}, `REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS` (344), since libvirt 1.2.8.
   */
  async domainListGetStats(
    doms: readonly Domain[],
    stats: DomainStatsTypes = 0,
    flags: ConnectGetAllDomainStatsFlags = 0,
    options?: CallOptions,
  ): Promise<readonly DomainStatsRecord[]> {
    checkList("doms", doms);
    // To the daemon an empty list means all domains, which is not what an empty list says.
    if (doms.length === 0) throw new RangeError("doms: at least one domain is wanted");
    // Another daemon may have a domain of the same UUID, such as a migrated one.
    const stranger = doms.findIndex((domain) => domain?.connection !== this.connection);
    if (stranger >= 0) throw new TypeError(`doms[${stranger}]: it is no domain of this connection`);
    return this.#domainStats(doms, stats, flags, options);
  }

  async #domainStats(
    doms: readonly Domain[],
    stats: DomainStatsTypes,
    flags: ConnectGetAllDomainStatsFlags,
    options: CallOptions | undefined,
  ): Promise<readonly DomainStatsRecord[]> {
    const args = { doms: doms.map((domain) => domain.ref), stats, flags };
    return this.call({ ...remote.connectGetAllDomainStats, ret: statsOf(this.connection) }, args, options);
  }
}

/** How many bytes a record takes without name and values. */
const smallestRecord = 28;

/**
 * Reads each domain's record into what the caller gets before the next one: of thousands, all that the wire has would
 * be moved about by the collector of garbage until the last one has been read.
 */
function statsOf(connection: Domain["connection"]): Codec<readonly DomainStatsRecord[]> {
  return {
    name: remote.ConnectGetAllDomainStatsRet.name,
    encode: () => {
      throw new TypeError("statistics are only read");
    },
    decode: (from, field) => {
      from.enter(field);
      const count = from.count("retStats", remote.REMOTE_DOMAIN_LIST_MAX, smallestRecord);
      const records = new Array<DomainStatsRecord>(count);
      from.enter("retStats");
      for (let i = 0; i < count; i++) {
        const { dom, params } = remote.DomainStatsRecord.decode(from, i);
        records[i] = { domain: new Domain(connection, dom), params: fromTypedParams(params) };
      }
      from.leave();
      from.leave();
      return records;
    },
  };
}

interface CountedStats {
  readonly params: readonly { readonly field: string; readonly value: bigint }[];
  readonly nparams: number;
}

/** Asks for the number of figures first: drivers insist on being told exactly as many. */
async function countedStats(
  ask: (nparams: number) => Promise<CountedStats>,
): Promise<NodeStats & JsonFriendly> {
  const { nparams } = await ask(0);
  const params = nparams === 0 ? [] : (await ask(nparams)).params;
  return withJson(Object.fromEntries(params.map(({ field, value }) => [field, value])));
}
