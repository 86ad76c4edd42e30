import type { Segment } from "./backlog.js";
import { abortedByUs, type RpcStream, type StreamChannel, type StreamClosed } from "./stream.js";

/** Opens the stream of what follows `received` bytes; undefined where nothing can follow. */
export type OpenRest = (received: bigint, signal: AbortSignal) => Promise<RpcStream | undefined>;

/**
 * A download that is taken off the daemon when its consumer is very far behind, and continued where it stopped when
 * the consumer has caught up: so a consumer that sleeps costs neither memory nor anybody else's time.
 */
export class Download implements StreamChannel {
  readonly closed: Promise<StreamClosed>;
  readonly #openRest: OpenRest;
  readonly #dropped = new AbortController();
  #stream: RpcStream;
  #received = 0n;
  #finishing = false;
  #outcome: StreamClosed | undefined;
  #resolveClosed!: (closed: StreamClosed) => void;

  /** `first` is a stream that was opened as `resumable`. */
  constructor(first: RpcStream, openRest: OpenRest) {
    this.#openRest = openRest;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#stream = first;
    this.#watch(first);
  }

  get sparse(): boolean {
    return this.#stream.sparse;
  }

  async next(): Promise<Segment | undefined> {
    const segment = await this.#receive((stream) => stream.next());
    if (segment) this.#received += "data" in segment ? BigInt(segment.data.length) : segment.hole;
    return segment;
  }

  async fill(target: Uint8Array): Promise<number> {
    const filled = await this.#receive((stream) => stream.fill(target));
    this.#received += BigInt(filled ?? 0);
    return filled ?? 0;
  }

  send(): Promise<void> {
    return Promise.reject(new TypeError("nothing can be written to a download"));
  }

  sendHole(): Promise<void> {
    return this.send();
  }

  async finish(): Promise<void> {
    this.#finishing = true;
    await this.#stream.finish();
    this.#close({ outcome: "finished" });
  }

  abort(reason: unknown = abortedByUs()): Promise<void> {
    this.#close({ outcome: "aborted", error: reason });
    this.#dropped.abort(reason);
    return this.#stream.abort(reason);
  }

  /** Receives from the stream that there is, and from the next where that brings nothing because it was stopped. */
  async #receive<T>(receive: (stream: RpcStream) => Promise<T | undefined>): Promise<T | undefined> {
    for (;;) {
      if (this.#outcome?.outcome === "aborted") throw this.#outcome.error;
      const received = await receive(this.#stream);
      if (received) return received;
      if (!this.#stream.interrupted || this.#finishing) return undefined;
      await this.#continue();
    }
  }

  async #continue(): Promise<void> {
    if (this.#outcome) throw this.#outcome.error;
    try {
      const rest = await this.#openRest(this.#received, this.#dropped.signal);
      if (rest) this.#goOn(rest);
      else await this.finish();
    } catch (error) {
      this.#close({ outcome: "failed", error });
      throw error;
    }
  }

  #goOn(rest: RpcStream): void {
    this.#stream = rest;
    this.#watch(rest);
    // What happened while it was being opened.
    const { aborted, reason } = this.#dropped.signal;
    if (aborted) rest.abort(reason);
    else if (this.#finishing) rest.finish().catch(() => {});
  }

  #watch(stream: RpcStream): void {
    stream.closed.then((closed) => {
      if (closed.outcome !== "finished" || !stream.interrupted) this.#close(closed);
    });
  }

  #close(closed: StreamClosed): void {
    if (this.#outcome) return;
    this.#outcome = closed;
    this.#resolveClosed(closed);
  }
}
