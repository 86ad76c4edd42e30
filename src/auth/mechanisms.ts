import { AuthenticationError } from "../errors.js";
import { anonymous } from "./anonymous.js";
import { cramMd5 } from "./cram-md5.js";
import { digestMd5 } from "./digest-md5.js";
import { external } from "./external.js";
import { login } from "./login.js";
import type { Mechanism, SaslContext } from "./mechanism.js";
import { plain } from "./plain.js";
import { scram } from "./scram.js";

/** What this client knows, in the order of Cyrus SASL's preference. */
export const mechanisms: readonly Mechanism[] = [
  scram("SCRAM-SHA-512", "sha512"),
  scram("SCRAM-SHA-256", "sha256"),
  scram("SCRAM-SHA-1", "sha1"),
  digestMd5,
  cramMd5,
  external,
  plain,
  login,
  anonymous,
];

/**
 * Chooses among what the daemon offers: the one that is wanted, or else the strongest that will do.
 *
 * @throws AuthenticationError that says for each why it will not do.
 */
export function chooseMechanism(
  offered: readonly string[],
  wanted: string | undefined,
  context: Pick<SaslContext, "channel" | "credentials">,
): Mechanism {
  if (wanted !== undefined && !offered.includes(wanted)) {
    throw new AuthenticationError(
      `The daemon does not offer the SASL mechanism ${wanted} of the URI's auth=, but ${offered.join(", ")}`,
    );
  }
  const candidates = wanted === undefined ? offered : [wanted];
  const usable = mechanisms.find(
    (mechanism) => candidates.includes(mechanism.name) && refusal(mechanism, context) === undefined,
  );
  if (usable) return usable;
  const reasons = candidates.map((name) => {
    const known = mechanisms.find((mechanism) => mechanism.name === name);
    return `${name} (${known ? refusal(known, context) : "this client does not know it"})`;
  });
  throw new AuthenticationError(`None of the daemon's SASL mechanisms can be used: ${reasons.join("; ")}`);
}

/** Why a mechanism will not do here. */
function refusal(
  { wants, plain, layered }: Mechanism,
  { channel, credentials }: Pick<SaslContext, "channel" | "credentials">,
): string | undefined {
  if (!channel.secure && !layered) {
    return plain
      ? "it would be readable for everybody, as this connection is not encrypted: use tls or ssh"
      : "it does not encrypt what follows, and neither does this connection: use tls or ssh";
  }
  return wants === "password" ? credentials.lackOfPassword : undefined;
}
