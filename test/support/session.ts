import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Outcome, run as runProgram } from "./program.js";

const run = promisify(execFile);
const client = fileURLToPath(new URL("session-client.ts", import.meta.url));

/** What can be seen of a process from outside. */
export interface SeenProcess {
  readonly arguments: readonly string[];
  /** The names of its environment variables. */
  readonly variables: readonly string[];
  readonly directory: string;
  /** Its standard input and output. */
  readonly streams: readonly string[];
  /** Whether it is in another session than ours, so that no interrupt from our terminal reaches it. */
  readonly detached: boolean;
}

/** A user with folders of their own, whose daemons end with the test. */
export class UserSession implements AsyncDisposable {
  readonly directory: string;
  readonly runtimeDirectory: string;
  readonly #env: Readonly<Record<string, string>>;

  static async create(): Promise<UserSession> {
    const directory = await mkdtemp(join(tmpdir(), "virtwire-session-"));
    for (const folder of ["run", "home"]) await mkdir(join(directory, folder));
    await chmod(join(directory, "run"), 0o700);
    return new UserSession(directory);
  }

  private constructor(directory: string) {
    this.directory = directory;
    this.runtimeDirectory = join(directory, "run");
    this.#env = { HOME: join(directory, "home"), XDG_RUNTIME_DIR: this.runtimeDirectory };
  }

  /** Connects, with virtwire, to each of these URIs at once, in a process of this user's. */
  connect(uris: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return runProgram(client, { args: uris, env: { ...this.#env, ...env }, asUser: true });
  }

  /** What virsh says. */
  async virsh(...args: readonly string[]): Promise<string> {
    const command = ["--user", "--map-user=1000", "virsh", ...args];
    const { PATH = "" } = process.env;
    return (await run("unshare", command, { env: { PATH, ...this.#env } })).stdout.trim();
  }

  /** The process IDs of all of the user's daemons. */
  async daemons(): Promise<number[]> {
    const mine = `XDG_RUNTIME_DIR=${this.runtimeDirectory}`;
    const found: number[] = [];
    for (const name of await readdir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      if (
        (await procFile(name, "environ")).includes(mine) &&
        (await procFile(name, "cmdline"))[1] === "--timeout=120"
      ) {
        found.push(Number(name));
      }
    }
    return found;
  }

  /** Ends the user's daemons. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    for (const pid of await this.daemons()) process.kill(pid, signal);
    while ((await this.daemons()).length > 0) await sleep(20);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await rm(this.directory, { recursive: true });
  }
}

/** How a process was started. */
export async function seenProcess(pid: number): Promise<SeenProcess> {
  const link = (name: string) => readlink(`/proc/${pid}/${name}`);
  const environment = await procFile(String(pid), "environ");
  return {
    arguments: await procFile(String(pid), "cmdline"),
    variables: environment.map((each) => each.replace(/=.*/s, "")).sort(),
    directory: await link("cwd"),
    streams: [await link("fd/0"), await link("fd/1")],
    detached: (await sessionOf(pid)) !== (await sessionOf(process.pid)),
  };
}

async function sessionOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name of the program comes before, and may have anything in it.
  return stat.slice(stat.lastIndexOf(")")).split(" ")[4];
}

/** The strings of a file about a process; none if it has gone. */
async function procFile(pid: string, name: string): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
  return text.split("\0").slice(0, -1);
}
