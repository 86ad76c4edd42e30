import { TypedParameterType } from "../generated/constants.js";
import type { TypedParam } from "../protocol/generated/remote.js";
import { withJson } from "./json.js";

/** A typed parameter's value: `bigint` for libvirt's llong and ullong, `number` for int, uint and double. */
export type ParameterValue = number | bigint | boolean | string;

/** Typed parameters as libvirt returned them. A name that came more than once has all its values, in an array. */
export type TypedParameters = { readonly [name: string]: ParameterValue | readonly ParameterValue[] };

/** libvirt's types of parameters, by the names that its documentation gives them. */
export type ParameterType = "int" | "uint" | "llong" | "ullong" | "double" | "boolean" | "string";

/**
 * The parameters that a function knows and the type it wants for each. `unsigned` stands where libvirt takes uint and,
 * since some version, ullong too; `string[]` where a name may be given more than once.
 */
export type ParameterTypes = { readonly [name: string]: ParameterType | "unsigned" | "string[]" };

/** A value and the type to send it as: what {@link typed} makes. */
export interface WrappedParameter {
  readonly type: ParameterType;
  readonly value: ParameterValue;
}

/**
 * Typed parameters to be sent. A plain value is converted to the type that libvirt wants for its name. A value from
 * {@link typed} is sent as the type it says, under any name, also one that is newer than this package. An array gives
 * a name more than once, where libvirt allows that. What is `undefined` is left out.
 */
export type TypedParametersInput = Readonly<
  Record<
    string,
    ParameterValue | WrappedParameter | readonly (ParameterValue | WrappedParameter)[] | undefined
  >
>;

/** Says a parameter's type explicitly: `{ weight: typed.uint(500) }`. */
export const typed = {
  /** A signed integer of 32 bits. */
  int: (value: number | bigint): WrappedParameter => ({ type: "int", value }),
  /** An unsigned integer of 32 bits. */
  uint: (value: number | bigint): WrappedParameter => ({ type: "uint", value }),
  /** A signed integer of 64 bits. Beyond 2^53 it has to be a bigint. */
  llong: (value: number | bigint): WrappedParameter => ({ type: "llong", value }),
  /** An unsigned integer of 64 bits. Beyond 2^53 it has to be a bigint. */
  ullong: (value: number | bigint): WrappedParameter => ({ type: "ullong", value }),
  /** A floating-point number. */
  double: (value: number): WrappedParameter => ({ type: "double", value }),
  /** Yes or no. */
  boolean: (value: boolean): WrappedParameter => ({ type: "boolean", value }),
  /** Text. */
  string: (value: string): WrappedParameter => ({ type: "string", value }),
};

/** Turns parameters from the wire into an object. */
export function fromTypedParams(params: readonly TypedParam[]): TypedParameters {
  const result: Record<string, ParameterValue | ParameterValue[]> = {};
  let place = 0;
  for (const { field: name, value: wire } of params) {
    const field = knownName(name, place++);
    const value = wire.type === TypedParameterType.BOOLEAN ? wire.value !== 0 : wire.value;
    if (Object.hasOwn(result, field)) {
      const earlier = result[field]!;
      if (Array.isArray(earlier)) earlier.push(value);
      else result[field] = [earlier, value];
    } else if (field === "__proto__") {
      // To assign to this name would set the prototype instead.
      Object.defineProperty(result, field, { value, writable: true, enumerable: true, configurable: true });
    } else {
      result[field] = value;
    }
  }
  // A parameter of that name, should there ever be one, is worth more than the method.
  return Object.hasOwn(result, "toJSON") ? result : withJson(result);
}

/**
 * The names of the parameters read last, by their places; of the first ones, as there may be thousands, and none that is
 * longer than libvirt's can be: a daemon might have us keep megabytes.
 */
const lastNames: string[] = [];
const namesKept = 256;

/**
 * The same name, as the very string that was a member's name before, where it was at the same place last time, as
 * with the stats of many domains: V8 takes longer for strings that are new to it than for all the rest.
 */
function knownName(name: string, place: number): string {
  const known = lastNames[place];
  if (known === name) return known;
  if (place < namesKept && name.length <= longestName) lastNames[place] = name;
  return name;
}

/**
 * Turns a caller's parameters into what goes over the wire. `what` is the argument's name, for the errors: a
 * TypeError for a value of the wrong type, a RangeError for one that does not fit and for a name not in `types`.
 */
