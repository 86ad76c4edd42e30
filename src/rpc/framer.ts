import { headerLength, readFrameLength } from "../protocol/message.js";

/** Receives one whole frame, its length word included: the range from `start` to `end`. */
export type FrameHandler = (bytes: Uint8Array, start: number, end: number) => void;

/** For frames that need not be gathered: the first part goes to the handler as if it were the whole. */
export interface FrameDivider {
  /** Whether a frame that begins at `start`, of which at least the header is there, is one of those. */
  divisible(bytes: Uint8Array, start: number): boolean;
  /** Receives a further part of the payload of the frame that was handled last. */
  more(bytes: Uint8Array, start: number, end: number): void;
}

const lengthWord = 4;
const firstAllocation = 64 * 1024;

/**
 * Cuts what arrives into frames, however it is cut already. A frame that lies within one chunk is handed on where it
 * lies; only one that spans chunks is gathered, in memory that grows with what has come and not with what is announced.
 */
export class Framer {
  readonly #maxLength: number;
  readonly #handle: FrameHandler;
  readonly #divider: FrameDivider | undefined;
  #partial: Uint8Array = new Uint8Array(0);
  #gathered = 0;
  /** Length of the frame being gathered; 0 while even that is unknown. */
  #wanted = 0;
  /** How much is to come of the frame that is being handed on in parts. */
  #left = 0;
  /** How much is to come that belongs to no frame. */
  #foreign = 0;
  #whenSkipped: () => void = () => {};
  #stopped = false;

  constructor(maxLength: number, handle: FrameHandler, divider?: FrameDivider) {
    this.#maxLength = maxLength;
    this.#handle = handle;
    this.#divider = divider;
  }

  /** Whether a frame has begun and not ended. */
  get midFrame(): boolean {
    return this.#gathered > 0 || this.#left > 0;
  }

  /** Takes a chunk. Throws a ProtocolError for a length that no frame can have. */
  push(chunk: Uint8Array): void {
    let position = this.#left > 0 ? this.#continue(chunk) : this.#gathered > 0 ? this.#gather(chunk, 0) : 0;
    for (;;) {
      if (this.#foreign > 0 && position < chunk.length) position += this.#drop(chunk.length - position);
      if (this.#stopped || chunk.length - position < lengthWord) break;
      const length = readFrameLength(chunk, position, this.#maxLength);
      if (chunk.length - position < length) {
        if (this.#divide(chunk, position, length)) return;
        break;
      }
      this.#handle(chunk, position, position + length);
      position += length;
    }
    if (!this.#stopped && position < chunk.length) this.#gather(chunk, position);
  }

  /**
   * Drops so many bytes behind the frame in hand, since those that file descriptors are attached to are outside of all
   * frames, and calls back when they have come.
   */
  skip(count: number, whenSkipped: () => void): void {
    this.#foreign = count;
    this.#whenSkipped = whenSkipped;
  }

  /** Delivers nothing more, even of the chunk in hand. */
  stop(): void {
    this.#stopped = true;
    this.#partial = new Uint8Array(0);
    this.#gathered = 0;
    this.#left = 0;
  }

  /** Hands on what there is of an unfinished frame, if that can be done, and some of the payload is there. */
  #divide(chunk: Uint8Array, start: number, length: number): boolean {
    if (chunk.length - start <= headerLength || !this.#divider?.divisible(chunk, start)) return false;
    this.#left = length - (chunk.length - start);
    this.#handle(chunk, start, chunk.length);
    return true;
  }

  #drop(available: number): number {
    const count = Math.min(this.#foreign, available);
    this.#foreign -= count;
    if (this.#foreign === 0) this.#whenSkipped();
    return count;
  }

  #continue(chunk: Uint8Array): number {
    const count = Math.min(this.#left, chunk.length);
    this.#left -= count;
    this.#divider?.more(chunk, 0, count);
    return count;
  }

  /** Adds to the unfinished frame, and hands it on when it is whole. Returns how far into the chunk that went. */
  #gather(chunk: Uint8Array, from: number): number {
    let position = from;
    if (this.#wanted === 0) {
      position = this.#append(chunk, position, lengthWord);
      if (this.#gathered < lengthWord) return position;
      this.#wanted = readFrameLength(this.#partial, 0, this.#maxLength);
    }
    position = this.#append(chunk, position, this.#wanted);
    if (this.#gathered === this.#wanted) {
      const frame = this.#partial;
      const length = this.#wanted;
      this.#partial = new Uint8Array(0);
      this.#gathered = 0;
      this.#wanted = 0;
      this.#handle(frame, 0, length);
    }
    return position;
  }

  #append(chunk: Uint8Array, from: number, upTo: number): number {
    const count = Math.min(upTo - this.#gathered, chunk.length - from);
    const needed = this.#gathered + count;
    if (needed > this.#partial.length) {
      const enough = Math.max(needed, 2 * this.#partial.length, Math.min(firstAllocation, this.#wanted));
      const grown = new Uint8Array(Math.max(headerLength, Math.min(enough, this.#maxLength)));
      grown.set(this.#partial.subarray(0, this.#gathered));
      this.#partial = grown;
    }
    this.#partial.set(chunk.subarray(from, from + count), this.#gathered);
    this.#gathered = needed;
    return from + count;
  }
}
