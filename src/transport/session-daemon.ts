import type { ChildProcess } from "node:child_process";
import { access, constants, readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionError } from "../errors.js";
import { Complaints } from "./complaints.js";
import type { Host } from "./host.js";
import type { TransportObserver } from "./observer.js";
import { environment } from "./process.js";
import type { ConnectOptions } from "./socket.js";
import type { DaemonSocket } from "./sockets.js";
import type { Transport } from "./transport.js";

const { spawn } = process.getBuiltinModule("node:child_process");

/** How long a daemon may take to listen, and how long to wait between two looks at it, in milliseconds. */
const patience = 30_000;
const firstWait = 10;
const longestWait = 200;

// As in C: a daemon that nobody uses any more for two minutes goes.
const daemonArguments = ["--timeout=120"];
const daemonVariables = ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"];

// Where libvirt's own packages put daemons, which need not be in the PATH of those who are not root.
const usualDirectories = ["/usr/sbin", "/usr/local/sbin"];

/** A daemon that this process has started, and that somebody still waits for. */
interface Started {
  readonly program: string;
  readonly child: ChildProcess;
  /** The end of what it wrote to standard error. */
  readonly complaints: Complaints;
  /** How it ended, once it has. */
  end: string | undefined;
  waiting: number;
}

/** By their sockets: who connects while another does must not start a second one. */
const started = new Map<string, Started>();

/**
 * Starts the first of the user's daemons that is installed, and connects to it as soon as it listens. It outlives this
 * process. Of two that are started by two processes at once, one ends by itself: daemons hold a lock on their PID file.
 *
 * @param attempt - Connects to a socket; returns undefined where nobody listens there.
 */
export async function connectStarted(
  sockets: readonly DaemonSocket[],
  host: Host,
  attempt: (socket: DaemonSocket) => Promise<Transport | undefined>,
  { signal, observer }: ConnectOptions,
): Promise<Transport> {
  const [socket, program] = await findDaemon(sockets, host);
  const deadline = Date.now() + patience;
  let daemon = start(program, socket, observer);
  let outrun = false;
  try {
    for (let wait = firstWait; ; wait = Math.min(wait * 1.5, longestWait)) {
      const transport = await attempt(socket);
      if (transport) return transport;
      if (Date.now() > deadline) throw failure(daemon, socket);
      if (daemon.end !== undefined) {
        // Another's daemon may be about to listen, or to go: then it is for us after all.
        if (await othersRun(socket)) outrun = true;
        else if (!outrun) throw failure(daemon, socket);
        else {
          release(daemon, socket);
          daemon = start(program, socket, observer);
          outrun = false;
        }
      }
      await sleep(wait, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  } finally {
    release(daemon, socket);
  }
}

async function findDaemon(
  sockets: readonly DaemonSocket[],
  { env, uid }: Host,
): Promise<[socket: DaemonSocket, program: string]> {
  const override = env.VIRTD_PATH || env.LIBVIRTD_PATH;
  const directories = override
    ? [override]
    : [...usualDirectories, ...(env.PATH ?? "").split(":").filter(Boolean)];
  for (const socket of sockets) {
    for (const directory of directories) {
      // It is started in another directory than ours.
      const program = resolve(directory, `${socket.daemon}`);
      if (await isExecutable(program)) return [socket, program];
    }
  }
  const names = sockets.map(({ daemon }) => daemon).join(" or ");
  const places = override || `${usualDirectories.join(", ")} and PATH`;
  throw new ConnectionError(
    `No libvirt daemon of user ${uid} is running, and there is no ${names} in ${places} that could be ` +
      "started. Install it (Debian and Ubuntu: package libvirt-daemon), name its folder by VIRTD_PATH, or give another URI",
  );
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function start(program: string, { path }: DaemonSocket, observer: TransportObserver | undefined): Started {
  const running = started.get(path);
  if (running && running.end === undefined) {
    running.waiting++;
    return running;
  }
  const child = spawn(program, daemonArguments, {
    cwd: "/",
    detached: true,
    env: environment(daemonVariables),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const daemon: Started = { program, child, complaints: new Complaints(), end: undefined, waiting: 1 };
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    daemon.complaints.add(text);
  });
  child.on("error", (error) => {
    daemon.end ??= `could not be run: ${error.message}`;
  });
  // Not "exit": what it says last comes before "close".
  child.on("close", (status, signal) => {
    daemon.end ??= signal ? `was ended by ${signal}` : `exited with status ${status}`;
  });
  child.on("spawn", () => observer?.running?.(program, daemonArguments));
  child.unref();
  started.set(path, daemon);
  return daemon;
}

/** Nobody listens any more to what the daemon says, once all who waited for it have done. */
function release(daemon: Started, { path }: DaemonSocket): void {
  if (--daemon.waiting > 0) return;
  daemon.child.stderr?.destroy();
  if (started.get(path) === daemon) started.delete(path);
}

/** Whether there is a daemon that somebody else has started, by the PID file that libvirt's daemons write. */
async function othersRun({ path, daemon }: DaemonSocket): Promise<boolean> {
  const pid = Number(await readFile(`${dirname(path)}/${daemon}.pid`, "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function failure({ program, complaints, end }: Started, { path }: DaemonSocket): ConnectionError {
  const how = end ?? `does not listen at ${path} after ${patience / 1000} seconds`;
  const words = complaints.toString();
  const saying = words === "" ? "without saying why" : `saying: ${words}`;
  return new ConnectionError(
    `No libvirt daemon was running, and ${program}, which was started for that, ${how}, ${saying}. Start it yourself ` +
      "to see more; LIBVIRT_AUTOSTART=0 in the environment keeps it from being started",
  );
}
