/** What connections cost that do nothing: idle.ts COUNT URI */
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect } from "../src/index.js";
import type { Figure } from "./figures.js";

const atOnce = 10;
const idleMs = 15_000;
/** In which each has been asked twice whether it is there: compiling the answer belongs to the start, not to being idle. */
const warmUpMs = 10_000;

const count = Number(process.argv[2]);
const uri = process.argv[3];
const open: Connection[] = [await connect(uri)]; // what the first one loads is loaded once

async function more(until: number): Promise<void> {
  while (open.length <= until) {
    open.push(...(await Promise.all(Array.from({ length: atOnce }, () => connect(uri)))));
  }
}

async function settled(): Promise<NodeJS.MemoryUsage> {
  for (let i = 0; i < 5; i++) {
    await sleep(20);
    globalThis.gc!();
  }
  return process.memoryUsage();
}

await more(20); // nor does what V8 has compiled belong to a connection
const before = await settled();
const first = open.length;
await more(count + first - 1);
const after = await settled();

await sleep(warmUpMs);
const cpu = process.cpuUsage();
const start = performance.now();
await sleep(idleMs);
const { user, system } = process.cpuUsage(cpu);
const share = (user + system) / 1000 / (performance.now() - start);

const kib = (of: "heapUsed" | "rss" | "external") => (after[of] - before[of]) / (open.length - first) / 1024;
const figures: Figure[] = [
  { label: "heap of each", value: kib("heapUsed"), unit: "KiB" },
  { label: "outside the heap, of each", value: kib("external"), unit: "KiB" },
  { label: "memory of the process, of each", value: kib("rss"), unit: "KiB" },
  { label: "CPU of all", value: share * 100, unit: "% of a core" },
];
await Promise.all(open.map((connection) => connection.close()));
console.log(JSON.stringify(figures));
