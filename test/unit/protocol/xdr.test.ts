import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../../src/errors.js";
import {
  ConnectListAllDomainsRet,
  DomainGetInfoRet,
  DomainGetSecurityLabelRet,
  TypedParamValue,
} from "../../../src/protocol/generated/remote.js";
import { decode, encode, nothing, XdrReader, XdrWriter } from "../../../src/protocol/xdr.js";
import { bytes, hex, reader, written } from "./hex.js";

type NumberMethod =
  | "int"
  | "uint"
  | "flags"
  | "hyper"
  | "uhyper"
  | "float"
  | "double"
  | "bool"
  | "char"
  | "uchar"
  | "short"
  | "ushort";

/** Calls a method picked from a table, whose value may be of the wrong type on purpose. */
function writeBy(to: XdrWriter, method: NumberMethod, value: unknown): void {
  to[method]("x", value as never);
}

describe("numbers", () => {
  const encodings: readonly (readonly [NumberMethod, number | bigint | boolean, string])[] = [
    ["int", 0, "00000000"],
    ["int", 0x01020304, "01020304"],
    ["int", 2147483647, "7fffffff"],
    ["int", -1, "ffffffff"],
    ["int", -2147483648, "80000000"],
    ["flags", 5, "00000005"],
    ["flags", 0x80000000, "80000000"],
    ["uint", 0, "00000000"],
    ["uint", 0x80000000, "80000000"],
    ["uint", 4294967295, "ffffffff"],
    ["hyper", 0n, "0000000000000000"],
    ["hyper", 0x0102030405060708n, "0102030405060708"],
    ["hyper", 9007199254740993n, "0020000000000001"],
    ["hyper", 9223372036854775807n, "7fffffffffffffff"],
    ["hyper", -1n, "ffffffffffffffff"],
    ["hyper", -9223372036854775808n, "8000000000000000"],
    ["uhyper", 0n, "0000000000000000"],
    ["uhyper", 9223372036854775808n, "8000000000000000"],
    ["uhyper", 18446744073709551615n, "ffffffffffffffff"],
    ["float", 1.5, "3fc00000"],
    ["float", -0, "80000000"],
    ["float", Number.POSITIVE_INFINITY, "7f800000"],
    ["float", Number.NaN, "7fc00000"],
    ["double", 0.1, "3fb999999999999a"],
    ["double", -0, "8000000000000000"],
    ["double", Number.MAX_VALUE, "7fefffffffffffff"],
    ["double", Number.MIN_VALUE, "0000000000000001"],
    ["double", Number.NEGATIVE_INFINITY, "fff0000000000000"],
    ["double", Number.NaN, "7ff8000000000000"],
    ["bool", false, "00000000"],
    ["bool", true, "00000001"],
    ["char", 127, "0000007f"],
    ["char", -128, "ffffff80"],
    ["uchar", 0, "00000000"],
    ["uchar", 255, "000000ff"],
    ["short", 32767, "00007fff"],
    ["short", -32768, "ffff8000"],
    ["ushort", 0, "00000000"],
    ["ushort", 65535, "0000ffff"],
  ];

  test.each(encodings)("%s %s is %s", (method, value, encoding) => {
    expect(written((to) => writeBy(to, method, value))).toBe(encoding);
    const from = reader(encoding);
    expect(from[method]("x")).toBe(value);
    expect(from.remaining).toBe(0);
  });

  test.each(encodings)("%s %s is not read from fewer bytes", (method, _value, encoding) => {
    const size = encoding.length / 2;
    for (let length = 0; length < size; length++) {
      const from = new XdrReader(bytes(encoding).subarray(0, length));
      expect(() => from[method]("x")).toThrow(new ProtocolError(`x: ${size} bytes wanted, ${length} left`));
      expect(from.remaining).toBe(length);
    }
  });

  test("a float is the nearest of 32 bits", () => {
    expect(written((to) => to.float("x", 0.1))).toBe("3dcccccd");
    expect(reader("3dcccccd").float("x")).toBe(Math.fround(0.1));
  });

  test.each<[NumberMethod, string, string]>([
    ["bool", "00000002", "2 is neither true nor false"],
    ["bool", "ffffffff", "4294967295 is neither true nor false"],
    ["char", "00000080", "128 is not within -128 and 127"],
    ["char", "ffffff7f", "-129 is not within -128 and 127"],
    ["uchar", "00000100", "256 is not within 0 and 255"],
    ["uchar", "ffffffff", "-1 is not within 0 and 255"],
    ["short", "00008000", "32768 is not within -32768 and 32767"],
    ["short", "ffff7fff", "-32769 is not within -32768 and 32767"],
    ["ushort", "00010000", "65536 is not within 0 and 65535"],
    ["ushort", "ffffffff", "-1 is not within 0 and 65535"],
  ])("%s is not read from %s", (method, encoding, message) => {
    expect(() => reader(encoding)[method]("x")).toThrow(new ProtocolError(`x: ${message}`));
  });

  test("flags joined by | are written as they are meant, where the highest bit makes them negative", () => {
    expect(written((to) => to.flags("x", 0x80000000 | 1))).toBe("80000001");
  });

  test.each<[NumberMethod, unknown, string]>([
    ["int", 2147483648, "2147483648 is not an integer within -2147483648 and 2147483647"],
    ["int", -2147483649, "-2147483649 is not an integer within -2147483648 and 2147483647"],
    ["int", 0.5, "0.5 is not an integer within -2147483648 and 2147483647"],
    ["int", Number.NaN, "NaN is not an integer within -2147483648 and 2147483647"],
    ["flags", 4294967296, "4294967296 is not an integer within -2147483648 and 4294967295"],
    ["uint", -1, "-1 is not an integer within 0 and 4294967295"],
    ["uint", 4294967296, "4294967296 is not an integer within 0 and 4294967295"],
    ["uint", Number.POSITIVE_INFINITY, "Infinity is not an integer within 0 and 4294967295"],
    ["hyper", 9223372036854775808n, "9223372036854775808 needs more than 64 bits"],
    ["hyper", -9223372036854775809n, "-9223372036854775809 needs more than 64 bits"],
    ["uhyper", -1n, "-1 is not an unsigned number of 64 bits"],
    ["uhyper", 18446744073709551616n, "18446744073709551616 is not an unsigned number of 64 bits"],
    ["char", 128, "128 is not an integer within -128 and 127"],
    ["char", -129, "-129 is not an integer within -128 and 127"],
    ["uchar", 256, "256 is not an integer within 0 and 255"],
    ["uchar", -1, "-1 is not an integer within 0 and 255"],
    ["short", 32768, "32768 is not an integer within -32768 and 32767"],
    ["short", -32769, "-32769 is not an integer within -32768 and 32767"],
    ["ushort", 65536, "65536 is not an integer within 0 and 65535"],
    ["ushort", -1, "-1 is not an integer within 0 and 65535"],
  ])("%s %s is refused and leaves nothing behind", (method, value, message) => {
    const to = new XdrWriter();
    expect(() => writeBy(to, method, value)).toThrow(new RangeError(`x: ${message}`));
    expect(to.length).toBe(0);
  });

  test.each<[NumberMethod, unknown, string]>([
    ["int", "1", "a number is wanted, not string"],
    ["int", 1n, "a number is wanted, not bigint"],
    ["uint", undefined, "a number is wanted, not undefined"],
    ["hyper", 1, "a bigint is wanted, not number"],
    ["uhyper", null, "a bigint is wanted, not null"],
    ["float", "1.5", "a number is wanted, not string"],
    ["double", 1n, "a number is wanted, not bigint"],
    ["bool", 1, "a boolean is wanted, not number"],
    ["char", "a", "a number is wanted, not string"],
    ["ushort", [1], "a number is wanted, not an array"],
  ])("%s from a value of another type is refused", (method, value, message) => {
    const to = new XdrWriter();
    expect(() => writeBy(to, method, value)).toThrow(new TypeError(`x: ${message}`));
    expect(to.length).toBe(0);
  });
});

