import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError, unknownError } from "../errors.js";
import { XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { parseXml } from "../xml/parse.js";
import {
  integerAttribute,
  readInteger,
  readUnsigned,
  unsignedAttribute,
  wordAttribute,
} from "../xml/values.js";

/** What an interface of the host is: its XML in libvirt's order, and what it is found by. */
export interface InterfaceDefinition {
  readonly xml: XmlElement;
  readonly name: string;
  /** Empty where it has none of its own. */
  readonly mac: string;
}

const order = ["start", "mtu", "protocol", "link", "mac", "bridge", "bond", "vlan"] as const;
const types = ["ethernet", "bridge", "bond", "vlan"] as const;
type InterfaceType = (typeof types)[number];

/** What can be part of what. */
const members: Readonly<Partial<Record<InterfaceType, readonly InterfaceType[]>>> = {
  bridge: ["ethernet", "bond", "vlan"],
  bond: ["ethernet"],
};

export function parseInterface(text: string): InterfaceDefinition {
  const from = ErrorDomain.INTERFACE;
  return readInterface(parseXml(text, { what: "(interface_definition)", root: "interface", from }));
}

/** Makes a definition of an `<interface>`: checks it, and puts it into libvirt's order. */
export function readInterface(given: XmlElement): InterfaceDefinition {
  const xml = readElement(given, undefined);
  const name = xml.attribute("name") ?? "";
  return { xml, name, mac: xml.child("mac")?.attribute("address") ?? "" };
}

/** `within` is the type of the interface that this one is a member of. */
function readElement(given: XmlElement, within: InterfaceType | undefined): XmlElement {
  const xml = new XmlElement("interface", given.attributes, [...given.nodes]);
  dropRepeated(
    xml,
    order.filter((name) => name !== "protocol"),
  );
  if (xml.attribute("type") === undefined) {
    const detail = "Missing required attribute 'type' in element 'interface'";
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
  }
  const type = wordAttribute(xml, "type", types) ?? "ethernet";
  if (within && !members[within]?.includes(type)) refuse(`interface has unsupported type '${type}'`);
  if (xml.attribute("name") === undefined) refuse("interface has no name");
  if (within) for (const name of ["start", "mtu", "protocol"]) xml.removeNamed(name);
  else readTopLevel(xml);
  readLink(xml, type);
  if (!xml.child("mac")?.attribute("address")) xml.removeNamed("mac");
  for (const other of ["mac", "bridge", "bond", "vlan"]) {
    if (other !== parts[type].name) xml.removeNamed(other);
  }
  const part = xml.child(parts[type].name);
  if (part) parts[type].read(part);
  else if (type !== "ethernet") refuse(`${type} interface misses the ${type} element`);
  xml.orderAttributes(["type", "name"]);
  xml.sortChildren(order);
  xml.block = true;
  return xml;
}

/** The element that each type of interface has to itself. */
const parts: Readonly<Record<InterfaceType, { readonly name: string; read(part: XmlElement): void }>> = {
  ethernet: { name: "mac", read() {} },
  bridge: { name: "bridge", read: readBridge },
  bond: { name: "bond", read: readBond },
  vlan: { name: "vlan", read: readVlan },
};

function refuse(detail: string): never {
  throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.INTERFACE);
}

/** The value of an attribute that has to be one of a few words, if there is any. */
function checkWord(of: XmlElement | undefined, name: string, words: readonly string[], what: string): void {
  const word = of?.attribute(name);
  if (word && !words.includes(word)) refuse(`unknown ${what} ${word}`);
}

function readTopLevel(xml: XmlElement): void {
  const start = xml.child("start");
  checkWord(start, "mode", ["onboot", "hotplug", "none"], "interface startmode");
  if (start && !start.attribute("mode")) xml.remove(start);
  const mtu = xml.child("mtu");
  const size = readUnsigned(mtu?.attribute("size") || "0");
  // libvirt has no words for it.
  if (size === undefined) throw unknownError();
  if (size > 100_000n) refuse("value of the 'size' attribute of 'mtu' element must be at most 100000");
  if (size === 0n) xml.removeNamed("mtu");
  else mtu?.setAttribute("size", size);
  for (const protocol of xml.childrenNamed("protocol")) readProtocol(protocol);
}

