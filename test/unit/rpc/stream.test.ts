import { describe, expect, test } from "vitest";
import { ConnectionError, LibvirtError, ProtocolError, TimeoutError } from "../../../src/errors.js";
import { MessageStatus, MessageType, StreamHole } from "../../../src/protocol/generated/net.js";
import {
  connectGetHostname,
  domainScreenshot,
  storageVolDownload,
  storageVolUpload,
} from "../../../src/protocol/generated/remote.js";
import { decode } from "../../../src/protocol/xdr.js";
import { maxPacketBytes } from "../../../src/rpc/stream.js";
import { settle } from "../transport/recorder.js";
import { type Conversation, converse, exchange } from "./conversation.js";
import {
  bytesOf,
  confirmation,
  data,
  end,
  failure,
  hole,
  openDownload,
  openUpload,
  rest,
  sparse,
  volume,
} from "./packets.js";
import { errorTo, type Frame, frame, joined, replyTo } from "./peer.js";

const { STREAM, STREAM_HOLE, REPLY } = MessageType;
const { OK, ERROR, CONTINUE } = MessageStatus;

/** What a packet says, bytes as text. */
function said({ header, payload }: Frame): [type: number, status: number, text: string] {
  return [header.type, header.status, new TextDecoder().decode(payload)];
}

const finish = [STREAM, OK, ""];
const abort = [STREAM, ERROR, ""];

/** Whether a promise is pending still, when all that is under way has come to rest. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  const settled = promise.then(
    () => {},
    () => {},
  );
  await settle();
  return (await Promise.race([settled, pending])) === pending;
}

/** Sees to it that nothing is left on the way, and that calls work. */
async function stillWorks(both: Conversation): Promise<void> {
  expect(await exchange(both)).toBe("here");
}

describe("opening a stream", () => {
  test("misses nothing that comes in one piece with the reply", async () => {
    const { session, peer } = converse();
    const opening = session.openStream(storageVolDownload, volume);
    const call = await peer.next();
    peer.send(
      replyTo(call, storageVolDownload, undefined),
      data(call, "first"),
      data(call, "second"),
      end(call),
    );
    const { stream } = await opening;
    expect(await rest(stream)).toEqual(["first", "second"]);
  });

  test("misses nothing that comes before the reply, which another thread of the daemon's may send", async () => {
    const { session, peer } = converse();
    const opening = session.openStream(storageVolDownload, volume);
    const call = await peer.next();
    peer.send(data(call, "first"));
    await settle();
    peer.send(data(call, "second"), end(call));
    peer.send(replyTo(call, storageVolDownload, undefined));
    expect(await rest((await opening).stream)).toEqual(["first", "second"]);
  });

  test("waits its turn like any call, and is not begun when it is given up before", async () => {
    const both = converse({ maxInFlight: 1 });
    const { session, peer } = both;
    const busy = session.call(connectGetHostname, undefined);
    const controller = new AbortController();
    const opening = session.openStream(storageVolDownload, volume, { signal: controller.signal });
    controller.abort();
    await expect(opening).rejects.toThrow();
    peer.send(replyTo(await peer.next(), connectGetHostname, { hostname: "here" }));
    await busy;
    await stillWorks(both);
    expect(peer.frames).toHaveLength(2);
  });

  test("gives the call's result", async () => {
    const { session, peer } = converse();
    const dom = { name: "guest", uuid: new Uint8Array(16), id: 1 };
    const opening = session.openStream(domainScreenshot, { dom, screen: 0, flags: 0 });
    peer.send(replyTo(await peer.next(), domainScreenshot, { mime: "image/png" }));
    expect((await opening).result).toEqual({ mime: "image/png" });
  });

  test("rejects with the daemon's error, and nothing is open", async () => {
    const both = converse();
    const { session, peer } = both;
    const opening = session.openStream(storageVolDownload, volume);
    const call = await peer.next();
    peer.send(errorTo(call, { code: 50, domain: 18, message: "no such volume" }), data(call, "stray"));
    await expect(opening).rejects.toMatchObject({ code: 50, procedure: "REMOTE_PROC_STORAGE_VOL_DOWNLOAD" });
    await stillWorks(both);
  });

  test("aborts a stream that is opened after its caller has gone", async () => {
    const both = converse();
    const { session, peer } = both;
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const opening = session.openStream(storageVolDownload, volume, { signal: controller.signal });
    const call = await peer.next();
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    peer.send(replyTo(call, storageVolDownload, undefined), data(call, "unwanted"));
    const packet = await peer.next();
    expect(said(packet)).toEqual(abort);
    expect(packet.header).toMatchObject({ proc: call.header.proc, serial: call.header.serial });
    peer.send(data(call, "unwanted"), confirmation(call));
    await stillWorks(both);
  });

  test("leaves a stream that was refused too late for its caller alone", async () => {
    const both = converse();
    const { session, peer } = both;
    const opening = session.openStream(storageVolUpload, volume, { timeoutMs: 0 });
    await expect(opening).rejects.toBeInstanceOf(TimeoutError);
    peer.send(errorTo(await peer.next(), { code: 50 }));
    await stillWorks(both);
  });

  test("aborts a stream whose result cannot be understood", async () => {
    const both = converse();
    const { session, peer } = both;
    const dom = { name: "guest", uuid: new Uint8Array(16), id: 1 };
    const opening = session.openStream(domainScreenshot, { dom, screen: 0, flags: 0 });
    const call = await peer.next();
    peer.send(frame({ ...call.header, type: REPLY }, bytesOf("garbage!")));
    await expect(opening).rejects.toBeInstanceOf(ProtocolError);
    expect(said(await peer.next())).toEqual(abort);
    peer.send(confirmation(call));
    await stillWorks(both);
  });

  test("is not what a mere call does", async () => {
    const { session, peer } = converse();
    await expect(session.call(storageVolDownload, volume)).rejects.toThrow(TypeError);
    await settle();
    expect(peer.frames).toEqual([]);
  });

  test("rejects when the connection is over", async () => {
    const { session } = converse();
    await session.close();
    await expect(session.openStream(storageVolDownload, volume)).rejects.toThrow("closed by this program");
  });
});

