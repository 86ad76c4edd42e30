import { LibvirtError, type LibvirtErrorFields } from "../errors.js";
import {
  type DomainBlockJobInfoFlags,
  type DomainBlockJobType,
  type DomainDiskErrorCode,
  type DomainGetJobStatsFlags,
  type DomainInterfaceAddressesSource,
  type DomainJobType,
  DomainMemoryStatTags,
  type DomainModificationImpact,
  ErrorLevel,
  ErrorNumber,
  type IPAddrType,
  TypedParameterFlags,
} from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { CallOptions } from "../rpc/deadline.js";
import { unsignedFlags } from "./arguments.js";
import { decodeCString } from "./c-string.js";
import { DomainCpus } from "./domain-cpus.js";
import { type JsonFriendly, withJson } from "./json.js";
import { fromTypedParams, type TypedParameters } from "./typed-params.js";

/** A job on a disk. C's `virDomainBlockJobInfo`. */
export interface DomainBlockJobInfo {
  readonly type: DomainBlockJobType;
  /** The limit, in MiB/s or bytes/s as the flags asked; 0 for none. */
  readonly bandwidth: bigint;
  /** How far it is, on the same scale as `end`. */
  readonly cur: bigint;
  readonly end: bigint;
}

/** A disk that has had an I/O error. C's `virDomainDiskError`. */
export interface DomainDiskError {
  /** The disk's target, such as `vda`. */
  readonly disk: string;
  readonly error: DomainDiskErrorCode;
}

/** A file system that is mounted in the guest. C's `virDomainFSInfo`. */
export interface DomainFSInfo {
  readonly mountpoint: string;
  /** The device's name in the guest, such as `sda1`. */
  readonly name: string;
  readonly fstype: string;
  /** The targets of the disks that it lies on. */
  readonly devAlias: readonly string[];
}

/** What a running or finished job has to say. */
export interface DomainJobStats {
  readonly type: DomainJobType;
  /** By the names of the `DOMAIN_JOB_*` constants. */
  readonly params: TypedParameters;
}

/** A domain's security label. C's `virSecurityLabel`. */
export interface SecurityLabel {
  readonly label: string;
  /** Whether the policy is enforced. */
  readonly enforcing: boolean;
}

/** An address of an interface. C's `virDomainIPAddress`. */
export interface DomainIPAddress {
  readonly type: IPAddrType;
  readonly addr: string;
  /** The length of the network's prefix, in bits. */
  readonly prefix: number;
}

/** A network interface of the guest. C's `virDomainInterface`. */
export interface DomainInterface {
  readonly name: string;
  /** The MAC address; null where the source does not know it. */
  readonly hwaddr: string | null;
  readonly addrs: readonly DomainIPAddress[];
}

/** A domain's methods that report on it, in better shapes than the wire's. */
export abstract class DomainReports extends DomainCpus {
  /**
   * Gives statistics of the running domain's memory, most of them from the guest's balloon driver.
   *
   * @returns Values by `DomainMemoryStatTags`: sizes in KiB, faults and huge page allocations as counts, the
   * last update in seconds since 1970.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainMemoryStats |
   * virDomainMemoryStats}, `REMOTE_PROC_DOMAIN_MEMORY_STATS` (159), since libvirt 0.7.5.
   */
  async memoryStats(
    flags = 0,
    options?: CallOptions,
  ): Promise<Readonly<Record<string, bigint>> & JsonFriendly> {
    const args = { dom: this.ref, maxStats: remote.REMOTE_DOMAIN_MEMORY_STATS_MAX, flags };
    const { stats } = await this.call(remote.domainMemoryStats, args, options);
    return withJson(Object.fromEntries(stats.map(({ tag, val }) => [memoryStatName(tag), val])));
  }

  /**
   * Tells how far the job on a disk has come.
   *
   * @param disk - Target of the disk (`vda`), or its source path where only one disk has it.
   * @param flags - {@link DomainBlockJobInfoFlags}.
   * @returns Its type (`DomainBlockJobType`), its limit in MiB/s (bytes/s with the flag `BANDWIDTH_BYTES`),
   * and where it is (`cur`) on its way to `end`; null if the disk has no job.
   * @throws LibvirtError `INVALID_ARG`: the domain has no such disk.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetBlockJobInfo |
   * virDomainGetBlockJobInfo}, `REMOTE_PROC_DOMAIN_GET_BLOCK_JOB_INFO` (238), since libvirt 0.9.4.
   */
  async getBlockJobInfo(
    disk: string,
    flags: DomainBlockJobInfoFlags = 0,
    options?: CallOptions,
  ): Promise<(DomainBlockJobInfo & JsonFriendly) | null> {
    const args = { dom: this.ref, path: disk, flags };
    const { found, ...info } = await this.call(remote.domainGetBlockJobInfo, args, options);
    return found === 0 ? null : withJson(info);
  }

