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
