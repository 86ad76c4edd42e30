import type { Result, Row, Spread } from "./compare.js";
import type { Figures } from "./figures.js";
import { growthTitle } from "./growth.js";

/** What came of a bound that the project has set itself. */
export interface Verdict {
  readonly claim: string;
  readonly wanted: string;
  readonly measured: string;
  /** `noise`: we were faster than what does nothing at all, so that the rates of this comparison say nothing. */
  readonly outcome: "met" | "MISSED" | "noise";
}

/** What a row of a comparison tells, and the least or most that it may be. */
interface Bound {
  readonly of: (row: Row) => Spread;
  readonly unit: string;
  readonly least?: number;
  readonly most?: number;
}

const speed = (least: number): Bound => ({ of: (row) => row.speed, unit: "×", least });
const time = (most: number): Bound => ({ of: (row) => inverse(row.speed), unit: "× the time", most });
/** Rows tell how many times our CPU time theirs is: the other way round it is what we may take. */
const cpu = (most: number): Bound => ({ of: (row) => inverse(row.cpu), unit: "× the CPU time", most });
const excess = (most: number): Bound => ({ of: (row) => row.excessCpuMs, unit: "ms of CPU more", most });

interface Target {
  readonly claim: string;
  readonly title: RegExp;
  /** Those to compare with; all of them have to be met. */
  readonly row: RegExp;
  readonly bound: Bound;
}

const cClient = /^python3-libvirt, 1 at/;
const targets: readonly Target[] = [
  { claim: "decode", title: /^decode a list of 10,000/, row: /^js-xdr$/, bound: speed(2) },
  { claim: "one at a time", title: /, 1 at a time, libvirtd$/, row: /^python3-libvirt/, bound: speed(1) },
  { claim: "one at a time", title: /, 1 at a time, libvirtd$/, row: /^@unraid/, bound: speed(1.4) },
  { claim: "one at a time", title: /, 1 at a time, the null/, row: /^raw/, bound: speed(0.95) },
  {
    claim: "64 in flight",
    title: /, 64 in flight, libvirtd$/,
    row: /^(python3-libvirt|go-libvirt|@unraid)/,
    bound: speed(1),
  },
  { claim: "64 in flight", title: /, 64 in flight, the null/, row: /^raw/, bound: speed(0.9) },
  { claim: "lists", title: /^list (1,000|10,000) domains/, row: /^go-libvirt/, bound: speed(1) },
  { claim: "stats", title: /^all-domain stats of 1,000/, row: /^go-libvirt/, bound: speed(1) },
  {
    claim: "own share at most 1/3",
    title: /^(list|all-domain stats of) (1,000|10,000) domains/,
    row: /^raw/,
    bound: speed(2 / 3),
  },
  { claim: "CPU of a small call", title: /^get.*, 1 at a time, libvirtd$/, row: cClient, bound: cpu(1.5) },
  { claim: "CPU of lists and stats", title: /^(list|all-domain) .*domains/, row: cClient, bound: cpu(1) },
  { claim: "a fresh process", title: /^a program that connects/, row: /^an empty node,/, bound: time(1.25) },
  { claim: "a fresh process", title: /^a program that connects/, row: /^an empty node,/, bound: cpu(1.25) },
  { claim: "import", title: /^import$/, row: /^an empty module/, bound: excess(15) },
  { claim: "bytes", title: /load a volume of/, row: /^virsh/, bound: speed(1) },
];

const figureTargets = [
  { title: /idle connections/, label: /^heap of each/, most: 40 },
  { title: /idle connections/, label: /^CPU of all/, most: 2 },
  { title: /embedded hypervisor$/, label: /^longest pause/, most: 100 },
  { title: /embedded hypervisor beside/, label: /^time of/, most: 1 },
  // Where cost is linear, what is measured on a busy machine is within this of 1.
  { title: new RegExp(`^${growthTitle}$`), label: /./, most: 1.05 },
];

/** What came of the targets that were measured. */
export function judge(results: readonly (Result | Figures)[]): Verdict[] {
  return results.flatMap((result) => ("rows" in result ? judgeRows(result) : judgeFigures(result)));
}

function judgeRows({ title, rows }: Result): Verdict[] {
  const beyondFloor = rows.some(({ label, speed }) => /^raw socket/.test(label) && speed.low > 1);
  return targets
    .filter((target) => target.title.test(title))
    .flatMap(({ claim, row, bound }) =>
      rows
        .slice(1)
        .filter(({ label }) => row.test(label))
        .map((other) =>
          judgeRow(
            `${claim}: ${title}; ${other.label}`,
            bound,
            other,
            beyondFloor && bound.of(other) === other.speed,
          ),
        ),
    );
}

function judgeRow(claim: string, bound: Bound, row: Row, beyond: boolean): Verdict {
  const { of, unit, least, most } = bound;
  const { low, median, high } = of(row);
  const met = median >= (least ?? -Infinity) && median <= (most ?? Infinity);
  return {
    claim,
    wanted: least === undefined ? `≤ ${most} ${unit}` : `≥ ${round(least)} ${unit}`,
    measured: `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`,
    outcome: beyond ? "noise" : met ? "met" : "MISSED",
  };
}

function judgeFigures({ title, figures }: Figures): Verdict[] {
  return figureTargets
    .filter((target) => target.title.test(title))
    .flatMap(({ label, most }) =>
      figures
        .filter((figure) => label.test(figure.label))
        .map(({ label, value, unit }) => ({
          claim: `${title}: ${label}`,
          wanted: `≤ ${most} ${unit}`,
          measured: value.toFixed(2),
          outcome: value <= most ? ("met" as const) : ("MISSED" as const),
        })),
    );
}

const inverse = ({ low, median, high }: Spread): Spread => ({
  low: 1 / high,
  median: 1 / median,
  high: 1 / low,
});

const round = (bound: number) => Math.round(bound * 100) / 100;
