import { Readable, Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { LibvirtDuplex, LibvirtReadable, LibvirtWritable } from "../../../src/api/node-streams.js";
import { Stream, type StreamUseOptions } from "../../../src/api/stream.js";
import { TimeoutError } from "../../../src/errors.js";
import { MessageStatus, MessageType } from "../../../src/protocol/generated/net.js";
import type { Segment } from "../../../src/rpc/backlog.js";
import { maxPacketBytes } from "../../../src/rpc/stream.js";
import { type Conversation, converse, exchange } from "../rpc/conversation.js";
import { collectGarbage } from "../rpc/garbage.js";
import {
  bytesOf,
  confirmation,
  data,
  end,
  failure,
  hole,
  openDownload,
  openUpload,
  sparse,
} from "../rpc/packets.js";
import type { Frame } from "../rpc/peer.js";
import { settle } from "../transport/recorder.js";

const textOf = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes);

async function download(both: Conversation, options: StreamUseOptions = {}, flags = 0) {
  const { stream, call } = await openDownload(both, { finishAtEnd: true }, flags);
  return { stream: new Stream(stream, options), call };
}

async function upload(both: Conversation, options: StreamUseOptions = {}, flags = 0) {
  const { stream, call } = await openUpload(both, flags);
  return { stream: new Stream(stream, options), call };
}

async function console(both: Conversation) {
  const { stream, call } = await openDownload(both);
  return { duplex: new LibvirtDuplex(new Stream(stream)), call };
}

/** The statuses of the stream packets that came, in order. */
const statuses = ({ peer }: Conversation) =>
  peer.frames.filter(({ header }) => header.type === MessageType.STREAM).map(({ header }) => header.status);

const { OK, ERROR, CONTINUE } = MessageStatus;