  /**
   * Lists the running domain's disks that have I/O errors.
   *
   * @returns Target of each such disk and its `DomainDiskErrorCode`; disks without error are not listed.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetDiskErrors |
   * virDomainGetDiskErrors}, `REMOTE_PROC_DOMAIN_GET_DISK_ERRORS` (263), since libvirt 0.9.10.
   */
  async getDiskErrors(flags = 0, options?: CallOptions): Promise<readonly DomainDiskError[]> {
    const args = { dom: this.ref, maxerrors: remote.REMOTE_DOMAIN_DISK_ERRORS_MAX, flags };
    const { errors } = await this.call(remote.domainGetDiskErrors, args, options);
    return errors;
  }

  /**
   * Lists the filesystems mounted in the guest, by its agent.
   *
   * @returns Mount point, name of the device in the guest, type, and targets of the disks that hold it.
   * @throws LibvirtError `AGENT_COMMAND_FAILED`: the guest agent refused the command.
   * @throws LibvirtError `AGENT_COMMAND_TIMEOUT`: the guest agent took the command and did not answer in
   * time.
   * @throws LibvirtError `AGENT_UNRESPONSIVE`: the guest agent is not connected, or silent.
   * @throws LibvirtError `ARGUMENT_UNSUPPORTED`: the domain has no channel for a guest agent.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @throws LibvirtError `OPERATION_DENIED`: the connection is read-only.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetFSInfo |
   * virDomainGetFSInfo}, `REMOTE_PROC_DOMAIN_GET_FSINFO` (349), since libvirt 1.2.11.
   */
  async getFSInfo(flags = 0, options?: CallOptions): Promise<readonly DomainFSInfo[]> {
    const { info } = await this.call(remote.domainGetFsinfo, { dom: this.ref, flags }, options);
    return info.map(({ devAliases, ...rest }) => ({ ...rest, devAlias: devAliases }));
  }

  /**
   * Tells how far the domain's job has come, or with the right flag how the last one went.
   *
   * @param flags - {@link DomainGetJobStatsFlags}.
   * @returns The `DomainJobType` (`DomainJobType.NONE` if there is none), and times in ms, sizes in bytes
   * and rates by names such as `DOMAIN_JOB_TIME_ELAPSED` and `DOMAIN_JOB_DATA_REMAINING`.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @throws LibvirtError `OPERATION_UNSUPPORTED`: a migration comes in: ask its source.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetJobStats |
   * virDomainGetJobStats}, `REMOTE_PROC_DOMAIN_GET_JOB_STATS` (298), since libvirt 1.0.3.
   */
  async getJobStats(
    flags: DomainGetJobStatsFlags = 0,
    options?: CallOptions,
  ): Promise<DomainJobStats & JsonFriendly> {
    const { type, params } = await this.call(remote.domainGetJobStats, { dom: this.ref, flags }, options);
    return withJson({ type, params: fromTypedParams(params) });
  }

  /**
   * Gives the domain's shares of CPU time and limits on it.
   *
   * @returns By names such as `DOMAIN_SCHEDULER_CPU_SHARES`, a weight, `DOMAIN_SCHEDULER_VCPU_PERIOD` and
   * `DOMAIN_SCHEDULER_VCPU_QUOTA`, in µs.
   * @throws LibvirtError `CONFIG_UNSUPPORTED`: the driver runs in session mode, where this cannot be done.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetSchedulerParameters |
   * virDomainGetSchedulerParameters}, `REMOTE_PROC_DOMAIN_GET_SCHEDULER_PARAMETERS` (57), since libvirt
   * 0.2.3.
   */
  async getSchedulerParameters(options?: CallOptions): Promise<TypedParameters> {
    return this.asOne(remote.domainGetSchedulerParameters, options, async (within) => {
      const { nparams } = await this.getSchedulerType(within);
      const args = { dom: this.ref, nparams };
      const { params } = await this.call(remote.domainGetSchedulerParameters, args, within);
      return fromTypedParams(params);
    });
  }

