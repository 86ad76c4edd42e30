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

  getName(): string {
    return this.name;
  }

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
