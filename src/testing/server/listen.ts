import { chmodSync } from "node:fs";
import { lstat, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from "node:net";
import { createServer as createTlsServer, type PeerCertificate, type TLSSocket } from "node:tls";
import { ConnectionError } from "../../errors.js";
import { userName } from "../../transport/host.js";
import { type Peer, socketTransport } from "../../transport/socket.js";
import type { Transport } from "../../transport/transport.js";
import type { Origin } from "./connection.js";

/** What a TLS server shows, and what it asks for: PEM texts or buffers, as in node:tls. */
export interface ServerTlsOptions {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Whoever has no certificate of these authorities is turned away. Nobody needs one if left out. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  readonly crl?: string | Buffer | readonly (string | Buffer)[];
}

/** Where to listen. */
export type Address =
  | { readonly kind: "unix"; readonly path: string; readonly readonly: boolean }
  | { readonly kind: "tcp" | "tls"; readonly host: string; readonly port: number };

export interface ListenOptions {
  readonly tls?: ServerTlsOptions | undefined;
  /** Who may open the unix sockets. */
  readonly unixMode: number;
  accept(transport: Transport, origin: Origin): void;
}

/** Something that is listened on. */
export interface Listener {
  /** In the form in which it is asked for, with the port that it has got. */
  readonly address: string;
  /** Takes no more, and removes the socket. Those who have come stay. */
  close(): void;
}

const handshakeMs = 30_000;

/** What libvirt's servers say inside TLS when they have accepted the certificate. */
const welcome = Uint8Array.of(1);

/** @throws TypeError for what is no address. */
export function parseAddress(text: string): Address {
  const [, kind = "", rest = ""] = /^(unix|unix-ro|tcp|tls):(.+)$/.exec(text) ?? [];
  if (kind.startsWith("unix")) return { kind: "unix", path: rest, readonly: kind === "unix-ro" };
  const [, bracketed, plain, digits = ""] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(rest) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new TypeError(
      `listen: ${text} is none of unix:PATH, unix-ro:PATH, tcp:HOST:PORT and tls:HOST:PORT`,
    );
  }
  return { kind: kind === "tls" ? "tls" : "tcp", host, port };
}

export async function listen(address: Address, options: ListenOptions): Promise<Listener> {
  if (address.kind === "unix") return listenUnix(address, options);
  const { kind, host, port } = address;
  const { server, strangers } = kind === "tcp" ? tcpServer(options) : tlsServer(options);
  await started(server, `${kind}:${host}:${port}`, () => server.listen(port, host));
  const { port: actual } = server.address() as AddressInfo;
  const shown = host.includes(":") ? `[${host}]` : host;
  const close = () => {
    server.close();
    for (const socket of strangers.values()) socket.destroy();
  };
  return { address: `${kind}:${shown}:${actual}`, close };
}

async function listenUnix(
  { path, readonly }: Address & { readonly kind: "unix" },
  { accept, unixMode }: ListenOptions,
): Promise<Listener> {
  const address = `${readonly ? "unix-ro" : "unix"}:${path}`;
  const peer: Peer = { peer: address, secure: true, encrypted: false };
  // Whoever else can open it is not known by name.
  const origin = { readonly, ...((unixMode & 0o077) === 0 && { externalName: userName() }) };
  const server = createServer((socket) => accept(socketTransport(socket, peer), origin));
  await removeStale(path);
  await started(server, address, () => {
    server.listen(path.replace(/^@/, "\0"));
    // Before anybody can have come: it is bound by now.
    if (server.listening && !path.startsWith("@")) chmodSync(path, unixMode);
  });
  return { address, close: () => void server.close() };
}

/** A server on a port, and those who have come to it and are still in the middle of the handshake. */
interface PortServer {
  readonly server: NetServer;
  readonly strangers: ReadonlyMap<string, Socket>;
}

function tcpServer({ accept }: ListenOptions): PortServer {
  const server = createServer({ noDelay: true }, (socket) => {
    accept(socketTransport(socket, { peer: clientOf(socket), secure: false, encrypted: false }), {});
  });
  return { server, strangers: new Map() };
}

function tlsServer({ accept, tls }: ListenOptions): PortServer {
  if (!tls) throw new TypeError("listen: a tls: address takes the option tls");
  const server = certifiedServer(tls);
  const strangers = new Map<string, Socket>();
  server.on("connection", (socket) => {
    const client = clientOf(socket);
    strangers.set(client, socket);
    socket.on("close", () => strangers.delete(client));
  });
  server.on("secureConnection", (socket) => {
    strangers.delete(clientOf(socket));
    const transport = socketTransport(socket, { peer: clientOf(socket), secure: true, encrypted: true });
    transport.write(welcome);
    accept(transport, certified(socket));
  });
  // A client that is turned away: that it ends is all that it is told.
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return { server, strangers };
}

function certifiedServer({ cert, key, ca, crl }: ServerTlsOptions) {
  try {
    return createTlsServer({
      ...{ cert, key },
      ...(ca !== undefined && { ca: listOf(ca), requestCert: true, rejectUnauthorized: true }),
      ...(crl !== undefined && { crl: listOf(crl) }),
      handshakeTimeout: handshakeMs,
      noDelay: true,
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConnectionError(`Cannot listen with this certificate and key: ${why}`, { cause });
  }
}

const listOf = <T>(value: T | readonly T[]): T[] => (Array.isArray(value) ? [...value] : [value as T]);

function clientOf({ remoteAddress, remotePort }: Socket): string {
  return `client ${remoteAddress}:${remotePort}`;
}

/** Who the client is by its certificate, if that has been checked. */
function certified(socket: TLSSocket): Origin {
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  if (!socket.authorized || !subject) return {};
  const x509Dname = Object.entries(subject)
    .flatMap(([key, values]) => [values].flat().map((value) => `${key}=${value}`))
    .join(",");
  return { x509Dname, externalName: x509Dname };
}

/** A socket that nobody listens on any more is in the way of a new one; one that is in use stays. */
async function removeStale(path: string): Promise<void> {
  if (path.startsWith("@")) return;
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isSocket()) return;
  const isStale = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => resolve(false));
    probe.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
    probe.on("connect", () => probe.destroy());
  });
  if (!isStale) throw new ConnectionError(`Cannot listen on unix:${path}: another server listens there`);
  await rm(path, { force: true });
}

function started(server: NetServer, address: string, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      server.close();
      const why = cause instanceof Error ? cause.message : String(cause);
      reject(new ConnectionError(`Cannot listen on ${address}: ${why}`, { cause }));
    };
    server.once("error", fail);
    server.once("listening", () => {
      server.off("error", fail);
      // Such as too many open files: whoever could not come is gone.
      server.on("error", () => {});
      resolve();
    });
    try {
      start();
    } catch (error) {
      fail(error);
    }
  });
}