describe("optional values and arrays", () => {
  test("an optional value is announced by a boolean", () => {
    expect(written((to) => to.present("x", null))).toBe("00000000");
    expect(written((to) => to.present("x", 5))).toBe("00000001");
    expect(reader("00000001").present("x")).toBe(true);
    expect(reader("00000000").present("x")).toBe(false);
    expect(() => reader("00000002").present("x")).toThrow(ProtocolError);
  });

  test("an array is announced by its count", () => {
    expect(written((to) => to.count("x", [1, 2, 3], 3))).toBe("00000003");
    expect(() => new XdrWriter().count("x", [1, 2, 3], 2)).toThrow(
      new RangeError("x: 3 elements, at most 2 are allowed"),
    );
    expect(() => new XdrWriter().count("x", { length: 1 } as never, 2)).toThrow(
      new TypeError("x: an array is wanted, not object"),
    );
  });

  test("a count must leave room for its elements", () => {
    expect(reader("00000002 0000000000000000").count("x", 2, 4)).toBe(2);
    expect(() => reader("00000003 000000000000000000000000").count("x", 2, 4)).toThrow(
      new ProtocolError("x: 3 elements, at most 2 are allowed"),
    );
    expect(() => reader("00000002 00000000000000").count("x", 2, 4)).toThrow(
      new ProtocolError("x: 2 elements announced, 7 bytes left"),
    );
    expect(() => reader("ffffffff 00000000").count("x", 4294967295, 4)).toThrow(
      new ProtocolError("x: 4294967295 elements announced, 4 bytes left"),
    );
  });

  test("a union's value without an arm is an error that names it", () => {
    expect(() => decode(TypedParamValue, bytes("00000008 00000000"))).toThrow(
      new ProtocolError("remote_typed_param_value.type: 8 is none of the union's cases"),
    );
    expect(() => encode(TypedParamValue, { type: 8, value: 0 } as never)).toThrow(
      new RangeError("remote_typed_param_value.type: 8 is none of the union's cases"),
    );
  });
});

