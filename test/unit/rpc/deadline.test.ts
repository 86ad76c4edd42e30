import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { TimeoutError } from "../../../src/errors.js";
import { inTime, withDeadline } from "../../../src/rpc/deadline.js";

const reason = new Error("enough");

/** Ends only when the signal says so. */
const forever = (signal: AbortSignal | undefined) =>
  new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });

describe("work under a deadline", () => {
  test("gets no signal where nobody set a bound", async () => {
    expect(await withDeadline({}, "work", async (signal) => signal)).toBeUndefined();
    expect(await withDeadline({ timeoutMs: 2 ** 40 }, "work", async (signal) => signal)).toBeUndefined();
  });

  test("is told when the time is over", async () => {
    const work = withDeadline({ timeoutMs: 1 }, "working", forever);
    await expect(work).rejects.toThrow(TimeoutError);
    await expect(work).rejects.toThrow("working: no answer within 1 ms");
  });

  test("is told when the caller aborts, with the caller's reason", async () => {
    const controller = new AbortController();
    const work = withDeadline({ signal: controller.signal, timeoutMs: 60_000 }, "working", forever);
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("does not begin after an abort", async () => {
    let begun = false;
    const work = withDeadline({ signal: AbortSignal.abort(reason) }, "working", async () => {
      begun = true;
    });
    await expect(work).rejects.toBe(reason);
    expect(begun).toBe(false);
  });

  test("gives its result or its error, and the watch ends", async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, timeoutMs: 10 };
    let given: AbortSignal | undefined;
    const work = async (signal: AbortSignal | undefined) => {
      given = signal;
      return "done";
    };
    expect(await withDeadline(options, "working", work)).toBe("done");
    await expect(withDeadline(options, "working", () => Promise.reject(reason))).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    await sleep(30);
    controller.abort();
    expect(given?.aborted).toBe(false);
  });
});

describe("work that may not heed its signal", () => {
  const dropped: unknown[] = [];
  const drop = (late: unknown) => dropped.push(late);

  test("is left alone when the time is over, and what it comes to is dropped", async () => {
    let finish!: (result: string) => void;
    const work = () => new Promise<string>((resolve) => (finish = resolve));
    await expect(inTime({ timeoutMs: 1 }, "working", work, drop)).rejects.toThrow(TimeoutError);
    expect(dropped).toEqual([]);
    finish("late");
    await sleep(0);
    expect(dropped.splice(0)).toEqual(["late"]);
  });

  test("has its error forgotten then", async () => {
    let fail!: (error: Error) => void;
    const controller = new AbortController();
    const work = () => new Promise<never>((_, reject) => (fail = reject));
    const outcome = inTime({ signal: controller.signal }, "working", work, drop);
    controller.abort(reason);
    await expect(outcome).rejects.toBe(reason);
    fail(new Error("late"));
    await sleep(0);
    expect(dropped).toEqual([]);
  });

  test("gives its result or its error before", async () => {
    expect(await inTime({}, "working", async () => "done", drop)).toBe("done");
    await expect(inTime({ timeoutMs: 1000 }, "working", () => Promise.reject(reason), drop)).rejects.toBe(
      reason,
    );
    expect(dropped).toEqual([]);
  });
});
