import { describe, expect, test } from "vitest";
import { MessageError, MessageStatus, MessageType } from "../../../src/protocol/generated/net.js";
import { storageVolUpload } from "../../../src/protocol/generated/remote.js";
import { encode } from "../../../src/protocol/xdr.js";
import { Streams } from "../../../src/rpc/streams.js";

const serial = 7;
const header = { prog: storageVolUpload.program, vers: 1, proc: storageVolUpload.number, serial };
const confirmed = { ...header, type: MessageType.STREAM, status: MessageStatus.OK };
const nothing = new Uint8Array(0);

const none = { message: null, dom: null, str1: null, str2: null, str3: null, net: null };
const error = encode(MessageError, { code: 1, domain: 1, level: 2, int1: 0, int2: 0, ...none });

function open() {
  const streams = new Streams({
    send: () => {},
    whenRoom: (send) => send(),
    awaited: () => {},
    lagging: () => {},
  });
  const stream = streams.open(storageVolUpload, serial, false, {});
  return { streams, stream };
}

describe("a stream's serial is taken", () => {
  test("until the daemon has confirmed the finish", async () => {
    const { streams, stream } = open();
    const finished = stream.finish();
    expect(streams.has(serial)).toBe(true);
    expect(streams.received(confirmed, nothing)).toBe(true);
    expect(streams.has(serial)).toBe(false);
    await finished;
    expect(streams.received(confirmed, nothing)).toBe(false);
  });

  test("until the daemon has confirmed the abort", async () => {
    const { streams, stream } = open();
    const aborted = stream.abort();
    streams.received({ ...confirmed, status: MessageStatus.CONTINUE }, new Uint8Array(3));
    expect(streams.has(serial)).toBe(true);
    streams.received(confirmed, nothing);
    expect(streams.has(serial)).toBe(false);
    await aborted;
  });

  test.each([MessageType.STREAM, MessageType.REPLY])("until an error comes, of type %i", async (type) => {
    const { streams, stream } = open();
    expect(streams.received({ ...header, type, status: MessageStatus.ERROR }, error)).toBe(true);
    expect(streams.has(serial)).toBe(false);
    await expect(stream.next()).rejects.toThrow();
  });

  test("until the connection is over", async () => {
    const { streams, stream } = open();
    const lost = new Error("lost");
    streams.failAll(lost);
    expect(streams.has(serial)).toBe(false);
    await expect(stream.finish()).rejects.toBe(lost);
  });

  test("by no reply but an error", () => {
    const { streams } = open();
    const reply = { ...header, type: MessageType.REPLY, status: MessageStatus.OK };
    expect(streams.received(reply, nothing)).toBe(false);
    expect(streams.has(serial)).toBe(true);
  });
});
