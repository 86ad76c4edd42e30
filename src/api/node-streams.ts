import { Duplex, Readable, Writable } from "node:stream";
import { largestPiece } from "../rpc/backlog.js";
import { maxPacketBytes, type StreamClosed } from "../rpc/stream.js";
import type { Stream } from "./stream.js";

type Callback = (error?: Error | null) => void;

/** Little: what waits to be read or sent waits below, and Node joins what waits here by copying it. */
const highWaterMark = 64 * 1024;

/**
 * What a daemon sends, as a Node stream: holes are read as zeros. When it ends, the daemon has confirmed that all was
 * well; destroying it, as leaving a `for await` does, aborts it.
 */
export class LibvirtReadable extends Readable {
  /** The stream below, for those who want to receive from it themselves, or to know its holes. */
  readonly stream: Stream;

  /** @internal Opened by the methods of volumes and domains. */
  constructor(stream: Stream) {
    super({ highWaterMark });
    this.stream = stream;
    // A failure is met behind what was received before it.
    destroyAfter(["aborted"], stream, this);
  }

  /** How many bytes have been received, those of holes included. */
  get bytesTransferred(): bigint {
    return this.stream.bytesTransferred;
  }

  override _read(): void {
    receive(this, () => this.stream.finish());
  }

  override _destroy(error: Error | null, callback: Callback): void {
    drop(this.stream, error, callback);
  }
}

/**
 * What a daemon takes, as a Node stream. It finishes when the daemon has confirmed that it has got all, so that
 * `pipeline()` reports an error that comes as late as that; destroying it aborts it.
 */
export class LibvirtWritable extends Writable {
  /** The stream below, for those who want to send to it themselves, or to send holes. */
  readonly stream: Stream;
  /** For chunks that are sent together. */
  #packet: Buffer | undefined;

  /** @internal Opened by the methods of volumes. */
  constructor(stream: Stream) {
    // While one packet is on its way, the next is gathered.
    super({ highWaterMark: maxPacketBytes });
    this.stream = stream;
    destroyAfter(["aborted", "failed"], stream, this);
  }

  /** How many bytes have been sent, those of holes included. */
  get bytesTransferred(): bigint {
    return this.stream.bytesTransferred;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    settle(this.stream.send(chunk), callback);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: Callback): void {
    settle(this.#sendTogether(chunks), callback);
  }

  override _final(callback: Callback): void {
    settle(this.stream.finish(), callback);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    drop(this.stream, error, callback);
  }

  /** In packets as large as may be: a daemon writes each to the volume by itself. */
  async #sendTogether(chunks: readonly { readonly chunk: Buffer }[]): Promise<void> {
    this.#packet ??= Buffer.allocUnsafeSlow(maxPacketBytes);
    const packet = this.#packet;
    let length = 0;
    for (const { chunk } of chunks) {
      for (let at = 0; at < chunk.length; ) {
        const taken = chunk.copy(packet, length, at);
        at += taken;
        length += taken;
        if (length < packet.length) continue;
        await this.stream.send(packet);
        length = 0;
      }
    }
    if (length > 0) await this.stream.send(packet.subarray(0, length));
  }
}

/**
 * A guest's console or channel, as a Node stream. There is no half of it that could be closed: when one side ends it,
 * it has ended. Destroying it closes it too, at once.
 */
export class LibvirtDuplex extends Duplex {
  /** The stream below, for those who want to receive from it and send to it themselves. */
  readonly stream: Stream;

  /** @internal Opened by the methods of domains. */
  constructor(stream: Stream) {
    super({ highWaterMark, allowHalfOpen: false });
    this.stream = stream;
    destroyAfter(["aborted"], stream, this);
  }

  /** How many bytes have been received and sent. */
  get bytesTransferred(): bigint {
    return this.stream.bytesTransferred;
  }

  override _read(): void {
    // Without halves the end of what is read ends what is written, and that finishes the stream.
    receive(this, async () => {});
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    settle(this.stream.send(chunk), callback);
  }

  override _final(callback: Callback): void {
    settle(this.stream.finish(), callback);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    drop(this.stream, error, callback);
  }
}

function receive(node: Readable & { readonly stream: Stream }, finish: () => Promise<void>): void {
  const received = async () => {
    const bytes = await node.stream.recv(largestPiece);
    if (bytes.length > 0) return bytes;
    await finish();
    return null;
  };
  received().then(
    (bytes) => soon(() => node.push(bytes)),
    (error) => soon(() => node.destroy(error)),
  );
}

function settle(action: Promise<void>, callback: Callback): void {
  action.then(
    () => soon(callback),
    (error) => soon(() => callback(error)),
  );
}

function drop(stream: Stream, error: Error | null, callback: Callback): void {
  // That the daemon has dropped it as well is not waited for: it may be gone.
  void stream.abort(error ?? undefined);
  callback(error);
}

/** Outside of any promise, where an error thrown by a listener would become an unhandled rejection. */
function soon(act: () => void): void {
  process.nextTick(act);
}

/** Has a stream notice its end while nothing is read or written, if anybody listens. Does not hold it in memory. */
function destroyAfter(
  outcomes: readonly StreamClosed["outcome"][],
  stream: Stream,
  node: Readable | Writable,
): void {
  const held = new WeakRef(node);
  stream.closed.then(({ outcome, error }) => {
    const node = held.deref();
    if (node && outcomes.includes(outcome) && node.listenerCount("error") > 0) node.destroy(error as Error);
  });
}
