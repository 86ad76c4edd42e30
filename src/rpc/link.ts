import type { Procedure } from "../protocol/procedure.js";
import type { CallOptions } from "./deadline.js";
import type { Closed, Session } from "./session.js";

/** What takes a daemon's calls. */
export interface Callee {
  call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args, options?: CallOptions): Promise<Ret>;
}

/** What a connection talks through: one session, or one after the other where those that are lost are replaced. */
export interface Link
  extends Pick<
    Session,
    | "call"
    | "close"
    | "closed"
    | "encrypted"
    | "hold"
    | "isOpen"
    | "onEvent"
    | "openStream"
    | "peer"
    | "secure"
    | "setKeepAlive"
  > {
  /** The session that there is; undefined while there is none. */
  readonly session: Session | undefined;
  /** The session that there is, or that there will be. */
  whenOpen(options?: CallOptions): Promise<Session>;
  /** Has somebody told when sessions are lost and replaced. A mere session has nothing to tell. */
  watch?(watcher: LinkWatcher): void;
}

/** Who is told when sessions are lost and replaced. No function may throw but `renewing`. */
export interface LinkWatcher {
  /** There is no session any more, and another one is to come. */
  lost(loss: Closed): void;
  /** An attempt to connect again has failed, and there will be another one. */
  attemptFailed(failure: FailedAttempt): void;
  /** There is another session. Nobody else gets it before this is done; when this rejects nobody does. */
  renewing(session: Session): Promise<void>;
  /** The other session is in use. */
  reconnected(reconnection: Reconnection): void;
}

/** An attempt to connect again that has failed. */
export interface FailedAttempt {
  /** Which one it was since the connection was lost: 1, 2 and so on. */
  readonly attempt: number;
  readonly error: Error;
  /** In how many milliseconds the next one begins. */
  readonly delayMs: number;
}

/** A session in the place of another. */
export interface Reconnection {
  /** Why the one before was lost. */
  readonly loss: Closed;
  /** How many attempts it took. */
  readonly attempts: number;
  /** For how many milliseconds there was nobody to send events to, as far as is known. */
  readonly missedMs: number;
}
