import { stat } from "node:fs/promises";
import { ConnectionError } from "../errors.js";
import type { Host } from "./host.js";
import { type ConnectOptions, connectSocket } from "./socket.js";
import type { DaemonSocket } from "./sockets.js";
import type { Transport } from "./transport.js";

// What the kernel's address structure holds, less its closing NUL. Node would cut a longer path and say ENOENT.
const longestPath = process.platform === "linux" ? 107 : 103;

/** Connects to the first of these sockets that exists. */
export async function connectUnix(
  sockets: readonly DaemonSocket[],
  host: Host,
  options: ConnectOptions = {},
): Promise<Transport> {
  let missing: unknown;
  for (const socket of sockets) {
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
    } catch (cause) {
      options.signal?.throwIfAborted();
      if (!isMissing(cause)) throw await refused(socket, cause as NodeJS.ErrnoException, host);
      missing = cause;
    }
  }
  throw notFound(sockets, host, missing);
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

function notFound(sockets: readonly DaemonSocket[], host: Host, cause: unknown): ConnectionError {
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
