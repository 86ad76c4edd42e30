import { StorageVolMethods } from "./generated/storage-vol.js";

/** A volume of a storage pool. */
export class StorageVol extends StorageVolMethods {
  get name(): string {
    return this.ref.name;
  }

  /** What tells the volume from every other on the host: its path, mostly. */
  get key(): string {
    return this.ref.key;
  }

  /** The name of the pool that it belongs to. */
  get pool(): string {
    return this.ref.pool;
  }

  getName(): string {
    return this.name;
  }

  getKey(): string {
    return this.key;
  }

  protected override identity(): Record<string, unknown> {
    return { pool: this.pool, name: this.name, key: this.key };
  }

  protected override identityKey(): string {
    return this.key;
  }
}
