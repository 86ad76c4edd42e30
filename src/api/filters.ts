/**
 * Filters for lists: an object that says what is wanted, turned into the flags of the call that lists. Within one
 * property of the flags libvirt means "or", between properties "and"; what is left out does not matter.
 */
import {
  ConnectListAllDomainsFlags,
  ConnectListAllInterfacesFlags,
  ConnectListAllNetworksFlags,
  ConnectListAllNodeDeviceFlags,
  ConnectListAllSecretsFlags,
  ConnectListAllStoragePoolsFlags,
} from "../generated/constants.js";
import { checkObject } from "../rpc/deadline.js";

/** The flag for yes, and the one for no. */
type YesNo = readonly [yes: number, no: number];

/** The flags of several kinds, of which any will do. */
type AnyOf = Readonly<Record<string, number>>;

type Table = Readonly<Record<string, YesNo | AnyOf>>;

/** What a filter made from a table looks like. */
type FilterOf<T extends Table> = {
  readonly [K in keyof T]?: (T[K] extends YesNo ? boolean : readonly (keyof T[K])[]) | undefined;
};

const domains = {
  active: [ConnectListAllDomainsFlags.ACTIVE, ConnectListAllDomainsFlags.INACTIVE],
  persistent: [ConnectListAllDomainsFlags.PERSISTENT, ConnectListAllDomainsFlags.TRANSIENT],
  autostart: [ConnectListAllDomainsFlags.AUTOSTART, ConnectListAllDomainsFlags.NO_AUTOSTART],
  managedSave: [ConnectListAllDomainsFlags.MANAGEDSAVE, ConnectListAllDomainsFlags.NO_MANAGEDSAVE],
  hasSnapshot: [ConnectListAllDomainsFlags.HAS_SNAPSHOT, ConnectListAllDomainsFlags.NO_SNAPSHOT],
  hasCheckpoint: [ConnectListAllDomainsFlags.HAS_CHECKPOINT, ConnectListAllDomainsFlags.NO_CHECKPOINT],
  state: {
    running: ConnectListAllDomainsFlags.RUNNING,
    paused: ConnectListAllDomainsFlags.PAUSED,
    shutoff: ConnectListAllDomainsFlags.SHUTOFF,
    other: ConnectListAllDomainsFlags.OTHER,
  },
} as const satisfies Table;

const networks = {
  active: [ConnectListAllNetworksFlags.ACTIVE, ConnectListAllNetworksFlags.INACTIVE],
  persistent: [ConnectListAllNetworksFlags.PERSISTENT, ConnectListAllNetworksFlags.TRANSIENT],
  autostart: [ConnectListAllNetworksFlags.AUTOSTART, ConnectListAllNetworksFlags.NO_AUTOSTART],
} as const satisfies Table;

const interfaces = {
  active: [ConnectListAllInterfacesFlags.ACTIVE, ConnectListAllInterfacesFlags.INACTIVE],
} as const satisfies Table;

const secrets = {
  ephemeral: [ConnectListAllSecretsFlags.EPHEMERAL, ConnectListAllSecretsFlags.NO_EPHEMERAL],
  private: [ConnectListAllSecretsFlags.PRIVATE, ConnectListAllSecretsFlags.NO_PRIVATE],
} as const satisfies Table;

const storagePools = {
  active: [ConnectListAllStoragePoolsFlags.ACTIVE, ConnectListAllStoragePoolsFlags.INACTIVE],
  persistent: [ConnectListAllStoragePoolsFlags.PERSISTENT, ConnectListAllStoragePoolsFlags.TRANSIENT],
  autostart: [ConnectListAllStoragePoolsFlags.AUTOSTART, ConnectListAllStoragePoolsFlags.NO_AUTOSTART],
  type: {
    dir: ConnectListAllStoragePoolsFlags.DIR,
    fs: ConnectListAllStoragePoolsFlags.FS,
    netfs: ConnectListAllStoragePoolsFlags.NETFS,
    logical: ConnectListAllStoragePoolsFlags.LOGICAL,
    disk: ConnectListAllStoragePoolsFlags.DISK,
    iscsi: ConnectListAllStoragePoolsFlags.ISCSI,
    "iscsi-direct": ConnectListAllStoragePoolsFlags.ISCSI_DIRECT,
    scsi: ConnectListAllStoragePoolsFlags.SCSI,
    mpath: ConnectListAllStoragePoolsFlags.MPATH,
    rbd: ConnectListAllStoragePoolsFlags.RBD,
    sheepdog: ConnectListAllStoragePoolsFlags.SHEEPDOG,
    gluster: ConnectListAllStoragePoolsFlags.GLUSTER,
    zfs: ConnectListAllStoragePoolsFlags.ZFS,
    vstorage: ConnectListAllStoragePoolsFlags.VSTORAGE,
  },
} as const satisfies Table;

