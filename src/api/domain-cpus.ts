import {
  type DomainModificationImpact,
  TypedParameterFlags,
  type VcpuState,
} from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { CallOptions } from "../rpc/deadline.js";
import { unsignedFlags } from "./arguments.js";
import { cpuCount, cpuMapLength, decodeCpuMap, encodeCpuMap } from "./cpu-map.js";
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
  /**
   * Tells of each vCPU of the running domain its state, its time, and where it runs and may run.
   *
   * @returns `state` is a `VcpuState`, `cpuTime` in ns, `cpu` a host CPU's number or one of
   * `VcpuHostCpuState`; the maps tell by host CPU whether it may be used.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetVcpus | virDomainGetVcpus},
   * `REMOTE_PROC_DOMAIN_GET_VCPUS` (20), since libvirt 0.1.4.
   */
  async getVcpus(options?: CallOptions): Promise<readonly (VcpuInfo & JsonFriendly)[]> {
    return this.asOne(remote.domainGetVcpus, options, async (within) => {
      const [{ nrVirtCpu }, cpus] = await Promise.all([this.getInfo(within), this.#hostCpus(within)]);
      const maplen = cpuMapLength(cpus);
      const args = { dom: this.ref, maxinfo: nrVirtCpu, maplen };
      const { info, cpumaps } = await this.call(remote.domainGetVcpus, args, within);
      const maps = splitMaps(cpumaps, maplen, cpus);
      return info.map((vcpu, index) => withJson({ ...vcpu, cpumap: maps[index] ?? [] }));
    });
  }

  /**
   * Tells on which host CPUs each vCPU may run, of the running domain or of its stored definition.
   *
   * @param flags - {@link DomainModificationImpact}.
   * @returns By vCPU, and in each by number of host CPU, whether it may be used.
   * @throws LibvirtError `OPERATION_INVALID`: the flags ask for the running domain and it is off, or for a
   * stored definition and there is none.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetVcpuPinInfo |
   * virDomainGetVcpuPinInfo}, `REMOTE_PROC_DOMAIN_GET_VCPU_PIN_INFO` (230), since libvirt 0.9.3.
   */
  async getVcpuPinInfo(
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<readonly boolean[][]> {
    return this.asOne(remote.domainGetVcpuPinInfo, options, async (within) => {
      const [{ nrVirtCpu }, cpus] = await Promise.all([this.getInfo(within), this.#hostCpus(within)]);
      const maplen = cpuMapLength(cpus);
      const args = { dom: this.ref, ncpumaps: nrVirtCpu, maplen, flags };
      const { cpumaps, num } = await this.call(remote.domainGetVcpuPinInfo, args, within);
      return splitMaps(cpumaps, maplen, cpus).slice(0, num);
    });
  }

  /**
   * Tells on which host CPUs the hypervisor's own threads for the domain may run.
   *
   * @param flags - {@link DomainModificationImpact}.
   * @returns For each host CPU by number, whether it may be used.
   * @throws LibvirtError `OPERATION_INVALID`: the flags ask for the running domain and it is off, or for a
   * stored definition and there is none.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetEmulatorPinInfo |
   * virDomainGetEmulatorPinInfo}, `REMOTE_PROC_DOMAIN_GET_EMULATOR_PIN_INFO` (280), since libvirt 0.10.0.
   */
  async getEmulatorPinInfo(
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<readonly boolean[]> {
    return this.asOne(remote.domainGetEmulatorPinInfo, options, async (within) => {
      const cpus = await this.#hostCpus(within);
      const args = { dom: this.ref, maplen: cpuMapLength(cpus), flags };
      const { cpumaps } = await this.call(remote.domainGetEmulatorPinInfo, args, within);
      return decodeCpuMap(cpumaps, cpus);
    });
  }

  /**
   * Lists the domain's I/O threads and the host CPUs that each may use.
   *
   * @param flags - {@link DomainModificationImpact}.
   * @throws LibvirtError `OPERATION_INVALID`: the flags ask for the running domain and it is off, or for a
   * stored definition and there is none.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetIOThreadInfo |
   * virDomainGetIOThreadInfo}, `REMOTE_PROC_DOMAIN_GET_IOTHREAD_INFO` (351), since libvirt 1.2.14.
   */
  async getIOThreadInfo(
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<readonly (DomainIOThreadInfo & JsonFriendly)[]> {
    return this.asOne(remote.domainGetIothreadInfo, options, async (within) => {
      const cpus = await this.#hostCpus(within);
      const { info } = await this.call(remote.domainGetIothreadInfo, { dom: this.ref, flags }, within);
      return info.map(({ iothreadId, cpumap }) =>
        withJson({ iothreadId, cpumap: decodeCpuMap(cpumap, cpus) }),
      );
    });
  }

  /**
   * Ties a vCPU of the running domain to some of the host's CPUs.
   *
   * @param vcpu - Number of the vCPU, from 0 on.
   * @param cpumap - For each host CPU by number, whether it may be used; CPUs past the array's end may not.
   * @throws LibvirtError `INVALID_ARG`: the vCPU does not exist, or no CPU is chosen.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainPinVcpu | virDomainPinVcpu},
   * `REMOTE_PROC_DOMAIN_PIN_VCPU` (26), since libvirt 0.1.4.
   */
  async pinVcpu(vcpu: number, cpumap: readonly boolean[], options?: CallOptions): Promise<void> {
    const args = { dom: this.ref, vcpu, cpumap: encodeCpuMap("cpumap", cpumap) };
    await this.call(remote.domainPinVcpu, args, options);
  }

  /**
   * Ties a vCPU to some of the host's CPUs, now, from the next boot on, or both.
   *
   * @param vcpu - Number of the vCPU, from 0 on.
   * @param cpumap - For each host CPU by number, whether it may be used; CPUs past the array's end may not.
   * @param flags - {@link DomainModificationImpact}.
   * @throws LibvirtError `INVALID_ARG`: the vCPU does not exist, or no CPU is chosen.
   * @throws LibvirtError `OPERATION_INVALID`: the flags ask for the running domain and it is off, or for a
   * stored definition and there is none.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainPinVcpuFlags |
   * virDomainPinVcpuFlags}, `REMOTE_PROC_DOMAIN_PIN_VCPU_FLAGS` (225), since libvirt 0.9.3.
   */
  async pinVcpuFlags(
    vcpu: number,
    cpumap: readonly boolean[],
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, vcpu, cpumap: encodeCpuMap("cpumap", cpumap), flags };
    await this.call(remote.domainPinVcpuFlags, args, options);
  }

  /**
   * Ties the hypervisor's own threads for the domain to some of the host's CPUs.
   *
   * @param cpumap - For each host CPU by number, whether it may be used; CPUs past the array's end may not.
   * @param flags - {@link DomainModificationImpact}.
   * @throws LibvirtError `INVALID_ARG`: no CPU is chosen.
   * @throws LibvirtError `OPERATION_INVALID`: the flags ask for the running domain and it is off, or for a
   * stored definition and there is none.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainPinEmulator |
   * virDomainPinEmulator}, `REMOTE_PROC_DOMAIN_PIN_EMULATOR` (279), since libvirt 0.10.0.
   */
  async pinEmulator(
    cpumap: readonly boolean[],
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, cpumap: encodeCpuMap("cpumap", cpumap), flags };
    await this.call(remote.domainPinEmulator, args, options);
  }

  /**
   * Ties one of the domain's I/O threads to some of the host's CPUs.
   *
   * @param iothreadId - Number of the thread, from 1 on.
   * @param cpumap - For each host CPU by number, whether it may be used; CPUs past the array's end may not.
   * @param flags - {@link DomainModificationImpact}.
   * @throws LibvirtError `INVALID_ARG`: the thread does not exist, or no CPU is chosen.
   * @throws LibvirtError `OPERATION_INVALID`: the flags ask for the running domain and it is off, or for a
   * stored definition and there is none.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainPinIOThread |
   * virDomainPinIOThread}, `REMOTE_PROC_DOMAIN_PIN_IOTHREAD` (352), since libvirt 1.2.14.
   */
  async pinIOThread(
    iothreadId: number,
    cpumap: readonly boolean[],
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, iothreadsId: iothreadId, cpumap: encodeCpuMap("cpumap", cpumap), flags };
    await this.call(remote.domainPinIothread, args, options);
  }

  /**
   * Gives the time that the domain has spent on the host's CPUs.
   *
   * @param startCpu - First host CPU to tell of; -1 for the total of all.
   * @param ncpus - How many host CPUs to tell of, from the first on; 0 for all that follow, 1 for the total. If left out it
   * is the one of these that fits.
   * @param flags - {@link TypedParameterFlags}.
   * @returns In ns: `DOMAIN_CPU_STATS_CPUTIME`, and `DOMAIN_CPU_STATS_VCPUTIME` for single CPUs, or
   * `DOMAIN_CPU_STATS_USERTIME` and `DOMAIN_CPU_STATS_SYSTEMTIME` for the total.
   * @throws LibvirtError `INVALID_ARG`: the host has fewer CPUs.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is off, or the host does not count by CPU.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetCPUStats |
   * virDomainGetCPUStats}, `REMOTE_PROC_DOMAIN_GET_CPU_STATS` (262), since libvirt 0.9.10.
   */
  async getCPUStats(
    startCpu = -1,
    ncpus = startCpu === -1 ? 1 : 0,
    flags = 0,
    options?: CallOptions,
  ): Promise<readonly TypedParameters[]> {
    return this.asOne(remote.domainGetCpuStats, options, (within) =>
      this.#cpuStats(startCpu, ncpus, flags, within),
    );
  }

  async #cpuStats(
    startCpu: number,
    ncpus: number,
    flags: number,
    within: CallOptions,
  ): Promise<readonly TypedParameters[]> {
    const always = { dom: this.ref, flags: unsignedFlags(flags) | TypedParameterFlags.STRING_OKAY };
    const ask = (nparams: number, first: number, count: number) =>
      this.call(remote.domainGetCpuStats, { ...always, nparams, startCpu: first, ncpus: count }, within);
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
    return cpuCount(ret);
  }
}

/** Maps of the same length lie one behind the other. */
function splitMaps(bytes: Uint8Array, length: number, cpus: number): boolean[][] {
  const maps: boolean[][] = [];
  if (length === 0) return maps;
  for (let at = 0; at + length <= bytes.length; at += length) {
    maps.push(decodeCpuMap(bytes.subarray(at, at + length), cpus));
  }
  return maps;
}
