import { type LibvirtUri, uriParameters } from "./uri.js";

/** A parameter that nobody knows, and the one that is probably meant. */
export interface SuspiciousParameter {
  readonly name: string;
  readonly meant: string;
}

/**
 * The parameters of a URI that look like misspelt ones of the client's. They travel on to the daemon as everything does
 * that is not the client's, and no daemon complains, so that nothing else would tell why they have no effect.
 */
export function suspiciousParameters({ passedOn }: Pick<LibvirtUri, "passedOn">): SuspiciousParameter[] {
  const names = new Set(passedOn.map(([name]) => name));
  return [...names].flatMap((name) => {
    const meant = closest(plain(name));
    return meant === undefined ? [] : [{ name, meant }];
  });
}

/** What is told of a suspicious parameter. */
export function suspicion({ name, meant }: SuspiciousParameter): string {
  return `There is no URI parameter ${JSON.stringify(name)} that this client knows, so the daemon gets it: is ${meant} meant?`;
}

/** Without what people put between words, or leave out. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** The parameter that differs from this in the fewest keystrokes: in one, or two of a long name. */
function closest(name: string): string | undefined {
  const near = uriParameters
    .map((known) => ({ known, keystrokes: distance(name, plain(known)) }))
    .filter(({ known, keystrokes }) => keystrokes <= (known.length < 6 ? 1 : 2));
  return near.sort((a, b) => a.keystrokes - b.keystrokes)[0]?.known;
}

/** How many letters have to be put in, left out, replaced or swapped with their neighbour to get from one to the other. */
function distance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return Number.POSITIVE_INFINITY;
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = swaps ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, replaced, swapped));
    }
    rows.push(row);
  }
  return rows[from.length]![to.length]!;
}
