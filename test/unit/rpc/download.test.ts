import { describe, expect, test } from "vitest";
import { connectGetHostname } from "../../../src/protocol/generated/remote.js";
import { Download, type OpenRest } from "../../../src/rpc/download.js";
import { settle } from "../transport/recorder.js";
import { type Conversation, converse } from "./conversation.js";
import type { Opened } from "./packets.js";
import { confirmation, data, end, failure, hole, openDownload, rest, sparse } from "./packets.js";

const large = Buffer.alloc(17 * 2 ** 20);

/** A download that has been stopped behind 17 MiB that nobody read; a call under way keeps the pipe open. */
async function stopped(both: Conversation, openRest: OpenRest): Promise<[Download, Opened]> {
  void both.session.call(connectGetHostname, undefined).catch(() => {});
  await both.peer.next();
  const opened = await openDownload(both, { resumable: true, finishAtEnd: true }, sparse);
  const download = new Download(opened.stream, openRest);
  both.peer.send(data(opened.call, large));
  await both.peer.next();
  return [download, opened];
}

/** Opens the rest as a real download does, and keeps where it was to begin. */
function opener(both: Conversation) {
  const asked: bigint[] = [];
  const opened: Opened[] = [];
  const openRest: OpenRest = async (received) => {
    asked.push(received);
    const rest = await openDownload(both, { resumable: true, finishAtEnd: true }, sparse);
    opened.push(rest);
    return rest.stream;
  };
  return { asked, opened, openRest };
}

const never: OpenRest = () => Promise.reject(new Error("was to be opened again"));

describe("a download", () => {
  test("is one stream as long as it is read", async () => {
    const both = converse();
    const { stream, call } = await openDownload(both, { resumable: true, finishAtEnd: true });
    const download = new Download(stream, never);
    both.peer.send(data(call, "a"), data(call, "b"), end(call));
    expect(await rest(download)).toEqual(["a", "b"]);
    const finished = download.finish();
    both.peer.send(confirmation(call));
    await finished;
    expect(await download.closed).toEqual({ outcome: "finished" });
  });

  test("goes on behind what came before it was stopped, holes counted", async () => {
    const both = converse();
    const { asked, opened, openRest } = opener(both);
    const [download, { call }] = await stopped(both, openRest);
    both.peer.send(hole(call, 1000n), data(call, "late"), confirmation(call));
    expect(await download.next()).toMatchObject({ data: { length: large.length } });
    expect(await download.next()).toEqual({ hole: 1000n });
    expect(await download.next()).toMatchObject({ data: { length: 4 } });
    expect(asked).toEqual([]);
    const next = download.next();
    await settle();
    expect(asked).toEqual([BigInt(large.length) + 1004n]);
    const again = opened[0]!.call;
    both.peer.send(data(again, "rest"), end(again), confirmation(again));
    expect(await next).toMatchObject({ data: { length: 4 } });
    expect(await download.next()).toBeUndefined();
    await download.finish();
    expect(await download.closed).toEqual({ outcome: "finished" });
  });

  test("can be stopped again and again", async () => {
    const both = converse();
    const { asked, opened, openRest } = opener(both);
    const [download, { call }] = await stopped(both, openRest);
    both.peer.send(confirmation(call));
    for (const round of [1, 2, 3]) {
      expect(await download.next()).toMatchObject({ data: { length: large.length } });
      const next = download.next();
      await settle();
      expect(asked).toHaveLength(round);
      const { call } = opened[round - 1]!;
      both.peer.send(data(call, "x"), data(call, large));
      await both.peer.next();
      both.peer.send(confirmation(call));
      expect(await next).toMatchObject({ data: { length: 1 } });
    }
    expect(asked).toEqual([1n, 2n, 3n].map((round) => round * BigInt(large.length) + round - 1n));
    void download.abort();
  });

  test("ends where nothing can follow", async () => {
    const both = converse();
    const [download, { call }] = await stopped(both, async () => undefined);
    both.peer.send(confirmation(call));
    await download.next();
    expect(await download.next()).toBeUndefined();
    expect(await download.next()).toBeUndefined();
    expect(await download.closed).toEqual({ outcome: "finished" });
  });

  test("fails when it cannot be opened again, once and for all", async () => {
    const both = converse();
    let attempts = 0;
    const error = new Error("the volume is gone");
    const [download, { call }] = await stopped(both, async () => {
      attempts++;
      throw error;
    });
    both.peer.send(confirmation(call));
    await download.next();
    await expect(download.next()).rejects.toBe(error);
    await expect(download.next()).rejects.toBe(error);
    expect(attempts).toBe(1);
    expect(await download.closed).toEqual({ outcome: "failed", error });
  });

  test("fails with an error that the daemon reports instead of stopping", async () => {
    const both = converse();
    const [download, { call }] = await stopped(both, never);
    both.peer.send(failure(call, "cannot read"));
    await download.next();
    await expect(download.next()).rejects.toThrow("cannot read");
    expect(await download.closed).toMatchObject({ outcome: "failed" });
  });

  test("can be finished while it is stopped", async () => {
    const both = converse();
    const [download, { call }] = await stopped(both, never);
    const finished = download.finish();
    both.peer.send(confirmation(call));
    await finished;
    await download.next();
    expect(await download.next()).toBeUndefined();
    expect(await download.closed).toEqual({ outcome: "finished" });
  });

  test("can be aborted while it is stopped", async () => {
    const both = converse();
    const [download, { call }] = await stopped(both, never);
    both.peer.send(confirmation(call));
    await settle();
    const reason = new Error("enough");
    await download.abort(reason);
    await expect(download.next()).rejects.toBe(reason);
    expect(await download.closed).toEqual({ outcome: "aborted", error: reason });
  });

  test("abandons the call that opens it again when it is aborted", async () => {
    const both = converse();
    const reason = new Error("enough");
    const [download, { call }] = await stopped(both, (_, signal) => {
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    both.peer.send(confirmation(call));
    await download.next();
    const next = download.next();
    await settle();
    void download.abort(reason);
    await expect(next).rejects.toBe(reason);
    await expect(download.next()).rejects.toBe(reason);
  });

  test.each(["abort", "finish"] as const)("is over when it is opened again too late: %s", async (how) => {
    const both = converse();
    const { openRest, opened } = opener(both);
    let goOn = () => {};
    const [download, { call }] = await stopped(both, async (received, signal) => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return openRest(received, signal);
    });
    both.peer.send(confirmation(call));
    await download.next();
    const next = download.next();
    next.catch(() => {});
    await settle();
    await download[how]();
    goOn();
    await settle();
    const { call: again } = opened[0]!;
    both.peer.send(confirmation(again));
    if (how === "abort") await expect(next).rejects.toThrow("aborted by this program");
    else expect(await next).toBeUndefined();
    const last = both.peer.frames.at(-1)!.header;
    expect(last).toMatchObject({ serial: again.header.serial, type: 3, status: how === "abort" ? 1 : 0 });
  });

  test("cannot be written to", async () => {
    const both = converse();
    const { stream } = await openDownload(both);
    const download = new Download(stream, never);
    await expect(download.send()).rejects.toThrow(TypeError);
    await expect(download.sendHole()).rejects.toThrow(TypeError);
  });
});
