import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { type IpAddress, parseIp } from "../ip.js";
import type { XmlElement } from "../xml/element.js";
import { readUnsigned } from "../xml/values.js";

/** Refuses what a network cannot be. */
export function refuse(detail: string, code: number = ErrorNumber.XML_ERROR): never {
  throw driverError(code, detail, ErrorDomain.NETWORK);
}

/** The address that an attribute holds, if it is there; printed as libvirt would. */
export function ipAttribute(of: XmlElement, name: string, otherwise?: string): IpAddress | undefined {
  const text = of.attribute(name);
  if (text === undefined) return undefined;
  const address = parseIp(text);
  if (address) {
    of.setAttribute(name, address.text);
    return address;
  }
  if (otherwise !== undefined) refuse(otherwise);
  const detail = `Cannot parse socket address '${text}': Name or service not known`;
  throw driverError(ErrorNumber.SYSTEM_ERROR, detail, ErrorDomain.NONE);
}

/** The number that an attribute holds, if it holds anything and one that is small enough. */
export function checkNumber(of: XmlElement | undefined, name: string, otherwise: string, max?: bigint): void {
  const text = of?.attribute(name);
  if (text && readUnsigned(text, max) === undefined) refuse(otherwise);
}
