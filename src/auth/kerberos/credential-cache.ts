import { readFile } from "node:fs/promises";
import type { EncryptionKey } from "./encryption.js";

/**
 * The key that belongs to a ticket, out of the user's credential cache, where the system's library keeps both: the
 * package `kerberos` does not tell it. Undefined where that cache is no file, or has no such ticket.
 */
export async function keyOfTicket(ticket: Uint8Array): Promise<EncryptionKey | undefined> {
  const path = cachePath();
  if (path === undefined) return undefined;
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return undefined;
  }
  try {
    return findKey(new CacheReader(bytes), ticket);
  } catch (error) {
    // A file that is something else has no such ticket either.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** KRB5CCNAME is a path with or without the kind of cache in front; other kinds than files are not for us. */
function cachePath(): string | undefined {
  const name = process.env["KRB5CCNAME"] || `FILE:/tmp/krb5cc_${process.getuid?.()}`;
  const [, kind, path] = /^(?:([A-Za-z]+):)?(.*)$/s.exec(name)!;
  return kind === undefined || kind.toUpperCase() === "FILE" ? path : undefined;
}

const version4 = 0x0504;

function findKey(reader: CacheReader, ticket: Uint8Array): EncryptionKey | undefined {
  if (reader.uint16() !== version4) return undefined;
  reader.skip(reader.uint16());
  reader.principal();
  while (!reader.atEnd) {
    reader.principal();
    reader.principal();
    const key = { type: reader.uint16(), value: reader.counted() };
    reader.skip(timesLength + 1 + flagsLength);
    reader.typedList();
    reader.typedList();
    const found = reader.counted();
    reader.counted();
    if (found.equals(ticket)) return key;
  }
  return undefined;
}

const timesLength = 16;
const flagsLength = 4;

/** Reads what MIT's library writes. Every read is checked by Buffer, which throws a RangeError beyond the end. */
class CacheReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  uint16(): number {
    const value = this.#bytes.readUInt16BE(this.#position);
    this.#position += 2;
    return value;
  }

  skip(length: number): void {
    if (length > this.#bytes.length - this.#position)
      throw new RangeError("the credential cache ends too early");
    this.#position += length;
  }

  counted(): Buffer {
    const length = this.#uint32();
    const start = this.#position;
    this.skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A realm and the parts of a name. */
  principal(): void {
    this.skip(4);
    const components = this.#uint32();
    for (let part = 0; part <= components; part++) this.counted();
  }

  /** Addresses, or authorization data. */
  typedList(): void {
    for (let left = this.#uint32(); left > 0; left--) {
      this.skip(2);
      this.counted();
    }
  }

  #uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#position);
    this.#position += 4;
    return value;
  }
}
