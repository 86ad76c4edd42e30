import { describe, expect, test } from "vitest";
import { ErrorNumber } from "../../../../src/generated/constants.js";
import { MessageStatus, MessageType, StreamHole } from "../../../../src/protocol/generated/net.js";
import * as remote from "../../../../src/protocol/generated/remote.js";
import { encode } from "../../../../src/protocol/xdr.js";
import type { Segment } from "../../../../src/rpc/backlog.js";
import type { StreamChannel } from "../../../../src/rpc/stream.js";
import { DriverError } from "../../../../src/testing/server/driver-error.js";
import type { ServerStream } from "../../../../src/testing/server/handlers.js";
import { frame } from "../../rpc/peer.js";
import { anyHandlers, converseWith, errorIn, type Meeting, meetOpen } from "./meeting.js";

const vol = { pool: "p", name: "v", key: "k" };
const dom = { name: "web", uuid: new Uint8Array(16), id: -1 };
const sparse = remote.storageVolDownload.sparseFlag ?? 0;
const whole = (flags = 0) => ({ vol, offset: 0n, length: 0n, flags });

type Run = (stream: ServerStream) => void | Promise<void>;

const opening = (run: Run) => () => ({ reply: undefined, run });
const uploads = (run: Run) => anyHandlers().onStream(remote.storageVolUpload, opening(run));
const downloads = (run: Run) => anyHandlers().onStream(remote.storageVolDownload, opening(run));

async function collect(stream: AsyncIterable<Segment>): Promise<string> {
  let text = "";
  for await (const piece of stream) text += "data" in piece ? Buffer.from(piece.data) : `[${piece.hole}]`;
  return text;
}

async function drain(channel: StreamChannel): Promise<string> {
  let text = "";
  for (let piece = await channel.next(); piece; piece = await channel.next()) {
    text += "data" in piece ? Buffer.from(piece.data) : `[${piece.hole}]`;
  }
  return text;
}

describe("an upload", () => {
  test("reaches the handler, and is confirmed when that is done with it", async () => {
    const done: string[] = [];
    const handlers = uploads(async (stream) => {
      expect(stream.sparse).toBe(false);
      done.push(await collect(stream));
      await new Promise((resolve) => setTimeout(resolve, 10));
      done.push("stored");
    });
    const { session } = await converseWith(handlers);
    const { stream } = await session.openStream(remote.storageVolUpload, whole());
    await stream.send(Buffer.from("all "));
    await stream.send(Buffer.from("of it"));
    await stream.finish();
    expect(done).toEqual(["all of it", "stored"]);
  });

  test("has holes where the client asked for them", async () => {
    let got = "";
    const handlers = uploads(async (stream) => {
      expect(stream.sparse).toBe(true);
      got = await collect(stream);
    });
    const { session } = await converseWith(handlers);
    const { stream } = await session.openStream(remote.storageVolUpload, whole(sparse));
    await stream.send(Buffer.from("a"));
    await stream.sendHole(1n << 40n, 0);
    await stream.send(Buffer.from("b"));
    await stream.finish();
    expect(got).toBe("a[1099511627776]b");
  });

  test("fails where the handler does, and not where it has read enough", async () => {
    const full = new DriverError(ErrorNumber.OPERATION_FAILED, "no space");
    let isFull = true;
    const handlers = uploads(async (stream) => {
      for await (const _piece of stream) break;
      if (isFull) throw full;
    });
    const { session } = await converseWith(handlers);
    const first = await session.openStream(remote.storageVolUpload, whole());
    await first.stream.send(Buffer.from("x"));
    await expect(first.stream.closed).resolves.toMatchObject({
      outcome: "failed",
      error: { code: ErrorNumber.OPERATION_FAILED, message: "operation failed: no space" },
    });
    isFull = false;
    const second = await session.openStream(remote.storageVolUpload, whole());
    for (let i = 0; i < 100; i++) await second.stream.send(new Uint8Array(100_000));
    await second.stream.finish();
  });

  test("that the client aborts fails in the handler, and nowhere else", async () => {
    const outcome: unknown[] = [];
    const handlers = uploads(async (stream) => {
      stream.signal.addEventListener("abort", () => outcome.push("signal"));
      await collect(stream).catch((error: Error) => outcome.push(error.message));
    });
    const meeting = await meetOpen(handlers);
    await meeting.ask(remote.storageVolUpload, whole());
    const ids = { type: MessageType.STREAM, proc: remote.storageVolUpload.number, serial: 2 };
    meeting.client.send(frame({ ...ids, status: MessageStatus.ERROR }));
    expect((await meeting.client.next()).header).toMatchObject({ ...ids, status: MessageStatus.OK });
    await expect.poll(() => outcome).toEqual(["signal", "the client aborted the stream"]);
    expect(meeting.errors).toEqual([]);
  });

  test("ends in the handler when the client is gone", async () => {
    let outcome = "";
    const handlers = uploads(async (stream) => {
      await collect(stream).catch((error: Error) => {
        outcome = error.message;
      });
    });
    const { session } = await converseWith(handlers);
    await session.openStream(remote.storageVolUpload, whole());
    await session.close();
    await expect.poll(() => outcome).toBe("the client is gone");
  });

  test("that its handler does not read holds the client back, and not the memory", async () => {
    let read!: () => void;
    const gate = new Promise<void>((resolve) => {
      read = resolve;
    });
    let length = 0;
    const handlers = uploads(async (stream) => {
      await gate;
      for await (const piece of stream) if ("data" in piece) length += piece.data.length;
    });
    const { session } = await converseWith(handlers);
    const { stream } = await session.openStream(remote.storageVolUpload, whole());
    let sent = 0;
    const sending = (async () => {
      for (let i = 0; i < 100; i++) {
        await stream.send(new Uint8Array(100_000));
        sent += 100_000;
      }
    })();
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThan(2_000_000);
    read();
    await sending;
    await stream.finish();
    expect(length).toBe(10_000_000);
  });
});