describe("a stream as in C", () => {
  test("receives no more than it is asked for, and nothing at the end", async () => {
    const both = converse();
    const { stream, call } = await download(both);
    both.peer.send(data(call, "hello"), data(call, "world"), end(call), confirmation(call));
    expect(textOf(await stream.recv(3))).toBe("hel");
    expect(textOf(await stream.recv(100))).toBe("lo");
    expect(textOf(await stream.recv())).toBe("world");
    expect(await stream.recv()).toHaveLength(0);
    expect(await stream.recv()).toHaveLength(0);
    await stream.finish();
    expect(stream.bytesTransferred).toBe(10n);
  });

  test("receives in the order of the calls", async () => {
    const both = converse();
    const { stream, call } = await download(both);
    const reads = Promise.all([stream.recv(1), stream.recv(1), stream.recv(1)]);
    both.peer.send(data(call, "a"), data(call, "bc"));
    expect((await reads).map(textOf)).toEqual(["a", "b", "c"]);
  });

  test("reads holes as zeros", async () => {
    const both = converse();
    const { stream, call } = await download(both, {}, sparse);
    both.peer.send(hole(call, 5n), data(call, "x"), hole(call, 3n * 2n ** 40n));
    expect(await stream.recv(3)).toEqual(new Uint8Array(3));
    expect(await stream.recv(3)).toEqual(new Uint8Array(2));
    expect(textOf(await stream.recv())).toBe("x");
    // More than can be had at a time.
    expect((await stream.recv(2 ** 40)).length).toBe(2 ** 20);
    expect(stream.bytesTransferred).toBe(6n + 2n ** 20n);
  });

  test("stops at holes where that is asked for, and tells how long they are", async () => {
    const both = converse();
    const { stream, call } = await download(both, {}, sparse);
    const largest = 0x7fffffffffffffffn;
    both.peer.send(data(call, "x"), hole(call, largest), hole(call, 7n), data(call, "y"));
    expect(await stream.recvHole()).toBe(0n);
    expect(textOf(await stream.recvFlags(10, 1))).toBe("x");
    expect(await stream.recvHole()).toBe(0n);
    expect(await stream.recvFlags(10, 1)).toBeNull();
    expect(await stream.recvFlags(10, 1)).toBeNull();
    expect(await stream.recvHole()).toBe(largest);
    expect(await stream.recvFlags(10, 1)).toBeNull();
    // Part of it read as zeros.
    expect(await stream.recv(3)).toEqual(new Uint8Array(3));
    expect(await stream.recvHole()).toBe(4n);
    expect(textOf(await stream.recvFlags(10, 1))).toBe("y");
  });

  test("gives segments, and finishes behind them", async () => {
    const both = converse();
    const { stream, call } = await download(both, {}, sparse);
    both.peer.send(data(call, "abc"), hole(call, 9n), end(call), confirmation(call));
    expect(textOf(await stream.recv(1))).toBe("a");
    const segments: Segment[] = [];
    for await (const segment of stream.segments()) segments.push(segment);
    expect(segments).toEqual([{ data: bytesOf("bc") }, { hole: 9n }]);
    expect(await stream.closed).toEqual({ outcome: "finished" });
    expect(stream.bytesTransferred).toBe(12n);
  });

  test("is aborted when the loop over its segments is left, whether or not the daemon answers", async () => {
    const both = converse();
    const { stream, call } = await download(both);
    both.peer.send(data(call, "a"), data(call, "b"));
    for await (const _ of stream.segments()) break;
    expect(await stream.closed).toMatchObject({ outcome: "aborted" });
    await settle();
    expect(statuses(both)).toEqual([ERROR]);
  });

  test("sends in the order of the calls, and finishes behind that", async () => {
    const both = converse();
    const { stream, call } = await upload(both, {}, sparse);
    const sent = Promise.all([
      stream.send(Buffer.alloc(maxPacketBytes + 1, "a")),
      stream.sendHole(5n),
      stream.send(bytesOf("b")),
      stream.finish(),
    ]);
    await settle();
    both.peer.send(confirmation(call));
    await sent;
    const { frames } = both.peer;
    expect(
      frames.slice(1).map(({ header, payload }) => [header.type, header.status, payload.length]),
    ).toEqual([
      [MessageType.STREAM, CONTINUE, maxPacketBytes],
      [MessageType.STREAM, CONTINUE, 1],
      [MessageType.STREAM_HOLE, CONTINUE, 12],
      [MessageType.STREAM, CONTINUE, 1],
      [MessageType.STREAM, OK, 0],
    ]);
    expect(stream.bytesTransferred).toBe(BigInt(maxPacketBytes) + 7n);
  });

  test("refuses what cannot be, and sends nothing", async () => {
    const both = converse();
    const { stream } = await upload(both);
    const bad: unknown = "text";
    await expect(stream.send(bad as Uint8Array)).rejects.toThrow(TypeError);
    await expect(stream.sendHole(5n)).rejects.toThrow(/without SPARSE_STREAM/);
    await expect(stream.recvHole()).rejects.toThrow(TypeError);
    for (const nbytes of [0, -1, 1.5, Number.NaN]) {
      await expect(stream.recv(nbytes)).rejects.toThrow(RangeError);
    }
    await expect(stream.recvFlags(1, 2)).rejects.toThrow(RangeError);
    const holey = (await upload(both, {}, sparse)).stream;
    for (const length of [0n, -1n]) await expect(holey.sendHole(length)).rejects.toThrow(RangeError);
    await expect(holey.sendHole(2n ** 63n)).rejects.toThrow(RangeError);
    await expect(holey.recvHole(1)).rejects.toThrow(RangeError);
    await expect(holey.sendHole(bad as bigint)).rejects.toThrow(TypeError);
    await settle();
    expect(both.peer.frames).toHaveLength(2);
  });

  test("tells of its progress", async () => {
    const both = converse();
    const progress: bigint[] = [];
    const options = { onProgress: (bytes: bigint) => progress.push(bytes) };
    const { stream } = await upload(both, options, sparse);
    await stream.send(Buffer.alloc(2 * maxPacketBytes));
    await stream.sendHole(2n ** 40n);
    expect(progress).toEqual([262_120n, 524_240n, 524_240n + 2n ** 40n]);
  });

  test("is aborted by an error in the caller's own function", async () => {
    const both = converse();
    const mistake = new Error("a mistake of the caller's");
    const onProgress = () => {
      throw mistake;
    };
    const { stream, call } = await download(both, { onProgress });
    both.peer.send(data(call, "x"));
    await expect(stream.recv()).rejects.toBe(mistake);
    expect(await stream.closed).toEqual({ outcome: "aborted", error: mistake });
  });

  test("is aborted by its signal, before or after it was opened", async () => {
    const both = converse();
    const reason = new Error("enough");
    const early = await download(both, { signal: AbortSignal.abort(reason) });
    await expect(early.stream.recv()).rejects.toBe(reason);
    await both.peer.next();
    const controller = new AbortController();
    const late = await download(both, { signal: controller.signal });
    const read = late.stream.recv();
    controller.abort(reason);
    await expect(read).rejects.toBe(reason);
    await settle();
    expect(statuses(both)).toEqual([ERROR, ERROR]);
  });

  test.each<[string, (stream: Stream) => Promise<unknown>, number[]]>([
    ["to receive", (stream) => stream.recv(), [ERROR]],
    ["for all of it", (stream) => stream.segments().next(), [ERROR]],
    ["for it to finish", (stream) => stream.finish(), [OK]],
  ])("is aborted when somebody waits %s for too long", async (_, wait, sent) => {
    const both = converse();
    const { stream } = await download(both, { idleTimeoutMs: 20 });
    await expect(wait(stream)).rejects.toThrow(TimeoutError);
    await expect(stream.closed).resolves.toMatchObject({
      outcome: "aborted",
      error: expect.any(TimeoutError),
    });
    await settle();
    expect(statuses(both)).toEqual(sent);
  });

  test("is received into memory of the caller's, until that is full, or a hole or the end comes", async () => {
    const both = converse();
    const { stream, call } = await download(both, {}, sparse);
    const target = Buffer.alloc(4);
    const receive = async () => target.toString("latin1", 0, await stream.recvInto(target));
    both.peer.send(data(call, "abc"));
    await settle();
    const first = receive();
    await settle();
    both.peer.send(data(call, "defg"), data(call, "hij"), hole(call, 5n));
    expect([await first, await receive(), await receive(), await receive()]).toEqual([
      "abcd",
      "efgh",
      "ij",
      "",
    ]);
    expect(await stream.recvHole()).toBe(5n);
    const last = receive();
    await settle();
    both.peer.send(data(call, "k"), end(call), confirmation(call));
    expect([await last, await receive()]).toEqual(["k", ""]);
    expect(stream.bytesTransferred).toBe(16n);
    await stream.finish();
  });

  test("gives the caller's memory what came before a failure, and then the failure", async () => {
    const both = converse();
    const { stream, call } = await download(both);
    const receiving = stream.recvInto(Buffer.alloc(10));
    await settle();
    both.peer.send(data(call, "abc"), failure(call, "no more"));
    expect(await receiving).toBe(3);
    await expect(stream.recvInto(Buffer.alloc(10))).rejects.toThrow("no more");
    await expect(stream.recvInto(Buffer.alloc(0))).rejects.toThrow(RangeError);
    await expect(stream.recvInto("memory" as unknown as Uint8Array)).rejects.toThrow(TypeError);
  });

  test("may be idle for as long as nobody waits for it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const both = converse();
    const { stream, call } = await download(both, { idleTimeoutMs: 1000 });
    for (const text of ["one", "two", "three"]) {
      const receiving = stream.recv();
      await settle();
      vi.advanceTimersByTime(900);
      both.peer.send(data(call, text));
      expect(textOf(await receiving)).toBe(text);
      vi.advanceTimersByTime(5000);
    }
    expect(vi.getTimerCount()).toBe(0);
    both.peer.send(end(call), confirmation(call));
    expect(await stream.recv()).toHaveLength(0);
    await stream.finish();
  });

  test("goes on as long as one side of it does", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const both = converse();
    const { stream, call } = await download(both, { idleTimeoutMs: 1000 });
    const receiving = stream.recv();
    for (let key = 0; key < 3; key++) {
      await settle();
      vi.advanceTimersByTime(900);
      await stream.send(Buffer.from("k"));
    }
    both.peer.send(data(call, "echo"));
    expect(textOf(await receiving)).toBe("echo");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("refuses what is no time to wait", () => {
    const channel = {} as ConstructorParameters<typeof Stream>[0];
    expect(() => new Stream(channel, { idleTimeoutMs: -1 })).toThrow(RangeError);
    expect(() => new Stream(channel, { idleTimeoutMs: "1" as unknown as number })).toThrow(TypeError);
  });

  test("leaves nothing on a signal that outlives it", async () => {
    const both = converse();
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners.add(args[1]);
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners.delete(args[1]);
      removeEventListener.apply(signal, args);
    };
    const { stream, call } = await download(both, { signal });
    expect(listeners.size).toBe(1);
    both.peer.send(end(call), confirmation(call));
    await stream.finish();
    await settle();
    expect(listeners.size).toBe(0);
  });

  test("is aborted at the end of its block, unless it has been finished", async () => {
    const both = converse();
    const { stream, call } = await download(both);
    {
      await using _ = stream;
      both.peer.send(data(call, "x"), end(call), confirmation(call));
      await stream.recv();
      await stream.finish();
    }
    expect(statuses(both)).toEqual([OK]);
    await both.peer.next();
    const dropped = await download(both);
    {
      await using _ = dropped.stream;
      both.peer.send(confirmation(dropped.call));
    }
    expect(statuses(both)).toEqual([OK, ERROR]);
  });

  test("is aborted when nobody holds it any more", async () => {
    const both = converse();
    const opened: Frame[] = [];
    // A function of its own, so that nothing here holds what it makes.
    const forget = async () => {
      const readable = new LibvirtReadable((await download(both)).stream);
      opened.push(both.peer.frames.at(-1)!);
      both.peer.send(data(opened[0]!, Buffer.alloc(200_000)));
      readable.read();
      await settle();
      const duplex = (await console(both)).duplex;
      duplex.on("error", () => {});
    };
    await forget();
    while (statuses(both).length < 2) {
      collectGarbage();
      await settle();
    }
    expect(statuses(both)).toEqual([ERROR, ERROR]);
  });
});

