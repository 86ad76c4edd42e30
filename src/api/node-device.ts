import { NodeDeviceMethods } from "./generated/node-device.js";

/** A device of the host. */
export class NodeDevice extends NodeDeviceMethods {
  get name(): string {
    return this.ref.name;
  }

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
