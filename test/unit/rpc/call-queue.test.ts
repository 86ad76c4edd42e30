import fc from "fast-check";
import { expect, test } from "vitest";
import { CallQueue, type Queued } from "../../../src/rpc/call-queue.js";

interface Call extends Queued<Call> {
  readonly number: number;
}

test("calls have their turn in the order in which they came, whoever leaves before", () => {
  const push = fc.constant("push" as const);
  const shift = fc.constant("shift" as const);
  fc.assert(
    fc.property(fc.array(fc.oneof(push, push, shift, fc.nat())), (steps) => {
      const queue = new CallQueue<Call>();
      const waiting: Call[] = [];
      for (const [number, step] of steps.entries()) {
        const call: Call = { number, before: undefined, after: undefined };
        if (step === "push") {
          queue.push(call);
          waiting.push(call);
        } else if (step === "shift") {
          expect(queue.shift()).toBe(waiting.shift());
        } else if (waiting.length > 0) {
          const [leaving] = waiting.splice(step % waiting.length, 1);
          queue.remove(leaving!);
          // What has left keeps nothing that is still there.
          expect(leaving).toMatchObject({ before: undefined, after: undefined });
        }
      }
      for (const call of waiting) expect(queue.shift()).toBe(call);
      expect(queue.shift()).toBeUndefined();
    }),
  );
});
