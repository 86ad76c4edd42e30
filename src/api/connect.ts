import { type AuthOption, checkAuth } from "../auth/credentials.js";
import type { ReconnectOptions } from "../rpc/back-off.js";
import { type CallOptions, inTime } from "../rpc/deadline.js";
import { printIfAsked } from "../rpc/debug.js";
import { checkKeepAlive, type KeepAliveOptions } from "../rpc/keepalive.js";
import { checkSessionOptions, Session, type SessionOptions } from "../rpc/session.js";
import { reached, traceConnects } from "../rpc/tracing.js";
import { openTransport } from "../transport/open.js";
import { resolveUri } from "../transport/resolve.js";
import type { SshOptions } from "../transport/ssh/options.js";
import type { TlsOptions } from "../transport/tls/credentials.js";
import { quoteUri } from "../transport/uri-syntax.js";
import type { Connection } from "./connection.js";
import { DescriptorChannels } from "./descriptors.js";
import { isEmbedded, openEmbedded } from "./embedded.js";
import { logIn, sshAnswers } from "./log-in.js";
import { defaultKeepAlive, openHypervisor, watchOver } from "./open-hypervisor.js";
import { warnOfSuspects } from "./uri-warnings.js";

/** How to connect. `signal` and `timeoutMs` bound the connecting as a whole. */
export interface ConnectOptions extends CallOptions, SessionOptions {
  /**
   * The name and password for daemons that ask for them, or a function that is asked for what is missing. Without a
   * name and password here, an auth.conf is looked for, as virsh does.
   */
  readonly auth?: AuthOption | undefined;
  /** Asks for a connection that cannot change anything; on unix sockets that takes fewer rights. */
  readonly readonly?: boolean | undefined;
  /** Whether the URI may be an alias from libvirt.conf, which is so by default: `false` takes it for what it is. */
  readonly aliases?: boolean | undefined;
  /**
   * The certificates for connections by TLS, where there are no files of libvirt's to find them in, and what to make
   * of the server's.
   */
  readonly tls?: TlsOptions | undefined;
  /**
   * The keys for connections by `+libssh2` and `+libssh`, where there is no home directory to find them in. Those take
   * the package ssh2.
   */
  readonly ssh?: SshOptions | undefined;
  /**
   * How a daemon that has gone is noticed: when it has sent nothing for `interval` seconds it is asked whether it is
   * there, `count` times at most, and one interval later the connection is closed. By default 6 and 4, which makes 30
   * seconds, as with virsh; daemons ask every 5 seconds themselves, and then we need not. An interval of 0 asks
   * nothing, and leaves it to the daemon to watch over us.
   *
   * With `false` neither side watches over the other: for programs that are stopped for a while, which the daemon would
   * take for gone.
   */
  readonly keepAlive?: KeepAliveOptions | false | undefined;
  /**
   * Whether to connect again when the connection is lost, and how: the same objects, handlers and loops over events go
   * on. Calls that are with the daemon at that moment fail, because they may have been done; see `retry`. Calls that
   * are made meanwhile wait. By default a connection that is lost is over.
   */
  readonly reconnect?: ReconnectOptions | boolean | undefined;
}

/**
 * Connects to a hypervisor's libvirt daemon.
 *
 * @param uri - A libvirt URI (`qemu:///system`, `test+tcp://host/default`) or an alias from libvirt.conf. Without one
 *   `LIBVIRT_DEFAULT_URI` decides, then libvirt.conf's `uri_default`, then the daemon.
 * @throws ConnectionError saying what was tried, and why it failed; AuthenticationError; LibvirtError where the
 *   daemon will not open the hypervisor; TypeError or RangeError for a URI that cannot be.
 * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virConnectOpenAuth | virConnectOpenAuth}, `virConnectOpen`
 * and `virConnectOpenReadOnly`, `REMOTE_PROC_CONNECT_OPEN` (1), since libvirt 0.0.3.
 */
export async function connect(uri?: string, options: ConnectOptions = {}): Promise<Connection> {
  const { auth, readonly = false, aliases, keepAlive = defaultKeepAlive, reconnect = false } = options;
  const { tls, ssh } = options;
  checkSessionOptions(options);
  if (tls !== undefined) (await import("../transport/tls/credentials.js")).checkTlsOptions(tls);
  if (ssh !== undefined) (await import("../transport/ssh/options.js")).checkSshOptions(ssh);
  checkAuth(auth);
  if (keepAlive) checkKeepAlive(keepAlive);
  const again = reconnect === false ? undefined : await import("./reconnect.js");
  const lasting = again?.reconnecting(reconnect);
  const what = `connecting to ${uri === undefined ? "libvirt" : quoteUri(String(uri))}`;
  const connecting = async (signal: AbortSignal | undefined) => {
    let target = await resolveUri(uri, { aliases });
    warnOfSuspects(target);
    const embedded = isEmbedded(target);
    const establish = traceConnects(target.text, async (trace, within) => {
      const answers = sshAnswers(target, auth, within);
      const transport = embedded
        ? await openEmbedded(target)
        : await openTransport(target, { readonly, signal: within, tls, ssh, answers });
      const session = new Session(transport, options);
      reached(trace, session);
      try {
        await printIfAsked(session);
        await logIn(session, target, auth, within);
        // Asked together, because neither has to wait for the other's answer.
        await Promise.all([
          keepAlive && !embedded && watchOver(session, keepAlive, within),
          openHypervisor(session, target, readonly, { signal: within }),
        ]);
        await again?.endWithHypervisor(session, within);
        if (again && target.nameForDaemon === "") {
          target = { ...target, nameForDaemon: await again.chosenName(session, within) };
        }
        return session;
      } catch (error) {
        await session.close();
        throw error;
      }
    });
    // What objects there can be is loaded while the daemon is on its way.
    const opening = establish(signal);
    const loading = import("./connection.js");
    const [first, { Connection }] = await Promise.all([opening, loading]).catch(async (error: unknown) => {
      // Where the files have been replaced since we started, the daemon was reached for nothing.
      await opening.then(
        (session) => session.close(),
        () => {},
      );
      throw error;
    });
    const link = lasting?.(first, establish) ?? first;
    const channels = new DescriptorChannels(link, async (partner, within) => {
      await logIn(partner, target, auth, within.signal);
      await openHypervisor(partner, target, readonly, within);
    });
    return new Connection(link, target.text, channels);
  };
  return inTime(options, what, connecting, (late) => late.close());
}
