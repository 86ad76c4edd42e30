import {
  type DomainModificationImpact,
  TypedParameterFlags,
  type VcpuState,
} from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { CallOptions } from "../rpc/deadline.js";
import { cpuMapLength, decodeCpuMap, encodeCpuMap } from "./cpu-map.js";
import { DomainMethods } from "./generated/domain.js";
import { type JsonFriendly, withJson } from "./json.js";
import { fromTypedParams, type TypedParameters } from "./typed-params.js";

/** One virtual CPU of a running domain. C's `virVcpuInfo`, with the map that comes beside it. */
export interface VcpuInfo {
  readonly number: number;
  readonly state: VcpuState;
  /** CPU time used, in ns. */
  readonly cpuTime: bigint;
  /** The host CPU that it runs on; -1 where that is not known, -2 where the hypervisor does not tell. */
  readonly cpu: number;
  /** The host CPUs that it may run on. */
  readonly cpumap: readonly boolean[];
}

/** One I/O thread. C's `virDomainIOThreadInfo`. */
export interface DomainIOThreadInfo {
  readonly iothreadId: number;
  /** The host CPUs that it may run on. */
  readonly cpumap: readonly boolean[];
}

/** The number of CPUs that one call of {@link DomainCpus.getCPUStats} may ask for. */
const maxCpusPerCall = 128;

/** A domain's methods around CPUs, whose maps are arrays of booleans here and bits on the wire. */
export abstract class DomainCpus extends DomainMethods {
  async getVcpus(options?: CallOptions): Promise<readonly (VcpuInfo & JsonFriendly)[]> {
    const [{ nrVirtCpu }, cpus] = await Promise.all([this.getInfo(options), this.#hostCpus(options)]);
    const maplen = cpuMapLength(cpus);
    const { info, cpumaps } = await this.call(
      remote.domainGetVcpus,
      { dom: this.ref, maxinfo: nrVirtCpu, maplen },
      options,
    );
    const maps = splitMaps(cpumaps, maplen, cpus);
    return info.map((vcpu, index) => withJson({ ...vcpu, cpumap: maps[index] ?? [] }));
  }

  async getVcpuPinInfo(
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<readonly boolean[][]> {
    const [{ nrVirtCpu }, cpus] = await Promise.all([this.getInfo(options), this.#hostCpus(options)]);
    const maplen = cpuMapLength(cpus);
    const args = { dom: this.ref, ncpumaps: nrVirtCpu, maplen, flags };
    const { cpumaps, num } = await this.call(remote.domainGetVcpuPinInfo, args, options);
    return splitMaps(cpumaps, maplen, cpus).slice(0, num);
  }

  async getEmulatorPinInfo(
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<readonly boolean[]> {
    const cpus = await this.#hostCpus(options);
    const args = { dom: this.ref, maplen: cpuMapLength(cpus), flags };
    const { cpumaps } = await this.call(remote.domainGetEmulatorPinInfo, args, options);
    return decodeCpuMap(cpumaps, cpus);
  }

  async getIOThreadInfo(
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<readonly (DomainIOThreadInfo & JsonFriendly)[]> {
    const cpus = await this.#hostCpus(options);
    const { info } = await this.call(remote.domainGetIothreadInfo, { dom: this.ref, flags }, options);
    return info.map(({ iothreadId, cpumap }) => withJson({ iothreadId, cpumap: decodeCpuMap(cpumap, cpus) }));
  }

  async pinVcpu(vcpu: number, cpumap: readonly boolean[], options?: CallOptions): Promise<void> {
    const args = { dom: this.ref, vcpu, cpumap: encodeCpuMap("cpumap", cpumap) };
    await this.call(remote.domainPinVcpu, args, options);
  }

  async pinVcpuFlags(
    vcpu: number,
    cpumap: readonly boolean[],
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, vcpu, cpumap: encodeCpuMap("cpumap", cpumap), flags };
    await this.call(remote.domainPinVcpuFlags, args, options);
  }

  async pinEmulator(
    cpumap: readonly boolean[],
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, cpumap: encodeCpuMap("cpumap", cpumap), flags };
    await this.call(remote.domainPinEmulator, args, options);
  }

  async pinIOThread(
    iothreadId: number,
    cpumap: readonly boolean[],
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, iothreadsId: iothreadId, cpumap: encodeCpuMap("cpumap", cpumap), flags };
    await this.call(remote.domainPinIothread, args, options);
  }

  async getCPUStats(
    startCpu = -1,
    ncpus = startCpu === -1 ? 1 : 0,
    flags = 0,
    options?: CallOptions,
  ): Promise<readonly TypedParameters[]> {
    const ask = (nparams: number, first: number, count: number) =>
      this.call(
        remote.domainGetCpuStats,
        {
          dom: this.ref,
          nparams,
          startCpu: first,
          ncpus: count,
          flags: flags | TypedParameterFlags.STRING_OKAY,
        },
        options,
      );
    // Without a number of CPUs all that there are are meant; the daemon tells how many when asked for none.
    const wanted = ncpus === 0 ? (await ask(0, 0, 0)).nparams - startCpu : ncpus;
    const { nparams } = await ask(0, startCpu, 1);
    if (nparams === 0) return [];
    const stats: TypedParameters[] = [];
    while (stats.length < wanted) {
      const count = Math.min(wanted - stats.length, maxCpusPerCall);
      const { params, nparams: each } = await ask(nparams, startCpu + stats.length, count);
      if (params.length === 0 || each <= 0) break;
      for (let at = 0; at < params.length; at += each)
        stats.push(fromTypedParams(params.slice(at, at + each)));
    }
    return stats;
  }

  /** How many CPUs the host has, which is how far its CPU maps reach. */
  async #hostCpus(options: CallOptions | undefined): Promise<number> {
    const args = { needMap: 0, needOnline: 0, flags: 0 };
    const { ret } = await this.call(remote.nodeGetCpuMap, args, options);
    return ret;
  }
}

/** Maps of the same length lie one behind the other. */
function splitMaps(bytes: Uint8Array, length: number, cpus: number): boolean[][] {
  const maps: boolean[][] = [];
  for (let at = 0; at + length <= bytes.length; at += length) {
    maps.push(decodeCpuMap(bytes.subarray(at, at + length), cpus));
  }
  return maps;
}
