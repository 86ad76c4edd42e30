import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { KeepAliveOptions } from "../../src/index.js";
import { freePort, type Libvirtd, startLibvirtd, type UriOptions } from "./libvirtd.js";

/** A test driver that is served by a process of its own, which can be frozen, killed and started again. */
export type Daemon = Pick<Libvirtd, "uri" | "socketPath" | "pid" | "start" | "kill" | "stop">;

export interface DaemonOptions {
  /** When it asks clients whether they are there; its own habit if left out. */
  readonly keepAlive?: KeepAliveOptions;
  /** How many clients it lets wait with their first call. */
  readonly maxAnonymousClients?: number;
}

/** Rows of `describe.each`. */
export const daemons: readonly (readonly [
  what: string,
  start: (options?: DaemonOptions) => Promise<Daemon>,
])[] = [
  ["libvirtd", startTheirs],
  ["our server", startOurs],
];

function startTheirs({ keepAlive, maxAnonymousClients }: DaemonOptions = {}): Promise<Daemon> {
  const conf = {
    ...(keepAlive && { keepalive_interval: keepAlive.interval, keepalive_count: keepAlive.count }),
    ...(maxAnonymousClients && { max_anonymous_clients: maxAnonymousClients }),
  };
  return startLibvirtd({ tcp: true, conf });
}

async function startOurs(options: DaemonOptions = {}): Promise<Daemon> {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-server-"));
  // In one file, because some tests start it often.
  await build({
    entryPoints: [fileURLToPath(new URL("serving.ts", import.meta.url))],
    outfile: join(directory, "serving.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    sourcemap: "inline",
    external: ["ssh2", "kerberos", "@mongodb-js/saslprep"],
  });
  const daemon = new OurDaemon(directory, await freePort(), options);
  await daemon.start();
  return daemon;
}

class OurDaemon implements Daemon {
  readonly #directory: string;
  readonly #tcpPort: number;
  readonly #options: DaemonOptions;
  #process: ChildProcessByStdio<Writable, Readable, null> | undefined;

  constructor(directory: string, tcpPort: number, options: DaemonOptions) {
    this.#directory = directory;
    this.#tcpPort = tcpPort;
    this.#options = options;
  }

  get socketPath(): string {
    return join(this.#directory, "sock");
  }

  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error("this server does not run");
    return this.#process.pid;
  }

  uri(_driver: string, { transport = "unix", readonly = false }: UriOptions = {}): string {
    if (transport === "tcp") return `test+tcp://127.0.0.1:${this.#tcpPort}/default`;
    return `test+unix:///default?socket=${this.socketPath}${readonly ? "-ro" : ""}`;
  }

  async start(): Promise<void> {
    const sockets = [`unix:${this.socketPath}`, `unix-ro:${this.socketPath}-ro`];
    const settings = [JSON.stringify(this.#options), ...sockets, `tcp:127.0.0.1:${this.#tcpPort}`];
    const child = spawn(process.execPath, [join(this.#directory, "serving.mjs"), ...settings], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#process = child;
    const serves = once(child.stdout, "data").then(() => true);
    if (!(await Promise.race([serves, once(child, "exit").then(() => false)]))) {
      throw new Error("our server did not start");
    }
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async stop(): Promise<void> {
    if (this.#process) {
      const gone = once(this.#process, "exit");
      this.#process.stdin.end();
      const [status] = await gone;
      if (status !== 0) throw new Error(`our server ended with ${status}`);
    }
    await rm(this.#directory, { recursive: true });
  }
}
