/** Sets of CPUs as they travel: a bit for each CPU, the first CPU's the lowest of the first byte. */

export function readCpuMap(map: Uint8Array): ReadonlySet<number> {
  const set = new Set<number>();
  for (let cpu = 0; cpu < map.length * 8; cpu++) if ((map[cpu >> 3] ?? 0) & (1 << (cpu & 7))) set.add(cpu);
  return set;
}

/** A map of so many bytes. CPUs for which it has no room are left out. */
export function writeCpuMap(set: ReadonlySet<number>, bytes: number): Uint8Array {
  const map = new Uint8Array(bytes);
  for (const cpu of set) if (cpu >> 3 < bytes) map[cpu >> 3]! |= 1 << (cpu & 7);
  return map;
}

/** The CPUs from 0 on. */
export function firstCpus(count: number): ReadonlySet<number> {
  return new Set(Array.from({ length: count }, (_, cpu) => cpu));
}
