import {
  ErrorDomain,
  ErrorNumber,
  StorageVolCreateFlags,
  StorageVolDownloadFlags,
  StorageVolResizeFlags,
  StorageVolUploadFlags,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { formatUuid } from "../../../uuid.js";
import type { ServerStream } from "../../server/handlers.js";
import { unsupported } from "../../server/refusals.js";
import { checkFlags, driverError, invalidArgument } from "../errors.js";
import type { ClientState, DriverHandlers } from "../state.js";
import type { StoragePool } from "../storage/pool.js";
import { parseVolume } from "../storage/read-volume.js";
import type { Volume } from "../storage/volume.js";
import { listed, namesUpTo } from "../wire.js";

/** The volumes of storage pools, and what is in them. */
export function storageVolumeHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.storagePoolNumOfVolumes, ({ pool }, { state }) => ({
      num: active(state, pool.name).volumes.length,
    }))
    .on(remote.storagePoolListVolumes, ({ pool, maxnames }, { state }) => ({
      names: namesUpTo(active(state, pool.name).volumes, maxnames),
    }))
    .on(remote.storagePoolListAllVolumes, ({ pool: { uuid }, needResults, flags }, { state }) => {
      checkFlags(flags, 0, "testStoragePoolListAllVolumes");
      const pool = state.world.storagePools.withUuid(formatUuid(uuid));
      if (!pool.isActive) throw driverError(ErrorNumber.OPERATION_INVALID, "storage pool is not active");
      const { items, ret } = listed(pool.volumes, needResults);
      return { vols: items.map((volume) => toWire(pool, volume)), ret };
    })
    .on(remote.storageVolLookupByName, ({ pool, name }, { state }) => {
      const found = active(state, pool.name);
      return { vol: toWire(found, found.volume(name)) };
    })
    .on(remote.storageVolLookupByKey, ({ key }, { state }) => {
      const { pool, volume } = state.world.storagePools.volumeBy("key", key);
      return { vol: toWire(pool, volume) };
    })
    .on(remote.storageVolLookupByPath, ({ path }, { state }) => {
      const { pool, volume } = state.world.storagePools.volumeBy("path", path);
      return { vol: toWire(pool, volume) };
    })
    .on(remote.storageVolCreateXml, ({ pool: { name }, xml, flags }, { state }) => {
      checkFlags(flags, StorageVolCreateFlags.VALIDATE, "testStorageVolCreateXML");
      const pool = active(state, name);
      return { vol: toWire(pool, pool.createVolume(parseVolume(xml, pool.definition.type))) };
    })
    .on(remote.storageVolCreateXmlFrom, ({ pool: { name }, xml, clonevol, flags }, { state }) => {
      checkFlags(flags, StorageVolCreateFlags.VALIDATE, "testStorageVolCreateXMLFrom");
      const pool = active(state, name);
      const volume = pool.createVolume(parseVolume(xml, pool.definition.type), clonevol.name);
      return { vol: toWire(pool, volume) };
    })
    .on(remote.storageVolDelete, ({ vol, flags }, { state }) => {
      checkFlags(flags, 0, "testStorageVolDelete");
      active(state, vol.pool).deleteVolume(vol.name);
    })
    .on(remote.storageVolGetInfo, ({ vol }, { state }) => {
      const pool = active(state, vol.pool);
      const { capacity, allocation } = pool.volume(vol.name).definition;
      return { type: pool.definition.type.volumes, capacity, allocation };
    })
    .on(remote.storageVolGetXmlDesc, ({ vol, flags }, { state }) => {
      checkFlags(flags, 0, "testStorageVolGetXMLDesc");
      const pool = active(state, vol.pool);
      return { xml: pool.volume(vol.name).formatXml(pool.definition.type) };
    })
    .on(remote.storageVolGetPath, ({ vol }, { state }) => ({ name: volumeOf(state, vol).path }))
    .on(remote.storageVolResize, ({ capacity, flags }) => {
      const { DELTA, SHRINK } = StorageVolResizeFlags;
      if (capacity === 0n && !(flags & (DELTA | SHRINK))) {
        const message = `capacity in ${resize.name} cannot be zero without 'delta' or 'shrink' flags set`;
        throw invalidArgument(resize.name, "capacity", message, resize.domain);
      }
      throw unsupported(resize);
    })
    .onStream(remote.storageVolUpload, ({ vol, offset, length, flags }, { state }) => {
      checkFlags(flags, StorageVolUploadFlags.SPARSE_STREAM, "virStorageVolUpload");
      const volume = volumeOf(state, vol);
      const room = roomIn(volume, offset, length, "virStorageVolUpload");
      return { reply: undefined, run: (stream) => receive(stream, volume, offset, room) };
    })
    .onStream(remote.storageVolDownload, ({ vol, offset, length, flags }, { state }) => {
      checkFlags(flags, StorageVolDownloadFlags.SPARSE_STREAM, "virStorageVolDownload");
      const volume = volumeOf(state, vol);
      const room = roomIn(volume, offset, length, "virStorageVolDownload");
      return { reply: undefined, run: (stream) => send(stream, volume, offset, room) };
    });
}

/** What libvirt's test driver has not, but that its arguments are looked at. */
const resize = { name: "virStorageVolResize", domain: ErrorDomain.STORAGE };

function active({ world }: ClientState, name: string): StoragePool {
  return world.storagePools.activeNamed(name);
}

function volumeOf(state: ClientState, { pool, name }: remote.NonnullStorageVol): Volume {
  return active(state, pool).volume(name);
}

function toWire({ name: pool }: StoragePool, { name, key }: Volume): remote.NonnullStorageVol {
  return { pool, name, key };
}

/** How many bytes there are from `offset` on: as many as are asked for, all if none are. */
function roomIn({ definition }: Volume, offset: bigint, length: bigint, cFunction: string): bigint {
  const left = definition.capacity - offset;
  if (left < 0n) {
    const detail = `offset ${offset} is behind the end of the volume, which has ${definition.capacity} bytes`;
    throw invalidArgument(cFunction, "offset", detail, ErrorDomain.STORAGE);
  }
  return length > 0n && length < left ? length : left;
}

async function receive(
  stream: ServerStream,
  { contents }: Volume,
  offset: bigint,
  room: bigint,
): Promise<void> {
  let done = 0n;
  for await (const segment of stream) {
    const length = "data" in segment ? BigInt(segment.data.length) : segment.hole;
    if (done + length > room) {
      const detail = "cannot write to stream: No space left on device";
      throw driverError(ErrorNumber.SYSTEM_ERROR, detail, ErrorDomain.STREAMS);
    }
    if ("data" in segment) contents.write(offset + done, segment.data);
    else contents.clear(offset + done, length);
    done += length;
  }
}

async function send(stream: ServerStream, { contents }: Volume, offset: bigint, room: bigint): Promise<void> {
  for (const segment of contents.read(offset, room)) {
    if ("data" in segment) await stream.write(segment.data);
    else await stream.writeHole(segment.hole);
  }
}
