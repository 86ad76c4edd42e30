const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Where hyphens stand in a UUID's text, by the index of the byte that follows. */
const hyphenBefore = new Set([4, 6, 8, 10]);

/** The usual text of a UUID: `6695eb01-f6a4-8304-79aa-97f2502e193f`. */
export function formatUuid(uuid: Uint8Array): string {
  let text = "";
  for (let i = 0; i < uuid.length; i++) text += (hyphenBefore.has(i) ? "-" : "") + hex[uuid[i]!];
  return text;
}

/** Reads a UUID's text as libvirt does: 32 hexadecimal digits, with hyphens and spaces between bytes or without. */
export function parseUuid(text: string): Uint8Array {
  if (typeof text !== "string") throw new TypeError(`a UUID's text is wanted, not ${typeof text}`);
  const digits = /^(?:[\s-]*[0-9a-fA-F]{2}){16}[\s-]*$/.test(text) ? text.replace(/[\s-]/g, "") : undefined;
  if (digits === undefined) throw new TypeError(`${JSON.stringify(text)} is not a UUID`);
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
