import {
  DomainDiskErrorCode,
  DomainMemoryStatTags,
  DomainStatsTypes,
  ErrorNumber,
} from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { DomainDefinition } from "./definition.js";
import type { Domain } from "./domain.js";
import { diskSource, diskTarget, findDisk, findInterface } from "./find-device.js";

/** What domains have used and done. The numbers mean nothing; those that would grow in time do. */

const microseconds = () => BigInt(Date.now()) * 1000n;

export function blockStatistics(domain: Domain, path: string) {
  domain.checkActive();
  if (!findDisk(domain.current, path)) {
    throw driverError(ErrorNumber.INVALID_ARG, `invalid path: ${path}`);
  }
  const now = microseconds();
  return {
    rdReq: now / 10n,
    rdBytes: now / 20n,
    wrReq: now / 30n,
    wrBytes: now / 40n,
    errs: now / 2_000_000n,
  };
}

export function interfaceStatistics(domain: Domain, device: string) {
  domain.checkActive();
  findInterface(domain.current, device);
  const now = microseconds();
  return {
    ...{ rxBytes: now / 10n, rxPackets: now / 100n, rxErrs: now / 1_000_000n, rxDrop: now / 2_000_000n },
    ...{ txBytes: now / 20n, txPackets: now / 110n, txErrs: now / 3_000_000n, txDrop: now / 4_000_000n },
  };
}

/** What a disk holds, in bytes. */
export function blockInfo(definition: DomainDefinition, path: string) {
  const disk = findDisk(definition, path);
  if (!disk) throw driverError(ErrorNumber.INVALID_ARG, `invalid path ${path} not assigned to domain`);
  const source = disk.child("source");
  const isEmpty =
    source === undefined || (diskSource(disk) === undefined && disk.attribute("type") !== "network");
  if (isEmpty) {
    const detail = `disk '${path}' does not currently have a source assigned`;
    throw driverError(ErrorNumber.INVALID_ARG, detail);
  }
  return { allocation: 1024n ** 4n, capacity: 1_099_506_450_432n, physical: 1024n ** 4n };
}

/** Every disk has an error, of one kind or the other. */
export function diskErrors(domain: Domain): { readonly disk: string; readonly error: number }[] {
  domain.checkActive();
  const { UNSPEC, NO_SPACE } = DomainDiskErrorCode;
  return domain.current.devices
    .childrenNamed("disk")
    .map((disk, at) => ({ disk: diskTarget(disk), error: at % 2 === 0 ? UNSPEC : NO_SPACE }));
}

/** How the guest uses its memory, in KiB: told where there is a balloon. */
export function memoryStatistics(domain: Domain): { readonly tag: number; readonly val: bigint }[] {
  domain.checkActive();
  if (!hasBalloon(domain.current)) return [];
  const memory = domain.current.currentMemory;
  const Tag = DomainMemoryStatTags;
  return (
    [
      [Tag.ACTUAL_BALLOON, memory],
      [Tag.SWAP_IN, 0n],
      [Tag.SWAP_OUT, 0n],
      [Tag.MAJOR_FAULT, 0n],
      [Tag.MINOR_FAULT, 0n],
      [Tag.UNUSED, memory / 2n],
      [Tag.AVAILABLE, memory],
      [Tag.USABLE, memory / 2n],
      [Tag.LAST_UPDATE, 627_319_920n],
      [Tag.DISK_CACHES, memory / 8n],
      [Tag.HUGETLB_PGALLOC, 0n],
      [Tag.HUGETLB_PGFAIL, 0n],
      [Tag.RSS, memory / 2n],
    ] as const
  ).map(([tag, val]) => ({ tag, val }));
}

export function setMemoryStatisticsPeriod(definition: DomainDefinition, seconds: number): void {
  const balloon = definition.devices.child("memballoon");
  if (!balloon || !hasBalloon(definition)) {
    const detail = "No memory balloon device configured, can not set the collection period";
    throw driverError(ErrorNumber.INTERNAL_ERROR, detail);
  }
  balloon.removeNamed("stats");
  if (seconds > 0)
    balloon.ensure("stats", ["stats", "driver", "alias", "address"]).setAttribute("period", seconds);
}

function hasBalloon(definition: DomainDefinition): boolean {
  const balloon = definition.devices.child("memballoon");
  return balloon !== undefined && balloon.attribute("model") !== "none";
}

/** All the CPU time that a domain has had, in nanoseconds. */
const totalCpuTime = 48_772_617_035n;

/** CPU times of a domain by their names. */
export type CpuTimes = Readonly<Record<string, bigint>>;

export function totalCpuTimes(): CpuTimes {
  return { cpu_time: totalCpuTime, user_time: 5_540_000_000n, system_time: 6_460_000_000n };
}

/** What a domain has had of each of the host's CPUs, of which there are so many. */
export function cpuTimes(hostCpus: number): CpuTimes[] {
  const each = totalCpuTime / BigInt(hostCpus);
  return Array.from({ length: hostCpus }, (_, cpu) => ({
    cpu_time: each + BigInt(cpu),
    vcpu_time: BigInt.asUintN(64, each + BigInt(cpu) - 1_234_567_890n),
  }));
}

/** What is told of all domains at once. */
export const knownStatistics = DomainStatsTypes.STATE | DomainStatsTypes.IOTHREAD;
