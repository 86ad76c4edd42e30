import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { newUuid, parseMac, parseUuid } from "../identity.js";
import { tidyMetadata } from "../metadata.js";
import { XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { parseXml } from "../xml/parse.js";
import { readUnsigned, wordAttribute } from "../xml/values.js";
import { NetworkDefinition } from "./definition.js";
import { networkLists, networkOrder } from "./order.js";
import { isMulticast } from "./read-dhcp.js";
import { readDns } from "./read-dns.js";
import { readForward } from "./read-forward.js";
import { dropEmpty, readIp, readRoute } from "./read-ip.js";
import { readBandwidth, readPortGroup, readVirtualPort, readVlan } from "./read-ports.js";
import { checkNumber, refuse } from "./refuse.js";

export function parseNetwork(text: string): NetworkDefinition {
  const from = ErrorDomain.NETWORK;
  return readNetwork(parseXml(text, { what: "(network_definition)", root: "network", from }));
}

/** Makes a definition of a `<network>`: checks it, completes it, and puts it into libvirt's order. */
export function readNetwork(given: XmlElement): NetworkDefinition {
  const xml = new XmlElement("network", given.attributes, [...given.nodes]);
  dropRepeated(
    xml,
    networkOrder.filter((name) => !networkLists.includes(name)),
  );
  const name = xml.childText("name");
  if (!name) throw driverError(ErrorNumber.NO_NAME, undefined, ErrorDomain.NETWORK);
  if (name.includes("/")) {
    throw driverError(ErrorNumber.XML_DETAIL, "invalid char in name: /", ErrorDomain.XML);
  }
  readUuid(xml);
  readTexts(xml);
  readSwitches(xml, name);
  readDomain(xml, name);
  for (const [part, read] of simpleParts) {
    const found = xml.child(part);
    if (found) read(found, xml);
  }
  readBridge(xml, name);
  const dns = xml.child("dns");
  if (dns) readDns(dns, name);
  // One that says nothing is not there.
  if (dns && dns.nodes.length === 0 && dns.attributes.length === 0) xml.remove(dns);
  const virtualPort = xml.child("virtualport");
  if (virtualPort) readVirtualPort(virtualPort, true);
  for (const portGroup of xml.childrenNamed("portgroup")) readPortGroup(portGroup);
  const ips = xml.childrenNamed("ip");
  for (const ip of ips) readIp(ip, name);
  for (const route of xml.childrenNamed("route")) readRoute(route, name, ips);
  const forward = xml.child("forward");
  if (forward) readForward(forward, name);
  if (forward?.attribute("mode") === "none") xml.remove(forward);
  checkForward(xml, name);
  completeBridge(xml);
  xml.sortChildren(networkOrder);
  return new NetworkDefinition(xml);
}

function readUuid(xml: XmlElement): void {
  const given = xml.childText("uuid");
  const uuid = given ? parseUuid(given) : newUuid();
  if (uuid === undefined) refuse("malformed uuid element", ErrorNumber.INTERNAL_ERROR);
  xml.ensure("uuid", networkOrder).text = uuid;
}

function readTexts(xml: XmlElement): void {
  if (xml.childText("title")?.includes("\n")) refuse("Network title can't contain newlines");
  for (const name of ["title", "description"]) if (xml.childText(name) === "") xml.removeNamed(name);
  const metadata = xml.child("metadata");
  if (metadata) tidyMetadata(metadata);
  if (metadata?.nodes.length === 0) xml.remove(metadata);
}

function readSwitches(xml: XmlElement, name: string): void {
  // How many use it is for libvirt to say.
  xml.setAttribute("connections", undefined);
  const ipv6 = xml.attribute("ipv6") || undefined;
  if (ipv6 !== undefined && ipv6 !== "yes" && ipv6 !== "no") {
    refuse(`Invalid ipv6 setting '${ipv6}' in network '${name}'`);
  }
  xml.setAttribute("ipv6", ipv6 === "yes" ? ipv6 : undefined);
  wordAttribute(xml, "trustGuestRxFilters", ["yes", "no"]);
  xml.orderAttributes(["ipv6", "trustGuestRxFilters"]);
}

function readDomain(xml: XmlElement, name: string): void {
  const domain = xml.child("domain");
  if (!domain) return;
  const [local, register] = ["localOnly", "register"].map((each) =>
    wordAttribute(domain, each, ["yes", "no"]),
  );
  if (register === "yes" && local !== "yes") {
    const detail = `attribute 'register=yes' in <domain> element requires 'localOnly=yes' in network ${name}`;
    refuse(detail, ErrorNumber.CONFIG_UNSUPPORTED);
  }
  if (domain.attribute("name") === undefined) xml.remove(domain);
  domain.orderAttributes(["name", "localOnly", "register"]);
}

const simpleParts: readonly (readonly [name: string, read: (part: XmlElement, xml: XmlElement) => void])[] = [
  ["bandwidth", readBandwidth],
  ["vlan", readVlan],
  [
    "port",
    (port, xml) => {
      if (wordAttribute(port, "isolated", ["yes", "no"]) === undefined) xml.remove(port);
    },
  ],
];

function readBridge(xml: XmlElement, name: string): void {
  const bridge = xml.child("bridge");
  checkNumber(bridge, "delay", `Invalid delay value in network '${name}'`, (1n << 64n) - 1n);
  const manager = bridge?.attribute("macTableManager");
  if (manager && manager !== "kernel" && manager !== "libvirt") {
    refuse(`Invalid macTableManager setting '${manager}' in network '${name}'`);
  }
  if (bridge) dropEmpty(bridge, ["name", "zone", "stp", "delay", "macTableManager"]);
  readMac(xml, name);
  const mtu = xml.child("mtu");
  const size = mtu?.attribute("size");
  checkNumber(mtu, "size", `Invalid mtu size '${size}' in network '${name}'`);
  if (mtu && !readUnsigned(size ?? "")) xml.remove(mtu);
}

function readMac(xml: XmlElement, name: string): void {
  const mac = xml.child("mac");
  const address = mac?.attribute("address");
  if (mac && !address) xml.remove(mac);
  if (!mac || !address) return;
  const parsed = parseMac(address);
  if (parsed === undefined) refuse(`Invalid bridge mac address '${address}' in network '${name}'`);
  if (isMulticast(parsed)) {
    refuse(`Invalid multicast bridge mac address '${address}' in network '${name}'`);
  }
  mac.setAttribute("address", parsed);
}

/** Those whose packets libvirt forwards itself, over a bridge that it makes. */
const ownBridge: readonly (string | undefined)[] = [undefined, "nat", "route", "open"];

/** What goes with which way out. */
function checkForward(xml: XmlElement, name: string): void {
  const forward = xml.child("forward");
  const mode = forward?.attribute("mode");
  const bridge = xml.child("bridge");
  const interfaces =
    (forward?.childrenNamed("interface").length ?? 0) + (forward?.childrenNamed("address").length ?? 0);
  if (mode === "nat" || mode === "route") {
    if (!xml.child("ip")) {
      refuse(`${mode} forwarding requested, but no IP address provided for network '${name}'`);
    }
    if (interfaces > 1) {
      const detail = `multiple forwarding interfaces specified for network '${name}', only one is supported`;
      refuse(detail);
    }
  }
  if (mode === "open" && interfaces > 0) {
    refuse(`forward dev not allowed for network '${name}' with forward mode='${mode}'`);
  }
  if (ownBridge.includes(mode)) return;
  const not = (what: string) => refuse(`${what} not allowed in ${mode} mode (network '${name}')`);
  if (mode !== "bridge") {
    if (bridge?.attribute("name")) not("bridge name");
    if (bridge?.attribute("zone")) not("bridge zone");
    if (bridge?.attribute("macTableManager")) not("bridge macTableManager setting");
  }
  const only = `only allowed in open, route, nat, and isolated mode, not in ${mode} (network '${name}')`;
  const hasDelay = readUnsigned(bridge?.attribute("delay") ?? "") || bridge?.attribute("stp");
  if (hasDelay || bridge?.attribute("zone")) refuse(`bridge delay/stp/zone options ${only}`);
  if (bridge?.attribute("name") && (interfaces > 0 || forward?.child("pf"))) {
    const either = `A network with forward mode='${mode}' can specify a bridge name or a forward dev`;
    refuse(`${either}, but not both (network '${name}')`);
  }
  if (xml.child("mtu")) refuse(`mtu size ${only}`);
}

/** A network that libvirt makes the bridge for says how that one is to be. */
function completeBridge(xml: XmlElement): void {
  const hasOwn = ownBridge.includes(xml.child("forward")?.attribute("mode"));
  const given = xml.child("bridge");
  if (!hasOwn) {
    if (given && given.attributes.length === 0) xml.remove(given);
    return;
  }
  const bridge = given ?? xml.ensure("bridge", networkOrder);
  bridge.setAttribute("stp", bridge.attribute("stp") === "off" ? "off" : "on");
  bridge.setAttribute("delay", readUnsigned(bridge.attribute("delay") ?? "0", (1n << 64n) - 1n) ?? 0n);
  bridge.orderAttributes(["name", "zone", "stp", "delay", "macTableManager"]);
}
