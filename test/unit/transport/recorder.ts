import type { Transport, TransportHandler } from "../../../src/transport/transport.js";

/** A handler that keeps what it is told, and lets a test wait for it. */
export class Recorder implements TransportHandler {
  readonly chunks: Uint8Array[] = [];
  /** One entry for each call of `closed`. */
  readonly closings: (Error | undefined)[] = [];
  size = 0;
  /** How often there was room again. */
  drains = 0;
  readonly #onReceived: ((bytes: Uint8Array) => void) | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(onReceived?: (bytes: Uint8Array) => void) {
    this.#onReceived = onReceived;
  }

  static on(transport: Transport): Recorder {
    const recorder = new Recorder();
    transport.start(recorder);
    return recorder;
  }

  received(bytes: Uint8Array): void {
    this.size += bytes.length;
    this.chunks.push(bytes.slice());
    this.#onReceived?.(bytes);
    this.#wake();
  }

  drained(): void {
    this.drains++;
    this.#wake();
  }

  closed(error?: Error): void {
    this.closings.push(error);
    this.#wake();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  async until(met: () => boolean): Promise<void> {
    while (!met()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  untilClosed(): Promise<void> {
    return this.until(() => this.closings.length > 0);
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Lets everything that is under way in this process come to rest: several turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
