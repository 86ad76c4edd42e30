import { execFile } from "node:child_process";

import { promisify } from "node:util";
import { commandLine } from "./command-line.js";
import type { Figures } from "./figures.js";
import { startRealServer } from "./servers.js";

const count = 10_000;
const rounds = 3;

/** What `many-domains.ts` prints, in ms. */
interface Times {
  readonly define: number;
  readonly watch: number;
  readonly list: number;
  readonly pause: number;
}

/** Many domains, defined, watched and listed: in the embedded hypervisor and in libvirtd's test driver, by turns. */
export async function measureEmbedded(): Promise<Figures[]> {
  await using real = await startRealServer();
  const ours: Times[] = [];
  const theirs: Times[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await run("test:///default"));
    theirs.push(await run(real.uri));
  }
  const title = `${count.toLocaleString("en")} domains defined, watched and listed`;
  const ratio = median(ours.map(({ define }, i) => define / theirs[i]!.define));
  return [
    { title: `${title}, the embedded hypervisor`, figures: figures(ours) },
    { title: `${title}, libvirtd`, figures: figures(theirs) },
    {
      title: `${title}, the embedded hypervisor beside libvirtd`,
      figures: [{ label: "time of defining them", value: ratio, unit: "× libvirtd's" }],
    },
  ];
}

const figures = (rounds: readonly Times[]) =>
  Object.entries(labels).map(([key, label]) => {
    const value = median(rounds.map((times) => times[key as keyof Times]));
    return { label, value, unit: "ms" };
  });

const labels: Readonly<Record<keyof Times, string>> = {
  define: "until all are defined",
  watch: "until the events of all have come, after that",
  list: "a list of all",
  pause: "longest pause of everything else in our process",
};

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Each time in a process of its own, and so in a new world. */
async function run(uri: string): Promise<Times> {
  const [command, ...args] = commandLine(["many-domains.ts", uri, String(count)]);
  const { stdout } = await promisify(execFile)(command, args);
  return JSON.parse(stdout);
}
