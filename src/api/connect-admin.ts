import type { ReconnectOptions } from "../rpc/back-off.js";
import { type CallOptions, inTime } from "../rpc/deadline.js";
import { printIfAsked } from "../rpc/debug.js";
import { checkSessionOptions, Session, type SessionOptions } from "../rpc/session.js";
import { reached, traceConnects } from "../rpc/tracing.js";
import { openAdminTransport, resolveAdminUri } from "../transport/admin.js";
import { quoteUri } from "../transport/uri-syntax.js";
import type { AdminConnection } from "./admin-connection.js";

/** How to connect to a daemon's administration server. `signal` and `timeoutMs` bound the connecting as a whole. */
export interface ConnectAdminOptions extends CallOptions, SessionOptions {
  /** Whether to connect again when the connection is lost, and how, as with `connect`. */
  readonly reconnect?: ReconnectOptions | boolean | undefined;
}

/**
 * Connects to the administration server of a daemon on this machine, which takes the daemon's own rights: root's for
 * the system's daemons.
 *
 * @param uri - `libvirtd:///system`, `virtqemud:///session` …, with `?socket=` for a socket elsewhere, or an alias from
 *   libvirt-admin.conf. Without one `LIBVIRT_ADMIN_DEFAULT_URI` decides, then libvirt-admin.conf's `uri_default`; else
 *   it is libvirtd's.
 * @throws ConnectionError saying what was tried, and why it failed; RangeError for a URI that cannot be.
 * @see {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmConnectOpen | virAdmConnectOpen},
 * `ADMIN_PROC_CONNECT_OPEN` (1), since libvirt 2.0.0.
 */
export async function connectAdmin(
  uri?: string,
  options: ConnectAdminOptions = {},
): Promise<AdminConnection> {
  const { reconnect = false } = options;
  checkSessionOptions(options);
  const again = reconnect === false ? undefined : await import("./reconnect.js");
  const lasting = again?.reconnecting(reconnect);
  const connecting = async (signal: AbortSignal | undefined) => {
    // Loaded when it is wanted, which is in few programs.
    const [admin, { AdminConnection }] = await Promise.all([
      import("../protocol/generated/admin.js"),
      import("./admin-connection.js"),
    ]);
    const target = await resolveAdminUri(uri);
    const establish = traceConnects(target.text, async (trace, within) => {
      const session = new Session(await openAdminTransport(target, { signal: within }), options);
      reached(trace, session);
      try {
        await printIfAsked(session);
        await session.call(admin.connectOpen, { flags: 0 }, { signal: within });
        return session;
      } catch (error) {
        await session.close();
        throw error;
      }
    });
    const first = await establish(signal);
    return new AdminConnection(lasting?.(first, establish) ?? first, target.text);
  };
  const what = `connecting to ${uri === undefined ? "the daemon" : quoteUri(String(uri))}`;
  return inTime(options, what, connecting, (late) => late.close());
}
