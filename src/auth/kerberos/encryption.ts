const { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } =
  process.getBuiltinModule("node:crypto");
/**
 * Kerberos' encryption types of today: AES with HMAC-SHA-1 (RFC 3962) and with HMAC-SHA-2 (RFC 8009). Each use of a key
 * has a number, from which keys of its own are derived, so that nothing said in one place can be passed off in another.
 */

export interface EncryptionKey {
  /** Kerberos' number of the encryption type. */
  readonly type: number;
  readonly value: Buffer;
}

interface EncryptionType {
  readonly keyLength: 16 | 32;
  readonly hash: "sha1" | "sha256" | "sha384";
  readonly macLength: number;
  derive(base: Buffer, constant: Buffer, length: number): Buffer;
  /** What the MAC is over: the older types sign before they encrypt, the newer ones the other way round. */
  readonly signs: "plain" | "cipher";
}

const aesSha1 = (keyLength: 16 | 32): EncryptionType => ({
  keyLength,
  hash: "sha1",
  macLength: 12,
  derive: (base, constant) => deriveByEncryption(base, constant),
  signs: "plain",
});

const aesSha2 = (keyLength: 16 | 32, hash: "sha256" | "sha384"): EncryptionType => ({
  keyLength,
  hash,
  macLength: keyLength === 16 ? 16 : 24,
  derive: (base, constant, length) => deriveByHmac(hash, base, constant, length),
  signs: "cipher",
});

const types: ReadonlyMap<number, EncryptionType> = new Map([
  [17, aesSha1(16)],
  [18, aesSha1(32)],
  [19, aesSha2(16, "sha256")],
  [20, aesSha2(32, "sha384")],
]);

/** Whether keys of this type can be used, and this one is as long as they are. */
export function isUsable({ type, value }: EncryptionKey): boolean {
  return types.get(type)?.keyLength === value.length;
}

const blockLength = 16;
const noVector = Buffer.alloc(blockLength);

/** The most that encryption adds: a block of noise in front, and the MAC behind. */
export const longestOverhead = blockLength + 24;

/** What one key is for, in one direction. */
export class Cipher {
  readonly #type: EncryptionType;
  readonly #encryptionKey: Buffer;
  readonly #signingKey: Buffer;

  /** @param usage - Kerberos' number of what is encrypted. */
  constructor(key: EncryptionKey, usage: number) {
    const type = types.get(key.type);
    if (!type || !isUsable(key)) throw new TypeError(`no key of Kerberos' encryption type ${key.type}`);
    this.#type = type;
    this.#encryptionKey = type.derive(key.value, constantOf(usage, 0xaa), type.keyLength);
    // RFC 3962's MAC has a key as long as the other; RFC 8009's one as long as the MAC itself.
    const signingLength = type.signs === "plain" ? type.keyLength : type.macLength;
    this.#signingKey = type.derive(key.value, constantOf(usage, 0x55), signingLength);
  }

