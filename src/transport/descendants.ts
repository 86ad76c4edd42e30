import { readFileSync } from "node:fs";

/** The processes that a process has started, and theirs. Nobody tells but Linux; elsewhere there seem to be none. */
export function descendants(pid: number): number[] {
  let list: string;
  try {
    list = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1");
  } catch {
    return [];
  }
  return (list.match(/\d+/g) ?? []).map(Number).flatMap((child) => [child, ...descendants(child)]);
}
