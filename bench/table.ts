import type { Result, Row, Spread } from "./compare.js";
import type { Figures } from "./figures.js";
import type { Verdict } from "./targets.js";

const notes = [
  "A ratio is the median of those of the single rounds, with the quartiles around it; rates by themselves say little " +
    "about a machine that does other things as well.",
  "The raw socket loop decodes nothing and waits for nothing: it counts bytes, and sends again as many calls as that " +
    "makes. What one call was answered it cannot tell. The raw loop of promises does the least that a client must: a " +
    "promise for each call, settled by its serial; still it decodes nothing, and has no deadlines, signals or errors.",
  "The null server and its clients share one core. On two, how soon the kernel wakes the other counts more than what " +
    "either does, and it may put both on one core and apart again within a second: that made the same ratio 0.6 and 1.1.",
  "What is faster than the raw socket loop shows how much of a rate is the machine's doing, as there is nothing below " +
    "that floor: no target counts as met by such a row. Imports are judged by CPU time for the same reason, and programs " +
    "that begin and end by that as well.",
  "libvirtd works on 5 calls of one client at a time here, as it is installed (max_client_requests), and reads on when " +
    "one is done.",
];

/** The results as tables that can be read as they are, and as Markdown. */
export function render(
  facts: Readonly<Record<string, string>>,
  results: readonly (Result | Figures)[],
  verdicts: readonly Verdict[],
): string {
  return [
    table(["machine", ""], Object.entries(facts)),
    ...results.map((result) => ("rows" in result ? resultTable(result) : figuresTable(result))),
    ...(verdicts.length > 0 ? [verdictTable(verdicts), ...notes] : []),
  ].join("\n\n");
}

function resultTable({ title, item, rounds, rows }: Result): string {
  const [{ label = "" } = {}] = rows;
  const head = [
    `${title} (${rounds} rounds)`,
    `ns per ${item}`,
    `${item}s/s`,
    "CPU ns",
    `${label} is`,
    "in CPU time",
  ];
  return table(
    head,
    rows.map((row, i) => [row.label, ...figures(row), ...(i === 0 ? ["1", "1"] : ratios(row))]),
  );
}

function figuresTable({ title, figures }: Figures): string {
  return table(
    [title, ""],
    figures.map(({ label, value, unit }) => [label, `${Number(value.toPrecision(3))} ${unit}`.trim()]),
  );
}

const figures = ({ nsPerItem, cpuNsPerItem }: Row) =>
  [nsPerItem, 1e9 / nsPerItem, cpuNsPerItem].map((figure) => Math.round(figure).toLocaleString("en"));

const ratios = ({ speed, cpu }: Row) => [`${times(speed)} × as fast`, `${times(cpu)} ×`];

function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ claim, wanted, measured, outcome }) => {
    return [claim, wanted, measured, outcome];
  });
  return table(["target", "wanted", "measured", ""], rows);
}

const times = ({ low, median, high }: Spread) =>
  `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column]!.length)));
  const cells = (line: readonly string[]) =>
    `| ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`;
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [cells(head), cells(rule), ...rows.map(cells)].join("\n");
}
