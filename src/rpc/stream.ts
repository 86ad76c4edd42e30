import { ConnectionError, ProtocolError } from "../errors.js";
import { MessageStatus, MessageType, StreamHole } from "../protocol/generated/net.js";
import { encode } from "../protocol/xdr.js";
import { Backlog, type Segment } from "./backlog.js";

/** How a stream came to its end. */
export interface StreamClosed {
  /** `finished`: both sides have all of it. `aborted`: by this program. `failed`: the daemon or the connection did. */
  readonly outcome: "finished" | "aborted" | "failed";
  /** Why, unless it was finished. */
  readonly error?: unknown;
}

/** What can be done with an open stream. Reads and writes are the caller's to put in order: one at a time of each. */
export interface StreamChannel {
  /** Whether holes may travel in it. */
  readonly sparse: boolean;
  /** Resolves, and never rejects, as soon as nothing more can be sent or will be received. */
  readonly closed: Promise<StreamClosed>;
  /** The next piece that the daemon sent; undefined at the end. */
  next(): Promise<Segment | undefined>;
  /** Receives until `target` is full, or a hole or the end comes; resolves with how many bytes. */
  fill(target: Uint8Array): Promise<number>;
  /** Sends bytes; resolves when the pipe has taken them. They must not be changed before. */
  send(bytes: Uint8Array): Promise<void>;
  sendHole(length: bigint, flags: number): Promise<void>;
  /** Tells the daemon that all is well; resolves when the daemon says so too, and rejects when it doesn't. */
  finish(): Promise<void>;
  /** Drops the stream: what is pending rejects with the reason. Resolves when the daemon has let go of it as well. */
  abort(reason?: unknown): Promise<void>;
}

/** What a stream needs of the session that it belongs to. */
export interface StreamLink {
  send(type: MessageType, status: MessageStatus, payload: Uint8Array): void;
  /** Runs something that sends: at once, or when the pipe has room and it is this one's turn. */
  whenRoom(send: () => void): void;
  /** Somebody waits for the stream, or does no longer. */
  awaited(change: 1 | -1): void;
  /** The stream's consumer has fallen behind, or has caught up. */
  lagging(change: 1 | -1): void;
  /** The daemon has let go of the stream, so that its serial may be used for something else. */
  release(): void;
}

export interface StreamOptions {
  /** Finishes the stream as soon as the daemon has sent all: for streams that nothing is written to. */
  readonly finishAtEnd?: boolean | undefined;
  /** Whether the rest can be asked for again: then the stream is stopped when its consumer is very far behind. */
  readonly resumable?: boolean | undefined;
}

/** The most bytes in a packet. Old daemons drop the connection over larger ones, and new ones send no larger. */
export const maxPacketBytes = 262_120;

/** How much may wait for the consumer before the daemon is slowed down, and how little before it is let loose. */
const laggingBytes = 4 * 1024 * 1024;
const caughtUpBytes = laggingBytes / 2;

/** How much may wait before a stream that can be resumed is stopped, and before another one fails. */
const stopBytes = 16 * 1024 * 1024;
const failureBytes = 64 * 1024 * 1024;

const noBytes = new Uint8Array(0);

interface Waiting<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** A reader with memory of his own, of which some may be filled. */
interface Filling extends Waiting<number> {
  readonly target: Uint8Array;
  filled: number;
}

/**
 * One stream on the wire, under the serial of the call that opened it.
 *
 * The daemon lets go of a stream when it has confirmed that we finish or abort it, or has reported an error: until
 * then the serial stays taken, and what still arrives is dropped.
 */
export class RpcStream implements StreamChannel {
  readonly sparse: boolean;
  readonly closed: Promise<StreamClosed>;
  /** How much it has carried either way, without holes. */
  bytesSent = 0;
  bytesReceived = 0;
  readonly #link: StreamLink;
  readonly #options: StreamOptions;
  /** `stopping`: the daemon is to send no more, but what it has sent counts. `over`: it has let go. */
  #phase: "open" | "finishing" | "stopping" | "aborting" | "over" = "open";
  #outcome: StreamClosed | undefined;
  readonly #backlog = new Backlog();
  #lagging = false;
  #ended = false;
  #stopped = false;
  #reader: Waiting<Segment | undefined> | undefined;
  #filling: Filling | undefined;
  #writer: Waiting<void> | undefined;
  #resolveClosed!: (closed: StreamClosed) => void;
  readonly #released: Promise<void>;
  #resolveReleased!: () => void;

