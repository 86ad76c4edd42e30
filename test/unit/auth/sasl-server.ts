import { type CredentialSources, Credentials } from "../../../src/auth/credentials.js";
import { bytesOf, type Mechanism, type SaslContext, type SaslData } from "../../../src/auth/mechanism.js";
import type { SecurityLayer } from "../../../src/auth/security-layer.js";

/** Credentials from the caller alone. */
export function knowing(auth: CredentialSources["auth"], more: Partial<CredentialSources> = {}): Credentials {
  return new Credentials({ auth, stored: undefined, hostname: "host", signal: undefined, ...more });
}

export const context = (more: Partial<SaslContext> = {}): SaslContext => ({
  channel: { secure: true },
  hostname: "host",
  credentials: knowing({ username: "user", password: "pencil" }),
  nonce: () => "nonce",
  ...more,
});

/** What came of an exchange: what the client sent, and whether it was satisfied. */
export interface Outcome {
  /** Each message as text, or null for none. */
  readonly sent: readonly (string | null)[];
  readonly done: boolean;
  readonly layer: SecurityLayer | undefined;
}

/** Goes through an exchange with a daemon that sends these, whatever it gets. */
export async function perform(
  mechanism: Mechanism,
  replies: readonly (string | null)[],
  more?: Partial<SaslContext>,
): Promise<Outcome> {
  const exchange = mechanism.exchange(context(more));
  const sent: (string | null)[] = [];
  let step = await exchange.next();
  for (const reply of replies) {
    if (step.done) throw new Error(`the client was satisfied before it got ${reply}`);
    sent.push(asText(step.value));
    step = await exchange.next(reply === null ? null : bytesOf(reply));
  }
  if (step.done) return { sent, done: true, layer: step.value };
  return { sent: [...sent, asText(step.value)], done: false, layer: undefined };
}

function asText(data: SaslData): string | null {
  return data && Buffer.from(data).toString();
}
