import { createInterface } from "node:readline";
import type { Slice } from "./side.js";

/** Does one thing again and again while `more()` says so; returns how many items that made. */
export type Work = (more: () => boolean) => number | Promise<number>;

/** The child's end of a side: works for as long as each line on standard input says, in milliseconds. */
export async function serve(work: Work): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const end = performance.now() + Number(line);
    const cpu = process.cpuUsage();
    const start = performance.now();
    const items = await work(() => performance.now() < end);
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    const slice: Slice = { items, ms, cpuMs: (user + system) / 1000 };
    console.log(JSON.stringify(slice));
  }
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

/** What the command line asks for. */
export function chosen<T>(works: Readonly<Record<string, T>>): T {
  return works[process.argv[2]!]!;
}
