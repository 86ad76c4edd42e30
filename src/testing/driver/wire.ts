import type { NonnullDomain, NonnullNetwork, NonnullSecret } from "../../protocol/generated/remote.js";
import { formatUuid } from "../../uuid.js";
import type { DomainRef, NamedRef, SecretRef } from "./events.js";
import { uuidBytes } from "./identity.js";

/** How things of a world travel. */

export function domainToWire({ name, uuid, id }: DomainRef): NonnullDomain {
  return { name, uuid: uuidBytes(uuid), id };
}

/** A network or a storage pool: both travel alike. */
export function namedToWire({ name, uuid }: NamedRef): NonnullNetwork {
  return { name, uuid: uuidBytes(uuid) };
}

export function secretToWire({ uuid, usageType, usageID }: SecretRef): NonnullSecret {
  return { uuid: uuidBytes(uuid), usageType, usageID };
}

export function namedOf({ name, uuid }: NonnullNetwork): NamedRef {
  return { name, uuid: formatUuid(uuid) };
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

/** The names of the first so many things: how the older functions list. */
export function namesUpTo(items: readonly { readonly name: string }[], most: number): string[] {
  return items.slice(0, Math.max(0, most)).map(({ name }) => name);
}
