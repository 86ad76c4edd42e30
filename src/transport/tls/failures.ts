import { AuthenticationError, ConnectionError } from "../../errors.js";
import { type CertificateFacts, wrongDates } from "./certificate.js";
import type { Credentials } from "./credentials.js";

/** Without an authority nobody can say who the server is. */
export function noAuthority({ authorityPaths }: Credentials): ConnectionError {
  return new ConnectionError(
    `There is no CA certificate to check the server's with (tried ${authorityPaths.join(", ")}). ` +
      "Put there the one of the authority that issued the server's, name another folder by pkipath=, " +
      "or give it as the option tls.ca",
  );
}

/** What OpenSSL found wrong with the server's certificate, whose chain comes along as far as it is known. */
export function untrusted(
  server: string,
  code: string,
  chain: readonly CertificateFacts[],
  { ca }: Credentials,
): AuthenticationError {
  return new AuthenticationError(`Cannot trust ${server}: ${whyUntrusted(code, chain, ca?.source)}`);
}

function whyUntrusted(code: string, chain: readonly CertificateFacts[], ca = ""): string {
  const [leaf] = chain;
  const its = `its certificate (${leaf?.subject})`;
  switch (code) {
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID": {
      const culprit = chain.find((facts) => wrongDates(facts)) ?? leaf;
      const which = culprit === leaf ? its : `the certificate of its CA (${culprit?.subject})`;
      return `${which} ${culprit && wrongDates(culprit)}`;
    }
    case "INVALID_PURPOSE":
      return `${its} is not meant for a server. Have one issued with the extended key usage serverAuth`;
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "CERT_SIGNATURE_FAILURE":
      return (
        `${its} was not issued by the CA in ${ca}; its issuer is ${leaf?.issuer}. ` +
        "If that is the right authority, put its certificate there; if not, this may be another server than you think"
      );
    case "UNSPECIFIED":
      // Node knows no more of it, and has no name for a weak key or signature.
      return `${its} or one above it does not pass OpenSSL's checks. It may be too weak for tls_priority`;
    default:
      return `${its} does not pass OpenSSL's checks: ${code}`;
  }
}

/** One of the server's certificates is on a list of revoked ones. */
export function revoked(
  server: string,
  { subject }: CertificateFacts,
  { crl }: Credentials,
): AuthenticationError {
  return new AuthenticationError(
    `Cannot trust ${server}: its certificate (${subject}) has been revoked, as ${crl?.source} says. ` +
      "Have another one issued for it",
  );
}

/** The server is genuine, but not the one that was asked for. */
export function wrongHost(server: string, host: string, leaf: CertificateFacts): AuthenticationError {
  const names = leaf.subjectAltName ?? leaf.subject;
  return new AuthenticationError(
    `Cannot trust ${server}: its certificate is for ${names}, not for ${host}. Connect by a name or an address ` +
      "that it has, or have one issued with this one as a subjectAltName",
  );
}

/** How a daemon refuses a certificate. */
export const bareEnd = "ended the session instead of confirming it";

/** The server broke off where it should have confirmed that it takes our certificate. */
export function refused(
  server: string,
  how: string,
  ours: CertificateFacts | undefined,
  { identity, identityPaths }: Credentials,
  cause?: Error,
): AuthenticationError {
  const advice = ours
    ? `The server refused our certificate (${ours.subject}, issued by ${ours.issuer}, from ${identity?.cert.source}). ` +
      "Its log says why: another CA than its own, revoked, not on its tls_allowed_dn_list, or not made for TLS " +
      "clients with digital signatures and key encipherment"
    : `The server wants a client certificate, and we have none (tried ${identityPaths.join(", ")}). Put one from ` +
      "the server's CA there, name another folder by pkipath=, or give it as the options tls.cert and tls.key";
  return new AuthenticationError(`${server} ${how}. ${advice}`, { cause });
}

// Alerts in which a server speaks of the client's certificate.
const certificateAlerts =
  /^(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN|REQUIRED)|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR|NO_CERTIFICATE)$/;
const negotiationAlerts = /^(HANDSHAKE_FAILURE|PROTOCOL_VERSION|INSUFFICIENT_SECURITY|ILLEGAL_PARAMETER)$/;
// What OpenSSL makes of bytes that are not TLS.
const notTls = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE)$/;
const noCommon =
  /^ERR_SSL_(UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|WRONG_SSL_VERSION|WRONG_CIPHER_RETURNED)$/;

const gone = /^(ECONNRESET|EPIPE)$/;

/** The alert that ended a session, in TLS's own words, if one did. */
function alertOf({ code = "" }: NodeJS.ErrnoException): string | undefined {
  return /_ALERT_(\w+)$/.exec(code)?.[1];
}

/** What ended the session before the server confirmed it. */
export function broken(
  server: string,
  error: NodeJS.ErrnoException,
  handshaken: boolean,
  ours: CertificateFacts | undefined,
  credentials: Credentials,
): Error {
  if (handshaken && gone.test(error.code ?? "")) return refused(server, bareEnd, ours, credentials, error);
  const alert = alertOf(error);
  const words = alert?.toLowerCase().replaceAll("_", " ");
  if (alert !== undefined && certificateAlerts.test(alert)) {
    return refused(server, `broke off with the alert "${words}"`, ours, credentials, error);
  }
  // OpenSSL's own words, which Node's message buries among its source files.
  const { reason = error.message } = error as { readonly reason?: string };
  let why = reason;
  if (alert !== undefined && negotiationAlerts.test(alert)) {
    why = `the alert "${words}" says that ${noAgreement}`;
  } else if (alert !== undefined) {
    why = `the server broke off with the alert "${words}"`;
  } else if (noCommon.test(error.code ?? "")) {
    why = noAgreement;
  } else if (notTls.test(error.code ?? "")) {
    why = `what listens there does not speak TLS (${reason}): ${usualPorts}`;
  } else if (error.code === "ECONNRESET") {
    why =
      `the server ended the connection during the handshake. It may not speak TLS (${usualPorts}), it may refuse ` +
      `our certificate, or ${noAgreement}`;
  }
  return new ConnectionError(`No TLS session with ${server}: ${why}`, { cause: error });
}

const usualPorts = "check the port: 16514 is usual for TLS, 16509 for TCP in clear";
const noAgreement =
  "there is no protocol version and cipher that both sides allow. Check tls_priority here and in the daemon's " +
  "configuration; this client speaks TLS 1.2 and 1.3";
