import { element, type XmlElement } from "../driver/xml/element.js";
import { checkName, described, given } from "./describe.js";

/** A volume of a pool. */
export interface StorageVolDescription {
  readonly name: string;
  /** 1024 if left out. */
  readonly capacityMiB?: number;
  /** How much of its pool it takes; as much as its capacity if left out. */
  readonly allocationMiB?: number;
  /** `raw` if left out. */
  readonly format?: string;
}

/** A storage pool of a test's world: a folder. It is active, and has 100 GiB, as all that libvirt's test driver has. */
export interface StoragePoolDescription {
  readonly name: string;
  /** A new one if left out. */
  readonly uuid?: string;
  /** The folder; if left out, one in the root that is named as the pool is. */
  readonly path?: string;
  readonly volumes?: readonly (StorageVolDescription | string)[];
}

export function storagePool(description: StoragePoolDescription): XmlElement {
  const { name, uuid, path = `/${description.name}`, volumes = [] } = description;
  checkName("storagePools", name);
  if (!Array.isArray(volumes))
    throw new TypeError(`world.storagePools: volumes of ${name}: a list is wanted`);
  return element(
    "pool",
    { type: "dir" },
    element("name", {}, name),
    ...given("uuid", uuid),
    element("target", {}, element("path", {}, path)),
    ...described(volumes as readonly (StorageVolDescription | string)[], storageVol),
  );
}

function storageVol({ name, capacityMiB = 1024, allocationMiB, format }: StorageVolDescription): XmlElement {
  checkName("storagePools.volumes", name);
  const size = (what: string, mebibytes: number) => element(what, { unit: "MiB" }, String(mebibytes));
  return element(
    "volume",
    {},
    element("name", {}, name),
    size("capacity", capacityMiB),
    ...(allocationMiB === undefined ? [] : [size("allocation", allocationMiB)]),
    element("target", {}, ...(format === undefined ? [] : [element("format", { type: format })])),
  );
}
