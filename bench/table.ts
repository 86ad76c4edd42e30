import type { Result, Row, Spread } from "./compare.js";
import type { Verdict } from "./targets.js";

/** The results as tables that can be read as they are, and as Markdown. */
export function render(
  facts: Readonly<Record<string, string>>,
  results: readonly Result[],
  verdicts: readonly Verdict[],
): string {
  return [
    table(["machine", ""], Object.entries(facts)),
    ...results.map(resultTable),
    ...(verdicts.length > 0 ? [verdictTable(verdicts)] : []),
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

const figures = ({ nsPerItem, cpuNsPerItem }: Row) =>
  [nsPerItem, 1e9 / nsPerItem, cpuNsPerItem].map((figure) => Math.round(figure).toLocaleString("en"));

const ratios = ({ speed, cpu }: Row) => [`${times(speed)} × as fast`, `${times(cpu)} ×`];

function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ claim, wanted, measured, met }) => {
    return [claim, `≥ ${wanted} ×`, `${times(measured)} ×`, met ? "met" : "MISSED"];
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
