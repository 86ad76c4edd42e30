import type { KeyObject, X509Certificate } from "node:crypto";
import { AuthenticationError, ConnectionError } from "../../errors.js";
import { type Host, userPkiDirectory } from "../host.js";
import { certificateFacts, isIssuedBy, wrongDates } from "./certificate.js";

const crypto = process.getBuiltinModule("node:crypto");

/**
 * What TLS connections are made with, in place of libvirt's files. Each file is given as its path, as the PEM text
 * itself or as the bytes of it.
 */
export interface TlsOptions {
  /** The authorities that may have issued the server's certificate. */
  readonly ca?: string | Uint8Array | undefined;
  /** What they have revoked. Goes with `ca`. */
  readonly crl?: string | Uint8Array | undefined;
  /** Our own certificate, and those between it and the authority. Goes with `key`. */
  readonly cert?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
  /** The name that the server's certificate has to bear, if not the URI's host. */
  readonly servername?: string | undefined;
  /** False accepts any server, as `no_verify=1` does. */
  readonly rejectUnauthorized?: boolean | undefined;
}

const files = ["ca", "crl", "cert", "key"] as const;
type FileName = (typeof files)[number];

/** PEM text, and where it is from, for messages. */
export interface Pem {
  readonly text: string;
  readonly source: string;
}

/** What a TLS connection is made with. */
export interface Credentials {
  readonly ca: Pem | undefined;
  readonly crl: Pem | undefined;
  readonly identity: { readonly cert: Pem; readonly key: Pem } | undefined;
  /** Where they are looked for if the options do not bring them. */
  readonly authorityPaths: readonly string[];
  readonly identityPaths: readonly string[];
}

/** @throws TypeError for options that cannot be. */
export function checkTlsOptions(options: TlsOptions | undefined): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null) throw new TypeError("tls: an object is wanted");
  for (const name of files) {
    const value = options[name];
    if (value !== undefined && typeof value !== "string" && !(value instanceof Uint8Array)) {
      throw new TypeError(`tls.${name}: a path, PEM text or bytes are wanted, not ${typeof value}`);
    }
  }
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new TypeError("tls: cert and key are of use only together");
  }
  if (options.crl !== undefined && options.ca === undefined) {
    throw new TypeError("tls: crl is of use only together with ca");
  }
  const { servername, rejectUnauthorized } = options;
  if (servername !== undefined && typeof servername !== "string") {
    throw new TypeError(`tls.servername: a string is wanted, not ${typeof servername}`);
  }
  if (rejectUnauthorized !== undefined && typeof rejectUnauthorized !== "boolean") {
    throw new TypeError(`tls.rejectUnauthorized: a boolean is wanted, not ${typeof rejectUnauthorized}`);
  }
}

/**
 * Gathers what a connection is made with: from the options, else from libvirt's files. Those are `pkipath`'s alone if
 * there is one; else a user's own are preferred to the system's: the authority, its revocations, and the certificate
 * with its key, each by itself.
 *
 * @throws ConnectionError for a file that is missing, cannot be read or is not what it should be.
 */
export async function loadCredentials(
  options: TlsOptions,
  pkipath: string | undefined,
  host: Host,
): Promise<Credentials> {
  const folders = pkipath === undefined ? usualFolders(host) : [folder(pkipath)];
  const ca =
    options.ca === undefined ? await firstOf(folders, "ca", host) : await given("ca", options.ca, host);
  let crl: Pem | undefined;
  if (options.ca === undefined) crl = await firstOf(folders, "crl", host);
  else if (options.crl !== undefined) crl = await given("crl", options.crl, host);

  const { cert, key } = options;
  const identity =
    cert === undefined || key === undefined
      ? await firstIdentity(folders, host)
      : { cert: await given("cert", cert, host), key: await given("key", key, host) };
  if (identity) checkKey(identity);
  return {
    ca,
    crl,
    identity,
    authorityPaths: folders.map((each) => each.ca),
    identityPaths: folders.map((each) => `${each.cert} with ${each.key}`),
  };
}

/** The certificates in a file. */
export function certificatesIn({ text, source }: Pem): X509Certificate[] {
  const blocks = text.match(/-----BEGIN (?:X509 )?CERTIFICATE-----.*?-----END (?:X509 )?CERTIFICATE-----/gs);
  if (!blocks) throw new ConnectionError(`${source} holds no certificate in PEM form`);
  try {
    return blocks.map((block) => new crypto.X509Certificate(block));
  } catch (cause) {
    throw new ConnectionError(`${source} holds a broken certificate`, { cause });
  }
}

