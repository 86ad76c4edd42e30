import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Slice } from "./side.js";

/** Does one thing again and again while `more()` says so, for `ms`; returns how many items that made. */
export type Work = (more: () => boolean, ms: number) => number | Promise<number>;

/** The child's end of a side: works for as long as each line on standard input says, in milliseconds. */
export async function serve(work: Work): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const wanted = Number(line);
    const cpu = cpuMs();
    const start = performance.now();
    const items = await work(() => performance.now() < start + wanted, wanted);
    const ms = performance.now() - start;
    const slice: Slice = { items, ms, cpuMs: cpuMs() - cpu };
    console.log(JSON.stringify(slice));
  }
}

/** Of all our threads, and of the programs that we have run. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenMs();
}

/** Node does not tell it, Linux does: in ticks of 10 ms, behind the program's name, which is in parentheses. */
function childrenMs(): number {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** The work of repeating something that makes `items` at once. */
export function repeat(items: number, once: () => unknown): Work {
  return (more) => {
    let done = 0;
    do {
      once();
      done += items;
    } while (more());
    return done;
  };
}

/** The same where it takes its time, and says how many items it made. */
export function repeatAsync(once: () => Promise<number>): Work {
  return async (more) => {
    let done = 0;
    do done += await once();
    while (more());
    return done;
  };
}

/**
 * As many callers at once, each of which makes its next call when it has its answer. One of them looks at the clock for
 * all, as the raw socket loop does: to look for each call would take half as long as a promise.
 */
export function callers(count: number, call: () => Promise<unknown>): Work {
  return async (more) => {
    let done = 0;
    let over = false;
    const caller = async (number: number) => {
      do {
        await call();
        done++;
        if (number === 0) over = !more();
      } while (!over);
    };
    await Promise.all(Array.from({ length: count }, (_, number) => caller(number)));
    return done;
  };
}

/** What the command line asks for. */
export function chosen<T>(works: Readonly<Record<string, T>>): T {
  return works[process.argv[2]!]!;
}
