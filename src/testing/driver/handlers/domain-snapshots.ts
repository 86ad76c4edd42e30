import {
  DomainSnapshotDeleteFlags,
  DomainSnapshotRevertFlags,
  DomainSnapshotXMLFlags,
  ErrorDomain,
  ErrorNumber,
  DomainSnapshotCreateFlags as Flag,
  DomainSnapshotListFlags as List,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import type { Domain } from "../domain/domain.js";
import type { Snapshot } from "../domain/snapshot.js";
import { createSnapshot, revertToSnapshot } from "../domain/take-snapshot.js";
import { checkExclusive, checkFlags, checkRequired, driverError } from "../errors.js";
import { type FilterGroup, flagsOf, passesFilter, yesOrNo } from "../filter.js";
import type { ClientState, DriverHandlers } from "../state.js";
import { listed } from "../wire.js";

const from = ErrorDomain.DOMAIN_SNAPSHOT;

/** What domains were once, and making them so again. */
export function domainSnapshotHandlers(handlers: DriverHandlers): void {
  listHandlers(handlers);
  lookupHandlers(handlers);
  handlers
    .on(remote.domainSnapshotCreateXml, ({ dom, xmlDesc, flags }, { state }) => {
      const { REDEFINE, CURRENT, HALT, QUIESCE, ATOMIC, LIVE, VALIDATE, NO_METADATA } = Flag;
      const cFunction = "virDomainSnapshotCreateXML";
      const redefine = [REDEFINE, "VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE"] as const;
      const asCurrent = [CURRENT, "VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT"] as const;
      checkRequired(flags, asCurrent, redefine, cFunction, from);
      const others = [
        [NO_METADATA, "VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA"],
        [HALT, "VIR_DOMAIN_SNAPSHOT_CREATE_HALT"],
      ] as const;
      for (const other of others) checkExclusive(flags, redefine, other, cFunction, from);
      const known = REDEFINE | CURRENT | HALT | QUIESCE | ATOMIC | LIVE | VALIDATE;
      checkFlags(flags, known, "testDomainSnapshotCreateXML");
      const has = (flag: number) => (flags & flag) !== 0;
      const request = { redefine: has(REDEFINE), current: has(CURRENT), halt: has(HALT) };
      const domain = state.world.domain(dom);
      const { isActive } = domain;
      const { name } = createSnapshot(domain, xmlDesc, request);
      // All others stay as the caller knows the domain; one that has stopped by it has no ID any more.
      return { snap: { name, dom: isActive && request.halt ? { ...dom, id: -1 } : dom } };
    })
    .on(remote.domainSnapshotGetXmlDesc, ({ snap, flags }, { state, readonly }) => {
      const { SECURE } = DomainSnapshotXMLFlags;
      if (readonly && flags & SECURE) {
        const detail = "virDomainSnapshotGetXMLDesc with secure flag";
        throw driverError(ErrorNumber.OPERATION_DENIED, detail, from);
      }
      checkFlags(flags, SECURE, "testDomainSnapshotGetXMLDesc");
      const { domain, snapshot } = find(state, snap);
      return { xml: snapshot.format(domain.uuid) };
    })
    .on(remote.domainRevertToSnapshot, ({ snap, flags }, { state }) => {
      const { RUNNING, PAUSED, FORCE } = DomainSnapshotRevertFlags;
      const running = [RUNNING, "VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING"] as const;
      const paused = [PAUSED, "VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED"] as const;
      checkExclusive(flags, running, paused, "virDomainRevertToSnapshot", from);
      checkFlags(flags, RUNNING | PAUSED | FORCE, "testDomainRevertToSnapshot");
      const { domain, snapshot } = find(state, snap);
      const revert = { running: (flags & RUNNING) !== 0, paused: (flags & PAUSED) !== 0 };
      revertToSnapshot(domain, snapshot, revert);
    })
    .on(remote.domainSnapshotDelete, ({ snap, flags }, { state }) => {
      const { CHILDREN, CHILDREN_ONLY } = DomainSnapshotDeleteFlags;
      const children = [CHILDREN, "VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN"] as const;
      const only = [CHILDREN_ONLY, "VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN_ONLY"] as const;
      checkExclusive(flags, children, only, "virDomainSnapshotDelete", from);
      checkFlags(flags, CHILDREN | CHILDREN_ONLY, "testDomainSnapshotDelete");
      const { domain, snapshot } = find(state, snap);
      const removal = { children: (flags & CHILDREN) !== 0, childrenOnly: (flags & CHILDREN_ONLY) !== 0 };
      domain.snapshots.remove(snapshot, removal);
    });
}

function listHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainSnapshotNum, ({ dom, flags }, { state }) => {
      checkList(flags, "testDomainSnapshotNum");
      return { num: all(state.world.domain(dom), flags).length };
    })
    .on(remote.domainSnapshotListNames, ({ dom, maxnames, flags }, { state }) => {
      checkList(flags, "testDomainSnapshotListNames");
      return { names: names(all(state.world.domain(dom), flags), maxnames) };
    })
    .on(remote.domainListAllSnapshots, ({ dom, needResults, flags }, { state }) => {
      checkList(flags, "testDomainListAllSnapshots");
      const { items, ret } = listed(all(state.world.domain(dom), flags), needResults);
      return { snapshots: items.map(({ name }) => ({ name, dom })), ret };
    })
    .on(remote.domainSnapshotNumChildren, ({ snap, flags }, { state }) => {
      checkList(flags, "testDomainSnapshotNumChildren");
      const { domain, snapshot } = find(state, snap);
      return { num: after(domain, snapshot, flags).length };
    })
    .on(remote.domainSnapshotListChildrenNames, ({ snap, maxnames, flags }, { state }) => {
      checkList(flags, "testDomainSnapshotListChildrenNames");
      const { domain, snapshot } = find(state, snap);
      return { names: names(after(domain, snapshot, flags), maxnames) };
    })
    .on(remote.domainSnapshotListAllChildren, ({ snapshot: snap, needResults, flags }, { state }) => {
      checkList(flags, "testDomainSnapshotListAllChildren");
      const { domain, snapshot } = find(state, snap);
      const { items, ret } = listed(after(domain, snapshot, flags), needResults);
      return { snapshots: items.map(({ name }) => ({ name, dom: snap.dom })), ret };
    });
}

function lookupHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainSnapshotLookupByName, ({ dom, name, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainSnapshotLookupByName");
      find(state, { dom, name });
      return { snap: { name, dom } };
    })
    .on(remote.domainHasCurrentSnapshot, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainHasCurrentSnapshot");
      return { result: state.world.domain(dom).snapshots.current ? 1 : 0 };
    })
    .on(remote.domainSnapshotCurrent, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainSnapshotCurrent");
      const { current } = state.world.domain(dom).snapshots;
      if (current) return { snap: { name: current.name, dom } };
      throw driverError(ErrorNumber.NO_DOMAIN_SNAPSHOT, "the domain does not have a current snapshot");
    })
    .on(remote.domainSnapshotGetParent, ({ snap, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainSnapshotGetParent");
      const { name, parentName } = find(state, snap).snapshot;
      if (parentName !== undefined) return { snap: { name: parentName, dom: snap.dom } };
      throw driverError(ErrorNumber.NO_DOMAIN_SNAPSHOT, `snapshot '${name}' does not have a parent`);
    })
    .on(remote.domainSnapshotIsCurrent, ({ snap, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainSnapshotIsCurrent");
      const { domain, snapshot } = find(state, snap);
      return { current: domain.snapshots.current === snapshot ? 1 : 0 };
    })
    .on(remote.domainSnapshotHasMetadata, ({ snap, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainSnapshotHasMetadata");
      find(state, snap);
      return { metadata: 1 };
    });
}

function find({ world }: ClientState, { dom, name }: remote.NonnullDomainSnapshot) {
  const domain = world.domain(dom);
  const snapshot = domain.snapshots.find(name);
  if (snapshot) return { domain, snapshot };
  const detail = `no domain snapshot with matching name '${name}'`;
  throw driverError(ErrorNumber.NO_DOMAIN_SNAPSHOT, detail);
}

const isOff = ({ state }: Snapshot) => state === "shutoff";
const isOfDisks = ({ state }: Snapshot) => state === "disk-snapshot";

/** What a list can be asked for beside its place in the tree. */
const filter: readonly FilterGroup<Snapshot>[] = [
  yesOrNo(List.METADATA, List.NO_METADATA, () => true),
  [
    [List.INACTIVE, isOff],
    [List.ACTIVE, (each) => !isOff(each) && !isOfDisks(each)],
    [List.DISK_ONLY, isOfDisks],
  ],
  yesOrNo(List.EXTERNAL, List.INTERNAL, ({ isExternal }) => isExternal),
];

function checkList(flags: number, cFunction: string): void {
  const known = List.ROOTS | List.TOPOLOGICAL | List.LEAVES | List.NO_LEAVES | flagsOf(filter);
  checkFlags(flags, known, cFunction);
}

/** Of a domain's: all, or those that came after none. Every one stands behind its parent, whether asked for or not. */
function all(domain: Domain, flags: number): Snapshot[] {
  const { snapshots } = domain;
  return passing(
    domain,
    flags & List.ROOTS ? snapshots.children(undefined) : snapshots.descendants(undefined),
    flags,
  );
}

/** Those right after one, or all that came after it. */
function after(domain: Domain, snapshot: Snapshot, flags: number): Snapshot[] {
  const { snapshots } = domain;
  const found = flags & List.DESCENDANTS ? snapshots.descendants(snapshot) : snapshots.children(snapshot);
  return passing(domain, found, flags);
}

function passing({ snapshots }: Domain, found: readonly Snapshot[], flags: number): Snapshot[] {
  const leaves = (snapshot: Snapshot) => snapshots.children(snapshot).length === 0;
  return found.filter((snapshot) => {
    if (flags & List.LEAVES && !leaves(snapshot)) return false;
    if (flags & List.NO_LEAVES && leaves(snapshot)) return false;
    return passesFilter(snapshot, flags, filter);
  });
}

function names(found: readonly Snapshot[], maxnames: number): string[] {
  return found.slice(0, Math.max(0, maxnames)).map(({ name }) => name);
}
