import type { EventSubscription, SessionEvents } from "../../rpc/events.js";
import type { Link } from "../../rpc/link.js";
import type { Closed } from "../../rpc/session.js";
import type { Feed } from "./feed.js";

/** Where a subscription's events go. Neither function may throw. */
export interface Sink<Event> {
  event(event: Event): void;
  /**
   * Nothing more comes, and not because of `cancel`: with the error that ended the connection or the registration, or
   * with undefined where this program has closed the connection.
   */
  ended(error: unknown): void;
}

/** One subscriber's way from asking for events until the end. */
export class Subscription<Event> {
  /**
   * Resolves when events are delivered, and also when this program ends the subscription or the connection first.
   * Rejects when there will be none. It need not be looked at, because the sink is told, too.
   */
  readonly ready: Promise<void>;
  readonly #link: Link;
  readonly #sink: Sink<Event>;
  readonly #hadLink: boolean;
  #feed: Feed<Event> | undefined;
  #held: EventSubscription | undefined;
  #over = false;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor(link: Link, events: SessionEvents, feed: Promise<Feed<Event>>, sink: Sink<Event>) {
    this.#link = link;
    this.#sink = sink;
    this.#hadLink = link.isOpen;
    this.ready = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.ready.catch(() => {});
    this.#start(events, feed).then(this.#resolve, (error: unknown) => this.#failed(error));
  }

  /** Delivers nothing more. Resolves when the daemon knows, where it has to; rejects if it could not be told. */
  async cancel(): Promise<void> {
    this.#over = true;
    this.#resolve();
    await this.#held?.cancel();
  }

  async #start(events: SessionEvents, opening: Promise<Feed<Event>>): Promise<void> {
    const feed = await opening;
    if (this.#over) return;
    this.#feed = feed;
    this.#held = events.subscribe(feed.source, {
      deliver: (message) => this.#deliver(feed.read(message)),
      ended: (closed) => this.#ended(closed),
    });
    await this.#held.ready;
  }

  #deliver(event: Event | undefined): void {
    if (event !== undefined) this.#sink.event(event);
  }

  /** What is under way when the connection goes fails with it, and that is one and the same end. */
  async #failed(error: unknown): Promise<void> {
    if (this.#link.isOpen || !this.#hadLink) this.#end(error);
    else this.#ended(await this.#link.closed);
  }

  #ended(closed: Closed): void {
    if (this.#over) return;
    this.#deliver(this.#feed?.last?.(closed));
    this.#end(closed.reason === "client" ? undefined : closed.error);
  }

  #end(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    if (error === undefined) this.#resolve();
    else this.#reject(error);
    this.#sink.ended(error);
  }
}
