/** How many bytes a call allocates: allocation.ts COUNT URI, with COUNT of them in flight. */
import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../src/index.js";
import { manner } from "./clients.js";
import type { Figure } from "./figures.js";
import { callers } from "./worker.js";

const calls = 20_000;

const count = Number(process.argv[2]);
await using connection = await connect(process.argv[3]);
const domain = await connection.domainLookupByName("test");
const work = callers(count, () => domain.getInfo());

async function make(calls: number): Promise<number> {
  let left = calls / count;
  return work(() => left-- > 0, Infinity);
}

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ["gc"] });

await make(2 * calls);
globalThis.gc!();
await sleep(50); // observers are told later
collections = 0;
const before = process.memoryUsage();
const made = await make(calls);
const after = process.memoryUsage();
await sleep(50); // observers are told later
if (collections > 0) throw new Error("the heap was collected meanwhile: what is left of it tells nothing");

const perCall = (of: "heapUsed" | "external") => Math.round((after[of] - before[of]) / made);
const figures: Figure[] = [
  { label: `heap, ${manner(count)}`, value: perCall("heapUsed"), unit: "bytes" },
  { label: `outside the heap, ${manner(count)}`, value: perCall("external"), unit: "bytes" },
];
console.log(JSON.stringify(figures));
