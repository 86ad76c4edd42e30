import { now } from "./clock.js";

/** How a silent peer is noticed. */
export interface KeepAliveOptions {
  /** How many seconds of silence it takes for the peer to be asked whether it is there. */
  readonly interval: number;
  /** How often it may leave that unanswered; it counts as gone one interval later. */
  readonly count: number;
}

/** The longest interval: what libvirt allows, and what a timer can be set to. */
const longestInterval = Math.floor(0x7fffffff / 1000);

/** Throws for an interval or a count that cannot be. */
export function checkKeepAlive({ interval, count }: KeepAliveOptions): void {
  if (typeof interval !== "number" || typeof count !== "number")
    throw new TypeError("keepAlive: the interval and the count must be numbers");
  if (!(interval <= longestInterval))
    throw new RangeError(`keepAlive: an interval of ${interval} seconds is not within ${longestInterval}`);
  if (!Number.isInteger(count) || count < 0 || count > 0xffffffff)
    throw new RangeError(`keepAlive: ${count} is no count`);
}

/**
 * Watches over a peer: whatever it sends shows that it is there; when it is silent it is asked, and when it has been
 * asked in vain often enough it is given up. One timer, which all that comes in puts off, and which keeps no process
 * running: thousands of peers that are there wake nobody.
 */
export class KeepAlive {
  readonly #count: number;
  readonly #ping: () => void;
  readonly #dead: () => void;
  readonly #timer: NodeJS.Timeout;
  #heardAt = now();
  #silentIntervals = 0;
  #stopped = false;

  constructor({ interval, count }: KeepAliveOptions, ping: () => void, dead: () => void) {
    this.#count = count;
    this.#ping = ping;
    this.#dead = dead;
    this.#timer = setTimeout(() => this.#intervalOver(), interval * 1000).unref();
  }

  /** When the peer last sent something. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** The peer has sent something. */
  heard(): void {
    this.#heardAt = now();
    this.#silentIntervals = 0;
    this.#timer.refresh();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #intervalOver(): void {
    this.#silentIntervals++;
    if (this.#silentIntervals <= this.#count) {
      this.#ping();
      this.#timer.refresh();
    } else this.#giveUp();
  }

  /**
   * It may be that this program was busy, and not the peer silent: what has arrived meanwhile is taken in first, as
   * the event loop does before it comes to this.
   */
  #giveUp(): void {
    setImmediate(() => {
      if (!this.#stopped && this.#silentIntervals > this.#count) this.#dead();
    });
  }
}
