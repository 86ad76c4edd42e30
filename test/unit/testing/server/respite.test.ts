import { setImmediate } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { connect } from "../../../../src/index.js";
import { isTired, rest } from "../../../../src/testing/server/respite.js";

afterEach(() => void vi.useRealTimers());

test("everything else goes on while the embedded hypervisor answers, one call after the other", async () => {
  await using conn = await connect("test:///default");
  const domain = await conn.domainLookupByName("test");
  let busy = true;
  let turns = 0;
  const others = (async () => {
    for (; busy; turns++) await setImmediate();
  })();
  // Until everything else has had its turn ten times: for ever, if answers were never to stop.
  for (let calls = 0; turns < 10 && calls < 100_000; calls++) await domain.getInfo();
  expect(turns).toBeGreaterThanOrEqual(10);
  busy = false;
  await others;
});

test("a rest ends where timers are fake, too, and who has rested is not tired", async () => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(60_000);
  expect(isTired()).toBe(true);
  await Promise.all([rest(), rest()]);
  expect(isTired()).toBe(false);
  vi.useRealTimers();
  expect(isTired()).toBe(true);
});
