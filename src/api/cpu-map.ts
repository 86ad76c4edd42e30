/** Which CPUs, by their numbers: the wire has a bit for each, lowest first. */
import { ProtocolError } from "../errors.js";
import { REMOTE_CPUMAP_MAX } from "../protocol/generated/remote.js";

/** The flags of the first `count` CPUs, or of all that the bytes tell of. */
export function decodeCpuMap(bytes: Uint8Array, count = 8 * bytes.length): boolean[] {
  return Array.from({ length: count }, (_, cpu) => ((bytes[cpu >> 3] ?? 0) & (1 << (cpu & 7))) !== 0);
}

/** The bytes of a CPU map. CPUs beyond the array's end are out. */
export function encodeCpuMap(name: string, cpus: readonly boolean[]): Uint8Array {
  if (!Array.isArray(cpus)) throw new TypeError(`${name}: an array with a boolean for each CPU is wanted`);
  const bytes = new Uint8Array(cpuMapLength(cpus.length));
  for (const [cpu, included] of cpus.entries()) {
    if (typeof included !== "boolean")
      throw new TypeError(`${name}[${cpu}]: a boolean is wanted, not ${typeof included}`);
    if (included) bytes[cpu >> 3]! |= 1 << (cpu & 7);
  }
  return bytes;
}

/** The most CPUs that the protocol has a map for. */
const mostCpus = 8 * REMOTE_CPUMAP_MAX;

/** The number of a host's CPUs as a daemon tells it. Maps are made as long as that, so that it has to be possible. */
export function cpuCount(told: number): number {
  if (told >= 0 && told <= mostCpus) return told;
  throw new ProtocolError(`the daemon says that its host has ${told} CPUs, where 0 to ${mostCpus} can be`);
}

/** How many bytes the map of so many CPUs takes. */
export const cpuMapLength = (cpus: number) => (cpus + 7) >> 3;
