import type { SaslData } from "../../../auth/mechanism.js";

/** Gives the password of a user; undefined where there is no such user. */
export type FindPassword = (userName: string) => string | undefined | Promise<string | undefined>;

/** What a mechanism goes by. */
export interface SaslServerContext {
  /** Undefined where nobody has a password. */
  readonly findPassword: FindPassword | undefined;
  /** Who the client is by its certificate, or by the socket that it could open. */
  readonly externalName: string | undefined;
}

/** What the server knows at the end, and has to say last. */
export interface SaslOutcome {
  readonly userName: string;
  readonly data: SaslData;
}

/**
 * One authentication, from the server's side: it is resumed with each message of the client's, from the second on, and
 * yields what the client is to get. It throws where the client has not shown who it is; nobody is told why.
 */
export type ServerExchange = AsyncGenerator<SaslData, SaslOutcome, SaslData>;

export interface ServerMechanism {
  readonly name: string;
  /** Whether it can be used, by what is known. */
  usable(context: SaslServerContext): boolean;
  /** @param first - What came with the client's choice. */
  exchange(context: SaslServerContext, first: SaslData): ServerExchange;
}

/** The client has not shown who it is. */
export class Denied extends Error {
  override readonly name = "Denied";
}

/** The client's first message: some send it with their choice, and others when they are asked. */
export async function* firstMessage(first: SaslData): AsyncGenerator<SaslData, Uint8Array, SaslData> {
  const message = first ?? (yield new Uint8Array(0));
  if (message === null) throw new Denied("no message");
  return message;
}

export function textIn(data: SaslData): string {
  if (data === null) throw new Denied("no message");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw new Denied("not UTF-8");
  }
}
