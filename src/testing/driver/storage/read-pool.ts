import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { newUuid, parseUuid, type Uuid } from "../identity.js";
import { element, XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { parseXml } from "../xml/parse.js";
import { wordAttribute } from "../xml/values.js";
import { type PoolType, poolTypes } from "./pool-types.js";
import { readPermissions, refuse, sanitizePath } from "./read-parts.js";
import { checkAdapter, readSource } from "./read-source.js";

/** What a storage pool is: its XML in libvirt's order, without how much is in it. */
export interface PoolDefinition {
  readonly xml: XmlElement;
  readonly name: string;
  readonly uuid: Uuid;
  readonly typeName: string;
  readonly type: PoolType;
  /** Where its volumes are to be found; empty where they are nowhere on the host. */
  readonly path: string;
  /** The adapter to be made for it while it runs. As with libvirt that is so even where its type is not of those with adapters. */
  readonly adapter: XmlElement | undefined;
}

const order = ["name", "uuid", "features", "source", "target", "refresh"];

export function parsePool(text: string): PoolDefinition {
  const from = ErrorDomain.STORAGE;
  return readPool(parseXml(text, { what: "(storage_pool_definition)", root: "pool", from }));
}

/** Makes a definition of a `<pool>`: checks it, completes it, and puts it into libvirt's order. */
export function readPool(given: XmlElement): PoolDefinition {
  const xml = new XmlElement("pool", given.attributes, [...given.nodes]);
  // The volumes of a world's file are not part of it, and how much there is in it is not for it to say.
  for (const name of ["volume", "capacity", "allocation", "available"]) xml.removeNamed(name);
  dropRepeated(xml, order);
  if (xml.attribute("type") === undefined) {
    const detail = "Missing required attribute 'type' in element 'pool'";
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
  }
  const typeName = wordAttribute(xml, "type", [...poolTypes.keys()]) ?? "dir";
  const type = poolTypes.get(typeName)!;
  const isGiven = xml.child("source") !== undefined;
  const source = xml.ensure("source", order);
  const adapter = source.child("adapter");
  // A pool without a source has one that has nothing but its format.
  if (isGiven) readSource(source, typeName, type);
  else if (type.formats) source.append(element("format", { type: type.formats.usual }));
  source.block = true;
  const name = xml.childText("name") || (type.source.includes("name") && source.childText("name")) || "";
  if (name === "") refuse("missing pool source name element");
  if (name.includes("/")) refuse(`name ${name} cannot contain '/'`);
  xml.ensure("name", order).text = name;
  const uuidText = xml.childText("uuid");
  const uuid = uuidText ? parseUuid(uuidText) : newUuid();
  if (uuid === undefined) refuse("malformed uuid element");
  xml.ensure("uuid", order).text = uuid;
  readFeatures(xml, typeName);
  checkSource(source, name, type);
  const path = readTarget(xml, typeName, type, source);
  if (typeName === "iscsi-direct" && !source.child("initiator")) {
    refuse("missing initiator IQN", ErrorNumber.CONFIG_UNSUPPORTED);
  }
  readRefresh(xml);
  xml.sortChildren(order);
  const isFibre = adapter?.attribute("type") === "fc_host";
  return { xml, name, uuid, typeName, type, path, adapter: isFibre ? adapter : undefined };
}

function checkSource(source: XmlElement, name: string, type: PoolType): void {
  const needs = (part: PoolType["source"][number]) => type.source.includes(part);
  if (needs("host") && !source.child("host")) refuse("missing storage pool source host name");
  if (needs("dir") && !source.child("dir")) refuse("missing storage pool source path");
  if (needs("name") && !source.child("name"))
    source.place(element("name", {}, name), ["host", "device", "dir", "name"]);
  if (needs("adapter")) checkAdapter(source.child("adapter"));
  // Where a device is all that it is made of, there has to be one.
  if (type.source.join() === "device" && !source.child("device")) {
    refuse("missing storage pool source device name");
  }
}

function readFeatures(xml: XmlElement, typeName: string): void {
  const features = xml.child("features");
  if (features) dropRepeated(features, ["cow"]);
  const cow = features?.child("cow");
  const state = cow && wordAttribute(cow, "state", ["yes", "no"]);
  if (state !== undefined && typeName !== "fs" && typeName !== "dir") {
    refuse("cow feature may only be used for 'fs' and 'dir' pools", ErrorNumber.NO_SUPPORT);
  }
  if (features && state === undefined) xml.remove(features);
}

/** Where the volumes are, and who may use them there. */
function readTarget(xml: XmlElement, typeName: string, type: PoolType, source: XmlElement): string {
  if (!type.hasTarget) {
    xml.removeNamed("target");
    return "";
  }
  const target = xml.ensure("target", order);
  dropRepeated(target, ["path", "permissions"]);
  const name = source.childText("name");
  const given = target.childText("path");
  const path = typeName === "logical" ? `/dev/${name}` : typeName === "zfs" ? `/dev/zvol/${name}` : given;
  if (!path) refuse("missing storage pool target path");
  target.ensure("path", ["path", "permissions"]).text = sanitizePath(path);
  readPermissions(target);
  target.sortChildren(["path", "permissions"]);
  return sanitizePath(path);
}

function readRefresh(xml: XmlElement): void {
  const refresh = xml.child("refresh");
  if (refresh) dropRepeated(refresh, ["volume"]);
  const allocation = refresh?.child("volume")?.attribute("allocation");
  if (allocation && allocation !== "default" && allocation !== "capacity") {
    const detail = `unknown storage pool volume refresh allocation type ${allocation}`;
    refuse(detail, ErrorNumber.CONFIG_UNSUPPORTED);
  }
  if (refresh && !allocation) xml.remove(refresh);
}
