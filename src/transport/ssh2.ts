import type { Socket } from "node:net";
import type { Host } from "./host.js";
import { type ConnectOptions, openSocket } from "./socket.js";
import type { SshAnswers } from "./ssh/answers.js";
import { farSideFailure } from "./ssh/failures.js";
import { HostKeys } from "./ssh/host-key.js";
import { Login } from "./ssh/login.js";
import { Opening } from "./ssh/opening.js";
import type { SshOptions } from "./ssh/options.js";
import { loadSsh2 } from "./ssh/package.js";
import { chooseProxy, remoteCommand } from "./ssh/remote-command.js";
import { attemptTimeout, cannotConnect } from "./tcp.js";
import type { Transport } from "./transport.js";
import type { LibvirtUri } from "./uri.js";

export interface Ssh2ConnectOptions extends ConnectOptions {
  readonly readonly?: boolean;
  /** What to use in place of the user's files. */
  readonly ssh?: SshOptions | undefined;
  readonly answers?: SshAnswers | undefined;
}

export const defaultSshPort = 22;
/** As in C, whoever runs this program. */
export const defaultSshUser = "root";

const nobody: SshAnswers = { password: async () => undefined, ask: undefined };

/** What libssh looks at beside the user's file; libssh2 has no such thing. */
const globalKnownHosts = "/etc/ssh/ssh_known_hosts";

/**
 * Connects to a daemon by ssh, with neither the program ssh nor its settings: what the URI does not say is as in C's
 * transports libssh2 and libssh. Resolves when the command runs that leads to the daemon's socket; whether it gets
 * there shows later.
 */
export async function connectSsh2(
  uri: LibvirtUri,
  machine: Host,
  { signal, observer, readonly = false, ssh = {}, answers = nobody }: Ssh2ConnectOptions = {},
): Promise<Transport> {
  const { host = "localhost", port = defaultSshPort, user = defaultSshUser, options } = uri;
  const command = remoteCommand(uri, readonly, machine);
  const ssh2 = await loadSsh2(uri.transport);
  const globalFile = uri.transport === "libssh" ? globalKnownHosts : undefined;
  const hostKeys = await HostKeys.load({ host, port, uri: options, ssh, globalFile, answers, machine });

  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const peer = `${uri.transport}:${address}`;
  const target = { ...uri, host, user, proxy: chooseProxy(uri, machine) };
  const socket = await reach(host, port, address, { signal, observer });
  const login = new Login({ ssh2, server: address, user, uri: options, ssh, answers, machine });
  const opening = new Opening(ssh2, socket, address, login);
  const onAbort = () => opening.fail(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    signal?.throwIfAborted();
    await opening.logIn(user, hostKeys, observer);
    return await opening.run(command, {
      peer,
      secure: true,
      // As in C only what libvirt encrypts itself counts as encrypted.
      encrypted: false,
      explain: (status, words) => farSideFailure(peer, target, status, words),
    });
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    login.close();
  }
}

async function reach(host: string, port: number, address: string, options: ConnectOptions): Promise<Socket> {
  const to = { host, port, noDelay: true, autoSelectFamilyAttemptTimeout: attemptTimeout };
  try {
    return await openSocket(to, (socket) => socket.on("error", () => {}), options);
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw cannotConnect(address, cause as NodeJS.ErrnoException, "Start its sshd, or check the port");
  }
}
