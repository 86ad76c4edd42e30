import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { element, type XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { readUnsigned, scaled } from "../xml/values.js";
import type { Formats } from "./pool-types.js";

export function refuse(detail: string, code: number = ErrorNumber.XML_ERROR): never {
  throw driverError(code, detail, ErrorDomain.STORAGE);
}

/** A path without slashes that say nothing. */
export function sanitizePath(path: string): string {
  const scheme = path.indexOf("://");
  if (scheme >= 0 && path.indexOf("/") > scheme) return path;
  const [, start = "", rest = ""] = /^(\/\/(?!\/))?(.*)$/s.exec(path) ?? [];
  const short = rest.replace(/\/+/g, "/");
  return start + (short.length > 1 || start !== "" ? short.replace(/\/$/, "") : short);
}

/** Takes out the format that something has: its number, which is 0 where its kind has no formats. */
export function takeFormat(within: XmlElement, formats: Formats | undefined, what: string): number {
  const given = within.child("format")?.attribute("type") || undefined;
  within.removeNamed("format");
  if (!formats) return 0;
  const number = formats.known.indexOf(given ?? formats.usual);
  if (number < 0 || formats.known[number] === formats.never) {
    refuse(`unknown ${what} format type ${given}`, ErrorNumber.CONFIG_UNSUPPORTED);
  }
  return number;
}

/** Puts in the format that something has, where its kind has formats at all. */
export function placeFormat(
  within: XmlElement,
  formats: Formats | undefined,
  number: number,
  order: readonly string[],
): void {
  if (!formats) return;
  const type = formats.known[number];
  if (type === undefined) refuse(`unknown volume format number ${number}`, ErrorNumber.INTERNAL_ERROR);
  within.place(element("format", { type }), order);
}

const permissionOrder = ["mode", "owner", "group", "label"];

/** Who owns something and who may use it. */
export function readPermissions(within: XmlElement): void {
  dropRepeated(within, ["permissions"]);
  const permissions = within.child("permissions");
  if (!permissions) return;
  const mode = permissions.childText("mode");
  if (mode && (!/^\s*\+?[0-7]+$/.test(mode) || Number.parseInt(mode, 8) > 0o777))
    refuse("malformed octal mode");
  if (mode) permissions.ensure("mode", []).text = `0${Number.parseInt(mode, 8).toString(8)}`;
  dropRepeated(permissions, permissionOrder);
  for (const name of ["owner", "group"]) {
    const id = permissions.childText(name);
    if (id === undefined) continue;
    const value = /^\s*[+-]?\d+$/.test(id) ? Number(id) : Number.NaN;
    if (!(value >= -1 && value <= 0xffff_ffff)) refuse(`malformed ${name} element`);
    // That means nobody in particular; it is printed as the signed number that it is in C.
    if (value === -1 || value === 0xffff_ffff) permissions.removeNamed(name);
    else permissions.ensure(name, []).text = String(value | 0);
  }
  for (const each of permissions.children) if (each.text === "") permissions.remove(each);
  permissions.sortChildren(permissionOrder);
  if (permissions.nodes.length === 0) within.remove(permissions);
}

const largest = (1n << 63n) - 1n;

/** A size in bytes; undefined where none is given. */
export function readBytes(of: XmlElement | undefined): bigint | undefined {
  if (!of?.text) return undefined;
  const value = readUnsigned(of.text, (1n << 64n) - 1n);
  if (value === undefined) refuse("malformed capacity element");
  return scaled(value, of.attribute("unit") ?? "", largest);
}

export function bytes(name: string, value: bigint): XmlElement {
  return element(name, { unit: "bytes" }, String(value));
}