describe("a download as a Node stream", () => {
  async function readable(both: Conversation, options: StreamUseOptions = {}, flags = 0) {
    const { stream, call } = await download(both, options, flags);
    return { node: new LibvirtReadable(stream), call };
  }

  test("gives the bytes, zeros for holes, and ends when the daemon has confirmed", async () => {
    const both = converse();
    const { node, call } = await readable(both, {}, sparse);
    const chunks: Buffer[] = [];
    node.on("data", (chunk) => chunks.push(chunk));
    both.peer.send(data(call, "ab"), hole(call, 2_000_000n), data(call, "c"), end(call));
    await settle();
    expect(Buffer.concat(chunks).length).toBe(2_000_003);
    expect(node.readableEnded).toBe(false);
    both.peer.send(confirmation(call));
    await finished(node);
    const all = Buffer.concat(chunks);
    expect(all.equals(Buffer.concat([Buffer.from("ab"), Buffer.alloc(2_000_000), Buffer.from("c")]))).toBe(
      true,
    );
    expect(node.bytesTransferred).toBe(2_000_003n);
    expect(statuses(both)).toEqual([OK]);
  });

  test("fails behind what came before", async () => {
    const both = converse();
    const { node, call } = await readable(both);
    both.peer.send(data(call, "good"), failure(call, "cannot read"));
    const chunks: Buffer[] = [];
    await expect(
      pipeline(node, async (source) => {
        for await (const chunk of source) chunks.push(chunk);
      }),
    ).rejects.toMatchObject({ name: "LibvirtError", message: "cannot read" });
    expect(Buffer.concat(chunks).toString()).toBe("good");
  });

  test("fails when the daemon does not confirm the end", async () => {
    const both = converse();
    const { node, call } = await readable(both);
    both.peer.send(data(call, "all?"), end(call), failure(call, "or not"));
    await expect(node.toArray()).rejects.toThrow("or not");
  });

  test("aborts when it is left", async () => {
    const both = converse();
    const { node, call } = await readable(both);
    both.peer.send(data(call, "a"), data(call, "b"));
    for await (const _ of node) break;
    expect(node.destroyed).toBe(true);
    await settle();
    expect(statuses(both)).toEqual([ERROR]);
    both.peer.send(confirmation(call));
    await both.peer.next();
    expect(await exchange(both)).toBe("here");
  });

  test("aborts when it is destroyed, and says so without waiting for the daemon", async () => {
    const both = converse();
    const { node } = await readable(both);
    const reason = new Error("enough");
    node.destroy(reason);
    await expect(finished(node)).rejects.toBe(reason);
    expect(await node.stream.closed).toEqual({ outcome: "aborted", error: reason });
  });

  test("ends with its signal's reason, even while nothing is read", async () => {
    const both = converse();
    const controller = new AbortController();
    const { node } = await readable(both, { signal: controller.signal });
    const over = finished(node);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(over).rejects.toBe(reason);
  });

  test("makes no noise when only the stream below is used", async () => {
    const both = converse();
    const { node, call } = await readable(both);
    both.peer.send(data(call, "x"));
    expect(textOf(await node.stream.recv())).toBe("x");
    both.peer.destroy();
    await expect(node.stream.recv()).rejects.toThrow("closed the connection");
    await settle();
    expect(node.destroyed).toBe(false);
  });

  test("leaves errors of its listeners to the process", async () => {
    const both = converse();
    const { node, call } = await readable(both);
    const mistake = new Error("a mistake in a listener");
    const uncaught = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
    node.on("data", () => {
      throw mistake;
    });
    both.peer.send(data(call, "x"));
    expect(await uncaught).toBe(mistake);
    process.setUncaughtExceptionCaptureCallback(null);
    node.destroy();
  });

  test("becomes a web stream, which aborts when it is cancelled", async () => {
    const both = converse();
    const { node, call } = await readable(both);
    const web = Readable.toWeb(node);
    const reader = web.getReader();
    both.peer.send(data(call, "web"));
    const { value } = await reader.read();
    expect(textOf(value)).toBe("web");
    await reader.cancel();
    await settle();
    expect(statuses(both)).toEqual([ERROR]);
  });
});

