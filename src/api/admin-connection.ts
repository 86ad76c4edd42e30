import type { ConnectCloseReason } from "../generated/constants.js";
import * as admin from "../protocol/generated/admin.js";
import type { Procedure } from "../protocol/procedure.js";
import type { CallOptions } from "../rpc/deadline.js";
import type { Closed, Session } from "../rpc/session.js";
import type { Conversation } from "./caller.js";
import { closeReason } from "./close-reason.js";
import { AdminConnectionMethods } from "./generated/admin-connection.js";

/** An open connection to a daemon's administration server. */
export class AdminConnection extends AdminConnectionMethods implements Conversation, AsyncDisposable {
  readonly #session: Session;
  readonly #uri: string;
  #closeCallback: ((reason: ConnectCloseReason) => void) | undefined;

  /** @internal */
  constructor(session: Session, uri: string) {
    super();
    this.#session = session;
    this.#uri = uri;
    session.closed.then((closed) => {
      if (closed.reason !== "client") this.#closeCallback?.(closeReason(closed));
    });
  }

  override get connection(): this {
    return this;
  }

  /** Resolves when the connection is over, with the reason. Never rejects. */
  get closed(): Promise<Closed> {
    return this.#session.closed;
  }

  override call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args, options?: CallOptions): Promise<Ret> {
    return this.#session.call(procedure, args, options);
  }

  /** Says farewell to the daemon and closes the connection; calls in flight are rejected. Harmless when repeated. */
  close(): Promise<void> {
    return this.#session.close(admin.connectClose);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether the connection is open, as far as is known here: nothing is sent. */
  isAlive(): boolean {
    return this.#session.isOpen;
  }

  /** The URI that the connection was made with. */
  getURI(): string {
    return this.#uri;
  }

  async getLoggingOutputs(flags = 0, options?: CallOptions): Promise<string> {
    const { outputs } = await this.call(admin.connectGetLoggingOutputs, { flags }, options);
    return outputs;
  }

  async getLoggingFilters(flags = 0, options?: CallOptions): Promise<string | null> {
    const { filters } = await this.call(admin.connectGetLoggingFilters, { flags }, options);
    return filters;
  }

  /** Has `callback` called with the reason when the connection ends, unless it is this program that closes it. */
  registerCloseCallback(callback: (reason: ConnectCloseReason) => void): void {
    if (this.#closeCallback) throw new TypeError("a close callback is registered already");
    this.#closeCallback = callback;
  }

  unregisterCloseCallback(): void {
    this.#closeCallback = undefined;
  }
}
