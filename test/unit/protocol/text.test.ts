import { afterEach, describe, expect, test, vi } from "vitest";
import { decodeText } from "../../../src/protocol/text.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The module as it is where there is no Buffer: it looks for one when it is loaded. */
async function withoutBuffer(): Promise<typeof decodeText> {
  vi.stubGlobal("Buffer", undefined);
  vi.resetModules();
  return (await import("../../../src/protocol/text.js")).decodeText;
}

const texts = [
  "",
  "short",
  "é",
  "a text of more than sixteen bytes",
  "😀".repeat(20),
  "\ufffd",
  "\ufeffx".repeat(9),
];
/** Bytes, and the halves of surrogate pairs that stand for those that are no UTF-8. */
const foreign: readonly (readonly [readonly number[], string])[] = [
  [[0xff], "\udcff"],
  [[0xc3], "\udcc3"],
  [[...new Uint8Array(40).fill(0x61), 0xc3], `${"a".repeat(40)}\udcc3`],
  [[...new Uint8Array(40).fill(0x80)], "\udc80".repeat(40)],
];

describe.each([
  ["in Node", () => Promise.resolve(decodeText)],
  ["in a runtime without Buffer", withoutBuffer],
])("UTF-8 %s", (_where, load) => {
  test("is decoded from a range of bytes", async () => {
    const encoder = new TextEncoder();
    const ranges = texts.map((text) => encoder.encode(`<${text}>`));
    const decode = await load();
    expect(ranges.map((bytes) => decode(bytes, 1, bytes.length - 1))).toEqual(texts);
  });

  test("that is none stands for its bytes", async () => {
    const decode = await load();
    for (const [bytes, text] of foreign) expect(decode(Uint8Array.from(bytes), 0, bytes.length)).toBe(text);
  });
});
