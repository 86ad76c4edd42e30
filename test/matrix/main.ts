/**
 * The package against real daemons of several releases of libvirt, in several runtimes: `npm run test:matrix`. What it
 * needs is fetched into a cache, by npm and by apt, as root on Debian.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { outcomes, prepareProgram } from "./cell.js";
import { fetched, releases, withDaemons } from "./daemons.js";
import { type Cell, page, summary } from "./report.js";
import { installed, runtimes } from "./runtimes.js";

const { values: options } = parseArgs({
  options: {
    daemon: { type: "string", multiple: true, default: releases.map(({ name }) => name) },
    runtime: { type: "string", multiple: true, default: runtimes.map(({ npm }) => npm) },
    /** Seconds for fetching one daemon. */
    limit: { type: "string", default: "1800" },
    write: { type: "boolean", default: false },
  },
});

const { VIRTWIRE_MATRIX_CACHE: ownCache } = process.env;
const root = fileURLToPath(new URL("../../", import.meta.url));
const cache = ownCache ?? join(root, "node_modules/.cache/virtwire/matrix");
const tally = join(root, "node_modules/.cache/virtwire/matrix-tally");

function chosen<T>(all: readonly T[], names: readonly string[], nameOf: (one: T) => string): T[] {
  return names.map((name) => {
    const found = all.find((one) => nameOf(one) === name);
    if (!found) throw new Error(`there is no ${name}, only ${all.map(nameOf).join(", ")}`);
    return found;
  });
}

const program = await prepareProgram(cache);
const engines = await Promise.all(
  chosen(runtimes, options.runtime, ({ npm }) => npm).map((runtime) => installed(runtime, cache)),
);
const cells: Cell[] = [];
for (const release of chosen(releases, options.daemon, ({ name }) => name)) {
  const installation = await fetched(release, cache, Number(options.limit) * 1000);
  await withDaemons(installation, async (daemons) => {
    for (const runtime of engines) {
      const start = performance.now();
      const cell = { runtime, installation, outcomes: await outcomes(program, runtime, daemons) };
      cells.push(cell);
      console.log(`${summary(cell)}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
  });
}

const text = page(cells);
console.log(`\n${text}`);
if (options.write) await writeFile(join(root, "docs/matrix.md"), text);
const all = cells.flatMap((cell) => cell.outcomes);
const failed = all.filter(({ outcome }) => outcome === "failed").length;
await mkdir(join(tally, ".."), { recursive: true });
await writeFile(tally, `${all.length - failed} ${failed}\n`);
process.exitCode = failed === 0 ? 0 : 1;
