import { randomBytes } from "node:crypto";
import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { parseUuid } from "../identity.js";
import { element, XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { parseXml } from "../xml/parse.js";
import { readInteger, readUnsigned, wordAttribute } from "../xml/values.js";

/** What a device of the host can be, or be able to do. */
export const capabilityTypes = [
  ...([
    "system",
    "pci",
    "usb_device",
    "usb",
    "net",
    "scsi_host",
    "scsi_target",
    "scsi",
    "storage",
    "fc_host",
  ] as const),
  ...(["vports", "scsi_generic", "drm", "mdev_types", "mdev", "ccw", "css", "vdpa", "ap_card"] as const),
  ...(["ap_queue", "ap_matrix", "vpd", "ccwgroup", "ccwgroup_member"] as const),
] as const;

const types: readonly string[] = capabilityTypes;

/** What a device can be only within what else it is. */
const partsOfOthers: readonly string[] = [
  ...["mdev_types", "fc_host", "vports", "scsi_generic", "vdpa", "vpd", "ccwgroup_member"],
];

/** The parts of a device, in libvirt's order. */
const order = ["name", "path", "devnode", "parent", "driver", "capability"];

/** Makes a definition of a `<device>` that is there: checks it, and puts it into libvirt's order. */
export function readDevice(given: XmlElement): XmlElement {
  const xml = new XmlElement("device", given.attributes, [...given.nodes]);
  const name = xml.childText("name");
  if (!name) throw driverError(ErrorNumber.NO_NAME, undefined, ErrorDomain.NODEDEV);
  readParts(xml, name, { isThere: true });
  return xml;
}

/** Reads a device that is to be made: it has no name yet. */
export function parseNewDevice(text: string): XmlElement {
  const from = ErrorDomain.NODEDEV;
  const xml = parseXml(text, { what: "(node_device_definition)", root: "device", from });
  xml.removeNamed("name");
  readParts(xml, newName, { isThere: false });
  return xml;
}

/** What libvirt calls it until it has one. */
export const newName = "new device";

export function refuse(detail: string, code: number = ErrorNumber.INTERNAL_ERROR): never {
  throw driverError(code, detail, ErrorDomain.NODEDEV);
}

function readParts(xml: XmlElement, name: string, device: { readonly isThere: boolean }): void {
  dropRepeated(xml, ["name", "path", "parent", "driver"]);
  for (const node of xml.childrenNamed("devnode")) checkType(node, ["dev", "link"]);
  const parent = xml.child("parent");
  const [wwnn, wwpn] = ["wwnn", "wwpn"].map((each) => parent?.attribute(each) || undefined);
  for (const [one, is, other, isOther] of [
    ["wwnn", wwnn, "wwpn", wwpn],
    ["wwpn", wwpn, "wwnn", wwnn],
  ]) {
    if (is === undefined || isOther !== undefined) continue;
    const detail = `when providing parent ${one}='${is}', the ${other} must also be provided`;
    refuse(detail, ErrorNumber.XML_ERROR);
  }
  const capabilities = xml.childrenNamed("capability");
  if (capabilities.length === 0) refuse(`no device capabilities for '${name}'`);
  for (const capability of capabilities) {
    checkType(capability, types);
    const number = types.indexOf(capability.attribute("type") ?? "");
    if (partsOfOthers.includes(types[number]!)) {
      refuse(`unknown capability type '${number}' for '${name}'`);
    }
    capability.block = true;
    if (capability.attribute("type") === "system") checkSystem(capability, name);
    if (!isScsiHost(capability)) continue;
    if (device.isThere) readHostNumbers(capability, name);
    readScsiHost(capability, name, device);
  }
  xml.sortChildren(order);
}

function checkType(of: XmlElement, words: readonly string[]): void {
  if (of.attribute("type") === undefined) {
    const detail = `Missing required attribute 'type' in element '${of.name}'`;
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
  }
  wordAttribute(of, "type", words);
}

/** A machine has to be one that can be told from others. */
function checkSystem(system: XmlElement, name: string): void {
  const uuid = system.childText("hardware", "uuid");
  if (!uuid) refuse(`no system UUID supplied for '${name}'`);
  if (parseUuid(uuid) === undefined) refuse(`malformed uuid element for '${name}'`);
}

export function isScsiHost(capability: XmlElement): boolean {
  return capability.attribute("type") === "scsi_host";
}

function readScsiHost(host: XmlElement, name: string, device: { readonly isThere: boolean }): void {
  const parts = host.childrenNamed("capability");
  for (const part of parts) {
    const type = part.attribute("type");
    if (type === undefined) refuse(`missing SCSI host capability type for '${name}'`);
    if (type === "fc_host") {
      for (const each of ["wwnn", "wwpn"]) {
        if (part.childText(each)) continue;
        // Only adapters that are made are given names.
        if (device.isThere) {
          refuse(`no ${each.toUpperCase()} supplied for '${name}', and auto-generation failed`);
        }
        part.ensure(each, wwnOrder).text = newWwn();
      }
      part.sortChildren(wwnOrder);
    } else if (type === "vport_ops") {
      // How many there are and may be is for the system to say, of which there is none here.
      part.nodes = [element("max_vports", {}, "0"), element("vports", {}, "0")];
    } else refuse(`unknown SCSI host capability type '${type}' for '${name}'`);
    part.block = true;
  }
  host.sortChildren(["host", "unique_id", "capability"]);
  const ofPorts = parts.find((part) => part.attribute("type") === "vport_ops");
  if (!ofPorts) return;
  host.remove(ofPorts);
  host.append(ofPorts);
}

const wwnOrder = ["wwnn", "wwpn", "fabric_wwn"];

/** A name for what nobody has named: of those that are given to machines that are none. */
function newWwn(): string {
  return `5100000${randomBytes(5).toString("hex").slice(1)}`;
}

function readHostNumbers(host: XmlElement, name: string): void {
  const id = host.childText("host");
  if (!id) refuse(`no SCSI host ID supplied for '${name}'`);
  if (readUnsigned(id) === undefined) refuse(`invalid SCSI host ID supplied for '${name}'`);
  const unique = host.childText("unique_id");
  if (unique && readInteger(unique) === undefined) refuse(`invalid unique_id supplied for '${name}'`);
}
