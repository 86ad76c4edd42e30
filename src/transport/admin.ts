import { loadConfig } from "./config.js";
import { type Host, thisHost, userRuntimeDirectory } from "./host.js";
import { aliasedUri } from "./resolve.js";
import type { ConnectOptions } from "./socket.js";
import type { DaemonSocket } from "./sockets.js";
import type { Transport } from "./transport.js";
import { connectUnix } from "./unix.js";
import { quoteUri, splitQuery, splitUri } from "./uri-syntax.js";

/** A URI of a daemon's administration server: `libvirtd:///system`, `virtqemud:///session`. */
export interface AdminUri {
  readonly text: string;
  readonly socket: DaemonSocket;
}

/**
 * From what the caller gave, or LIBVIRT_ADMIN_DEFAULT_URI, or libvirt-admin.conf's `uri_default`, to the socket of
 * a daemon. Without any of these it is libvirtd's: the system's for root, the user's own for others.
 *
 * @throws RangeError for a scheme, path or parameter that no daemon has.
 */
export async function resolveAdminUri(uri: string | undefined, host: Host = thisHost()): Promise<AdminUri> {
  const config = await loadConfig(host, "libvirt-admin.conf");
  const usual = host.uid === 0 ? "libvirtd:///system" : "libvirtd:///session";
  const wanted = uri ?? (host.env.LIBVIRT_ADMIN_DEFAULT_URI || (config.string("uri_default") ?? usual));
  const text = aliasedUri(config, wanted) ?? wanted;
  return { text, socket: adminSocket(text, host) };
}

/** Connects to the administration server that a URI means. It listens on unix sockets only. */
export function openAdminTransport(uri: AdminUri, options: ConnectOptions): Promise<Transport> {
  return connectUnix([uri.socket], thisHost(), options);
}

function adminSocket(text: string, host: Host): DaemonSocket {
  const { scheme, path, query } = splitUri(text);
  let socket: string | undefined;
  for (const [name, value] of splitQuery(query, text)) {
    if (name !== "socket")
      throw new RangeError(`${quoteUri(text)}: the only parameter is socket, not ${name}`);
    socket = value;
  }
  const session = path === "/session";
  if (socket !== undefined) return { path: socket, daemon: undefined, session };

  if (!/^(libvirtd|virt\w+)$/.test(scheme)) {
    throw new RangeError(
      `${quoteUri(text)}: the scheme has to be a daemon's name, such as libvirtd or virtqemud`,
    );
  }
  if (!session && path !== "/system")
    throw new RangeError(`${quoteUri(text)}: the path has to be /system or /session`);
  const directory = session ? userRuntimeDirectory(host) : "/var/run/libvirt";
  const name = scheme === "libvirtd" ? "libvirt" : scheme;
  return { path: `${directory}/${name}-admin-sock`, daemon: scheme, session };
}
