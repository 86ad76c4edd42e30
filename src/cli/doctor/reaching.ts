import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { sshAnswers } from "../../api/log-in.js";
import type { Host } from "../../transport/host.js";
import { openTransport } from "../../transport/open.js";
import { daemonSockets } from "../../transport/sockets.js";
import { defaultSshPort } from "../../transport/ssh2.js";
import { cannotConnect, defaultTcpPort } from "../../transport/tcp.js";
import { type CertificateFacts, certificateFacts } from "../../transport/tls/certificate.js";
import { certificatesIn, loadCredentials } from "../../transport/tls/credentials.js";
import { checkFiles, defaultTlsPort, type TlsFacts } from "../../transport/tls.js";
import type { Transport } from "../../transport/transport.js";
import type { LibvirtUri } from "../../transport/uri.js";
import type { Notes } from "./diagnosis.js";
import { Milestone } from "./milestone.js";
import type { Detail } from "./steps.js";

/** What an examination goes by. */
export interface Circumstances {
  readonly readonly: boolean;
  readonly signal: AbortSignal | undefined;
  readonly host: Host;
}

/** Where the daemon may be: sockets here, or the addresses of a host. */
export async function findAddress(
  uri: LibvirtUri,
  { readonly, signal, host }: Circumstances,
  { details }: Notes,
): Promise<void> {
  if (uri.transport === "unix") {
    details["mode"] = uri.options.mode ?? "auto";
    details["sockets"] = daemonSockets(uri, readonly, host).map(({ path }) => path);
    return;
  }
  if (uri.transport === "ext") {
    details["command"] = uri.options.command ?? null;
    return;
  }
  const name = uri.host ?? "localhost";
  details["host"] = name;
  // What a name means to ssh, and the port, is its configuration's affair.
  if (uri.transport === "ssh") return;
  const usualPorts = {
    tcp: defaultTcpPort,
    tls: defaultTlsPort,
    libssh2: defaultSshPort,
    libssh: defaultSshPort,
  };
  const port = uri.port ?? usualPorts[uri.transport];
  details["port"] = port;
  if (isIP(name)) return;
  const aborted = new Milestone<never>();
  const onAbort = () => aborted.fail(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    const found = await Promise.race([lookup(name, { all: true }), aborted.reached]);
    details["addresses"] = found.map(({ address }) => address);
  } catch (error) {
    signal?.throwIfAborted();
    throw cannotConnect(`${name}:${port}`, error as NodeJS.ErrnoException, "");
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Our own files for TLS, before anybody else gets to see them. */
export async function findCertificates(uri: LibvirtUri, host: Host, notes: Notes): Promise<void> {
  if (uri.transport !== "tls") {
    notes.skip("not needed: this is no connection by TLS");
    return;
  }
  const { details } = notes;
  const credentials = await loadCredentials({}, uri.options.pkipath, host);
  const { ca, crl, identity, authorityPaths, identityPaths } = credentials;
  details["authorityFile"] = ca?.source ?? null;
  if (!ca) details["authorityLookedForIn"] = authorityPaths;
  else details["authorities"] = certificatesIn(ca).map((each) => shown(certificateFacts(each)));
  details["revocationFile"] = crl?.source ?? null;
  details["clientFile"] = identity?.cert.source ?? null;
  if (!identity) details["clientLookedForIn"] = identityPaths;
  else details["client"] = certificatesIn(identity.cert).map((each) => shown(certificateFacts(each)));
  checkFiles(credentials, !uri.options.noVerify, uri.options);
}

/** The way to the daemon, which takes two steps where TLS is on it. */
export class Approach {
  readonly #uri: LibvirtUri;
  readonly #circumstances: Circumstances;
  #opening: Promise<Transport> | undefined;
  #negotiated: TlsFacts | undefined;

  constructor(uri: LibvirtUri, circumstances: Circumstances) {
    this.#uri = uri;
    this.#circumstances = circumstances;
  }

  /** Until somebody accepts the connection. */
  async reach(notes: Notes): Promise<void> {
    const { details } = notes;
    const accepted = new Milestone<void>();
    this.#opening = openTransport(this.#uri, {
      ...this.#circumstances,
      answers: sshAnswers(this.#uri, undefined, this.#circumstances.signal),
      observer: {
        running: (command, args) => {
          details["command"] = [command, ...args].map(shellWord).join(" ");
        },
        reached: (address) => {
          if (address !== undefined) details["address"] = address;
          accepted.reach();
        },
        negotiated: (facts) => {
          this.#negotiated = facts;
        },
        trusted: (hostKey, reason) => {
          details["hostKey"] = hostKey;
          details["hostKeyTrusted"] = reason;
        },
        loggedIn: (user, method) => {
          details["sshUser"] = user;
          details["sshLogin"] = method;
        },
      },
    });
    this.#opening.catch(() => {}); // the step that waits for it hears of it
    if (this.#uri.transport === "tls") await Promise.race([accepted.reached, this.#opening]);
    else details["peer"] = (await this.#opening).peer;
    warnOfStrangers(this.#uri, notes);
  }

  /** Until it is safe to talk. */
  async secure(notes: Notes): Promise<Transport> {
    const { details } = notes;
    try {
      const transport = await this.#opening!;
      if (!this.#negotiated) notes.skip("not needed: this is no connection by TLS");
      else if (!this.#negotiated.verified) {
        notes.warn(
          "The server's certificate is not checked: it may be anybody's",
          "Take no_verify out of the URI",
        );
      } else warnOfExpiry(this.#negotiated.server, notes);
      return transport;
    } finally {
      const facts = this.#negotiated;
      if (facts) {
        details["protocol"] = facts.protocol;
        details["cipher"] = facts.cipher;
        details["server"] = facts.server.map(shown);
        details["client"] = facts.client?.subject ?? null;
      }
    }
  }
}

/** By ssh anybody may pass for the server where its key is of no account. */
function warnOfStrangers({ transport, options }: LibvirtUri, notes: Notes): void {
  const careless =
    transport === "ssh"
      ? options.noVerify && "no_verify"
      : transport.startsWith("libssh") &&
        options.knownHostsVerify === "ignore" &&
        "known_hosts_verify=ignore";
  if (careless)
    notes.warn(
      "An unknown host key is taken for the server's: it may be anybody's",
      `Take ${careless} out of the URI`,
    );
}

function shown(facts: CertificateFacts): Detail {
  const { subject, issuer, subjectAltName, validFrom, validTo, serialNumber, fingerprint } = facts;
  return {
    subject,
    issuer,
    ...(subjectAltName !== undefined && { names: subjectAltName }),
    validFrom: isoDate(validFrom),
    validTo: isoDate(validTo),
    serialNumber,
    fingerprint,
  };
}

/** As it has to be typed in. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A certificate may have any date. */
function isoDate(date: Date): string | null {
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

const soon = 14 * 24 * 60 * 60 * 1000;

function warnOfExpiry(chain: readonly CertificateFacts[], notes: Notes): void {
  const next = chain.find(({ validTo }) => validTo.getTime() < Date.now() + soon);
  if (next)
    notes.warn(`The certificate of ${next.subject} expires on ${isoDate(next.validTo)}`, "Have it renewed");
}
