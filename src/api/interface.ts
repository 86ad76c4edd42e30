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

  getName(): string {
    return this.name;
  }

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
