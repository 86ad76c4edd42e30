import { afterAll, beforeAll, test } from "vitest";
import {
  NetworkUpdateCommand as Command,
  type Connection,
  ConnectListAllNetworksFlags as List,
  type Network,
  NetworkUpdateSection as Section,
} from "../../src/index.js";
import { compareDrivers, inWhateverWords } from "../support/both-drivers.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

let libvirtd: Libvirtd;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
});

afterAll(() => libvirtd.stop());

const uuid = "1f3a3b0e-8d0c-4f4b-9a55-0c8f1e3b7a01";

function xml(more = "", { name = "lab", attributes = "", id = uuid } = {}) {
  return `<network ${attributes}><name>${name}</name><uuid>${id}</uuid>${more}</network>`;
}

test("the network that is there from the beginning is the same", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    await take(() => conn.listAllNetworks());
    await take(() => conn.listNetworks());
    await take(() => conn.listDefinedNetworks());
    await take(() => conn.numOfNetworks());
    await take(() => conn.numOfDefinedNetworks());
    const network = await get(() => conn.networkLookupByName("default"));
    await take(() => conn.networkLookupByUUIDString(network.uuid));
    await take(() => network.getXMLDesc());
    await take(() => network.getXMLDesc(1));
    await take(() => network.getBridgeName());
    await take(() => network.isActive());
    await take(() => network.isPersistent());
    await take(() => network.getAutostart());
    await take(() => conn.networkLookupByName("nobody"));
    await take(() => conn.networkLookupByUUIDString(uuid));
    await take(() => conn.listAllNetworks(1 << 20));
  });
});

test("networks live the same life", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const network = await get(() => conn.networkDefineXML(xml()));
    await take(() => network.getXMLDesc());
    await take(() => network.getBridgeName());
    await take(() => network.isActive());
    await take(() => network.create());
    await take(() => network.create());
    await take(() => network.undefine());
    await take(() => conn.networkCreateXML(xml()));
    await take(() => network.setAutostart(true));
    for (const flags of Object.values(List)) await take(() => conn.listAllNetworks(flags));
    await take(() => conn.networkDefineXML(xml(`<bridge name="br7"/>`)));
    await take(() => network.getXMLDesc());
    await take(() => network.destroy());
    await take(() => network.destroy());
    await take(() => network.getXMLDesc());
    await take(() => network.getAutostart());
    await take(() => network.undefine());
    await take(() => network.undefine());
    await take(() => network.isActive());
    await take(() => network.getXMLDesc());
    const transient = await get(() => conn.networkCreateXML(xml(`<bridge name="br8"/>`)));
    await take(() => transient.isPersistent());
    await take(() => conn.listAllNetworks(List.TRANSIENT | List.ACTIVE));
    await take(() => conn.networkDefineXML(xml("", { name: "other" })));
    await take(() => conn.networkDefineXML(xml("", { id: "1f3a3b0e-8d0c-4f4b-9a55-0c8f1e3b7a02" })));
    await take(() => conn.networkDefineXML(xml(`<bridge name="br9"/>`)));
    await take(() => transient.isPersistent());
    await take(() => transient.destroy());
    await take(() => transient.undefine());
    await take(() => transient.destroy());
    const gone = await get(() => conn.networkCreateXML(xml()));
    await take(() => gone.destroy());
    await take(() => gone.getBridgeName());
    await take(() => conn.networkDefineXMLFlags(xml(), 8));
    await take(() => conn.networkCreateXMLFlags(xml(), 8));
  });
});

/** What is asked of the driver and it does not have. */
test("what networks cannot do is refused alike", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const network = await get(() => conn.networkLookupByName("default"));
    await take(() => network.getDHCPLeases(null));
    await take(() => network.listAllPorts());
    await take(() => network.portCreateXML("<networkport/>"));
    await take(() => network.portLookupByUUIDString(uuid));
    await take(() => conn.listAllNWFilters());
    await take(() => conn.nwFilterLookupByName("clean-traffic"));
    await take(() => conn.nwFilterDefineXML("<filter/>"));
    await take(() => conn.secretDefineXML("<secret/>"));
    await take(() => conn.secretLookupByUUIDString(uuid));
    await take(() => conn.listAllNWFilterBindings());
  });
});

const ip = `<ip address="192.168.7.1" netmask="255.255.255.0">`;

