import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Libvirtd } from "./libvirtd.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface ProgramOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Runs it where this daemon's sockets and configuration are the system's own. */
  readonly beside?: Libvirtd;
  /** Directories that it finds empty. */
  readonly without?: readonly string[];
  /** Runs it as somebody else than root, who may read the same files. */
  readonly asUser?: boolean;
}

/** How a program ended, and what it said. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A TypeScript program in a process of its own, as a user would run it: it imports the package by its name (and gets
 * its source, so that nothing has to be built), and nothing of this process's environment reaches it.
 */
export class Program {
  /** What it has said so far. */
  stdout = "";
  stderr = "";
  readonly outcome: Promise<Outcome>;
  readonly #child: ChildProcess;

  constructor(file: string, options: ProgramOptions = {}) {
    const { args = [], env = {} } = options;
    const { PATH } = process.env;
    const [command = "", ...rest] = [...wrapper(options), process.execPath, "--import", "tsx", file, ...args];
    const child = spawn(command, rest, {
      cwd: root,
      env: { PATH, HOME: "/proc/nonexistent", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      this.stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      this.stderr += chunk;
    });
    this.#child = child;
    this.outcome = once(child, "close").then(([status]) => {
      return { status, stdout: this.stdout, stderr: this.stderr };
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Nobody reads any more what it prints. */
  closeStdout(): void {
    this.#child.stdout?.destroy();
  }
}

/** Runs a program to its end. */
export function run(file: string, options: ProgramOptions = {}): Promise<Outcome> {
  return new Program(file, options).outcome;
}

/** Commands that each change something of the surroundings and become the command that follows. */
function wrapper({ beside, without = [], asUser = false }: ProgramOptions): string[] {
  const hide = without.map((directory) => `mount -t tmpfs none ${directory} && `).join("");
  return [
    ...(beside ? ["nsenter", `--mount=/proc/${beside.pid}/ns/mnt`, `--wd=${root}`] : []),
    ...(hide ? ["unshare", "--mount", "sh", "-c", `${hide} exec "$@"`, "sh"] : []),
    ...(asUser ? ["unshare", "--user", "--map-user=1000"] : []),
  ];
}
