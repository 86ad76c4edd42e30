import { AuthenticationError } from "../../errors.js";
import { keyOfTicket } from "./credential-cache.js";
import { application, expectDer, fieldsOf, integerOf, octetsOf, readDer } from "./der.js";
import { Cipher, type EncryptionKey, isUsable } from "./encryption.js";

/** What both sides know after they have shown each other who they are, and nobody else. */
export interface SecurityContext {
  readonly key: EncryptionKey;
  /** Whether the key is the one that the daemon has chosen. */
  readonly acceptorKey: boolean;
  /** The numbers of the first message that we send, and that we receive. */
  readonly sendNumber: number;
  readonly receiveNumber: number;
}

/** What is encrypted, by Kerberos' numbers. */
const authenticatorUse = 11;
const replyUse = 12;

/** The names of the messages in GSSAPI's wrapping. */
const requestId = 0x0100;
const replyId = 0x0200;

/** Our own half of a context: what we told the daemon in our first message. */
export interface Request {
  readonly sessionKey: EncryptionKey;
  readonly subkey: EncryptionKey | undefined;
  readonly sendNumber: number;
}

/**
 * Reads what the system's library has put into its first message for the daemon, by the key that it keeps with the
 * ticket.
 *
 * @throws AuthenticationError where the key cannot be had.
 */
export async function readRequest(token: Uint8Array): Promise<Request> {
  const request = fieldsOf(expectDer(messageIn(token, requestId), application(14)));
  const ticket = request.get(3) ?? Buffer.alloc(0);
  const sessionKey = await keyOfTicket(ticket);
  if (!sessionKey) {
    throw new AuthenticationError(
      "the connection is in clear, and to encrypt it takes a credential cache that is a file " +
        "(KRB5CCNAME=FILE:PATH, then kinit)",
    );
  }
  if (!isUsable(sessionKey)) {
    throw new AuthenticationError(
      `the ticket's key has the encryption type ${sessionKey.type}, and to encrypt the connection it takes one of AES`,
    );
  }
  const authenticator = fieldsOf(decrypt(sessionKey, authenticatorUse, request.get(4), application(2)));
  return {
    sessionKey,
    subkey: keyIn(authenticator.get(6)),
    sendNumber: numberIn(authenticator.get(7)),
  };
}

/** Completes the context by what the daemon has answered. */
export function completeContext(
  { sessionKey, subkey, sendNumber }: Request,
  token: Uint8Array,
): SecurityContext {
  const reply = fieldsOf(expectDer(messageIn(token, replyId), application(15)));
  const part = fieldsOf(decrypt(sessionKey, replyUse, reply.get(2), application(27)));
  const acceptorSubkey = keyIn(part.get(2));
  const key = acceptorSubkey ?? subkey ?? sessionKey;
  if (!isUsable(key)) throw new AuthenticationError(`the daemon has chosen the encryption type ${key.type}`);
  return {
    key,
    acceptorKey: acceptorSubkey !== undefined,
    sendNumber,
    receiveNumber: numberIn(part.get(3)),
  };
}

/** A message of Kerberos' within a token of GSSAPI's: behind the mechanism's name and the message's. */
function messageIn(token: Uint8Array, id: number): Buffer {
  const { rest } = readDer(expectDer(Buffer.from(token), 0x60));
  if (rest.length < 2 || rest.readUInt16BE() !== id) {
    throw new AuthenticationError("a token of GSSAPI has not the message of Kerberos that belongs there");
  }
  return rest.subarray(2);
}

function decrypt(key: EncryptionKey, use: number, encrypted: Buffer | undefined, tag: number): Buffer {
  const plain = new Cipher(key, use).decrypt(octetsOf(fieldsOf(encrypted ?? Buffer.alloc(0)).get(2)));
  if (!plain) throw new AuthenticationError("a message of Kerberos is not encrypted with the ticket's key");
  return expectDer(plain, tag);
}

function keyIn(field: Buffer | undefined): EncryptionKey | undefined {
  if (!field) return undefined;
  const fields = fieldsOf(field);
  return { type: integerOf(fields.get(0)) ?? 0, value: octetsOf(fields.get(1)) };
}

/** 32 bits without a sign, which some have written with one. */
function numberIn(field: Buffer | undefined): number {
  return (integerOf(field) ?? 0) >>> 0;
}
