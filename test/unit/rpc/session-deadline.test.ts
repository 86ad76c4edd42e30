import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { TimeoutError } from "../../../src/errors.js";
import { settle } from "../transport/recorder.js";
import { asked, domain, found, lookUp } from "./calls.js";
import { converse, exchange } from "./conversation.js";
import { errorTo } from "./peer.js";

const reason = new Error("enough");
const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

/** Time passes only when told to; all else goes on as ever. */
function holdTime(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}

describe("aborting", () => {
  test("before the call: nothing is sent", async () => {
    const both = converse();
    const call = lookUp(both.session, "x", { signal: AbortSignal.abort(reason) });
    await expect(call).rejects.toBe(reason);
    await settle();
    expect(both.pipe.writes).toEqual([]);
    expect(both.pipe.keepsRunning).toBe(false);
    expect(await exchange(both)).toBe("here");
  });

  test("while it waits for its turn: it is never sent, and the next one moves up", async () => {
    const { session, peer } = converse({ maxInFlight: 1 });
    const controller = new AbortController();
    const first = lookUp(session, "first");
    const second = lookUp(session, "second", { signal: controller.signal });
    const third = lookUp(session, "third");
    controller.abort(reason);
    await expect(second).rejects.toBe(reason);
    peer.send(found(await peer.next()));
    peer.send(found(await peer.next()));
    expect(await Promise.all([first, third])).toEqual([domain("first"), domain("third")]);
    expect(asked(peer)).toEqual(["first", "third"]);
    expect(listeners(controller.signal)).toBe(0);
  });

  test("while it is with the daemon: the caller is free at once, and the reply is dropped when it comes", async () => {
    const both = converse();
    const { session, peer, pipe } = both;
    const controller = new AbortController();
    const call = lookUp(session, "x", { signal: controller.signal });
    const sent = await peer.next();
    expect(pipe.keepsRunning).toBe(true);
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(pipe.keepsRunning).toBe(false);
    expect(listeners(controller.signal)).toBe(0);
    peer.send(found(sent));
    expect(await exchange(both)).toBe("here");
    expect(session.isOpen).toBe(true);
  });

  test("in the tick of the call, too", async () => {
    const both = converse();
    const controller = new AbortController();
    const call = lookUp(both.session, "x", { signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    both.peer.send(found(await both.peer.next()));
    expect(await exchange(both)).toBe("here");
  });

  test.each(["an error reply", "a reply that makes no sense"])("what is dropped may be %s", async (what) => {
    const both = converse();
    const controller = new AbortController();
    const call = lookUp(both.session, "x", { signal: controller.signal });
    const sent = await both.peer.next();
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    const reply = what === "an error reply" ? errorTo(sent, { code: 42 }) : found(sent).slice(0, 40);
    new DataView(reply.buffer).setUint32(0, reply.length);
    both.peer.send(reply);
    expect(await exchange(both)).toBe("here");
  });

  test("keeps the call's place in the window, and its serial, until the reply", async () => {
    const { session, peer } = converse({ maxInFlight: 2 });
    const controller = new AbortController();
    const abandoned = lookUp(session, "abandoned", { signal: controller.signal });
    const first = lookUp(session, "first");
    const second = lookUp(session, "second");
    const late = await peer.next();
    controller.abort(reason);
    await expect(abandoned).rejects.toBe(reason);
    await settle();
    expect(asked(peer)).toEqual(["abandoned", "first"]);
    peer.send(found(await peer.next()));
    expect(await first).toEqual(domain("first"));
    peer.send(found(late), found(await peer.next()));
    expect(await second).toEqual(domain("second"));
    const serials = peer.frames.map(({ header }) => header.serial);
    expect(new Set(serials).size).toBe(3);
  });

  test("gives the signal's own reason, whatever it is", async () => {
    const { session, peer } = converse();
    for (const given of ["a string", 5, null, undefined]) {
      const controller = new AbortController();
      const call = lookUp(session, "x", { signal: controller.signal });
      await peer.next();
      controller.abort(given);
      const error = await call.catch((caught: unknown) => caught);
      expect(error).toBe(controller.signal.reason);
      await expect(lookUp(session, "x", { signal: controller.signal })).rejects.toBe(
        controller.signal.reason,
      );
    }
  });

  test("after the reply changes nothing", async () => {
    const both = converse();
    const controller = new AbortController();
    const call = lookUp(both.session, "x", { signal: controller.signal });
    both.peer.send(found(await both.peer.next()));
    expect(await call).toEqual(domain("x"));
    expect(listeners(controller.signal)).toBe(0);
    controller.abort(reason);
    expect(await exchange(both)).toBe("here");
  });

  test("one signal serves many calls", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    onTestFinished(() => void process.off("warning", onWarning));
    const both = converse();
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 100 }, (_, index) => lookUp(both.session, String(index), { signal }));
    const outcomes = Promise.allSettled(calls);
    both.peer.send(found(await both.peer.next()));
    await calls[0];
    expect(listeners(signal)).toBe(99);
    controller.abort(reason);
    expect((await outcomes).filter(({ status }) => status === "rejected")).toHaveLength(99);
    expect(listeners(signal)).toBe(0);
    await settle();
    expect(warnings).toEqual([]);
  });

  test("a call that fails leaves no listener", async () => {
    const { session, peer } = converse();
    const { signal } = new AbortController();
    const refused = lookUp(session, 5 as unknown as string, { signal });
    await expect(refused).rejects.toThrow(TypeError);
    const badTime = lookUp(session, "x", { signal, timeoutMs: -1 });
    await expect(badTime).rejects.toThrow(RangeError);
    const failed = lookUp(session, "x", { signal });
    peer.send(errorTo(await peer.next(), { code: 1 }));
    await expect(failed).rejects.toMatchObject({ code: 1 });
    expect(listeners(signal)).toBe(0);
  });
});

