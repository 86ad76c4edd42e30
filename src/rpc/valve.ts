import type { Transport } from "../transport/transport.js";

/** How long nothing is let in at a time. */
const pauseMs = 50;

/**
 * Slows a daemon down whose streams bring more than their consumers take. libvirt has no window for a single stream:
 * all that can be done is to read less of the pipe that everything comes through. So nobody may wait for an answer
 * meanwhile, and the pipe is not shut but opened for a chunk at a time, through which events and PINGs still come.
 */
export class Valve {
  readonly #transport: Transport;
  #lagging = 0;
  /** How many of these can be stopped and resumed, so that they need not delay anything. */
  #resumable = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** One stream's consumer more has fallen behind, or has caught up. */
  lagging(change: 1 | -1, resumable: boolean): void {
    this.#lagging += change;
    if (resumable) this.#resumable += change;
    if (this.#lagging === 0) this.open();
  }

  /** Lets nothing in for a moment, if a stream needs that. */
  throttle(eventsAwaited: boolean): void {
    const inNeed = eventsAwaited ? this.#lagging - this.#resumable : this.#lagging;
    if (inNeed === 0 || this.#timer) return;
    this.#transport.pause();
    this.#timer = setTimeout(() => this.open(), pauseMs).unref();
  }

  open(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#transport.resume();
  }
}
