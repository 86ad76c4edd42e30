import { statSync } from "node:fs";
import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { element, type XmlElement } from "../xml/element.js";
import { parseXml } from "../xml/parse.js";
import { wordAttribute } from "../xml/values.js";
import type { DomainDefinition } from "./definition.js";
import { diskSource, diskTarget, findDisk } from "./find-device.js";
import { readDomain } from "./read.js";
import { type Location, locations, Snapshot, snapshotStates } from "./snapshot.js";
import { diskTypes } from "./words.js";

const from = ErrorDomain.DOMAIN_SNAPSHOT;

function refuse(detail: string, code: number = ErrorNumber.XML_ERROR): never {
  throw driverError(code, detail, from);
}

interface ReadOptions {
  /** It has been made before, and all about it is there. */
  readonly redefine: boolean;
}

/** Reads the XML of a snapshot: one to make, or one that has been made before. */
export function parseSnapshot(xml: string, options: ReadOptions): Snapshot {
  return readSnapshot(parseXml(xml, { what: "(domain_snapshot)", root: "domainsnapshot", from }), options);
}

export function readSnapshot(xml: XmlElement, { redefine }: ReadOptions): Snapshot {
  const now = BigInt(Math.floor(Date.now() / 1000));
  const name = xml.childText("name") || undefined;
  if (name === undefined && redefine) refuse("a redefined snapshot must have a name");
  const snapshot = new Snapshot(name ?? String(now));
  snapshot.description = xml.childText("description") || undefined;
  if (redefine) readPast(xml, snapshot);
  else snapshot.creationTime = now;
  const isOffline = redefine && (snapshot.state === "shutoff" || snapshot.state === "disk-snapshot");
  readMemory(xml.child("memory"), snapshot, { redefine, isOffline });
  snapshot.disks = (xml.child("disks")?.children ?? []).map(readDisk);
  if (redefine) snapshot.revertDisks = (xml.child("revertDisks")?.children ?? []).map(readDisk);
  return snapshot;
}

/** What only a snapshot has that has been made. */
function readPast(xml: XmlElement, snapshot: Snapshot): void {
  const time = /^\s*([+-]?\d+)$/.exec(xml.childText("creationTime") ?? "")?.[1];
  if (time === undefined || BigInt(time) !== BigInt.asIntN(64, BigInt(time))) {
    refuse("missing creationTime from existing snapshot", ErrorNumber.INTERNAL_ERROR);
  }
  snapshot.creationTime = BigInt(time);
  snapshot.parentName = xml.childText("parent", "name") || undefined;
  const state = xml.childText("state");
  if (!state) refuse("missing state from existing snapshot");
  const known = snapshotStates.slice(1).find((each) => each === state);
  if (!known) refuse(`Invalid state '${state}' in domain snapshot XML`, ErrorNumber.CONFIG_UNSUPPORTED);
  snapshot.state = known;
  const domain = xml.child("domain");
  // Very old ones have no more of the domain than its UUID.
  if (domain?.attribute("type")) snapshot.domain = readDomain(domain.clone());
  const inactive = xml.child("inactiveDomain");
  if (inactive) snapshot.inactiveDomain = readDomain(inactive.clone());
}

function readMemory(
  memory: XmlElement | undefined,
  snapshot: Snapshot,
  { redefine, isOffline }: { readonly redefine: boolean; readonly isOffline: boolean },
): void {
  const file = memory?.attribute("file");
  let location: Location | undefined = memory && wordAttribute(memory, "snapshot", locations);
  if (location === "manual") refuse("'manual' memory snapshot mode not supported");
  if (file !== undefined) location ??= "external";
  else if (redefine) location ??= isOffline ? "no" : "internal";
  if (file !== undefined && location !== "external") {
    refuse(`memory filename '${file}' requires external snapshot`);
  }
  if (file === undefined && location === "external") refuse("external memory snapshots require a filename");
  if (isOffline && location !== "no") {
    refuse("memory state cannot be saved with offline or disk-only snapshot");
  }
  if (file !== undefined && !file.startsWith("/")) {
    refuse(`memory snapshot file path (${file}) must be absolute`);
  }
  snapshot.memory = location;
  snapshot.memoryFile = file;
}

/** Checks what is asked for one disk, and puts it in libvirt's form. */
function readDisk(disk: XmlElement): XmlElement {
  const name = disk.attribute("name");
  if (name === undefined) refuse("missing name from disk snapshot element", ErrorNumber.INTERNAL_ERROR);
  const location = wordAttribute(disk, "snapshot", locations);
  const type = wordAttribute(disk, "type", diskTypes) ?? "file";
  if (type === "volume" || type === "dir") refuse(`unsupported disk snapshot type '${type}'`);
  const source = disk.child("source");
  const path = pathOf(disk);
  const format = disk.child("driver")?.attribute("type");
  if (path !== undefined && type !== "network" && !path.startsWith("/")) {
    refuse(`disk snapshot image path '${path}' must be absolute`);
  }
  const isKept = path !== undefined || format !== undefined;
  const snapshot = location ?? (isKept ? "external" : undefined);
  const made = element("disk", { name, snapshot, type: isKept ? type : undefined });
  if (format !== undefined) made.append(element("driver", { type: format }));
  if (path !== undefined && source) made.append(source);
  return made;
}