  /**
   * Gives the shares of CPU time and limits on it, of the running domain or of its stored definition.
   *
   * @param flags - {@link DomainModificationImpact} or {@link TypedParameterFlags}.
   * @returns By names such as `DOMAIN_SCHEDULER_CPU_SHARES`, a weight, `DOMAIN_SCHEDULER_VCPU_PERIOD` and
   * `DOMAIN_SCHEDULER_VCPU_QUOTA`, in µs.
   * @throws LibvirtError `CONFIG_UNSUPPORTED`: the driver runs in session mode, where this cannot be done.
   * @throws LibvirtError `OPERATION_INVALID`: the flags ask for the running domain and it is off, or for a
   * stored definition and there is none.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetSchedulerParametersFlags |
   * virDomainGetSchedulerParametersFlags}, `REMOTE_PROC_DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS` (223), since
   * libvirt 0.9.2.
   */
  async getSchedulerParametersFlags(
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<TypedParameters> {
    const always = { dom: this.ref, flags: unsignedFlags(flags) | TypedParameterFlags.STRING_OKAY };
    return this.asOne(remote.domainGetSchedulerParametersFlags, options, async (within) => {
      const { nparams } = await this.getSchedulerType(within);
      const args = { ...always, nparams };
      const { params } = await this.call(remote.domainGetSchedulerParametersFlags, args, within);
      return fromTypedParams(params);
    });
  }

  /**
   * Gives the security label that the running domain's process bears.
   *
   * @returns The label, an empty text if there is none, and whether the host enforces its policy.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetSecurityLabel |
   * virDomainGetSecurityLabel}, `REMOTE_PROC_DOMAIN_GET_SECURITY_LABEL` (121), since libvirt 0.6.1.
   */
  async getSecurityLabel(options?: CallOptions): Promise<SecurityLabel> {
    return securityLabel(await this.call(remote.domainGetSecurityLabel, { dom: this.ref }, options));
  }

  /**
   * Gives the security labels that the running domain's process bears, one by each security model.
   *
   * @returns Each label, and whether the host enforces its policy; an empty list for a domain that is off.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetSecurityLabelList |
   * virDomainGetSecurityLabelList}, `REMOTE_PROC_DOMAIN_GET_SECURITY_LABEL_LIST` (278), since libvirt
   * 0.10.0.
   */
  async getSecurityLabelList(options?: CallOptions): Promise<readonly SecurityLabel[]> {
    const { labels, ret } = await this.call(remote.domainGetSecurityLabelList, { dom: this.ref }, options);
    // Here alone the daemon reports its failure as a number, and keeps the error to itself.
    if (ret < 0) throw new LibvirtError(unknownError, remote.domainGetSecurityLabelList.name);
    return labels.map(securityLabel);
  }

  /**
   * Lists the running domain's network interfaces and their IP addresses.
   *
   * @param source - Who is asked, a `DomainInterfaceAddressesSource`: libvirt's DHCP leases, the agent, or
   * the host's ARP table.
   * @returns Name (in the guest if the agent was asked), MAC address or null, and addresses with their
   * prefix, 0 from ARP.
   * @throws LibvirtError `AGENT_COMMAND_FAILED`: the guest agent refused the command.
   * @throws LibvirtError `AGENT_COMMAND_TIMEOUT`: the guest agent took the command and did not answer in
   * time.
   * @throws LibvirtError `AGENT_UNRESPONSIVE`: the guest agent is not connected, or silent.
   * @throws LibvirtError `ARGUMENT_UNSUPPORTED`: the source is unknown, or the domain has no guest agent.
   * @throws LibvirtError `OPERATION_INVALID`: the domain is not running.
   * @throws LibvirtError `OPERATION_DENIED`: the agent was to be asked over a read-only connection.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainInterfaceAddresses |
   * virDomainInterfaceAddresses}, `REMOTE_PROC_DOMAIN_INTERFACE_ADDRESSES` (353), since libvirt 1.2.14.
   */
  async interfaceAddresses(
    source: DomainInterfaceAddressesSource,
    flags = 0,
    options?: CallOptions,
  ): Promise<readonly DomainInterface[]> {
    const { ifaces } = await this.call(
      remote.domainInterfaceAddresses,
      { dom: this.ref, source, flags },
      options,
    );
    return ifaces;
  }
}

/** What C's virGetLastError says of a failure that left no error. */
const unknownError: LibvirtErrorFields = {
  code: ErrorNumber.INTERNAL_ERROR,
  domain: 0,
  level: ErrorLevel.ERROR,
  message: null,
  str1: null,
  str2: null,
  str3: null,
  int1: 0,
  int2: 0,
};

/** The tag's name in lower case. */
function memoryStatName(tag: number): string {
  const names = Object.entries(DomainMemoryStatTags);
  return names.find(([, value]) => value === tag)?.[0].toLowerCase() ?? `tag_${tag}`;
}

function securityLabel({ label, enforcing }: remote.DomainGetSecurityLabelRet): SecurityLabel {
  return { label: decodeCString(label), enforcing: enforcing !== 0 };
}
