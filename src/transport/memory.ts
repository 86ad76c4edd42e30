import type { Transport, TransportHandler } from "./transport.js";

/**
 * Two transports joined back to back: what one writes, the other receives. Delivery is asynchronous, so neither end
 * is called back from within its own call. Bytes are copied once: both ends may do with theirs what they like.
 */
export function createMemoryPair(): [Transport, Transport] {
  return MemoryTransport.pair();
}

/** How many undelivered bytes count as much, as with a socket. */
const room = 64 * 1024;

class MemoryTransport implements Transport {
  readonly peer = "memory";
  readonly secure = true;
  readonly encrypted = false;
  #other!: MemoryTransport;
  #handler: TransportHandler | undefined;
  #inbox: Uint8Array[] = [];
  #waiting = 0;
  /** What this end wrote is more than counts as sent; it is to be told when that has been delivered. */
  #full = false;
  #paused = false;
  /** Nothing more comes in: the other end has ended. */
  #complete = false;
  /** This end is done, whoever ended it. */
  #over = false;
  #closed = false;
  #error: Error | undefined;
  #scheduled = false;

  static pair(): [MemoryTransport, MemoryTransport] {
    const one = new MemoryTransport();
    const two = new MemoryTransport();
    one.#other = two;
    two.#other = one;
    return [one, two];
  }

  start(handler: TransportHandler): void {
    this.#handler = handler;
    this.#schedule();
  }

  write(bytes: Uint8Array): boolean {
    const other = this.#other;
    if (this.#over || other.#over) return true;
    other.#inbox.push(new Uint8Array(bytes));
    other.#waiting += bytes.length;
    other.#schedule();
    this.#full ||= other.#waiting > room;
    return !this.#full;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  // Memory keeps no process running.
  ref(): void {}
  unref(): void {}

  end(): void {
    this.#finish();
  }

  destroy(error?: Error): void {
    if (!this.#over) this.#error = error;
    this.#finish();
  }

  #drained(): void {
    this.#full = false;
    if (!this.#over) this.#handler?.drained?.();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#inbox = [];
    this.#schedule();
    this.#other.#complete = true;
    this.#other.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const handler = this.#handler;
    if (!handler || this.#closed) return;
    while (!this.#over && !this.#paused) {
      const bytes = this.#inbox.shift();
      if (bytes) {
        this.#waiting -= bytes.length;
        handler.received(bytes);
      } else if (this.#other.#full) this.#other.#drained();
      else if (this.#complete) this.#over = true;
      else return;
    }
    if (this.#over) {
      this.#closed = true;
      handler.closed(this.#error);
    }
  }
}
