import {
  ConnectListAllStoragePoolsFlags as Flag,
  StoragePoolDefineFlags,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { formatUuid } from "../../../uuid.js";
import { checkFlags } from "../errors.js";
import { type FilterGroup, flagsOf, passesFilter, yesOrNo } from "../filter.js";
import type { ClientState, DriverHandlers } from "../state.js";
import { findSources } from "../storage/discover.js";
import type { StoragePool } from "../storage/pool.js";
import { parsePool } from "../storage/read-pool.js";
import { listed, namedOf, namedToWire, namesUpTo } from "../wire.js";

const types: readonly (readonly [flag: number, type: string])[] = [
  [Flag.DIR, "dir"],
  [Flag.FS, "fs"],
  [Flag.NETFS, "netfs"],
  [Flag.LOGICAL, "logical"],
  [Flag.DISK, "disk"],
  [Flag.ISCSI, "iscsi"],
  [Flag.SCSI, "scsi"],
  [Flag.MPATH, "mpath"],
  [Flag.RBD, "rbd"],
  [Flag.SHEEPDOG, "sheepdog"],
  [Flag.GLUSTER, "gluster"],
  [Flag.ZFS, "zfs"],
  [Flag.VSTORAGE, "vstorage"],
  [Flag.ISCSI_DIRECT, "iscsi-direct"],
];

const filter: readonly FilterGroup<StoragePool>[] = [
  yesOrNo(Flag.ACTIVE, Flag.INACTIVE, ({ isActive }) => isActive),
  yesOrNo(Flag.PERSISTENT, Flag.TRANSIENT, ({ isPersistent }) => isPersistent),
  yesOrNo(Flag.AUTOSTART, Flag.NO_AUTOSTART, ({ isMarked }) => isMarked),
  types.map(([flag, type]) => [flag, ({ definition }) => definition.typeName === type]),
];

/** Storage pools. Of a call's pool most functions of libvirt's go by the name, and some by the UUID. */
export function storagePoolHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.storagePoolLookupByName, ({ name }, { state }) => ({
      pool: namedToWire(state.world.storagePools.named(name)),
    }))
    .on(remote.storagePoolLookupByUuid, ({ uuid }, { state }) => ({
      pool: namedToWire(state.world.storagePools.withUuid(formatUuid(uuid))),
    }))
    .on(remote.storagePoolLookupByVolume, ({ vol }, { state }) => ({
      pool: namedToWire(state.world.storagePools.named(vol.pool)),
    }))
    .on(remote.connectListAllStoragePools, ({ needResults, flags }, { state }) => {
      checkFlags(flags, flagsOf(filter), "testConnectListAllStoragePools");
      const passing = [...state.world.storagePools].filter((pool) => passesFilter(pool, flags, filter));
      const { items, ret } = listed(passing, needResults);
      return { pools: items.map(namedToWire), ret };
    })
    .on(remote.connectNumOfStoragePools, (_args, { state }) => ({ num: those(state, true).length }))
    .on(remote.connectListStoragePools, ({ maxnames }, { state }) => ({
      names: namesUpTo(those(state, true), maxnames),
    }))
    .on(remote.connectNumOfDefinedStoragePools, (_args, { state }) => ({ num: those(state, false).length }))
    .on(remote.connectListDefinedStoragePools, ({ maxnames }, { state }) => ({
      names: namesUpTo(those(state, false), maxnames),
    }))
    .on(remote.connectFindStoragePoolSources, ({ type, srcSpec, flags }) => {
      checkFlags(flags, 0, "testConnectFindStoragePoolSources");
      return { xml: findSources(type, srcSpec ?? undefined) };
    })
    .on(remote.storagePoolDefineXml, ({ xml, flags }, { state }) => {
      checkFlags(flags, StoragePoolDefineFlags.VALIDATE, "testStoragePoolDefineXML");
      return { pool: namedToWire(state.world.storagePools.define(parsePool(xml))) };
    })
    .on(remote.storagePoolCreateXml, ({ xml, flags }, { state }) => {
      checkFlags(flags, 0, "testStoragePoolCreateXML");
      return { pool: namedToWire(state.world.storagePools.create(parsePool(xml))) };
    })
    .on(remote.storagePoolCreate, ({ pool, flags }, { state }) => {
      checkFlags(flags, 0, "testStoragePoolCreate");
      named(state, pool).create(namedOf(pool));
    })
    .on(remote.storagePoolBuild, ({ pool, flags }, { state }) => {
      checkFlags(flags, 0, "testStoragePoolBuild");
      named(state, pool).build(namedOf(pool));
    })
    .on(remote.storagePoolDestroy, ({ pool }, { state }) => named(state, pool).destroy())
    .on(remote.storagePoolDelete, ({ pool, flags }, { state }) => {
      checkFlags(flags, 0, "testStoragePoolDelete");
      named(state, pool).delete(namedOf(pool));
    })
    .on(remote.storagePoolUndefine, ({ pool }, { state }) => named(state, pool).undefine(namedOf(pool)))
    .on(remote.storagePoolRefresh, ({ pool, flags }, { state }) => {
      checkFlags(flags, 0, "testStoragePoolRefresh");
      named(state, pool).refresh(namedOf(pool));
    })
    .on(remote.storagePoolGetInfo, ({ pool }, { state }) => named(state, pool).info)
    .on(remote.storagePoolGetXmlDesc, ({ pool, flags }, { state }) => {
      checkFlags(flags, 0, "testStoragePoolGetXMLDesc");
      return { xml: named(state, pool).format() };
    })
    .on(remote.storagePoolGetAutostart, ({ pool }, { state }) => ({
      autostart: named(state, pool).autostart ? 1 : 0,
    }))
    .on(remote.storagePoolSetAutostart, ({ pool, autostart }, { state }) => {
      named(state, pool).autostart = autostart !== 0;
    })
    .on(remote.storagePoolIsActive, ({ pool }, { state }) => ({
      active: state.world.storagePools.withUuid(formatUuid(pool.uuid)).isActive ? 1 : 0,
    }))
    .on(remote.storagePoolIsPersistent, ({ pool }, { state }) => ({
      persistent: state.world.storagePools.withUuid(formatUuid(pool.uuid)).isPersistent ? 1 : 0,
    }));
}

function named({ world }: ClientState, { name }: remote.NonnullStoragePool): StoragePool {
  return world.storagePools.named(name);
}

function those({ world }: ClientState, active: boolean): StoragePool[] {
  return [...world.storagePools].filter(({ isActive }) => isActive === active);
}
