/**
 * Turns a range of UTF-8 bytes into a string. Each byte that is none stands in it as half a surrogate pair, U+DC80 to
 * U+DCFF, as Python has it: so the name of a file from another machine can be sent back as it came.
 */
export type DecodeText = (bytes: Uint8Array, start: number, end: number) => string;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const replacement = "\ufffd";
const firstEscape = 0xdc00;
/** Halves of surrogate pairs that stand for no byte. */
const otherHalves = /[\ud800-\udc7f\udd00-\udfff]/u;

/** Longest string built from single characters: from here on a call into native code is cheaper. */
const shortText = 16;

const decodeAnywhere: DecodeText = (bytes, start, end) => {
  try {
    return strict.decode(bytes.subarray(start, end));
  } catch {
    return decodeForeign(bytes, start, end);
  }
};

/** Node's Buffer decodes small ranges at half the price of a TextDecoder, but never fails: so look for its mark. */
function decodeByBuffer(toText: (this: Uint8Array, start: number, end: number) => string): DecodeText {
  return (bytes, start, end) => {
    const text = toText.call(bytes, start, end);
    return text.includes(replacement) ? decodeAnywhere(bytes, start, end) : text;
  };
}

interface BufferLike {
  readonly prototype: { readonly utf8Slice?: (this: Uint8Array, start: number, end: number) => string };
}

const utf8Slice = (globalThis as { Buffer?: BufferLike }).Buffer?.prototype.utf8Slice;
const decodeLong = typeof utf8Slice === "function" ? decodeByBuffer(utf8Slice) : decodeAnywhere;

/** Where character codes are gathered, one array for each length: to allocate them costs more than all the rest. */
const scratch = Array.from({ length: shortText + 1 }, (_, length) => Array.from({ length }, () => 0));

export const decodeText: DecodeText = (bytes, start, end) => {
  const length = end - start;
  if (length > shortText) return decodeLong(bytes, start, end);
  const codes = scratch[length]!;
  let union = 0;
  for (let i = 0; i < length; i++) {
    const code = bytes[start + i]!;
    union |= code;
    codes[i] = code;
  }
  if (union > 0x7f) return decodeLong(bytes, start, end);
  return String.fromCharCode.apply(null, codes);
};

const encoder = new TextEncoder();

/** How many bytes of UTF-8 a string can need at most. */
export const maxTextLength = (text: string) => 3 * text.length;

/** Writes `text` as UTF-8 and returns how many bytes that took; there must be room for `maxTextLength`. */
export function encodeText(text: string, into: Uint8Array, at: number): number {
  if (text.length > 3 * shortText) return encodeAnything(text, into, at);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return encodeAnything(text, into, at);
    into[at + i] = code;
  }
  return text.length;
}

function encodeAnything(text: string, into: Uint8Array, at: number): number {
  if (!text.isWellFormed()) return encodeForeign(text, into, at);
  return encoder.encodeInto(text, into.subarray(at)).written;
}

function encodeForeign(text: string, into: Uint8Array, at: number): number {
  let end = at;
  for (const character of text) {
    if (character.isWellFormed()) end += encoder.encodeInto(character, into.subarray(end)).written;
    else into[end++] = character.charCodeAt(0) - firstEscape;
  }
  return end - at;
}

/** Whether a string that is not well-formed can be sent for all that. */
export function standsForBytes(text: string): boolean {
  return !otherHalves.test(text);
}

/** Decodes what is not UTF-8, or not all of it. */
const decodeForeign: DecodeText = (bytes, start, end) => {
  let text = "";
  let read = start;
  for (let at = start; at < end; ) {
    const length = characterLength(bytes, at, end);
    at += length || 1;
    if (length > 0) continue;
    text += strict.decode(bytes.subarray(read, at - 1)) + String.fromCharCode(firstEscape + bytes[at - 1]!);
    read = at;
  }
  return text + strict.decode(bytes.subarray(read, end));
};

/** How many bytes of UTF-8 the character at `at` has; 0 where there is none. */
function characterLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > end) return 0;
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  // What would have a shorter form, would be half a surrogate pair, or lie behind the last character.
  const second = bytes[at + 1]!;
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0;
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0;
  return length;
}