describe("receiving", () => {
  test("gives what comes, and the end; the finish waits for the daemon", async () => {
    const both = converse();
    const { peer } = both;
    const { stream, call } = await openDownload(both);
    const first = stream.next();
    peer.send(data(call, "a"));
    expect(await first).toEqual({ data: bytesOf("a") });
    const last = stream.next();
    peer.send(data(call, "bc"), end(call));
    expect(await last).toEqual({ data: bytesOf("bc") });
    expect(await stream.next()).toBeUndefined();
    expect(await stream.next()).toBeUndefined();

    const finished = stream.finish();
    const packet = await peer.next();
    expect(said(packet)).toEqual(finish);
    expect(packet.header).toMatchObject({ prog: call.header.prog, vers: 1, serial: call.header.serial });
    expect(await isPending(finished)).toBe(true);
    peer.send(confirmation(call));
    await finished;
    expect(await stream.closed).toEqual({ outcome: "finished" });
    expect(await stream.next()).toBeUndefined();
    await stillWorks(both);
  });

  test("finishes by itself at the end, where that is asked for", async () => {
    const both = converse();
    const { stream, call } = await openDownload(both, { finishAtEnd: true });
    both.peer.send(data(call, "all"), end(call));
    expect(said(await both.peer.next())).toEqual(finish);
    both.peer.send(confirmation(call));
    await stream.closed;
    // It can be read still, and its end waited for.
    expect(await rest(stream)).toEqual(["all"]);
    await stream.finish();
    await stream.finish();
    await stillWorks(both);
  });

  test("takes packets cut anywhere", async () => {
    const both = converse();
    const { stream, call } = await openDownload(both, {}, sparse);
    const all = joined(data(call, "0123456789"), hole(call, 7n), data(call, "x"), end(call));
    const head = 0;
    for (let cut = head; cut <= all.length; cut++) {
      if (cut > 0) both.peer.send(all.subarray(cut - 1, cut));
      await settle();
    }
    const pieces = await rest(stream);
    const text = pieces.filter((piece) => typeof piece === "string").join("");
    expect(text).toBe("0123456789x");
    expect(pieces.indexOf(7n)).toBe(pieces.length - 2);
  });

  test.each([1, 27, 28, 29, 30, 37, 38, 39])("takes packets of which %i bytes come first", async (cut) => {
    const both = converse();
    const { stream, call } = await openDownload(both);
    const all = joined(data(call, "0123456789"), data(call, "abc"), end(call));
    both.peer.send(all.subarray(0, cut));
    both.peer.send(all.subarray(cut));
    expect((await rest(stream)).join("|").replaceAll("|", "")).toBe("0123456789abc");
    await stillWorks(both);
  });

  test("gives holes in their places", async () => {
    const both = converse();
    const { stream, call } = await openDownload(both, {}, sparse);
    const largest = 0x7fffffffffffffffn;
    both.peer.send(hole(call, 5n), data(call, "a"), hole(call, largest), hole(call, 1n), end(call));
    expect(await rest(stream)).toEqual([5n, "a", largest, 1n]);
  });

  test.each([
    ["a hole in a stream without holes", (call: Frame) => hole(call, 5n), 0],
    ["a hole of no length", (call: Frame) => hole(call, 0n), sparse],
    ["a hole of negative length", (call: Frame) => hole(call, -1n), sparse],
    ["a hole with flags", (call: Frame) => hole(call, 5n, 1), sparse],
    [
      "half a hole",
      (call: Frame) => frame({ ...call.header, type: STREAM_HOLE, status: CONTINUE }, new Uint8Array(4)),
      sparse,
    ],
    ["the confirmation of nothing", confirmation, 0],
    [
      "a packet that is neither data nor an end nor an error",
      (call: Frame) => frame({ ...call.header, type: STREAM, status: 3 }, bytesOf("x")),
      0,
    ],
  ])("aborts a stream that has %s", async (_, packet, flags) => {
    const both = converse();
    const { stream, call } = await openDownload(both, {}, flags);
    both.peer.send(data(call, "good"), packet(call), data(call, "bad"));
    expect(await stream.next()).toEqual({ data: bytesOf("good") });
    await expect(stream.next()).rejects.toBeInstanceOf(ProtocolError);
    expect(await stream.closed).toMatchObject({ outcome: "failed", error: expect.any(ProtocolError) });
    expect(said(await both.peer.next())).toEqual(abort);
    both.peer.send(confirmation(call));
    await stillWorks(both);
  });

  test.each([STREAM, REPLY] as const)(
    "gives what came before an error of type %i, and then that",
    async (type) => {
      const both = converse();
      const { stream, call } = await openDownload(both);
      both.peer.send(data(call, "good"), failure(call, "cannot read", type), data(call, "late"));
      expect(await stream.next()).toEqual({ data: bytesOf("good") });
      const expected = { message: "cannot read", code: 38, procedure: "REMOTE_PROC_STORAGE_VOL_DOWNLOAD" };
      await expect(stream.next()).rejects.toMatchObject(expected);
      await expect(stream.next()).rejects.toBeInstanceOf(LibvirtError);
      await expect(stream.send(bytesOf("x"))).rejects.toMatchObject(expected);
      await expect(stream.finish()).rejects.toMatchObject(expected);
      // The daemon has let go of it already: there is nothing to say.
      await stream.abort();
      await stillWorks(both);
      expect(both.peer.frames).toHaveLength(2);
    },
  );

  test("gives an error that comes instead of anything", async () => {
    const both = converse();
    const { stream, call } = await openDownload(both);
    const next = stream.next();
    both.peer.send(failure(call, "no luck"));
    await expect(next).rejects.toThrow("no luck");
  });

  test("fails with what cannot be understood of an error", async () => {
    const both = converse();
    const { stream, call } = await openDownload(both);
    both.peer.send(frame({ ...call.header, type: STREAM, status: ERROR }, bytesOf("oops")));
    await expect(stream.next()).rejects.toBeInstanceOf(ProtocolError);
    await stillWorks(both);
  });

  test("drops what is for no stream, or for another", async () => {
    const both = converse();
    const { stream, call } = await openDownload(both);
    const { header } = call;
    const packet = { ...header, type: STREAM, status: CONTINUE };
    both.peer.send(
      frame({ ...packet, serial: header.serial + 1 }, bytesOf("a")),
      frame({ ...packet, proc: header.proc + 1 }, bytesOf("b")),
      frame({ ...packet, prog: 0x20008087 }, bytesOf("c")),
      data(call, "d"),
      end(call),
    );
    expect(await rest(stream)).toEqual(["d"]);
  });

  test("keeps no more memory than the bytes need", async () => {
    const both = converse();
    const { stream, call } = await openDownload(both);
    const filler = frame({ prog: 0x6b656570, proc: 2, type: MessageType.MESSAGE, serial: 0 });
    both.peer.send(data(call, "tiny"), ...Array.from({ length: 100 }, () => filler));
    const segment = await stream.next();
    expect(segment && "data" in segment && segment.data.buffer.byteLength).toBe(4);
  });

  test("keeps the process running while somebody waits for it, and only then", async () => {
    const both = converse();
    const { stream, call } = await openDownload(both);
    expect(both.pipe.keepsRunning).toBe(false);
    const next = stream.next();
    expect(both.pipe.keepsRunning).toBe(true);
    both.peer.send(data(call, "x"));
    await next;
    expect(both.pipe.keepsRunning).toBe(false);
  });
});

