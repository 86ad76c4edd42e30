import type { XmlElement } from "../xml/element.js";
import { readUnsigned } from "../xml/values.js";
import type { PoolDefinition } from "./read-pool.js";

const ofDevices: readonly string[] = ["iscsi", "fs", "logical", "disk", "zfs"];

/** Whether two pools would have the same storage between them. */
export function isSameSource(one: PoolDefinition, other: PoolDefinition): boolean {
  const [type, otherType] = [one.typeName, other.typeName];
  if (ofDevices.includes(type) && ofDevices.includes(otherType)) return sharesDevice(one, other);
  if (type !== otherType) return false;
  switch (type) {
    case "dir":
      return one.path === other.path;
    case "netfs":
      return sameAttribute(one, other, "dir", "path") && sharesHost(one, other);
    case "gluster":
      return (
        nameOf(one) === nameOf(other) && sameAttribute(one, other, "dir", "path") && sharesHost(one, other)
      );
    case "scsi":
      return sharesAdapter(one, other);
    case "sheepdog":
      return sharesHost(one, other);
    case "vstorage":
      return nameOf(one) === nameOf(other);
    default:
      // There can only be one of them.
      return type === "mpath";
  }
}

function sourceOf({ xml }: PoolDefinition): XmlElement | undefined {
  return xml.child("source");
}

function nameOf(pool: PoolDefinition): string | undefined {
  return sourceOf(pool)?.childText("name");
}

function sameAttribute(one: PoolDefinition, other: PoolDefinition, child: string, name: string): boolean {
  const [a, b] = [one, other].map((pool) => sourceOf(pool)?.child(child)?.attribute(name));
  return a === b;
}

/** libvirt compares the first host of each, unless both have several. */
function sharesHost(one: PoolDefinition, other: PoolDefinition): boolean {
  const [hosts, others] = [one, other].map((pool) => sourceOf(pool)?.childrenNamed("host") ?? []);
  if (hosts?.length !== 1 && others?.length !== 1) return false;
  const [host, wanted] = [hosts?.[0], others?.[0]];
  const port = wanted?.attribute("port");
  if (port !== undefined && host?.attribute("port") !== port) return false;
  return host?.attribute("name") === wanted?.attribute("name");
}

function sharesDevice(one: PoolDefinition, other: PoolDefinition): boolean {
  const isIscsi = one.typeName === "iscsi";
  if (isIscsi !== (other.typeName === "iscsi")) return false;
  const [paths, others] = [one, other].map((pool) =>
    (sourceOf(pool)?.childrenNamed("device") ?? []).map((device) => device.attribute("path")),
  );
  if (!paths?.some((path) => others?.includes(path))) return false;
  const [iqn, otherIqn] = [one, other].map((pool) =>
    sourceOf(pool)?.child("initiator", "iqn")?.attribute("name"),
  );
  return !isIscsi || iqn === otherIqn;
}

/** Adapters that are named alike. Whether else one of them is part of the other, only a system could tell. */
function sharesAdapter(one: PoolDefinition, other: PoolDefinition): boolean {
  const adapters = [one, other].map((pool) => sourceOf(pool)?.child("adapter"));
  const [fibre, second] = adapters.filter((adapter) => adapter?.attribute("type") === "fc_host");
  const [host, secondHost] = adapters.filter((adapter) => adapter?.attribute("type") === "scsi_host");
  if (fibre && second) {
    return ["wwnn", "wwpn"].every((name) => fibre.attribute(name) === second.attribute(name));
  }
  if (host && secondHost) return sharesParent(host, secondHost) || isSameHost(host, "name", secondHost);
  return fibre !== undefined && host !== undefined && isSameHost(fibre, "parent", host);
}

function sharesParent(host: XmlElement, other: XmlElement): boolean {
  const [parent, wanted] = [host, other].map((each) => each.child("parentaddr"));
  if (!parent || !wanted || parent.attribute("unique_id") !== wanted.attribute("unique_id")) return false;
  return ["domain", "bus", "slot", "function"].every(
    (name) => parent.child("address")?.attribute(name) === wanted.child("address")?.attribute(name),
  );
}

/** Whether an adapter names the host that another is. */
function isSameHost(adapter: XmlElement, attribute: string, host: XmlElement): boolean {
  const number = hostNumber(adapter.attribute(attribute));
  return number !== undefined && number === hostNumber(host.attribute("name"));
}

/** SCSI hosts go by several names, of which only the number tells them from each other. */
function hostNumber(name = ""): bigint | undefined {
  return readUnsigned(/^(?:scsi_host|fc_host|host)(.+)$/s.exec(name)?.[1] ?? "");
}