describe("the path in an error", () => {
  const domain = { name: "a", uuid: new Uint8Array(16), id: 1 };
  const info = { state: 1, maxMem: 2n, memory: 3n, nrVirtCpu: 4, cpuTime: 5n };

  test("names the field that is wrong", () => {
    expect(() => encode(DomainGetInfoRet, { ...info, maxMem: 2 as never })).toThrow(
      new TypeError("remote_domain_get_info_ret.maxMem: a bigint is wanted, not number"),
    );
    expect(() => decode(DomainGetInfoRet, encode(DomainGetInfoRet, info).subarray(0, 6))).toThrow(
      new ProtocolError("remote_domain_get_info_ret.maxMem: 8 bytes wanted, 2 left"),
    );
  });

  test("names the element that is wrong", () => {
    const domains = [domain, domain, domain, { ...domain, name: "a\0" }];
    expect(() => encode(ConnectListAllDomainsRet, { domains, ret: 4 })).toThrow(
      new RangeError(
        "remote_connect_list_all_domains_ret.domains[3].name: a string cannot contain a NUL character",
      ),
    );
    const good = encode(ConnectListAllDomainsRet, { domains: [domain, domain, domain, domain], ret: 4 });
    good[4 + 3 * 28] = 0xff;
    expect(() => decode(ConnectListAllDomainsRet, good)).toThrow(
      /^remote_connect_list_all_domains_ret\.domains\[3\]\.name: a string of \d+ bytes, at most/,
    );
  });

  test("names the struct where there is none", () => {
    for (const [value, found] of [
      [null, "null"],
      [undefined, "undefined"],
      ["a", "string"],
    ] as const) {
      expect(() => encode(DomainGetInfoRet, value as never)).toThrow(
        new TypeError(`remote_domain_get_info_ret: an object is wanted, not ${found}`),
      );
    }
    expect(() => encode(ConnectListAllDomainsRet, { domains: new Array(1), ret: 1 })).toThrow(
      new TypeError("remote_connect_list_all_domains_ret.domains[0]: an object is wanted, not undefined"),
    );
  });

  test("begins anew after reset and truncate", () => {
    const from = reader("00000000");
    from.enter("outer");
    from.enter(7);
    expect(from.malformed("x", "wrong")).toEqual(new ProtocolError("outer[7].x: wrong"));
    from.reset(bytes("00000000"));
    expect(from.malformed("x", "wrong")).toEqual(new ProtocolError("x: wrong"));

    const to = new XdrWriter();
    expect(() => DomainGetSecurityLabelRet.encode(to, "outer", {} as never)).toThrow("outer.label:");
    to.truncate(0);
    expect(() => to.int("x", 0.5)).toThrow(/^x: 0.5/);
  });

  test("leaves what was left", () => {
    const from = reader("");
    from.enter("outer");
    from.enter("inner");
    from.leave();
    expect(from.malformed("x", "wrong").message).toBe("outer.x: wrong");
    from.leave();
    expect(from.malformed("x", "wrong").message).toBe("x: wrong");
  });
});

