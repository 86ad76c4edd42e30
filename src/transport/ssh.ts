import type { Host } from "./host.js";
import { connectProcess } from "./process.js";
import type { ConnectOptions } from "./socket.js";
import { type SshTarget, sshFailure } from "./ssh/failures.js";
import { chooseProxy, remoteCommand } from "./ssh/remote-command.js";
import type { Transport } from "./transport.js";
import type { LibvirtUri } from "./uri.js";
import { presentableUser } from "./uri-syntax.js";

// What ssh needs beside the usual to log in as the user would by hand: tickets, an agent, and ways to ask.
const variables = [
  "XDG_RUNTIME_DIR",
  "KRB5CCNAME",
  "SSH_AUTH_SOCK",
  "SSH_ASKPASS",
  "SSH_ASKPASS_REQUIRE",
  "OPENSSL_CONF",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XAUTHORITY",
];
const terminalVariables = ["GPG_TTY", "TERM"];

/** Runs the system's ssh, with the user's configuration, to reach a daemon by a program on its machine. */
export async function connectSsh(
  uri: LibvirtUri,
  readonly: boolean,
  host: Host,
  options: ConnectOptions = {},
): Promise<Transport> {
  const { user } = uri;
  const target: SshTarget = { ...uri, host: uri.host ?? "localhost", proxy: chooseProxy(uri, host) };
  const { command = "ssh", noTty = false } = uri.options;
  return connectProcess(
    command,
    sshArguments(uri, remoteCommand(uri, readonly, host)),
    // As in C only what libvirt encrypts itself counts as encrypted.
    { peer: sshPeer(uri), secure: true, encrypted: false },
    {
      ...options,
      passOn: noTty ? variables : [...variables, ...terminalVariables],
      presentable: (words) => (user ? words.replaceAll(user, () => presentableUser(user)) : words),
      explain: (status, words) => sshFailure(sshPeer(uri), target, status, words),
    },
  );
}

/** The command line, as the C client has it. Behind the `--` nothing is taken for an option. */
export function sshArguments({ host, port, user, options }: LibvirtUri, command: string): string[] {
  return [
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(options.keyfile === undefined ? [] : ["-i", options.keyfile]),
    ...["-T", "-e", "none"],
    ...(options.noTty ? ["-o", "BatchMode=yes"] : []),
    ...(options.noVerify ? ["-o", "StrictHostKeyChecking=no"] : []),
    ...["--", host ?? "localhost", command],
  ];
}

/** Where a connection leads, for people. */
export function sshPeer({ transport, user, host = "localhost", port }: LibvirtUri): string {
  const login = user === undefined ? "" : `${presentableUser(user)}@`;
  const address = port !== undefined && host.includes(":") ? `[${host}]` : host;
  return `${transport}:${login}${address}${port === undefined ? "" : `:${port}`}`;
}
