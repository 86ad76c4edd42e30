import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../../src/errors.js";
import { XdrReader, XdrWriter } from "../../../src/protocol/xdr.js";
import { bytes, hex, reader, written } from "./hex.js";

const stringMax = 4194304;

describe("strings", () => {
  test.each([
    ["", "00000000"],
    ["a", "00000001 61000000"],
    ["ab", "00000002 61620000"],
    ["abc", "00000003 61626300"],
    ["abcd", "00000004 61626364"],
    ["é", "00000002 c3a90000"],
    ["€", "00000003 e282ac00"],
    ["😀", "00000004 f09f9880"],
    ["\ufeffx", "00000004 efbbbf78"],
    ["\ufffd", "00000003 efbfbd00"],
  ])("%j", (text, encoding) => {
    expect(written((to) => to.string("x", text, stringMax))).toBe(encoding.replace(" ", ""));
    const from = reader(encoding);
    expect(from.string("x", stringMax)).toBe(text);
    expect(from.remaining).toBe(0);
  });

  test.each(["a", "é", "€", "😀"])("of any length, ending in %s", (last) => {
    for (let length = 0; length < 100; length++) {
      const text = "m".repeat(length) + last;
      const utf8 = Buffer.from(text);
      const encoding = written((to) => to.string("x", text, stringMax));
      expect(Number.parseInt(encoding.slice(0, 8), 16)).toBe(utf8.length);
      expect(encoding.slice(8)).toBe(utf8.toString("hex") + "00".repeat(-utf8.length & 3));
      expect(reader(encoding).string("x", stringMax)).toBe(text);
    }
  });

  test("take the bound in bytes, and exactly the bound", () => {
    const longest = "m".repeat(stringMax);
    const to = new XdrWriter();
    to.string("x", longest, stringMax);
    expect(to.length).toBe(4 + stringMax);
    expect(new XdrReader(to.take()).string("x", stringMax)).toBe(longest);

    const tooLong = `a string of ${stringMax + 1} bytes, at most ${stringMax} are allowed`;
    for (const text of [`${longest}m`, `m${"é".repeat(stringMax / 2)}`]) {
      expect(() => to.string("x", text, stringMax)).toThrow(new RangeError(`x: ${tooLong}`));
      expect(to.length).toBe(0);
    }
    const received = new Uint8Array(4 + stringMax + 4);
    new DataView(received.buffer).setUint32(0, stringMax + 1);
    expect(() => new XdrReader(received).string("x", stringMax)).toThrow(new ProtocolError(`x: ${tooLong}`));
  });

  test("take a bound that is smaller than what a character may need", () => {
    expect(written((to) => to.string("x", "€", 3))).toBe("00000003e282ac00");
    const to = new XdrWriter();
    to.uint("before", 7);
    expect(() => to.string("x", "€", 2)).toThrow(RangeError);
    to.uint("after", 8);
    expect(hex(to.take())).toBe("0000000700000008");
  });

  test.each([
    ["\0", "a string cannot contain a NUL character"],
    ["a\0b", "a string cannot contain a NUL character"],
    ["\ud83d", "a string cannot contain half a surrogate pair"],
    ["a\ude00b", "a string cannot contain half a surrogate pair"],
    ["\ude00\ud83d", "a string cannot contain half a surrogate pair"],
  ])("%j cannot be said to C", (text, message) => {
    const to = new XdrWriter();
    expect(() => to.string("x", text, stringMax)).toThrow(new RangeError(`x: ${message}`));
    expect(to.length).toBe(0);
  });

  test.each<[unknown, string]>([
    [undefined, "undefined"],
    [null, "null"],
    [5, "number"],
    [bytes("61"), "object"],
  ])("%j is no string", (value, found) => {
    expect(() => new XdrWriter().string("x", value as string, 9)).toThrow(
      new TypeError(`x: a string is wanted, not ${found}`),
    );
  });

  const notUtf8: readonly (readonly [string, string])[] = [
    ["a byte that begins nothing", "ff"],
    ["a continuation by itself", "80"],
    ["an overlong NUL", "c080"],
    ["half a character", "e282"],
    ["half a surrogate pair", "eda080"],
    ["a code point beyond the last", "f5808080"],
  ];
  const received = (text: Buffer) =>
    bytes(text.length.toString(16).padStart(8, "0") + text.toString("hex") + "00".repeat(-text.length & 3));

  test.each(notUtf8)("%s is not UTF-8, and can be sent back as it came", (_what, wrong) => {
    for (const [before, after] of [
      ["", ""],
      ["m".repeat(5), "é"],
      ["ü".repeat(40), "😀"],
    ] as const) {
      const sent = Buffer.concat([Buffer.from(before), Buffer.from(wrong, "hex"), Buffer.from(after)]);
      const from = new XdrReader(received(sent));
      const text = from.string("x", stringMax);
      const halves = [...Buffer.from(wrong, "hex")].map((byte) => String.fromCharCode(0xdc00 + byte));
      expect(text).toBe(before + halves.join("") + after);
      expect(from.remaining).toBe(0);
      const writer = new XdrWriter();
      writer.string("x", text, stringMax);
      expect(writer.take()).toEqual(received(sent));
    }
  });

  test("end where their bytes end", () => {
    expect(() => reader("00000005 6d6d6d6d").string("x", 9)).toThrow(
      new ProtocolError("x: 8 bytes wanted, 4 left"),
    );
    // The padding counts.
    expect(() => reader("00000005 6d6d6d6d 6d").string("x", 9)).toThrow(
      new ProtocolError("x: 8 bytes wanted, 5 left"),
    );
    expect(() => reader("ffffffff 6d").string("x", 4294967295)).toThrow(
      new ProtocolError("x: 4294967296 bytes wanted, 1 left"),
    );
  });
});

