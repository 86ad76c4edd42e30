import type { ClientTransport } from "../generated/constants.js";
import { AdminClientMethods } from "./generated/admin-client.js";

/** A client that is connected to one of a daemon's servers. */
export class AdminClient extends AdminClientMethods {
  get id(): bigint {
    return this.ref.id;
  }

  /** When it connected, in seconds since 1970. */
  get timestamp(): bigint {
    return this.ref.timestamp;
  }

  /** How it is connected. */
  get transport(): ClientTransport {
    return this.ref.transport;
  }

  /**
   * Gives the number by which its server knows this client.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmClientGetID | virAdmClientGetID},
   * since libvirt 2.0.0.
   */
  getID(): bigint {
    return this.id;
  }

  /**
   * Tells when this client connected.
   *
   * @returns Seconds since 1970 in UTC; 0n if the daemon does not know.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmClientGetTimestamp |
   * virAdmClientGetTimestamp}, since libvirt 2.0.0.
   */
  getTimestamp(): bigint {
    return this.timestamp;
  }

  /**
   * Tells which kind of socket this client came in by.
   *
   * @returns One of `ClientTransport`. A client that tunnels through SSH counts as a Unix one.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmClientGetTransport |
   * virAdmClientGetTransport}, since libvirt 2.0.0.
   */
  getTransport(): ClientTransport {
    return this.transport;
  }

  protected override identity(): Record<string, unknown> {
    return { id: this.id, timestamp: this.timestamp, transport: this.transport };
  }

  protected override identityKey(): string {
    return `${this.ref.srv.name}/${this.id}`;
  }
}