describe("a download", () => {
  test("comes whole, however large the pieces, and ends", async () => {
    const bytes = Buffer.from("0123456789".repeat(100_000));
    const { session } = await converseWith(downloads((stream) => stream.write(bytes)));
    const { stream } = await session.openStream(remote.storageVolDownload, whole());
    expect(await drain(stream)).toBe(bytes.toString());
    await stream.finish();
    await expect(stream.closed).resolves.toEqual({ outcome: "finished" });
  });

  test("has holes where the client asked for them, and zeros where not", async () => {
    const handlers = downloads(async (stream) => {
      await stream.write(Buffer.from("a"));
      await stream.writeHole(300_000n);
      await stream.write(Buffer.from("b"));
    });
    const { session } = await converseWith(handlers);
    const holes = await session.openStream(remote.storageVolDownload, whole(sparse));
    expect(await drain(holes.stream)).toBe("a[300000]b");
    await holes.stream.finish();
    const zeros = await session.openStream(remote.storageVolDownload, whole());
    expect(await drain(zeros.stream)).toBe(`a${"\0".repeat(300_000)}b`);
    await zeros.stream.finish();
  });

  test("cannot have a hole of nothing", async () => {
    const tried: unknown[] = [];
    const handlers = downloads(async (stream) => {
      await stream.writeHole(0n).catch((error: unknown) => tried.push(error));
    });
    const { session } = await converseWith(handlers);
    const { stream } = await session.openStream(remote.storageVolDownload, whole());
    expect(await drain(stream)).toBe("");
    expect(tried).toEqual([new RangeError("a hole of 0 bytes cannot be")]);
    await stream.finish();
  });

  test("ends in the handler when the client has had enough", async () => {
    const outcomes: string[] = [];
    const handlers = downloads(async (stream) => {
      try {
        for (;;) await stream.write(new Uint8Array(100_000));
      } catch (error) {
        outcomes.push((error as Error).message);
        throw error;
      }
    });
    const { session } = await converseWith(handlers);
    const first = await session.openStream(remote.storageVolDownload, whole());
    await first.stream.next();
    await first.stream.abort();
    await expect.poll(() => outcomes).toEqual(["the client aborted the stream"]);
    const second = await session.openStream(remote.storageVolDownload, whole());
    await second.stream.next();
    await second.stream.finish();
    await expect.poll(() => outcomes).toHaveLength(2);
    expect(outcomes[1]).toBe("the client finished the stream");
  });

  test("fails where the handler does", async () => {
    const handlers = downloads(async (stream) => {
      await stream.write(Buffer.from("a"));
      throw new Error("a mistake");
    });
    const meeting = await meetOpen(handlers);
    await meeting.ask(remote.storageVolDownload, whole());
    await meeting.client.next();
    const failure = await meeting.client.next();
    expect(failure.header).toMatchObject({ type: MessageType.STREAM, serial: 2 });
    expect(errorIn(failure).message).toBe(
      "internal error: REMOTE_PROC_STORAGE_VOL_DOWNLOAD failed in the driver",
    );
    expect(meeting.errors).toEqual([new Error("a mistake")]);
  });

  test("waits for a client that is slow to take it", async () => {
    let written = 0;
    const handlers = downloads(async (stream) => {
      for (let i = 0; i < 50; i++) {
        await stream.write(new Uint8Array(100_000));
        written++;
      }
    });
    const meeting = await meetOpen(handlers);
    await meeting.ask(remote.storageVolDownload, whole());
    meeting.transport.pause();
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBeLessThan(10);
    meeting.transport.resume();
    await expect.poll(() => written).toBe(50);
  });
});

