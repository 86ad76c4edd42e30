/**
 * Measures virtwire beside others: npm run bench [-- [codec] [null-server] [libvirtd] [streams] [--json]]
 * With no part named, all of them. Every figure of weight is a ratio of sides that took turns in one run.
 */
import { parseArgs } from "node:util";
import { measureLibvirtd, measureNullServer } from "./calls.js";
import { measureCodec } from "./codec.js";
import type { Result } from "./compare.js";
import { machineFacts } from "./machine.js";
import { measureStreams } from "./streams.js";
import { render } from "./table.js";
import { judge } from "./targets.js";

const parts: Readonly<Record<string, () => Promise<Result[]>>> = {
  codec: measureCodec,
  "null-server": measureNullServer,
  libvirtd: measureLibvirtd,
  streams: measureStreams,
};

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`${unknown} is no part of the benchmark; these are: ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

const facts = await machineFacts();
const results: Result[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (positionals.length === 0 || positionals.includes(name)) results.push(...(await measure()));
}
const verdicts = judge(results);
console.log(
  values.json ? JSON.stringify({ facts, results, verdicts }, null, 2) : render(facts, results, verdicts),
);