describe("sending", () => {
  test("sends packets under the call's serial, no larger than old daemons take", async () => {
    const both = converse();
    const { stream, call } = await openUpload(both);
    const bytes = Buffer.alloc(2 * maxPacketBytes + 1, "0123456789abcdefg");
    const sent = stream.send(bytes);
    const packets = [await both.peer.next(), await both.peer.next(), await both.peer.next()];
    await sent;
    expect(packets.map(({ payload }) => payload.length)).toEqual([262_120, 262_120, 1]);
    expect(Buffer.concat(packets.map(({ payload }) => payload)).equals(bytes)).toBe(true);
    for (const { header } of packets) {
      expect(header).toEqual({ ...call.header, type: STREAM, status: CONTINUE });
    }
  });

  test("has its own copy of what it sends", async () => {
    const both = converse();
    const { stream } = await openUpload(both);
    const bytes = bytesOf("before");
    await stream.send(bytes);
    bytes.fill(0);
    expect(said(await both.peer.next())).toEqual([STREAM, CONTINUE, "before"]);
  });

  test("sends nothing for no bytes, which would be an end", async () => {
    const both = converse();
    const { stream } = await openUpload(both);
    await stream.send(new Uint8Array(0));
    await stream.send(bytesOf("x"));
    expect(said(await both.peer.next())).toEqual([STREAM, CONTINUE, "x"]);
  });

  test("sends holes", async () => {
    const both = converse();
    const { stream, call } = await openUpload(both, sparse);
    await stream.sendHole(0x123456789n, 0);
    const { header, payload } = await both.peer.next();
    expect(header).toEqual({ ...call.header, type: STREAM_HOLE, status: CONTINUE });
    expect(decode(StreamHole, payload)).toEqual({ length: 0x123456789n, flags: 0 });
  });

  test("finishes behind what was sent, and fails with the error that the daemon answers with", async () => {
    const both = converse();
    const { stream, call } = await openUpload(both);
    await stream.send(bytesOf("all"));
    const finished = stream.finish();
    await both.peer.next();
    expect(said(await both.peer.next())).toEqual(finish);
    both.peer.send(failure(call, "disk full"));
    await expect(finished).rejects.toThrow("disk full");
    expect(await stream.closed).toMatchObject({ outcome: "failed" });
    await stillWorks(both);
  });

  test("is over after the finish", async () => {
    const both = converse();
    const { stream, call } = await openUpload(both);
    const finished = stream.finish();
    await expect(stream.send(bytesOf("late"))).rejects.toThrow("has been finished");
    both.peer.send(confirmation(call));
    await finished;
    await expect(stream.send(bytesOf("late"))).rejects.toBeInstanceOf(ConnectionError);
    await expect(stream.sendHole(1n, 0)).rejects.toThrow("has been finished");
    await stream.abort();
    await settle();
    expect(both.peer.frames).toHaveLength(2);
  });

  test("waits while the pipe has no room, without keeping calls from it", async () => {
    const both = converse();
    const { session, peer, theirs } = both;
    const { stream } = await openUpload(both);
    theirs.pause();
    await stream.send(Buffer.alloc(200_000));
    const waiting = stream.send(bytesOf("waits"));
    expect(await isPending(waiting)).toBe(true);
    const hostname = session.call(connectGetHostname, undefined);
    expect(await isPending(waiting)).toBe(true);
    theirs.resume();
    await waiting;
    expect((await peer.next()).payload).toHaveLength(200_000);
    const call = await peer.next();
    expect(call.header.proc).toBe(connectGetHostname.number);
    expect(said(await peer.next())).toEqual([STREAM, CONTINUE, "waits"]);
    peer.send(replyTo(call, connectGetHostname, { hostname: "here" }));
    expect(await hostname).toEqual({ hostname: "here" });
  });

  test("gives streams that wait their turns", async () => {
    const both = converse();
    const uploads = [await openUpload(both), await openUpload(both), await openUpload(both)];
    both.theirs.pause();
    await uploads[0]!.stream.send(Buffer.alloc(100_000));
    const before = both.peer.frames.length;
    const sends = uploads.map(({ stream }) => stream.send(Buffer.alloc(3 * maxPacketBytes)));
    both.theirs.resume();
    await Promise.all(sends);
    await settle();
    const serials = both.peer.frames.slice(before + 1).map(({ header }) => header.serial);
    const turn = uploads.map(({ call }) => call.header.serial);
    expect(serials).toEqual([...turn, ...turn, ...turn]);
  });

  test("a stream that is aborted while it waits for room does not lose the others their turn", async () => {
    const both = converse();
    const [one, two] = [await openUpload(both), await openUpload(both)];
    both.theirs.pause();
    await one.stream.send(Buffer.alloc(100_000));
    const dropped = one.stream.send(bytesOf("dropped"));
    const sent = two.stream.send(bytesOf("sent"));
    const aborted = one.stream.abort();
    await expect(dropped).rejects.toThrow("aborted by this program");
    both.theirs.resume();
    await sent;
    both.peer.send(confirmation(one.call));
    await aborted;
    expect(both.peer.frames.slice(3).map(said)).toEqual([abort, [STREAM, CONTINUE, "sent"]]);
  });

  test.each(["daemon", "connection"])("what waits for room fails with the %s", async (who) => {
    const both = converse();
    const { stream, call } = await openUpload(both);
    both.theirs.pause();
    await stream.send(Buffer.alloc(100_000));
    const waiting = stream.send(bytesOf("waits"));
    if (who === "daemon") both.peer.send(failure(call, "disk full"));
    else both.peer.destroy();
    await expect(waiting).rejects.toThrow(who === "daemon" ? "disk full" : "closed the connection");
  });
});

