import { AuthenticationError, ConnectionError, TimeoutError, UnsupportedError } from "../errors.js";
import type { EventMessage, Procedure } from "../protocol/procedure.js";
import { type Codec, encode, XdrWriter } from "../protocol/xdr.js";
import { BackOff, type ReconnectPlan } from "./back-off.js";
import { now } from "./clock.js";
import { type CallOptions, inTime, withDeadline } from "./deadline.js";
import { closedByUs, givenUp, noRoomToWait, perhapsDone, tooLong } from "./failures.js";
import type { KeepAliveOptions } from "./keepalive.js";
import type { Link, LinkWatcher } from "./link.js";
import type { Closed, Session } from "./session.js";
import type { RpcStream, StreamOptions } from "./stream.js";
import { WaitingRoom } from "./waiting-room.js";

/** Connects, and does all that it takes for a session to be ready for calls. */
export type Establish = (signal: AbortSignal | undefined) => Promise<Session>;

/**
 * What looks like one session and is one after the other: whenever one is lost, another one takes its place. It ends
 * when it is closed, or when no other session can be had.
 */
export class LastingSession implements Link {
  readonly closed: Promise<Closed>;
  readonly #establish: Establish;
  readonly #plan: ReconnectPlan;
  readonly #backOff: BackOff;
  readonly #watchers: LinkWatcher[] = [];
  readonly #handlers = new Map<EventMessage<unknown>, (message: unknown, bytes: number) => void>();
  /** Arguments, as long as a call may have to be sent again. */
  readonly #encoder = new XdrWriter();
  readonly #waiting = new WaitingRoom<Session>(() => this.#keepRunning());
  /** Aborts when this program closes the connection. */
  readonly #ending = new AbortController();
  /** The one that calls go to, or that has been lost. */
  #session: Session;
  #openedAt = now();
  #keepAlive: KeepAliveOptions | undefined;
  #holds = 0;
  #releaseSession: (() => void) | undefined;
  #pause: NodeJS.Timeout | undefined;
  /** Why there is no session, when there is none. */
  #trouble: Error | undefined;
  #over: Closed | undefined;

