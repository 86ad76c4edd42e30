/**
 * XDR (RFC 4506), as libvirt uses it: big-endian, everything padded to four bytes.
 *
 * Every call names the field it reads or writes. The name costs nothing while all is well, and lets an error say
 * where it stands: `remote_domain_get_info_ret.maxMem`.
 */
import { ProtocolError } from "../errors.js";
import { decodeText, encodeText, maxTextLength, standsForBytes } from "./text.js";

/** A field's C name, or an element's index. */
export type Field = string | number;

/** How one type of the protocol becomes bytes, and bytes become it. */
export interface Codec<T> {
  /** The type's name in libvirt's interface files, which begins the path in an error. */
  readonly name: string;
  encode(to: XdrWriter, field: Field, value: T): void;
  decode(from: XdrReader, field: Field): T;
}

/** How an array of one type of element becomes bytes; the bound is the field's own. */
export interface ListCodec<T> {
  encode(to: XdrWriter, field: Field, value: readonly T[], max: number): void;
  decode(from: XdrReader, field: Field, max: number): T[];
}

/** The codec of a procedure without arguments or without result. */
export const nothing: Codec<void> = {
  name: "void",
  encode() {},
  decode() {},
};

/** Where in a value the codec stands: only ever looked at when something is wrong. */
class Path {
  readonly #fields: Field[] = [];
  #depth = 0;

  enter(field: Field): void {
    this.#fields[this.#depth++] = field;
  }

  leave(): void {
    this.#depth--;
  }

  reset(): void {
    this.#depth = 0;
  }

  to(field: Field): string {
    let text = "";
    for (const part of [...this.#fields.slice(0, this.#depth), field]) {
      if (typeof part === "number") text += `[${part}]`;
      else text += text === "" ? part : `.${part}`;
    }
    return text;
  }
}

/** What a writer goes on in when its buffer is full. */
const smallestBuffer = 8192;

const padding = (length: number) => -length & 3;

const noBytes = new Uint8Array(0);

/** How much memory a reader or a writer may keep that it does not need at the moment. */
const keptBytes = 256 * 1024;

/** Reads values off a range of bytes that somebody else sent: nothing is believed, nothing read beyond the end. */
export class XdrReader {
  #bytes: Uint8Array | undefined;
  /** All of the memory that the bytes lie in: what comes next lies mostly in the same, and needs no views of its own. */
  #memory!: Uint8Array;
  #buffer!: ArrayBufferLike;
  #view!: DataView;
  #offset = 0;
  #position = 0;
  #end = 0;
  readonly #path = new Path();

  constructor(bytes: Uint8Array = noBytes) {
    this.#look(bytes.buffer);
    this.reset(bytes);
  }

  /** Starts over on other bytes. */
  reset(bytes: Uint8Array, start = 0, end = bytes.byteLength): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#offset = bytes.byteOffset;
      if (bytes.buffer !== this.#buffer) this.#look(bytes.buffer);
    }
    this.#position = this.#offset + start;
    this.#end = this.#offset + end;
    this.#path.reset();
  }

  /** Lets go of the bytes, if they are many. */
  release(): void {
    if (this.#memory.byteLength > keptBytes) this.reset(noBytes);
  }

  #look(buffer: ArrayBufferLike): void {
    this.#buffer = buffer;
    this.#memory = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#end - this.#position;
  }

  enter(field: Field): void {
    this.#path.enter(field);
  }

  leave(): void {
    this.#path.leave();
  }

  /** The error to throw for a union's value that has no arm. */
  unknownCase(field: Field, value: number): ProtocolError {
    return this.malformed(field, `${value} is none of the union's cases`);
  }

  /** The error to throw for what was found at `field`. */
  malformed(field: Field, what: string): ProtocolError {
    return new ProtocolError(`${this.#path.to(field)}: ${what}`);
  }

  int(field: Field): number {
    return this.#view.getInt32(this.#take(field, 4));
  }

  uint(field: Field): number {
    return this.#view.getUint32(this.#take(field, 4));
  }

  /** A set of bits. */
  flags(field: Field): number {
    return this.#view.getUint32(this.#take(field, 4));
  }

  hyper(field: Field): bigint {
    return this.#view.getBigInt64(this.#take(field, 8));
  }

  uhyper(field: Field): bigint {
    return this.#view.getBigUint64(this.#take(field, 8));
  }

  float(field: Field): number {
    return this.#view.getFloat32(this.#take(field, 4));
  }

  double(field: Field): number {
    return this.#view.getFloat64(this.#take(field, 8));
  }

