import { randomBytes, randomUUID } from "node:crypto";

/** A UUID in the form that libvirt prints. Maps are keyed by it. */
export type Uuid = string;

/** Reads a UUID as libvirt does: 32 hexadecimal digits, with hyphens and white space wherever. */
export function parseUuid(text: string): Uuid | undefined {
  const digits = text.trim().replace(/[- ]/g, "").toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? hyphenated(digits) : undefined;
}

export function uuidOf(bytes: Uint8Array): Uuid {
  return hyphenated(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex"));
}

export function uuidBytes(uuid: Uuid): Uint8Array {
  return new Uint8Array(Buffer.from(uuid.replaceAll("-", ""), "hex"));
}

export function newUuid(): Uuid {
  return randomUUID();
}

function hyphenated(digits: string): Uuid {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
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
