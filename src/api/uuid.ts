import { readUuid } from "../uuid.js";

/** Reads a UUID's text as libvirt does, or throws a TypeError. */
export function parseUuid(text: string): Uint8Array {
  if (typeof text !== "string") throw new TypeError(`a UUID's text is wanted, not ${typeof text}`);
  const uuid = readUuid(text);
  if (uuid === undefined) throw new TypeError(`${JSON.stringify(text)} is not a UUID`);
  return uuid;
}
