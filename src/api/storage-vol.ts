import type { StorageVolDownloadFlags, StorageVolUploadFlags } from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { CallOptions } from "../rpc/deadline.js";
import { Download } from "../rpc/download.js";
import { StorageVolMethods } from "./generated/storage-vol.js";
import { LibvirtReadable, LibvirtWritable } from "./node-streams.js";
import { openingBounds, Stream, type StreamUseOptions } from "./stream.js";

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

  /**
   * Reads the volume's bytes, as they are stored: a QCOW2 image with its header.
   *
   * A consumer that is so slow that the download is stopped for it, as {@link Stream} tells, has the volume opened again:
   * it fails then if the volume has been deleted meanwhile.
   *
   * @param offset - The first byte to read.
   * @param length - In bytes; 0 for all that follow.
   * @param flags - {@link StorageVolDownloadFlags}: with `SPARSE_STREAM` the daemon sends no zeros for the holes of a
   *   sparse volume. They are read as zeros still, but `stream.segments()` shows them.
   * @throws LibvirtError `NO_STORAGE_VOL`: there is no such volume; `OPERATION_INVALID`: it is still being created;
   *   `NO_SUPPORT`: the pool's kind cannot do that.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-storage.html#virStorageVolDownload | virStorageVolDownload},
   * `REMOTE_PROC_STORAGE_VOL_DOWNLOAD` (209), since libvirt 0.9.0.
   */
  async download(
    offset = 0n,
    length = 0n,
    flags: StorageVolDownloadFlags = 0,
    options: StreamUseOptions = {},
  ): Promise<LibvirtReadable> {
    const open = async (offset: bigint, length: bigint, bounds: CallOptions) => {
      const args = { vol: this.ref, offset, length, flags };
      const use = { ...bounds, finishAtEnd: true, resumable: true };
      return (await this.connection.openStream(remote.storageVolDownload, args, use)).stream;
    };
    const first = await open(offset, length, openingBounds(options));
    const download = new Download(first, async (received, signal) => {
      if (length === 0n) return open(offset + received, 0n, { signal });
      return received < length ? open(offset + received, length - received, { signal }) : undefined;
    });
    return new LibvirtReadable(new Stream(download, options));
  }

  /**
   * Overwrites the volume's bytes, as they are stored: `await pipeline(createReadStream(file), await vol.upload())`.
   *
   * @param offset - The first byte to write.
   * @param length - In bytes: writing more is an error. 0 for no bound.
   * @param flags - {@link StorageVolUploadFlags}: with `SPARSE_STREAM` holes can be sent, by `stream.sendHole()`.
   * @throws LibvirtError `NO_STORAGE_VOL`: there is no such volume; `OPERATION_INVALID`: it is still being created, or
   *   used; `NO_SUPPORT`: the pool's kind cannot do that.
   * @see {@link https://libvirt.org/html/libvirt-libvirt-storage.html#virStorageVolUpload | virStorageVolUpload},
   * `REMOTE_PROC_STORAGE_VOL_UPLOAD` (208), since libvirt 0.9.0.
   */
  async upload(
    offset = 0n,
    length = 0n,
    flags: StorageVolUploadFlags = 0,
    options: StreamUseOptions = {},
  ): Promise<LibvirtWritable> {
    const args = { vol: this.ref, offset, length, flags };
    const { stream } = await this.connection.openStream(
      remote.storageVolUpload,
      args,
      openingBounds(options),
    );
    return new LibvirtWritable(new Stream(stream, options));
  }

  protected override identity(): Record<string, unknown> {
    return { pool: this.pool, name: this.name, key: this.key };
  }

  protected override identityKey(): string {
    return this.key;
  }
}
