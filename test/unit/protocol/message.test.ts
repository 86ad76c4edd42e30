import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../../src/errors.js";
import { MessageHeader, MessageStatus, MessageType } from "../../../src/protocol/generated/net.js";
import {
  beginFrame,
  endFrame,
  headerLength,
  maxFrameLength,
  readFrameLength,
  readHeader,
} from "../../../src/protocol/message.js";
import { encode, XdrReader, XdrWriter } from "../../../src/protocol/xdr.js";
import { bytes, hex, reader } from "./hex.js";

const header: MessageHeader = {
  prog: 0x20008086,
  vers: 1,
  proc: 66,
  type: MessageType.CALL,
  serial: 4294967295,
  status: MessageStatus.OK,
};
const headerHex = "20008086 00000001 00000042 00000000 ffffffff 00000000".replaceAll(" ", "");

describe("a frame's length", () => {
  test("has libvirt's bounds", () => {
    expect(headerLength).toBe(28);
    expect(maxFrameLength).toBe(33554436);
  });

  test.each([
    ["0000001c", 28],
    ["0000001d", 29],
    ["00010203", 66051],
    ["02000004", 33554436],
  ])("%s is %i", (encoding, length) => {
    expect(readFrameLength(bytes(encoding), 0, maxFrameLength)).toBe(length);
  });

  test.each([
    ["00000000", 0],
    ["00000003", 3],
    ["0000001b", 27],
    ["02000005", 33554437],
    ["80000000", 2147483648],
    ["ffffffff", 4294967295],
  ])("%s, %i, is refused", (encoding, length) => {
    expect(() => readFrameLength(bytes(encoding), 0, maxFrameLength)).toThrow(
      new ProtocolError(`the peer announced a message of ${length} bytes; it must be within 28 and 33554436`),
    );
  });

  test("stands anywhere in what was received, and may have a narrower bound", () => {
    const received = bytes("ffff 00000064 ffff");
    expect(readFrameLength(received, 2, 100)).toBe(100);
    expect(() => readFrameLength(received, 2, 99)).toThrow(
      new ProtocolError("the peer announced a message of 100 bytes; it must be within 28 and 99"),
    );
  });
});

describe("a frame", () => {
  test("is its length, the header's six words and the payload", () => {
    const to = new XdrWriter();
    const start = beginFrame(to, header);
    to.raw(bytes("0102030405"));
    endFrame(to, start);
    expect(hex(to.take())).toBe(`00000021${headerHex}0102030405`);
  });

  test("may follow another in the same buffer", () => {
    const to = new XdrWriter(30);
    endFrame(to, beginFrame(to, header));
    const second = beginFrame(to, { ...header, serial: 7, type: MessageType.STREAM, status: -1 });
    expect(second).toBe(28);
    to.raw(bytes("01"));
    endFrame(to, second);
    expect(hex(to.take())).toBe(
      `0000001c${headerHex}0000001d2000808600000001000000420000000300000007ffffffff01`,
    );
  });

  test("has the header that the type of libvirt's header says", () => {
    expect(hex(encode(MessageHeader, header))).toBe(headerHex);
  });

  test("is not sent if it is longer than libvirt takes", () => {
    const to = new XdrWriter(maxFrameLength + 1);
    const start = beginFrame(to, header);
    to.raw(new Uint8Array(maxFrameLength - headerLength));
    endFrame(to, start);
    const frame = new Uint8Array(to.length);
    to.copyTo(frame, start);
    expect(hex(frame.subarray(0, 4))).toBe("02000004");
    to.raw(new Uint8Array(1));
    expect(() => endFrame(to, start)).toThrow(
      new RangeError("a message of 33554437 bytes is too long: libvirt takes 33554436 at most"),
    );
  });

  test.each([
    ["prog", -1],
    ["vers", 4294967296],
    ["proc", 2147483648],
    ["type", 0.5],
    ["serial", -1],
    ["status", Number.NaN],
  ])("is not begun with a %s of %d", (field, value) => {
    expect(() => beginFrame(new XdrWriter(), { ...header, [field]: value })).toThrow(
      new RegExp(`^${field}: ${value} is not an integer`),
    );
  });
});

describe("a header", () => {
  test("is read back, the payload left to be read", () => {
    const from = reader(`${headerHex} 00000009`);
    expect(readHeader(from)).toEqual(header);
    expect(from.uint("payload")).toBe(9);
  });

  test("has a signed procedure, type and status", () => {
    expect(readHeader(reader("ffffffff".repeat(6)))).toEqual({
      prog: 4294967295,
      vers: 4294967295,
      proc: -1,
      type: -1,
      serial: 4294967295,
      status: -1,
    });
  });

  test("is not read from fewer bytes", () => {
    for (let length = 0; length < 24; length++) {
      const field = ["prog", "vers", "proc", "type", "serial", "status"][length >> 2];
      expect(() => readHeader(new XdrReader(bytes(headerHex).subarray(0, length)))).toThrow(
        new ProtocolError(`${field}: 4 bytes wanted, ${length & 3} left`),
      );
    }
  });
});
