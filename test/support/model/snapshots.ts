import { DomainSnapshotCreateFlags } from "../../../src/index.js";
import { domain, domainNames, flags } from "./domains.js";
import type { Choices, Operations, Stage } from "./stage.js";

/** Without a name it would be called by the time. */
const names = ["first", "second", "third", "fourth"];

const parts = [
  "",
  "",
  "",
  "<description>before the change</description>",
  "<memory snapshot='external' file='/m'/>",
  "<memory snapshot='internal'/>",
  "<memory snapshot='no'/>",
  "<memory file='m'/>",
  "<memory snapshot='manual'/>",
  "<disks><disk name='vda' snapshot='no'/></disks>",
  "<disks><disk name='vda' snapshot='internal'/></disks>",
  "<disks><disk name='vda' snapshot='manual'/></disks>",
  "<disks><disk name='/x' snapshot='external'><source file='/s'/></disk></disks>",
  "<memory file='/m'/><disks><disk name='vda' snapshot='external'><source file='/s'/></disk><disk name='vdb' snapshot='no'/></disks>",
  "<disks><disk name='vdz'/></disks>",
  "<disks><disk name='vda'/><disk name='/x'/></disks>",
  "<disks><disk/></disks>",
];

const snapshotXml = (choose: Choices) =>
  `<domainsnapshot><name>${choose.of(names)}</name>${choose.of(parts)}</domainsnapshot>`;

const states = ["shutoff", "running", "paused", "disk-snapshot", "crashed", "asleep", ""];
const times = ["<creationTime>7</creationTime>", "<creationTime>7</creationTime>", ""];

/** One that was there before, of which its domain is not known any more. */
function formerXml(choose: Choices): string {
  const parent = choose.of([undefined, undefined, ...names]);
  const after = parent === undefined ? "" : `<parent><name>${parent}</name></parent>`;
  return `<domainsnapshot><name>${choose.of(names)}</name>${after}<state>${choose.of(states)}</state>
    ${choose.of(times)}${choose.of(parts)}</domainsnapshot>`;
}

const one = (stage: Stage, choose: Choices) => {
  const [domainName, name] = [choose.of(domainNames), choose.of(names)];
  return stage.snapshots.get(`${domainName}/${name}`, async () => {
    const found = await stage.conn.domainLookupByName(domainName);
    return found.snapshotLookupByName(name);
  });
};

const { REDEFINE, CURRENT, HALT, DISK_ONLY } = DomainSnapshotCreateFlags;
const creating = [...flags, 0, 0, HALT, HALT, DISK_ONLY, 32, 128, 256];
const redefining = [REDEFINE, REDEFINE | CURRENT, REDEFINE | CURRENT, CURRENT, REDEFINE | HALT];
/** All that lists can be asked for, alone and with others. */
const lists = [0, 0, ...Array.from({ length: 12 }, (_, bit) => 1 << bit), 1 | 4, 1 | 8, 32 | 64, 256 | 512];

export const snapshotOperations: Operations = {
  create: async (stage, choose) => (await domain(stage, choose)).snapshotCreateXML(snapshotXml(choose)),
  createWithFlags: async (stage, choose) =>
    (await domain(stage, choose)).snapshotCreateXML(snapshotXml(choose), choose.of(creating)),
  redefine: async (stage, choose) =>
    (await domain(stage, choose)).snapshotCreateXML(formerXml(choose), choose.of(redefining)),
  redefineAsItIs: async (stage, choose) => {
    const xml = await (await one(stage, choose)).getXMLDesc();
    return (await domain(stage, choose)).snapshotCreateXML(xml, choose.of(redefining));
  },
  lookUpAnew: async (stage, choose) => {
    const [domainName, name] = [choose.of(domainNames), choose.of(names)];
    const found = await stage.conn.domainLookupByName(domainName);
    return stage.snapshots.keep(`${domainName}/${name}`, found.snapshotLookupByName(name));
  },
  revert: async (stage, choose) => (await one(stage, choose)).domainRevertToSnapshot(),
  revertWithFlags: async (stage, choose) =>
    (await one(stage, choose)).domainRevertToSnapshot(choose.of([1, 1, 2, 2, 3, 4, 5, 6, 8, 16])),
  delete: async (stage, choose) => (await one(stage, choose)).delete(choose.of([0, 0, 0, 1, 2, 3, 4, 5, 8])),
  getXMLDesc: async (stage, choose) => (await one(stage, choose)).getXMLDesc(choose.of([0, 0, 1, 2])),
  getParent: async (stage, choose) => (await one(stage, choose)).getParent(choose.of([0, 0, 0, 1])),
  isCurrent: async (stage, choose) => (await one(stage, choose)).isCurrent(choose.of([0, 0, 0, 1])),
  hasMetadata: async (stage, choose) => (await one(stage, choose)).hasMetadata(choose.of([0, 0, 0, 1])),
  children: async (stage, choose) => {
    const taken = await one(stage, choose);
    const which = choose.of(lists);
    return [await taken.listAllChildren(which), await taken.listChildrenNames(which)];
  },
  numChildren: async (stage, choose) => (await one(stage, choose)).numChildren(choose.of(lists)),
  listAll: async (stage, choose) => (await domain(stage, choose)).listAllSnapshots(choose.of(lists)),
  listNames: async (stage, choose) => (await domain(stage, choose)).snapshotListNames(choose.of(lists)),
  count: async (stage, choose) => (await domain(stage, choose)).snapshotNum(choose.of(lists)),
  current: async (stage, choose) => (await domain(stage, choose)).snapshotCurrent(choose.of([0, 0, 0, 1])),
  hasCurrent: async (stage, choose) =>
    (await domain(stage, choose)).hasCurrentSnapshot(choose.of([0, 0, 0, 1])),
  /** All that can be seen of all of them. */
  look: async ({ conn }) =>
    Promise.all(
      (await conn.listAllDomains()).map(async (each) => [
        each,
        await each.hasCurrentSnapshot(),
        await Promise.all(
          (await each.listAllSnapshots()).map(async (snapshot) => [
            snapshot.name,
            await snapshot.isCurrent(),
            await snapshot.listChildrenNames(),
            await snapshot.getXMLDesc(),
          ]),
        ),
      ]),
    ),
};