const nodeDevices = {
  active: [ConnectListAllNodeDeviceFlags.ACTIVE, ConnectListAllNodeDeviceFlags.INACTIVE],
  persistent: [ConnectListAllNodeDeviceFlags.PERSISTENT, ConnectListAllNodeDeviceFlags.TRANSIENT],
  /** The names are those of the devices' XML. */
  capability: {
    system: ConnectListAllNodeDeviceFlags.CAP_SYSTEM,
    pci: ConnectListAllNodeDeviceFlags.CAP_PCI_DEV,
    usb_device: ConnectListAllNodeDeviceFlags.CAP_USB_DEV,
    usb: ConnectListAllNodeDeviceFlags.CAP_USB_INTERFACE,
    net: ConnectListAllNodeDeviceFlags.CAP_NET,
    scsi_host: ConnectListAllNodeDeviceFlags.CAP_SCSI_HOST,
    scsi_target: ConnectListAllNodeDeviceFlags.CAP_SCSI_TARGET,
    scsi: ConnectListAllNodeDeviceFlags.CAP_SCSI,
    storage: ConnectListAllNodeDeviceFlags.CAP_STORAGE,
    fc_host: ConnectListAllNodeDeviceFlags.CAP_FC_HOST,
    vports: ConnectListAllNodeDeviceFlags.CAP_VPORTS,
    scsi_generic: ConnectListAllNodeDeviceFlags.CAP_SCSI_GENERIC,
    drm: ConnectListAllNodeDeviceFlags.CAP_DRM,
    mdev_types: ConnectListAllNodeDeviceFlags.CAP_MDEV_TYPES,
    mdev: ConnectListAllNodeDeviceFlags.CAP_MDEV,
    ccw: ConnectListAllNodeDeviceFlags.CAP_CCW_DEV,
    css: ConnectListAllNodeDeviceFlags.CAP_CSS_DEV,
    vdpa: ConnectListAllNodeDeviceFlags.CAP_VDPA,
    ap_card: ConnectListAllNodeDeviceFlags.CAP_AP_CARD,
    ap_queue: ConnectListAllNodeDeviceFlags.CAP_AP_QUEUE,
    ap_matrix: ConnectListAllNodeDeviceFlags.CAP_AP_MATRIX,
    vpd: ConnectListAllNodeDeviceFlags.CAP_VPD,
  },
} as const satisfies Table;

/** Which domains: `{ active: true, state: ["running", "paused"] }`. */
export type DomainFilter = FilterOf<typeof domains>;
/** Which networks. */
export type NetworkFilter = FilterOf<typeof networks>;
/** Which interfaces of the host. */
export type InterfaceFilter = FilterOf<typeof interfaces>;
/** Which secrets. */
export type SecretFilter = FilterOf<typeof secrets>;
/** Which storage pools: `{ active: true, type: ["dir", "logical"] }`. */
export type StoragePoolFilter = FilterOf<typeof storagePools>;
/** Which devices of the host: `{ capability: ["net", "pci"] }`. */
export type NodeDeviceFilter = FilterOf<typeof nodeDevices>;

export const domainFlags = (filter: DomainFilter) => filterFlags(domains, filter);
export const networkFlags = (filter: NetworkFilter) => filterFlags(networks, filter);
export const interfaceFlags = (filter: InterfaceFilter) => filterFlags(interfaces, filter);
export const secretFlags = (filter: SecretFilter) => filterFlags(secrets, filter);
export const storagePoolFlags = (filter: StoragePoolFilter) => filterFlags(storagePools, filter);
export const nodeDeviceFlags = (filter: NodeDeviceFilter) => filterFlags(nodeDevices, filter);

function filterFlags(table: Table, filter: Readonly<Record<string, unknown>>): number {
  checkObject("filter", filter);
  let flags = 0;
  for (const [name, wanted] of Object.entries(filter)) {
    const meaning = Object.hasOwn(table, name) ? table[name] : undefined;
    if (meaning === undefined)
      throw new RangeError(`${name}: the filter has only ${Object.keys(table).join(", ")}`);
    if (wanted === undefined) continue;
    flags |= isYesNo(meaning) ? yesOrNo(name, meaning, wanted) : anyOf(name, meaning, wanted);
  }
  return flags >>> 0;
}

function isYesNo(meaning: YesNo | AnyOf): meaning is YesNo {
  return Array.isArray(meaning);
}

function yesOrNo(name: string, [yes, no]: YesNo, wanted: unknown): number {
  if (typeof wanted !== "boolean") throw new TypeError(`${name}: a boolean is wanted, not ${typeof wanted}`);
  return wanted ? yes : no;
}

function anyOf(name: string, kinds: AnyOf, wanted: unknown): number {
  if (!Array.isArray(wanted)) throw new TypeError(`${name}: an array is wanted, not ${typeof wanted}`);
  let flags = 0;
  for (const kind of wanted) {
    const flag = Object.hasOwn(kinds, String(kind)) ? kinds[String(kind)] : undefined;
    if (flag === undefined)
      throw new RangeError(`${name}: ${String(kind)} is none of ${Object.keys(kinds).join(", ")}`);
    flags |= flag;
  }
  return flags;
}