  bool(field: Field): boolean {
    const value = this.uint(field);
    if (value > 1) throw this.malformed(field, `${value} is neither true nor false`);
    return value === 1;
  }

  char(field: Field): number {
    return this.#narrow(field, -0x80, 0x7f);
  }

  uchar(field: Field): number {
    return this.#narrow(field, 0, 0xff);
  }

  short(field: Field): number {
    return this.#narrow(field, -0x8000, 0x7fff);
  }

  ushort(field: Field): number {
    return this.#narrow(field, 0, 0xffff);
  }

  /** Whether an optional value follows. */
  present(field: Field): boolean {
    return this.bool(field);
  }

  /** The count of an array whose elements take at least `elementSize` bytes each: never more than can follow. */
  count(field: Field, max: number, elementSize: number): number {
    const count = this.uint(field);
    if (count > max) throw this.malformed(field, `${count} elements, at most ${max} are allowed`);
    if (count * elementSize > this.remaining) {
      throw this.malformed(field, `${count} elements announced, ${this.remaining} bytes left`);
    }
    return count;
  }

  string(field: Field, max: number): string {
    const length = this.uint(field);
    if (length > max) throw this.malformed(field, `a string of ${length} bytes, at most ${max} are allowed`);
    const start = this.#take(field, length + padding(length));
    return decodeText(this.#memory, start, start + length);
  }

  fixedOpaque(field: Field, length: number): Uint8Array {
    const start = this.#take(field, length + padding(length));
    const value = new Uint8Array(length);
    // A loop and not set(subarray()): for a UUID that is three times as fast.
    if (length <= 32) for (let i = 0; i < length; i++) value[i] = this.#memory[start + i]!;
    else value.set(this.#memory.subarray(start, start + length));
    return value;
  }

  opaque(field: Field, max: number): Uint8Array {
    const length = this.uint(field);
    if (length > max) throw this.malformed(field, `${length} bytes, at most ${max} are allowed`);
    return this.fixedOpaque(field, length);
  }

  /** An array of C's `char`, each of which takes four bytes on the wire. */
  fixedChars(field: Field, length: number): Uint8Array {
    const start = this.#take(field, 4 * length);
    const value = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      const char = this.#view.getInt32(start + 4 * i);
      if (char < -0x80 || char > 0xff) throw this.malformed(field, `${char} is not a char`);
      value[i] = char;
    }
    return value;
  }

  chars(field: Field, max: number): Uint8Array {
    return this.fixedChars(field, this.count(field, max, 4));
  }

  /** Throws unless every byte has been read. */
  finish(field: Field): void {
    if (this.remaining > 0) throw this.malformed(field, `${this.remaining} bytes more than the type has`);
  }

  #take(field: Field, size: number): number {
    const start = this.#position;
    if (size > this.#end - start) {
      throw this.malformed(field, `${size} bytes wanted, ${this.#end - start} left`);
    }
    this.#position = start + size;
    return start;
  }

  #narrow(field: Field, min: number, max: number): number {
    const value = this.int(field);
    if (value < min || value > max) throw this.malformed(field, `${value} is not within ${min} and ${max}`);
    return value;
  }
}

/**
 * Appends values to one buffer that grows as needed. What a caller gave is checked in full before it counts as
 * written: a wrong type is a TypeError, a value that does not fit a RangeError, both naming the field.
 */
export class XdrWriter {
  #bytes: Uint8Array;
  #view: DataView;
  /** Where what has not been taken begins. */
  #start = 0;
  #position = 0;
  readonly #path = new Path();

