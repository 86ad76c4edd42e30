import { odd } from "./odd.js";
import type { Choices, Operations, Stage } from "./stage.js";

const ownNames = ["eth0", "eth2"];
const names = [...ownNames, "eth1"];

const definitions = [
  "<interface type='ethernet' name='eth0'><mac address='aa:bb:cc:dd:ee:01'/></interface>",
  "<interface type='ethernet' name='eth0'><start mode='onboot'/><mac address='aa:bb:cc:dd:ee:02'/><mtu size='1492'/></interface>",
  "<interface type='ethernet' name='eth2'><mac address='aa:bb:cc:dd:ee:03'/></interface>",
  `<interface type='ethernet' name='eth2'><mac address='aa:bb:cc:dd:ee:04'/><link speed='10' state='up'/>
    <protocol family='ipv4'><dhcp peerdns='no'/><route gateway='192.168.7.1'/></protocol>
    <protocol family='ipv6'><autoconf/><ip address='::1' prefix='64'/><ip address='::2'/></protocol></interface>`,
  "<interface type='ethernet'/>",
];

const lookUp = ({ conn }: Stage) => {
  return (name: string) => conn.interfaceLookupByName(name);
};
const one = (stage: Stage, choose: Choices) => stage.interfaces.get(choose.of(names), lookUp(stage));

export const interfaceOperations: Operations = {
  define: async ({ conn }, choose) => conn.interfaceDefineXML(choose.of(definitions), choose.of([0, 0, 2])),
  defineOdd: async ({ conn }, choose) => {
    const xml = odd(choose.of(definitions), choose);
    if (/<mac address='[^']/.test(xml) && !xml.includes("&")) await conn.interfaceDefineXML(xml);
  },
  lookUpAnew: async (stage, choose) => {
    const name = choose.of(names);
    return stage.interfaces.keep(name, lookUp(stage)(name));
  },
  create: async (stage, choose) => (await one(stage, choose)).create(choose.of([0, 0, 0, 1])),
  destroy: async (stage, choose) => (await one(stage, choose)).destroy(),
  undefine: async (stage, choose) => (await one(stage, choose)).undefine(),
  getXMLDesc: async (stage, choose) => (await one(stage, choose)).getXMLDesc(),
  isActive: async (stage, choose) => (await one(stage, choose)).isActive(),
  byMac: async ({ conn }, choose) =>
    conn.interfaceLookupByMACString(
      choose.of(["aa:bb:cc:dd:ee:01", "AA:BB:CC:DD:EE:FF", "11:22:33:44:55:66"]),
    ),
  listAll: async ({ conn }, choose) => conn.listAllInterfaces(choose.of([0, 1, 2, 4])),
  listActive: async ({ conn }) => [await conn.listInterfaces(), await conn.numOfInterfaces()],
  listDefined: async ({ conn }) => [await conn.listDefinedInterfaces(), await conn.numOfDefinedInterfaces()],
  changeBegin: async ({ conn }) => conn.interfaceChangeBegin(),
  changeCommit: async ({ conn }) => conn.interfaceChangeCommit(),
  changeRollback: async ({ conn }) => conn.interfaceChangeRollback(),
};
