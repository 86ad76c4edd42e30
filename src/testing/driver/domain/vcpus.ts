import { DomainVcpuFlags, ErrorNumber } from "../../../generated/constants.js";
import { checkExclusive, checkRequired, driverError } from "../errors.js";
import type { Domain } from "./domain.js";

/** As many virtual CPUs as a domain of the test driver's can have. */
export const maxVcpus = 32;

/** How many virtual CPUs there are, or with `MAXIMUM` can be. */
export function getVcpus(domain: Domain, flags: number): number {
  const { definition } = domain.definitionFor(flags);
  return flags & DomainVcpuFlags.MAXIMUM ? definition.maxVcpus : definition.vcpus;
}

/** Refuses what the C function would not take, before anything else is looked at. */
export function checkVcpuFlags(flags: number): void {
  const { CONFIG, MAXIMUM, GUEST } = DomainVcpuFlags;
  const cFunction = "virDomainSetVcpusFlags";
  const config = [CONFIG, "VIR_DOMAIN_AFFECT_CONFIG"] as const;
  checkRequired(flags, [MAXIMUM, "VIR_DOMAIN_VCPU_MAXIMUM"], config, cFunction);
  checkExclusive(flags, [GUEST, "VIR_DOMAIN_VCPU_GUEST"], config, cFunction);
}

/** Refuses more than any domain can have. */
export function checkVcpuCount(count: number): void {
  if (count > maxVcpus) refuseCount(`maximum supported amount (${count} > ${maxVcpus})`);
}

/** Gives a domain more or fewer virtual CPUs, or with `MAXIMUM` another bound to them. */
export function setVcpus(domain: Domain, count: number, flags: number): void {
  const isMaximum = (flags & DomainVcpuFlags.MAXIMUM) !== 0;
  const { live, config } = domain.definitionsFor(flags);
  if (live && count > live.maxVcpus) refuseCount(`maximum (${count} > ${live.maxVcpus})`);
  if (config && !isMaximum && count > config.maxVcpus) refuseCount(`maximum (${count} > ${config.maxVcpus})`);
  live?.setVcpus(count);
  if (isMaximum) config?.setVcpus(Math.min(config.vcpus, count), count);
  else config?.setVcpus(count);
}

function refuseCount(detail: string): never {
  throw driverError(ErrorNumber.INVALID_ARG, `requested cpu amount exceeds ${detail}`);
}
