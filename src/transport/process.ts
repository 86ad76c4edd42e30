import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ConnectionError } from "../errors.js";
import { Complaints } from "./complaints.js";
import { descendants } from "./descendants.js";
import { keepRunning } from "./keep-running.js";
import { Sender } from "./sender.js";
import type { ConnectOptions, Peer } from "./socket.js";
import type { Transport, TransportHandler } from "./transport.js";

const { spawn } = process.getBuiltinModule("node:child_process");

export interface ProcessOptions extends ConnectOptions {
  /** The environment variables that the program gets beside the usual ones, if they are set. */
  readonly passOn?: readonly string[];
  /** What it says, without what must not be seen. */
  readonly presentable?: (words: string) => string;
  /** What is known to be behind a failure, by the exit status and the last words; undefined where that is nothing. */
  readonly explain?: (status: number | null, words: string) => Error | undefined;
}

/** How long a program may take to go, once there is nothing left to do for it, before it is made to. */
const patience = 1000;
/** How long to wait for a last word on standard error, which a grandchild may hold open for ever. */
const lastWords = 100;

// As in C: what a program needs to run, and nothing of the secrets that a service's environment may hold.
const usualVariables = ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LD_PRELOAD", "LD_LIBRARY_PATH"];

/**
 * Starts a program and talks to the daemon through its standard input and output. Resolves as soon as it runs:
 * whether it ever reaches a daemon shows later. What it writes to standard error ends up in the error that the
 * handler's `closed` gets, unless we ended the connection ourselves.
 */
export function connectProcess(
  command: string,
  args: readonly string[],
  peer: Peer,
  options: ProcessOptions = {},
): Promise<Transport> {
  const { signal, observer, passOn = [] } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = start(command, args, passOn);
    const transport = new ProcessTransport(child, command, peer, options);
    const settle = () => {
      child.off("spawn", onSpawn);
      child.off("error", onError);
      signal?.removeEventListener("abort", onAbort);
    };
    const onSpawn = () => {
      observer?.running?.(command, args);
      settle();
      resolve(transport);
    };
    const fail = (reason: unknown) => {
      settle();
      transport.destroy();
      reject(reason);
    };
    const onError = (cause: Error) => fail(cannotRun(command, cause));
    const onAbort = () => fail(signal?.reason);
    child.on("spawn", onSpawn);
    child.on("error", onError);
    signal?.addEventListener("abort", onAbort);
  });
}

function start(command: string, args: readonly string[], passOn: readonly string[]) {
  try {
    return spawn(command, args, { env: environment(passOn), stdio: "pipe" });
  } catch (cause) {
    // Node reports some of the system's errors at once, and the others later.
    if (cause instanceof TypeError) throw cause;
    throw cannotRun(command, cause as Error);
  }
}

function cannotRun(command: string, cause: NodeJS.ErrnoException): ConnectionError {
  const why = advice[cause.code ?? ""] ?? cause.message;
  return new ConnectionError(`Cannot run ${JSON.stringify(command)}: ${why}`, { cause });
}

const missing = "there is no such program here. Install it, or name another by command= in the URI";
const advice: Readonly<Record<string, string>> = {
  ENOENT: missing,
  ENOTDIR: missing,
  EACCES: "it is not executable for this user. Check its permissions, or name another by command= in the URI",
};