describe("a console", () => {
  test("goes both ways", async () => {
    const handlers = anyHandlers().onStream(
      remote.domainOpenConsole,
      opening(async (stream) => {
        for await (const piece of stream) if ("data" in piece) await stream.write(piece.data);
      }),
    );
    const { session } = await converseWith(handlers);
    const args = { dom, devName: null, flags: 0 };
    const { stream } = await session.openStream(remote.domainOpenConsole, args);
    for (const word of ["one", "two"]) {
      await stream.send(Buffer.from(word));
      expect(await stream.next()).toEqual({ data: Uint8Array.from(Buffer.from(word)) });
    }
    await stream.finish();
  });
});

describe("a stream", () => {
  const idle = () =>
    uploads((stream) => new Promise((resolve) => stream.signal.addEventListener("abort", () => resolve())));
  const ids = { proc: remote.storageVolUpload.number, serial: 2 };

  async function begun(meeting: Meeting<undefined>, flags = 0): Promise<void> {
    expect((await meeting.ask(remote.storageVolUpload, whole(flags))).header.status).toBe(MessageStatus.OK);
  }

  test("is not opened where the handler refuses", async () => {
    const handlers = anyHandlers().onStream(remote.storageVolUpload, () => {
      throw new DriverError(ErrorNumber.NO_STORAGE_VOL, "none");
    });
    const { session } = await converseWith(handlers);
    const opened = session.openStream(remote.storageVolUpload, whole());
    await expect(opened).rejects.toMatchObject({ code: ErrorNumber.NO_STORAGE_VOL });
  });

  test("is failed by a status that there is not", async () => {
    const meeting = await meetOpen(idle());
    await begun(meeting);
    meeting.client.send(frame({ ...ids, type: MessageType.STREAM, status: 7 }));
    expect(errorIn(await meeting.client.next())).toMatchObject({
      code: ErrorNumber.RPC,
      message: "stream aborted with unexpected status 7",
    });
  });

  test("is failed by a hole of less than nothing", async () => {
    const meeting = await meetOpen(idle());
    await begun(meeting, sparse);
    const hole = encode(StreamHole, { length: -1n, flags: 0 });
    meeting.client.send(frame({ ...ids, type: MessageType.STREAM_HOLE, status: 2 }, hole));
    expect(errorIn(await meeting.client.next()).code).toBe(ErrorNumber.INVALID_ARG);
  });

  test.each([
    ["a hole that was not agreed on", 0, encode(StreamHole, { length: 1n, flags: 0 })],
    ["a hole that is none", sparse, new Uint8Array(3)],
  ])("costs its client the connection by %s, as with libvirtd", async (_what, flags, payload) => {
    const meeting = await meetOpen(idle());
    await begun(meeting, flags);
    meeting.client.send(frame({ ...ids, type: MessageType.STREAM_HOLE, status: 2 }, payload));
    await meeting.client.closed;
    expect(meeting.client.frames).toHaveLength(2);
  });

  test("is one of only so many, and the only one for its serial", async () => {
    const meeting = await meetOpen(idle(), { maxClientStreams: 2 });
    await begun(meeting);
    const again = meeting.call(remote.storageVolUpload, whole());
    const sameSerial = Buffer.from(again);
    sameSerial.writeUInt32BE(2, 20);
    meeting.client.send(sameSerial);
    expect(errorIn(await meeting.client.next()).code).toBe(ErrorNumber.RPC);
    meeting.client.send(again);
    expect((await meeting.client.next()).header.status).toBe(MessageStatus.OK);
    const third = await meeting.ask(remote.storageVolUpload, whole());
    expect(errorIn(third).code).toBe(ErrorNumber.RPC);
    meeting.client.send(frame({ ...ids, type: MessageType.STREAM, status: MessageStatus.ERROR }));
    expect((await meeting.client.next()).header.status).toBe(MessageStatus.OK);
    await begun(meeting);
  });
});
