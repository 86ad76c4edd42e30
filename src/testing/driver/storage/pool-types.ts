import { StorageVolType } from "../../../generated/constants.js";

/** What a pool's source can consist of. */
export type SourcePart = "host" | "device" | "dir" | "adapter" | "name" | "initiator" | "network";

/** The formats that there are of something, in the order of libvirt's numbers. */
export interface Formats {
  readonly known: readonly string[];
  /** The one that it has where none is given. */
  readonly usual: string;
  /** One that cannot be given. */
  readonly never?: string;
}

/** What a type of storage pool has to have, and can have. */
export interface PoolType {
  readonly source: readonly SourcePart[];
  readonly formats?: Formats;
  readonly volumeFormats?: Formats;
  /** What its volumes are: one of `StorageVolType`. */
  readonly volumes: number;
  /** Whether its volumes are to be found somewhere on the host. */
  readonly hasTarget: boolean;
}

const fileFormats: Formats = {
  usual: "raw",
  never: "none",
  known: [
    ...["none", "raw", "dir", "bochs", "cloop", "dmg", "iso", "vpc", "vdi", "fat", "vhd", "ploop"],
    ...["cow", "qcow", "qcow2", "qed", "vmdk"],
  ],
};

const files = { volumes: StorageVolType.FILE, volumeFormats: fileFormats, hasTarget: true };
const blocks = { volumes: StorageVolType.BLOCK, hasTarget: true };
const remote = { volumes: StorageVolType.NETWORK, hasTarget: false };

/** The types of pools, in libvirt's order. */
export const poolTypes: ReadonlyMap<string, PoolType> = new Map<string, PoolType>([
  ["dir", { ...files, source: [] }],
  [
    "fs",
    {
      ...files,
      source: ["device"],
      formats: {
        usual: "auto",
        known: [
          ...["auto", "ext2", "ext3", "ext4", "ufs", "iso9660", "udf", "gfs", "gfs2", "vfat", "hfs+"],
          ...["xfs", "ocfs2", "vmfs"],
        ],
      },
    },
  ],
  [
    "netfs",
    {
      ...files,
      source: ["host", "dir"],
      formats: { usual: "auto", known: ["auto", "nfs", "glusterfs", "cifs"] },
    },
  ],
  [
    "logical",
    { ...blocks, source: ["name", "device"], formats: { usual: "lvm2", known: ["unknown", "lvm2"] } },
  ],
  [
    "disk",
    {
      ...blocks,
      source: ["device"],
      formats: {
        usual: "unknown",
        known: ["unknown", "dos", "dvh", "gpt", "mac", "bsd", "pc98", "sun", "lvm2"],
      },
      volumeFormats: {
        usual: "none",
        known: [...["none", "linux", "fat16", "fat32", "linux-swap", "linux-lvm", "linux-raid", "extended"]],
      },
    },
  ],
  ["iscsi", { ...blocks, source: ["host", "device", "initiator"] }],
  ["iscsi-direct", { ...remote, source: ["host", "device", "network", "initiator"] }],
  ["scsi", { ...blocks, source: ["adapter"] }],
  ["mpath", { ...blocks, source: [] }],
  ["rbd", { ...remote, source: ["host", "network", "name"], volumeFormats: fileFormats }],
  ["sheepdog", { ...remote, source: ["host", "network", "name"] }],
  ["gluster", { ...remote, source: ["host", "network", "name", "dir"], volumeFormats: fileFormats }],
  ["zfs", { ...blocks, source: ["name", "device"] }],
  ["vstorage", { ...files, source: ["name"] }],
]);
