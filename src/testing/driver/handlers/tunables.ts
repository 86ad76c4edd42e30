import { DomainModificationImpact, ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import type { TypedParam } from "../../../protocol/generated/remote.js";
import { checkExclusive, driverError, invalidArgument } from "../errors.js";

const { LIVE, CONFIG } = DomainModificationImpact;

/** The flag of what runs. */
export const live = LIVE;

/** The flags of all that is there live and in the persistent definition. */
export const impact = LIVE | CONFIG;

/** Only one of the two can be read at a time. */
export function checkOneImpact(flags: number, cFunction: string): void {
  checkExclusive(flags, [LIVE, "VIR_DOMAIN_AFFECT_LIVE"], [CONFIG, "VIR_DOMAIN_AFFECT_CONFIG"], cFunction);
}

/** Refuses what has to be more than 0. */
export function checkPositive(value: number, name: string, cFunction: string): void {
  if (value > 0) return;
  throw invalidArgument(cFunction, name, `${name} in ${cFunction} must be greater than zero`);
}

/** Callers ask with 0 how many parameters there are, and then for as many as they have room for. */
export function parameterReply(
  nparams: number,
  all: readonly TypedParam[],
): { readonly params: readonly TypedParam[]; readonly nparams: number } {
  if (nparams === 0) return { params: [], nparams: all.length };
  return { params: all.slice(0, nparams), nparams: 0 };
}

/** How much room callers can have, and for how much the daemon has. */
export function checkRoom(nparams: number, most: number): void {
  if (nparams < 0) refuseRoom("nparams must be non-negative");
  if (nparams > most) refuseRoom("nparams too large");
}

export function refuseRoom(detail: string): never {
  throw driverError(ErrorNumber.INTERNAL_ERROR, detail, ErrorDomain.RPC);
}
