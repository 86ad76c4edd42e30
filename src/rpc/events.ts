import { Registration, Route, type Sessions, type Subscriber } from "./event-registration.js";
import type { EventSource } from "./event-source.js";
import { supportsFeature } from "./feature.js";
import type { FailedAttempt, Link, LinkWatcher, Reconnection } from "./link.js";
import type { Closed, Session } from "./session.js";
import { WaitingRoom } from "./waiting-room.js";

/** What becomes of the link itself, where sessions that are lost are replaced. */
export interface LinkEvents {
  readonly lost: Closed;
  readonly attemptFailed: FailedAttempt;
  readonly reconnected: Reconnection & {
    /** For each registration that the daemon would not take again, its error. */
    readonly refused: readonly Error[];
  };
}

export interface EventSubscription {
  /** Resolves when the daemon has agreed: what happens from then on is delivered. Rejects when it refuses. */
  readonly ready: Promise<void>;
  /**
   * Ends delivery at once, also while `ready` is pending. Resolves when the daemon has been told, if there is anything
   * to tell it: that is when nobody else wants the same. Rejects when the daemon could not be told.
   */
  cancel(): Promise<void>;
}

/** A link's events: who wants which, and what has to be registered with the daemon for that, again and again. */
export class SessionEvents implements LinkWatcher, Sessions {
  readonly #link: Link;
  readonly #features = new Map<number, Promise<boolean>>();
  readonly #registrations = new Map<string, Registration<unknown>>();
  readonly #routes = new Map<unknown, Route<unknown>>();
  readonly #waiting = new WaitingRoom<Session>(() => {});
  /** The one to register with: when a lost one is replaced, that is before anybody else has got the new one. */
  #session: Session | undefined;
  #refused: readonly Error[] = [];

  constructor(link: Link) {
    this.#link = link;
    this.#session = link.session;
    link.watch?.(this);
    link.closed.then((closed) => {
      this.#waiting.reject(closed.error);
      for (const registration of this.#registrations.values()) registration.end(closed);
    });
  }

  /** Whether sessions that are lost are replaced. */
  get lasting(): boolean {
    return this.#link.watch !== undefined;
  }

  /** Whether the daemon has one of {@link DriverFeature}. It is asked once. */
  supports(feature: number): Promise<boolean> {
    const known =
      this.#features.get(feature) ?? this.lastingly((session) => supportsFeature(session, feature));
    this.#features.set(feature, known);
    return known;
  }

  subscribe<Message>(source: EventSource<Message>, subscriber: Subscriber<Message>): EventSubscription {
    const registration = this.#registration(source);
    const release = source.passive ? () => {} : this.#link.hold();
    const ready = registration.add(subscriber).catch((error: unknown) => {
      release();
      throw error;
    });
    return {
      ready,
      cancel: () => {
        release();
        return registration.remove(subscriber);
      },
    };
  }

  async lastingly<T>(act: (session: Session) => Promise<T>): Promise<T> {
    for (;;) {
      const session = await this.#usable();
      try {
        return await act(session);
      } catch (error) {
        if (!this.isReplaced(session)) throw error;
      }
    }
  }

  isReplaced(session: Session): boolean {
    return !session.isOpen && this.#link.isOpen;
  }

  lost(loss: Closed): void {
    this.#forget();
    this.#publish("lost", loss);
  }

  attemptFailed(failure: FailedAttempt): void {
    this.#publish("attemptFailed", failure);
  }

  async renewing(session: Session): Promise<void> {
    // Of an attempt that came as far as this and failed then, too.
    this.#forget();
    this.#session = session;
    this.#waiting.resolve(session);
    const renewals = [...this.#registrations.values()].map((registration) => registration.renew(session));
    const refusals = await Promise.all(renewals);
    this.#refused = refusals.filter((refusal) => refusal !== undefined);
  }

  reconnected(reconnection: Reconnection): void {
    this.#publish("reconnected", { ...reconnection, refused: this.#refused });
  }

  /** The session, or the next one. */
  async #usable(): Promise<Session> {
    if (this.#session?.isOpen) return this.#session;
    if (!this.#link.isOpen) throw (await this.#link.closed).error;
    return this.#waiting.wait({}, "registering");
  }

  #publish<Name extends keyof LinkEvents>(key: Name, message: LinkEvents[Name]): void {
    this.#registrations.get(key)?.deliver(message);
  }

  #forget(): void {
    this.#features.clear();
    for (const route of this.#routes.values()) route.clear();
    for (const registration of this.#registrations.values()) registration.forget();
  }

  #registration<Message>(source: EventSource<Message>): Registration<Message> {
    const { key } = source;
    const shared = this.#registrations.get(key) as Registration<Message> | undefined;
    if (shared) return shared;
    const registration = new Registration(source, this.#route(source), this, () => {
      // Another one may have its place by then.
      if (this.#registrations.get(key) === registration) this.#registrations.delete(key);
    });
    this.#registrations.set(key, registration as Registration<unknown>);
    return registration;
  }

  #route<Message>(source: EventSource<Message>): Route<Message> {
    const { message = source.key } = source;
    let route = this.#routes.get(message) as Route<Message> | undefined;
    if (!route) {
      const made = new Route(source);
      if (source.message)
        this.#link.onEvent(source.message, (received, bytes) => made.received(received, bytes));
      this.#routes.set(message, made as Route<unknown>);
      route = made;
    }
    return route;
  }
}
