/** What connections cost that do nothing: idle.ts COUNT URI */
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect } from "../src/index.js";
import type { Figure } from "./figures.js";

const atOnce = 10;
/** In which each is asked twice whether it is there. */
const idleMs = 10_000;
const times = 3;
/**
 * Compiling the first answers belongs to the start, not to being idle; nor does what V8 collects once more, 15 seconds
 * after it was told to.
 */
const warmUpMs = 20_000;

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

/** Which part of a core's time we take for a while. */
async function idleShare(): Promise<number> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await sleep(idleMs);
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1000 / (performance.now() - start);
}

await sleep(warmUpMs);
const shares: number[] = [];
while (shares.length < times) shares.push(await idleShare());
const share = shares.sort((a, b) => a - b)[Math.floor(times / 2)]!;

const kib = (of: "heapUsed" | "rss" | "external") => (after[of] - before[of]) / (open.length - first) / 1024;
const figures: Figure[] = [
  { label: "heap of each", value: kib("heapUsed"), unit: "KiB" },
  { label: "outside the heap, of each", value: kib("external"), unit: "KiB" },
  { label: "memory of the process, of each", value: kib("rss"), unit: "KiB" },
  { label: "CPU of all", value: share * 100, unit: "% of a core" },
];
await Promise.all(open.map((connection) => connection.close()));
console.log(JSON.stringify(figures));
