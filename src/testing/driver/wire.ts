import type { NonnullDomain } from "../../protocol/generated/remote.js";
import type { DomainRef } from "./events.js";
import { uuidBytes } from "./identity.js";

/** How things of a world travel. */

export function domainToWire({ name, uuid, id }: DomainRef): NonnullDomain {
  return { name, uuid: uuidBytes(uuid), id };
}

/** A C string in a field of `room` bytes, which it does not fill. */
export function cString(text: string, room: number): Uint8Array {
  const bytes = new Uint8Array(room);
  bytes.set(new TextEncoder().encode(text).subarray(0, room - 1));
  return bytes;
}

/** A list for a caller who may only want to know how long it is. */
export function listed<T>(
  items: readonly T[],
  needResults: number,
): { readonly items: readonly T[]; readonly ret: number } {
  return { items: needResults ? items : [], ret: items.length };
}
