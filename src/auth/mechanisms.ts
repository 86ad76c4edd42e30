import { AuthenticationError } from "../errors.js";
import { anonymous } from "./anonymous.js";
import { cramMd5 } from "./cram-md5.js";
import { digestMd5 } from "./digest-md5.js";
import { external } from "./external.js";
import { gssapi } from "./gssapi.js";
import { login } from "./login.js";
import type { Mechanism, Requirements } from "./mechanism.js";
import type { AuthenticationObserver, RefusedMechanism } from "./observer.js";
import { plain } from "./plain.js";
import { scram } from "./scram.js";

/** What this client knows, in the order of Cyrus SASL's preference. */
export const mechanisms: readonly Mechanism[] = [
  gssapi,
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
export async function chooseMechanism(
  offered: readonly string[],
  wanted: string | undefined,
  context: Requirements,
  observer?: AuthenticationObserver,
): Promise<Mechanism> {
  if (wanted !== undefined && !offered.includes(wanted)) {
    throw new AuthenticationError(
      `The daemon does not offer the SASL mechanism ${wanted} of the URI's auth=, but ${offered.join(", ")}`,
    );
  }
  const candidates = wanted === undefined ? offered : [wanted];
  const known = mechanisms.filter(({ name }) => candidates.includes(name));
  const refused: RefusedMechanism[] = candidates
    .filter((name) => !known.some((mechanism) => mechanism.name === name))
    .map((name) => ({ name, reason: "this client does not know it" }));
  for (const mechanism of known) {
    const reason = await refusal(mechanism, context);
    if (reason === undefined) {
      observer?.mechanisms?.(offered, refused, mechanism.name);
      return mechanism;
    }
    refused.push({ name: mechanism.name, reason });
  }
  observer?.mechanisms?.(offered, refused, undefined);
  const reasons = refused.map(({ name, reason }) => `${name} (${reason})`);
  throw new AuthenticationError(`None of the daemon's SASL mechanisms can be used: ${reasons.join("; ")}`);
}

/** Why a mechanism will not do here. */
async function refusal(mechanism: Mechanism, context: Requirements): Promise<string | undefined> {
  if (!context.channel.secure && !mechanism.layered) {
    return mechanism.plain
      ? "it would be readable for everybody, as this connection is not encrypted: use tls or ssh"
      : "this client cannot encrypt by it what follows, and the connection is in clear: use tls or ssh";
  }
  return mechanism.lacks(context);
}
