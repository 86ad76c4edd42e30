import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What a command prints, or undefined if it is not there: not every part of the benchmark needs all of them. */
export async function output(command: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)(command, args)).stdout.trim();
  } catch {
    return undefined;
  }
}
