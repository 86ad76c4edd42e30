import * as remote from "../protocol/generated/remote.js";
import type { Procedure } from "../protocol/procedure.js";
import type { CallOptions } from "../rpc/deadline.js";
import { DriverFeature, supportsFeature } from "../rpc/feature.js";
import { checkKeepAlive } from "../rpc/keepalive.js";
import type { Session } from "../rpc/session.js";
import type { RpcStream, StreamOptions } from "../rpc/stream.js";
import { ConnectionEvents } from "./connection-events.js";

/**
 * An open connection to a hypervisor, made by {@link connect}.
 *
 * An idle connection does not keep the process running; calls in flight and subscriptions to events do. `await using`
 * closes it at the end of the block.
 */
export class Connection extends ConnectionEvents {
  readonly #uri: string;

  /** @internal Use {@link connect}. */
  constructor(session: Session, uri: string) {
    super(session, remote.connectClose);
    this.#uri = uri;
  }

  override get connection(): this {
    return this;
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
    return this.session.secure && secure !== 0;
  }

  /** Whether the way to the daemon is encrypted, and what lies behind is secure. */
  async isEncrypted(options?: CallOptions): Promise<boolean> {
    const { secure } = await this.call(remote.connectIsSecure, undefined, options);
    return this.session.encrypted && secure !== 0;
  }

  /**
   * Watches from now on whether the daemon is there, or watches in another way: see `keepAlive` in
   * {@link ConnectOptions}.
   *
   * @param interval - In seconds; 0 or less ends it.
   * @param count - How many questions may stay unanswered.
   * @returns false where the daemon is too old to answer.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-host.html#virConnectSetKeepAlive | virConnectSetKeepAlive},
   * since libvirt 0.9.8.
   */
  async setKeepAlive(interval: number, count: number, options?: CallOptions): Promise<boolean> {
    checkKeepAlive({ interval, count });
    const watched =
      interval <= 0 || (await supportsFeature(this.session, DriverFeature.PROGRAM_KEEPALIVE, options));
    if (watched) this.session.setKeepAlive({ interval, count });
    return watched;
  }

  /**
   * Calls a procedure that opens a stream, which is the caller's to finish or abort.
   *
   * @internal
   */
  openStream<Args extends { readonly flags: number }, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions & StreamOptions,
  ): Promise<{ readonly stream: RpcStream; readonly result: Ret }> {
    return this.session.openStream(procedure, args, options);
  }
}
