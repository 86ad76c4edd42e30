import {
  type DomainBlockJobInfoFlags,
  type DomainBlockJobType,
  type DomainDiskErrorCode,
  type DomainGetJobStatsFlags,
  type DomainInterfaceAddressesSource,
  type DomainJobType,
  DomainMemoryStatTags,
  type DomainModificationImpact,
  type IPAddrType,
  TypedParameterFlags,
} from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { CallOptions } from "../rpc/deadline.js";
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
  async memoryStats(
    flags = 0,
    options?: CallOptions,
  ): Promise<Readonly<Record<string, bigint>> & JsonFriendly> {
    const args = { dom: this.ref, maxStats: remote.REMOTE_DOMAIN_MEMORY_STATS_MAX, flags };
    const { stats } = await this.call(remote.domainMemoryStats, args, options);
    return withJson(Object.fromEntries(stats.map(({ tag, val }) => [memoryStatName(tag), val])));
  }

  async getBlockJobInfo(
    disk: string,
    flags: DomainBlockJobInfoFlags = 0,
    options?: CallOptions,
  ): Promise<(DomainBlockJobInfo & JsonFriendly) | null> {
    const args = { dom: this.ref, path: disk, flags };
    const { found, ...info } = await this.call(remote.domainGetBlockJobInfo, args, options);
    return found === 0 ? null : withJson(info);
  }

  async getDiskErrors(flags = 0, options?: CallOptions): Promise<readonly DomainDiskError[]> {
    const args = { dom: this.ref, maxerrors: remote.REMOTE_DOMAIN_DISK_ERRORS_MAX, flags };
    const { errors } = await this.call(remote.domainGetDiskErrors, args, options);
    return errors;
  }

  async getFSInfo(flags = 0, options?: CallOptions): Promise<readonly DomainFSInfo[]> {
    const { info } = await this.call(remote.domainGetFsinfo, { dom: this.ref, flags }, options);
    return info.map(({ devAliases, ...rest }) => ({ ...rest, devAlias: devAliases }));
  }

  async getJobStats(
    flags: DomainGetJobStatsFlags = 0,
    options?: CallOptions,
  ): Promise<DomainJobStats & JsonFriendly> {
    const { type, params } = await this.call(remote.domainGetJobStats, { dom: this.ref, flags }, options);
    return withJson({ type, params: fromTypedParams(params) });
  }

  async getSchedulerParameters(options?: CallOptions): Promise<TypedParameters> {
    const { nparams } = await this.getSchedulerType(options);
    const args = { dom: this.ref, nparams };
    const { params } = await this.call(remote.domainGetSchedulerParameters, args, options);
    return fromTypedParams(params);
  }

  async getSchedulerParametersFlags(
    flags: DomainModificationImpact = 0,
    options?: CallOptions,
  ): Promise<TypedParameters> {
    const { nparams } = await this.getSchedulerType(options);
    const args = { dom: this.ref, nparams, flags: flags | TypedParameterFlags.STRING_OKAY };
    const { params } = await this.call(remote.domainGetSchedulerParametersFlags, args, options);
    return fromTypedParams(params);
  }

  async getSecurityLabel(options?: CallOptions): Promise<SecurityLabel> {
    return securityLabel(await this.call(remote.domainGetSecurityLabel, { dom: this.ref }, options));
  }

  async getSecurityLabelList(options?: CallOptions): Promise<readonly SecurityLabel[]> {
    const { labels } = await this.call(remote.domainGetSecurityLabelList, { dom: this.ref }, options);
    return labels.map(securityLabel);
  }

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

/** The tag's name in lower case. */
function memoryStatName(tag: number): string {
  const names = Object.entries(DomainMemoryStatTags);
  return names.find(([, value]) => value === tag)?.[0].toLowerCase() ?? `tag_${tag}`;
}

function securityLabel({ label, enforcing }: remote.DomainGetSecurityLabelRet): SecurityLabel {
  return { label: decodeCString(label), enforcing: enforcing !== 0 };
}
