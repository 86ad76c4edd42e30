import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";

/** What a certificate says, for people. */
export interface CertificateFacts {
  /** Distinguished names, most significant part first: `O=Example, CN=host.example`. */
  readonly subject: string;
  readonly issuer: string;
  /** The names and addresses that it is for, as OpenSSL prints them: `DNS:host.example, IP Address:192.0.2.1`. */
  readonly subjectAltName: string | undefined;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly serialNumber: string;
  /** SHA-256, in hexadecimal with colons. */
  readonly fingerprint: string;
}

export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const { subject, issuer, subjectAltName, validFrom, validTo, serialNumber, fingerprint256 } = certificate;
  return {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    subjectAltName,
    validFrom: new Date(validFrom),
    validTo: new Date(validTo),
    serialNumber,
    fingerprint: fingerprint256,
  };
}

/** The certificate that a server presents and those that issued it, from what it sent and from what is known. */
export function chainOf(
  leaf: X509Certificate | undefined,
  authorities: readonly X509Certificate[],
): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const seen = new Set<string>();
  let next = leaf;
  while (next && !seen.has(next.fingerprint256)) {
    const current = next;
    seen.add(current.fingerprint256);
    chain.push(current);
    next = current.issuerCertificate ?? authorities.find((authority) => hasSigned(authority, current));
  }
  return chain;
}

function hasSigned(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** What is wrong with the dates of a certificate, if anything: `has expired on …`. */
export function wrongDates({ validFrom, validTo }: CertificateFacts): string | undefined {
  const now = Date.now();
  if (validTo.getTime() < now) return `has expired, on ${day(validTo)}. Have it renewed`;
  if (validFrom.getTime() > now) {
    return `is not valid before ${day(validFrom)}. Check this machine's clock, or have another one issued`;
  }
  return undefined;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/**
 * Whether a server's certificate is for this host, by GnuTLS's rules: an address has to be among its addresses; the
 * common name counts only where it names nothing else.
 */
export function isForHost(certificate: X509Certificate, host: string): boolean {
  const [address = ""] = host.split("%", 1); // the zone of a link-local address is nobody else's business
  if (isIP(address)) return certificate.checkIP(address) !== undefined;
  const subject = certificate.subjectAltName === undefined ? "default" : "never";
  return certificate.checkHost(host, { subject, partialWildcards: false }) !== undefined;
}

/** Whether a certificate comes, directly or by way of others, from one of these authorities. */
export function isIssuedBy(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  others: readonly X509Certificate[],
): boolean {
  let current = certificate;
  // No certificate takes part twice, so there are at most as many steps as there are certificates.
  for (const _ of [certificate, ...others]) {
    if (authorities.some((authority) => hasSigned(authority, current))) return true;
    const next = others.find((other) => other !== current && hasSigned(other, current));
    if (!next) return false;
    current = next;
  }
  return false;
}

function oneLine(name: string | undefined): string {
  // Node separates the parts by newlines, and undefined is what it makes of an empty name.
  return (name ?? "").split("\n").join(", ");
}