  /** @param first - How many bytes there is room for at first, or the memory for them, which may be a Node Buffer. */
  constructor(first: number | Uint8Array = 1024) {
    const bytes = typeof first === "number" ? new Uint8Array(first) : first;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes have been written since the last `take`. */
  get length(): number {
    return this.#position - this.#start;
  }

  /** Forgets what was written from `length` on, such as the first half of a value that turned out to be bad. */
  truncate(length: number): void {
    this.#position = this.#start + length;
    this.#path.reset();
  }

  /** Copies what was written from `start` on. */
  copyTo(memory: Uint8Array, start: number): void {
    memory.set(this.#bytes.subarray(this.#start + start, this.#position));
  }

  /** Hands over what was written. The memory is the caller's until `reuse`; writing goes on behind it. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(this.#start, this.#position);
    this.#start = this.#position;
    return taken;
  }

  /** Says that nobody needs any more what has been taken: it is written over. */
  reuse(): void {
    if (this.length > 0 || this.#bytes.length > keptBytes) return;
    this.#start = 0;
    this.#position = 0;
  }

  /** Goes into a value that has fields or elements. */
  enter(field: Field, value: object): void {
    if (typeof value !== "object" || value === null) throw this.#wrongType(field, "an object", value);
    this.#path.enter(field);
  }

  leave(): void {
    this.#path.leave();
  }

  int(field: Field, value: number): void {
    this.#integer(field, value, -0x80000000, 0x7fffffff);
    this.#word(value);
  }

  uint(field: Field, value: number): void {
    this.#integer(field, value, 0, 0xffffffff);
    this.#word(value);
  }

  /** A set of bits. JavaScript's `|` makes it negative where the highest is set, which is no less right. */
  flags(field: Field, value: number): void {
    this.#integer(field, value, -0x80000000, 0xffffffff);
    this.#word(value);
  }

  hyper(field: Field, value: bigint): void {
    if (typeof value !== "bigint") throw this.#wrongType(field, "a bigint", value);
    if (BigInt.asIntN(64, value) !== value) throw this.#outOfRange(field, `${value} needs more than 64 bits`);
    const at = this.#room(8);
    this.#view.setBigInt64(at, value);
  }

  uhyper(field: Field, value: bigint): void {
    if (typeof value !== "bigint") throw this.#wrongType(field, "a bigint", value);
    if (BigInt.asUintN(64, value) !== value) {
      throw this.#outOfRange(field, `${value} is not an unsigned number of 64 bits`);
    }
    const at = this.#room(8);
    this.#view.setBigUint64(at, value);
  }

  float(field: Field, value: number): void {
    if (typeof value !== "number") throw this.#wrongType(field, "a number", value);
    const at = this.#room(4);
    this.#view.setFloat32(at, value);
  }

  double(field: Field, value: number): void {
    if (typeof value !== "number") throw this.#wrongType(field, "a number", value);
    const at = this.#room(8);
    this.#view.setFloat64(at, value);
  }

  bool(field: Field, value: boolean): void {
    if (typeof value !== "boolean") throw this.#wrongType(field, "a boolean", value);
    this.#word(value ? 1 : 0);
  }

  char(field: Field, value: number): void {
    this.#narrow(field, value, -0x80, 0x7f);
  }

  uchar(field: Field, value: number): void {
    this.#narrow(field, value, 0, 0xff);
  }

  short(field: Field, value: number): void {
    this.#narrow(field, value, -0x8000, 0x7fff);
  }

  ushort(field: Field, value: number): void {
    this.#narrow(field, value, 0, 0xffff);
  }

  /** Says whether an optional value follows. */
  present<T>(field: Field, value: T | null): value is T {
    this.bool(field, value !== null);
    return value !== null;
  }

  /** Begins an array: checks that it is one, and no longer than allowed. */
  count(field: Field, value: readonly unknown[], max: number): void {
    if (!Array.isArray(value)) throw this.#wrongType(field, "an array", value);
    if (value.length > max) {
      throw this.#outOfRange(field, `${value.length} elements, at most ${max} are allowed`);
    }
    this.#word(value.length);
  }

  string(field: Field, value: string, max: number): void {
    if (typeof value !== "string") throw this.#wrongType(field, "a string", value);
    // Neither can be told to the daemon: C ends a string at NUL, and half a surrogate pair stands for nothing, unless it
    // is a byte that the daemon sent.
    if (value.includes("\0")) throw this.#outOfRange(field, "a string cannot contain a NUL character");
    if (!value.isWellFormed() && !standsForBytes(value))
      throw this.#outOfRange(field, "a string cannot contain half a surrogate pair");
    if (value.length > max) throw this.#tooLong(field, value.length, max);
    // Room for the worst case, of which what is not needed is given back.
    const start = this.#room(4 + maxTextLength(value));
    const length = encodeText(value, this.#bytes, start + 4);
    this.#position = start;
    if (length > max) throw this.#tooLong(field, length, max);
    this.#word(length);
    this.#position += length;
    this.#pad(length);
  }

  fixedOpaque(field: Field, value: Uint8Array, length: number): void {
    if (!(value instanceof Uint8Array)) throw this.#wrongType(field, "a Uint8Array", value);
    if (value.length !== length) throw this.#outOfRange(field, `${value.length} bytes instead of ${length}`);
    this.#append(value);
  }

  opaque(field: Field, value: Uint8Array, max: number): void {
    if (!(value instanceof Uint8Array)) throw this.#wrongType(field, "a Uint8Array", value);
    if (value.length > max)
      throw this.#outOfRange(field, `${value.length} bytes, at most ${max} are allowed`);
    this.#word(value.length);
    this.#append(value);
  }

  /** An array of C's signed `char`: four bytes on the wire for each. */
  fixedChars(field: Field, value: Uint8Array, length: number): void {
    if (!(value instanceof Uint8Array)) throw this.#wrongType(field, "a Uint8Array", value);
    if (value.length !== length) throw this.#outOfRange(field, `${value.length} chars instead of ${length}`);
    this.#appendChars(value);
  }

  chars(field: Field, value: Uint8Array, max: number): void {
    if (!(value instanceof Uint8Array)) throw this.#wrongType(field, "a Uint8Array", value);
    if (value.length > max)
      throw this.#outOfRange(field, `${value.length} chars, at most ${max} are allowed`);
    this.#word(value.length);
    this.#appendChars(value);
  }

  /** Bytes as they are: no length, no padding. */
  raw(value: Uint8Array): void {
    const start = this.#room(value.length);
    this.#bytes.set(value, start);
  }

  /** Leaves out `size` bytes, which are to be filled in, and returns where they begin. */
  skip(size: number): number {
    return this.#room(size) - this.#start;
  }

  /** Fills in four bytes, or overwrites what was written earlier, such as a length that is known only now. */
  putUint(field: Field, at: number, value: number): void {
    this.#integer(field, value, 0, 0xffffffff);
    this.#view.setUint32(this.#start + at, value);
  }

  putInt(field: Field, at: number, value: number): void {
    this.#integer(field, value, -0x80000000, 0x7fffffff);
    this.#view.setInt32(this.#start + at, value);
  }

  /** The error to throw for a union's value that has no arm. */
  unknownCase(field: Field, value: unknown): RangeError {
    return this.#outOfRange(field, `${String(value)} is none of the union's cases`);
  }

  #append(value: Uint8Array): void {
    this.raw(value);
    this.#pad(value.length);
  }

  #appendChars(value: Uint8Array): void {
    const start = this.#room(4 * value.length);
    for (let i = 0; i < value.length; i++) this.#view.setInt32(start + 4 * i, (value[i]! << 24) >> 24);
  }

  #pad(length: number): void {
    const size = padding(length);
    const start = this.#room(size);
    // Not zero by itself: the memory may hold the rest of a longer string.
    for (let i = 0; i < size; i++) this.#bytes[start + i] = 0;
  }

  /** Four bytes that hold a number within 32 bits, with or without a sign. */
  #word(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value);
  }

