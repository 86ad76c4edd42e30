import type { Docs } from "./doc.js";

const uuid = "The UUID's 16 bytes.";
const uuidstr = "The UUID as text.";
const poolXml = "The `pool` element.";
const volumeXml = "The `volume` element; its sizes are in bytes unless they have a `unit`.";
const noPool = { NO_STORAGE_POOL: "There is no such pool." };
const noVolume = { NO_STORAGE_VOL: "There is no such volume in an active pool." };
const volumeGone = { NO_STORAGE_VOL: "The volume is gone." };
const notActive = { OPERATION_INVALID: "The pool is not active." };
const poolBusy = { OPERATION_INVALID: "The pool is active or about to be." };
const volumeBusy = {
  OPERATION_INVALID: "The volume is in use or still being filled, or its pool is not active.",
};
const taken =
  "The name belongs to another UUID already, or the UUID to another name, or another pool has the same " +
  "source.";
const size =
  "`capacity`, the size that a guest sees, and `allocation`, what it takes up in the pool, both in bytes.";
const readonly = { OPERATION_DENIED: "The connection is read-only." };

/** Storage pools, the volumes in them, and streams, by which volumes and much else come and go. */
export const storageDocs: Docs = {
  virConnectFindStoragePoolSources: {
    summary: "Looks for what a pool of some type could be made of: exports, targets, volume groups.",
    params: {
      type: "The type of pool, such as `netfs`, `iscsi` or `logical`.",
      srcSpec:
        "A `source` element that says where to look, such as on which `host`; `null` for the daemon's own.",
    },
    returns: "A `sources` element with one `source` for each find.",
    errors: { ...readonly, NO_SUPPORT: "Pools of that type cannot be searched for." },
  },
  virConnectGetStoragePoolCapabilities: {
    summary: "Describes, as XML, the types of pool that the daemon supports and the formats of each.",
  },
  virConnectListAllStoragePools: {
    summary: "Lists the storage pools: all of them, or those that the flags pick.",
  },
  virConnectListDefinedStoragePools: {
    summary: "Lists the names of the pools that are not active; `listAllStoragePools` tells more.",
  },
  virConnectListStoragePools: {
    summary: "Lists the names of the active pools; `listAllStoragePools` tells more.",
  },
  virConnectNumOfDefinedStoragePools: {
    summary: "Counts the storage pools that are not active.",
  },
  virConnectNumOfStoragePools: {
    summary: "Counts the active storage pools.",
  },
  virConnectStoragePoolEventDeregisterAny: {
    summary: "Ends a registration for storage pool events.",
    params: { callbackID: "What the registration gave." },
  },
  virConnectStoragePoolEventRegisterAny: {
    summary: "Has a function called on every event of one kind, from one storage pool or from all.",
    params: {
      pool: "The pool to watch; `null` for all, those yet to come included.",
      eventID: "The kind of event, one of `StoragePoolEventID`.",
      cb: "Called with each event.",
    },
    returns: "A number by which to end the registration.",
  },
  virStoragePoolBuild: {
    summary: "Prepares what the pool is to be made of: makes its directory, file system or partition table.",
    errors: {
      ...poolBusy,
      STORAGE_POOL_BUILT: "The device has been formatted before, and the flags do not allow overwriting.",
    },
  },
  virStoragePoolCreate: {
    summary: "Starts a defined pool: mounts or logs in to its source and finds its volumes.",
    errors: { ...noPool, ...poolBusy },
  },
  virStoragePoolCreateXML: {
    summary: "Starts a transient pool: one that is forgotten once it is stopped, its volumes kept.",
    params: { xmlDesc: poolXml },
    errors: { OPERATION_FAILED: taken, OPERATION_INVALID: "It is active already." },
  },
  virStoragePoolDefineXML: {
    summary: "Defines a pool that lasts, or changes the definition of one; nothing is started.",
    params: { xml: poolXml },
    errors: { OPERATION_FAILED: taken },
  },
  virStoragePoolDelete: {
    summary: "Deletes for good what the pool is made of, such as its directory; its definition stays.",
    errors: { ...noPool, ...poolBusy, NO_SUPPORT: "Pools of this type cannot be deleted." },
  },
  virStoragePoolDestroy: {
    summary: "Stops the pool. Its volumes and their data stay; a transient pool is forgotten.",
    errors: { ...noPool, ...notActive },
  },
  virStoragePoolGetAutostart: {
    summary: "Tells whether the pool is started along with the host.",
  },
  virStoragePoolGetConnect: {
    summary: "Gives the connection that this pool was looked up on.",
  },
  virStoragePoolGetInfo: {
    summary: "Reads the pool's state and how full it is.",
    returns:
      "`state`, one of `StoragePoolState`, and `capacity`, `allocation` (used) and `available` (free) in " +
      "bytes, as they were when the pool was last refreshed or changed.",
    errors: noPool,
  },
  virStoragePoolGetName: {
    summary: "Gives the pool's name.",
  },
  virStoragePoolGetUUID: {
    summary: "Gives the pool's UUID as 16 bytes.",
  },
  virStoragePoolGetUUIDString: {
    summary: "Gives the pool's UUID as text.",
  },
  virStoragePoolGetXMLDesc: {
    summary: "Describes the pool as XML: as it is now or, if the flags say so, as it will be started next.",
    errors: noPool,
  },
  virStoragePoolIsActive: {
    summary: "Tells whether the pool is up.",
    errors: noPool,
  },
  virStoragePoolIsPersistent: {
    summary: "Tells whether the pool has a definition that outlasts its being stopped.",
    errors: noPool,
  },
  virStoragePoolListAllVolumes: {
    summary: "Lists the pool's volumes.",
    errors: { ...noPool, ...notActive },
  },
  virStoragePoolListVolumes: {
    summary: "Lists the names of the pool's volumes; `listAllVolumes` tells more.",
    errors: { ...noPool, ...notActive },
  },
  virStoragePoolLookupByName: {
    summary: "Finds a storage pool by its name.",
    params: { name: "The pool's name, such as `default`." },
    errors: noPool,
  },
  virStoragePoolLookupByTargetPath: {
    summary: "Finds the active storage pool that appears at a path of the host.",
    params: { path: "The path, such as `/var/lib/libvirt/images`." },
    returns: "The pool; any one of them, should several appear there.",
    errors: noPool,
  },
  virStoragePoolLookupByUUID: {
    summary: "Finds a storage pool by its UUID's bytes.",
    params: { uuid },
    errors: noPool,
  },
  virStoragePoolLookupByUUIDString: {
    summary: "Finds a storage pool by its UUID's text.",
    params: { uuidstr },
    errors: noPool,
  },
  virStoragePoolLookupByVolume: {
    summary: "Finds the pool that the volume lies in.",
    errors: noPool,
  },
  virStoragePoolNumOfVolumes: {
    summary: "Counts the pool's volumes.",
    errors: { ...noPool, ...notActive },
  },
  virStoragePoolRefresh: {
    summary: "Looks through the pool anew for volumes that others have added, changed or removed.",
    errors: {
      ...readonly,
      ...noPool,
      ...notActive,
      INTERNAL_ERROR: "A volume of the pool is being worked on.",
    },
  },
  virStoragePoolSetAutostart: {
    summary: "Sets whether the pool is started along with the host.",
    params: { autostart: "Whether it is." },
    errors: { ...noPool, INTERNAL_ERROR: "The pool is transient." },
  },
  virStoragePoolUndefine: {
    summary: "Removes the definition of a pool that is not active; what it is made of stays.",
    errors: { ...noPool, ...poolBusy },
  },
  virStorageVolCreateXML: {
    summary: "Creates an empty volume in the pool.",
    params: { xmlDesc: volumeXml },
    returns: "The volume, once its space has been allocated, which can take a while.",
    errors: {
      ...notActive,
      STORAGE_VOL_EXIST: "The pool has a volume of that name.",
      NO_SUPPORT: "Volumes cannot be created in pools of this type, or not without a size.",
    },
  },
  virStorageVolCreateXMLFrom: {
    summary: "Creates a volume in the pool and fills it from another, converting between formats if need be.",
    params: {
      xmlDesc: `${volumeXml} A capacity below that of the original is raised to it.`,
      clonevol: "The volume to copy, of this or any other pool of the connection.",
    },
    returns: "The volume, once all is copied, which can take long.",
    errors: {
      OPERATION_INVALID: "One of the pools is not active, or the original is itself still being filled.",
      NO_STORAGE_VOL: "The original is gone.",
      NO_SUPPORT: "Pools of this type cannot copy volumes.",
    },
  },
  virStorageVolDelete: {
    summary: "Deletes the volume and its data.",
    errors: { ...volumeGone, ...volumeBusy, NO_SUPPORT: "Volumes of pools of this type cannot be deleted." },
  },
  virStorageVolDownload: {
    summary: "Reads the volume's bytes as they are stored, whatever their format.",
    params: {
      offset: "Where to start, in bytes.",
      length: "How many bytes to read; 0n for all from there on.",
    },
    returns: "A stream to read from.",
    errors: {
      ...readonly,
      ...volumeGone,
      OPERATION_INVALID: "The volume is still being filled, or its pool is not active.",
      NO_SUPPORT: "Volumes of pools of this type cannot be downloaded.",
    },
  },
  virStorageVolGetConnect: {
    summary: "Gives the connection that this volume was looked up on.",
  },
  virStorageVolGetInfo: {
    summary: "Reads the volume's type and sizes.",
    returns: `\`type\`, one of \`StorageVolType\`; ${size}`,
    errors: { ...volumeGone, ...notActive },
  },
  virStorageVolGetInfoFlags: {
    summary: "Reads the volume's type and sizes, if asked the physical one.",
    returns: `\`type\`, one of \`StorageVolType\`; ${size} The flags can ask for the file's size instead.`,
    errors: { ...volumeGone, ...notActive },
  },
  virStorageVolGetKey: {
    summary: "Gives the volume's key, which stays the same on every host that sees the volume.",
  },
  virStorageVolGetName: {
    summary: "Gives the volume's name, which no other volume of its pool has.",
  },
  virStorageVolGetPath: {
    summary: "Gives the volume's path on the host, which a disk's `source` can name.",
    errors: { ...volumeGone, ...notActive },
  },
  virStorageVolGetXMLDesc: {
    summary: "Describes the volume as XML: its key, sizes, format and permissions.",
    errors: { ...volumeGone, ...notActive },
  },
  virStorageVolLookupByKey: {
    summary: "Finds a volume by its key, in whichever active pool it lies.",
    params: { key: "The key, as `getKey` gives it." },
    errors: noVolume,
  },
  virStorageVolLookupByName: {
    summary: "Finds one of the pool's volumes by its name.",
    params: { name: "The volume's name." },
    errors: { NO_STORAGE_VOL: "The pool has no such volume.", ...notActive },
  },
  virStorageVolLookupByPath: {
    summary: "Finds a volume by its path, in whichever active pool it lies.",
    params: { path: "The path on the host." },
    errors: noVolume,
  },
  virStorageVolResize: {
    summary: "Changes the size of the volume.",
    params: {
      capacity: "The new size in bytes or, if the flags say so, by how many bytes to grow or to shrink it.",
    },
    errors: {
      ...volumeGone,
      ...volumeBusy,
      INVALID_ARG: "The volume would shrink without the flag for it, or below what is allocated.",
      OPERATION_FAILED: "The pool has not enough space left to allocate.",
      NO_SUPPORT: "Volumes of pools of this type cannot be resized.",
    },
  },
  virStorageVolUpload: {
    summary: "Writes bytes into the volume as they are; when the stream ends, the pool is refreshed.",
    params: {
      offset: "Where to start, in bytes.",
      length: "How many bytes at most; 0n leaves it to the volume's size.",
    },
    returns: "A stream to write to.",
    errors: { ...volumeGone, ...volumeBusy, NO_SUPPORT: "Volumes of pools of this type cannot be uploaded." },
  },
  virStorageVolWipe: {
    summary:
      "Overwrites the volume with zeros, format and all; where a file system copies on write, old data may " +
      "survive.",
    errors: { ...volumeGone, ...volumeBusy, NO_SUPPORT: "Volumes of pools of this type cannot be wiped." },
  },
  virStorageVolWipePattern: {
    summary: "Overwrites the volume by a chosen method.",
    params: { algorithm: "The method, one of `StorageVolWipeAlgorithm`; most need `scrub` on the host." },
    errors: {
      ...volumeGone,
      ...volumeBusy,
      INVALID_ARG: "The daemon does not know the method.",
      NO_SUPPORT: "Volumes of pools of this type cannot be wiped.",
    },
  },
  virStreamAbort: {
    summary: "Breaks the transfer off; what was sent or received so far is not to be relied on.",
  },
  virStreamFinish: {
    summary: "Ends the transfer and waits until the daemon confirms that all of it went well.",
  },
  virStreamRecv: {
    summary: "Receives the next bytes, waiting until there are some.",
    params: { nbytes: "How many bytes to take at most." },
    returns: "The bytes, perhaps fewer than asked for; none at the end, after which `finish` is due.",
  },
  virStreamRecvFlags: {
    summary: "Receives the next bytes and, if asked, stops at holes instead of filling them with zeros.",
    params: { nbytes: "How many bytes to take at most." },
    returns:
      "The bytes, perhaps fewer than asked for; none at the end. At a hole it stops, and `recvHole` is due.",
  },
  virStreamRecvHole: {
    summary: "Skips the hole that the stream has come to.",
    returns: "Its length in bytes.",
  },
  virStreamSend: {
    summary: "Sends bytes, waiting until there is room for them.",
    params: { data: "The bytes." },
    returns: "How many bytes were taken.",
  },
  virStreamSendHole: {
    summary: "Sends a hole: the receiver leaves that many bytes empty, and they need not travel.",
    params: { length: "The hole's length in bytes." },
  },
};
