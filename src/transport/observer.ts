import type { TlsFacts } from "./tls.js";

/** Who wants to know what becomes of an attempt to connect, while it goes on. */
export interface TransportObserver {
  /** A program has been started that is to lead to the daemon. */
  running?(command: string, args: readonly string[]): void;
  /** Somebody has accepted the connection: over the network, at this address. */
  reached?(address: string | undefined): void;
  /** A TLS session stands, and nobody has decided yet whether to trust its other end. */
  negotiated?(facts: TlsFacts): void;
  /** An ssh server's key is trusted, for this reason. */
  trusted?(hostKey: string, reason: string): void;
  /** An ssh server has let this user in, by this method. */
  loggedIn?(user: string, method: string): void;
}
