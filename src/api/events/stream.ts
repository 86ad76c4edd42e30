import { OverflowError } from "../../errors.js";
import { onAbort } from "../../rpc/deadline.js";
import type { Sink, Subscription } from "./subscription.js";

/** What becomes of an event for which a queue has no room. */
export type Overflow = "error" | "dropOldest" | "dropNewest";

/** How events wait for a loop that takes them. */
export interface EventQueueOptions {
  /** Ends the loop when it aborts: it throws the signal's reason, and what waits is discarded. */
  readonly signal?: AbortSignal | undefined;
  /** How many events may wait; 1000 if left out. */
  readonly limit?: number | undefined;
  /**
   * What to do with one more: `error` (if left out) ends the subscription, and the loop throws an
   * {@link OverflowError} after the events that wait; `dropOldest` and `dropNewest` discard one and count it.
   */
  readonly overflow?: Overflow | undefined;
}

const policies: readonly unknown[] = ["error", "dropOldest", "dropNewest"] satisfies Overflow[];

/**
 * Events to be taken one after the other, at the taker's own pace: `for await (const event of conn.events(name))`.
 *
 * Events are collected from the moment that the stream is made. It has to be brought to an end: by leaving the loop,
 * by the signal, by {@link return} or by `await using`. When the connection is lost for good the loop throws the reason,
 * and when this program closes it the loop ends; either way after the events that wait.
 */
export class EventStream<Event> implements AsyncIterator<Event, undefined>, AsyncDisposable {
  readonly #limit: number;
  readonly #overflow: Overflow;
  readonly #subscription: Subscription<Event>;
  readonly #queue = new Queue<Event>();
  readonly #takers: Taker<Event>[] = [];
  readonly #ignoreSignal: (() => void) | undefined;
  #over = false;
  /** What the taker has yet to be told. */
  #failure: { readonly error: unknown } | undefined;
  #dropped = 0;

  /** @internal Use `conn.events()`. */
  constructor(options: EventQueueOptions, subscribe: (sink: Sink<Event>) => Subscription<Event>) {
    const { signal, limit = 1000, overflow = "error" } = options;
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(`limit: ${limit} is not a positive integer`);
    }
    if (!policies.includes(overflow)) {
      throw new RangeError(`overflow: ${overflow} is none of ${policies.join(", ")}`);
    }
    signal?.throwIfAborted();
    this.#limit = limit;
    this.#overflow = overflow;
    this.#subscription = subscribe({
      event: (event) => this.#add(event),
      ended: (error) => this.#end(error === undefined ? undefined : { error }),
    });
    this.#ignoreSignal = signal && onAbort(signal, () => this.#abort(signal.reason));
  }

  /** Resolves when the daemon has agreed to send the events: none that happens from then on is missed. */
  get ready(): Promise<void> {
    return this.#subscription.ready;
  }

  /** How many events have been discarded for want of room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The next event; waits for it. */
  async next(): Promise<IteratorResult<Event, undefined>> {
    const value = this.#queue.take();
    if (value !== undefined) return { value, done: false };
    if (!this.#over) return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
    return done;
  }

  /** Ends the subscription and discards what waits. Resolves when the daemon knows. */
  async return(): Promise<IteratorResult<Event, undefined>> {
    this.#queue.clear();
    this.#end(undefined);
    this.#failure = undefined;
    await this.#cancel();
    return done;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #add(event: Event): void {
    if (this.#over) return;
    const taker = this.#takers.shift();
    if (taker) {
      taker.resolve({ value: event, done: false });
      return;
    }
    if (this.#queue.length === this.#limit && !this.#makeRoom()) return;
    this.#queue.add(event);
  }

  #makeRoom(): boolean {
    switch (this.#overflow) {
      case "dropOldest":
        this.#dropped++;
        this.#queue.take();
        return true;
      case "dropNewest":
        this.#dropped++;
        return false;
      case "error":
        this.#end({
          error: new OverflowError(`${this.#limit} events wait, and there is no room for another`),
        });
        this.#cancel();
        return false;
    }
  }

  #abort(error: unknown): void {
    this.#queue.clear();
    this.#end({ error });
    this.#cancel();
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#ignoreSignal?.();
    const [first, ...others] = this.#takers.splice(0);
    if (!first) this.#failure = failure;
    else if (failure) first.reject(failure.error);
    else first.resolve(done);
    for (const taker of others) taker.resolve(done);
  }

  /** A daemon that cannot be told has nothing more to send, or sends it for nobody. */
  async #cancel(): Promise<void> {
    await this.#subscription.cancel().catch(() => {});
  }
}

const done = { value: undefined, done: true } as const;

interface Taker<Event> {
  resolve(result: IteratorResult<Event, undefined>): void;
  reject(error: unknown): void;
}

/** First in, first out, at a cost that does not depend on how many there are. */
class Queue<T> {
  #items: (T | undefined)[] = [];
  #taken = 0;

  get length(): number {
    return this.#items.length - this.#taken;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  /** Undefined if there is none. */
  take(): T | undefined {
    const item = this.#items[this.#taken];
    if (item === undefined) return undefined;
    this.#items[this.#taken++] = undefined;
    if (2 * this.#taken >= this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#taken = 0;
  }
}