  encrypt(plain: Uint8Array): Buffer {
    const noisy = Buffer.concat([randomBytes(blockLength), plain]);
    const cipher = encryptStealing(this.#encryptionKey, noisy);
    return Buffer.concat([cipher, this.#mac(noisy, cipher)]);
  }

  /** Returns undefined for what was not encrypted with this key for this use. */
  decrypt(bytes: Uint8Array): Buffer | undefined {
    const end = bytes.length - this.#type.macLength;
    if (end < blockLength) return undefined;
    const cipher = Buffer.from(bytes.subarray(0, end));
    const noisy = decryptStealing(this.#encryptionKey, cipher);
    return timingSafeEqual(this.#mac(noisy, cipher), bytes.subarray(end))
      ? noisy.subarray(blockLength)
      : undefined;
  }

  #mac(noisy: Buffer, cipher: Buffer): Buffer {
    const hmac = createHmac(this.#type.hash, this.#signingKey);
    if (this.#type.signs === "plain") hmac.update(noisy);
    else hmac.update(noVector).update(cipher);
    return hmac.digest().subarray(0, this.#type.macLength);
  }
}

function constantOf(usage: number, purpose: number): Buffer {
  const constant = Buffer.alloc(5);
  constant.writeUInt32BE(usage);
  constant[4] = purpose;
  return constant;
}

/** RFC 3961, section 5.1: a chain of encryptions, as long as the key. */
function deriveByEncryption(base: Buffer, constant: Buffer): Buffer {
  let block = fold(constant, blockLength);
  let derived = Buffer.alloc(0);
  while (derived.length < base.length) {
    block = cbc(base, block, "encrypt");
    derived = Buffer.concat([derived, block]);
  }
  return derived.subarray(0, base.length);
}

/** RFC 8009, section 3. */
function deriveByHmac(hash: string, base: Buffer, constant: Buffer, length: number): Buffer {
  const bits = Buffer.alloc(4);
  bits.writeUInt32BE(8 * length);
  const first = Buffer.from([0, 0, 0, 1]);
  const hmac = createHmac(hash, base).update(first).update(constant).update(Buffer.of(0)).update(bits);
  return hmac.digest().subarray(0, length);
}

/**
 * RFC 3961's n-fold: the input again and again, each time turned 13 bits further to the right, is cut into pieces of the
 * wanted length, and these are added up, with the carry from the top brought in at the bottom.
 */
export function fold(input: Buffer, length: number): Buffer {
  const inputBits = 8n * BigInt(input.length);
  const outputBits = 8n * BigInt(length);
  const value = BigInt(`0x${input.toString("hex")}`);
  const copies = length / greatestCommonDivisor(input.length, length);
  let all = 0n;
  for (let copy = 0; copy < copies; copy++) {
    const turn = (13n * BigInt(copy)) % inputBits;
    const turned = (value >> turn) | BigInt.asUintN(Number(inputBits), value << (inputBits - turn));
    all = (all << inputBits) | turned;
  }
  let sum = 0n;
  for (; all > 0n; all >>= outputBits) sum += BigInt.asUintN(Number(outputBits), all);
  while (sum >> outputBits > 0n) sum = (sum >> outputBits) + BigInt.asUintN(Number(outputBits), sum);
  return Buffer.from(sum.toString(16).padStart(2 * length, "0"), "hex");
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** AES in CBC mode with ciphertext stealing: the last two blocks change places, and the last is cut to fit. */
export function encryptStealing(key: Buffer, plain: Buffer): Buffer {
  const blocks = Math.ceil(plain.length / blockLength);
  const padded = Buffer.concat([plain], blocks * blockLength);
  const cipher = cbc(key, padded, "encrypt");
  if (blocks < 2) return cipher;
  const beforeLast = (blocks - 2) * blockLength;
  const last = (blocks - 1) * blockLength;
  return Buffer.concat([
    cipher.subarray(0, beforeLast),
    cipher.subarray(last),
    cipher.subarray(beforeLast, beforeLast + plain.length - last),
  ]);
}

export function decryptStealing(key: Buffer, cipher: Buffer): Buffer {
  const blocks = Math.ceil(cipher.length / blockLength);
  if (blocks < 2) return cbc(key, cipher, "decrypt");
  const beforeLast = (blocks - 2) * blockLength;
  const last = (blocks - 1) * blockLength;
  const tail = cipher.subarray(last);
  // The block that was last decrypts to what the cut-off block ended with, and to the sum of both beginnings.
  const mixed = cbc(key, cipher.subarray(beforeLast, last), "decrypt");
  const stolen = Buffer.concat([tail, mixed.subarray(tail.length)]);
  const front = cbc(key, Buffer.concat([cipher.subarray(0, beforeLast), stolen]), "decrypt");
  return Buffer.concat([front, tail.map((byte, index) => byte ^ mixed[index]!)]);
}

function cbc(key: Buffer, blocks: Buffer, direction: "encrypt" | "decrypt"): Buffer {
  const make = direction === "encrypt" ? createCipheriv : createDecipheriv;
  const cipher = make(`aes-${8 * key.length}-cbc`, key, noVector).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}
