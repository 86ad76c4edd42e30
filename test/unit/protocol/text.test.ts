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
const invalid = [
  [0xff],
  [0xc3],
  [...new Uint8Array(40).fill(0x61), 0xc3],
  [...new Uint8Array(40).fill(0x80)],
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

  test("that is none is an error", async () => {
    const decode = await load();
    for (const bytes of invalid)
      expect(() => decode(Uint8Array.from(bytes), 0, bytes.length)).toThrow(TypeError);
  });
});
