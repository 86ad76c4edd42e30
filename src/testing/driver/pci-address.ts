import { ErrorDomain, ErrorNumber } from "../../generated/constants.js";
import { driverError } from "./errors.js";
import type { XmlElement } from "./xml/element.js";
import { unsignedAttribute, wordAttribute } from "./xml/values.js";

/** The parts of an address, the most that each can be, and with how many digits libvirt prints it. */
const parts = [
  ["domain", 0xffff_ffff, 4],
  ["bus", 0xff, 2],
  ["slot", 0x1f, 2],
  ["function", 7, 1],
] as const;

/** Reads an `<address>` of a PCI device, whatever its numbers are written in, and writes it as libvirt does. */
export function readPciAddress(address: XmlElement): void {
  const numbers = parts.map(([name]) => unsignedAttribute(address, name, "any") ?? 0);
  wordAttribute(address, "multifunction", ["on", "off"]);
  if (numbers.slice(0, 3).some((number) => number !== 0)) checkPciAddress(numbers);
  for (const [at, [name, , width]] of parts.entries()) {
    address.setAttribute(name, `0x${hex(numbers[at]!).padStart(width, "0")}`);
  }
  address.orderAttributes(["type", ...parts.map(([name]) => name)]);
}

function checkPciAddress(numbers: readonly number[]): void {
  for (const [at, [name, most]] of parts.entries()) {
    const number = numbers[at]!;
    if (number <= most) continue;
    const what = name === "function" ? `${name}=0x${hex(number)}` : `${name}='0x${hex(number)}'`;
    const bound = name === "function" ? "7" : `0x${hex(most).toUpperCase()}`;
    const detail = `Invalid PCI address ${what}, must be <= ${bound}`;
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.NONE);
  }
}

function hex(number: number): string {
  return number.toString(16);
}
