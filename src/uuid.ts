const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Where hyphens stand in a UUID's text, by the index of the byte that follows. */
const hyphenBefore = new Set([4, 6, 8, 10]);

/** The usual text of a UUID: `6695eb01-f6a4-8304-79aa-97f2502e193f`. */
export function formatUuid(uuid: Uint8Array): string {
  let text = "";
  for (let i = 0; i < uuid.length; i++) text += (hyphenBefore.has(i) ? "-" : "") + hex[uuid[i]!];
  return text;
}

/**
 * As libvirt has it: hyphens and spaces stand before any byte but not behind the last, white space around it all. No
 * space fits in two places, or a text of nothing else would take hours.
 */
const uuidText = /^[ \t\n\f\r]*(?:-[- ]*)?[0-9a-f]{2}(?:[- ]*[0-9a-f]{2}){15}[ \t\n\f\r]*$/i;

/** The 16 bytes that a text stands for, or undefined where it is no UUID's. */
export function readUuid(text: string): Uint8Array | undefined {
  if (!uuidText.test(text)) return undefined;
  const digits = text.replace(/[^0-9a-f]/gi, "");
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
