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

  /**
   * Gives the volume's name, which no other volume of its pool has.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-storage.html#virStorageVolGetName |
   * virStorageVolGetName}, since libvirt 0.4.1.
   */
  getName(): string {
    return this.name;
  }

  /**
   * Gives the volume's key, which stays the same on every host that sees the volume.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-storage.html#virStorageVolGetKey |
   * virStorageVolGetKey}, since libvirt 0.4.1.
   */
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
