/** What JSON has for a value: 64-bit numbers become decimal strings, bytes hexadecimal ones. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A plain object that `JSON.stringify` takes, bigints and all. */
export interface JsonFriendly {
  toJSON(): Json;
}

/** Adds an invisible `toJSON` to a plain object. */
export function withJson<T extends object>(value: T): T & JsonFriendly {
  return Object.defineProperty(value, "toJSON", invisible) as T & JsonFriendly;
}

/**
 * By a getter, which takes no memory of each object: V8 keeps it with their shape. One description for all, because
 * to make it takes V8 longer than what is done by it.
 */
const invisible = { get: () => entriesToJson };

function entriesToJson(this: object): Json {
  return Object.fromEntries(Object.entries(this).map(([key, value]) => [key, toJson(value)]));
}

/** Turns any value that virtwire gives into what JSON has for it. */
export function toJson(value: unknown): Json {
  if (typeof value === "bigint") return value.toString();
  if (value === undefined || value === null) return null;
  if (typeof value !== "object") return value as string | number | boolean;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(toJson);
  if ("toJSON" in value && typeof value.toJSON === "function") return value.toJSON() as Json;
  if (value instanceof Error) return { name: value.name, message: value.message };
  return entriesToJson.call(value);
}
