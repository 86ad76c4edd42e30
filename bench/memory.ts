import { execFile } from "node:child_process";

import { promisify } from "node:util";
import { commandLine } from "./command-line.js";
import type { Figure, Figures } from "./figures.js";
import { startNullServer, startRealServer } from "./servers.js";

export const connections = 1_000;

/** What calls leave behind for the collector, and what connections keep and do when nothing is asked of them. */
export async function measureMemory(): Promise<Figures[]> {
  await using none = await startNullServer();
  await using real = await startRealServer({
    conf: { max_clients: connections + 100, max_anonymous_clients: connections + 100, keepalive_interval: 5 },
  });
  // A young generation that large is not collected while we measure.
  const young = ["--min-semi-space-size=256", "--max-semi-space-size=256"];
  return [
    {
      title: "allocated for a call, getInfo, the null server",
      figures: [
        ...(await figures(young, "allocation.ts", "1", none.uri)),
        ...(await figures(young, "allocation.ts", "64", none.uri)),
      ],
    },
    {
      title: `${connections.toLocaleString("en")} idle connections, with keepalive, ${real.name}`,
      figures: await figures([], "idle.ts", String(connections), real.uri),
    },
  ];
}

/** Runs a program of this folder that prints its figures, with Node's options. */
async function figures(
  options: readonly string[],
  file: string,
  ...args: readonly string[]
): Promise<Figure[]> {
  const [command, ...argv] = commandLine([file, ...args], ["--expose-gc", ...options]);
  const { stdout } = await promisify(execFile)(command, argv);
  return JSON.parse(stdout);
}
