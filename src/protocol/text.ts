/** Turns a range of UTF-8 bytes into a string, or throws a TypeError where they are none. */
export type DecodeText = (bytes: Uint8Array, start: number, end: number) => string;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const replacement = "\ufffd";

/** Longest string built from single characters: from here on a call into native code is cheaper. */
const shortText = 16;

const decodeAnywhere: DecodeText = (bytes, start, end) => strict.decode(bytes.subarray(start, end));

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
  if (text.length > 3 * shortText) return encoder.encodeInto(text, into.subarray(at)).written;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return encoder.encodeInto(text, into.subarray(at)).written;
    into[at + i] = code;
  }
  return text.length;
}
