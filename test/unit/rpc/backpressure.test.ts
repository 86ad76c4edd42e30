import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import { MessageStatus, MessageType } from "../../../src/protocol/generated/net.js";
import { connectGetHostname } from "../../../src/protocol/generated/remote.js";
import { maxPacketBytes, type RpcStream } from "../../../src/rpc/stream.js";
import { settle } from "../transport/recorder.js";
import { type Conversation, converse, exchange } from "./conversation.js";
import { confirmation, data, end, hole, type Opened, openDownload, sparse } from "./packets.js";
import { frame, replyTo } from "./peer.js";

const packet = Buffer.alloc(maxPacketBytes, "0123456789abcdef!");
const packetsIn = (mebibytes: number) => Math.ceil((mebibytes * 2 ** 20) / packet.length);

/** Has the daemon send so much, packet by packet, as soon as it is taken. */
async function flood({ peer }: Conversation, { call }: Opened, mebibytes: number): Promise<void> {
  for (let count = packetsIn(mebibytes); count > 0; count--) peer.send(data(call, packet));
  await settle();
}

/** Reads so many packets' bytes, and returns how many of them are as they were sent. */
async function read(stream: RpcStream, packets: number): Promise<number> {
  const target = Buffer.alloc(packet.length);
  let bytes = 0;
  for (; packets > 0; packets--) {
    const filled = await stream.fill(target);
    if (packet.equals(target)) bytes += filled;
  }
  return bytes;
}

// What is paused is let go on for a moment after some time, which on a busy machine may be over before it is looked at.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

