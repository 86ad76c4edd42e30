import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import { ping, pong } from "../../../src/protocol/generated/keepalive.js";
import { connectGetHostname } from "../../../src/protocol/generated/remote.js";
import { KeepAlive } from "../../../src/rpc/keepalive.js";
import { converse } from "./conversation.js";
import { openDownload } from "./packets.js";
import { eventFrame, type Peer, replyTo } from "./peer.js";

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "hrtime", "setImmediate", "clearImmediate"],
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const pings = (peer: Peer) => peer.frames.filter(({ header }) => header.prog === ping.program);

describe("keepalive", () => {
  function watch(options: { interval: number; count: number }) {
    const events: string[] = [];
    const keepAlive = new KeepAlive(
      options,
      () => events.push("ping"),
      () => events.push("dead"),
    );
    return { keepAlive, events };
  }

  test("asks a silent peer once an interval, and gives it up one interval after the last", async () => {
    const { events } = watch({ interval: 2, count: 3 });
    await vi.advanceTimersByTimeAsync(1999);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(events).toEqual(["ping"]);
    await vi.advanceTimersByTimeAsync(4000);
    expect(events).toEqual(["ping", "ping", "ping"]);
    await vi.advanceTimersByTimeAsync(1990);
    expect(events).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(20);
    expect(events).toEqual(["ping", "ping", "ping", "dead"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events).toHaveLength(4);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("starts again with whatever the peer sends", async () => {
    const { keepAlive, events } = watch({ interval: 2, count: 1 });
    for (let second = 0; second < 20; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      keepAlive.heard();
    }
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(3000);
    expect(events).toEqual(["ping"]);
    keepAlive.heard();
    await vi.advanceTimersByTimeAsync(3900);
    expect(events).toEqual(["ping", "ping"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(events).toEqual(["ping", "ping", "dead"]);
  });

  test("with a count of 0 asks nothing", async () => {
    const { events } = watch({ interval: 2, count: 0 });
    await vi.advanceTimersByTimeAsync(2001);
    expect(events).toEqual(["dead"]);
  });

  test("takes what arrived while this program was busy before its verdict", async () => {
    const { keepAlive, events } = watch({ interval: 2, count: 0 });
    vi.advanceTimersToNextTimer();
    keepAlive.heard();
    await vi.advanceTimersByTimeAsync(1900);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(events).toEqual(["dead"]);
  });

  test("is silent once it is stopped, be it at the last moment", async () => {
    const { keepAlive, events } = watch({ interval: 2, count: 0 });
    vi.advanceTimersToNextTimer();
    keepAlive.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(events).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("has one timer, which does not go off while the peer sends something", async () => {
    const set = globalThis.setTimeout;
    const wakeUp = vi.fn<(act: () => void) => void>((act) => act());
    vi.spyOn(globalThis, "setTimeout").mockImplementation((act, ms) => set(() => wakeUp(act), ms));
    const { keepAlive } = watch({ interval: 5, count: 5 });
    for (let ms = 0; ms < 60_000; ms += 100) {
      keepAlive.heard();
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(wakeUp).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(5000);
    expect(wakeUp).toHaveBeenCalledOnce();
  });
});

describe("a session's keepalive", () => {
  test("sends PINGs, which any message answers", async () => {
    const { session, peer } = converse();
    session.setKeepAlive({ interval: 1, count: 1 });
    for (let second = 0; second < 5; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      expect(pings(peer)).toHaveLength(second + 1);
      expect(pings(peer)[second]).toMatchObject({
        header: { prog: ping.program, vers: 1, proc: ping.number, type: 2, serial: 0, status: 0 },
        payload: { length: 0 },
      });
      peer.send(eventFrame(pong, undefined));
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(session.isOpen).toBe(true);
  });

  test("ends everything when the daemon has gone, and says so", async () => {
    const both = converse();
    const { session, peer, pipe } = both;
    const { stream } = await openDownload(both);
    session.setKeepAlive({ interval: 2, count: 2 });
    const call = session.call(connectGetHostname, undefined);
    const read = stream.next();
    const failures = Promise.all([
      expect(call).rejects.toThrow(/^memory has been silent for 6 seconds: .* keepalive/),
      expect(read).rejects.toBeInstanceOf(ConnectionError),
    ]);
    await vi.advanceTimersByTimeAsync(5900);
    expect(session.isOpen).toBe(true);
    expect(pings(peer)).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(200);
    await failures;
    expect(await session.closed).toMatchObject({ reason: "keepalive", error: expect.any(ConnectionError) });
    expect(pipe.destroyed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("counts part of a message as a sign of life", async () => {
    const { session, peer } = converse();
    const call = session.call(connectGetHostname, undefined);
    session.setKeepAlive({ interval: 1, count: 1 });
    const reply = replyTo(await peer.next(), connectGetHostname, { hostname: "slow" });
    for (let at = 0; at < reply.length; at++) {
      await vi.advanceTimersByTimeAsync(900);
      peer.send(reply.subarray(at, at + 1));
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(await call).toEqual({ hostname: "slow" });
    expect(pings(peer)).toEqual([]);
  });

  test("can be changed, and ended", async () => {
    const { session, peer } = converse();
    session.setKeepAlive({ interval: 1, count: 5 });
    session.setKeepAlive({ interval: 10, count: 5 });
    await vi.advanceTimersByTimeAsync(9900);
    expect(pings(peer)).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(pings(peer)).toHaveLength(1);
    session.setKeepAlive({ interval: 0, count: 5 });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(pings(peer)).toHaveLength(1);
    expect(session.isOpen).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("does not keep the process running, and ends with the connection", async () => {
    const { session, pipe } = converse();
    session.setKeepAlive({ interval: 1, count: 5 });
    expect(pipe.keepsRunning).toBe(false);
    await session.close();
    expect(vi.getTimerCount()).toBe(0);
    session.setKeepAlive({ interval: 1, count: 5 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([
    [{ interval: "5", count: 5 }, TypeError],
    [{ interval: 5, count: null }, TypeError],
    [{ interval: Number.NaN, count: 5 }, RangeError],
    [{ interval: 2_147_484, count: 5 }, RangeError],
    [{ interval: Number.POSITIVE_INFINITY, count: 5 }, RangeError],
    [{ interval: 5, count: -1 }, RangeError],
    [{ interval: 5, count: 1.5 }, RangeError],
    [{ interval: 5, count: 2 ** 32 }, RangeError],
  ])("refuses %j", (options, kind) => {
    const { session } = converse();
    expect(() => session.setKeepAlive(options as { interval: number; count: number })).toThrow(kind);
    expect(vi.getTimerCount()).toBe(0);
  });
});
