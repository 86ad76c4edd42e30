import { DomainCheckpointCreateFlags } from "../../../src/index.js";
import { domain, domainNames, flags } from "./domains.js";
import type { Choices, Operations, Stage } from "./stage.js";

/** Without a name it would be called by the time. */
const names = ["first", "second", "third"];

const parts = [
  "",
  "",
  "<description>before the backup</description>",
  "<disks><disk name='vda'/></disks>",
  "<disks><disk name='vda' checkpoint='bitmap' bitmap='b'/><disk name='vdb' checkpoint='no'/></disks>",
  "<disks><disk name='hdc' checkpoint='bitmap'/></disks>",
  "<disks><disk name='vdz' checkpoint='no'/></disks>",
];

const checkpointXml = (choose: Choices) =>
  `<domaincheckpoint><name>${choose.of(names)}</name>${choose.of(parts)}</domaincheckpoint>`;

/** One that was there before, of which its domain is not known any more. */
function formerXml(choose: Choices): string {
  const parent = choose.of([undefined, undefined, ...names]);
  const after = parent === undefined ? "" : `<parent><name>${parent}</name></parent>`;
  const time = choose.of(["<creationTime>7</creationTime>", "<creationTime>7</creationTime>", ""]);
  return `<domaincheckpoint><name>${choose.of(names)}</name>${after}${time}${choose.of(parts)}</domaincheckpoint>`;
}

const one = (stage: Stage, choose: Choices) => {
  const [domainName, name] = [choose.of(domainNames), choose.of(names)];
  return stage.checkpoints.get(`${domainName}/${name}`, async () => {
    const found = await stage.conn.domainLookupByName(domainName);
    return found.checkpointLookupByName(name);
  });
};

const { REDEFINE, QUIESCE } = DomainCheckpointCreateFlags;
const redefining = [REDEFINE, REDEFINE, REDEFINE, REDEFINE | QUIESCE];
const lists = [0, 0, 1, 2, 4, 8, 16, 1 | 4, 1 | 8];

export const checkpointOperations: Operations = {
  create: async (stage, choose) => (await domain(stage, choose)).checkpointCreateXML(checkpointXml(choose)),
  createWithFlags: async (stage, choose) =>
    (await domain(stage, choose)).checkpointCreateXML(checkpointXml(choose), choose.of([...flags, QUIESCE])),
  redefine: async (stage, choose) =>
    (await domain(stage, choose)).checkpointCreateXML(formerXml(choose), choose.of(redefining)),
  redefineAsItIs: async (stage, choose) => {
    const xml = await (await one(stage, choose)).getXMLDesc();
    return (await domain(stage, choose)).checkpointCreateXML(xml, choose.of(redefining));
  },
  lookUpAnew: async (stage, choose) => {
    const [domainName, name] = [choose.of(domainNames), choose.of(names)];
    const found = await stage.conn.domainLookupByName(domainName);
    return stage.checkpoints.keep(`${domainName}/${name}`, found.checkpointLookupByName(name));
  },
  delete: async (stage, choose) => (await one(stage, choose)).delete(choose.of([0, 0, 0, 1, 2, 3, 4, 5, 8])),
  getXMLDesc: async (stage, choose) =>
    (await one(stage, choose)).getXMLDesc(choose.of([0, 0, 1, 2, 3, 4, 6, 8])),
  getParent: async (stage, choose) => (await one(stage, choose)).getParent(choose.of([0, 0, 0, 1])),
  children: async (stage, choose) => (await one(stage, choose)).listAllChildren(choose.of(lists)),
  listAll: async (stage, choose) => (await domain(stage, choose)).listAllCheckpoints(choose.of(lists)),
  /** All that can be seen of all of them. */
  look: async ({ conn }) =>
    Promise.all(
      (await conn.listAllDomains()).map(async (each) => [
        each,
        await Promise.all(
          (await each.listAllCheckpoints()).map(async (checkpoint) => [
            checkpoint.name,
            await checkpoint.listAllChildren(),
            await checkpoint.getXMLDesc(),
          ]),
        ),
      ]),
    ),
};
