import type { SecretUsageType } from "../generated/constants.js";
import { SecretMethods } from "./generated/secret.js";
import { formatUuid } from "./uuid.js";

/** A secret that the daemon keeps, such as a disk's passphrase. */
export class Secret extends SecretMethods {
  /** The UUID's text. */
  get uuid(): string {
    return formatUuid(this.ref.uuid);
  }

  /** What the secret is for. */
  get usageType(): SecretUsageType {
    return this.ref.usageType;
  }

  /** Which one of that kind: a volume's path, a cluster's name … */
  get usageID(): string {
    return this.ref.usageID;
  }

  /** The UUID's 16 bytes; a copy, which is the caller's. */
  getUUID(): Uint8Array {
    return this.ref.uuid.slice();
  }

  getUUIDString(): string {
    return this.uuid;
  }

  getUsageType(): SecretUsageType {
    return this.usageType;
  }

  getUsageID(): string {
    return this.usageID;
  }

  protected override identity(): Record<string, unknown> {
    return { uuid: this.uuid, usageType: this.usageType, usageID: this.usageID };
  }

  protected override identityKey(): string {
    return this.uuid;
  }
}