/**
 * Looks for mistakes in our own files, as the C client does before it connects: a server that finds them says
 * nothing but that it refuses.
 *
 * @throws AuthenticationError saying which certificate cannot be used, and why.
 */
export function checkCredentials({ ca, identity }: Credentials): void {
  const authorities = ca ? certificatesIn(ca) : [];
  for (const authority of authorities) {
    checkDates(authority, `The CA certificate in ${ca?.source}`);
    if (!authority.ca) {
      throw new AuthenticationError(
        `${ca?.source} holds a certificate (${certificateFacts(authority).subject}) that is not a CA's: ` +
          "put there the one of the authority that issued the server's",
      );
    }
  }
  if (!identity) return;
  const [own, ...others] = certificatesIn(identity.cert) as [X509Certificate, ...X509Certificate[]];
  const ours = `The client certificate in ${identity.cert.source}`;
  checkDates(own, ours);
  if (own.ca) {
    throw new AuthenticationError(`${ours} is a CA's: have that authority issue one for this client`);
  }
  if (authorities.length > 0 && !isIssuedBy(own, authorities, others)) {
    throw new AuthenticationError(
      `${ours} was not issued by the CA in ${ca?.source}, but by ${certificateFacts(own).issuer}. ` +
        "Put both from the same authority in place, or say no_sanity=1 where the server trusts another one than this client",
    );
  }
}

function checkDates(certificate: X509Certificate, which: string): void {
  const facts = certificateFacts(certificate);
  const problem = wrongDates(facts);
  if (problem) throw new AuthenticationError(`${which} (${facts.subject}) ${problem}`);
}

function checkKey({ cert, key }: { readonly cert: Pem; readonly key: Pem }): void {
  let privateKey: KeyObject;
  try {
    privateKey = crypto.createPrivateKey(key.text);
  } catch {
    // No cause: nothing about a key goes further than this.
    const encrypted = /ENCRYPTED/.test(key.text) ? " without its passphrase: store it unencrypted" : "";
    throw new ConnectionError(`${key.source} holds no private key in PEM form that can be read${encrypted}`);
  }
  if (!certificatesIn(cert)[0]?.checkPrivateKey(privateKey)) {
    throw new ConnectionError(
      `The private key in ${key.source} is not that of the certificate in ${cert.source}`,
    );
  }
}

type Folder = Readonly<Record<FileName, string>>;

function folder(path: string): Folder {
  return {
    ca: `${path}/cacert.pem`,
    crl: `${path}/cacrl.pem`,
    cert: `${path}/clientcert.pem`,
    key: `${path}/clientkey.pem`,
  };
}

function usualFolders(host: Host): Folder[] {
  const system = {
    ca: "/etc/pki/CA/cacert.pem",
    crl: "/etc/pki/CA/cacrl.pem",
    cert: "/etc/pki/libvirt/clientcert.pem",
    key: "/etc/pki/libvirt/private/clientkey.pem",
  };
  return host.uid === 0 ? [system] : [folder(userPkiDirectory(host)), system];
}

async function firstOf(folders: readonly Folder[], name: FileName, host: Host): Promise<Pem | undefined> {
  for (const each of folders) {
    const file = await readPem(each[name], host);
    if (file) return file;
  }
  return undefined;
}

async function firstIdentity(folders: readonly Folder[], host: Host): Promise<Credentials["identity"]> {
  for (const each of folders) {
    const [cert, key] = [await readPem(each.cert, host), await readPem(each.key, host)];
    if (cert && key) return { cert, key };
  }
  return undefined;
}

async function readPem(path: string, host: Host): Promise<Pem | undefined> {
  try {
    const text = await host.readFile(path);
    return text === undefined ? undefined : { text, source: path };
  } catch (cause) {
    throw new ConnectionError(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function given(name: FileName, value: string | Uint8Array, host: Host): Promise<Pem> {
  const source = `tls.${name}`;
  if (typeof value !== "string") return { text: Buffer.from(value).toString("latin1"), source };
  if (value.includes("-----BEGIN ")) return { text: value, source };
  // The value is not repeated in an error: it could be a key that lost its first line.
  const text = await host.readFile(value).catch((error: NodeJS.ErrnoException) => {
    throw new ConnectionError(`Cannot read the file that ${source} names: ${error.code}`);
  });
  if (text === undefined)
    throw new ConnectionError(`${source} is no PEM text, and names no file that there is`);
  return { text, source };
}
