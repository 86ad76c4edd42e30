/**
 * Measures virtwire beside others: npm run bench [-- [PART …] [--json] [--write]]
 * With no part named, all of them, which takes a quarter of an hour. Every figure of weight is a ratio of sides that
 * took turns in one run. --write keeps it all in RESULTS.md.
 */
import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { measureLibvirtd, measureNullServer } from "./calls.js";
import { measureCodec } from "./codec.js";
import type { Result } from "./compare.js";
import { measureConnects } from "./connects.js";
import { measureEmbedded } from "./embedded.js";
import { measureEvents } from "./events.js";
import type { Figures } from "./figures.js";
import { fitGrowth } from "./growth.js";
import { measureLists } from "./lists.js";
import { machineFacts } from "./machine.js";
import { measureMemory } from "./memory.js";
import { measureProcesses } from "./processes.js";
import { measureStreams } from "./streams.js";
import { render } from "./table.js";
import { judge } from "./targets.js";

const parts: Readonly<Record<string, () => Promise<(Result | Figures)[]>>> = {
  codec: measureCodec,
  "null-server": measureNullServer,
  libvirtd: measureLibvirtd,
  lists: measureLists,
  events: measureEvents,
  embedded: measureEmbedded,
  connects: measureConnects,
  processes: measureProcesses,
  memory: measureMemory,
  streams: measureStreams,
};

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false }, write: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`${unknown} is no part of the benchmark; these are: ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

const atStart = await machineFacts();
const results: (Result | Figures)[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.error(`measuring ${name}`);
  try {
    results.push(...(await measure()));
  } catch (error) {
    // What else was measured is worth a quarter of an hour.
    console.error(`${name} is left out:`, error);
    process.exitCode = 1;
  }
}
results.push(...fitGrowth(results.filter((result) => "rows" in result)));
const facts = { ...atStart, "load at the end": loadavg()[0]!.toFixed(1) };
const verdicts = judge(results);
const tables = render(facts, results, verdicts);
console.log(values.json ? JSON.stringify({ facts, results, verdicts }, null, 2) : tables);
if (values.write) {
  const title = "# Results\n\nWritten by `npm run bench -- --write`; see the notes at the end.\n\n";
  await writeFile(new URL("RESULTS.md", import.meta.url), `${title}${tables}\n`);
}
