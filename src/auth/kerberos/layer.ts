import { ProtocolError } from "../../errors.js";
import { maxSealedBuffer, type SecurityLayer } from "../security-layer.js";
import type { SecurityContext } from "./context.js";
import { Cipher, longestOverhead } from "./encryption.js";

const headerLength = 16;
const wrapId = 0x0504;

/** What a message's flags say. */
const sentByAcceptor = 1;
const encrypted = 2;
const byAcceptorsKey = 4;

/** What is encrypted, by Kerberos' numbers, which differ for the two sides. */
const acceptorUse = 22;
const initiatorUse = 24;

/** Where the words stand in a header. */
const fillerAt = 4;
const rotationAt = 6;
const numberAt = 8;

/** What Kerberos makes of a connection's bytes: RFC 4121, section 4.2. */
export class KerberosLayer implements SecurityLayer {
  readonly encrypts = true;
  readonly maxPlain: number;
  readonly maxSealed = maxSealedBuffer;
  readonly #sealing: Cipher;
  readonly #opening: Cipher;
  readonly #keyFlag: number;
  readonly #acceptor: boolean;
  #sendNumber: bigint;
  #receiveNumber: bigint;

  /** @param peerTakes - The longest sealed buffer that the daemon accepts. */
  constructor(
    { key, acceptorKey, sendNumber, receiveNumber }: SecurityContext,
    peerTakes: number,
    side: "client" | "server" = "client",
  ) {
    this.#acceptor = side === "server";
    this.maxPlain = Math.min(peerTakes, maxSealedBuffer) - 2 * headerLength - longestOverhead;
    this.#sealing = new Cipher(key, this.#acceptor ? acceptorUse : initiatorUse);
    this.#opening = new Cipher(key, this.#acceptor ? initiatorUse : acceptorUse);
    this.#keyFlag = acceptorKey ? byAcceptorsKey : 0;
    this.#sendNumber = BigInt(sendNumber);
    this.#receiveNumber = BigInt(receiveNumber);
  }

  seal(plain: Uint8Array): Uint8Array {
    const header = this.#header(this.#acceptor, this.#sendNumber++);
    // The header is encrypted once more behind what it is the header of: so it cannot be changed.
    return Buffer.concat([header, this.#sealing.encrypt(Buffer.concat([plain, header]))]);
  }

  open(sealed: Uint8Array): Uint8Array {
    if (sealed.length < headerLength) throw forged("its length");
    const header = Buffer.from(sealed.subarray(0, headerLength));
    const filler = header.readUInt16BE(fillerAt);
    const rotation = header.readUInt16BE(rotationAt);
    header.writeUInt16BE(0, rotationAt);
    const expected = this.#header(!this.#acceptor, this.#receiveNumber++);
    expected.writeUInt16BE(filler, fillerAt);
    if (!header.equals(expected)) throw forged("its header");

    const plain = this.#opening.decrypt(turnedBack(sealed.subarray(headerLength), rotation));
    if (!plain) throw forged("its signature");
    const end = plain.length - headerLength - filler;
    if (end < 0 || !plain.subarray(plain.length - headerLength).equals(header)) throw forged("its header");
    return plain.subarray(0, end);
  }

  /** The daemon's next message is one that somebody else has opened. */
  skip(): void {
    this.#receiveNumber++;
  }

  #header(byAcceptor: boolean, number: bigint): Buffer {
    const header = Buffer.alloc(headerLength);
    header.writeUInt16BE(wrapId);
    header[2] = (byAcceptor ? sentByAcceptor : 0) | encrypted | this.#keyFlag;
    header[3] = 0xff;
    header.writeBigUInt64BE(number, numberAt);
    return header;
  }
}

/** The sender may have turned the bytes to the right, for the sake of its buffers. */
function turnedBack(bytes: Uint8Array, rotation: number): Uint8Array {
  const by = bytes.length === 0 ? 0 : rotation % bytes.length;
  return by === 0 ? bytes : Buffer.concat([bytes.subarray(by), bytes.subarray(0, by)]);
}

function forged(what: string): ProtocolError {
  return new ProtocolError(`a buffer protected by Kerberos is not what was sent: ${what} is wrong`);
}
