import { ErrorDomain, ErrorNumber } from "../../generated/constants.js";
import { DriverError } from "./driver-error.js";

/** Whatever is wrong with a message, as libvirtd says it. */
export function rpcError(message: string): DriverError {
  return new DriverError(ErrorNumber.RPC, message, { domain: ErrorDomain.RPC });
}

/** What a daemon says that has no words for it. */
export function internalError(detail: string): DriverError {
  return new DriverError(ErrorNumber.INTERNAL_ERROR, detail, { domain: ErrorDomain.RPC });
}

/** The one answer to every kind of failed login, so that nobody learns from it what was wrong. */
export function loginFailed(): DriverError {
  return new DriverError(ErrorNumber.AUTH_FAILED, "authentication failed", { domain: ErrorDomain.RPC });
}

/** What the driver does not do. */
export function unsupported({ name, domain }: ErrorSource): DriverError {
  return new DriverError(ErrorNumber.NO_SUPPORT, name, { domain });
}

/** For what changes something, to a client that may only look. */
export function readOnly({ name, domain }: ErrorSource): DriverError {
  return new DriverError(ErrorNumber.OPERATION_DENIED, `read only access prevents ${name}`, { domain });
}

/** The function of the C API that libvirtd would have called, and the part of libvirt that it belongs to. */
export interface ErrorSource {
  readonly name: string;
  readonly domain: number;
}

/** For a name that nothing here can be opened by. */
export function noSuchDriver(name: string): DriverError {
  return new DriverError(ErrorNumber.NO_CONNECT, name, { domain: ErrorDomain.NONE });
}
