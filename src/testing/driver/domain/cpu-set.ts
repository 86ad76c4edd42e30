import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";

/** As many CPUs as libvirt lets such a set name. */
const maxCpus = 16_384;

/** Reads a set of CPUs, or of NUMA nodes, as libvirt writes it: `0-3,^2,8`. It has to have some. */
export function parseCpuSet(text: string, what: "cpuset" | "nodeset" = "cpuset"): ReadonlySet<number> {
  const set = new Set<number>();
  const refuse = () =>
    driverError(ErrorNumber.INVALID_ARG, `Failed to parse bitmap '${text}'`, ErrorDomain.NONE);
  for (const part of text.split(",")) {
    const [, not, first = "", last = first] = /^\s*(\^)?(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === "" || to < from || to >= maxCpus || (not && last !== first)) throw refuse();
    for (let cpu = from; cpu <= to; cpu++) not ? set.delete(cpu) : set.add(cpu);
  }
  if (set.size > 0) return set;
  throw driverError(
    ErrorNumber.CONFIG_UNSUPPORTED,
    `Invalid value of '${what}': ${text}`,
    ErrorDomain.DOMAIN,
  );
}

/** Writes a set of CPUs in its shortest form. */
export function formatCpuSet(set: ReadonlySet<number>): string {
  const runs: [number, number][] = [];
  for (const cpu of [...set].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && run[1] === cpu - 1) run[1] = cpu;
    else runs.push([cpu, cpu]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}
