import { NodeDeviceMethods } from "./generated/node-device.js";

/** A device of the host. */
export class NodeDevice extends NodeDeviceMethods {
  get name(): string {
    return this.ref.name;
  }

  /**
   * Gives the device's name, such as `pci_0000_00_1f_2`.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-nodedev.html#virNodeDeviceGetName |
   * virNodeDeviceGetName}, since libvirt 0.5.0.
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
