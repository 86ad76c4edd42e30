import { randomBytes, randomUUID } from "node:crypto";
import { formatUuid, readUuid } from "../../uuid.js";

/** A UUID in the form that libvirt prints. Maps are keyed by it. */
export type Uuid = string;

/** Reads a UUID as libvirt does. */
export function parseUuid(text: string): Uuid | undefined {
  const bytes = readUuid(text);
  return bytes && formatUuid(bytes);
}

/** The bytes of a UUID that is in the usual form: quicker than reading any form. */
export function uuidBytes(uuid: Uuid): Uint8Array {
  return new Uint8Array(Buffer.from(uuid.replaceAll("-", ""), "hex"));
}

export function newUuid(): Uuid {
  return randomUUID();
}

/** Reads a MAC address as libvirt does: six numbers of one or two hexadecimal digits, with colons between. */
export function parseMac(text: string): string | undefined {
  const parts = text.split(":");
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part))) return undefined;
  return parts.map((part) => part.toLowerCase().padStart(2, "0")).join(":");
}

/** A MAC address of those that are libvirt's to give to guests. */
export function newMac(): string {
  return ["52", "54", "00", ...Array.from(randomBytes(3), (byte) => byte.toString(16).padStart(2, "0"))].join(
    ":",
  );
}
