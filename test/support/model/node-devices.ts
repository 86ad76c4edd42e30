import type { NodeDevice } from "../../../src/index.js";
import { odd } from "./odd.js";
import type { Choices, Operations, Stage } from "./stage.js";

const names = ["computer", "scsi_host1", "scsi_host2", "scsi_host11", "scsi_host12", "scsi_host12"];

const parents = [
  ...["", "", "<parent>scsi_host1</parent>", "<parent>scsi_host2</parent>", "<parent/>"],
  ...["<parent>scsi_host11</parent>", "<parent>scsi_host12</parent>", "<parent>computer</parent>"],
  ...["<parent>nobody</parent>", "<parent wwnn='2000000012341234'/>", "<parent wwpn='1000000012341234'/>"],
  "<parent wwnn='2000000012341234' wwpn='1000000012341234'/>",
  "<parent wwnn='2000000012341234' wwpn='1000000012341235'/>",
  "<parent fabric_wwn='2000000043214321'/>",
  "<parent fabric_wwn='2000000043214329'/>",
];

const named = [
  "<capability type='fc_host'><wwnn>20000000c9831b4d</wwnn><wwpn>10000000c9831b4d</wwpn></capability>",
  "<capability type='fc_host'><wwnn>x</wwnn><wwpn>y</wwpn><fabric_wwn>z</fabric_wwn></capability>",
  "<capability type='vport_ops'/><capability type='fc_host'><wwnn>x</wwnn><wwpn>y</wwpn></capability>",
  ...["", "<capability type='vport_ops'/>", "<capability type='what'/>", "<capability/>"],
];
const unnamed = [
  "<capability type='fc_host'><wwnn>x</wwnn><wwpn/></capability>",
  "<capability type='fc_host'/><capability type='vport_ops'/>",
];

const capabilities = [
  ...["", "<capability/>", "<capability type='what'/>", "<capability type='fc_host'/>"],
  "<capability type='system'/>",
  "<capability type='system'><hardware><uuid>x</uuid></hardware></capability>",
  "<capability type='system'><hardware><uuid>11111111-2222-3333-4444-555555555555</uuid></hardware></capability>",
];

/** Since then libvirt's test driver knows of states of devices, and makes up names for adapters. */
const sinceStates = 10_003_000n;

function adapterXml({ release }: Stage, choose: Choices): string {
  const known = release < sinceStates ? named : [...named, ...named, ...unnamed];
  const host = `<capability type='scsi_host'><host>7</host>${choose.of(known)}</capability>`;
  const capability = choose.of([host, host, host, host, ...capabilities]);
  return `<device><name>${choose.of(names)}</name>${choose.of(parents)}${capability}</device>`;
}

/** What is no device. */
const wrong = ["", "<device", "<pool/>", "<device/>", "<device><devnode/></device>"];

const lookUp = ({ conn }: Stage) => {
  return (name: string) => conn.nodeDeviceLookupByName(name);
};
const device = (stage: Stage, choose: Choices) => stage.devices.get(choose.of(names), lookUp(stage));

const states = async (taken: NodeDevice, { release }: Stage) =>
  release < sinceStates ? undefined : [await taken.isActive(), await taken.isPersistent()];

const types = [null, "system", "scsi_host", "fc_host", "vports", "pci", "what"];

export const nodeDeviceOperations: Operations = {
  createXML: async (stage, choose) =>
    stage.conn.nodeDeviceCreateXML(adapterXml(stage, choose), choose.of([0, 0, 0, 2])),
  createAgain: async (stage, choose) => stage.conn.nodeDeviceCreateXML(adapterXml(stage, choose)),
  createOdd: async (stage, choose) => {
    const xml = odd(adapterXml(stage, choose), choose);
    const isNamed = /<wwnn>.*<wwpn>/s.test(xml);
    return stage.release < sinceStates && !isNamed ? undefined : stage.conn.nodeDeviceCreateXML(xml);
  },
  createWrong: async ({ conn }, choose) => conn.nodeDeviceCreateXML(choose.of(wrong)),
  defineXML: async (stage, choose) => stage.conn.nodeDeviceDefineXML(adapterXml(stage, choose)),
  lookUpAnew: async (stage, choose) => {
    const name = choose.of([...names, "nobody"]);
    return stage.devices.keep(name, lookUp(stage)(name));
  },
  destroy: async (stage, choose) => (await device(stage, choose)).destroy(),
  getXMLDesc: async (stage, choose) => {
    const flags = stage.release < sinceStates ? [0, 2] : [0, 0, 1, 2];
    return (await device(stage, choose)).getXMLDesc(choose.of(flags));
  },
  getParent: async (stage, choose) => (await device(stage, choose)).getParent(),
  listCaps: async (stage, choose) => {
    const taken = await device(stage, choose);
    return [await taken.listCaps(), await taken.numOfCaps()];
  },
  states: async (stage, choose) => states(await device(stage, choose), stage),
  create: async (stage, choose) => (await device(stage, choose)).create(choose.of([0, 1])),
  undefine: async (stage, choose) => (await device(stage, choose)).undefine(choose.of([0, 1])),
  getAutostart: async (stage, choose) => (await device(stage, choose)).getAutostart(),
  setAutostart: async (stage, choose) => (await device(stage, choose)).setAutostart(choose.of([true, false])),
  dettach: async (stage, choose) => (await device(stage, choose)).dettach(),
  detachFlags: async (stage, choose) =>
    (await device(stage, choose)).detachFlags(choose.of([null, "vfio"]), choose.of([0, 1])),
  reAttach: async (stage, choose) => (await device(stage, choose)).reAttach(),
  reset: async (stage, choose) => (await device(stage, choose)).reset(),
  byWwn: async ({ conn }, choose) =>
    conn.nodeDeviceLookupSCSIHostByWWN(
      choose.of(["2000000012341234", "20000000c9831b4d", "x"]),
      choose.of(["1000000012341234", "10000000c9831b4d"]),
      choose.of([0, 0, 1]),
    ),
  listAll: async ({ conn, release }, choose) => {
    const length = release < sinceStates ? 22 : 32;
    const flags = Array.from({ length }, (_, bit) => (1 << bit) >>> 0);
    return conn.listAllNodeDevices(choose.of([0, ...flags]));
  },
  list: async ({ conn }, choose) => {
    const type = choose.of(types);
    return [await conn.nodeListDevices(type), await conn.nodeNumOfDevices(type)];
  },
  count: async ({ conn }, choose) => conn.nodeNumOfDevices(choose.of(types), choose.of([0, 1])),
  /** All that can be seen of all of them. */
  look: async (stage) =>
    Promise.all(
      (await stage.conn.listAllNodeDevices()).map(async (each) => [
        each,
        await states(each, stage),
        await each.listCaps(),
        await each.getXMLDesc(),
      ]),
    ),
};
