import { DomainMemoryModFlags, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { Domain } from "./domain.js";

/** Gives a domain more or less memory, or with `MAXIMUM` another bound to it; all in KiB. */
export function setMemory(domain: Domain, kib: bigint, flags: number): void {
  const { definition, isLive } = domain.definitionFor(flags);
  if ((flags & DomainMemoryModFlags.MAXIMUM) === 0) {
    if (kib > definition.memory) {
      throw driverError(ErrorNumber.INVALID_ARG, "cannot set memory higher than max memory");
    }
    definition.currentMemory = kib;
    return;
  }
  const refuse = (detail: string): never => {
    throw driverError(ErrorNumber.OPERATION_INVALID, detail);
  };
  if (isLive) refuse("cannot resize the maximum memory on an active domain");
  if (definition.xml.child("cpu", "numa")) {
    refuse("initial memory size of a domain with NUMA nodes cannot be modified with this API");
  }
  if (definition.pluggableMemory > 0n && definition.pluggableMemory < kib) {
    refuse("cannot set initial memory size greater than the maximum memory size");
  }
  definition.memory = kib;
  if (definition.currentMemory > kib) definition.currentMemory = kib;
}