describe("an upload as a Node stream", () => {
  async function writable(both: Conversation, options: StreamUseOptions = {}) {
    const { stream, call } = await upload(both, options);
    return { node: new LibvirtWritable(stream), call };
  }

  test("finishes when the daemon has confirmed", async () => {
    const both = converse();
    const { node, call } = await writable(both);
    const done = pipeline(Readable.from([Buffer.from("ab"), "čd"]), node);
    await settle();
    expect(node.writableFinished).toBe(false);
    both.peer.send(confirmation(call));
    await done;
    const sent = both.peer.frames.slice(1).map(({ payload }) => textOf(payload));
    expect(sent).toEqual(["ab", "čd", ""]);
    expect(statuses(both)).toEqual([CONTINUE, CONTINUE, OK]);
    expect(node.bytesTransferred).toBe(5n);
  });

  test("rejects a pipeline with an error that comes last", async () => {
    const both = converse();
    const { node, call } = await writable(both);
    const done = pipeline(Readable.from([Buffer.from("all")]), node);
    await settle();
    both.peer.send(failure(call, "disk full"));
    await expect(done).rejects.toThrow("disk full");
  });

  test("rejects a pipeline whose source is still at it", async () => {
    const both = converse();
    const { node, call } = await writable(both);
    const source = new Readable({ read() {} });
    source.push("some");
    const done = pipeline(source, node);
    await settle();
    both.peer.send(failure(call, "disk full"));
    await expect(done).rejects.toThrow("disk full");
    expect(source.destroyed).toBe(true);
  });

  test("aborts when its source fails", async () => {
    const both = converse();
    const { node } = await writable(both);
    const broken = new Error("cannot read the file");
    const source = Readable.from(
      (async function* () {
        yield Buffer.from("some");
        throw broken;
      })(),
    );
    await expect(pipeline(source, node)).rejects.toBe(broken);
    await settle();
    expect(statuses(both).at(-1)).toBe(ERROR);
  });

  test("joins what waits into the largest packets that there may be", async () => {
    const both = converse();
    const { node, call } = await writable(both);
    const chunks = Array.from({ length: 8 }, (_, i) => Buffer.alloc(50_000 + i, `chunk ${i}`));
    for (const chunk of chunks) node.write(chunk);
    node.end();
    await settle();
    const sent = both.peer.frames.slice(1).map(({ payload }) => payload);
    expect(Buffer.concat(sent)).toEqual(Buffer.concat(chunks));
    const rest = 7 * 50_000 + 28 - maxPacketBytes;
    expect(sent.map(({ length }) => length)).toEqual([50_000, maxPacketBytes, rest, 0]);
    both.peer.send(confirmation(call));
    await finished(node);
  });

  test("waits for the pipe", async () => {
    const both = converse();
    const { node, call } = await writable(both);
    both.theirs.pause();
    const chunk = Buffer.alloc(50_000);
    let taken = 0;
    while (node.write(chunk, () => taken++)) await settle();
    await settle();
    expect(node.writableNeedDrain).toBe(true);
    const before = taken;
    both.theirs.resume();
    await new Promise((resolve) => node.once("drain", resolve));
    expect(taken).toBeGreaterThan(before);
    node.end();
    await settle();
    both.peer.send(confirmation(call));
    await finished(node);
  });

  test("becomes a web stream", async () => {
    const both = converse();
    const { node, call } = await writable(both);
    const writer = Writable.toWeb(node).getWriter();
    await writer.write(bytesOf("web"));
    const closed = writer.close();
    await settle();
    both.peer.send(confirmation(call));
    await closed;
    expect(statuses(both)).toEqual([CONTINUE, OK]);
  });
});

