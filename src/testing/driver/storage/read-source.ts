import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { readPciAddress } from "../pci-address.js";
import { element, type XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { parseXml } from "../xml/parse.js";
import { integerAttribute, readInteger, uuidAttribute, wordAttribute } from "../xml/values.js";
import { type PoolType, poolTypes } from "./pool-types.js";
import { placeFormat, refuse, sanitizePath, takeFormat } from "./read-parts.js";

const order = [
  "host",
  "device",
  "dir",
  "adapter",
  "name",
  "initiator",
  "format",
  "auth",
  "protocol",
  "vendor",
];

/** Reads where to look for pools. */
export function parseSource(text: string, type: string): XmlElement {
  const source = parseXml(text, {
    what: "(storage_source_specification)",
    root: "source",
    from: ErrorDomain.STORAGE,
  });
  const known = poolTypes.get(type);
  if (!known) refuse("missing backend for pool type -1", ErrorNumber.INTERNAL_ERROR);
  readSource(source, type, known);
  return source;
}

/** Checks what a pool is made of, and drops what pools of its type are not made of. */
export function readSource(source: XmlElement, name: string, type: PoolType): void {
  dropRepeated(
    source,
    [...order, "product"].filter((each) => each !== "host" && each !== "device"),
  );
  if (name === "rbd" && !source.childText("name")) refuse("element 'name' is mandatory for RBD pool");
  const format = takeFormat(source, type.formats, "pool");
  placeFormat(source, type.formats, format, order);
  for (const host of source.childrenNamed("host")) readHost(host);
  const iqn = source.child("initiator", "iqn")?.attribute("name");
  source.removeNamed("initiator");
  if (iqn) source.append(element("initiator", {}, element("iqn", { name: iqn })));
  for (const device of source.childrenNamed("device")) {
    if (device.attribute("path") === undefined) refuse("missing storage pool source device path");
    wordAttribute(device, "part_separator", ["yes", "no"]);
  }
  readDir(source, name);
  const adapter = source.child("adapter");
  if (adapter) readAdapter(adapter);
  const auth = source.child("auth");
  if (auth) readAuth(auth);
  readProtocol(source, type);
  for (const each of ["vendor", "product"])
    if (!source.child(each)?.attribute("name")) source.removeNamed(each);
  for (const part of ["host", "device", "dir", "adapter", "name", "initiator"] as const) {
    if (!type.source.includes(part)) source.removeNamed(part);
  }
  if (source.childText("name") === "") source.removeNamed("name");
  source.sortChildren([...order, "product"]);
  source.block = true;
}

function readHost(host: XmlElement): void {
  if (host.attribute("name") === undefined) refuse("missing storage pool host name");
  host.setAttribute("port", integerAttribute(host, "port") || undefined);
  host.orderAttributes(["name", "port"]);
}

function readDir(source: XmlElement, name: string): void {
  const path = source.child("dir")?.attribute("path") || (name === "gluster" ? "/" : "");
  source.removeNamed("dir");
  if (path !== "") source.append(element("dir", { path: sanitizePath(path) }));
}

function readAdapter(adapter: XmlElement): void {
  const type = wordAttribute(adapter, "type", ["scsi_host", "fc_host"]);
  if (type === "fc_host") wordAttribute(adapter, "managed", ["yes", "no"]);
  else if (type === "scsi_host") readParentAddress(adapter);
  else {
    if (["wwnn", "wwpn", "parent"].some((each) => adapter.attribute(each) !== undefined)) {
      refuse("Use of 'wwnn', 'wwpn', and 'parent' attributes requires use of the adapter 'type'");
    }
    if (adapter.child("parentaddr")) {
      refuse("Use of 'parentaddr' element requires use of the adapter 'type'");
    }
    if (adapter.attribute("name") !== undefined) adapter.setAttribute("type", "scsi_host");
  }
  const attributes = ["type", "parent", "parent_wwnn", "parent_wwpn", "parent_fabric_wwn", "managed", "wwnn"];
  adapter.orderAttributes([...attributes, "wwpn", "name"]);
}

function readParentAddress(adapter: XmlElement): void {
  dropRepeated(adapter, ["parentaddr"]);
  const parent = adapter.child("parentaddr");
  if (!parent) return;
  dropRepeated(parent, ["address"]);
  const address = parent.child("address") ?? refuse("Missing scsi_host PCI address element");
  readPciAddress(address);
  address.setAttribute("multifunction", undefined);
  const id = readInteger(parent.attribute("unique_id") ?? "");
  if (id === undefined || id < 0) refuse("Missing or invalid scsi adapter 'unique_id' value");
  parent.setAttribute("unique_id", id);
}

/** What a pool of SCSI devices needs to know of its adapter. */
export function checkAdapter(adapter: XmlElement | undefined): void {
  const type = adapter?.attribute("type");
  if (!adapter || type === undefined) refuse("missing storage pool source adapter");
  const given = (name: string) => adapter.attribute(name);
  if (type === "scsi_host") {
    const [name, parent] = [given("name") !== undefined, adapter.child("parentaddr") !== undefined];
    if (!name && !parent) refuse("Either 'name' or 'parent' must be specified for the 'scsi_host' adapter");
    if (name && parent) refuse("Both 'name' and 'parent' cannot be specified for the 'scsi_host' adapter");
    return;
  }
  if (given("wwnn") === undefined || given("wwpn") === undefined) {
    refuse("'wwnn' and 'wwpn' must be specified for adapter type 'fchost'");
  }
  for (const name of ["wwnn", "wwpn"]) checkWwn(given(name));
  for (const [one, other] of [
    ["parent_wwnn", "parent_wwpn"],
    ["parent_wwpn", "parent_wwnn"],
  ] as const) {
    if (given(one) === undefined || given(other) !== undefined) continue;
    refuse(`when providing ${one}='${given(one)}', the ${other} must also be provided`);
  }
  for (const name of ["parent_wwnn", "parent_wwpn", "parent_fabric_wwn"]) checkWwn(given(name));
}

function checkWwn(wwn: string | undefined): void {
  if (wwn === undefined || /^(0x)?[0-9a-f]{16}$/i.test(wwn)) return;
  throw driverError(ErrorNumber.INTERNAL_ERROR, `Malformed wwn: ${wwn}`, ErrorDomain.NONE);
}

/** Whose password opens it; the password itself is a secret, and not here. */
function readAuth(auth: XmlElement): void {
  dropRepeated(auth, ["secret"]);
  if (!auth.attribute("username")) refuse("missing username for auth");
  const type = auth.attribute("type");
  if (type && !["none", "chap", "ceph"].includes(type)) {
    refuse(`unknown auth type '${type}'`, ErrorNumber.CONFIG_UNSUPPORTED);
  }
  const secret = auth.child("secret");
  if (!secret) refuse("Missing <secret> element in auth");
  const uuid = uuidAttribute(secret, "uuid");
  if ((uuid === undefined) === (secret.attribute("usage") === undefined)) {
    const detail =
      uuid === undefined ? "missing secret uuid or usage attribute" : "either secret uuid or usage expected";
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.NONE);
  }
  secret.setAttribute("uuid", uuid);
  secret.orderAttributes(["type", "uuid", "usage"]);
  if (!type || type === "none") refuse("storage pool missing auth type", ErrorNumber.CONFIG_UNSUPPORTED);
  auth.orderAttributes(["type", "username"]);
}

function readProtocol(source: XmlElement, { formats }: PoolType): void {
  const version = source.child("protocol")?.attribute("ver");
  if (!version) {
    source.removeNamed("protocol");
    return;
  }
  // libvirt takes the numbers of all formats for those of network file systems, of which two will do.
  const number = formats?.known.indexOf(source.child("format")?.attribute("type") ?? "") ?? 0;
  if (number > 1) {
    const named = ["auto", "nfs", "glusterfs", "cifs"][number] ?? "(null)";
    const detail = `storage pool protocol ver unsupported for pool type '${named}'`;
    refuse(detail, ErrorNumber.CONFIG_UNSUPPORTED);
  }
  if (version.includes(",")) {
    refuse(`storage pool protocol ver '${version}' must not contain ','`, ErrorNumber.XML_DETAIL);
  }
}