function readProtocol(protocol: XmlElement): void {
  const family = protocol.attribute("family");
  if (family === undefined) refuse("protocol misses the family attribute");
  if (family !== "ipv4" && family !== "ipv6") refuse(`unsupported protocol family '${family}'`);
  dropRepeated(protocol, ["autoconf", "dhcp", "route"]);
  if (family === "ipv4") protocol.removeNamed("autoconf");
  const dhcp = protocol.child("dhcp");
  if (dhcp) wordAttribute(dhcp, "peerdns", ["yes", "no"]);
  for (const ip of protocol.childrenNamed("ip")) {
    if (ip.attribute("address") === undefined) protocol.remove(ip);
    else ip.setAttribute("prefix", integerAttribute(ip, "prefix", "any") || undefined);
    ip.orderAttributes(["address", "prefix"]);
  }
  const route = protocol.child("route");
  if (route && !route.attribute("gateway")) protocol.remove(route);
  protocol.sortChildren(["autoconf", "dhcp", "ip", "route"]);
  protocol.block = true;
}

const linkStates = [
  ...["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"],
] as const;

/** Whether there is a cable in it, which is no question for a bridge. */
function readLink(xml: XmlElement, type: InterfaceType): void {
  const link = xml.child("link");
  if (!link) return;
  if (type !== "bridge") {
    wordAttribute(link, "state", linkStates);
    link.setAttribute("speed", unsignedAttribute(link, "speed") || undefined);
    link.orderAttributes(["speed", "state"]);
  }
  if (type === "bridge" || link.attributes.length === 0) xml.remove(link);
}

/** Those that are part of it. */
function readMembers(of: XmlElement, type: InterfaceType): void {
  of.nodes = of.children.map((each) => (each.name === "interface" ? readElement(each, type) : each));
  of.block = true;
}

function readBridge(bridge: XmlElement): void {
  const stp = bridge.attribute("stp");
  if (stp !== undefined && stp !== "on" && stp !== "off") {
    // With a word that it does not know libvirt looks no further, and takes what it has read for all there is.
    for (const name of ["stp", "delay"]) bridge.setAttribute(name, undefined);
    bridge.nodes = [];
  }
  bridge.orderAttributes(["stp", "delay"]);
  readMembers(bridge, "bridge");
}

const bondModes = [
  ...["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"],
];

function readBond(bond: XmlElement): void {
  checkWord(bond, "mode", bondModes, "bonding mode");
  if (!bond.attribute("mode")) bond.setAttribute("mode", undefined);
  readMembers(bond, "bond");
  dropRepeated(bond, ["miimon", "arpmon"]);
  const [mii, arp] = [bond.child("miimon"), bond.child("arpmon")];
  if (mii) {
    mii.setAttribute("freq", readNumber(mii, "freq", "bond interface miimon freq missing or invalid"));
    for (const name of ["downdelay", "updelay"]) {
      const delay = mii.attribute(name) && readNumber(mii, name, `bond interface miimon ${name} invalid`);
      mii.setAttribute(name, delay && delay > 0 ? delay : undefined);
    }
    checkWord(mii, "carrier", ["ioctl", "netif"], "mii bonding carrier");
    mii.orderAttributes(["freq", "downdelay", "updelay", "carrier"]);
    bond.removeNamed("arpmon");
  } else if (arp) {
    const interval = readNumber(arp, "interval", "bond interface arpmon interval missing or invalid");
    arp.setAttribute("interval", interval);
    if (!arp.attribute("target")) refuse("bond interface arpmon target missing");
    checkWord(arp, "validate", ["active", "backup", "all"], "arp bonding validate");
    arp.orderAttributes(["interval", "target", "validate"]);
  }
  bond.sortChildren(["miimon", "arpmon", "interface"]);
}

function readNumber(of: XmlElement, name: string, otherwise: string): number {
  return readInteger(of.attribute(name) ?? "") ?? refuse(otherwise);
}

function readVlan(vlan: XmlElement): void {
  if (!vlan.attribute("tag")) refuse("vlan interface misses the tag attribute");
  dropRepeated(vlan, ["interface"]);
  const on = vlan.child("interface");
  if (!on?.attribute("name")) refuse("vlan interface misses name attribute");
  // Only its name is of interest.
  on.nodes = [];
  for (const [name] of [...on.attributes]) if (name !== "name") on.setAttribute(name, undefined);
}