export function toTypedParams(
  input: TypedParametersInput,
  types: ParameterTypes,
  what: string,
): TypedParam[] {
  if (typeof input !== "object" || input === null || isList(input)) throw wrongType(what, "an object", input);
  const params: TypedParam[] = [];
  for (const [field, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const where = pathTo(what, field);
    if (utf8.encode(field).length > longestName) {
      throw new RangeError(`${where}: a parameter's name has at most ${longestName} bytes`);
    }
    for (const { type, value: one, at } of eachTyped(field, value, types, where)) {
      params.push({ field, value: toWire(type, one, at) });
    }
  }
  return params;
}

/** libvirt keeps a name in 80 bytes, with a NUL at its end. */
const longestName = 79;
const utf8 = new TextEncoder();

interface TypedValue {
  readonly type: ParameterTypes[string];
  readonly value: unknown;
  /** Where it stands in what the caller gave. */
  readonly at: string;
}

/** A name's value, or each of its values, with the type that it says itself or that the table says. */
function eachTyped(field: string, value: unknown, types: ParameterTypes, where: string): TypedValue[] {
  const list = isList(value);
  const values = list ? [...value] : [value];
  const wanted = Object.hasOwn(types, field) ? types[field] : undefined;
  if (values.length === 0 || !values.every(isWrapped)) {
    if (wanted === undefined) {
      throw new RangeError(`${where}: no such parameter; there are ${Object.keys(types).join(", ")}`);
    }
    if (list && wanted !== "string[]") throw wrongType(where, "a single value", value);
  }
  return values.map((one, index) => {
    const at = list ? `${where}[${index}]` : where;
    return isWrapped(one) ? { type: one.type, value: one.value, at } : { type: wanted!, value: one, at };
  });
}

function toWire(type: ParameterTypes[string], value: unknown, where: string): TypedParam["value"] {
  switch (type) {
    case "int":
      return { type: TypedParameterType.INT, value: Number(toInteger(value, signed32, where)) };
    case "uint":
      return { type: TypedParameterType.UINT, value: Number(toInteger(value, unsigned32, where)) };
    case "llong":
      return { type: TypedParameterType.LLONG, value: toInteger(value, signed64, where) };
    case "ullong":
      return { type: TypedParameterType.ULLONG, value: toInteger(value, unsigned64, where) };
    case "unsigned":
      // A daemon from before it took ullong has to understand every value that it has a type for.
      return toWire(toInteger(value, unsigned64, where) > unsigned32.max ? "ullong" : "uint", value, where);
    case "double":
      if (typeof value !== "number") throw wrongType(where, "a number", value);
      return { type: TypedParameterType.DOUBLE, value };
    case "boolean":
      if (typeof value !== "boolean") throw wrongType(where, "a boolean", value);
      return { type: TypedParameterType.BOOLEAN, value: value ? 1 : 0 };
    case "string":
    case "string[]":
      if (typeof value !== "string") throw wrongType(where, "a string", value);
      return { type: TypedParameterType.STRING, value };
    default:
      throw new TypeError(`${where}: ${String(type satisfies never)} is none of libvirt's types`);
  }
}

interface Bounds {
  readonly min: bigint;
  readonly max: bigint;
}

const signed32: Bounds = { min: -0x8000_0000n, max: 0x7fff_ffffn };
const unsigned32: Bounds = { min: 0n, max: 0xffff_ffffn };
const signed64: Bounds = { min: -0x8000_0000_0000_0000n, max: 0x7fff_ffff_ffff_ffffn };
const unsigned64: Bounds = { min: 0n, max: 0xffff_ffff_ffff_ffffn };

function toInteger(value: unknown, { min, max }: Bounds, where: string): bigint {
  if (typeof value !== "number" && typeof value !== "bigint") {
    throw wrongType(where, "a number or a bigint", value);
  }
  if (typeof value === "number" && !Number.isInteger(value)) {
    throw new RangeError(`${where}: ${value} is not an integer`);
  }
  const integer = BigInt(value);
  if (integer < min || integer > max) {
    throw new RangeError(`${where}: ${value} is not within ${min} and ${max}`);
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`${where}: ${value} may have been rounded, so large an integer has to be a bigint`);
  }
  return integer;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isWrapped(value: unknown): value is WrappedParameter {
  return typeof value === "object" && value !== null && "type" in value;
}

/** `params.weight`, `params["inbound.average"]` */
function pathTo(what: string, name: string): string {
  return /^[\w$]+$/.test(name) ? `${what}.${name}` : `${what}[${JSON.stringify(name)}]`;
}

/** Never shows the value: it may be a secret that took another one's place. */
function wrongType(where: string, wanted: string, value: unknown): TypeError {
  const found = value === null ? "null" : isList(value) ? "an array" : typeof value;
  return new TypeError(`${where}: ${wanted} is wanted, not ${found}`);
}
