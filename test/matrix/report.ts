import type { Installation } from "./daemons.js";
import type { Outcome } from "./program/check.js";
import type { InstalledRuntime } from "./runtimes.js";

/** What came of the program in one runtime, with one release's daemons. */
export interface Cell {
  readonly runtime: InstalledRuntime;
  readonly installation: Installation;
  readonly outcomes: readonly Outcome[];
}

type Kind = Outcome["outcome"];

const daemonName = ({ version, modular }: Installation) => `${version}${modular ? " modular" : ""}`;

function counts({ outcomes }: Cell): string {
  const kinds: readonly Kind[] = ["ok", "unsupported", "failed"];
  return kinds
    .map((kind) => [outcomes.filter(({ outcome }) => outcome === kind).length, kind] as const)
    .filter(([count, kind]) => count > 0 || kind === "ok")
    .map(([count, kind]) => `${count} ${kind}`)
    .join(", ");
}

/** One line, and what failed. */
export function summary(cell: Cell): string {
  const { runtime, installation, outcomes } = cell;
  const failures = outcomes.filter(({ outcome }) => outcome === "failed");
  const line = `libvirt ${daemonName(installation)}, ${runtime.name} (${runtime.version}): ${counts(cell)}`;
  return [...failures.map(({ name, reason }) => `FAILED: ${name}\n${reason}`), line].join("\n");
}

/** All of it, as docs/matrix.md has it. */
export function page(cells: readonly Cell[]): string {
  const runtimes = [...new Map(cells.map(({ runtime }) => [runtime.name, runtime])).values()];
  const daemons = [...new Set(cells.map(({ installation }) => daemonName(installation)))];
  const find = (runtime: string, daemon: string) =>
    cells.find((cell) => cell.runtime.name === runtime && daemonName(cell.installation) === daemon);
  const row = (fields: readonly string[]) => `| ${fields.join(" | ")} |`;
  const rows = runtimes.map(({ name, version }) =>
    row([`${name} (${version})`, ...daemons.map((daemon) => cellText(find(name, daemon)))]),
  );
  return `${introduction}
## What came of it

${[row(["", ...daemons.map((daemon) => `libvirt ${daemon}`)]), row(["---", ...daemons.map(() => "---")]), ...rows].join("\n")}

## What is unsupported, and why

${exceptions(cells, "unsupported")}
${failures(cells)}## What is checked

${[...new Set(cells.flatMap(({ outcomes }) => outcomes.map(({ name }) => name)))].map((name) => `- ${name}`).join("\n")}
`;
}

const introduction = `# Daemons and runtimes

\`npm run test:matrix -- --write\` has written this page. It does with the built package what users do with it, in each of
these runtimes, with real daemons of each of these releases: as Debian packages them and, where it says modular, with
virtqemud, virtproxyd and the others in place of libvirtd, built from the same source.

*ok* is a check that holds; *unsupported* one where the runtime or the daemon cannot, and the library says so by an
\`UnsupportedError\` with that reason, where it is asked; or that is not tried, for the reason given. Anything else would
be *failed*.
`;

const cellText = (cell: Cell | undefined) => (cell ? counts(cell) : "not run");

function failures(cells: readonly Cell[]): string {
  const list = exceptions(cells, "failed");
  return list === "" ? "" : `\n## What failed\n\n${list}\n`;
}

/** Each check with each reason once, and where that is so. */
function exceptions(cells: readonly Cell[], kind: Kind): string {
  const places = new Map<string, Cell[]>();
  for (const cell of cells) {
    for (const { name, outcome, reason = "" } of cell.outcomes) {
      if (outcome !== kind) continue;
      const what = `${name}: ${reason.split("\n")[0]}`;
      places.set(what, [...(places.get(what) ?? []), cell]);
    }
  }
  return [...places].map(([what, where]) => `- ${what} (${among(where, cells)})\n`).join("");
}

/** Where something is so, in few words: by runtimes if it is so with all daemons, and so on. */
function among(where: readonly Cell[], all: readonly Cell[]): string {
  const runtimes = distinct(where, ({ runtime }) => runtime.name);
  const daemons = distinct(where, ({ installation }) => `libvirt ${daemonName(installation)}`);
  if (where.length !== runtimes.length * daemons.length) {
    return where
      .map(({ runtime, installation }) => `${runtime.name} with ${daemonName(installation)}`)
      .join(", ");
  }
  const everyRuntime = runtimes.length === distinct(all, ({ runtime }) => runtime.name).length;
  const everyDaemon = daemons.length === distinct(all, ({ installation }) => daemonName(installation)).length;
  const parts = [...(everyDaemon ? [] : daemons), ...(everyRuntime ? [] : runtimes)];
  return parts.length === 0 ? "everywhere" : parts.join(", ");
}

function distinct(cells: readonly Cell[], nameOf: (cell: Cell) => string): string[] {
  return [...new Set(cells.map(nameOf))];
}