describe("opaque data", () => {
  test.each([0, 1, 2, 3, 4, 5, 16, 31, 32, 33, 1000])("%i bytes", (length) => {
    const value = Uint8Array.from({ length }, (_, i) => 255 - (i % 256));
    const padded = hex(value) + "00".repeat(-length & 3);
    expect(written((to) => to.fixedOpaque("x", value, length))).toBe(padded);
    const encoding = written((to) => to.opaque("x", value, length));
    expect(encoding).toBe(length.toString(16).padStart(8, "0") + padded);
    expect(reader(padded).fixedOpaque("x", length)).toEqual(value);
    const from = reader(encoding);
    expect(from.opaque("x", length)).toEqual(value);
    expect(from.remaining).toBe(0);
  });

  test("is read into memory of its own", () => {
    for (const length of [4, 40]) {
      const source = new Uint8Array(length).fill(1);
      const value = new XdrReader(source).fixedOpaque("x", length);
      source.fill(2);
      expect(value).toEqual(new Uint8Array(length).fill(1));
    }
  });

  test("may come as a Buffer", () => {
    expect(written((to) => to.opaque("x", Buffer.from("ab"), 2))).toBe("0000000261620000");
  });

  test("is bounded on both sides", () => {
    const to = new XdrWriter();
    expect(() => to.opaque("x", new Uint8Array(5), 4)).toThrow(
      new RangeError("x: 5 bytes, at most 4 are allowed"),
    );
    expect(() => to.fixedOpaque("x", new Uint8Array(15), 16)).toThrow(
      new RangeError("x: 15 bytes instead of 16"),
    );
    expect(() => to.fixedOpaque("x", new Uint8Array(17), 16)).toThrow(RangeError);
    expect(to.length).toBe(0);
    expect(() => reader("00000005 0102030405000000").opaque("x", 4)).toThrow(
      new ProtocolError("x: 5 bytes, at most 4 are allowed"),
    );
    expect(() => reader("ffffffff 01020304").opaque("x", 4294967295)).toThrow(
      new ProtocolError("x: 4294967296 bytes wanted, 4 left"),
    );
    expect(() => reader("01020304 05").fixedOpaque("x", 5)).toThrow(
      new ProtocolError("x: 8 bytes wanted, 5 left"),
    );
  });

  test.each<[unknown, string]>([
    [[1, 2, 3, 4], "an array"],
    ["abcd", "string"],
    [null, "null"],
    [new ArrayBuffer(4), "object"],
  ])("is a Uint8Array and nothing else: %o", (value, found) => {
    const wrong = new TypeError(`x: a Uint8Array is wanted, not ${found}`);
    const to = new XdrWriter();
    for (const method of ["opaque", "fixedOpaque", "chars", "fixedChars"] as const) {
      expect(() => to[method]("x", value as Uint8Array, 4)).toThrow(wrong);
    }
  });
});

describe("C's char", () => {
  test("takes four bytes each, with its sign", () => {
    const value = bytes("41 7f 80 ff");
    const encoding = "00000041 0000007f ffffff80 ffffffff".replaceAll(" ", "");
    expect(written((to) => to.fixedChars("x", value, 4))).toBe(encoding);
    expect(written((to) => to.chars("x", value, 4))).toBe(`00000004${encoding}`);
    expect(reader(encoding).fixedChars("x", 4)).toEqual(value);
    expect(reader(`00000004${encoding}`).chars("x", 4)).toEqual(value);
  });

  test("may come without its sign, as from a machine where char has none", () => {
    expect(reader("00000080 000000ff").fixedChars("x", 2)).toEqual(bytes("80 ff"));
  });

  test("is no more than a byte", () => {
    expect(() => reader("00000100").fixedChars("x", 1)).toThrow(new ProtocolError("x: 256 is not a char"));
    expect(() => reader("ffffff7f").fixedChars("x", 1)).toThrow(new ProtocolError("x: -129 is not a char"));
  });

  test("is bounded on both sides", () => {
    const to = new XdrWriter();
    expect(() => to.chars("x", new Uint8Array(3), 2)).toThrow(
      new RangeError("x: 3 chars, at most 2 are allowed"),
    );
    expect(() => to.fixedChars("x", new Uint8Array(3), 4)).toThrow(new RangeError("x: 3 chars instead of 4"));
    expect(to.length).toBe(0);
    expect(() => reader("00000003 000000000000000000000000").chars("x", 2)).toThrow(
      new ProtocolError("x: 3 elements, at most 2 are allowed"),
    );
    expect(() => reader("00000003 0000000000000000000000").chars("x", 3)).toThrow(
      new ProtocolError("x: 3 elements announced, 11 bytes left"),
    );
    expect(() => reader("0000000000000000000000").fixedChars("x", 3)).toThrow(
      new ProtocolError("x: 12 bytes wanted, 11 left"),
    );
  });
});
