import type { Result } from "./compare.js";
import type { Figure, Figures } from "./figures.js";

export const growthTitle = "exponent of growth, CPU time";

/**
 * How what we do grows with its size: the exponent of a power law through the CPU time of the whole, by least squares
 * of the logarithms. 1 is linear.
 */
export function fitGrowth(results: readonly Result[]): Figures[] {
  const axes = new Set(results.flatMap(({ growth }) => growth?.axis ?? []));
  const figures: Figure[] = [];
  for (const axis of axes) {
    const points = results.filter(({ growth }) => growth?.axis === axis).map(point);
    if (points.length > 2) figures.push({ label: axis, value: exponent(points), unit: "" });
  }
  return figures.length === 0 ? [] : [{ title: growthTitle, figures }];
}

type Point = readonly [x: number, y: number];

function point({ growth, rows }: Result): Point {
  const { size } = growth!;
  return [Math.log(size), Math.log(rows[0]!.cpuNsPerItem * size)];
}

function exponent(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, each) => sum + of(each), 0) / points.length;
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)];
  return mean(([px, py]) => (px - x) * (py - y)) / mean(([px]) => (px - x) ** 2);
}
