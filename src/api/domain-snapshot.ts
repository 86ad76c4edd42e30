import { Domain } from "./domain.js";
import { DomainSnapshotMethods } from "./generated/domain-snapshot.js";

/** A snapshot of a domain: its state at one time, to go back to. */
export class DomainSnapshot extends DomainSnapshotMethods {
  get name(): string {
    return this.ref.name;
  }

  /** The domain that it was taken of. */
  get domain(): Domain {
    return new Domain(this.connection, this.ref.dom);
  }

  /**
   * Gives the snapshot's name.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain-snapshot.html#virDomainSnapshotGetName |
   * virDomainSnapshotGetName}, since libvirt 0.9.5.
   */
  getName(): string {
    return this.name;
  }

  /**
   * Gives the domain that this is a snapshot of.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain-snapshot.html#virDomainSnapshotGetDomain |
   * virDomainSnapshotGetDomain}, since libvirt 0.9.5.
   */
  getDomain(): Domain {
    return this.domain;
  }

  protected override identity(): Record<string, unknown> {
    return { name: this.name, domain: this.ref.dom.name };
  }

  protected override identityKey(): string {
    return `${this.domain.uuid}/${this.name}`;
  }
}