/** Definitions that are as libvirt prints them when they have been read, or refused as there. */
const definitions: readonly string[] = [
  "",
  "<network/>",
  "<net><name>x</name></net>",
  "<network><name></name></network>",
  "<network><name>a/b</name></network>",
  "<network><name>x</name><uuid>7</uuid></network>",
  "not xml",
  xml("<name>again</name>"),
  xml(`<metadata><x:y xmlns:x="urn:x">1</x:y><z/></metadata>`),
  xml("", { attributes: `ipv6="yes" trustGuestRxFilters="no" connections="3"` }),
  xml("", { attributes: `ipv6="maybe"` }),
  xml("", { attributes: `trustGuestRxFilters="maybe"` }),
  xml(`<forward/>`),
  xml(`<forward mode="none"/>`),
  xml(`<forward mode="sideways"/>`),
  xml(`<forward mode="route" dev="eth0"/>${ip}</ip>`),
  xml(
    `<forward mode="open"/>${ip}</ip><bridge name="b" stp="off" delay="3" zone="z" macTableManager="libvirt"/>`,
  ),
  xml(`<forward mode="open" dev="eth0"/>${ip}</ip>`),
  xml(`<forward><interface dev="a"/><interface dev="b"/></forward>${ip}</ip>`),
  xml(`<forward mode="bridge"/><bridge name="br0"/>`),
  xml(`<forward mode="bridge"/><bridge name="br0" delay="3"/>`),
  xml(`<forward mode="bridge"/><mtu size="1400"/>`),
  xml(`<forward mode="bridge" dev="eth0"/><bridge name="br0"/>`),
  xml(`<forward mode="bridge" dev="eth0"><interface dev="eth1"/></forward>`),
  xml(`<forward mode="bridge"><interface dev="eth0"/><interface dev="eth1"/><interface/></forward>`),
  xml(`<forward mode="bridge"><interface dev="eth0"/><interface dev="eth0"/></forward>`),
  xml(`<forward mode="passthrough"><interface dev="eth0"/><interface dev="eth1"/></forward>`),
  xml(`<forward mode="passthrough"/><bridge name="b"/>`),
  xml(`<forward mode="hostdev" managed="yes"><pf dev="eth3"/></forward>`),
  xml(`<forward mode="hostdev"><pf dev="a"/><pf dev="b"/></forward>`),
  xml(`<forward mode="hostdev"><pf/></forward>`),
  xml(`<forward mode="hostdev"><address/></forward>`),
  xml(`<forward mode="hostdev"><address type="usb"/></forward>`),
  xml(`<forward mode="hostdev"><address type="netdev"/></forward>`),
  xml(`<forward mode="hostdev" dev="x"><pf dev="eth3"/></forward>`),
  xml(
    `<forward><nat ipv6="yes"><address start="1.2.3.4" end="1.2.3.9"/><port start="500" end="600"/></nat></forward>${ip}</ip>`,
  ),
  xml(`<forward><nat><address start="1.2.3.4"/></nat></forward>${ip}</ip>`),
  xml(`<forward><nat><address start="1.2.3.4" end="1.2.3.1"/></nat></forward>${ip}</ip>`),
  xml(`<forward><nat><address start="1.2.3.4" end="::1"/></nat></forward>${ip}</ip>`),
  xml(`<forward><nat><port start="9" end="3"/></nat></forward>${ip}</ip>`),
  xml(`<forward><nat><port end="3"/></nat></forward>${ip}</ip>`),
  xml(`<forward><nat/><nat/></forward>${ip}</ip>`),
  xml(`<forward><nat/></forward>${ip}</ip>`),
  xml(`<forward mode="route"><nat/></forward>${ip}</ip>`),
  xml(`<bridge delay="x"/>`),
  xml(`<bridge macTableManager="x"/>`),
  xml(`<mac address="52:54:0:AB:1:2"/><mtu size="9000"/>`),
  xml(`<mac address="x"/>`),
  xml(`<mac address="01:02:03:04:05:06"/>`),
  xml(`<mtu size="x"/>`),
  xml(`<domain name="lab.test" localOnly="yes"/>`),
  xml(`<domain localOnly="perhaps"/>`),
  xml(`<dns enable="no"/>`),
  xml(`<dns enable="no"><txt name="a" value="b"/></dns>`),
  xml(`<dns forwardPlainNames="yes"><host ip="1.2.3.4"><hostname>a</hostname><hostname>b</hostname></host>
    <srv service="ldap" protocol="tcp" domain="d" target="t" port="1" priority="0" weight="3"/>
    <txt name="a" value="b c"/><forwarder addr="8.8.8.8"/><forwarder domain="x.y" addr="::1"/></dns>`),
  xml(`<dns><forwarder/></dns>`),
  xml(`<dns><forwarder addr="x"/></dns>`),
  xml(`<dns><host ip="1.2.3.4"/></dns>`),
  xml(`<dns><host><hostname>a</hostname></host></dns>`),
  xml(`<dns><host ip="x"><hostname>a</hostname></host></dns>`),
  xml(`<dns><srv protocol="tcp"/></dns>`),
  xml(`<dns><srv service="a b" protocol="tcp"/></dns>`),
  xml(`<dns><srv service="a" protocol="t.c"/></dns>`),
  xml(`<dns><srv service="a"/></dns>`),
  xml(`<dns><srv service="a" protocol="tcp" port="80"/></dns>`),
  xml(`<dns><srv service="a" protocol="tcp" target="t" port="0"/></dns>`),
  xml(`<dns><srv service="a" protocol="tcp" target="t" weight="x"/></dns>`),
  xml(`<dns><txt value="b"/></dns>`),
  xml(`<dns><txt name="a b" value="b"/></dns>`),
  xml(`<dns><txt name="a"/></dns>`),
  xml(`<ip/>`),
  xml(`<ip address="x"/>`),
  xml(`<ip address="192.168.7.1" netmask="x"/>`),
  xml(`<ip address="192.168.7.1" netmask="255.255.255.0" prefix="24"/>`),
  xml(`<ip address="192.168.7.1" prefix="33"/>`),
  xml(`<ip address="192.168.7.1" prefix="x"/>`),
  xml(`<ip address="fe80::1"/>`),
  xml(`<ip family="ipv6" address="2001:DB8:0:0::01" prefix="64" localPtr="yes"><dhcp>
    <range start="2001:db8::10" end="2001:db8::20"/><host id="0:1:2" name="p" ip="2001:db8::11"/></dhcp></ip>`),
  xml(`<ip family="ipv6" address="2001:db8::1" netmask="255.0.0.0"/>`),
  xml(`<ip family="ipv6" address="2001:db8::1" prefix="129"/>`),
  xml(`<ip family="ipv6" address="1.2.3.4"/>`),
  xml(`<ip family="ipx" address="1.2.3.4"/>`),
  xml(`<ip family="ipv6" address="2001:db8::1" prefix="64"><tftp root="/x"/></ip>`),
  xml(`${ip}<tftp root="/t"/><dhcp><range start="192.168.7.2" end="192.168.7.9"><lease expiry="1" unit="hours"/></range>
    <host mac="52:54:00:00:00:01" name="a" ip="192.168.7.3"><lease expiry="0"/></host><bootp file="f" server="192.168.7.4"/></dhcp></ip>`),
  xml(`${ip}<dhcp><bootp file="f"/></dhcp></ip>`),
  xml(`${ip}<dhcp><range end="192.168.7.9"/></dhcp></ip>`),
  xml(`${ip}<dhcp><range start="192.168.7.2"/></dhcp></ip>`),
  xml(`${ip}<dhcp><range start="x" end="192.168.7.9"/></dhcp></ip>`),
  xml(`${ip}<dhcp><range start="192.168.7.9" end="192.168.7.2"/></dhcp></ip>`),
  xml(`${ip}<dhcp><range start="192.168.7.0" end="192.168.7.2"/></dhcp></ip>`),
  xml(`${ip}<dhcp><range start="192.168.7.2" end="192.168.7.255"/></dhcp></ip>`),
  xml(`${ip}<dhcp><range start="192.168.8.2" end="192.168.8.3"/></dhcp></ip>`),
  xml(`${ip}<dhcp><range start="2001:db8::10" end="2001:db8::20"/></dhcp></ip>`),
  xml(`${ip}<dhcp><range start="192.168.7.2" end="2001:db8::20"/></dhcp></ip>`),
  xml(`<ip address="10.0.0.1"><dhcp><range start="10.0.0.2" end="10.2.0.2"/></dhcp></ip>`),
  xml(`<ip address="230.0.0.1"><dhcp><range start="230.0.0.2" end="230.0.0.3"/></dhcp></ip>`),
  xml(`${ip}<dhcp><range start="192.168.7.2" end="192.168.7.9"><lease expiry="1"/></range></dhcp></ip>`),
  xml(`${ip}<dhcp><range start="192.168.7.2" end="192.168.7.9"><lease expiry="x"/></range></dhcp></ip>`),
  xml(
    `${ip}<dhcp><range start="192.168.7.2" end="192.168.7.9"><lease expiry="2" unit="years"/></range></dhcp></ip>`,
  ),
  xml(`${ip}<dhcp><host ip="192.168.7.3"/></dhcp></ip>`),
  xml(`${ip}<dhcp><host name="a"/></dhcp></ip>`),
  xml(`${ip}<dhcp><host name="-a" ip="192.168.7.3"/></dhcp></ip>`),
  xml(`${ip}<dhcp><host name="a" ip="x"/></dhcp></ip>`),
  xml(`${ip}<dhcp><host mac="x" ip="192.168.7.3"/></dhcp></ip>`),
  xml(`${ip}<dhcp><host mac="01:00:00:00:00:01" ip="192.168.7.3"/></dhcp></ip>`),
  xml(`${ip}<dhcp><host id="g" name="a" ip="192.168.7.3"/></dhcp></ip>`),
  xml(`${ip}</ip><route address="10.0.0.0" prefix="8" gateway="192.168.7.9" metric="2"/>
    <route family="ipv4" address="11.0.0.0" netmask="255.0.0.0" gateway="192.168.7.9"/>`),
  xml(`${ip}</ip><route address="10.0.0.1" prefix="8" gateway="192.168.7.9"/>`),
  xml(`${ip}</ip><route address="10.0.0.0" prefix="8" gateway="192.168.8.9"/>`),
  xml(`${ip}</ip><route prefix="8" gateway="192.168.8.9"/>`),
  xml(`${ip}</ip><route address="10.0.0.0" prefix="8"/>`),
  xml(`${ip}</ip><route address="x" prefix="8" gateway="192.168.7.9"/>`),
  xml(`${ip}</ip><route address="10.0.0.0" prefix="8" gateway="x"/>`),
  xml(`${ip}</ip><route address="10.0.0.0" prefix="40" gateway="192.168.7.9"/>`),
  xml(`${ip}</ip><route address="10.0.0.0" prefix="8" gateway="192.168.7.9" metric="0"/>`),
  xml(`${ip}</ip><route family="x" address="10.0.0.0" prefix="8" gateway="192.168.7.9"/>`),
  xml(`${ip}</ip><route address="10.0.0.0" prefix="8" netmask="255.0.0.0" gateway="192.168.7.9"/>`),
  xml(`<virtualport type="openvswitch"/>`),
  xml(`<virtualport/>`),
  xml(`<virtualport type="x"/>`),
  xml(
    `<vlan trunk="yes"><tag id="7"/></vlan><port isolated="yes"/><bandwidth><inbound average="1" peak="2" burst="3"/><outbound average="5"/></bandwidth>`,
  ),
  xml(`<vlan><tag id="7" nativeMode="tagged"/><tag id="8"/></vlan>`),
  xml(`<vlan/>`),
  xml(`<vlan><tag/></vlan>`),
  xml(`<vlan><tag id="5000"/></vlan>`),
  xml(`<vlan trunk="no"><tag id="1"/><tag id="2"/></vlan>`),
  xml(`<vlan trunk="what"><tag id="1"/></vlan>`),
  xml(`<bandwidth><inbound peak="2"/></bandwidth>`),
  xml(`<bandwidth><inbound average="1" floor="2"/></bandwidth>`),
  xml(`<bandwidth/>`),
  xml(`<port isolated="x"/>`),
  xml(`<portgroup name="a" default="YES" trustGuestRxFilters="yes"><bandwidth><inbound average="1"/></bandwidth>
    <vlan><tag id="3"/></vlan></portgroup><portgroup name="b"/>`),
  xml(`<portgroup/>`),
];

