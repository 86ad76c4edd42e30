import { type MessageHeader, MessageStatus, MessageType } from "../../protocol/generated/net.js";
import type { ServerStream } from "./handlers.js";
import { OpenStream } from "./stream.js";

/** What the streams of a connection need of it. */
export interface StreamHost {
  packet(header: MessageHeader, payload: Uint8Array): void;
  /** Sends an error in place of a packet. */
  fail(header: MessageHeader, error: unknown): void;
  whenRoom(send: () => void): void;
  /** More waits for the handlers than should, or no longer so. */
  lagging(on: boolean): void;
}

/** How a stream is opened. */
export interface StreamOpening {
  readonly sparse: boolean;
  readonly direction: "read" | "write";
  readonly run: (stream: ServerStream) => void | Promise<void>;
}

/** How much may wait for the handlers of one client before it is read no more, and how little before it is again. */
const laggingBytes = 1024 * 1024;
const caughtUpBytes = laggingBytes / 2;

/** The streams that a client has open, by the calls that opened them. */
export class Streams {
  readonly #host: StreamHost;
  readonly #open = new Map<string, OpenStream>();
  #waitingBytes = 0;

  constructor(host: StreamHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#open.size;
  }

  has(call: MessageHeader): boolean {
    return this.#open.has(keyOf(call));
  }

  /** Begins a stream: the call that opens it has been answered. */
  open(call: MessageHeader, { sparse, direction, run }: StreamOpening): void {
    const key = keyOf(call);
    const stream = new OpenStream({
      sparse,
      direction,
      send: (type, status, payload) => this.#host.packet({ ...call, type, status }, payload),
      fail: (error) =>
        this.#host.fail({ ...call, type: MessageType.STREAM, status: MessageStatus.ERROR }, error),
      whenRoom: (send) => this.#host.whenRoom(send),
      waiting: (change) => this.#account(change),
      release: () => void this.#open.delete(key),
    });
    this.#open.set(key, stream);
    void stream.run(run);
  }

  /** Takes a packet to its stream, and drops one that comes too late. Returns false for one that no client sends. */
  received(header: MessageHeader, payload: Uint8Array): boolean {
    return this.#open.get(keyOf(header))?.received(header, payload) ?? true;
  }

  /** The connection is over. */
  lost(): void {
    for (const stream of [...this.#open.values()]) stream.lost();
  }

  #account(change: number): void {
    this.#waitingBytes += change;
    if (this.#waitingBytes > laggingBytes) this.#host.lagging(true);
    else if (this.#waitingBytes <= caughtUpBytes) this.#host.lagging(false);
  }
}

function keyOf({ prog, proc, serial }: MessageHeader): string {
  return `${prog}/${proc}/${serial}`;
}
