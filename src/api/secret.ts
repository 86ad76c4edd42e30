import type { SecretUsageType } from "../generated/constants.js";
import { formatUuid } from "../uuid.js";
import { SecretMethods } from "./generated/secret.js";

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

  /**
   * Gives the UUID's 16 bytes; a copy, which is the caller's.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-secret.html#virSecretGetUUID | virSecretGetUUID}, since
   * libvirt 0.7.1.
   */
  getUUID(): Uint8Array {
    return this.ref.uuid.slice();
  }

  /**
   * Gives the secret's UUID as text.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-secret.html#virSecretGetUUIDString |
   * virSecretGetUUIDString}, since libvirt 0.7.1.
   */
  getUUIDString(): string {
    return this.uuid;
  }

  /**
   * Tells what kind of thing the secret is for.
   *
   * @returns One of `SecretUsageType`, or a number that a newer libvirt gives a meaning.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-secret.html#virSecretGetUsageType |
   * virSecretGetUsageType}, since libvirt 0.7.1.
   */
  getUsageType(): SecretUsageType {
    return this.usageType;
  }

  /**
   * Gives the name of what the secret is for: for a volume its path, otherwise as its definition says.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-secret.html#virSecretGetUsageID |
   * virSecretGetUsageID}, since libvirt 0.7.1.
   */
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
