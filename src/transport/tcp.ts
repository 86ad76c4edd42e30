import { ConnectionError } from "../errors.js";
import { type ConnectOptions, connectSocket } from "./socket.js";
import type { Transport } from "./transport.js";

/** Where a daemon listens that accepts unencrypted connections. */
export const defaultTcpPort = 16509;

// Node tries a host's addresses one after another and gives each but the last 250 ms, which a far host may need
// for a single round trip.
export const attemptTimeout = 2500;

/** Connects to a daemon by TCP, in clear. */
export async function connectTcp(
  host: string,
  port: number,
  options: ConnectOptions = {},
): Promise<Transport> {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  try {
    return await connectSocket(
      { host, port, noDelay: true, autoSelectFamilyAttemptTimeout: attemptTimeout },
      { peer: `tcp:${address}`, secure: false, encrypted: false, ifSilent },
      options,
    );
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw cannotConnect(address, cause as NodeJS.ErrnoException, howToListen);
  }
}

const howToListen =
  "Start the daemon's TCP socket (libvirtd-tcp.socket, or listen_tcp=1 and --listen), or check the port";

const ifSilent =
  "If it expects TLS there, use +tls in the URI; if it has too many clients, raise its max_clients";

/** Why there is no connection, and what to do. Where nothing listens that is up to the kind of socket. */
export function cannotConnect(
  address: string,
  cause: NodeJS.ErrnoException,
  howToListen: string,
): ConnectionError {
  const attempts: NodeJS.ErrnoException[] = cause instanceof AggregateError ? cause.errors : [cause];
  const detail = attempts.map(({ message }) => message).join("; ");
  const code = attempts.at(-1)?.code ?? "";
  const why =
    code === "ECONNREFUSED" ? `nothing listens there. ${howToListen}` : (advice[code] ?? "it failed");
  return new ConnectionError(`Cannot connect to ${address}: ${why} (${detail})`, { cause });
}

const advice: Readonly<Record<string, string>> = {
  ENOTFOUND: "no such host. Check its name",
  EAI_AGAIN: "the name server does not answer. Check the network, or give an address",
  ETIMEDOUT: "no answer. Check the address, and firewalls on the way",
  EHOSTUNREACH: "there is no way to that host. Check the address and the network",
  ENETUNREACH: "there is no way to that network. Check the address and the network",
};
