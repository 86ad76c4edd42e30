import { describe, expect, test } from "vitest";
import type { Domain } from "../../../../src/api/domain.js";
import type { EventQueueOptions } from "../../../../src/api/events/stream.js";
import type { EventMap } from "../../../../src/api/events/types.js";
import { LibvirtError, OverflowError } from "../../../../src/errors.js";
import { settle } from "../../transport/recorder.js";
import { collector, EventDaemon, firstID } from "./daemon.js";

type Lifecycle = EventMap["domain.lifecycle"];

/** The domains' numbers in events that came. */
const ids = (events: readonly Lifecycle[]) => events.map(({ domain }) => domain.id);

describe("a stream of events", () => {
  /** A stream, and a function that has events sent to it. */
  async function streaming(options: EventQueueOptions = {}) {
    const daemon = new EventDaemon();
    const stream = daemon.connection.events("domain.lifecycle", options);
    await stream.ready;
    const send = async (...domains: number[]) => {
      daemon.started(firstID, ...domains);
      await settle();
    };
    return { daemon, stream, send };
  }

  async function take(stream: AsyncIterable<Lifecycle>, count: number): Promise<number[]> {
    const events: Lifecycle[] = [];
    for await (const event of stream) {
      events.push(event);
      if (events.length === count) break;
    }
    return ids(events);
  }

  test("gives events in order, those that wait and those to come", async () => {
    const { stream, send } = await streaming();
    await send(1, 2);
    const taking = take(stream, 4);
    await settle();
    await send(3, 4, 5);
    expect(await taking).toEqual([1, 2, 3, 4]);
  });

  test("is over when the loop is left, and the daemon is told", async () => {
    const { daemon, stream, send } = await streaming();
    await send(1, 2, 3);
    expect(await take(stream, 1)).toEqual([1]);
    expect(daemon.calls()).toEqual([
      "DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
    ]);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    expect(await take(stream, 1)).toEqual([]);
    expect(daemon.pipe.keepsRunning).toBe(false);
  });

  test("is over at the end of its block", async () => {
    const daemon = new EventDaemon();
    {
      await using stream = daemon.connection.events("domain.lifecycle");
      await stream.ready;
    }
    expect(daemon.calls()).toHaveLength(2);
  });

  test("is over before it has begun", async () => {
    const daemon = new EventDaemon({ slow: true });
    const stream = daemon.connection.events("domain.lifecycle");
    await settle();
    const waiting = stream.next();
    const returned = stream.return();
    expect(await waiting).toEqual({ value: undefined, done: true });
    await stream.ready;
    daemon.release();
    await returned;
    expect(daemon.calls()).toHaveLength(2);
  });

  test("gives each of several takers one event, in their order", async () => {
    const { stream, send } = await streaming();
    const takers = [stream.next(), stream.next(), stream.next()];
    await send(1, 2);
    const returned = stream.return();
    const results = await Promise.all(takers);
    expect(results.map(({ value, done }) => (done ? "done" : value.domain.id))).toEqual([1, 2, "done"]);
    await returned;
  });

  test("that is full fails by default, after the events that wait", async () => {
    const { daemon, stream, send } = await streaming({ limit: 3 });
    await send(1, 2, 3, 4, 5);
    expect(daemon.calls()).toHaveLength(2);
    const seen: number[] = [];
    const loop = async () => {
      for await (const { domain } of stream) seen.push(domain.id);
    };
    await expect(loop()).rejects.toThrow(OverflowError);
    expect(seen).toEqual([1, 2, 3]);
    expect(stream.dropped).toBe(0);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test("that is full drops the oldest or the newest, and counts", async () => {
    const oldest = await streaming({ limit: 3, overflow: "dropOldest" });
    await oldest.send(1, 2, 3, 4, 5);
    expect(oldest.stream.dropped).toBe(2);
    expect(await take(oldest.stream, 3)).toEqual([3, 4, 5]);

    const newest = await streaming({ limit: 3, overflow: "dropNewest" });
    await newest.send(1, 2, 3, 4, 5);
    expect(newest.stream.dropped).toBe(2);
    expect((await newest.stream.next()).value?.domain.id).toBe(1);
    await newest.send(6, 7);
    expect(newest.stream.dropped).toBe(3);
    expect(await take(newest.stream, 3)).toEqual([2, 3, 6]);
  });

  test("has room for 1000 by default", async () => {
    const { stream, send } = await streaming();
    await send(...Array.from({ length: 1000 }, (_, index) => index));
    expect(await take(stream, 1000)).toHaveLength(1000);
    const full = await streaming();
    await full.send(...Array.from({ length: 1001 }, (_, index) => index));
    await expect(take(full.stream, 2000)).rejects.toThrow(OverflowError);
  });

  test("holds no one else up", async () => {
    const { daemon, stream, send } = await streaming({ limit: 2, overflow: "dropOldest" });
    const { seen, handler } = collector();
    await daemon.connection.on("domain.lifecycle", handler);
    const all = Array.from({ length: 500 }, (_, index) => index);
    await send(...all);
    expect(seen).toEqual(all);
    expect(stream.dropped).toBe(498);
  });

  test("ends by its signal with the signal's reason, and discards what waits", async () => {
    const controller = new AbortController();
    const { daemon, stream, send } = await streaming({ signal: controller.signal });
    await send(1, 2);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(stream.next()).rejects.toBe(reason);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    await settle();
    expect(daemon.calls()).toHaveLength(2);
  });

  test("whose taker waits is woken by the signal", async () => {
    const controller = new AbortController();
    const { stream } = await streaming({ signal: controller.signal });
    const [first, second] = [stream.next(), stream.next()];
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    expect(await second).toEqual({ value: undefined, done: true });
  });

  test("is not made for a signal that has aborted, nor with a queue that cannot be", () => {
    const daemon = new EventDaemon();
    const open = (options: object) => () => daemon.connection.events("domain.lifecycle", options);
    expect(open({ signal: AbortSignal.abort(new Error("too late")) })).toThrow("too late");
    for (const limit of [0, -1, 1.5, Number.NaN, "5"]) expect(open({ limit })).toThrow(RangeError);
    expect(open({ overflow: "explode" })).toThrow(RangeError);
    expect(daemon.peer.frames).toEqual([]);
  });

  test("throws the reason when the connection is lost, after what waits", async () => {
    const { daemon, stream, send } = await streaming();
    await send(1, 2);
    daemon.peer.end();
    const { error } = await daemon.connection.closed;
    await settle();
    expect((await stream.next()).value?.domain.id).toBe(1);
    expect((await stream.next()).value?.domain.id).toBe(2);
    await expect(stream.next()).rejects.toBe(error);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    await stream.return();
  });

  test("ends when this program closes the connection, after what waits", async () => {
    const { daemon, stream, send } = await streaming();
    await send(1);
    await daemon.connection.close();
    expect(await take(stream, 9)).toEqual([1]);
  });

  test("that the daemon refuses says so, to whoever looks", async () => {
    const { connection } = new EventDaemon({ refuses: true });
    const stream = connection.events("domain.lifecycle");
    await settle();
    await expect(stream.next()).rejects.toThrow(LibvirtError);
    await expect(stream.ready).rejects.toThrow(LibvirtError);
    const wrong = connection.events("domain.lifecycle", { domain: {} as Domain });
    await expect(wrong.next()).rejects.toThrow(TypeError);
  });
});
