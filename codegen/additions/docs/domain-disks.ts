import type { Docs } from "./doc.js";
import {
  agent,
  agentQuery,
  blockJob,
  blockSpeed,
  disk,
  mountpoints,
  readonly,
  running,
  scope,
  tunables,
} from "./domain-phrases.js";

/** Disks and file systems. */
export const domainDiskDocs: Docs = {
  virDomainBlockCommit: {
    summary: "Starts merging images of a disk's backing chain into an image further down.",
    params: {
      bandwidth: blockSpeed,
      base: "Image that takes the data: path, or target with index (`vda[3]`). Null: the chain's last, or with `DomainBlockCommitFlags.SHALLOW` the one below `top`.",
      disk,
      top: "Highest image to merge, named likewise. Null: the active one, which needs `DomainBlockCommitFlags.ACTIVE`.",
    },
    errors: blockJob,
  },
  virDomainBlockCopy: {
    summary: "Starts copying a disk, then mirrors writes to the copy until `blockJobAbort` ends it.",
    params: {
      destxml: "XML `<disk>` of the copy; only its source and driver count.",
      disk,
      params:
        "`DOMAIN_BLOCK_COPY_BANDWIDTH` in bytes/s, `DOMAIN_BLOCK_COPY_BUF_SIZE` in bytes, `DOMAIN_BLOCK_COPY_GRANULARITY` in bytes, a power of two.",
    },
    errors: {
      ...blockJob,
      OPERATION_INVALID:
        "the domain is off, or is not transient and the flags lack `DomainBlockCopyFlags.TRANSIENT_JOB`.",
    },
  },
  virDomainBlockJobAbort: {
    summary:
      "Ends a disk's job: cancels it, or with `DomainBlockJobAbortFlags.PIVOT` switches over to its result.",
    params: { disk },
    errors: {
      BLOCK_COPY_ACTIVE: "the job is not ready yet for `DomainBlockJobAbortFlags.PIVOT`.",
      INVALID_ARG: "the disk is unknown or has no job.",
      OPERATION_INVALID: "the domain is off, or the job is ending already.",
    },
  },
  virDomainBlockJobSetSpeed: {
    summary: "Limits the bandwidth of a disk's job.",
    params: { bandwidth: blockSpeed, disk },
    errors: {
      INVALID_ARG: "the disk is unknown or has no job.",
      OPERATION_INVALID: running,
      OVERFLOW: "the limit is too large.",
    },
  },
  virDomainBlockPeek: {
    summary: "Reads bytes of a disk's image.",
    params: {
      disk,
      offset: "First byte to read, counted from 0n.",
      size: "Number of bytes, at most 4 MiB; 0 only tests whether reading is possible.",
    },
    errors: {
      INVALID_ARG: "the disk is unknown, or ends before the last byte.",
      OPERATION_DENIED: readonly,
      OPERATION_UNSUPPORTED: "the image is not a raw one.",
    },
  },
  virDomainBlockPull: {
    summary: "Starts copying a disk's whole backing chain into its active image, which then stands alone.",
    params: { bandwidth: blockSpeed, disk },
    errors: blockJob,
  },
  virDomainBlockRebase: {
    summary:
      "Starts pulling part of a disk's backing chain into its active image, or copying the disk to a file.",
    params: {
      bandwidth: blockSpeed,
      base: "Image to rest on afterwards: path, or target with index (`vda[3]`); null for none. With `DomainBlockRebaseFlags.COPY`, path of the copy.",
      disk,
    },
    errors: blockJob,
  },
  virDomainBlockResize: {
    summary: "Changes the size of a running domain's disk.",
    params: {
      disk,
      size: "New size in KiB (bytes with `DomainBlockResizeFlags.BYTES`). Less than now cuts data off, unless `DomainBlockResizeFlags.EXTEND` forbids it.",
    },
    errors: {
      INVALID_ARG: "the domain has no such disk.",
      OPERATION_INVALID: running,
      OPERATION_UNSUPPORTED: "the disk is empty or read-only, or of a kind that keeps its size.",
      OVERFLOW: "the size is too large.",
    },
  },
  virDomainBlockStats: {
    summary: "Counts what a disk has read and written since the domain started.",
    params: { disk: `${disk} With some drivers, an empty text for all disks together.` },
    returns: "Requests and bytes, read and written, and errors; -1n where the driver does not know.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainBlockStatsFlags: {
    summary: "Counts what a disk has read, written and flushed, and the time that it took.",
    params: { disk: `${disk} With some drivers, an empty text for all disks together.` },
    returns:
      "Requests, bytes and times in ns, by names such as `DOMAIN_BLOCK_STATS_READ_REQ`, `DOMAIN_BLOCK_STATS_READ_BYTES` and `DOMAIN_BLOCK_STATS_READ_TOTAL_TIMES`.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainDelThrottleGroup: {
    summary: "Removes a throttle group that no disk uses.",
    params: { group: "Name of the group." },
    errors: { INVALID_ARG: "a disk uses the group.", OPERATION_INVALID: scope },
  },
  virDomainFDAssociate: {
    summary: "Lends open files to the domain, for use as disk images, while this connection lasts.",
    params: {
      fds: "File descriptors. Taken over and closed here; unix sockets only.",
      name: "Name by which domain XML refers to them (`fdgroup`).",
    },
  },
  virDomainFSFreeze: {
    summary: "Stops writes to filesystems of the guest, by its agent, until `fsThaw`.",
    params: { mountpoints },
    returns: "How many filesystems are frozen.",
    errors: agent,
  },
  virDomainFSThaw: {
    summary: "Lets the guest write to its frozen filesystems again.",
    params: { mountpoints: `${mountpoints} QEMU takes no other.` },
    returns: "How many filesystems were thawed.",
    errors: {
      ...agent,
      ARGUMENT_UNSUPPORTED: "mount points were given, or the domain has no guest agent.",
    },
  },
  virDomainFSTrim: {
    summary: "Makes the guest tell its disks which blocks of its filesystems are free.",
    params: {
      minimum: "Free ranges of fewer bytes may be passed over; 0n for the guest's own limit.",
      mountPoint: "One mount point inside the guest; null for all. QEMU takes only null.",
    },
    errors: {
      ...agent,
      ARGUMENT_UNSUPPORTED: "a mount point was given, or the domain has no guest agent.",
    },
  },
  virDomainGetBlockInfo: {
    summary: "Gives the sizes of a disk.",
    params: { disk },
    returns:
      "In bytes: `capacity` is what the guest sees, `allocation` what it takes up on the host, `physical` where its image ends.",
    errors: {
      INVALID_ARG: "the disk is unknown or empty.",
      OPERATION_UNSUPPORTED: "the disk is a vhost-user device.",
    },
  },
  virDomainGetBlockIoTune: {
    summary: "Gives the limits on a disk's throughput.",
    params: { disk },
    returns:
      "By names such as `DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC` (bytes/s), `DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC` (requests/s), `DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC_MAX_LENGTH` (s); 0n is no limit.",
    errors: { INVALID_ARG: "the disk is unknown or empty.", OPERATION_INVALID: scope },
  },
  virDomainGetBlockJobInfo: {
    summary: "Tells how far the job on a disk has come.",
    params: { disk },
    returns:
      "Its type (`DomainBlockJobType`), its limit in MiB/s (bytes/s with the flag `BANDWIDTH_BYTES`), and where it is (`cur`) on its way to `end`; null if the disk has no job.",
    errors: { INVALID_ARG: "the domain has no such disk.", OPERATION_INVALID: running },
  },
  virDomainGetDiskErrors: {
    summary: "Lists the running domain's disks that have I/O errors.",
    returns: "Target of each such disk and its `DomainDiskErrorCode`; disks without error are not listed.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainGetFSInfo: {
    summary: "Lists the filesystems mounted in the guest, by its agent.",
    returns: "Mount point, name of the device in the guest, type, and targets of the disks that hold it.",
    errors: agentQuery,
  },
  virDomainSetBlockIoTune: {
    summary: "Changes the limits on a disk's throughput.",
    params: {
      disk,
      params: `${tunables} Names and units are those of \`getBlockIoTune\`; a total excludes separate limits for reads and writes.`,
    },
    errors: {
      CONFIG_UNSUPPORTED: "the disk is in throttle groups, or of a kind that cannot be slowed down.",
      INVALID_ARG: "the disk is unknown, or the values contradict each other.",
      OPERATION_INVALID: scope,
    },
  },
  virDomainSetBlockThreshold: {
    summary: "Asks for one event `domain.blockThreshold` when a disk's image is written beyond an offset.",
    params: {
      dev: "Target of the disk (`vda`), with an index (`vda[4]`) for another image of its chain.",
      threshold: "Offset in bytes.",
    },
    errors: { OPERATION_INVALID: running, OPERATION_UNSUPPORTED: "the disk is a vhost-user device." },
  },
  virDomainSetThrottleGroup: {
    summary: "Creates a throttle group, whose limits several disks can share, or changes its limits.",
    params: {
      group: "Name of the group.",
      params: "Limits, by the names and in the units of `getBlockIoTune`.",
    },
    errors: { OPERATION_INVALID: scope },
  },
};
