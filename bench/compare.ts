import type { Program } from "./command-line.js";
import { Side, type Slice } from "./side.js";

/** One of the things compared. */
export interface Entry {
  readonly label: string;
  readonly program: Program;
}

/** What is compared. */
export interface Subject {
  readonly title: string;
  /** What the work is counted in: `call`. */
  readonly item: string;
  /**
   * How long a turn is. Short ones keep the sides together in what else happens on the machine; they must be long
   * enough for what happens now and then to have its share, such as the collection of garbage.
   */
  readonly sliceMs: number;
  /** How long the turns of each take together; 1 if left out. */
  readonly seconds?: number;
  /** The only core that anybody runs on. */
  readonly core?: number | undefined;
  /** Whether nothing has to be compiled first: each turn is a process of its own. */
  readonly cold?: boolean;
  readonly growth?: Growth;
}

/** What grows from subject to subject, and how large it is here, in items. */
export interface Growth {
  readonly axis: string;
  readonly size: number;
}

export interface Result {
  readonly title: string;
  readonly item: string;
  readonly rounds: number;
  readonly growth?: Growth | undefined;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly label: string;
  readonly nsPerItem: number;
  readonly cpuNsPerItem: number;
  /** How many times as fast as this the first row is: the median of the rounds, and the quartiles around it. */
  readonly speed: Spread;
  /** The same of CPU time. */
  readonly cpu: Spread;
  /** How much more time the first row takes for an item, in ms. */
  readonly excessMs: Spread;
  /** The same of CPU time. */
  readonly excessCpuMs: Spread;
}

export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

const fewestRounds = 5;

/**
 * Lets the entries take turns, so that whatever else the machine does meanwhile hits them all. Each round gives a
 * ratio of its own; what counts is their median. The first entry is ours, with which the others are compared.
 */
export async function compare(subject: Subject, entries: readonly Entry[]): Promise<Result> {
  const { title, item, growth, core } = subject;
  const sides = entries.map(({ program }) => new Side(program, core));
  try {
    const slices = await takeTurns(sides, subject);
    const rows = entries.map(({ label }, i) => row(label, slices[0]!, slices[i]!));
    return { title, item, rounds: slices[0]!.length, growth, rows };
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
  }
}

async function takeTurns(
  sides: readonly Side[],
  { sliceMs, seconds = 1, cold = false }: Subject,
): Promise<Slice[][]> {
  const slices: Slice[][] = sides.map(() => []);
  if (!cold) await Promise.all(sides.map(warmUp));
  const end = performance.now() + seconds * 1000 * sides.length;
  let order: readonly number[] = [];
  for (let round = 0; round < fewestRounds || performance.now() < end; round++) {
    order = drawnOrder(sides.length, order.at(-1));
    for (const i of order) slices[i]!.push(await sides[i]!.slice(sliceMs));
  }
  return slices;
}

/**
 * By lot, so that nobody always comes after the same other, but nobody twice in a row: a slice right after another one
 * of the same program takes half as much time again.
 */
function drawnOrder(count: number, last: number | undefined): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order[0] === last ? order.reverse() : order;
}

/** Until V8 has compiled everything for the last time, which takes it thousands of calls. */
async function warmUp(side: Side): Promise<void> {
  const latest = performance.now() + 4000;
  for (let items = 0, ms = 0; items < 20_000 || ms < 1000; ) {
    if (performance.now() > latest) return;
    const slice = await side.slice(250);
    items += slice.items;
    ms += slice.ms;
  }
}

function row(label: string, ours: readonly Slice[], theirs: readonly Slice[]): Row {
  const ratios = (cost: (slice: Slice) => number) =>
    spread(theirs.map((slice, i) => cost(slice) / cost(ours[i]!)));
  const excess = (cost: (slice: Slice) => number) =>
    spread(theirs.map((slice, i) => (cost(ours[i]!) - cost(slice)) / 1e6));
  return {
    label,
    nsPerItem: spread(theirs.map(wallNs)).median,
    cpuNsPerItem: spread(theirs.map(cpuNs)).median,
    speed: ratios(wallNs),
    cpu: ratios(cpuNs),
    excessMs: excess(wallNs),
    excessCpuMs: excess(cpuNs),
  };
}

const wallNs = ({ ms, items }: Slice) => (ms * 1e6) / items;
const cpuNs = ({ cpuMs, items }: Slice) => (cpuMs * 1e6) / items;

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))]!;
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}
