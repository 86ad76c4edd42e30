import type { Result, Spread } from "./compare.js";

/** A bound that the project has set itself. */
export interface Verdict {
  readonly claim: string;
  /** How many times as fast as the other the first has to be. */
  readonly wanted: number;
  readonly measured: Spread;
  readonly met: boolean;
}

const targets = [
  {
    claim: "decoding, against js-xdr",
    title: /^decode a list of 10,000 domains$/,
    row: /^js-xdr$/,
    wanted: 2,
  },
  {
    claim: "one call at a time on libvirtd, against python3-libvirt",
    title: /, 1 at a time, libvirtd$/,
    row: /^python3-libvirt/,
    wanted: 0.95,
  },
  {
    claim: "64 calls in flight on libvirtd, against our own one at a time",
    title: /, 64 in flight, libvirtd$/,
    row: /^virtwire, 1 at a time$/,
    wanted: 1.3,
  },
  {
    claim: "a volume's bytes by whole files, against virsh",
    title: /load a volume of/,
    row: /^virsh/,
    wanted: 1,
  },
];

/** What came of the targets that were measured. */
export function judge(results: readonly Result[]): Verdict[] {
  return targets.flatMap(({ claim, title, row, wanted }) =>
    results
      .filter((result) => title.test(result.title))
      .map((result) => {
        const measured = result.rows.find(({ label }) => row.test(label))!.speed;
        const met = measured.median >= wanted;
        return { claim: `${claim} (${result.title})`, wanted, measured, met };
      }),
  );
}