/** What a program that we start gets of the environment: the usual variables and these, if they are set. */
export function environment(passOn: readonly string[]): NodeJS.ProcessEnv {
  // What it complains about is to be understood by those who read errors, and by us.
  const env: NodeJS.ProcessEnv = { LC_ALL: "C" };
  for (const name of [...usualVariables, ...passOn]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

class ProcessTransport implements Transport {
  readonly peer: string;
  readonly secure: boolean;
  readonly encrypted: boolean;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #sender: Sender;
  readonly #command: string;
  readonly #telling: Pick<ProcessOptions, "presentable" | "explain">;
  readonly #complaints = new Complaints();
  #handler: TransportHandler | undefined;
  #error: Error | undefined;
  #paused = false;
  #ended = false;
  #dropped = false;
  #killed = false;
  #gone = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    child: ChildProcessWithoutNullStreams,
    command: string,
    { peer, secure, encrypted }: Peer,
    telling: Pick<ProcessOptions, "presentable" | "explain">,
  ) {
    this.peer = peer;
    this.secure = secure;
    this.encrypted = encrypted;
    this.#child = child;
    this.#command = command;
    this.#telling = telling;
    const { stdin, stdout, stderr } = child;
    stdin.on("error", () => {}); // it does not read any more: how it ends tells why
    this.#sender = new Sender(stdin, () => {
      if (!this.#dropped) this.#handler?.drained?.();
    });
    // Not "data": when a program exits, Node lets the rest of its output flow even where that was paused.
    stdout.on("readable", () => this.#deliver());
    stdout.on("error", (cause) => this.destroy(new ConnectionError(`${peer}: ${cause.message}`, { cause })));
    stdout.on("close", () => {
      stdin.destroy();
      this.#killSoon();
    });
    stderr.setEncoding("utf8").on("data", (text: string) => this.#complaints.add(text));
    stderr.on("error", () => {});
    child.on("error", () => {}); // it could not be started, or not be killed because it is gone
    child.on("exit", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => stderr.destroy(), lastWords);
    });
    child.on("close", (status, signal) => {
      clearTimeout(this.#timer);
      this.#gone = true;
      if (!this.#ended) this.#error ??= this.#failure(status, signal);
      this.#handler?.closed(this.#error);
    });
  }

  start(handler: TransportHandler): void {
    this.#handler = handler;
    if (this.#gone) queueMicrotask(() => handler.closed(this.#error));
    else queueMicrotask(() => this.#deliver());
  }

  write(bytes: Uint8Array): boolean {
    return this.#ended || this.#sender.send(bytes);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    queueMicrotask(() => this.#deliver());
  }

  ref(): void {
    this.#child.ref();
    for (const pipe of this.#pipes) keepRunning(pipe, true);
  }

  unref(): void {
    this.#child.unref();
    for (const pipe of this.#pipes) keepRunning(pipe, false);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    // A program that has passed on all it got, and hears that nothing more comes, ends by itself.
    this.#child.stdin.end(() => this.#killSoon());
  }

  destroy(error?: Error): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#ended = true;
    this.#error ??= error;
    this.#kill();
  }

  /** Node types these as streams, but pipes are what they are. In Bun the one to write to never keeps it running. */
  get #pipes(): (Duplex & Partial<Pick<Socket, "ref" | "unref">>)[] {
    const { stdin, stdout, stderr } = this.#child;
    return [stdin, stdout, stderr] as unknown as Socket[];
  }

  #deliver(): void {
    while (this.#handler && !this.#paused && !this.#dropped) {
      const chunk: Buffer | null = this.#child.stdout.read();
      if (!chunk) return;
      this.#handler.received(chunk);
    }
  }

  #killSoon(): void {
    if (!this.#killed && this.#runs()) this.#timer ??= setTimeout(() => this.#kill(), patience);
  }

  #kill(): void {
    for (const pipe of this.#pipes) pipe.destroy();
    if (!this.#runs()) return;
    this.#killed = true;
    // They would not notice: ssh's way through a jump host that does not answer waits for ever.
    const helpers = descendants(this.#child.pid ?? 0);
    this.#child.kill();
    for (const pid of helpers) endProcess(pid);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#child.kill("SIGKILL"), patience);
  }

  #runs(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Why the program ended, unless it did in good order and without a word. */
  #failure(status: number | null, signal: NodeJS.Signals | null): Error | undefined {
    const { presentable = String, explain } = this.#telling;
    const words = presentable(this.#complaints.toString());
    if (words === "" && (status === 0 || this.#killed)) return undefined;
    const explained = explain?.(status, words);
    if (explained) return explained;
    let end = `exited with status ${status}`;
    if (this.#killed) end = "stopped talking";
    else if (signal) end = `was ended by ${signal}`;
    const saying = words === "" ? "without saying why" : `saying: ${words}`;
    return new ConnectionError(`The connection to ${this.peer} broke: ${this.#command} ${end}, ${saying}`);
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid);
  } catch {
    // It has gone already, or is not ours to end.
  }
}
