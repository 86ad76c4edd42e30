import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { XmlElement } from "./element.js";

/** Reads an unsigned number as C's strtoul does, which lets white space precede it; undefined where it is none. */
export function readUnsigned(text: string, max = 0xffff_ffffn): bigint | undefined {
  const digits = /^\s*\+?(\d{1,20})$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  return value <= max ? value : undefined;
}

/** Reads a number as C's strtol does, within the bounds of an `int`; undefined where it is none. */
export function readInteger(text: string): number | undefined {
  const value = /^\s*[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= -0x8000_0000 && value <= 0x7fff_ffff ? value : undefined;
}

/** The value of an attribute that has to be a number, if it is there at all. */
export function unsignedAttribute(from: XmlElement, name: string): number | undefined {
  const text = from.attribute(name);
  if (text === undefined) return undefined;
  const value = readUnsigned(text);
  if (value !== undefined) return Number(value);
  throw invalidAttribute(from, name, text, " Expected non-negative integer value");
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
