import { NetworkUpdateCommand, NetworkUpdateSection } from "../../../src/index.js";
import { odd } from "./odd.js";
import type { Choices, Operations, Stage } from "./stage.js";

export const networkUuids: Readonly<Record<string, string>> = {
  lab: "1f3a3b0e-8d0c-4f4b-9a55-0c8f1e3b7a01",
  wan: "1f3a3b0e-8d0c-4f4b-9a55-0c8f1e3b7a02",
};
const ownNames = Object.keys(networkUuids);
const names = [...ownNames, "default"];

const parts = [
  "",
  "<bridge name='br7'/>",
  "<forward mode='route'/><ip address='192.168.7.1' netmask='255.255.255.0'><dhcp><range start='192.168.7.2' end='192.168.7.9'/></dhcp></ip>",
  "<dns><txt name='a' value='b'/></dns>",
  "<portgroup name='g' default='yes'/>",
  "<ip address='x'/>",
];

function networkXml(choose: Choices): string {
  const name = choose.of(ownNames);
  const uuid = networkUuids[choose.of([name, name, name, name, ...ownNames])];
  return `<network><name>${name}</name><uuid>${uuid}</uuid>${choose.of(parts)}</network>`;
}

const lookUp = ({ conn }: Stage) => {
  return (name: string) => conn.networkLookupByName(name);
};
const network = (stage: Stage, choose: Choices) => stage.networks.get(choose.of(names), lookUp(stage));

const { ADD_LAST, ADD_FIRST, DELETE, MODIFY } = NetworkUpdateCommand;
const { IP_DHCP_HOST, DNS_TXT, PORTGROUP, BRIDGE } = NetworkUpdateSection;
const commands = [ADD_LAST, ADD_FIRST, DELETE, MODIFY];
const addOrDelete = [ADD_LAST, ADD_FIRST, DELETE];
const changes: readonly (readonly [section: number, xml: string, commands: readonly number[]])[] = [
  [IP_DHCP_HOST, "<host mac='52:54:00:00:00:02' name='b' ip='192.168.7.4'/>", commands],
  [IP_DHCP_HOST, "<host name='d' ip='192.168.7.6'/>", commands],
  [DNS_TXT, "<txt name='a' value='c'/>", addOrDelete],
  [DNS_TXT, "<txt name='d' value='e'/>", addOrDelete],
  [PORTGROUP, "<portgroup name='h'/>", commands],
  [PORTGROUP, "<portgroup name='g' default='yes'/>", commands],
  [BRIDGE, "<bridge name='br1'/>", commands],
];

const metadata = [0, 1, 2, 2, 9];
const uris = [null, "urn:test"];

export const networkOperations: Operations = {
  define: async ({ conn }, choose) => conn.networkDefineXML(networkXml(choose)),
  defineOdd: async ({ conn }, choose) => conn.networkDefineXML(odd(networkXml(choose), choose)),
  createXML: async ({ conn }, choose) => conn.networkCreateXML(networkXml(choose)),
  defineFlags: async ({ conn }, choose) =>
    conn.networkDefineXMLFlags(networkXml(choose), choose.of([0, 0, 2])),
  createXMLFlags: async ({ conn }, choose) =>
    conn.networkCreateXMLFlags(networkXml(choose), choose.of([0, 0, 2])),
  lookUpAnew: async (stage, choose) => {
    const name = choose.of(names);
    return stage.networks.keep(name, lookUp(stage)(name));
  },
  create: async (stage, choose) => (await network(stage, choose)).create(),
  destroy: async (stage, choose) => (await network(stage, choose)).destroy(),
  undefine: async (stage, choose) => (await network(stage, choose)).undefine(),
  update: async (stage, choose) => {
    const taken = await network(stage, choose);
    const [section, xml, known] = choose.of(changes);
    return taken.update(choose.of(known), section, -1, xml, choose.of([0, 0, 1, 8]));
  },
  getXMLDesc: async (stage, choose) => (await network(stage, choose)).getXMLDesc(choose.of([0, 0, 1])),
  getBridgeName: async (stage, choose) => (await network(stage, choose)).getBridgeName(),
  isActive: async (stage, choose) => (await network(stage, choose)).isActive(),
  isPersistent: async (stage, choose) => (await network(stage, choose)).isPersistent(),
  getAutostart: async (stage, choose) => (await network(stage, choose)).getAutostart(),
  setAutostart: async (stage, choose) =>
    (await network(stage, choose)).setAutostart(choose.of([true, false])),
  /** Since libvirt 9.7. */
  getMetadata: async (stage, choose) => {
    if (stage.release < 9_007_000n) return undefined;
    const taken = await network(stage, choose);
    return taken.getMetadata(choose.of(metadata), choose.of(uris), choose.of([0, 0, 1, 2, 3, 4]));
  },
  setMetadata: async (stage, choose) => {
    if (stage.release < 9_007_000n) return undefined;
    const taken = await network(stage, choose);
    const [kind, value, uri] = [
      choose.of(metadata),
      choose.of([null, "<note>new</note>", "plain"]),
      choose.of(uris),
    ];
    return taken.setMetadata(kind, value, uri && "t", uri, choose.of([0, 0, 1, 2, 3, 4]));
  },
  byUuid: async ({ conn }, choose) => conn.networkLookupByUUIDString(choose.of(Object.values(networkUuids))),
  listAll: async ({ conn }, choose) => conn.listAllNetworks(choose.of([0, 1, 2, 4, 8, 16, 32, 64])),
  listActive: async ({ conn }) => [await conn.listNetworks(), await conn.numOfNetworks()],
  listDefined: async ({ conn }) => [await conn.listDefinedNetworks(), await conn.numOfDefinedNetworks()],
  look: async ({ conn }) =>
    Promise.all(
      (await conn.listAllNetworks()).map(async (each) => [
        each,
        await each.isActive(),
        await each.getAutostart(),
        await each.getXMLDesc(),
      ]),
    ),
};
