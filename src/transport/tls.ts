import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { SecureContext, TLSSocket } from "node:tls";
import { AuthenticationError, ConnectionError } from "../errors.js";
import type { Host } from "./host.js";
import { type ConnectOptions, socketTransport } from "./socket.js";
import { attemptTimeout, cannotConnect } from "./tcp.js";
import { type CertificateFacts, certificateFacts, chainOf, isForHost } from "./tls/certificate.js";
import {
  type Credentials,
  certificatesIn,
  checkCredentials,
  loadCredentials,
  type TlsOptions,
} from "./tls/credentials.js";
import { bareEnd, broken, noAuthority, refused, revoked, untrusted, wrongHost } from "./tls/failures.js";
import { type TlsPolicy, tlsPolicy } from "./tls/priority.js";
import { isRevoked, type Revocations, readRevocations } from "./tls/revocation.js";
import type { Transport } from "./transport.js";
import type { UriOptions } from "./uri.js";

const { connect, createSecureContext } = process.getBuiltinModule("node:tls");

/** Where a daemon listens for TLS. */
export const defaultTlsPort = 16514;

/** What was negotiated, and with whom. */
export interface TlsFacts {
  /** `TLSv1.3` */
  readonly protocol: string;
  /** The cipher suite, by its name in the standards. */
  readonly cipher: string;
  /** Whether the server's certificate was checked: not so with `no_verify`. */
  readonly verified: boolean;
  /** The server's certificate, and those that issued it, as far as they are known. */
  readonly server: readonly CertificateFacts[];
  /** The certificate that we presented, if any. */
  readonly client: CertificateFacts | undefined;
}

export interface TlsTransport extends Transport {
  readonly tls: TlsFacts;
}

export interface TlsConnectOptions extends ConnectOptions {
  readonly tls?: TlsOptions | undefined;
  /** The URI's parameters. */
  readonly uri?: Pick<UriOptions, "noSanity" | "noVerify" | "pkipath" | "tlsPriority">;
}

/**
 * Connects to a daemon by TLS. Resolves when both sides have accepted each other: the daemon confirms that it takes
 * our certificate by a byte of its own, before any message.
 */
