import type { Writable } from "node:stream";

/** Sends by a Node stream, and knows when all has been sent. */
export class Sender {
  readonly #stream: Writable;
  readonly #sent: () => void;
  /** Somebody was told that something is left. */
  #behind = false;
  // One function for all writes: Node then settles many of them at once.
  readonly #written = (error?: Error | null) => {
    if (error || !this.#behind || this.#stream.writableLength > 0) return;
    this.#behind = false;
    this.#sent();
  };

  /** `sent` is called when all has been sent, after a `send` that said that something was left. */
  constructor(stream: Writable, sent: () => void) {
    this.#stream = stream;
    this.#sent = sent;
  }

  /** Returns whether all has been sent, which the system may have taken at once. */
  send(bytes: Uint8Array): boolean {
    this.#stream.write(bytes, this.#written);
    this.#behind ||= this.#stream.writableLength > 0;
    return !this.#behind;
  }
}
