import { Domain } from "./domain.js";
import { DomainCheckpointMethods } from "./generated/domain-checkpoint.js";

/** A checkpoint of a domain: a time since which the disks' changes are tracked, for incremental backups. */
export class DomainCheckpoint extends DomainCheckpointMethods {
  get name(): string {
    return this.ref.name;
  }

  /** The domain that it was taken of. */
  get domain(): Domain {
    return new Domain(this.connection, this.ref.dom);
  }

  /**
   * Gives the checkpoint's name.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain-checkpoint.html#virDomainCheckpointGetName |
   * virDomainCheckpointGetName}, since libvirt 5.6.0.
   */
  getName(): string {
    return this.name;
  }

  /**
   * Gives the domain that this is a checkpoint of.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-domain-checkpoint.html#virDomainCheckpointGetDomain
   * | virDomainCheckpointGetDomain}, since libvirt 5.6.0.
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