  constructor(first: Session, establish: Establish, plan: ReconnectPlan) {
    this.#session = first;
    this.#establish = establish;
    this.#plan = plan;
    this.#backOff = new BackOff(plan);
    this.closed = this.#untilTheLast().then((closed) => {
      this.#over = closed;
      this.#waiting.reject(closed.error);
      return closed;
    });
  }

  get session(): Session | undefined {
    return this.#session.isOpen ? this.#session : undefined;
  }

  get peer(): string {
    return this.#session.peer;
  }

  get secure(): boolean {
    return this.#session.secure;
  }

  get encrypted(): boolean {
    return this.#session.encrypted;
  }

  /** Whether calls can be made, be it that they have to wait. */
  get isOpen(): boolean {
    return this.#over === undefined && !this.#ending.signal.aborted;
  }

  watch(watcher: LinkWatcher): void {
    this.#watchers.push(watcher);
  }

  whenOpen(options: CallOptions = {}): Promise<Session> {
    if (!this.isOpen) return Promise.reject(this.#over?.error ?? closedByUs());
    const { session, peer } = this;
    if (session) return Promise.resolve(session);
    const { maxWaiting } = this.#plan;
    if (this.#waiting.size >= maxWaiting) return Promise.reject(noRoomToWait(peer, maxWaiting));
    return this.#waiting.wait(options, `connecting to ${peer} again`);
  }

  async call<Args, Ret, Result = Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions = {},
    read?: (ret: Ret) => Result,
    refused?: (error: Error) => Promise<Result>,
  ): Promise<Result> {
    // Now, and once: what the caller does to the arguments must not change what is sent later.
    const bytes = this.#encode(procedure.args, args);
    const again: Procedure<Uint8Array, Ret> = { ...procedure, args: encoded };
    return withDeadline(options, procedure.name, (signal) =>
      this.#persist(procedure, signal, (session) => session.call(again, bytes, { signal }, read, refused)),
    );
  }

  #encode<Args>(codec: Codec<Args>, args: Args): Uint8Array {
    try {
      codec.encode(this.#encoder, codec.name, args);
      return this.#encoder.take();
    } catch (error) {
      this.#encoder.truncate(0);
      throw error;
    }
  }

  async openStream<Args extends { readonly flags: number }, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions & StreamOptions = {},
  ): Promise<{ readonly stream: RpcStream; readonly result: Ret }> {
    encode(procedure.args, args);
    return withDeadline(options, procedure.name, (signal) =>
      this.#persist(procedure, signal, (session) =>
        session.openStream(procedure, args, { ...options, timeoutMs: undefined, signal }),
      ),
    );
  }

  setKeepAlive(options: KeepAliveOptions): void {
    this.#session.setKeepAlive(options);
    this.#keepAlive = options;
  }

  onEvent<Message>(event: EventMessage<Message>, handler: (message: Message, bytes: number) => void): void {
    this.#session.onEvent(event, handler);
    this.#handlers.set(event, handler as (message: unknown, bytes: number) => void);
  }

  hold(): () => void {
    let by = 1;
    const release = () => {
      this.#holds -= by;
      by = 0;
      this.#keepRunning();
    };
    this.#holds += by;
    this.#keepRunning();
    return release;
  }

  async close(farewell?: Procedure<void, void>): Promise<void> {
    this.#ending.abort(closedByUs());
    await this.#session.close(farewell);
    await this.closed;
  }

  /** Has the process run on while somebody waits for something, be it for a session. */
  #keepRunning(): void {
    if (this.#holds > 0) {
      this.#releaseSession ??= this.session?.hold();
    } else {
      this.#releaseSession?.();
      this.#releaseSession = undefined;
    }
    if (this.#holds + this.#waiting.size > 0) this.#pause?.ref();
    else this.#pause?.unref();
  }

  /** Does something with one session after the other, as long as it cannot have been done, or may be done again. */
  async #persist<T>(
    { name, idempotent = false }: Pick<Procedure<never, unknown>, "name" | "idempotent">,
    signal: AbortSignal | undefined,
    act: (session: Session) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const session = this.session ?? (await this.#nextSession(signal));
      try {
        return await act(session);
      } catch (error) {
        if (session.isOpen || !this.isOpen) throw error;
        const loss = (await session.closed).error;
        const unsent = error instanceof ConnectionError && error.sent === false;
        if (error !== loss && !unsent) throw error;
        const again = idempotent && this.#plan.retry === "idempotent";
        if (!unsent && !again) throw perhapsDone(name, loss);
      }
    }
  }

  #nextSession(signal: AbortSignal | undefined): Promise<Session> {
    return this.whenOpen({ signal }).catch((error: unknown) => {
      throw error instanceof TimeoutError ? tooLong(error, this.peer, this.#trouble) : error;
    });
  }

  /** One session after the other; resolves with the end of the last one. */
  async #untilTheLast(): Promise<Closed> {
    for (;;) {
      const loss = await this.#session.closed;
      try {
        this.#ending.signal.throwIfAborted();
        await this.#replace(loss);
      } catch (error) {
        // One that was made too late.
        this.#session.close();
        const reason = this.#ending.signal.aborted ? "client" : loss.reason;
        return { reason, error: error as Error };
      }
    }
  }

  /** Rejects where there will be no other session. */
  async #replace(loss: Closed): Promise<void> {
    const lostAt = now();
    // What the daemon had sent when it closed the pipe has arrived. Otherwise nobody knows since when it was in vain.
    const { heardAt = lostAt } = loss.reason === "eof" ? {} : this.#session;
    this.#trouble = loss.error;
    this.#releaseSession = undefined;
    this.#backOff.heldFor(lostAt - this.#openedAt);
    for (const watcher of this.#watchers) watcher.lost(loss);
    const attempts = await this.#tryUntilOpen(loss);
    this.#openedAt = now();
    this.#keepRunning();
    this.#waiting.resolve(this.#session);
    const missedMs = this.#openedAt - heardAt;
    for (const watcher of this.#watchers) watcher.reconnected({ loss, attempts, missedMs });
  }

  /** How many attempts it took to have a session again. */
  async #tryUntilOpen(loss: Closed): Promise<number> {
    let refusals = 0;
    let delayMs = this.#backOff.next();
    for (let attempt = 1; ; attempt++) {
      await this.#wait(delayMs);
      try {
        this.#session = await this.#attempt();
        this.#ending.signal.throwIfAborted();
        return attempt;
      } catch (cause) {
        this.#ending.signal.throwIfAborted();
        const error = cause as Error;
        // One refusal may be that of a daemon which is still getting ready, or is going again.
        refusals = error instanceof AuthenticationError ? refusals + 1 : 0;
        if (refusals > 1 || isHopeless(error)) throw error;
        if (attempt >= this.#plan.maxAttempts) throw givenUp(this.peer, attempt, loss.error, error);
        this.#trouble = error;
        delayMs = this.#backOff.next();
        for (const watcher of this.#watchers) watcher.attemptFailed({ attempt, error, delayMs });
      }
    }
  }

  #wait(ms: number): Promise<void> {
    const { signal } = this.#ending;
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(this.#pause);
        this.#pause = undefined;
        signal.removeEventListener("abort", abort);
      };
      const abort = () => {
        end();
        reject(signal.reason);
      };
      signal.throwIfAborted();
      this.#pause = setTimeout(() => {
        end();
        resolve();
      }, ms);
      signal.addEventListener("abort", abort);
      this.#keepRunning();
    });
  }

  /** Settles when the attempt's time is over or this program closes the connection, whatever the attempt does. */
  #attempt(): Promise<Session> {
    const options = { signal: this.#ending.signal, timeoutMs: this.#plan.attemptTimeoutMs };
    const connecting = (signal: AbortSignal | undefined) => this.#newSession(signal as AbortSignal);
    return inTime(options, `connecting to ${this.peer} again`, connecting, (late) => late.close());
  }

  async #newSession(signal: AbortSignal): Promise<Session> {
    const session = await this.#establish(signal);
    const close = () => void session.close();
    signal.addEventListener("abort", close);
    try {
      signal.throwIfAborted();
      for (const [event, handler] of this.#handlers) session.onEvent(event, handler);
      if (this.#keepAlive) session.setKeepAlive(this.#keepAlive);
      for (const watcher of this.#watchers) await watcher.renewing(session);
      if (!session.isOpen) throw (await session.closed).error;
      return session;
    } catch (error) {
      close();
      throw error;
    } finally {
      signal.removeEventListener("abort", close);
    }
  }
}

/** Arguments that have been encoded already. */
const encoded: Codec<Uint8Array> = {
  name: "encoded arguments",
  encode: (to: XdrWriter, _field, bytes) => to.raw(bytes),
  decode: () => {
    throw new TypeError("encoded arguments are not read");
  },
};

/** Errors that would come again, however often it is tried. */
function isHopeless(error: Error): boolean {
  return error instanceof UnsupportedError || error instanceof TypeError || error instanceof RangeError;
}
