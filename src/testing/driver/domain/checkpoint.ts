import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { element, type XmlElement } from "../xml/element.js";
import { formatXml } from "../xml/format.js";
import { parseXml } from "../xml/parse.js";
import { copyDefinition } from "./copy.js";
import type { DomainDefinition } from "./definition.js";
import type { Domain } from "./domain.js";
import { diskSource, diskTarget, findDisk } from "./find-device.js";
import type { Moment } from "./moments.js";
import { readDomain } from "./read.js";

const from = ErrorDomain.DOMAIN_CHECKPOINT;

function refuse(detail: string, code: number = ErrorNumber.XML_ERROR): never {
  throw driverError(code, detail, from);
}

/** What is kept of one disk: in a bitmap, which of its blocks change from then on, or nothing. */
interface CheckpointDisk {
  readonly name: string;
  readonly checkpoint: string;
  readonly bitmap?: string | undefined;
}

/** A point from which on it is known what changes on a domain's disks. */
export class Checkpoint implements Moment {
  readonly name: string;
  parentName: string | undefined;
  description: string | undefined;
  /** Seconds since 1970. */
  creationTime = 0n;
  disks: readonly CheckpointDisk[] = [];
  domain: DomainDefinition | undefined;

  constructor(name: string) {
    this.name = name;
  }

  format({ domain = true }: { readonly domain?: boolean } = {}): string {
    const text = (name: string, content: string | undefined) => (content ? [element(name, {}, content)] : []);
    const disks = this.disks.map(({ name, checkpoint, bitmap }) =>
      element("disk", { name, checkpoint, bitmap }),
    );
    const root = element(
      "domaincheckpoint",
      {},
      ...text("name", this.name),
      ...text("description", this.description),
      ...(this.parentName === undefined ? [] : [element("parent", {}, ...text("name", this.parentName))]),
      ...(this.creationTime === 0n ? [] : text("creationTime", String(this.creationTime))),
      ...(disks.length === 0 ? [] : [element("disks", {}, ...disks)]),
      ...(domain && this.domain ? [this.domain.xml] : []),
    );
    return formatXml(root);
  }
}

export function createCheckpoint(domain: Domain, xml: string, redefine: boolean): Checkpoint {
  const unsupported = (detail: string): never => {
    throw driverError(ErrorNumber.OPERATION_UNSUPPORTED, detail);
  };
  if (domain.snapshots.size > 0) unsupported("cannot create checkpoint while snapshot exists");
  if (!domain.isActive) unsupported("cannot create checkpoint for inactive domain");
  const { checkpoints } = domain;
  const checkpoint = parseCheckpoint(xml, redefine);
  if (!redefine) {
    checkpoint.domain = copyDefinition(domain.current);
    alignDisks(checkpoint, checkpoint.domain);
    checkpoints.add(checkpoint);
    checkpoint.parentName = checkpoints.current?.name;
    checkpoints.current = checkpoint;
    return checkpoint;
  }
  checkpoints.checkParent(checkpoint);
  if (checkpoint.domain && checkpoint.domain.uuid !== domain.uuid) {
    const detail = `definition for checkpoint ${checkpoint.name} must use uuid ${domain.uuid}`;
    refuse(detail, ErrorNumber.INVALID_ARG);
  }
  if (checkpoint.domain) alignDisks(checkpoint, checkpoint.domain);
  else checkpoint.disks = checkpoint.disks.map((disk) => withBitmap(disk, checkpoint.name));
  const { current } = checkpoints;
  checkpoints.put(checkpoint);
  if (!current || current.name === checkpoint.parentName) checkpoints.current = checkpoint;
  return checkpoint;
}

function parseCheckpoint(text: string, redefine: boolean): Checkpoint {
  const xml = parseXml(text, { what: "(domain_checkpoint)", root: "domaincheckpoint", from });
  const now = BigInt(Math.floor(Date.now() / 1000));
  const name = xml.childText("name") || undefined;
  if (name === undefined && redefine) refuse("a redefined checkpoint must have a name");
  const checkpoint = new Checkpoint(name ?? String(now));
  checkpoint.description = xml.childText("description") || undefined;
  checkpoint.creationTime = now;
  if (redefine) {
    const time = /^\s*([+-]?\d+)$/.exec(xml.childText("creationTime") ?? "")?.[1];
    if (time === undefined)
      refuse("missing creationTime from existing checkpoint", ErrorNumber.INTERNAL_ERROR);
    checkpoint.creationTime = BigInt(time);
    checkpoint.parentName = xml.childText("parent", "name") || undefined;
    const domain = xml.child("domain");
    if (domain) checkpoint.domain = readDomain(domain.clone());
  }
  checkpoint.disks = (xml.child("disks")?.children ?? []).map((disk) => ({
    name: disk.attribute("name") ?? "",
    checkpoint: disk.attribute("checkpoint") ?? "bitmap",
    bitmap: disk.attribute("bitmap"),
  }));
  return checkpoint;
}

/** Says of every disk of the domain's what is kept of it: of all if none is named. */
function alignDisks(checkpoint: Checkpoint, domain: DomainDefinition): void {
  const unsupported = (detail: string): never => refuse(detail, ErrorNumber.CONFIG_UNSUPPORTED);
  const disks = domain.devices.childrenNamed("disk");
  if (checkpoint.disks.length > disks.length) unsupported("too many disk checkpoint requests for domain");
  if (disks.length === 0) unsupported("domain must have at least one disk to perform checkpoints");
  const usual = checkpoint.disks.length === 0 ? "bitmap" : "no";
  const asked = new Map<XmlElement, CheckpointDisk>();
  for (const request of checkpoint.disks) {
    const disk = findDisk(domain, request.name);
    if (!disk) unsupported(`no disk named '${request.name}'`);
    else if (asked.has(disk)) unsupported(`disk '${request.name}' specified twice`);
    else if (!canChange(disk) && request.checkpoint !== "no") {
      unsupported(`disk '${request.name}' is empty or readonly`);
    } else asked.set(disk, { ...request, name: diskTarget(disk) });
  }
  checkpoint.disks = disks.map((disk) => {
    const what = { name: diskTarget(disk), checkpoint: canChange(disk) ? usual : "no" };
    return withBitmap(asked.get(disk) ?? what, checkpoint.name);
  });
}

function canChange(disk: XmlElement): boolean {
  const source = diskSource(disk) ?? disk.child("source")?.attribute("name");
  return source !== undefined && !disk.child("readonly");
}

function withBitmap(disk: CheckpointDisk, bitmap: string): CheckpointDisk {
  return disk.checkpoint === "bitmap" ? { ...disk, bitmap: disk.bitmap ?? bitmap } : disk;
}