describe("a reader", () => {
  test("starts over on other bytes, or on a range of them", () => {
    const from = reader("00000001");
    expect(from.uint("x")).toBe(1);
    const memory = bytes("00000002 00000003 00000004");
    from.reset(memory, 4, 8);
    expect(from.remaining).toBe(4);
    expect(from.uint("x")).toBe(3);
    expect(() => from.uint("x")).toThrow(ProtocolError);
    from.reset(memory);
    expect(from.remaining).toBe(12);
    expect(from.uint("x")).toBe(2);
  });

  test("reads a view of a larger buffer", () => {
    const from = new XdrReader(bytes("ffff 00000005 ffff").subarray(2, 6));
    expect(from.uint("x")).toBe(5);
    expect(from.remaining).toBe(0);
  });

  test("starts over on another view of the same buffer", () => {
    const memory = bytes("00000001 00000002 00000003");
    const from = new XdrReader(memory.subarray(4));
    expect(from.uint("x")).toBe(2);
    from.reset(memory);
    expect(from.uint("x")).toBe(1);
    from.reset(memory.subarray(4), 4);
    expect(from.uint("x")).toBe(3);
    expect(() => from.uint("x")).toThrow(ProtocolError);
  });

  test("lets go of many bytes when it is told to", () => {
    const from = new XdrReader(new Uint8Array(1024 * 1024));
    from.release();
    expect(from.remaining).toBe(0);
  });

  test("has nothing left when it is finished", () => {
    const from = reader("00000001 00");
    expect(() => from.finish("x")).toThrow(new ProtocolError("x: 5 bytes more than the type has"));
    from.uint("x");
    expect(() => from.finish("x")).toThrow(new ProtocolError("x: 1 bytes more than the type has"));
    from.fixedOpaque("x", 0);
    from.reset(bytes(""));
    expect(() => from.finish("x")).not.toThrow();
    expect(() => decode(nothing, bytes("00"))).toThrow(
      new ProtocolError("void: 1 bytes more than the type has"),
    );
    expect(decode(nothing, bytes(""))).toBeUndefined();
  });
});

