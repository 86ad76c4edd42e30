import { afterAll, beforeAll, test } from "vitest";
import { type Connection, ConnectListAllInterfacesFlags as List } from "../../src/index.js";
import { compareDrivers } from "../support/both-drivers.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

let libvirtd: Libvirtd;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
});

afterAll(() => libvirtd.stop());

function xml(more = "", { name = "eth7", type = "ethernet", mac = "52:54:00:00:00:07" } = {}) {
  const address = type === "ethernet" ? `<mac address="${mac}"/>` : "";
  return `<interface type="${type}" name="${name}">${more}${address}</interface>`;
}

test("the interface that is there from the beginning is the same", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    await take(() => conn.listAllInterfaces());
    await take(() => conn.listInterfaces());
    await take(() => conn.listDefinedInterfaces());
    await take(() => conn.numOfInterfaces());
    await take(() => conn.numOfDefinedInterfaces());
    await take(() => conn.interfaceLookupByMACString("AA:BB:cc:dd:ee:ff"));
    const eth1 = await get(() => conn.interfaceLookupByName("eth1"));
    await take(() => eth1.getXMLDesc());
    await take(() => eth1.getXMLDesc(1));
    await take(() => eth1.isActive());
    await take(() => conn.interfaceLookupByName("eth9"));
    await take(() => conn.interfaceLookupByMACString("aa:bb:cc:dd:ee:00"));
    await take(() => conn.listAllInterfaces(1 << 10));
  });
});

test("interfaces are defined, started and stopped alike", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const eth7 = await get(() => conn.interfaceDefineXML(xml()));
    await take(() => eth7.isActive());
    for (const flags of Object.values(List)) await take(() => conn.listAllInterfaces(flags));
    await take(() => eth7.destroy());
    await take(() => eth7.create());
    await take(() => eth7.create());
    await take(() => eth7.create(1));
    await take(() => conn.interfaceDefineXML(xml(`<mtu size="1400"/>`, { mac: "aa:bb:cc:dd:ee:ff" })));
    await take(() => eth7.getXMLDesc());
    await take(() => eth7.isActive());
    await take(() => conn.interfaceLookupByMACString("aa:bb:cc:dd:ee:ff"));
    await take(() => conn.listInterfaces());
    await take(() => eth7.destroy());
    await take(() => eth7.destroy(1));
    await take(() => conn.listDefinedInterfaces());
    await take(() => conn.interfaceDefineXML(xml(), 8));
    await take(() => eth7.undefine());
    await take(() => eth7.undefine());
  });
});

test("changes are begun, kept and taken back alike", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    await take(() => conn.interfaceChangeCommit());
    await take(() => conn.interfaceChangeRollback());
    await take(() => conn.interfaceChangeBegin(1));
    await take(() => conn.interfaceChangeBegin());
    await take(() => conn.interfaceChangeBegin());
    await take(() => conn.interfaceDefineXML(xml()));
    const eth1 = await get(() => conn.interfaceLookupByName("eth1"));
    await take(() => eth1.undefine());
    await take(() => conn.listAllInterfaces());
    await take(() => conn.interfaceChangeRollback(1));
    await take(() => conn.interfaceChangeRollback());
    await take(() => conn.listAllInterfaces());
    await take(() => eth1.isActive());
    await take(() => conn.interfaceChangeBegin());
    await take(() => conn.interfaceDefineXML(xml()));
    await take(() => conn.interfaceChangeCommit(1));
    await take(() => conn.interfaceChangeCommit());
    await take(() => conn.listAllInterfaces());
    await take(() => conn.interfaceChangeCommit());
  });
});

const bridge = { type: "bridge", name: "br0" };
const bond = { type: "bond", name: "bond0" };
const vlan = { type: "vlan", name: "eth0.42" };

/** Definitions that are as libvirt prints them when they have been read, or refused as there. */
const definitions: readonly string[] = [
  "<interface/>",
  "<network/>",
  `<interface type="token-ring" name="x"/>`,
  `<interface type="ethernet"/>`,
  xml(`<start mode="hotplug"/><mtu size="9000"/><link speed="1000" state="up"/>`),
  xml(`<link state="sideways"/>`),
  xml(`<link/>`),
  xml(`<start mode="now"/>`),
  xml(`<mtu size="100001"/>`),
  xml(`<protocol family="ipv4"><route gateway="1.2.3.4"/><dhcp peerdns="no"/></protocol>
    <protocol family="ipv6"><ip address="fe80::1" prefix="64"/><ip address="fe80::2"/><dhcp/><autoconf/></protocol>`),
  xml(`<protocol family="ipx"/>`),
  xml(`<protocol/>`),
  xml(`<protocol family="ipv4"><dhcp peerdns="x"/></protocol>`),
  xml("", bridge),
  xml(
    `<bridge stp="off" delay="0.01"><interface type="ethernet" name="eth3"><mac address="1:2:3:4:5:6"/></interface>
    <interface type="bond" name="bond3"><bond mode="802.3ad"/></interface></bridge>`,
    bridge,
  ),
  xml(`<bridge><interface type="bridge" name="br3"/></bridge>`, bridge),
  xml("", bond),
  xml(
    `<bond mode="active-backup"><miimon freq="100" downdelay="10" updelay="200" carrier="ioctl"/>
    <interface type="ethernet" name="eth1"/><interface type="ethernet" name="eth0"/></bond>`,
    bond,
  ),
  xml(`<bond><arpmon interval="100" target="1.2.3.4" validate="active"/></bond>`, bond),
  xml(`<bond><arpmon interval="100"/></bond>`, bond),
  xml(`<bond><arpmon target="1.2.3.4"/></bond>`, bond),
  xml(`<bond><arpmon interval="100" target="1.2.3.4" validate="x"/></bond>`, bond),
  xml(`<bond><miimon/></bond>`, bond),
  xml(`<bond><miimon freq="1" downdelay="x"/></bond>`, bond),
  xml(`<bond><miimon freq="1" carrier="x"/></bond>`, bond),
  xml(`<bond mode="x"/>`, bond),
  xml(`<bond><interface type="vlan" name="v"/></bond>`, bond),
  xml("", vlan),
  xml(`<vlan tag="42"><interface name="eth0"/></vlan>`, vlan),
  xml(`<vlan><interface name="eth0"/></vlan>`, vlan),
  xml(`<vlan tag="42"/>`, vlan),
];

test("definitions are read alike", async () => {
  await compareDrivers(libvirtd, async (conn, take) => {
    for (const definition of definitions) await take(() => defined(conn, definition));
  });
});

async function defined(conn: Connection, definition: string) {
  const made = await conn.interfaceDefineXML(definition);
  const got = await made.getXMLDesc();
  await made.undefine();
  return { asked: definition, got };
}
