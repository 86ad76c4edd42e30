import { ProtocolError } from "../errors.js";
import type { EventMessage, Procedure } from "../protocol/procedure.js";
import { supportsFeature } from "./feature.js";
import type { Closed, Session } from "./session.js";

/** A kind of events, and how the daemon is made to send them. */
export interface EventSource<Message> {
  /** Subscriptions to sources with the same key share one registration with the daemon. */
  readonly key: string;
  readonly message: EventMessage<Message>;
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

/** A session's events: who wants which, and what has to be registered with the daemon for that. */
export class SessionEvents {
  readonly #session: Session;
  readonly #features = new Map<number, Promise<boolean>>();
  readonly #registrations = new Map<string, Registration<unknown>>();
  readonly #routes = new Map<EventMessage<unknown>, Route<unknown>>();

  constructor(session: Session) {
    this.#session = session;
    session.closed.then((closed) => {
      for (const registration of this.#registrations.values()) registration.end(closed);
    });
  }

  /** Whether the daemon has one of {@link DriverFeature}. It is asked once. */
  supports(feature: number): Promise<boolean> {
    const known = this.#features.get(feature) ?? supportsFeature(this.#session, feature);
    this.#features.set(feature, known);
    return known;
  }

  subscribe<Message>(source: EventSource<Message>, subscriber: Subscriber<Message>): EventSubscription {
    const registration = this.#registration(source);
    const release = source.passive ? () => {} : this.#session.hold();
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

  #registration<Message>(source: EventSource<Message>): Registration<Message> {
    const { key } = source;
    const shared = this.#registrations.get(key) as Registration<Message> | undefined;
    if (shared) return shared;
    const registration = new Registration(this.#session, source, this.#route(source), () => {
      // Another one may have its place by then.
      if (this.#registrations.get(key) === registration) this.#registrations.delete(key);
    });
    this.#registrations.set(key, registration);
    return registration;
  }

  #route<Message>(source: EventSource<Message>): Route<Message> {
    let route = this.#routes.get(source.message) as Route<Message> | undefined;
    if (!route) {
      route = new Route(this.#session, source);
      this.#routes.set(source.message, route);
    }
    return route;
  }
}

/** What the daemon sends once, for all subscribers who want the same. */
class Registration<Message> {
  readonly #session: Session;
  readonly #source: EventSource<Message>;
  readonly #route: Route<Message>;
  readonly #unused: () => void;
  readonly #subscribers = new Set<Subscriber<Message>>();
  #registered = false;
  #callbackID: number | undefined;
  #lastTurn: Promise<void> = Promise.resolve();

  /** `unused` is called whenever nobody wants it any more, and the daemon does not have it. */
  constructor(session: Session, source: EventSource<Message>, route: Route<Message>, unused: () => void) {
    this.#session = session;
    this.#source = source;
    this.#route = route;
    this.#unused = unused;
  }

  add(subscriber: Subscriber<Message>): Promise<void> {
    this.#subscribers.add(subscriber);
    return this.#inTurn(async () => {
      if (this.#registered || !this.#subscribers.has(subscriber)) return;
      try {
        await this.#register();
      } catch (error) {
        this.#subscribers.delete(subscriber);
        throw error;
      }
    });
  }

  remove(subscriber: Subscriber<Message>): Promise<void> {
    this.#subscribers.delete(subscriber);
    return this.#inTurn(async () => {
      if (this.#registered && this.#subscribers.size === 0) await this.#deregister();
    });
  }

  deliver(message: Message): void {
    // Those who come while it is delivered have come too late for it, those who go have gone.
    for (const subscriber of [...this.#subscribers]) {
      if (this.#subscribers.has(subscriber)) subscriber.deliver(message);
    }
  }

  end(closed: Closed): void {
    this.#registered = false;
    const subscribers = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of subscribers) subscriber.ended(closed);
  }

  /** One thing at a time: the daemon refuses to register anew what it has not deregistered yet. */
  #inTurn(turn: () => Promise<void>): Promise<void> {
    const done = this.#lastTurn.then(turn).finally(() => {
      if (!this.#registered && this.#subscribers.size === 0) this.#unused();
    });
    this.#lastTurn = done.catch(() => {});
    return done;
  }

  async #register(): Promise<void> {
    this.#route.expect(this);
    try {
      await this.#source.register(this.#session, (callbackID) => {
        this.#route.bind(callbackID, this);
        this.#callbackID = callbackID;
      });
      if (!this.#session.isOpen) throw (await this.#session.closed).error;
      this.#registered = true;
    } catch (error) {
      this.#unbind();
      throw error;
    }
  }

  async #deregister(): Promise<void> {
    this.#registered = false;
    try {
      if (this.#callbackID !== undefined) await this.#source.deregister(this.#session, this.#callbackID);
    } finally {
      // Not earlier, so that what is still on its way is not taken for another registration's.
      this.#unbind();
    }
  }

  #unbind(): void {
    this.#route.forget(this, this.#callbackID);
    this.#callbackID = undefined;
  }
}

/**
 * How many messages may come ahead of the reply that says whose they are: more than any daemon sends in that moment,
 * and not without end.
 */
const mostAhead = 10_000;

/** Brings the messages of one kind to their registrations. */
class Route<Message> {
  readonly #source: EventSource<Message>;
  readonly #bound = new Map<number, Registration<Message>>();
  /** Registrations that have been asked for and not answered. */
  readonly #expected = new Set<Registration<Message>>();
  /** Messages with an unknown ID. The daemon may send an event ahead of the reply that tells us its ID. */
  #ahead: Message[] = [];

  constructor(session: Session, source: EventSource<Message>) {
    this.#source = source;
    session.onEvent(source.message, (message) => this.#received(message));
  }

  expect(registration: Registration<Message>): void {
    this.#expected.add(registration);
  }

  bind(callbackID: number, registration: Registration<Message>): void {
    if (this.#bound.has(callbackID)) {
      throw new ProtocolError(`the daemon gave the callback ID ${callbackID} a second time`);
    }
    this.#bound.set(callbackID, registration);
    const ahead = this.#ahead;
    this.#answered(registration);
    for (const message of ahead) {
      if (this.#source.callbackID(message) === callbackID) registration.deliver(message);
    }
  }

  forget(registration: Registration<Message>, callbackID: number | undefined): void {
    if (callbackID !== undefined) this.#bound.delete(callbackID);
    this.#answered(registration);
  }

  #answered(registration: Registration<Message>): void {
    this.#expected.delete(registration);
    this.#ahead = this.#expected.size === 0 ? [] : this.#ahead.filter((message) => !this.#find(message));
  }

  #find(message: Message): Registration<Message> | undefined {
    return this.#bound.get(this.#source.callbackID(message));
  }

  #received(message: Message): void {
    const registration = this.#find(message);
    if (registration) registration.deliver(message);
    else if (this.#expected.size > 0) this.#keep(message);
    // Otherwise it was on its way while its registration was ended.
  }

  #keep(message: Message): void {
    if (this.#ahead.length === mostAhead) {
      const { name } = this.#source.message;
      throw new ProtocolError(`the peer sent ${mostAhead} messages ${name} that nobody had asked for`);
    }
    this.#ahead.push(message);
  }
}
