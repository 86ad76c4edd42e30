import { LibvirtError, UnsupportedError } from "../errors.js";
import { ErrorNumber } from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { Procedure } from "../protocol/procedure.js";
import type { CallOptions } from "../rpc/deadline.js";
import type { Closed, Session } from "../rpc/session.js";
import type { Conversation } from "./caller.js";
import { ConnectionHost } from "./connection-host.js";

/** Closes a session whose connection nobody holds any more. */
const forgotten = new FinalizationRegistry<Session>((session) => {
  session.close(remote.connectClose);
});

/**
 * An open connection to a hypervisor, made by {@link connect}.
 *
 * An idle connection does not keep the process running; calls in flight do. `await using` closes it at the end of
 * the block.
 */
export class Connection extends ConnectionHost implements Conversation, AsyncDisposable {
  readonly #session: Session;
  readonly #uri: string;

  /** @internal Use {@link connect}. */
  constructor(session: Session, uri: string) {
    super();
    this.#session = session;
    this.#uri = uri;
    forgotten.register(this, session, session);
  }

  override get connection(): this {
    return this;
  }

  /** Resolves when the connection is over, with the reason. Never rejects. */
  get closed(): Promise<Closed> {
    return this.#session.closed;
  }

  /** Where the daemon is: `unix:/run/libvirt/libvirt-sock`, `tcp:host:16509`. */
  get peer(): string {
    return this.#session.peer;
  }

  /**
   * Calls any procedure of the daemon's by its descriptor from `virtwire/protocol`: what all methods stand on, and the
   * way to what has no method.
   *
   * @throws UnsupportedError where the daemon does not know the procedure.
   */
  override call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args, options?: CallOptions): Promise<Ret> {
    return this.#session.call(procedure, args, options).catch((error: unknown) => {
      throw isUnknownProcedure(error)
        ? new UnsupportedError(`the daemon has no ${procedure.name}: its libvirt is too old for it`, {
            cause: error,
          })
        : error;
    });
  }

  /** Says farewell to the daemon and closes the connection; calls in flight are rejected. Harmless when repeated. */
  async close(): Promise<void> {
    forgotten.unregister(this.#session);
    await this.#session.close(remote.connectClose);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether the connection is open, as far as is known here: nothing is sent. */
  isAlive(): boolean {
    return this.#session.isOpen;
  }

  /** The URI that leads to this hypervisor: the one connected to, or what the daemon chose where none was given. */
  async getURI(options?: CallOptions): Promise<string> {
    if (this.#uri !== "") return this.#uri;
    const { uri } = await this.call(remote.connectGetUri, undefined, options);
    return uri;
  }

  /** Whether what travels between here and the hypervisor is safe from listeners. */
  async isSecure(options?: CallOptions): Promise<boolean> {
    const { secure } = await this.call(remote.connectIsSecure, undefined, options);
    return this.#session.secure && secure !== 0;
  }

  /** Whether the way to the daemon is encrypted, and what lies behind is secure. */
  async isEncrypted(options?: CallOptions): Promise<boolean> {
    const { secure } = await this.call(remote.connectIsSecure, undefined, options);
    return this.#session.encrypted && secure !== 0;
  }
}

function isUnknownProcedure(error: unknown): boolean {
  return (
    error instanceof LibvirtError && error.code === ErrorNumber.RPC && /unknown procedure/.test(error.message)
  );
}
