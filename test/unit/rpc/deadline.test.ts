import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { TimeoutError } from "../../../src/errors.js";
import { withDeadline } from "../../../src/rpc/deadline.js";

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
