import type { ConnectCloseReason } from "../generated/constants.js";
import * as admin from "../protocol/generated/admin.js";
import type { CallOptions } from "../rpc/deadline.js";
import type { Link } from "../rpc/link.js";
import { closeReason } from "./close-reason.js";
import { checkCallback, tell } from "./events/listeners.js";
import { AdminConnectionMethods } from "./generated/admin-connection.js";

/** What is to be told of the end of a session. Apart from the connection, so that it doesn't hold that in memory. */
interface CloseListener {
  callback: ((reason: ConnectCloseReason) => void) | undefined;
}

/** An open connection to a daemon's administration server, made by {@link connectAdmin}. */
export class AdminConnection extends AdminConnectionMethods {
  readonly #uri: string;
  readonly #closeListener: CloseListener = { callback: undefined };

  /** @internal Use {@link connectAdmin}. */
  constructor(link: Link, uri: string) {
    super(link, admin.connectClose);
    this.#uri = uri;
    const listener = this.#closeListener;
    link.closed.then((closed) => {
      if (closed.reason !== "client" && listener.callback) tell(listener.callback, closeReason(closed));
    });
  }

  override get connection(): this {
    return this;
  }

  /**
   * Gives the URI that the connection was made with.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmConnectGetURI | virAdmConnectGetURI}, since
   * libvirt 2.0.0.
   */
  getURI(): string {
    return this.#uri;
  }

  /**
   * Reads where the daemon's log goes.
   *
   * @returns The outputs, with spaces between them, as `log_outputs` in libvirtd.conf has them.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmConnectGetLoggingOutputs |
   * virAdmConnectGetLoggingOutputs}, `ADMIN_PROC_CONNECT_GET_LOGGING_OUTPUTS` (14), since libvirt 3.0.0.
   */
  async getLoggingOutputs(flags = 0, options?: CallOptions): Promise<string> {
    const { outputs } = await this.call(admin.connectGetLoggingOutputs, { flags }, options);
    return outputs;
  }

  /**
   * Reads the daemon's log filters.
   *
   * @returns The filters, with spaces between them, as `log_filters` in libvirtd.conf has them; `null` if
   * there is none.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmConnectGetLoggingFilters |
   * virAdmConnectGetLoggingFilters}, `ADMIN_PROC_CONNECT_GET_LOGGING_FILTERS` (15), since libvirt 3.0.0.
   */
  async getLoggingFilters(flags = 0, options?: CallOptions): Promise<string | null> {
    const { filters } = await this.call(admin.connectGetLoggingFilters, { flags }, options);
    return filters;
  }

  /**
   * Calls a function when the connection is lost; not when this program closes it.
   *
   * @param callback - Is called with the reason, one of `ConnectCloseReason`, unless it is unregistered before. There can
   * be one at a time.
   * @throws TypeError: It is no function, or there is one already.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmConnectRegisterCloseCallback |
   * virAdmConnectRegisterCloseCallback}, since libvirt 2.0.0.
   */
  registerCloseCallback(callback: (reason: ConnectCloseReason) => void): void {
    checkCallback(callback);
    if (this.#closeListener.callback) throw new TypeError("a close callback is registered already");
    this.#closeListener.callback = callback;
  }

  /**
   * Takes back the function that was to be called when this admin connection closes.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmConnectUnregisterCloseCallback |
   * virAdmConnectUnregisterCloseCallback}, since libvirt 2.0.0.
   */
  unregisterCloseCallback(): void {
    this.#closeListener.callback = undefined;
  }
}