describe("timeouts", () => {
  test("end a call that gets no answer", async () => {
    holdTime();
    const both = converse();
    const call = lookUp(both.session, "x", { timeoutMs: 5000 });
    const sent = await both.peer.next();
    const outcome = call.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(4999);
    expect(both.pipe.keepsRunning).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    const error = await outcome;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ message: "REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME: no answer within 5000 ms" });
    expect(both.pipe.keepsRunning).toBe(false);
    both.peer.send(found(sent));
    expect(await exchange(both)).toBe("here");
  });

  test("of 0 ms leave no time for an answer", async () => {
    const { session } = converse();
    await expect(lookUp(session, "x", { timeoutMs: 0 })).rejects.toThrow(TimeoutError);
  });

  test("count the time that a call waits for its turn", async () => {
    holdTime();
    const { session, peer } = converse({ maxInFlight: 1 });
    const first = lookUp(session, "first");
    const second = lookUp(session, "second", { timeoutMs: 10 });
    const outcome = expect(second).rejects.toThrow(TimeoutError);
    const sent = await peer.next();
    await vi.advanceTimersByTimeAsync(10);
    await outcome;
    peer.send(found(sent));
    expect(await first).toEqual(domain("first"));
    await settle();
    expect(asked(peer)).toEqual(["first"]);
  });

  test("leave no timer behind, however the call ends", async () => {
    holdTime();
    const { session, peer } = converse();
    const controller = new AbortController();
    const options = { timeoutMs: 5000, signal: controller.signal };
    const [answered, failed, aborted] = ["a", "b", "c"].map((name) => lookUp(session, name, options));
    expect(vi.getTimerCount()).toBe(3);
    peer.send(found(await peer.next()), errorTo(await peer.next(), { code: 1 }));
    expect(await answered).toEqual(domain("a"));
    await expect(failed).rejects.toMatchObject({ code: 1 });
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
    const closed = lookUp(session, "d", { timeoutMs: 5000 });
    await Promise.all([expect(closed).rejects.toThrow("closed by this program"), session.close()]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("beyond what a timer can be set to are none", async () => {
    holdTime();
    const both = converse();
    const calls = [2 ** 31, 1e300, Number.POSITIVE_INFINITY].map((timeoutMs) =>
      lookUp(both.session, "x", { timeoutMs }),
    );
    expect(vi.getTimerCount()).toBe(0);
    for (const call of calls) {
      both.peer.send(found(await both.peer.next()));
      expect(await call).toEqual(domain("x"));
    }
  });

  test("come with a signal: the first to strike counts", async () => {
    holdTime();
    const { session } = converse();
    const controller = new AbortController();
    const { signal } = controller;
    const timed = lookUp(session, "x", { signal, timeoutMs: 10 });
    const aborted = lookUp(session, "x", { signal, timeoutMs: 20 });
    const outcomes = Promise.allSettled([timed, aborted]);
    await vi.advanceTimersByTimeAsync(10);
    expect(listeners(signal)).toBe(1);
    controller.abort(reason);
    await vi.advanceTimersByTimeAsync(10);
    expect(await outcomes).toMatchObject([{ reason: { name: "TimeoutError" } }, { reason }]);
  });

  test.each([
    [-1, RangeError],
    [Number.NaN, RangeError],
    [Number.NEGATIVE_INFINITY, RangeError],
    ["5", TypeError],
    [null, TypeError],
    [5n, TypeError],
  ])("of %s are refused before anything is sent", async (timeoutMs, kind) => {
    const both = converse();
    const call = lookUp(both.session, "x", { timeoutMs: timeoutMs as number });
    await expect(call).rejects.toThrow(kind);
    await expect(call).rejects.toThrow(/^timeoutMs: /);
    await settle();
    expect(both.pipe.writes).toEqual([]);
    expect(await exchange(both)).toBe("here");
  });
});
