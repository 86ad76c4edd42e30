import { describe, expect, test, vi } from "vitest";
import { BackOff, type ReconnectOptions, reconnectPlan } from "../../../src/rpc/back-off.js";

describe("the options", () => {
  test("have a usual value each", () => {
    expect(reconnectPlan(true)).toEqual({
      initialDelayMs: 250,
      factor: 2,
      maxDelayMs: 30_000,
      maxAttempts: Number.POSITIVE_INFINITY,
      attemptTimeoutMs: 10_000,
      retry: "never",
      maxWaiting: 1000,
    });
    expect(reconnectPlan({ maxDelayMs: undefined })).toEqual(reconnectPlan(true));
    expect(reconnectPlan({ retry: "idempotent", maxAttempts: 3 })).toEqual({
      ...reconnectPlan(true),
      retry: "idempotent",
      maxAttempts: 3,
    });
  });

  test.each<[object, typeof TypeError | typeof RangeError, string]>([
    [{ initialDelayMs: -1 }, RangeError, "reconnect.initialDelayMs: -1 is not between"],
    [{ factor: 0.5 }, RangeError, "reconnect.factor: 0.5 is not between"],
    [{ maxDelayMs: 2 ** 31 }, RangeError, "reconnect.maxDelayMs: 2147483648 is not between"],
    [{ maxAttempts: 0 }, RangeError, "reconnect.maxAttempts: 0 is not between"],
    [{ attemptTimeoutMs: Number.NaN }, RangeError, "reconnect.attemptTimeoutMs: NaN is not between"],
    [{ maxWaiting: "many" }, TypeError, "reconnect.maxWaiting: a number is wanted, not string"],
    [{ retry: "always" }, RangeError, "reconnect.retry"],
    [{ retries: 3 }, RangeError, "there is no option retries"],
    ["yes" as unknown as object, TypeError, "reconnect: true, false or an object"],
  ])("are checked: %j", (options, type, message) => {
    const make = () => reconnectPlan(options as ReconnectOptions);
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });
});

describe("the waits", () => {
  const plan = reconnectPlan({ initialDelayMs: 100, factor: 3, maxDelayMs: 2000 });
  const waits = (backOff: BackOff, count: number) => Array.from({ length: count }, () => backOff.next());

  test("grow up to the longest, and are between half of that and all of it", () => {
    const random = vi.spyOn(Math, "random");
    try {
      random.mockReturnValue(0);
      expect(waits(new BackOff(plan), 5)).toEqual([100, 300, 900, 2000, 2000]);
      random.mockReturnValue(1);
      expect(waits(new BackOff(plan), 5)).toEqual([50, 150, 450, 1000, 1000]);
    } finally {
      random.mockRestore();
    }
    expect(new Set(waits(new BackOff(plan), 20)).size).toBeGreaterThan(10);
  });

  test("begin anew only after a connection that has held for as long as the longest", () => {
    const random = vi.spyOn(Math, "random").mockReturnValue(0);
    try {
      const backOff = new BackOff(plan);
      waits(backOff, 2);
      backOff.heldFor(1999);
      expect(waits(backOff, 1)).toEqual([900]);
      backOff.heldFor(2000);
      expect(waits(backOff, 1)).toEqual([100]);
    } finally {
      random.mockRestore();
    }
  });

  test("may be none", () => {
    expect(waits(new BackOff(reconnectPlan({ initialDelayMs: 0 })), 3)).toEqual([0, 0, 0]);
  });
});