describe("a stream that nobody reads", () => {
  test("slows the daemon down beyond 4 MiB, until it is read", async () => {
    const both = converse();
    const opened = await openDownload(both);
    await flood(both, opened, 2.5);
    expect(both.pipe.paused).toBe(false);
    await flood(both, opened, 2.5);
    expect(both.pipe.paused).toBe(true);
    await read(opened.stream, packetsIn(2.5));
    expect(both.pipe.paused).toBe(false);
  });

  test("lets all through nevertheless, little by little", async () => {
    vi.useRealTimers();
    const both = converse();
    const opened = await openDownload(both);
    await flood(both, opened, 4.1);
    const ping = frame({ prog: 0x6b656570, proc: 1, type: MessageType.MESSAGE, serial: 0 });
    both.peer.send(ping);
    // The PING is behind what is held back, and answered all the same.
    expect((await both.peer.next()).header).toMatchObject({ prog: 0x6b656570, proc: 2 });
  });

  test("keeps no call waiting", async () => {
    const both = converse();
    const opened = await openDownload(both);
    await flood(both, opened, 4.5);
    expect(both.pipe.paused).toBe(true);
    const call = both.session.call(connectGetHostname, undefined);
    expect(both.pipe.paused).toBe(false);
    await flood(both, opened, 4.5);
    expect(both.pipe.paused).toBe(false);
    both.peer.send(replyTo(await both.peer.next(), connectGetHostname, { hostname: "here" }));
    expect(await call).toEqual({ hostname: "here" });
    await settle();
    expect(both.pipe.paused).toBe(true);
  });

  test("keeps no other stream waiting", async () => {
    const both = converse();
    const [asleep, awake] = [await openDownload(both), await openDownload(both)];
    await flood(both, asleep, 4.5);
    const next = awake.stream.next();
    expect(both.pipe.paused).toBe(false);
    both.peer.send(data(awake.call, "x"));
    await next;
  });

  test("delays nobody's events for what can be resumed", async () => {
    const both = converse();
    const release = both.session.hold();
    const resumable = await openDownload(both, { resumable: true });
    await flood(both, resumable, 4.5);
    expect(both.pipe.paused).toBe(false);
    await flood(both, await openDownload(both), 4.5);
    expect(both.pipe.paused).toBe(true);
    release();
  });

  test("is stopped at 16 MiB where it can be resumed, and loses nothing", async () => {
    const both = converse();
    const opened = await openDownload(both, { resumable: true });
    const busy = both.session.call(connectGetHostname, undefined);
    await flood(both, opened, 15.5);
    expect(both.peer.frames).toHaveLength(2);
    await flood(both, opened, 1);
    const { header, payload } = both.peer.frames[2]!;
    expect(header).toMatchObject({ type: MessageType.STREAM, status: MessageStatus.ERROR });
    expect(payload).toHaveLength(0);
    expect(opened.stream.interrupted).toBe(true);

    await flood(both, opened, 1);
    both.peer.send(confirmation(opened.call));
    const wanted = packetsIn(15.5) + 2 * packetsIn(1);
    expect(await read(opened.stream, wanted)).toBe(wanted * packet.length);
    expect(await opened.stream.next()).toBeUndefined();
    expect(await opened.stream.closed).toEqual({ outcome: "finished" });
    await both.peer.next();
    both.peer.send(replyTo(both.peer.frames[1]!, connectGetHostname, { hostname: "here" }));
    await busy;
  });

  test("is not interrupted when the end crosses the stop", async () => {
    const both = converse();
    const opened = await openDownload(both, { resumable: true, finishAtEnd: true });
    const release = both.session.hold();
    await flood(both, opened, 16.5);
    both.peer.send(end(opened.call), confirmation(opened.call));
    await opened.stream.closed;
    expect(opened.stream.interrupted).toBe(false);
    expect(both.peer.frames).toHaveLength(2);
    release();
  });

  test("fails at 64 MiB where it cannot be resumed, and the daemon is told", async () => {
    const both = converse();
    const opened = await openDownload(both);
    const busy = both.session.call(connectGetHostname, undefined);
    await flood(both, opened, 63);
    expect(both.peer.frames).toHaveLength(2);
    await flood(both, opened, 2);
    expect(both.peer.frames[2]!.header).toMatchObject({
      type: MessageType.STREAM,
      status: MessageStatus.ERROR,
    });
    const closed = await opened.stream.closed;
    expect(closed).toMatchObject({ outcome: "failed", error: expect.any(ConnectionError) });
    await read(opened.stream, packetsIn(63));
    await expect(
      (async () => {
        for (;;) await opened.stream.next();
      })(),
    ).rejects.toThrow("nobody read it");
    both.peer.send(confirmation(opened.call));
    both.peer.send(replyTo(await both.peer.next(), connectGetHostname, { hostname: "here" }));
    await busy;
  });

  test("joins a flood of single bytes to few pieces", async () => {
    const both = converse();
    const opened = await openDownload(both);
    both.peer.send(...Array.from({ length: 20_000 }, (_, i) => data(opened.call, String(i % 10))));
    await settle();
    expect(both.pipe.paused).toBe(false);
    const pieces: Uint8Array[] = [];
    for (let bytes = 0; bytes < 20_000; bytes += pieces.at(-1)!.length) {
      const segment = await opened.stream.next();
      if (segment && "data" in segment) pieces.push(segment.data);
    }
    expect(pieces.length).toBeLessThan(20);
    expect(String(Buffer.concat(pieces))).toBe("0123456789".repeat(2000));
  });

  test("counts a flood of holes for what it costs", async () => {
    const both = converse();
    const opened = await openDownload(both, {}, sparse);
    both.peer.send(...Array.from({ length: 16_000 }, () => hole(opened.call, 1n)));
    await settle();
    expect(both.pipe.paused).toBe(false);
    both.peer.send(...Array.from({ length: 1000 }, () => hole(opened.call, 1n)));
    await settle();
    expect(both.pipe.paused).toBe(true);
  });

  test("holds nobody up once it is aborted, or the connection closed", async () => {
    const both = converse();
    const opened = await openDownload(both);
    await flood(both, opened, 4.5);
    void opened.stream.abort();
    expect(both.pipe.paused).toBe(false);
    both.peer.send(confirmation(opened.call));
    await both.peer.next();
    expect(await exchange(both)).toBe("here");

    await flood(both, await openDownload(both), 4.5);
    expect(both.pipe.paused).toBe(true);
    await both.session.close();
    expect(both.pipe.paused).toBe(false);
  });
});
