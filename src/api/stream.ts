import { StreamRecvFlagsValues } from "../generated/constants.js";
import type { Segment } from "../rpc/backlog.js";
import { type CallOptions, checkCallOptions, checkTimeout, onAbort } from "../rpc/deadline.js";
import { IdleWatch } from "../rpc/idle-watch.js";
import { abortedByUs, maxPacketBytes, type StreamChannel, type StreamClosed } from "../rpc/stream.js";

/** What the calls that open a stream take. */
export interface StreamUseOptions {
  /** Abandons the call, and aborts the stream that it has opened, when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds within which the daemon must have opened the stream. */
  readonly timeoutMs?: number | undefined;
  /**
   * Milliseconds: aborts the stream, with a `TimeoutError`, when somebody waits for so long and nothing is received or
   * sent meanwhile. A consumer's own pauses don't count, but what the daemon takes to finish does.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** Called after each piece with {@link Stream.bytesTransferred}. What it throws ends the transfer. */
  readonly onProgress?: ((bytesTransferred: bigint) => void) | undefined;
}

/** What of a stream's options bounds the call that opens it. Throws, before that is made, for options that cannot be. */
export function openingBounds(options: StreamUseOptions): CallOptions {
  checkCallOptions(options);
  const { signal, timeoutMs, idleTimeoutMs } = options;
  checkTimeout("idleTimeoutMs", idleTimeoutMs);
  return { signal, timeoutMs };
}

const noBytes = new Uint8Array(0);
const nothing: Segment = { data: noBytes };

/** How many of a hole's zeros are given out at a time. */
const mostZeros = 1024 * 1024;

/** Streams that nobody holds any more would stay open in the daemon. */
const forgotten = new FinalizationRegistry<StreamChannel>((channel) => void channel.abort());

/**
 * A stream as libvirt's C API has it, and what the Node streams are made from: get it from their `stream` property.
 * Use one or the other.
 *
 * A stream ends with {@link finish}, which waits for the daemon's word that all is well, or with {@link abort}.
 * `await using` aborts one that has not been finished.
 *
 * A consumer that does not read its stream slows the daemon down, and nothing else: no call waits for it. Up to 4 MiB is
 * kept for it. What happens beyond that depends on what else the connection has to do, because libvirt has no way to hold
 * back one stream of several. While no call is under way, everything is read more slowly: an event may be up to half a
 * second late, though never for a download of a volume. Else more is kept. At 16 MiB such a download is stopped, and
 * opened anew where it stopped when the consumer has caught up; any other stream fails at 64 MiB.
 *
 * Writing has no such protection: libvirt's daemon stops reading a connection on which a few packets wait for a guest that
 * does not read its console, answers no calls meanwhile, and drops it after 30 seconds.
 */
export class Stream implements AsyncDisposable {
  readonly #channel: StreamChannel;
  readonly #idle: IdleWatch;
  readonly #onProgress: ((bytesTransferred: bigint) => void) | undefined;
  #bytesTransferred = 0n;
  /** What is left of the piece that was received last. */
  #rest: Segment = nothing;
  #lastRead: Promise<unknown> = Promise.resolve();
  #lastWrite: Promise<unknown> = Promise.resolve();

  /** @internal Opened by the methods of volumes and domains. */
  constructor(channel: StreamChannel, { signal, idleTimeoutMs, onProgress }: StreamUseOptions = {}) {
    this.#channel = channel;
    this.#idle = new IdleWatch(idleTimeoutMs, (reason) => void channel.abort(reason));
    this.#onProgress = onProgress;
    forgotten.register(this, channel, channel);
    if (signal) abortWith(channel, signal);
  }

  /** Whether holes may travel in it: whether it was opened with a `SPARSE_STREAM` flag. */
  get sparse(): boolean {
    return this.#channel.sparse;
  }

  /** Resolves when nothing more can be sent or will be received, with how that came. Never rejects. */
  get closed(): Promise<StreamClosed> {
    return this.#channel.closed;
  }

  /** How far the stream has come, in bytes: what was read of it, and what was written to it. Holes count as bytes. */
  get bytesTransferred(): bigint {
    return this.#bytesTransferred;
  }

