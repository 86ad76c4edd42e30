import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { parseUuid, type Uuid } from "../identity.js";
import type { XmlElement } from "./element.js";

/** Reads an unsigned number as C's strtoul does, which lets white space precede it; undefined where it is none. */
export function readUnsigned(text: string, max = 0xffff_ffffn): bigint | undefined {
  const digits = /^\s*\+?(\d{1,20})$/.exec(text)?.[1];
  return digits === undefined ? undefined : within(BigInt(digits), max);
}

/** The same where `0x` begins a hexadecimal number, and `0` an octal one. */
function readUnsignedOfAnyBase(text: string, max = 0xffff_ffffn): bigint | undefined {
  const [, number, octal] = /^\s*\+?(0x[\da-f]{1,16}|[1-9]\d{0,19}|0([0-7]{0,22}))$/i.exec(text) ?? [];
  return number === undefined ? undefined : within(BigInt(octal ? `0o${octal}` : number), max);
}

function within(value: bigint, max: bigint): bigint | undefined {
  return value <= max ? value : undefined;
}

/** Reads a number as C's strtol does, within the bounds of an `int`; undefined where it is none. */
export function readInteger(text: string): number | undefined {
  const value = /^\s*[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= -0x8000_0000 && value <= 0x7fff_ffff ? value : undefined;
}

/** The value of an attribute that has to be a number, if it is there at all. */
export function unsignedAttribute(from: XmlElement, name: string, base: 10 | "any" = 10): number | undefined {
  const text = from.attribute(name);
  if (text === undefined) return undefined;
  const value = base === 10 ? readUnsigned(text) : readUnsignedOfAnyBase(text);
  if (value !== undefined) return Number(value);
  throw invalidAttribute(from, name, text, " Expected non-negative integer value");
}

/** The same for a number of C's `int`. */
export function integerAttribute(from: XmlElement, name: string, base: 10 | "any" = 10): number | undefined {
  const text = from.attribute(name);
  if (text === undefined) return undefined;
  const value = base === 10 ? readInteger(text) : readIntegerOfAnyBase(text);
  if (value !== undefined) return value;
  throw invalidAttribute(from, name, text, " Expected integer value");
}

function readIntegerOfAnyBase(text: string): number | undefined {
  const [, sign, digits = ""] = /^\s*([+-]?)(\S+)$/.exec(text) ?? [];
  const value = readUnsignedOfAnyBase(digits, sign === "-" ? 0x8000_0000n : 0x7fff_ffffn);
  return value === undefined ? undefined : Number(sign === "-" ? -value : value);
}

/** The value of an attribute that has to be one of a few words. */
export function wordAttribute<Word extends string>(
  from: XmlElement,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = from.attribute(name);
  if (text === undefined) return undefined;
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw invalidAttribute(from, name, text);
}

/** The value of an attribute that has to be a UUID. */
export function uuidAttribute(from: XmlElement, name: string): Uuid | undefined {
  const text = from.attribute(name);
  if (text === undefined) return undefined;
  const uuid = parseUuid(text);
  if (uuid !== undefined) return uuid;
  throw invalidAttribute(from, name, text, " Expected UUID");
}

function invalidAttribute(from: XmlElement, name: string, text: string, more = ""): Error {
  const detail = `Invalid value for attribute '${name}' in element '${from.name}': '${text}'.${more}`;
  return driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
}

const maxUnsigned64 = (1n << 64n) - 1n;

const powers = ["", "k", "m", "g", "t", "p", "e"];

/** How many bytes a unit is: `KiB` and `K` 1024, `KB` 1000, `b`, `bytes` and none 1. */
function unitSize(unit: string): bigint {
  const lower = unit.toLowerCase();
  if (lower === "" || lower === "b" || lower === "byte" || lower === "bytes") return 1n;
  const [, letter = "", suffix] = /^([kmgtpe])(ib|b)?$/.exec(lower) ?? [];
  const power = powers.indexOf(letter);
  if (power <= 0) {
    throw driverError(ErrorNumber.INVALID_ARG, `unknown suffix '${unit}'`, ErrorDomain.NONE);
  }
  return (suffix === "b" ? 1000n : 1024n) ** BigInt(power);
}

/** A size in bytes, of an element with an attribute `unit`, which is `defaultUnit` where it is not there. */
export function readSize(from: XmlElement, path: string, defaultUnit: string): bigint {
  const text = from.text;
  const value = readUnsigned(text, maxUnsigned64);
  if (value === undefined) {
    const detail = `Invalid value '${text}' for element or attribute '${path}'`;
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
  }
  return scaled(value, from.attribute("unit") || defaultUnit, maxUnsigned64);
}

/** So many of a unit, in bytes. */
export function scaled(value: bigint, unit: string, max: bigint): bigint {
  const bytes = value * unitSize(unit);
  if (bytes <= max) return bytes;
  throw driverError(ErrorNumber.OVERFLOW, `value too large: ${value}${unit}`, ErrorDomain.NONE);
}

/** A size in KiB, rounded up. */
export function readKiB(from: XmlElement, path: string): bigint {
  return (readSize(from, path, "KiB") + 1023n) / 1024n;
}
