import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CallTable } from "../../../src/rpc/call-table.js";

interface Call {
  readonly serial: number;
}

const none = { has: () => false };

function begin(table: CallTable<Call>, others: { has(serial: number): boolean } = none): Call {
  const call = { serial: table.nextSerial(others) };
  table.add(call);
  return call;
}

describe("a table of calls", () => {
  test("has what a Map would have, whichever calls are answered first", () => {
    // Numbers answer the call that is at that place among those that wait; true makes another one.
    const steps = fc.array(fc.oneof(fc.constant(true as const), fc.nat()), { maxLength: 300 });
    fc.assert(
      fc.property(steps, (steps) => {
        const table = new CallTable<Call>();
        const waiting: Call[] = [];
        for (const step of steps) {
          if (step === true) waiting.push(begin(table));
          else if (waiting.length > 0) table.delete(...(waiting.splice(step % waiting.length, 1) as [Call]));
          expect(table.size).toBe(waiting.length);
          for (const call of waiting) expect(table.get(call.serial)).toBe(call);
        }
        expect(new Set(waiting.map(({ serial }) => serial)).size).toBe(waiting.length);
        expect(table.all()).toEqual(waiting);
      }),
    );
  });

  test("does not take one call for another whose serial ends alike", () => {
    const table = new CallTable<Call>();
    const { serial } = begin(table);
    for (let distance = 1; distance < 2 ** 32; distance *= 2) {
      expect(table.get((serial + distance) % 2 ** 32)).toBeUndefined();
    }
    expect(table.get(0)).toBeUndefined();
  });

  test("passes over the serials of calls that take long, and those that others have", () => {
    const table = new CallTable<Call>();
    const long = [begin(table), begin(table), begin(table)];
    const others = new Set([5, 100, 101]);
    for (let i = 0; i < 1000; i++) {
      const call = begin(table, others);
      expect(others.has(call.serial)).toBe(false);
      table.delete(call);
    }
    expect(long.map(({ serial }) => table.get(serial))).toEqual(long);
  });

  test("is empty when it is cleared", () => {
    const table = new CallTable<Call>();
    const calls = Array.from({ length: 100 }, () => begin(table));
    table.clear();
    expect(table.size).toBe(0);
    expect(table.all()).toEqual([]);
    expect(calls.map(({ serial }) => table.get(serial))).toEqual(calls.map(() => undefined));
  });
});
