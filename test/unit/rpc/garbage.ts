import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Has everything collected that nothing refers to. What this turn of the event loop has looked at is kept till the next. */
export async function collectGarbage(): Promise<void> {
  await nextTurn();
  gc();
  await nextTurn();
  gc();
}
