import { AuthenticationError } from "../errors.js";
import type { Credentials } from "./credentials.js";
import type { SecurityLayer } from "./security-layer.js";

/** What a mechanism must know of the pipe that it speaks through. */
export interface Channel {
  /** Whether what is sent is safe from listeners. */
  readonly secure: boolean;
}

/** What one authentication goes by. */
export interface SaslContext {
  readonly channel: Channel;
  /** The daemon's host, as the URI has it. */
  readonly hostname: string;
  readonly credentials: Credentials;
  /** Text that has never been used before and that nobody can guess. */
  nonce(): string;
}

/** What decides whether a mechanism will do. */
export type Requirements = Omit<SaslContext, "nonce">;

/** A SASL message. No message at all is something else than an empty one. */
export type SaslData = Uint8Array | null;

/**
 * One authentication, from the client's side: yields what the daemon is to get and is resumed with its answer. It ends
 * when the client is satisfied, which may be before or after the daemon is, with the layer that was agreed on.
 */
export type Exchange = AsyncGenerator<SaslData, SecurityLayer | undefined, SaslData>;

/** A SASL mechanism, RFC 4422. */
export interface Mechanism {
  /** As the daemon lists it. */
  readonly name: string;
  /** Whether the secret or the identity would be there for everybody to read, were the channel not safe. */
  readonly plain: boolean;
  /** Whether it can encrypt what follows. */
  readonly layered: boolean;
  /** What there should be and is not, without which it need not be tried. */
  lacks(context: Requirements): string | undefined | Promise<string | undefined>;
  exchange(context: SaslContext): Exchange;
}

/** For mechanisms that take a password. */
export const lackOfPassword = ({ credentials }: Requirements) => credentials.lackOfPassword;

/** What a daemon's message says, of mechanisms whose messages are text. */
export function textOf(mechanism: string, data: SaslData): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data ?? new Uint8Array(0));
  } catch {
    throw malformed(mechanism, "the message is not UTF-8");
  }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** For what no daemon that speaks this mechanism would send. */
export function malformed(mechanism: string, why: string): AuthenticationError {
  return new AuthenticationError(`The daemon does not speak ${mechanism} as it should: ${why}`);
}

/** For a daemon that could not show that it knows the password too. */
export function unproven(mechanism: string): AuthenticationError {
  return new AuthenticationError(
    `${mechanism}: the daemon did not prove that it knows the password, so it may not be the one it claims to be`,
  );
}
