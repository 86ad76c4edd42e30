import type {
  ConnectGetAllDomainStatsFlags,
  DomainStatsTypes,
  NodeAllocPagesFlags,
} from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { CallOptions } from "../rpc/deadline.js";
import { decodeCString } from "./c-string.js";
import { decodeCpuMap } from "./cpu-map.js";
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
  async nodeGetInfo(options?: CallOptions): Promise<NodeInfo & JsonFriendly> {
    const { model, ...rest } = await this.call(remote.nodeGetInfo, undefined, options);
    return withJson({ model: decodeCString(model), ...rest });
  }

  async nodeGetCPUMap(flags = 0, options?: CallOptions): Promise<NodeCPUMap> {
    const args = { needMap: 1, needOnline: 1, flags };
    const { cpumap, online, ret } = await this.call(remote.nodeGetCpuMap, args, options);
    return { cpumap: decodeCpuMap(cpumap, ret), online };
  }

  async nodeGetCPUStats(cpuNum = -1, flags = 0, options?: CallOptions): Promise<NodeStats & JsonFriendly> {
    return countedStats((nparams) => this.call(remote.nodeGetCpuStats, { cpuNum, nparams, flags }, options));
  }

  async nodeGetMemoryStats(
    cellNum = -1,
    flags = 0,
    options?: CallOptions,
  ): Promise<NodeStats & JsonFriendly> {
    return countedStats((nparams) =>
      this.call(remote.nodeGetMemoryStats, { cellNum, nparams, flags }, options),
    );
  }

  async nodeGetCellsFreeMemory(
    startCell: number,
    maxCells: number,
    options?: CallOptions,
  ): Promise<readonly bigint[]> {
    const args = { startCell, maxcells: maxCells };
    const { cells } = await this.call(remote.nodeGetCellsFreeMemory, args, options);
    return cells;
  }

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

  async nodeAllocPages(
    pageSizes: readonly number[],
    pageCounts: readonly bigint[],
    startCell: number,
    cellCount: number,
    flags: NodeAllocPagesFlags = 0,
    options?: CallOptions,
  ): Promise<number> {
    if (pageSizes.length !== pageCounts.length) {
      throw new RangeError(`pageCounts: ${pageCounts.length} numbers for ${pageSizes.length} page sizes`);
    }
    const args = { pageSizes, pageCounts, startCell, cellCount, flags };
    const { ret } = await this.call(remote.nodeAllocPages, args, options);
    return ret;
  }

  async nodeGetSecurityModel(options?: CallOptions): Promise<SecurityModel> {
    const { model, doi } = await this.call(remote.nodeGetSecurityModel, undefined, options);
    return { model: decodeCString(model), doi: decodeCString(doi) };
  }

  async getAllDomainStats(
    stats: DomainStatsTypes = 0,
    flags: ConnectGetAllDomainStatsFlags = 0,
    options?: CallOptions,
  ): Promise<readonly DomainStatsRecord[]> {
    return this.#domainStats([], stats, flags, options);
  }

  async domainListGetStats(
    doms: readonly Domain[],
    stats: DomainStatsTypes = 0,
    flags: ConnectGetAllDomainStatsFlags = 0,
    options?: CallOptions,
  ): Promise<readonly DomainStatsRecord[]> {
    // To the daemon an empty list means all domains, which is not what an empty list says.
    if (doms.length === 0) throw new RangeError("doms: at least one domain is wanted");
    return this.#domainStats(doms, stats, flags, options);
  }

  async #domainStats(
    doms: readonly Domain[],
    stats: DomainStatsTypes,
    flags: ConnectGetAllDomainStatsFlags,
    options: CallOptions | undefined,
  ): Promise<readonly DomainStatsRecord[]> {
    const args = { doms: doms.map((domain) => domain.ref), stats, flags };
    const { retStats } = await this.call(remote.connectGetAllDomainStats, args, options);
    return retStats.map(({ dom, params }) => ({
      domain: new Domain(this.connection, dom),
      params: fromTypedParams(params),
    }));
  }
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