describe("a writer", () => {
  test("pads with zeros where a longer string was before", () => {
    const to = new XdrWriter();
    to.string("x", "mmmmmmmm", 9);
    to.truncate(0);
    to.string("x", "n", 9);
    to.opaque("x", bytes("01"), 1);
    expect(hex(to.take())).toBe("000000016e000000" + "0000000101000000");
  });

  test("grows wherever its memory ends", () => {
    const everything = (to: XdrWriter) => {
      to.int("x", -1);
      to.uint("x", 1);
      to.hyper("x", -1n);
      to.uhyper("x", 1n);
      to.float("x", 1);
      to.double("x", 1);
      to.bool("x", true);
      to.char("x", -1);
      to.ushort("x", 1);
      to.present("x", null);
      to.count("x", [1], 1);
      to.string("x", "mé", 9);
      to.fixedOpaque("x", bytes("010203"), 3);
      to.opaque("x", bytes("0102030405"), 9);
      to.fixedChars("x", bytes("ff"), 1);
      to.chars("x", bytes("80ff"), 2);
      to.raw(bytes("010203"));
    };
    const wanted = written(everything);
    for (let capacity = 0; capacity <= wanted.length / 2; capacity++) {
      const to = new XdrWriter(capacity);
      everything(to);
      expect(hex(to.take())).toBe(wanted);
    }
  });

  test("grows as often as needed", () => {
    const to = new XdrWriter(4);
    const wanted = new DataView(new ArrayBuffer(4 * 50_000));
    for (let i = 0; i < 50_000; i++) {
      to.uint("x", i);
      wanted.setUint32(4 * i, i);
    }
    expect(to.length).toBe(wanted.byteLength);
    expect(hex(to.take())).toBe(hex(new Uint8Array(wanted.buffer)));
  });

  test("writes into memory that it is given, and into its own where there is no more room", () => {
    const memory = Buffer.from("ffffffffffffffffffffffff", "hex");
    const to = new XdrWriter(memory.subarray(2, 8));
    to.uint("x", 1);
    const taken = to.take();
    expect(taken).toBeInstanceOf(Buffer);
    expect(hex(memory)).toBe("ffff00000001ffffffffffff");
    to.uhyper("x", 2n);
    expect(hex(to.take())).toBe("0000000000000002");
    expect(hex(memory)).toBe("ffff00000001ffffffffffff");
  });

  test("hands over its memory and goes on behind it", () => {
    const to = new XdrWriter(16);
    to.uint("x", 1);
    const first = to.take();
    expect(to.length).toBe(0);
    to.uint("x", 2);
    to.string("x", "mmmm", 4);
    const second = to.take();
    to.raw(new Uint8Array(100).fill(3));
    const third = to.take();
    expect(hex(to.take())).toBe("");
    expect(hex(first)).toBe("00000001");
    expect(hex(second)).toBe("00000002000000046d6d6d6d");
    expect(third).toEqual(new Uint8Array(100).fill(3));
  });

  test("writes over what nobody needs any more, and over nothing else", () => {
    const to = new XdrWriter(16);
    to.uint("x", 1);
    const first = to.take();
    to.uint("x", 2);
    to.reuse();
    expect(hex(first)).toBe("00000001");
    expect(hex(to.take())).toBe("00000002");
    to.reuse();
    to.uint("x", 3);
    expect(hex(first)).toBe("00000003");
    expect(hex(to.take())).toBe("00000003");
  });

  test("fills in what was left out", () => {
    const to = new XdrWriter();
    to.uint("x", 1);
    const at = to.skip(8);
    to.uint("x", 4);
    to.putInt("x", at + 4, -3);
    to.putUint("x", at, 2);
    expect(hex(to.take())).toBe("0000000100000002fffffffd00000004");
    expect(() => to.putUint("x", 0, -1)).toThrow(/^x: -1 is not an integer/);
    expect(() => to.putInt("x", 0, 2 ** 31)).toThrow(/^x: 2147483648 is not an integer/);
  });

  test("forgets what is truncated", () => {
    const to = new XdrWriter();
    to.uint("x", 1);
    to.uint("x", 2);
    to.truncate(4);
    expect(to.length).toBe(4);
    to.uint("x", 3);
    expect(hex(to.take())).toBe("0000000100000003");
  });

  test("copies what it has", () => {
    const to = new XdrWriter();
    to.uint("x", 1);
    to.uint("x", 2);
    const copy = new Uint8Array(4);
    to.copyTo(copy, 4);
    to.putUint("x", 4, 9);
    expect(hex(copy)).toBe("00000002");
    expect(hex(to.take())).toBe("0000000100000009");
  });

  test("appends raw bytes as they are", () => {
    expect(
      written((to) => {
        to.raw(bytes("010203"));
        to.raw(bytes(""));
        to.raw(bytes("04"));
      }),
    ).toBe("01020304");
  });
});
