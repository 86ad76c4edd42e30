import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { bitsOf, type IpAddress, naturalPrefix, networkOf, parseIp, prefixOfNetmask } from "../ip.js";
import type { XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { unsignedAttribute, wordAttribute } from "../xml/values.js";
import { addressOf, readDhcp, type Subnet } from "./read-dhcp.js";
import { ipAttribute, refuse } from "./refuse.js";

const { CONFIG_UNSUPPORTED } = ErrorNumber;

/** An address of the network's bridge, and whom it serves from there. */
export function readIp(ip: XmlElement, network: string): void {
  dropEmpty(ip, ["family", "address", "netmask"]);
  const text = ip.attribute("address");
  const address = ipAttribute(ip, "address", `Invalid address '${text}' in network '${network}'`);
  if (!address) refuse(`Missing required address attribute in network '${network}'`);
  const badMask = `Invalid netmask '${ip.attribute("netmask")}' in network '${network}'`;
  const netmask = ipAttribute(ip, "netmask", badMask);
  const prefix = unsignedAttribute(ip, "prefix") ?? 0;
  wordAttribute(ip, "localPtr", ["yes", "no"]);
  const family = ip.attribute("family");
  if (family === undefined || family === "ipv4") checkV4(address, netmask, prefix, family, network);
  else if (family === "ipv6") checkV6(address, netmask, prefix, network);
  else refuse(`Unrecognized family '${family}' in network '${network}'`);
  if (prefix === 0) ip.setAttribute("prefix", undefined);
  ip.orderAttributes(["family", "address", "netmask", "prefix", "localPtr"]);

  dropRepeated(ip, ["tftp", "dhcp"]);
  const dhcp = ip.child("dhcp");
  if (dhcp) readDhcp(dhcp, subnetOf(ip), network);
  // Who only boots is not written down.
  if (dhcp && !dhcp.child("range") && !dhcp.child("host")) ip.remove(dhcp);
  const tftp = ip.child("tftp");
  if (tftp && address.family === 6) {
    refuse(`Unsupported <tftp> element in an IPv6 element in network '${network}'`, CONFIG_UNSUPPORTED);
  }
  if (tftp && !tftp.attribute("root")) ip.remove(tftp);
  ip.sortChildren(["tftp", "dhcp"]);
  ip.block = true;
}

/** Attributes that say nothing are as if they were not there, where libvirt looks at them so. */
export function dropEmpty(of: XmlElement, names: readonly string[]): void {
  for (const name of names) if (of.attribute(name) === "") of.setAttribute(name, undefined);
}

function checkV4(
  address: IpAddress,
  netmask: IpAddress | undefined,
  prefix: number,
  family: string | undefined,
  network: string,
): void {
  const refuseIt = (detail: string) => refuse(detail, CONFIG_UNSUPPORTED);
  if (address.family !== 4) {
    const given = family ?? "no";
    refuseIt(`${given} family specified for non-IPv4 address '${address.text}' in network '${network}'`);
  }
  if (netmask && netmask.family !== 4) {
    const where = `for address '${address.text}' in network '${network}' (both must be IPv4)`;
    refuseIt(`Invalid netmask '${netmask.text}' ${where}`);
  }
  if (netmask && prefix > 0) {
    refuseIt(`Network '${network}' IP address cannot have both a prefix and a netmask`);
  }
  if (prefix > 32) refuseIt(`Invalid IPv4 prefix '${prefix}' in network '${network}'`);
}

function checkV6(address: IpAddress, netmask: IpAddress | undefined, prefix: number, network: string): void {
  const refuseIt = (detail: string) => refuse(detail, CONFIG_UNSUPPORTED);
  if (address.family !== 6) {
    refuseIt(`Family 'ipv6' specified for non-IPv6 address '${address.text}' in network '${network}'`);
  }
  if (netmask) refuseIt(`netmask not allowed for IPv6 address '${address.text}' in network '${network}'`);
  if (prefix > 128) refuseIt(`Invalid IPv6 prefix '${prefix}' in network '${network}'`);
}

/** The network that an `<ip>` that has been checked is in. */
export function subnetOf(ip: XmlElement): Subnet {
  const address = addressOf(ip);
  const netmask = parseIp(ip.attribute("netmask") ?? "");
  const prefix = Number(ip.attribute("prefix") ?? 0);
  if (prefix > 0) return { address, prefix };
  return { address, prefix: netmask ? prefixOfNetmask(netmask) : address && naturalPrefix(address) };
}

/** A way to other networks, over one of those that the network's addresses are in. */
export function readRoute(route: XmlElement, network: string, ips: readonly XmlElement[]): void {
  const { address, gateway } = readRouteAddresses(route, network);
  const family = route.attribute("family");
  const prefix = unsignedAttribute(route, "prefix");
  const metric = unsignedAttribute(route, "metric");
  if (metric === 0) {
    const detail = "Invalid value for attribute 'metric' in element 'route': '0'. Zero is not permitted";
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
  }
  const netmask = ipAttribute(
    route,
    "netmask",
    `${network}: Bad netmask address '${route.attribute("netmask")}' in route definition`,
  );
  if (family !== undefined && family !== "ipv4" && family !== "ipv6") {
    refuse(`${network}: Unrecognized family '${family}' in route definition`);
  }
  const wanted = family === "ipv6" ? 6 : 4;
  for (const each of [address, gateway]) {
    if (each.family === wanted) continue;
    const given = family === undefined ? "No" : family === "ipv4" ? "IPv4" : family;
    refuse(
      `${network}: ${given} family specified for non-IPv${wanted} address '${each.text}' in route definition`,
    );
  }
  if (netmask && (wanted === 6 || netmask.family !== wanted || prefix !== undefined)) {
    refuse(`${network}: Route definition cannot have this netmask for address '${address.text}'`);
  }
  const most = bitsOf(address);
  if ((prefix ?? 0) > most) {
    refuse(`${network}: Invalid prefix ${prefix} specified in route definition, must be 0 - ${most}`);
  }
  const isNetwork = netmask
    ? (address.value & netmask.value) === address.value
    : networkOf(address, prefix ?? 0) === address.value;
  if (!isNetwork) {
    refuse(`${network}: Address '${address.text}' in route definition is not a network address`);
  }
  checkGateway(gateway, network, ips);
  route.orderAttributes(["family", "address", "netmask", "prefix", "gateway", "metric"]);
}

function readRouteAddresses(route: XmlElement, network: string) {
  for (const name of ["address", "gateway"]) {
    if (route.attribute(name) !== undefined) continue;
    refuse(`${network}: Missing required ${name} attribute in route definition`);
  }
  const read = (name: string, what: string) => {
    const bad = `${network}: Bad ${what} address '${route.attribute(name)}' in route definition`;
    return ipAttribute(route, name, bad) ?? refuse(bad);
  };
  return { address: read("address", "network"), gateway: read("gateway", "gateway") };
}

function checkGateway(gateway: IpAddress, network: string, ips: readonly XmlElement[]): void {
  const isReachable = ips.map(subnetOf).some(({ address, prefix }) => {
    if (!address || prefix === undefined || address.family !== gateway.family) return false;
    return networkOf(address, prefix) === networkOf(gateway, prefix);
  });
  if (isReachable) return;
  const detail = `unreachable static route gateway '${gateway.text}' specified for network '${network}'`;
  refuse(detail, CONFIG_UNSUPPORTED);
}
