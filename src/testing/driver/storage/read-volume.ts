import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { parseXml } from "../xml/parse.js";
import { readSize } from "../xml/values.js";
import type { PoolType } from "./pool-types.js";
import { bytes, readBytes, readPermissions, refuse, takeFormat } from "./read-parts.js";

/** What a volume is: its XML in libvirt's order, and what the driver looks at. */
export interface VolumeDefinition {
  readonly xml: XmlElement;
  readonly name: string;
  /** In bytes. */
  readonly capacity: bigint;
  /** How much of the pool it takes, in bytes. */
  readonly allocation: bigint;
  /**
   * The numbers of its format, and of that of what it is a change to. As with libvirt they stay what they are when its pool
   * becomes one of another type, where they mean other formats, or none.
   */
  readonly format: number;
  readonly backingFormat: number;
}

export const volumeOrder = ["name", "key", "source", "capacity", "allocation", "target", "backingStore"];
export const targetOrder = [
  ...["path", "format", "permissions", "timestamps", "encryption", "compat", "clusterSize", "features"],
];

const volumeTypes: readonly string[] = ["file", "block", "dir", "network", "netdir", "ploop"];

export function parseVolume(text: string, type: PoolType): VolumeDefinition {
  const from = ErrorDomain.STORAGE;
  return readVolume(parseXml(text, { what: "(storage_volume_definition)", root: "volume", from }), type);
}

/** Makes a definition of a `<volume>`: checks it, completes it, and puts it into libvirt's order. */
export function readVolume(given: XmlElement, pool: PoolType): VolumeDefinition {
  const xml = new XmlElement("volume", given.attributes, [...given.nodes]);
  for (const name of ["source", "physical"]) xml.removeNamed(name);
  dropRepeated(xml, volumeOrder);
  const name = xml.childText("name");
  if (!name) refuse("missing volume name element");
  const type = xml.attribute("type") || "file";
  if (!volumeTypes.includes(type)) refuse(`unknown volume type '${type}'`, ErrorNumber.CONFIG_UNSUPPORTED);
  xml.setAttribute("type", type);
  xml.orderAttributes(["type"]);
  const backingFormat = readBacking(xml, pool);
  const capacity = readBytes(xml.child("capacity"));
  if (capacity === undefined) refuse("missing capacity element");
  const allocation = readBytes(xml.child("allocation")) ?? capacity;
  for (const [what, size] of [
    ["capacity", capacity],
    ["allocation", allocation],
  ] as const) {
    xml.removeNamed(what);
    xml.append(bytes(what, size));
  }
  const format = readTarget(xml.ensure("target", volumeOrder), pool);
  xml.sortChildren(volumeOrder);
  return { xml, name, capacity, allocation, format, backingFormat };
}

/** What it is a change to. */
function readBacking(xml: XmlElement, pool: PoolType): number {
  const backing = xml.child("backingStore");
  if (!backing) return 0;
  if (!backing.childText("path")) {
    xml.remove(backing);
    return 0;
  }
  dropRepeated(backing, targetOrder);
  const format = takeFormat(backing, pool.volumeFormats, "volume");
  readPermissions(backing);
  for (const name of ["encryption", "compat", "clusterSize", "features"]) backing.removeNamed(name);
  backing.sortChildren(targetOrder);
  return format;
}

const features: readonly string[] = ["lazy_refcounts", "extended_l2", "data_file"];

function readTarget(target: XmlElement, pool: PoolType): number {
  for (const name of ["timestamps", "nocow"]) target.removeNamed(name);
  dropRepeated(target, targetOrder);
  target.block = true;
  const format = takeFormat(target, pool.volumeFormats, "volume");
  readPermissions(target);
  const compat = target.childText("compat");
  if (compat && !/^\d+\.\d+$/.test(compat)) refuse("forbidden characters in 'compat' attribute");
  if (compat === "") target.removeNamed("compat");
  readClusterSize(target);
  const given = target.child("features");
  if (given) {
    for (const { name } of given.children) {
      if (!features.includes(name)) {
        refuse(`unsupported feature ${name}`, ErrorNumber.CONFIG_UNSUPPORTED);
      }
    }
    dropRepeated(given, features);
    given.sortChildren(features);
    // Without it there are none.
    if (!compat) target.ensure("compat", targetOrder).text = "1.1";
  }
  target.sortChildren(targetOrder);
  return format;
}

function readClusterSize(target: XmlElement): void {
  const size = target.child("clusterSize");
  if (!size) return;
  const value = size.text === "" ? 0n : readSize(size, "./target/clusterSize", "bytes");
  if (value === 0n) target.remove(size);
  size.setAttribute("unit", "B");
  size.text = String(value);
}
