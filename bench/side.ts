import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { commandLine, type Program } from "./command-line.js";

/** What a slice of time was spent on. */
export interface Slice {
  readonly items: number;
  readonly ms: number;
  /** Of all threads of the process. */
  readonly cpuMs: number;
}

/** Starts a program that ends with its standard input; on one core alone, if that is given. */
export function start(program: Program, core?: number) {
  const onCore = core === undefined ? [] : ["taskset", "--cpu-list", String(core)];
  const [command, ...args] = [...onCore, ...commandLine(program)] as [string, ...string[]];
  return spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.stdin!.end();
  await gone;
}

/**
 * One of the things compared. It has a process of its own, because what a process did before decides how V8 compiles,
 * where it allocates and when it collects.
 */
export class Side {
  readonly #child: ReturnType<typeof start>;
  readonly #answers: AsyncIterator<string>;

  constructor(program: Program, core?: number) {
    this.#child = start(program, core);
    this.#child.stdin.on("error", () => {}); // a side that has died is noticed by its answer's absence
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async slice(ms: number): Promise<Slice> {
    this.#child.stdin.write(`${ms}\n`);
    const answer = await this.#answers.next();
    if (answer.done) throw new Error(`${this.#child.spawnargs.slice(-2).join(" ")} ended too early`);
    return JSON.parse(answer.value);
  }

  stop(): Promise<void> {
    return stop(this.#child);
  }
}
