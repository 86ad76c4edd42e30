import { stat } from "node:fs/promises";
import { ConnectionError } from "../errors.js";
import type { Host } from "./host.js";
import { type ConnectOptions, connectSocket } from "./socket.js";
import { type DaemonSocket, mayStart } from "./sockets.js";
import type { Transport } from "./transport.js";

// What the kernel's address structure holds, less its closing NUL. Node would cut a longer path and say ENOENT.
const longestPath = process.platform === "linux" ? 107 : 103;

export interface UnixOptions extends ConnectOptions {
  /** Whether to start the user's own daemon where there is none. */
  readonly autostart?: boolean;
}

/** Connects to the first of these sockets that exists. */
export async function connectUnix(
  sockets: readonly DaemonSocket[],
  host: Host,
  { autostart = false, ...options }: UnixOptions = {},
): Promise<Transport> {
  let absent: NodeJS.ErrnoException | undefined;
  let wanted = sockets;
  for (const socket of sockets) {
    const outcome = await attempt(socket, host, options);
    if (!(outcome instanceof Error)) return outcome;
    absent = outcome;
    // A socket that its daemon has left behind tells which one is wanted.
    if (outcome.code === "ECONNREFUSED") {
      wanted = [socket];
      break;
    }
  }
  if (autostart && wanted.some((socket) => mayStart(socket, host))) {
    const { connectStarted } = await import("./session-daemon.js");
    const connect = async (socket: DaemonSocket) => {
      const outcome = await attempt(socket, host, options);
      return outcome instanceof Error ? undefined : outcome;
    };
    return connectStarted(wanted, host, connect, options);
  }
  throw await unanswered(wanted, host, absent);
}

/** Connects, or returns the error of a socket that is absent or that nobody listens on. */
async function attempt(
  socket: DaemonSocket,
  host: Host,
  options: ConnectOptions,
): Promise<Transport | NodeJS.ErrnoException> {
  const { path } = socket;
  if (Buffer.byteLength(path) > longestPath) {
    throw new ConnectionError(
      `Cannot connect to ${path}: a unix socket's path has at most ${longestPath} bytes`,
    );
  }
  try {
    // As in C, a leading @ stands for the NUL of Linux's abstract sockets.
    return await connectSocket(
      { path: path.replace(/^@/, "\0") },
      { peer: `unix:${path}`, secure: true, encrypted: false },
      options,
    );
  } catch (error) {
    options.signal?.throwIfAborted();
    const cause = error as NodeJS.ErrnoException;
    if (absences.includes(cause.code ?? "")) return cause;
    throw await refused(socket, cause, host);
  }
}

const absences: readonly string[] = ["ENOENT", "ENOTDIR", "ECONNREFUSED"];

async function unanswered(
  sockets: readonly DaemonSocket[],
  host: Host,
  cause: NodeJS.ErrnoException | undefined,
): Promise<ConnectionError> {
  const [first] = sockets;
  if (first && cause?.code === "ECONNREFUSED") return refused(first, cause, host);
  const paths = sockets.map(({ path }) => path);
  const tried =
    paths.length === 1
      ? `Cannot connect to ${paths[0]}: there is no such socket, so no daemon listens there`
      : `No libvirt daemon is running here: none of its sockets exists (tried ${paths.join(", ")})`;
  return new ConnectionError(`${tried}. ${startAdvice(sockets.at(-1), host)}`, { cause });
}

async function refused(
  socket: DaemonSocket,
  cause: NodeJS.ErrnoException,
  host: Host,
): Promise<ConnectionError> {
  let why = cause.message;
  if (cause.code === "ECONNREFUSED") {
    why = `the socket is there, but nothing listens on it any more. ${startAdvice(socket, host)}`;
  } else if (cause.code === "EACCES") {
    why = `permission denied for user ${host.uid}. ${await accessAdvice(socket, host)}`;
  } else if (cause.code === "EAGAIN") {
    why = "the daemon has too many connections waiting. Try again later, or raise its max_clients";
  }
  return new ConnectionError(`Cannot connect to ${socket.path}: ${why}`, { cause });
}

function startAdvice(socket: DaemonSocket | undefined, host: Host): string {
  if (!socket?.daemon) return "Check the socket= of the URI, or start the daemon that should listen there.";
  if (socket.session) {
    return `Start ${socket.daemon} as user ${host.uid}, or give another URI, such as qemu:///system.`;
  }
  const source = socket.daemon === "libvirtd" ? " (Debian and Ubuntu: package libvirt-daemon-system)" : "";
  return `Start ${socket.daemon}${source}, or give another URI.`;
}

async function accessAdvice({ path, session }: DaemonSocket, host: Host): Promise<string> {
  const elsewhere = session
    ? "or check HOME and XDG_RUNTIME_DIR, which say where this user's daemon listens"
    : "or use the user's own daemon (qemu:///session)";
  let owner: { uid: number; gid: number; mode: number };
  try {
    owner = await stat(path);
  } catch {
    return `A folder on the way to it is closed to this user: run as one who may enter it, ${elsewhere}.`;
  }
  const group = await groupName(owner.gid, host);
  const mode = (owner.mode & 0o777).toString(8);
  const remedy = owner.mode & 0o020 ? `Join the group ${group} and log in again` : `Run as user ${owner.uid}`;
  return `It belongs to user ${owner.uid} and group ${group}, with mode ${mode}. ${remedy}, ${elsewhere}.`;
}

async function groupName(gid: number, host: Host): Promise<string> {
  const groups = (await host.readFile("/etc/group").catch(() => undefined)) ?? "";
  return new RegExp(`^([^:\n]+):[^:\n]*:${gid}:`, "m").exec(groups)?.[1] ?? String(gid);
}