describe("aborting", () => {
  test("tells the daemon, drops what is late, and waits for its word", async () => {
    const both = converse();
    const { stream, call } = await openDownload(both);
    both.peer.send(data(call, "unread"));
    await settle();
    const reason = new Error("enough");
    const aborted = stream.abort(reason);
    expect(await stream.closed).toEqual({ outcome: "aborted", error: reason });
    await expect(stream.next()).rejects.toBe(reason);
    await expect(stream.send(bytesOf("x"))).rejects.toBe(reason);
    await expect(stream.finish()).rejects.toBe(reason);
    expect(said(await both.peer.next())).toEqual(abort);
    both.peer.send(data(call, "late"), end(call));
    expect(await isPending(aborted)).toBe(true);
    both.peer.send(confirmation(call));
    await aborted;
    await stream.abort();
    await stillWorks(both);
    expect(both.peer.frames.map(said).filter(([, status]) => status === ERROR)).toHaveLength(1);
  });

  test("rejects a read that is under way", async () => {
    const both = converse();
    const { stream } = await openDownload(both);
    const next = stream.next();
    void stream.abort();
    await expect(next).rejects.toBeInstanceOf(ConnectionError);
  });

  test.each([
    ["error", (call: Frame) => failure(call, "crossed")],
    ["error reply", (call: Frame) => failure(call, "crossed", REPLY)],
  ])("takes an %s that crosses it for the daemon's word", async (_, answer) => {
    const both = converse();
    const { stream, call } = await openUpload(both);
    const aborted = stream.abort();
    expect(said(await both.peer.next())).toEqual(abort);
    both.peer.send(answer(call), confirmation(call));
    await aborted;
    expect(await stream.closed).toMatchObject({ outcome: "aborted" });
    await stillWorks(both);
  });

  test("ends a finish that the daemon does not answer", async () => {
    const both = converse();
    const { stream, call } = await openUpload(both);
    const finished = stream.finish();
    const aborted = stream.abort();
    await expect(finished).rejects.toThrow("aborted by this program");
    both.peer.send(confirmation(call));
    await aborted;
    // The daemon was told one thing already.
    expect(both.peer.frames.map(said).slice(1)).toEqual([finish]);
  });
});

describe("the end of the connection", () => {
  test.each(["eof", "close"])("ends streams: %s", async (how) => {
    const both = converse();
    const { session, peer } = both;
    const { stream, call } = await openDownload(both);
    peer.send(data(call, "before"));
    await settle();
    const upload = await openUpload(both);
    const other = await openUpload(both);
    const finishing = upload.stream.finish();
    const aborting = other.stream.abort();
    if (how === "eof") peer.end();
    else void session.close();
    const { error } = await session.closed;
    expect(await stream.next()).toEqual({ data: bytesOf("before") });
    await expect(stream.next()).rejects.toThrow(error.message);
    await expect(finishing).rejects.toThrow(error.message);
    await aborting;
    expect(await stream.closed).toMatchObject({ outcome: "failed" });
    await stream.abort();
    expect(both.pipe.keepsRunning).toBe(false);
  });
});