test("definitions are read alike", async () => {
  await compareDrivers(libvirtd, async (conn, take) => {
    for (const definition of definitions) await take(() => defined(conn, definition));
  });
});

async function defined(conn: Connection, definition: string) {
  const network = await conn.networkDefineXML(definition).catch(inWhateverWords);
  if (!("ref" in network)) return { asked: definition, ...network };
  try {
    return { asked: definition, got: await network.getXMLDesc() };
  } finally {
    await network.undefine();
  }
}

const busy = xml(`<forward mode="route"/>${ip}<dhcp><range start="192.168.7.2" end="192.168.7.9"/>
  <host mac="52:54:00:00:00:01" name="a" ip="192.168.7.3"/></dhcp></ip>
  <ip family="ipv6" address="2001:db8::1" prefix="64"/>
  <dns><txt name="a" value="b"/><host ip="1.2.3.4"><hostname>x</hostname></host>
    <srv service="s" protocol="tcp" target="t" port="1"/></dns>
  <portgroup name="g" default="yes"/>`);

/** Changes that are made one after the other. */
const changes: readonly (readonly [command: number, section: number, xml: string, index?: number])[] = [
  [Command.ADD_LAST, Section.IP_DHCP_HOST, `<host mac="52:54:00:00:00:02" name="b" ip="192.168.7.4"/>`],
  [Command.ADD_LAST, Section.IP_DHCP_HOST, `<host mac="52:54:00:00:00:02" name="c" ip="192.168.7.5"/>`],
  [Command.ADD_FIRST, Section.IP_DHCP_HOST, `<host name="d" ip="192.168.7.6"/>`, 0],
  [Command.ADD_FIRST, Section.IP_DHCP_HOST, `<host name="e" ip="2001:db8::5"/>`, 0],
  [Command.ADD_FIRST, Section.IP_DHCP_HOST, `<host name="e" ip="2001:db8::5"/>`, 1],
  [Command.ADD_FIRST, Section.IP_DHCP_HOST, `<host name="e" ip="2001:db8::5"/>`, 2],
  [Command.MODIFY, Section.IP_DHCP_HOST, `<host mac="52:54:00:00:00:02" name="bb" ip="192.168.7.44"/>`],
  [Command.MODIFY, Section.IP_DHCP_HOST, `<host mac="52:54:00:00:00:09" name="zz" ip="192.168.7.99"/>`],
  [Command.DELETE, Section.IP_DHCP_HOST, `<host name="bb"/>`],
  [Command.DELETE, Section.IP_DHCP_HOST, `<host name="bb"/>`],
  [Command.DELETE, Section.IP_DHCP_HOST, `<host/>`],
  [Command.ADD_LAST, Section.IP_DHCP_HOST, `<range/>`],
  [Command.ADD_LAST, Section.IP_DHCP_HOST, `<host`],
  [9, Section.IP_DHCP_HOST, `<host name="q" ip="192.168.7.66"/>`],
  [Command.ADD_LAST, Section.IP_DHCP_RANGE, `<range start="192.168.7.20" end="192.168.7.30"/>`],
  [Command.ADD_LAST, Section.IP_DHCP_RANGE, `<range start="192.168.7.20" end="192.168.7.30"/>`],
  [Command.ADD_FIRST, Section.IP_DHCP_RANGE, `<range start="192.168.7.30" end="192.168.7.31"/>`],
  [Command.DELETE, Section.IP_DHCP_RANGE, `<range start="192.168.7.20" end="192.168.7.30"/>`],
  [Command.DELETE, Section.IP_DHCP_RANGE, `<range start="192.168.7.20" end="192.168.7.30"/>`],
  [Command.MODIFY, Section.IP_DHCP_RANGE, `<range start="192.168.7.20" end="192.168.7.30"/>`],
  [Command.ADD_LAST, Section.FORWARD_INTERFACE, `<interface dev="eth0"/>`],
  [Command.ADD_LAST, Section.FORWARD_INTERFACE, `<interface dev="eth0"/>`],
  [Command.ADD_LAST, Section.FORWARD_INTERFACE, `<interface dev="eth1"/>`],
  [Command.ADD_LAST, Section.FORWARD_INTERFACE, `<interface/>`],
  [Command.MODIFY, Section.FORWARD_INTERFACE, `<interface dev="eth0"/>`],
  [Command.DELETE, Section.FORWARD_INTERFACE, `<interface dev="eth0"/>`],
  [Command.DELETE, Section.FORWARD_INTERFACE, `<interface dev="eth0"/>`],
  [Command.ADD_FIRST, Section.PORTGROUP, `<portgroup name="h"/>`],
  [Command.ADD_LAST, Section.PORTGROUP, `<portgroup name="h"/>`],
  [Command.ADD_LAST, Section.PORTGROUP, `<portgroup name="i" default="yes"/>`],
  [Command.MODIFY, Section.PORTGROUP, `<portgroup name="h"><vlan><tag id="4"/></vlan></portgroup>`],
  [Command.DELETE, Section.PORTGROUP, `<portgroup name="h"/>`],
  [Command.DELETE, Section.PORTGROUP, `<portgroup name="h"/>`],
  [9, Section.PORTGROUP, `<portgroup name="g"/>`],
  [Command.ADD_LAST, Section.DNS_HOST, `<host ip="1.2.3.5"><hostname>y</hostname></host>`],
  [Command.ADD_LAST, Section.DNS_HOST, `<host ip="1.2.3.5"><hostname>z</hostname></host>`],
  [Command.ADD_LAST, Section.DNS_HOST, `<host ip="1.2.3.6"><hostname>y</hostname></host>`],
  [Command.DELETE, Section.DNS_HOST, `<host><hostname>y</hostname></host>`],
  [Command.DELETE, Section.DNS_HOST, `<host ip="1.2.3.6"/>`],
  [Command.DELETE, Section.DNS_HOST, `<host ip="1.2.3.6"/>`],
  [Command.DELETE, Section.DNS_HOST, `<host/>`],
  [Command.ADD_LAST, Section.DNS_TXT, `<txt name="c" value="d"/>`],
  [Command.ADD_LAST, Section.DNS_TXT, `<txt name="c" value="e"/>`],
  [Command.DELETE, Section.DNS_TXT, `<txt name="c"/>`],
  [Command.DELETE, Section.DNS_TXT, `<txt name="c"/>`],
  [Command.ADD_LAST, Section.DNS_SRV, `<srv service="s" protocol="tcp"/>`],
  [Command.ADD_FIRST, Section.DNS_SRV, `<srv service="u" protocol="udp"/>`],
  [Command.ADD_LAST, Section.DNS_SRV, `<srv service="u" protocol="udp"/>`],
  [Command.DELETE, Section.DNS_SRV, `<srv/>`],
  [Command.DELETE, Section.DNS_SRV, `<srv service="u"/>`],
  [Command.DELETE, Section.DNS_SRV, `<srv service="u"/>`],
  [Command.MODIFY, Section.DNS_SRV, `<srv service="s"/>`],
  [Command.ADD_LAST, Section.BRIDGE, "<x/>"],
  [Command.ADD_LAST, Section.DOMAIN, "<x/>"],
  [Command.ADD_LAST, Section.IP, "<x/>"],
  [Command.ADD_LAST, Section.FORWARD, "<x/>"],
  [Command.ADD_LAST, Section.FORWARD_PF, "<x/>"],
  [Command.ADD_LAST, 77, "<x/>"],
];

