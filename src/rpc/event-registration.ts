import { ProtocolError } from "../errors.js";
import type { EventSource } from "./event-source.js";
import type { Closed, Session } from "./session.js";

/** Who wants events. Neither function may throw. */
export interface Subscriber<Message> {
  deliver(message: Message): void;
  /** The session is over, and the subscription with it. */
  ended(closed: Closed): void;
}

/** Where registrations get their sessions from. */
export interface Sessions {
  /** Does something with the session that there is, and with the next one where that one is lost meanwhile. */
  lastingly<T>(act: (session: Session) => Promise<T>): Promise<T>;
  /** Whether a session is lost, and not for good. */
  isReplaced(session: Session): boolean;
}

/** What the daemon sends once, for all subscribers who want the same. */
export class Registration<Message> {
  readonly #source: EventSource<Message>;
  readonly #route: Route<Message>;
  readonly #sessions: Sessions;
  readonly #unused: () => void;
  readonly #subscribers = new Set<Subscriber<Message>>();
  /** The session in which the daemon has it. */
  #session: Session | undefined;
  #callbackID: number | undefined;
  #lastTurn: Promise<void> = Promise.resolve();

  /** `unused` is called whenever nobody wants it any more, and the daemon does not have it. */
  constructor(source: EventSource<Message>, route: Route<Message>, sessions: Sessions, unused: () => void) {
    this.#source = source;
    this.#route = route;
    this.#sessions = sessions;
    this.#unused = unused;
  }

  async add(subscriber: Subscriber<Message>): Promise<void> {
    this.#subscribers.add(subscriber);
    if (!this.#source.message) return;
    const isWanted = () => this.#subscribers.has(subscriber);
    try {
      await this.#sessions.lastingly((session) =>
        this.#inTurn(async () => {
          if (isWanted()) await this.#register(session);
        }),
      );
    } catch (error) {
      this.#subscribers.delete(subscriber);
      this.#tidy();
      throw error;
    }
  }

  remove(subscriber: Subscriber<Message>): Promise<void> {
    this.#subscribers.delete(subscriber);
    return this.#inTurn(async () => {
      if (this.#subscribers.size === 0) await this.#deregister();
    });
  }

  deliver(message: Message): void {
    // Those who come while it is delivered have come too late for it, those who go have gone.
    for (const subscriber of [...this.#subscribers]) {
      if (this.#subscribers.has(subscriber)) subscriber.deliver(message);
    }
  }

  /** The daemon does not have it any more. */
  forget(): void {
    this.#session = undefined;
    this.#callbackID = undefined;
  }

  /** Has the daemon of another session send the same; its error if it will not, which is the end for all subscribers. */
  async renew(session: Session): Promise<Error | undefined> {
    let refusal: Error | undefined;
    await this.#inTurn(async () => {
      if (!this.#source.message || this.#subscribers.size === 0) return;
      try {
        await this.#register(session);
      } catch (error) {
        if (!session.isOpen) throw error;
        refusal = error as Error;
        this.end({ reason: "error", error: refusal });
      }
    });
    return refusal;
  }

  end(closed: Closed): void {
    this.#session = undefined;
    const subscribers = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of subscribers) subscriber.ended(closed);
  }

  /** One thing at a time: the daemon refuses to register anew what it has not deregistered yet. */
  #inTurn(turn: () => Promise<void>): Promise<void> {
    const done = this.#lastTurn.then(turn).finally(() => this.#tidy());
    this.#lastTurn = done.catch(() => {});
    return done;
  }

  #tidy(): void {
    if (this.#session === undefined && this.#subscribers.size === 0) this.#unused();
  }

  async #register(session: Session): Promise<void> {
    if (this.#session === session) return;
    this.#route.expect(this);
    try {
      await this.#source.register(session, (callbackID) => {
        this.#route.bind(callbackID, this);
        this.#callbackID = callbackID;
      });
      if (!session.isOpen) throw (await session.closed).error;
      this.#session = session;
    } catch (error) {
      this.#unbind();
      throw error;
    }
  }

  async #deregister(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    try {
      if (this.#callbackID !== undefined) await this.#source.deregister(session, this.#callbackID);
    } catch (error) {
      // A daemon that is gone has nothing more to send.
      if (!this.#sessions.isReplaced(session)) throw error;
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
 * How much may come ahead of the reply that says whose it is, in bytes of messages: more than any daemon sends in that
 * moment, and not without end.
 */
const mostAhead = 4 * 1024 * 1024;

/** Brings the messages of one kind to their registrations. */
export class Route<Message> {
  readonly #source: EventSource<Message>;
  readonly #bound = new Map<number, Registration<Message>>();
  /** Registrations that have been asked for and not answered. */
  readonly #expected = new Set<Registration<Message>>();
  /** Messages with an unknown ID. The daemon may send an event ahead of the reply that tells us its ID. */
  #ahead: { readonly message: Message; readonly bytes: number }[] = [];
  #bytesAhead = 0;

  constructor(source: EventSource<Message>) {
    this.#source = source;
  }

  /** Forgets everything: another daemon gives out the same IDs for something else. */
  clear(): void {
    this.#bound.clear();
    this.#expected.clear();
    this.#ahead = [];
    this.#bytesAhead = 0;
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
    for (const { message } of ahead) {
      if (this.#source.callbackID(message) === callbackID) registration.deliver(message);
    }
  }

  forget(registration: Registration<Message>, callbackID: number | undefined): void {
    if (callbackID !== undefined) this.#bound.delete(callbackID);
    this.#answered(registration);
  }

  #answered(registration: Registration<Message>): void {
    this.#expected.delete(registration);
    const isOpen = this.#expected.size > 0;
    this.#ahead = this.#ahead.filter(({ message }) => isOpen && !this.#find(message));
    this.#bytesAhead = this.#ahead.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #find(message: Message): Registration<Message> | undefined {
    return this.#bound.get(this.#source.callbackID(message));
  }

  received(message: Message, bytes: number): void {
    const registration = this.#find(message);
    if (registration) registration.deliver(message);
    else if (this.#expected.size > 0) this.#keep(message, bytes);
    // Otherwise it was on its way while its registration was ended.
  }

  #keep(message: Message, bytes: number): void {
    this.#bytesAhead += bytes;
    if (this.#bytesAhead > mostAhead) {
      const name = this.#source.message?.name;
      throw new ProtocolError(
        `the peer sent more than ${mostAhead} bytes of ${name} that nobody had asked for`,
      );
    }
    this.#ahead.push({ message, bytes });
  }
}
