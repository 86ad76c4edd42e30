import { VIR_NET_MESSAGE_NUM_FDS_MAX } from "../protocol/generated/net.js";

/** C's 0 or 1 for an argument that is yes or no. */
export function yesNo(name: string, value: boolean): 0 | 1 {
  if (typeof value !== "boolean") throw new TypeError(`${name}: a boolean is wanted, not ${typeof value}`);
  return value ? 1 : 0;
}

/**
 * Flags without the sign that JavaScript's `|` gives to the highest bit. Throws for what are none: whatever looks at
 * single bits would make a number of anything.
 */
export function unsignedFlags(flags: number): number {
  if (typeof flags !== "number") throw new TypeError(`flags: a number is wanted, not ${typeof flags}`);
  if (flags !== flags >>> 0 && flags !== (flags | 0)) {
    throw new RangeError(`flags: ${flags} is not an integer of 32 bits`);
  }
  return flags >>> 0;
}

/** Throws for what is no list. */
export function checkList(name: string, value: readonly unknown[]): void {
  if (!Array.isArray(value)) {
    throw new TypeError(`${name}: an array is wanted, not ${value === null ? "null" : typeof value}`);
  }
}

/** Throws for what is no list of open file descriptors, before any of them is taken over. */
export function checkDescriptors(files: readonly number[]): void {
  if (!Array.isArray(files))
    throw new TypeError(`files: an array of descriptors is wanted, not ${typeof files}`);
  if (files.length > VIR_NET_MESSAGE_NUM_FDS_MAX) {
    throw new RangeError(
      `files: ${files.length} descriptors, at most ${VIR_NET_MESSAGE_NUM_FDS_MAX} are allowed`,
    );
  }
  for (const [index, file] of files.entries()) {
    try {
      process.getBuiltinModule("node:fs").fstatSync(file);
    } catch {
      throw new RangeError(`files[${index}]: ${String(file)} is not an open file descriptor`);
    }
  }
}