function pathOf(disk: XmlElement): string | undefined {
  return diskSource(disk) ?? disk.child("source")?.attribute("name");
}

/** Says of every disk of the domain's what becomes of it. What is asked for has to go with the way to keep the rest. */
export function alignDisks(
  snapshot: Snapshot,
  domain: DomainDefinition | undefined,
  mode: "internal" | "external",
): void {
  const unsupported = (detail: string): never => refuse(detail, ErrorNumber.CONFIG_UNSUPPORTED);
  if (!domain) refuse("missing domain in snapshot", ErrorNumber.INTERNAL_ERROR);
  const disks = domain.devices.childrenNamed("disk");
  if (snapshot.disks.length > disks.length) unsupported("too many disk snapshot requests for domain");
  const asked = new Map<XmlElement, XmlElement>();
  for (const request of snapshot.disks) {
    const name = request.attribute("name") ?? "";
    const disk = findDisk(domain, name);
    if (!disk) unsupported(`no disk named '${name}'`);
    else if (asked.has(disk)) unsupported(`disk '${name}' specified twice`);
    else {
      asked.set(disk, request);
      alignDisk(request, disk, mode);
    }
  }
  snapshot.disks = disks.map((disk) => asked.get(disk) ?? usualDisk(disk, mode));
  nameFiles(snapshot, disks);
}

function alignDisk(request: XmlElement, disk: XmlElement, mode: "internal" | "external"): void {
  const name = request.attribute("name");
  const given = request.attribute("snapshot");
  const usual = usualLocation(disk);
  const mustMatch = mode === "internal";
  const location = given ?? (usual !== undefined && (!mustMatch || usual === "no") ? usual : mode);
  if (given !== undefined && mustMatch && given !== mode && !(given === "no" && usual === "no")) {
    refuse(`disk '${name}' must use snapshot mode '${mode}'`, ErrorNumber.CONFIG_UNSUPPORTED);
  }
  const path = pathOf(request);
  if (path !== undefined && location !== "external") {
    const detail = `file '${path}' for disk '${name}' requires use of external snapshot mode`;
    refuse(detail, ErrorNumber.CONFIG_UNSUPPORTED);
  }
  request.setAttribute("name", diskTarget(disk));
  request.setAttribute("snapshot", location);
  request.orderAttributes(["name", "snapshot", "type"]);
}

function usualDisk(disk: XmlElement, mode: Location): XmlElement {
  const isEmpty = pathOf(disk) === undefined;
  const snapshot = isEmpty ? "no" : (usualLocation(disk) ?? mode);
  return element("disk", { name: diskTarget(disk), snapshot });
}

/** What a disk's definition says of snapshots. What cannot be written need not be kept. */
function usualLocation(disk: XmlElement): string | undefined {
  return disk.attribute("snapshot") ?? (disk.child("readonly") ? "no" : undefined);
}

/** Gives names to the files that are to be made. */
function nameFiles(snapshot: Snapshot, disks: readonly XmlElement[]): void {
  for (const [at, disk] of snapshot.disks.entries()) {
    if (disk.attribute("snapshot") !== "external" || pathOf(disk) !== undefined) continue;
    const name = disk.attribute("name");
    const unsupported = (detail: string): never => refuse(detail, ErrorNumber.CONFIG_UNSUPPORTED);
    const type = disk.attribute("type") ?? "file";
    if (type !== "file") {
      unsupported(`cannot generate external snapshot name for disk '${name}' on a '${type}' device`);
    }
    const original = disks[at] && pathOf(disks[at]);
    if (original === undefined) {
      unsupported(`cannot generate external snapshot name for disk '${name}' without source`);
    } else if (!statSync(original, { throwIfNoEntry: false })?.isFile()) {
      const why = "is not a regular file; refusing to generate external snapshot name";
      unsupported(`source for disk '${name}' ${why}`);
    } else {
      const file = `${original.replace(/\.[^./]*$/, "")}.${snapshot.name}`;
      const other = snapshot.disks.slice(0, at).find((each) => pathOf(each) === file);
      if (other) {
        const collision = `collision with disk '${other.attribute("name")}'`;
        unsupported(`cannot generate external snapshot name for disk '${name}': ${collision}`);
      }
      disk.setAttribute("type", "file");
      disk.append(element("source", { file }));
    }
  }
}