  constructor(link: StreamLink, sparse: boolean, options: StreamOptions = {}) {
    this.#link = link;
    this.sparse = sparse;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#released = new Promise((resolve) => {
      this.#resolveReleased = resolve;
    });
  }

  /** Whether it was stopped before the daemon had sent all that there is. */
  get interrupted(): boolean {
    return this.#stopped && !this.#ended;
  }

  next(): Promise<Segment | undefined> {
    const segment = this.#backlog.shift();
    if (segment) {
      this.#account();
      return Promise.resolve(segment);
    }
    if (this.#outcome?.error !== undefined) return Promise.reject(this.#outcome.error);
    if (this.#ended || this.#outcome) return Promise.resolve(undefined);
    return this.#awaited((waiting) => {
      this.#reader = waiting;
    });
  }

  fill(target: Uint8Array): Promise<number> {
    const filled = this.#backlog.moveTo(target);
    this.#account();
    if (filled === target.length || !this.#backlog.isEmpty) return Promise.resolve(filled);
    if (filled === 0 && this.#outcome?.error !== undefined) return Promise.reject(this.#outcome.error);
    if (this.#ended || this.#outcome) return Promise.resolve(filled);
    return this.#awaited((waiting) => {
      this.#filling = { target, filled, ...waiting };
    });
  }

  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += maxPacketBytes) {
      await this.#sendPacket(MessageType.STREAM, bytes.subarray(at, at + maxPacketBytes));
    }
  }

  sendHole(length: bigint, flags: number): Promise<void> {
    return this.#sendPacket(MessageType.STREAM_HOLE, encode(StreamHole, { length, flags }));
  }

  async finish(): Promise<void> {
    this.#finish();
    const { error } = await this.#untilSettled(this.closed);
    if (error !== undefined) throw error;
  }

  async abort(reason: unknown = abortedByUs()): Promise<void> {
    if (this.#phase === "open") this.#link.send(MessageType.STREAM, MessageStatus.ERROR, noBytes);
    if (this.#phase !== "over") this.#phase = "aborting";
    this.#close({ outcome: "aborted", error: reason });
    await this.#untilSettled(this.#released);
  }

  /** Takes a packet with bytes in it, which are copied, or with none: that is the end of what the daemon sends. */
  receivedData(bytes: Uint8Array): void {
    this.bytesReceived += bytes.length;
    if (bytes.length === 0) this.#receivedEnd();
    else if (!this.#deaf) this.#receivedBytes(bytes);
  }

  receivedHole({ length, flags }: StreamHole): void {
    if (!this.sparse) this.violated("a hole in a stream that was not to have any");
    else if (length <= 0n || flags !== 0) this.violated(`a hole of ${length} bytes with flags ${flags}`);
    else if (!this.#deaf) this.#receivedHole(length);
  }

  /** Takes the daemon's word that the stream is finished, or aborted: whatever we asked for. */
  confirmed(): void {
    if (this.#phase === "open") this.violated("the confirmation of an end that nobody asked for");
    else if (this.#phase !== "over") {
      this.#close({ outcome: "finished" });
      this.#release();
    }
  }

  /** Takes the daemon's error, or the loss of the connection: the stream exists no longer. */
  failed(error: unknown): void {
    this.#close({ outcome: "failed", error });
    this.#release();
  }

  /** Drops a stream in which the daemon sends what it must not. */
  violated(what: string): void {
    this.#fail(new ProtocolError(`the daemon sent ${what}`));
  }

  #fail(error: Error): void {
    if (this.#phase === "over") return;
    if (this.#phase === "open") this.#link.send(MessageType.STREAM, MessageStatus.ERROR, noBytes);
    this.#phase = "aborting";
    this.#close({ outcome: "failed", error });
  }

  /** Has the daemon send no more. What it has sent is there to be read, and then an end that is not the end. */
  #stop(): void {
    if (this.#phase !== "open") return;
    this.#phase = "stopping";
    this.#stopped = true;
    this.#link.send(MessageType.STREAM, MessageStatus.ERROR, noBytes);
  }

  #finish(): void {
    if (this.#phase !== "open") return;
    this.#phase = "finishing";
    this.#link.send(MessageType.STREAM, MessageStatus.OK, noBytes);
  }

  /** Whether what comes in is of no interest any more. */
  get #deaf(): boolean {
    return this.#outcome !== undefined || this.#ended;
  }

  #receivedBytes(bytes: Uint8Array): void {
    const rest = this.#filling ? this.#fillFrom(this.#filling, bytes) : bytes;
    if (rest.length === 0) return;
    if (this.#reader) {
      // Not slice(), by which a Buffer keeps the memory: the next bytes arrive in it.
      this.#reader.resolve({ data: new Uint8Array(rest) });
      this.#reader = undefined;
      return;
    }
    this.#backlog.push(rest);
    this.#limit();
  }

  #receivedHole(hole: bigint): void {
    if (this.#reader) {
      this.#reader.resolve({ hole });
      this.#reader = undefined;
      return;
    }
    this.#backlog.pushHole(hole);
    this.#filled();
    this.#limit();
  }

  /** Copies bytes to who waits for as many as his memory holds. Returns those that are beyond that. */
  #fillFrom(filling: Filling, bytes: Uint8Array): Uint8Array {
    const { target, filled } = filling;
    const taken = bytes.subarray(0, target.length - filled);
    target.set(taken, filled);
    filling.filled += taken.length;
    if (filling.filled === target.length) this.#filled();
    return bytes.subarray(taken.length);
  }

  #filled(): void {
    this.#filling?.resolve(this.#filling.filled);
    this.#filling = undefined;
  }

  /** Keeps what waits within bounds. */
  #limit(): void {
    this.#account();
    const { cost } = this.#backlog;
    if (this.#options.resumable && cost > stopBytes) this.#stop();
    if (cost > failureBytes) this.#fail(unread());
  }

  #receivedEnd(): void {
    if (this.#outcome) return;
    this.#ended = true;
    this.#endReading();
    if (this.#options.finishAtEnd) this.#finish();
  }

  /** One packet at a time, in the order of the calls. */
  #sendPacket(type: MessageType, payload: Uint8Array): Promise<void> {
    const over = this.#whyNotWritable();
    if (over) return Promise.reject(over);
    return this.#awaited<void>((waiting) => {
      this.#writer = waiting;
      this.#link.whenRoom(() => {
        // Closed while it waited: that has rejected it.
        if (this.#writer !== waiting) return;
        this.#writer = undefined;
        this.#link.send(type, MessageStatus.CONTINUE, payload);
        if (type === MessageType.STREAM) this.bytesSent += payload.length;
        waiting.resolve();
      });
    });
  }

  #whyNotWritable(): unknown {
    if (this.#outcome?.error !== undefined) return this.#outcome.error;
    if (this.#phase === "open") return undefined;
    return new ConnectionError("the stream has been finished: nothing more can be written to it");
  }

  #account(): void {
    const behind = this.#backlog.cost > (this.#lagging ? caughtUpBytes : laggingBytes);
    this.#setLagging(behind && !this.#outcome);
  }

  #setLagging(lagging: boolean): void {
    if (lagging === this.#lagging) return;
    this.#lagging = lagging;
    this.#link.lagging(lagging ? 1 : -1);
  }

  /** Ends it for those who use it. What has been received can be read still, unless it is us who dropped it. */
  #close(outcome: StreamClosed): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    this.#setLagging(false);
    if (outcome.outcome === "aborted") this.#backlog.clear();
    const { error } = outcome;
    // What came before a failure is worth having; who reads on learns of it.
    if (outcome.outcome === "failed" && this.#filling?.filled) this.#filled();
    this.#endReading(error);
    this.#writer?.reject(error ?? this.#whyNotWritable());
    this.#writer = undefined;
    this.#resolveClosed(outcome);
  }

  #endReading(error?: unknown): void {
    if (error === undefined) {
      this.#reader?.resolve(undefined);
      this.#filled();
    } else {
      this.#reader?.reject(error);
      this.#filling?.reject(error);
    }
    this.#reader = undefined;
    this.#filling = undefined;
  }

  #release(): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#link.release();
    this.#resolveReleased();
  }

  #awaited<T>(begin: (waiting: Waiting<T>) => void): Promise<T> {
    return this.#untilSettled(new Promise<T>((resolve, reject) => begin({ resolve, reject })));
  }

  async #untilSettled<T>(promise: Promise<T>): Promise<T> {
    this.#link.awaited(1);
    try {
      return await promise;
    } finally {
      this.#link.awaited(-1);
    }
  }
}

/** What reads and writes reject with after an abort for no given reason. */
export function abortedByUs(): ConnectionError {
  return new ConnectionError("the stream was aborted by this program");
}

function unread(): ConnectionError {
  return new ConnectionError(
    `the stream was dropped: nobody read it while ${failureBytes / 2 ** 20} MiB came in`,
  );
}