  /**
   * Makes room for `size` bytes and moves behind them; returns where they begin. That may replace the buffer and its
   * view: name neither before this call, nor in the expression that has it as an argument.
   */
  #room(size: number): number {
    const start = this.#position;
    if (start + size > this.#bytes.length) return this.#grow(size);
    this.#position = start + size;
    return start;
  }

  /** Goes on in a larger buffer, without what has been taken. */
  #grow(size: number): number {
    const written = this.#bytes.subarray(this.#start, this.#position);
    const bytes = new Uint8Array(Math.max(written.length + size, 2 * written.length, smallestBuffer));
    bytes.set(written);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#start = 0;
    this.#position = written.length + size;
    return written.length;
  }

  #narrow(field: Field, value: number, min: number, max: number): void {
    this.#integer(field, value, min, max);
    this.#word(value);
  }

  #integer(field: Field, value: number, min: number, max: number): void {
    if (typeof value !== "number") throw this.#wrongType(field, "a number", value);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw this.#outOfRange(field, `${value} is not an integer within ${min} and ${max}`);
    }
  }

  #wrongType(field: Field, wanted: string, value: unknown): TypeError {
    const found = value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
    return new TypeError(`${this.#path.to(field)}: ${wanted} is wanted, not ${found}`);
  }

  #tooLong(field: Field, length: number, max: number): RangeError {
    return this.#outOfRange(field, `a string of ${length} bytes, at most ${max} are allowed`);
  }

  #outOfRange(field: Field, what: string): RangeError {
    return new RangeError(`${this.#path.to(field)}: ${what}`);
  }
}

/** Reads one value that fills `bytes` exactly. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const reader = new XdrReader(bytes);
  const value = codec.decode(reader, codec.name);
  reader.finish(codec.name);
  return value;
}

/** The bytes of one value. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new XdrWriter();
  codec.encode(writer, codec.name, value);
  return writer.take();
}
