import type { EventMessage, Procedure } from "../protocol/procedure.js";
import { Registration, Route, type Sessions } from "./event-registration.js";
import { supportsFeature } from "./feature.js";
import type { FailedAttempt, Link, LinkWatcher, Reconnection } from "./link.js";
import type { Closed, Session } from "./session.js";
import { WaitingRoom } from "./waiting-room.js";

/** A kind of events, and how the daemon is made to send them. */
export interface EventSource<Message> {
  /** Subscriptions to sources with the same key share one registration with the daemon. */
  readonly key: string;
  /** What the daemon sends; nothing for events that are known here without it. */
  readonly message?: EventMessage<Message>;
  /** Subscribers that merely look on, and do not keep the process running. */
  readonly passive?: boolean;
  /** The ID of the registration that a message was sent for. */
  callbackID(message: Message): number;
  /** Asks the daemon for the events, and calls `bind` as soon as it is known which ID they will bear. */
  register(session: Session, bind: (callbackID: number) => void): Promise<unknown>;
  deregister(session: Session, callbackID: number): Promise<unknown>;
}

/** A message, or a reply, with the ID of a registration. */
export interface Numbered {
  readonly callbackID: number;
}

/** Events that bear the ID of their registration, which the daemon gives out. */
export function numberedSource<Message extends Numbered, Args>(
  key: string,
  message: EventMessage<Message>,
  register: Procedure<Args, Numbered>,
  args: Args,
  deregister: Procedure<Numbered, void>,
): EventSource<Message> {
  return {
    key,
    message,
    callbackID: (received) => received.callbackID,
    register: (session, bind) => session.call(register, args, {}, (reply) => bind(reply.callbackID)),
    deregister: (session, callbackID) => session.call(deregister, { callbackID }),
  };
}

/** Events that bear no ID: there is one registration for all of their kind. */
export function unnumberedSource<Message, Args>(
  message: EventMessage<Message>,
  register: Procedure<Args, unknown>,
  deregister: Procedure<Args, unknown>,
  args: Args,
): EventSource<Message> {
  const onlyID = 0;
  return {
    key: message.name,
    message,
    callbackID: () => onlyID,
    register: (session, bind) => {
      bind(onlyID);
      return session.call(register, args);
    },
    deregister: (session) => session.call(deregister, args),
  };
}

/** What becomes of the link itself, where sessions that are lost are replaced. */
export interface LinkEvents {
  readonly lost: Closed;
  readonly attemptFailed: FailedAttempt;
  readonly reconnected: Reconnection & {
    /** For each registration that the daemon would not take again, its error. */
    readonly refused: readonly Error[];
  };
}

/** Events that the daemon is not asked for: it does not have them. */
export function ownSource<Message>(key: string): EventSource<Message> {
  return { key, passive: true, callbackID: () => 0, register: async () => {}, deregister: async () => {} };
}

/** Who wants events. Neither function may throw. */
export interface Subscriber<Message> {
  deliver(message: Message): void;
  /** The session is over, and the subscription with it. */
  ended(closed: Closed): void;
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
      if (source.message) this.#link.onEvent(source.message, (received) => made.received(received));
      this.#routes.set(message, made as Route<unknown>);
      route = made;
    }
    return route;
  }
}
