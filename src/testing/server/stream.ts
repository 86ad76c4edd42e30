import { ErrorDomain, ErrorNumber } from "../../generated/constants.js";
import { type MessageHeader, MessageStatus, MessageType, StreamHole } from "../../protocol/generated/net.js";
import { decode, encode } from "../../protocol/xdr.js";
import type { Segment } from "../../rpc/backlog.js";
import { maxPacketBytes } from "../../rpc/stream.js";
import { DriverError } from "./driver-error.js";
import type { ServerStream } from "./handlers.js";
import { rpcError } from "./refusals.js";

/** What a stream needs of the connection that it belongs to. */
export interface StreamLink {
  readonly sparse: boolean;
  /** Which way the bytes go that the procedure is about. Others may go the other way all the same. */
  readonly direction: "read" | "write";
  send(type: MessageType, status: MessageStatus, payload: Uint8Array): void;
  fail(error: unknown): void;
  whenRoom(send: () => void): void;
  /** So many bytes more, or fewer, wait for the handler. */
  waiting(change: number): void;
  /** Nothing of this stream is left: what still comes of it is not for it. */
  release(): void;
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

const noBytes = new Uint8Array(0);
const zeros = new Uint8Array(maxPacketBytes);

/** What a piece that waits costs beside its bytes: a client may send them one by one. */
const pieceBytes = 256;

/**
 * One open stream. It is over when the client's word that all is well has been confirmed, when the client has aborted it,
 * or when the handler has failed.
 */
export class OpenStream implements ServerStream {
  readonly sparse: boolean;
  readonly #link: StreamLink;
  readonly #gone = new AbortController();
  readonly #segments: Segment[] = [];
  #reader: Waiting<IteratorResult<Segment, undefined>> | undefined;
  /** The client has said that all is well. */
  #finished = false;
  /** The handler has done its part. */
  #handled = false;
  #over = false;

  constructor(link: StreamLink) {
    this.#link = link;
    this.sparse = link.sparse;
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Lets the handler do its part. */
  async run(handle: (stream: ServerStream) => void | Promise<void>): Promise<void> {
    try {
      await handle(this);
    } catch (error) {
      if (this.#over) return;
      this.#link.fail(error);
      this.#end("the stream has failed");
      return;
    }
    if (this.#over) return;
    this.#handled = true;
    this.#discard();
    if (this.#finished) this.#confirm();
    // Without a payload it says that there is no more.
    else if (this.#link.direction === "read") {
      this.#link.whenRoom(() => this.#send(MessageType.STREAM, MessageStatus.CONTINUE, noBytes));
    }
  }

  /** Takes a packet of the client's. Returns false for one that no client sends. */
  received({ type, status }: MessageHeader, payload: Uint8Array): boolean {
    if (type === MessageType.STREAM_HOLE) return this.#receivedHole(payload);
    if (status === MessageStatus.CONTINUE) this.#push({ data: payload });
    else if (status === MessageStatus.OK) this.#receivedFinish();
    else if (status === MessageStatus.ERROR) this.#receivedAbort();
    else {
      this.#link.fail(rpcError(`stream aborted with unexpected status ${status}`));
      this.#end("the client aborted the stream");
    }
    return true;
  }

  /** The connection is over. */
  lost(): void {
    this.#end("the client is gone");
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += maxPacketBytes) {
      await this.#packet(MessageType.STREAM, bytes.subarray(start, start + maxPacketBytes));
    }
  }

  async writeHole(length: bigint): Promise<void> {
    if (length <= 0n) throw new RangeError(`a hole of ${length} bytes cannot be`);
    if (this.sparse) return this.#packet(MessageType.STREAM_HOLE, encode(StreamHole, { length, flags: 0 }));
    const most = BigInt(zeros.length);
    for (let left = length; left > 0n; left -= most) {
      await this.write(left < most ? zeros.subarray(0, Number(left)) : zeros);
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Segment, undefined> {
    return { next: () => this.#next() };
  }

  #next(): Promise<IteratorResult<Segment, undefined>> {
    const segment = this.#segments.shift();
    if (segment) {
      this.#link.waiting(-costOf(segment));
      return Promise.resolve({ value: segment, done: false });
    }
    if (this.#over && !this.#finished) return Promise.reject(this.signal.reason);
    if (this.#finished) return Promise.resolve({ value: undefined, done: true });
    if (this.#reader) return Promise.reject(new TypeError("a stream is read by one at a time"));
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  #packet(type: MessageType, payload: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = () => reject(this.signal.reason);
      if (this.#over) {
        refuse();
        return;
      }
      this.signal.addEventListener("abort", refuse, { once: true });
      this.#link.whenRoom(() => {
        this.signal.removeEventListener("abort", refuse);
        this.#send(type, MessageStatus.CONTINUE, payload);
        resolve();
      });
    });
  }

  #send(type: MessageType, status: MessageStatus, payload: Uint8Array): void {
    if (!this.#over) this.#link.send(type, status, payload);
  }

  #push(segment: Segment): void {
    if (this.#handled || this.#finished) return;
    if (this.#reader) {
      this.#reader.resolve({ value: segment, done: false });
      this.#reader = undefined;
      return;
    }
    this.#segments.push(segment);
    this.#link.waiting(costOf(segment));
  }

  #receivedHole(payload: Uint8Array): boolean {
    if (!this.sparse) return false;
    let length: bigint;
    try {
      length = decode(StreamHole, payload).length;
    } catch {
      return false;
    }
    if (length > 0n) this.#push({ hole: length });
    if (length >= 0n) return true;
    this.#link.fail(negativeHole());
    this.#end("the client aborted the stream");
    return true;
  }

  #receivedFinish(): void {
    this.#finished = true;
    // Whoever only reads may have had enough before the end; what was written is not safe before it has been handled.
    if (this.#handled || this.#link.direction === "read") this.#confirm();
    else this.#reader?.resolve({ value: undefined, done: true });
    this.#reader = undefined;
  }

  #receivedAbort(): void {
    this.#send(MessageType.STREAM, MessageStatus.OK, noBytes);
    this.#end("the client aborted the stream");
  }

  #confirm(): void {
    this.#send(MessageType.STREAM, MessageStatus.OK, noBytes);
    this.#end("the client finished the stream");
  }

  #discard(): void {
    for (const segment of this.#segments.splice(0)) this.#link.waiting(-costOf(segment));
  }

  #end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#discard();
    this.#link.release();
    const reason = new Error(why);
    if (this.#finished) this.#reader?.resolve({ value: undefined, done: true });
    else this.#reader?.reject(reason);
    this.#reader = undefined;
    this.#gone.abort(reason);
  }
}

function costOf(segment: Segment): number {
  return pieceBytes + ("data" in segment ? segment.data.length : 0);
}

function negativeHole(): DriverError {
  const detail = "length in virStreamSendHole must be greater than or equal to zero";
  return new DriverError(ErrorNumber.INVALID_ARG, detail, { domain: ErrorDomain.STREAMS });
}
