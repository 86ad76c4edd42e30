import { type ParseArgsConfig, parseArgs } from "node:util";
import { printable, withoutPasswords } from "./safe-text.js";

/** Where a command writes what it finds out. */
export interface Output {
  write(text: string): void;
  /** Whether there is somebody to look at it who likes colours. */
  readonly colours: boolean;
}

/** One of the program's commands. */
export interface Command {
  /** How it is called, and what its options mean. */
  readonly usage: string;
  /** Does its work, and returns the exit status. */
  run(args: readonly string[], output: Output): Promise<number>;
}

/** The exit status for a command line that makes no sense. */
export const usageStatus = 2;

/** A mistake in the command line. Its message comes before the usage. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Takes a command line apart. */
export function parsed<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // What it quotes is what was written, and that may be a URI with a password in it.
    throw new UsageError(printable(withoutPasswords((error as Error).message)));
  }
}
