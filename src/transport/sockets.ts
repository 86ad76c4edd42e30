import { type Host, userRuntimeDirectory } from "./host.js";
import type { LibvirtUri } from "./uri.js";

/** A place where a daemon may listen. */
export interface DaemonSocket {
  readonly path: string;
  /** The program that listens there; undefined where the user named the socket. */
  readonly daemon: string | undefined;
  /** Whether it is the user's own daemon and not the system's. */
  readonly session: boolean;
}

// Not /run: the path may be used on another machine by ssh, and only this spelling is right on all of them.
const systemDirectory = "/var/run/libvirt";

// The drivers that have a daemon of their own, in libvirt's order, for when nobody says which one is wanted.
const systemDrivers = ["xen", "qemu", "lxc", "vbox", "bhyve", "vz"];
const sessionDrivers = ["qemu", "vbox"];

/**
 * Whether a URI means the user's own daemon. Root has none. A daemon's test driver needs no rights, so the user's own
 * will do.
 */
export function isSession(uri: LibvirtUri, host: Host): boolean {
  return host.uid !== 0 && (uri.path === "/session" || uri.driver === "test" || uri.driver === undefined);
}

/**
 * The unix sockets at which a URI's daemon may be found, in order of preference: the first that exists is the one.
 *
 * @throws RangeError for `mode=direct` where the socket is on another machine, since nobody can look there.
 */
export function daemonSockets(uri: LibvirtUri, readonly: boolean, host: Host): DaemonSocket[] {
  const session = isSession(uri, host);
  const { socket, mode = "auto" } = uri.options;
  if (socket !== undefined) return [{ path: socket, daemon: undefined, session }];

  const directory = session ? userRuntimeDirectory(host) : systemDirectory;
  // A user's own daemon has no read-only socket: whoever reaches it owns it.
  const ending = readonly && !session ? "sock-ro" : "sock";
  const legacy = { path: `${directory}/libvirt-${ending}`, daemon: "libvirtd", session };
  if (mode === "legacy") return [legacy];

  if (uri.transport !== "unix") {
    if (mode === "direct") {
      throw new RangeError(
        `mode=direct is not possible with ${uri.transport}, but for ssh with proxy=native`,
      );
    }
    return [legacy];
  }
  const drivers = uri.driver === undefined ? (session ? sessionDrivers : systemDrivers) : [uri.driver];
  const direct = drivers.map((driver) => ({
    path: `${directory}/virt${driver}d-${ending}`,
    daemon: `virt${driver}d`,
    session,
  }));
  return mode === "direct" ? direct : [...direct, legacy];
}

/** Whether a socket's daemon is started where nobody listens: the user's own is, unless the environment forbids it. */
export function mayStart({ daemon, session }: DaemonSocket, host: Host): boolean {
  return daemon !== undefined && session && host.uid > 0 && host.env.LIBVIRT_AUTOSTART !== "0";
}