export async function connectTls(
  host: string,
  port: number,
  machine: Host,
  { signal, observer, tls = {}, uri = {} }: TlsConnectOptions = {},
): Promise<TlsTransport> {
  const policy = uri.tlsPriority === undefined ? {} : tlsPolicy(uri.tlsPriority);
  const verified = !uri.noVerify && tls.rejectUnauthorized !== false;
  const credentials = await loadCredentials(tls, uri.pkipath, machine);
  checkFiles(credentials, verified, uri);
  const revocations = credentials.crl && readRevocations(credentials.crl);
  signal?.throwIfAborted();

  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const name = tls.servername ?? host;
  const target = {
    host,
    port,
    autoSelectFamilyAttemptTimeout: attemptTimeout,
    ...(isIP(name) === 0 && { servername: name }),
    secureContext: secureContext(address, credentials, policy),
    // Whether to go on is decided below, where it can be said why not, and by libvirt's rules for names.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  };
  const authorities = credentials.ca ? certificatesIn(credentials.ca) : [];
  const ours = credentials.identity && certificatesIn(credentials.identity.cert)[0];
  const client = ours && certificateFacts(ours);

  return new Promise((resolve, reject) => {
    let reached = false;
    let facts: TlsFacts | undefined;
    const socket = connect(target);
    socket.setNoDelay();
    const settle = () => {
      socket.off("connect", onConnect);
      socket.off("secureConnect", onSecure);
      socket.off("readable", onReadable);
      socket.off("end", onEnd);
      socket.off("error", onError);
      signal?.removeEventListener("abort", onAbort);
    };
    const fail = (reason: unknown) => {
      settle();
      socket.on("error", () => {}); // whatever else comes of it
      socket.destroy();
      reject(reason);
    };
    const onConnect = () => {
      reached = true;
      observer?.reached?.(socket.remoteAddress);
    };
    const onSecure = () => {
      try {
        const chain = chainOf(socket.getPeerX509Certificate(), authorities);
        const { standardName } = socket.getCipher();
        const protocol = socket.getProtocol() ?? "";
        facts = { protocol, cipher: standardName, verified, server: chain.map(certificateFacts), client };
        observer?.negotiated?.(facts);
        if (verified) checkServer(socket, chain, name, address, credentials, revocations);
      } catch (error) {
        // What is no verdict of ours is a certificate that cannot be read.
        const verdict = error instanceof AuthenticationError;
        fail(verdict ? error : broken(address, error as Error, false, client, credentials));
        return;
      }
      socket.on("readable", onReadable);
    };
    const onReadable = () => {
      // Only this byte: what follows belongs to the conversation.
      const verdict: Buffer | null = socket.read(1);
      if (!verdict || !facts) return;
      if (verdict[0] !== accepted) {
        fail(refused(address, `answered with the byte ${verdict[0]}, not ${accepted}`, client, credentials));
        return;
      }
      const transport = socketTransport(socket, { peer: `tls:${address}`, secure: true, encrypted: true });
      settle();
      resolve(Object.assign(transport, { tls: facts }));
    };
    const onEnd = () => {
      // During the handshake Node makes an error of it.
      if (facts) fail(refused(address, bareEnd, client, credentials));
    };
    const onError = (error: NodeJS.ErrnoException) => {
      if (!reached) fail(cannotConnect(address, error, howToListen));
      else fail(broken(address, error, facts !== undefined, client, credentials));
    };
    const onAbort = () => fail(signal?.reason);
    socket.on("connect", onConnect);
    socket.on("secureConnect", onSecure);
    socket.on("end", onEnd);
    socket.on("error", onError);
    signal?.addEventListener("abort", onAbort);
  });
}

/** Finds what is missing from our own files, or wrong with them, before a server does. */
export function checkFiles(
  credentials: Credentials,
  verified: boolean,
  { noSanity }: Pick<UriOptions, "noSanity">,
): void {
  if (verified && !credentials.ca) throw noAuthority(credentials);
  if (!noSanity) checkCredentials(credentials);
}

/** By this byte a daemon says that it takes the client's certificate, or does without one. */
const accepted = 1;
const howToListen =
  "Start the daemon's TLS socket (libvirtd-tls.socket, or listen_tls=1 and --listen), or check the port";

function checkServer(
  socket: TLSSocket,
  chain: readonly X509Certificate[],
  name: string,
  address: string,
  credentials: Credentials,
  revocations: Revocations | undefined,
): void {
  const [leaf] = chain;
  if (!leaf || !socket.authorized) {
    // Node declares an Error, and gives OpenSSL's code.
    const code = String(socket.authorizationError);
    throw untrusted(address, code, chain.map(certificateFacts), credentials);
  }
  const withdrawn = revocations && chain.find((certificate) => isRevoked(certificate, revocations));
  if (withdrawn) throw revoked(address, certificateFacts(withdrawn), credentials);
  if (!isForHost(leaf, name)) throw wrongHost(address, name, certificateFacts(leaf));
}

function secureContext(address: string, { ca, identity }: Credentials, policy: TlsPolicy): SecureContext {
  try {
    return createSecureContext({
      ...policy,
      ...(ca && { ca: certificatesIn(ca).map(String) }),
      ...(identity && { cert: identity.cert.text, key: identity.key.text }),
      // As GnuTLS has it: whoever is in the file is trusted, an intermediate authority too.
      allowPartialTrustChain: true,
    });
  } catch (cause) {
    if (cause instanceof ConnectionError) throw cause;
    const files = [ca, identity?.cert, identity?.key].flatMap((pem) => pem?.source ?? []);
    throw new ConnectionError(
      `No TLS session with ${address}: OpenSSL cannot use ${files.join(", ")}: ${(cause as Error).message}`,
      { cause },
    );
  }
}
