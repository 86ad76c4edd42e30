/** What the demo prints: aligned columns, and numbers with units. */

/** Rows under a header; `align` has a letter for each column, l(eft) or r(ight). */
export function table(
  align: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const lines = columns(align, [header, ...rows]);
  const ruleLength = Math.max(...lines.map((line) => line.length));
  return [lines[0], "─".repeat(ruleLength), ...lines.slice(1)].join("\n");
}

/** Rows in aligned columns. */
export function columns(align: string, rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = [...align].map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) =>
        align[column] === "r" ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** Text on one line, with nothing in it that a terminal would obey. */
export function printable(text: string): string {
  return text
    .trim()
    .replace(/\s+/g, " ")
    .replace(/\p{Cc}/gu, "?");
}

/** An amount of memory, from KiB. */
export function memory(kib: bigint): string {
  return scaled(Number(kib), 1024, ["KiB", "MiB", "GiB", "TiB", "PiB"]);
}

/** A stretch of time, from nanoseconds. */
export function time(ns: bigint): string {
  const seconds = Number(ns) / 1e9;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  if (seconds < 3600) return `${(seconds / 60).toFixed(1)} min`;
  if (seconds < 48 * 3600) return `${round(seconds / 3600)} h`;
  return `${round(seconds / 86400)} days`;
}

/** A version as libvirt counts it: 7002022 is 7.2.22. */
export function version(number: bigint): string {
  return `${number / 1_000_000n}.${(number / 1000n) % 1000n}.${number % 1000n}`;
}

function scaled(value: number, step: number, units: readonly string[]): string {
  const [unit = "", ...larger] = units;
  return value >= step && larger.length > 0 ? scaled(value / step, step, larger) : `${round(value)} ${unit}`;
}

function round(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 1 });
}
