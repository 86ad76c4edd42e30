import { AdminServerMethods } from "./generated/admin-server.js";

/** One of the servers that a daemon runs: the one for libvirt's API, or the one for administration. */
export class AdminServer extends AdminServerMethods {
  get name(): string {
    return this.ref.name;
  }

  /**
   * Gives this server's name.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-admin.html#virAdmServerGetName |
   * virAdmServerGetName}, since libvirt 2.0.0.
   */
  getName(): string {
    return this.name;
  }

  protected override identity(): Record<string, unknown> {
    return { name: this.name };
  }

  protected override identityKey(): string {
    return this.name;
  }
}
