import { ErrorNumber } from "../../../generated/constants.js";
import { parseIp } from "../ip.js";
import { element, type XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { readUnsigned, wordAttribute } from "../xml/values.js";
import { checkRange } from "./read-dhcp.js";
import { dropEmpty } from "./read-ip.js";
import { refuse } from "./refuse.js";

/** How a network's packets get out, and over what. */
export function readForward(forward: XmlElement, network: string): void {
  dropEmpty(forward, ["mode", "dev", "managed"]);
  const mode = forward.attribute("mode") ?? "nat";
  if (!forwardModes.includes(mode)) {
    refuse(`unknown forwarding type '${mode}'`, ErrorNumber.CONFIG_UNSUPPORTED);
  }
  forward.setAttribute("mode", mode);
  const isManaged = forward.attribute("managed")?.toLowerCase() === "yes";
  forward.setAttribute("managed", mode !== "hostdev" ? undefined : isManaged ? "yes" : "no");
  const nats = forward.childrenNamed("nat");
  if (nats.length > 1) {
    refuse(`Only one <nat> element is allowed in <forward> of network ${network}`);
  }
  if (nats[0]) readNat(forward, nats[0], mode, network);
  readInterfaces(forward, network);
  dropRepeated(forward, ["driver"]);
  forward.sortChildren(["driver", "nat", "pf", "interface", "address"]);
  forward.orderAttributes(["dev", "mode", "managed"]);
}

export const forwardModes: readonly string[] = [
  ...["none", "nat", "route", "open", "bridge", "private", "vepa", "passthrough", "hostdev"],
];

function readNat(forward: XmlElement, nat: XmlElement, mode: string, network: string): void {
  if (mode !== "nat") {
    const detail = `The <nat> element can only be used when <forward> 'mode' is 'nat' in network ${network}`;
    refuse(detail);
  }
  wordAttribute(nat, "ipv6", ["yes", "no"]);
  const where = `in <nat> in <forward> in network ${network}`;
  for (const name of ["address", "port"]) {
    if (nat.childrenNamed(name).length > 1) refuse(`Only one <${name}> element is allowed ${where}`);
  }
  const address = nat.child("address");
  if (address) {
    const [start, end] = ["start", "end"].map((name) => {
      const text = address.attribute(name);
      if (text === undefined) refuse(`missing '${name}' attribute in <address> element ${where}`);
      const parsed = parseIp(text);
      return parsed?.family === 4 ? parsed : refuse(`Bad ipv4 ${name} address '${text}' ${where}`);
    });
    if (start && end) checkRange(start, end);
    address.orderAttributes(["start", "end"]);
  }
  const port = nat.child("port");
  if (port) {
    const first = readUnsigned(port.attribute("start") ?? "", 65535n);
    const last = readUnsigned(port.attribute("end") ?? "", 65535n);
    if (first === undefined) refusePort("start", where);
    if (last === undefined || last < first) refusePort("end", where);
    if (last === 0n) nat.remove(port);
    port.orderAttributes(["start", "end"]);
  }
  nat.sortChildren(["address", "port"]);
  if (nat.nodes.length === 0 && nat.attributes.length === 0) forward.remove(nat);
}

function refusePort(name: string, where: string): never {
  refuse(`Missing or invalid '${name}' attribute in <port> ${where}`, ErrorNumber.XML_DETAIL);
}

/** What it goes over: interfaces by their names, or by where they are, or those of a card that has many. */
function readInterfaces(forward: XmlElement, network: string): void {
  const [interfaces, addresses, pfs] = ["interface", "address", "pf"].map((name) =>
    forward.childrenNamed(name),
  ) as [XmlElement[], XmlElement[], XmlElement[]];
  const dev = forward.attribute("dev");
  if (dev !== undefined && addresses.length + pfs.length > 0) {
    refuse(
      `the <forward> 'dev' attribute cannot be used when <address> or <pf> sub-elements are present in network ${network}`,
    );
  }
  const seen = new Set<string>();
  for (const each of interfaces) {
    const name = each.attribute("dev");
    if (name === undefined) {
      refuse(`Missing required dev attribute in <forward> <interface> element of network ${network}`);
    }
    if (seen.size === 0 && dev !== undefined && name !== dev) {
      const mismatch = `<forward dev='${dev}'> must match first <interface dev='${name}'/>`;
      refuse(`${mismatch} in network ${network}`);
    }
    if (seen.has(name)) refuse(`interface '${name}' can only be listed once in network ${network}`);
    seen.add(name);
    each.setAttribute("connections", undefined);
  }
  if (interfaces.length === 0 && dev !== undefined) forward.append(element("interface", { dev }));
  if (interfaces.length > 0 || dev !== undefined) {
    for (const name of ["address", "pf"]) forward.removeNamed(name);
  } else if (addresses.length > 0) readAddresses(forward, addresses, network);
  else readPhysicalFunction(pfs, network);
  // The first of them stands before all others.
  forward.setAttribute("dev", forward.child("interface")?.attribute("dev"));
}

function readAddresses(forward: XmlElement, addresses: readonly XmlElement[], network: string): void {
  forward.removeNamed("pf");
  for (const address of addresses) {
    const type = address.attribute("type");
    if (type === undefined) refuse(`missing address type in network ${network}`);
    if (type !== "pci" && type !== "none" && type !== "netdev") {
      refuse(`unknown address type '${type}' in network ${network}`, ErrorNumber.CONFIG_UNSUPPORTED);
    }
    if (type !== "pci") refuse(`unsupported address type '${type}' in network ${network}`);
  }
}

function readPhysicalFunction(pfs: readonly XmlElement[], network: string): void {
  if (pfs.length > 1) refuse(`Only one <pf> element is allowed in <forward> of network ${network}`);
  if (pfs[0] && pfs[0].attribute("dev") === undefined) {
    refuse(`Missing required dev attribute in <pf> element of network '${network}'`);
  }
}