describe("a console as a Node stream", () => {
  test("reads and writes, whichever comes", async () => {
    const both = converse();
    const { duplex, call } = await console(both);
    duplex.setEncoding("utf8");
    both.peer.send(data(call, "login: "));
    const [prompt] = await new Promise<[string]>((resolve) =>
      duplex.once("data", (...args) => resolve(args as [string])),
    );
    expect(prompt).toBe("login: ");
    duplex.write("root\n");
    expect(textOf((await both.peer.next()).payload)).toBe("root\n");
    await settle();
    expect(duplex.bytesTransferred).toBe(12n);
    duplex.destroy();
  });

  test("ends on both sides when this side ends it", async () => {
    const both = converse();
    const { duplex, call } = await console(both);
    duplex.resume();
    duplex.end("bye");
    await settle();
    expect(statuses(both)).toEqual([CONTINUE, OK]);
    both.peer.send(data(call, "late"), confirmation(call));
    await finished(duplex);
    expect(duplex.readableEnded).toBe(true);
    expect(duplex.destroyed).toBe(true);
  });

  test("ends on both sides when the guest ends it", async () => {
    const both = converse();
    const { duplex, call } = await console(both);
    const chunks: Buffer[] = [];
    duplex.on("data", (chunk) => chunks.push(chunk));
    both.peer.send(data(call, "last words"), end(call));
    await settle();
    expect(statuses(both)).toEqual([OK]);
    both.peer.send(confirmation(call));
    await finished(duplex);
    expect(Buffer.concat(chunks).toString()).toBe("last words");
    expect(duplex.writableFinished).toBe(true);
  });

  test("fails on both sides with the connection", async () => {
    const both = converse();
    const { duplex } = await console(both);
    const over = finished(duplex);
    duplex.resume();
    both.peer.destroy();
    await expect(over).rejects.toThrow("closed the connection");
    expect(duplex.destroyed).toBe(true);
  });

  test("aborts when it is destroyed", async () => {
    const both = converse();
    const { duplex } = await console(both);
    duplex.resume();
    await settle();
    duplex.destroy();
    await settle();
    expect(statuses(both)).toEqual([ERROR]);
    expect(duplex.closed).toBe(true);
  });
});