test("networks are updated alike", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const network = await get(() => conn.networkDefineXML(busy));
    for (const change of changes) await take(() => changed(network, change));
    await take(() => network.update(Command.ADD_LAST, Section.DNS_TXT, -1, `<txt name="l" value="m"/>`, 1));
    await take(() => network.create());
    await take(() => network.update(Command.ADD_LAST, Section.DNS_TXT, -1, `<txt name="l" value="m"/>`, 1));
    await take(() => network.update(Command.ADD_LAST, Section.DNS_TXT, -1, `<txt name="n" value="o"/>`, 2));
    await take(() => network.update(Command.ADD_LAST, Section.DNS_TXT, -1, `<txt name="p" value="q"/>`, 3));
    await take(() => network.update(Command.ADD_LAST, Section.DNS_TXT, -1, `<txt name="r" value="s"/>`, 4));
    await take(() => network.getXMLDesc());
    await take(() => network.destroy());
    await take(() => network.getXMLDesc());
    await take(() => network.undefine());
    const transient = await get(() => conn.networkCreateXML(busy));
    await take(() => transient.update(Command.ADD_LAST, Section.DNS_TXT, -1, `<txt name="l" value="m"/>`, 2));
    await take(() => transient.destroy());
  });
});

async function changed(network: Network, [command, section, text, index = -1]: (typeof changes)[number]) {
  const error = await network.update(command, section, index, text).catch(inWhateverWords);
  return { text, error, xml: await network.getXMLDesc() };
}
