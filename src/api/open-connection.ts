import { UnsupportedError } from "../errors.js";
import type { Procedure } from "../protocol/procedure.js";
import type { CallOptions } from "../rpc/deadline.js";
import type { Link } from "../rpc/link.js";
import type { Closed } from "../rpc/session.js";
import { Caller, type Conversation } from "./caller.js";

/** How to end what a connection talked through that nobody holds any more. */
interface Forgotten {
  readonly link: Link;
  readonly farewell: Procedure<void, void>;
}

const forgotten = new FinalizationRegistry<Forgotten>(({ link, farewell }) => {
  link.close(farewell);
});

/**
 * What connections to all kinds of servers have in common. An idle connection does not keep the process running, and
 * one that is dropped without having been closed is closed when it is collected.
 */
export abstract class OpenConnection<Owner extends Conversation>
  extends Caller<Owner>
  implements Conversation, AsyncDisposable
{
  /** @internal */
  protected readonly link: Link;
  readonly #farewell: Procedure<void, void>;

  /** `farewell` is the procedure that tells the daemon that we are going. */
  constructor(link: Link, farewell: Procedure<void, void>) {
    super();
    this.link = link;
    this.#farewell = farewell;
    forgotten.register(this, { link, farewell }, link);
  }

  /**
   * Resolves when the connection is over, with the reason. Never rejects. With the option `reconnect` it is not over
   * when it is lost, but when it is closed or given up.
   */
  get closed(): Promise<Closed> {
    return this.link.closed;
  }

  /** Where the daemon is: `unix:/run/libvirt/libvirt-sock`, `tcp:host:16509`. */
  get peer(): string {
    return this.link.peer;
  }

  /**
   * Calls any procedure of the daemon's by its descriptor from `virtwire/protocol`: what all methods stand on, and the
   * way to what has no method.
   *
   * @param read - Makes of the reply what the promise resolves with; without it that is the reply itself.
   * @throws UnsupportedError where the daemon does not know the procedure.
   */
  override call<Args, Ret, Result = Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options?: CallOptions,
    read?: (ret: Ret) => Result,
  ): Promise<Result> {
    // Neither async nor with a step of its own for what comes of it: each would make many calls a tenth dearer.
    const refused = (error: Error) => this.#refused(error, procedure, args, options, read);
    return this.link.call(procedure, args, options, read, refused);
  }

  async #refused<Args, Ret, Result>(
    error: Error,
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions | undefined,
    read: ((ret: Ret) => Result) | undefined,
  ): Promise<Result> {
    const detour = error instanceof UnsupportedError && (await this.detour(procedure, args, options));
    if (detour) return read ? read(detour.result) : (detour.result as Ret & Result);
    // Such errors are made where replies come in. What a reader wants to see is where the call was made. V8 finds that
    // along the promises, when the caller's waits for ours: after one turn it does not yet.
    await undefined;
    await undefined;
    Error.captureStackTrace(error);
    throw error;
  }

  /** Does what an older daemon lacks by what it has; undefined where that cannot be. */
  protected async detour<Args, Ret>(
    _procedure: Procedure<Args, Ret>,
    _args: Args,
    _options: CallOptions | undefined,
  ): Promise<{ readonly result: Ret } | undefined> {
    return undefined;
  }

  /**
   * Says farewell to the daemon and closes the connection; calls in flight are rejected. Harmless when repeated.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virConnectClose | virConnectClose},
   * `REMOTE_PROC_CONNECT_CLOSE` (2), since libvirt 0.0.3;
   * {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmConnectClose | virAdmConnectClose},
   * `ADMIN_PROC_CONNECT_CLOSE` (2), since libvirt 2.0.0.
   */
  async close(): Promise<void> {
    forgotten.unregister(this.link);
    await this.link.close(this.#farewell);
  }

  protected override identity(): Record<string, unknown> {
    return { peer: this.peer, alive: this.isAlive() };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Tells whether the connection is open, as far as is known here: nothing is sent. False also while a connection that
   * was lost is being made again.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virConnectIsAlive | virConnectIsAlive}, since libvirt
   * 0.9.8; {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmConnectIsAlive | virAdmConnectIsAlive}, since
   * libvirt 2.0.0.
   */
  isAlive(): boolean {
    return this.link.session?.isOpen ?? false;
  }
}
