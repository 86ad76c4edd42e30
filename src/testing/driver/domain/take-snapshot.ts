import {
  DomainEventStartedDetailType,
  DomainEventSuspendedDetailType,
  DomainEventType,
  DomainPausedReason,
  DomainState,
  ErrorDomain,
  ErrorNumber,
} from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { XmlElement } from "../xml/element.js";
import { readInteger } from "../xml/values.js";
import { copyDefinition } from "./copy.js";
import type { Domain } from "./domain.js";
import { alignDisks, parseSnapshot, readSnapshot } from "./read-snapshot.js";
import { type Snapshot, snapshotStates } from "./snapshot.js";

export interface SnapshotRequest {
  /** It is described whole, as one that was there before. */
  readonly redefine: boolean;
  /** Of one that is redefined: it becomes the current one. */
  readonly current: boolean;
  /** The domain stops when it has been made. */
  readonly halt: boolean;
}

export function createSnapshot(domain: Domain, xml: string, request: SnapshotRequest): Snapshot {
  if (domain.checkpoints.size > 0) {
    const detail = "cannot create snapshot while checkpoint exists";
    throw driverError(ErrorNumber.OPERATION_UNSUPPORTED, detail);
  }
  if (request.halt && !domain.isPersistent) {
    throw driverError(ErrorNumber.OPERATION_INVALID, "cannot halt after transient domain snapshot");
  }
  const snapshot = parseSnapshot(xml, { redefine: request.redefine });
  if (request.redefine) {
    redefine(domain, snapshot);
    if (request.current) domain.snapshots.current = snapshot;
    return snapshot;
  }
  snapshot.domain = copyDefinition(domain.current);
  const mode = snapshot.memory === "external" ? "external" : "internal";
  if (snapshot.disks.some((disk) => disk.attribute("snapshot") === "manual")) {
    const detail = "'manual' snapshot mode is not supported by the test driver";
    throw driverError(ErrorNumber.OPERATION_UNSUPPORTED, detail);
  }
  snapshot.state = snapshotStates[domain.state] ?? "nostate";
  if (mode === "internal") snapshot.memory = domain.state === DomainState.SHUTOFF ? "no" : "internal";
  alignDisks(snapshot, snapshot.domain, mode);
  domain.snapshots.add(snapshot);
  snapshot.parentName = domain.snapshots.current?.name;
  if (request.halt && domain.isActive) domain.halt("fromSnapshot");
  domain.snapshots.current = snapshot;
  return snapshot;
}

function redefine(domain: Domain, snapshot: Snapshot): void {
  const { name } = snapshot;
  const refuse = (detail: string): never => {
    throw driverError(ErrorNumber.INVALID_ARG, detail, ErrorDomain.DOMAIN_SNAPSHOT);
  };
  domain.snapshots.checkParent(snapshot);
  const other = domain.snapshots.find(name);
  if (snapshot.domain && snapshot.domain.uuid !== domain.uuid) {
    refuse(`definition for snapshot ${name} must use uuid ${domain.uuid}`);
  }
  if (other && other.isOnline !== snapshot.isOnline) {
    refuse(`cannot change between online and offline snapshot state in snapshot ${name}`);
  }
  const isDiskOnly = (each: Snapshot) => each.state === "disk-snapshot";
  if (other && isDiskOnly(other) !== isDiskOnly(snapshot)) {
    refuse(`cannot change between disk only and full system in snapshot ${name}`);
  }
  const mode = isDiskOnly(snapshot) || snapshot.isExternal ? "external" : "internal";
  alignDisks(snapshot, snapshot.domain ?? other?.domain, mode);
  snapshot.domain ??= other?.domain;
  domain.snapshots.put(snapshot);
}

/** What a domain is to do after it has been made what it was. */
export interface Revert {
  readonly running: boolean;
  readonly paused: boolean;
}

/** Makes a domain again what it was. */
export function revertToSnapshot(domain: Domain, snapshot: Snapshot, { running, paused }: Revert): void {
  if (!domain.isPersistent && !snapshot.isOnline && !running && !paused) {
    const detail = "transient domain needs to request run or pause to revert to inactive snapshot";
    throw driverError(ErrorNumber.OPERATION_INVALID, detail);
  }
  if (!snapshot.domain) {
    const detail = `snapshot '${snapshot.name}' lacks domain '${domain.name}' rollback info`;
    throw driverError(ErrorNumber.SNAPSHOT_REVERT_RISKY, detail);
  }
  const definition = copyDefinition(snapshot.domain);
  if (snapshot.isOnline) {
    if (domain.isActive) domain.halt("fromSnapshot");
    domain.assign(definition);
    domain.start("fromSnapshot");
    if (!running && (paused || snapshot.state === "paused"))
      domain.pause(DomainPausedReason.FROM_SNAPSHOT, suspended);
  } else {
    domain.assign(definition);
    if (domain.isActive) domain.halt("fromSnapshot");
    // libvirt's test driver tells that it runs from now on, and leaves it where it is.
    if (running || paused) domain.tell(DomainEventType.STARTED, startedFromSnapshot);
    if (paused) domain.tell(DomainEventType.SUSPENDED, suspended);
  }
  domain.snapshots.current = snapshot;
}

const suspended = DomainEventSuspendedDetailType.FROM_SNAPSHOT;
const startedFromSnapshot = DomainEventStartedDetailType.FROM_SNAPSHOT;

/** Takes the snapshots that a world's file has of a domain. */
export function loadSnapshots(domain: Domain, elements: readonly XmlElement[]): void {
  const { snapshots } = domain;
  for (const xml of elements) {
    const snapshot = readSnapshot(xml, { redefine: true });
    const active = readInteger((xml.childText("active") ?? "").trimEnd());
    if (active === undefined) {
      const detail = "Could not find 'active' element";
      throw driverError(ErrorNumber.INTERNAL_ERROR, detail, ErrorDomain.DOMAIN_SNAPSHOT);
    }
    snapshots.add(snapshot);
    if (active === 0) continue;
    if (snapshots.current) {
      throw driverError(ErrorNumber.INTERNAL_ERROR, "more than one snapshot claims to be active");
    }
    snapshots.current = snapshot;
  }
  const isReached = new Set(snapshots.descendants(undefined));
  const isSound = [...snapshots].every(
    (each) => isReached.has(each) && (each.parentName === undefined || snapshots.find(each.parentName)),
  );
  if (isSound) return;
  const detail = `Snapshots have inconsistent relations for domain ${domain.name}`;
  throw driverError(ErrorNumber.INTERNAL_ERROR, detail);
}
