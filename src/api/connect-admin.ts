import * as admin from "../protocol/generated/admin.js";
import { type CallOptions, withDeadline } from "../rpc/deadline.js";
import { checkSessionOptions, Session, type SessionOptions } from "../rpc/session.js";
import { openAdminTransport, resolveAdminUri } from "../transport/admin.js";
import { AdminConnection } from "./admin-connection.js";

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
  options: CallOptions & SessionOptions = {},
): Promise<AdminConnection> {
  checkSessionOptions(options);
  return withDeadline(options, `connecting to ${uri ?? "the daemon"}`, async (signal) => {
    const target = await resolveAdminUri(uri);
    const session = new Session(await openAdminTransport(target, { signal }), options);
    try {
      await session.call(admin.connectOpen, { flags: 0 }, { signal });
    } catch (error) {
      await session.close();
      throw error;
    }
    return new AdminConnection(session, target.text);
  });
}
