import { InterfaceMethods } from "./generated/interface.js";

/** A network interface of the host. */
export class Interface extends InterfaceMethods {
  get name(): string {
    return this.ref.name;
  }

  /** The MAC address's text; empty for an interface without one. */
  get mac(): string {
    return this.ref.mac;
  }

  /**
   * Gives the interface's name, such as `eth0`.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-interface.html#virInterfaceGetName |
   * virInterfaceGetName}, since libvirt 0.6.4.
   */
  getName(): string {
    return this.name;
  }

  /**
   * Gives the MAC address that the interface had when it was looked up.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-interface.html#virInterfaceGetMACString |
   * virInterfaceGetMACString}, since libvirt 0.6.4.
   */
  getMACString(): string {
    return this.mac;
  }

  protected override identity(): Record<string, unknown> {
    return { name: this.name, mac: this.mac };
  }

  protected override identityKey(): string {
    return this.name;
  }
}