  /**
   * Receives up to `nbytes` bytes: at least one, unless this is the end. Holes are read as zeros.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamRecv | virStreamRecv}, since libvirt 0.7.2.
   */
  async recv(nbytes: number = maxPacketBytes): Promise<Uint8Array> {
    return (await this.recvFlags(nbytes)) ?? noBytes;
  }

  /**
   * Receives like {@link recv}, or not where a hole comes next.
   *
   * @param flags - {@link StreamRecvFlagsValues}: `STOP_AT_HOLE`.
   * @returns null at a hole, which {@link recvHole} receives, if `STOP_AT_HOLE` is among the flags.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamRecvFlags | virStreamRecvFlags}, since
   * libvirt 3.4.0.
   */
  async recvFlags(nbytes: number, flags: StreamRecvFlagsValues = 0): Promise<Uint8Array | null> {
    if (!Number.isSafeInteger(nbytes) || nbytes < 1)
      throw new RangeError(`nbytes: ${nbytes} bytes cannot be read`);
    if (flags !== 0 && flags !== StreamRecvFlagsValues.STOP_AT_HOLE)
      throw new RangeError(`flags: ${flags} is none of StreamRecvFlagsValues`);
    return this.#reading(async () => {
      const segment = await this.#segment();
      if (segment === undefined) return noBytes;
      if ("hole" in segment && flags === StreamRecvFlagsValues.STOP_AT_HOLE) return null;
      return this.#take(segment, nbytes);
    });
  }

  /**
   * Receives into memory of the caller's, until that is full, or a hole or the end comes: so no memory has to be taken
   * for what comes, and collected again.
   *
   * @param target - Not to be used before this settles.
   * @returns how many bytes; 0 at the end, and at a hole, which {@link recvHole} receives.
   */
  async recvInto(target: Uint8Array): Promise<number> {
    if (!(target instanceof Uint8Array))
      throw new TypeError(`target: a Uint8Array is wanted, not ${typeof target}`);
    if (target.length === 0) throw new RangeError("target: nothing can be read into no memory");
    return this.#reading(async () => {
      if (lengthOf(this.#rest) === 0n) {
        const filled = await this.#channel.fill(target);
        this.#count(BigInt(filled));
        if (filled > 0) return filled;
      }
      const segment = await this.#segment();
      if (!segment || "hole" in segment) return 0;
      const bytes = this.#take(segment, target.length);
      target.set(bytes);
      return bytes.length;
    });
  }

  /**
   * Receives the hole that {@link recvFlags} or {@link recvInto} has stopped at.
   *
   * @returns its length in bytes; 0 where there is none.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamRecvHole | virStreamRecvHole}, since libvirt
   * 3.4.0.
   */
  async recvHole(flags = 0): Promise<bigint> {
    this.#mustBeSparse();
    if (flags !== 0) throw new RangeError(`flags: ${flags} is not 0, and there are no others yet`);
    return this.#reading(async () => {
      const segment = this.#rest;
      if (!("hole" in segment)) return 0n;
      this.#rest = nothing;
      this.#count(segment.hole);
      return segment.hole;
    });
  }

  /**
   * What the daemon sends, piece by piece: bytes, and in a sparse stream the lengths of holes. The stream is finished
   * when all has come, and aborted when the loop is left before.
   */
  async *segments(): AsyncGenerator<Segment, void, undefined> {
    let complete = false;
    try {
      for (;;) {
        const segment = await this.#reading(() => this.#takeSegment());
        if (!segment) break;
        yield segment;
      }
      complete = true;
      await this.finish();
    } finally {
      // Not awaited: whoever leaves the loop need not wait for a daemon that may be the reason for it.
      if (!complete) void this.abort();
    }
  }

  /**
   * Sends bytes; resolves when the pipe to the daemon has taken all of them, which waits for the daemon where it is
   * slower. The daemon's errors come later: with another call, or with {@link finish}.
   *
   * @param data - Not to be changed before this resolves.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamSend | virStreamSend}, since libvirt 0.7.2.
   */
  async send(data: Uint8Array): Promise<void> {
    if (!(data instanceof Uint8Array))
      throw new TypeError(`data: a Uint8Array is wanted, not ${typeof data}`);
    await this.#writing(async () => {
      for (let at = 0; at < data.length; at += maxPacketBytes) {
        const piece = data.subarray(at, at + maxPacketBytes);
        await this.#channel.send(piece);
        this.#count(BigInt(piece.length));
      }
    });
  }

  /**
   * Sends a hole: the daemon skips as many bytes of the volume, and what they hold stays. A file that ends before them is
   * lengthened, and one that ends behind them is cut off there.
   *
   * @param length - In bytes.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamSendHole | virStreamSendHole}, since libvirt
   * 3.4.0.
   */
  async sendHole(length: bigint, flags = 0): Promise<void> {
    this.#mustBeSparse();
    if (typeof length !== "bigint") throw new TypeError(`length: a bigint is wanted, not ${typeof length}`);
    if (length <= 0n) throw new RangeError(`length: a hole of ${length} bytes cannot be`);
    await this.#writing(async () => {
      await this.#channel.sendHole(length, flags);
      this.#count(length);
    });
  }

  /**
   * Ends the stream when all has been received or sent. Resolves when the daemon confirms that.
   *
   * @throws LibvirtError what went wrong in the daemon, if nothing has reported it yet.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamFinish | virStreamFinish}, since libvirt
   * 0.7.2.
   */
  async finish(): Promise<void> {
    await this.#writing(() => this.#channel.finish());
    forgotten.unregister(this.#channel);
  }

  /**
   * Drops the stream: reads and writes that are under way are rejected. Resolves when the daemon has dropped it too.
   * Harmless when it is over.
   *
   * @param reason - What they are rejected with.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamAbort | virStreamAbort}, since libvirt 0.7.2.
   */
  async abort(reason: unknown = abortedByUs()): Promise<void> {
    forgotten.unregister(this.#channel);
    await this.#channel.abort(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  #reading<T>(read: () => Promise<T>): Promise<T> {
    const watched = () => this.#idle.during(read);
    const result = this.#lastRead.then(watched, watched);
    this.#lastRead = result;
    return result;
  }

  #writing(write: () => Promise<void>): Promise<void> {
    const watched = () => this.#idle.during(write);
    const result = this.#lastWrite.then(watched, watched);
    this.#lastWrite = result;
    return result;
  }

  /** The piece to read from: what is left of the last one, or the next. */
  async #segment(): Promise<Segment | undefined> {
    if (lengthOf(this.#rest) > 0n) return this.#rest;
    const next = await this.#channel.next();
    if (next) this.#rest = next;
    return next;
  }

  async #takeSegment(): Promise<Segment | undefined> {
    const segment = await this.#segment();
    if (!segment) return undefined;
    this.#rest = nothing;
    this.#count(lengthOf(segment));
    return segment;
  }

  #take(segment: Segment, nbytes: number): Uint8Array {
    let bytes: Uint8Array;
    if ("data" in segment) {
      bytes = segment.data.subarray(0, nbytes);
      this.#rest = { data: segment.data.subarray(nbytes) };
    } else {
      const wanted = Math.min(nbytes, mostZeros);
      bytes = new Uint8Array(segment.hole < wanted ? Number(segment.hole) : wanted);
      this.#rest = { hole: segment.hole - BigInt(bytes.length) };
    }
    this.#count(BigInt(bytes.length));
    return bytes;
  }

  #count(bytes: bigint): void {
    this.#bytesTransferred += bytes;
    this.#idle.happened();
    try {
      this.#onProgress?.(this.#bytesTransferred);
    } catch (error) {
      void this.abort(error);
      throw error;
    }
  }

  #mustBeSparse(): void {
    if (!this.sparse)
      throw new TypeError("there are no holes in a stream that was opened without SPARSE_STREAM");
  }
}

function lengthOf(segment: Segment): bigint {
  return "data" in segment ? BigInt(segment.data.length) : segment.hole;
}

/** A function of its own, so that the signal does not hold the stream's user in memory. */
function abortWith(channel: StreamChannel, signal: AbortSignal): void {
  const abort = () => void channel.abort(signal.reason);
  if (signal.aborted) abort();
  channel.closed.then(onAbort(signal, abort));
}
