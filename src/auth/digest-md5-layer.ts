import { ProtocolError } from "../errors.js";
import { Rc4 } from "./rc4.js";
import { maxSealedBuffer, type SecurityLayer } from "./security-layer.js";

const { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } =
  process.getBuiltinModule("node:crypto");

/** What DIGEST-MD5 can do for what follows it: nothing, sign it, or sign and encrypt it. */
export type Protection = "auth" | "auth-int" | "auth-conf";

interface StreamCipher {
  update(bytes: Uint8Array): Uint8Array;
}

interface CipherKind {
  readonly name: string;
  /** How many bytes of the session's hash go into its key. */
  readonly keyLength: number;
  readonly blockLength: number;
  create(key: Buffer, direction: "seal" | "open"): StreamCipher;
}

const rc4 = (name: string, keyLength: number): CipherKind => ({
  name,
  keyLength,
  blockLength: 1,
  create: (key) => new Rc4(key),
});

const tripleDes: CipherKind = {
  name: "3des",
  keyLength: 16,
  blockLength: 8,
  create(key, direction) {
    const desKey = Buffer.concat([spread(key.subarray(0, 7)), spread(key.subarray(7, 14))]);
    const make = direction === "seal" ? createCipheriv : createDecipheriv;
    // One chain of blocks goes through all buffers, which are padded by rules of their own.
    return make("des-ede-cbc", desKey, key.subarray(8)).setAutoPadding(false);
  },
};

/** Strongest first, as Cyrus SASL has it: what has a key of less than 56 bits libvirt does not accept. */
export const ciphers: readonly CipherKind[] = [rc4("rc4", 16), tripleDes, rc4("rc4-56", 7)];

/** DES keeps 7 bits of each byte of its key, from the top. */
function spread(key: Uint8Array): Buffer {
  const bits = BigInt(`0x${Buffer.from(key).toString("hex")}`);
  return Buffer.from(
    Array.from({ length: 8 }, (_, index) => Number((bits >> BigInt(49 - 7 * index)) & 0x7fn) << 1),
  );
}

const macLength = 10;
const trailerLength = 6;
const none: CipherKind = {
  name: "none",
  keyLength: 16,
  blockLength: 1,
  create: () => ({ update: (bytes) => bytes }),
};

/** The most that sealing adds, and the length word that some count in. */
const overhead = macLength + trailerLength + tripleDes.blockLength + 1 + 4;

/** The layer of one side, as RFC 2831 has it in its sections 2.3 and 2.4. */
export class DigestMd5Layer implements SecurityLayer {
  readonly encrypts: boolean;
  readonly maxPlain: number;
  readonly maxSealed = maxSealedBuffer;
  readonly #sealing: HalfLayer;
  readonly #opening: HalfLayer;

  /**
   * @param sessionHash - H(A1), which both sides know and nobody else.
   * @param cipher - One of {@link ciphers}; without one, buffers are signed only.
   * @param peerTakes - The longest sealed buffer that the other side accepts.
   */
  constructor(
    sessionHash: Buffer,
    cipher: CipherKind | undefined,
    peerTakes: number,
    side: "client" | "server" = "client",
  ) {
    const [ours, theirs] = side === "client" ? [toServer, toClient] : [toClient, toServer];
    this.encrypts = cipher !== undefined;
    this.maxPlain = Math.min(peerTakes, maxSealedBuffer) - overhead;
    this.#sealing = new HalfLayer(sessionHash, cipher ?? none, ours, "seal");
    this.#opening = new HalfLayer(sessionHash, cipher ?? none, theirs, "open");
  }

  seal(plain: Uint8Array): Uint8Array {
    return this.#sealing.seal(plain);
  }

  open(sealed: Uint8Array): Uint8Array {
    return this.#opening.open(sealed);
  }
}

/** What tells the two directions apart, so that nobody can send us our own words. */
const toServer = "client-to-server";
const toClient = "server-to-client";

class HalfLayer {
  readonly #signingKey: Buffer;
  readonly #cipher: StreamCipher;
  readonly #blockLength: number;
  #count = 0;

  constructor(sessionHash: Buffer, cipher: CipherKind, path: string, direction: "seal" | "open") {
    this.#signingKey = md5(sessionHash, `Digest session key to ${path} signing key magic constant`);
    const sealingKey = md5(
      sessionHash.subarray(0, cipher.keyLength),
      `Digest H(A1) to ${path} sealing key magic constant`,
    );
    this.#cipher = cipher.create(sealingKey, direction);
    this.#blockLength = cipher.blockLength;
  }

  seal(plain: Uint8Array): Uint8Array {
    const padLength =
      this.#blockLength === 1 ? 0 : this.#blockLength - ((plain.length + macLength) % this.#blockLength);
    const padding = Buffer.alloc(padLength, padLength);
    const sealed = this.#cipher.update(Buffer.concat([plain, padding, this.#mac(plain)]));
    return Buffer.concat([sealed, this.#trailer()]);
  }

  open(buffer: Uint8Array): Uint8Array {
    const end = buffer.length - trailerLength;
    if (end < macLength || end % this.#blockLength !== 0) throw forged("its length");
    const plain = this.#cipher.update(buffer.subarray(0, end));
    const padLength = this.#blockLength === 1 ? 0 : plain[end - macLength - 1]!;
    const message = plain.subarray(0, Math.max(0, end - macLength - padLength));
    if (!timingSafeEqual(this.#mac(message), plain.subarray(end - macLength))) throw forged("its signature");
    if (!this.#trailer().equals(buffer.subarray(end))) throw forged("its number");
    return message;
  }

  #mac(plain: Uint8Array): Buffer {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(this.#count);
    return createHmac("md5", this.#signingKey).update(number).update(plain).digest().subarray(0, macLength);
  }

  /** The version and the buffer's number, which counts up. */
  #trailer(): Buffer {
    const trailer = Buffer.alloc(trailerLength);
    trailer.writeUInt16BE(1);
    trailer.writeUInt32BE(this.#count, 2);
    this.#count = (this.#count + 1) >>> 0;
    return trailer;
  }
}

export function md5(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function forged(what: string): ProtocolError {
  return new ProtocolError(`a buffer protected by DIGEST-MD5 is not what was sent: ${what} is wrong`);
}
