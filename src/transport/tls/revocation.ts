import type { X509Certificate } from "node:crypto";
import { ConnectionError } from "../../errors.js";
import type { Pem } from "./credentials.js";

// The tags of DER that lead through a certificate and a list of revoked ones (RFC 5280).
const integer = 0x02;
const sequence = 0x30;
const version = 0xa0;

/** A part of a DER structure: its own bytes, and what is in it. */
interface Element {
  readonly tag: number;
  readonly bytes: Buffer;
  readonly content: Buffer;
}

/** What the authorities have revoked, by issuer and serial number. */
export type Revocations = ReadonlySet<string>;

/**
 * Reads the lists of revoked certificates in a file. As with GnuTLS, and not with OpenSSL, a certificate is revoked if
 * a list of its issuer has it, an old list too; for the others there need not be any list. The file is the user's own,
 * like that of the authority, and taken at its word.
 */
export function readRevocations({ text, source }: Pem): Revocations {
  const blocks = text.matchAll(/-----BEGIN X509 CRL-----(.*?)-----END X509 CRL-----/gs);
  const lists = Array.from(blocks, ([, base64 = ""]) => Buffer.from(base64, "base64"));
  if (lists.length === 0)
    throw new ConnectionError(`${source} holds no certificate revocation list in PEM form`);
  try {
    return new Set(lists.flatMap(revokedBy));
  } catch (cause) {
    throw new ConnectionError(`${source} holds a broken certificate revocation list`, { cause });
  }
}

export function isRevoked(certificate: X509Certificate, revocations: Revocations): boolean {
  const [body] = children(only(certificate.raw));
  const [serial, , issuer] = children(body).filter(({ tag }) => tag !== version);
  return revocations.has(identity(issuer, serial));
}

function revokedBy(list: Buffer): string[] {
  const [body] = children(only(list));
  const fields = children(body);
  // The version comes first, if there is one; then the algorithm, the issuer, one or two dates, and what is revoked.
  const [, issuer, ...rest] = fields[0]?.tag === integer ? fields.slice(1) : fields;
  const entries = rest.find(({ tag }) => tag === sequence);
  return entries ? children(entries).map((entry) => identity(issuer, children(entry)[0])) : [];
}

function identity(issuer: Element | undefined, serial: Element | undefined): string {
  if (issuer?.tag !== sequence || serial?.tag !== integer) throw new RangeError("not as RFC 5280 has it");
  return `${issuer.bytes.toString("hex")}/${serial.content.toString("hex")}`;
}

function only(der: Buffer): Element {
  const element = elementAt(der, 0);
  if (element.tag !== sequence) throw new RangeError("not a sequence");
  return element;
}

function children(parent: Element | undefined): Element[] {
  if (!parent) throw new RangeError("too short");
  const found: Element[] = [];
  for (let at = 0; at < parent.content.length; ) {
    const element = elementAt(parent.content, at);
    found.push(element);
    at += element.bytes.length;
  }
  return found;
}

/** DER is tag, length, content; a length of 128 or more is preceded by how many bytes it takes. */
function elementAt(der: Buffer, start: number): Element {
  const tag = der.readUInt8(start);
  const first = der.readUInt8(start + 1);
  const longer = first & 0x80 ? first & 0x7f : 0;
  const length = longer ? der.readUIntBE(start + 2, longer) : first;
  const begin = start + 2 + longer;
  const end = begin + length;
  if (end > der.length) throw new RangeError("cut off");
  return { tag, bytes: der.subarray(start, end), content: der.subarray(begin, end) };
}
