import { ErrorDomain, ErrorNumber } from "../../generated/constants.js";
import { DriverError } from "../server/driver-error.js";
import { messageTemplate } from "../server/error-messages.js";

/**
 * An error of the test driver's, or of another part of libvirt's that it stands on. Without a detail the message is
 * the code's own words alone: `Domain not found`.
 */
export function driverError(code: number, detail?: string, domain: number = ErrorDomain.TEST): DriverError {
  if (detail !== undefined) return new DriverError(code, detail, { domain });
  const message = messageTemplate(code).replace(/(:| in)? %s$/, "");
  return new DriverError(code, "", { domain, message, str1: message, str2: null });
}

/** For an argument that is refused before anything else is looked at: it bears the names of C function and argument. */
export function invalidArgument(
  cFunction: string,
  argument: string,
  message: string,
  domain: number = ErrorDomain.DOMAIN,
): DriverError {
  const names = { str1: cFunction, str2: argument };
  return new DriverError(ErrorNumber.INVALID_ARG, message, { domain, message, ...names, int1: 0, int2: 0 });
}

/** Refuses 0 where a C function wants more. */
export function checkNonZero(value: number | bigint, argument: string, cFunction: string): void {
  if (BigInt(value) !== 0n) return;
  throw invalidArgument(cFunction, argument, `${argument} in ${cFunction} must not be zero`);
}

/** Refuses what is below zero where a C function wants none of that. */
export function checkNonNegative(value: number, argument: string, cFunction: string): void {
  if (value >= 0) return;
  throw invalidArgument(cFunction, argument, `${argument} in ${cFunction} must be zero or greater`);
}

/** For what fails in C without a word about why. */
export function unknownError(): DriverError {
  const message = "An error occurred, but the cause is unknown";
  const nothing = { str1: null, str2: null, int1: 0, int2: 0 };
  return new DriverError(ErrorNumber.INTERNAL_ERROR, "", { domain: ErrorDomain.NONE, message, ...nothing });
}

/** For a call to the system that failed: `what` was tried, the reason, and its number. */
export function systemError(error: unknown, what: string, domain: number = ErrorDomain.TEST): DriverError {
  const { errno = 0, message = String(error) } = error as NodeJS.ErrnoException;
  const detail = `${what}: ${reasonOf(message)}`;
  return new DriverError(ErrorNumber.SYSTEM_ERROR, detail, { domain, int1: Math.abs(errno) });
}

/** What Node has other words for than C. */
const reasons: ReadonlyMap<string, string> = new Map([
  ["EISDIR", "Is a directory"],
  ["ELOOP", "Too many levels of symbolic links"],
  ["ENAMETOOLONG", "File name too long"],
]);

/** Node writes `ENOENT: no such file or directory, open '…'` where C has `No such file or directory`. */
function reasonOf(message: string): string {
  const [, code = "", reason = message] = /^(E[A-Z0-9]+): ([^,]+)/.exec(message) ?? [];
  const known = reasons.get(code);
  if (known) return known;
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}

/** Refuses flags that a function of the test driver's does not know. */
export function checkFlags(flags: number, known: number, cFunction: string): void {
  const unknown = (flags & ~known) >>> 0;
  if (unknown === 0) return;
  const message = `unsupported flags (0x${unknown.toString(16)}) in function ${cFunction}`;
  throw invalidArgument(cFunction, "flags", message, ErrorDomain.TEST);
}

/** A flag, and its name in C. */
export type NamedFlag = readonly [flag: number, name: string];

/** Refuses a flag that means nothing without another. */
export function checkRequired(
  flags: number,
  needing: NamedFlag,
  needed: NamedFlag,
  cFunction: string,
  domain: number = ErrorDomain.DOMAIN,
): void {
  if (!(flags & needing[0]) || flags & needed[0]) return;
  throw invalidArgument(cFunction, "ctl", `Flag '${needed[1]}' is required by flag '${needing[1]}'`, domain);
}

/** Refuses two flags of which only one can be set. */
export function checkExclusive(
  flags: number,
  one: NamedFlag,
  other: NamedFlag,
  cFunction: string,
  domain: number = ErrorDomain.DOMAIN,
): void {
  if (!(flags & one[0] && flags & other[0])) return;
  const message = `Flags '${one[1]}' and '${other[1]}' are mutually exclusive`;
  throw invalidArgument(cFunction, "ctl", message, domain);
}
