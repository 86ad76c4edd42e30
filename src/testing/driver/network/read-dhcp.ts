import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { parseMac } from "../identity.js";
import { broadcastOf, type IpAddress, networkOf, parseIp } from "../ip.js";
import type { XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { readUnsigned, wordAttribute } from "../xml/values.js";
import { ipAttribute, refuse } from "./refuse.js";

/** The address of an `<ip>`, with the length of its network's part; undefined where that cannot be told. */
export interface Subnet {
  readonly address: IpAddress | undefined;
  readonly prefix: number | undefined;
}

/** Whom a `<dhcp>` serves: any in a range, and those who are named. */
export function readDhcp(dhcp: XmlElement, subnet: Subnet, network: string): void {
  for (const range of dhcp.childrenNamed("range")) readRange(range, subnet, network);
  for (const host of dhcp.childrenNamed("host")) readDhcpHost(host, subnet, network);
  dropRepeated(dhcp, ["bootp"]);
  const bootp = dhcp.child("bootp");
  if (bootp && subnet.address?.family === 4) {
    if (bootp.attribute("file") === undefined) {
      const detail = "Missing required attribute 'file' in element 'bootp'";
      throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
    }
    ipAttribute(bootp, "server");
    bootp.orderAttributes(["file", "server"]);
  } else if (bootp) dhcp.remove(bootp);
  dhcp.sortChildren(["range", "host", "bootp"]);
}

export function readRange(range: XmlElement, subnet: Subnet, network: string): void {
  const [start, end] = ["start", "end"].map((name) => {
    const address = ipAttribute(range, name);
    return address ?? refuse(`Missing '${name}' attribute in dhcp range for network '${network}'`);
  });
  if (start && end) checkRange(start, end, subnet);
  range.orderAttributes(["start", "end"]);
  readLease(range);
}

/** Refuses a range that is none, or that is not within its network. */
export function checkRange(start: IpAddress, end: IpAddress, subnet?: Subnet): void {
  const range = `range ${start.text} - ${end.text}`;
  if (start.family !== end.family) refuseRange(`mismatch of address family in ${range}`);
  if (subnet?.address) checkWithin(start, end, subnet.address, subnet.prefix);
  const isV4 = start.family === 4;
  if (!isV4 && start.value >> 16n !== end.value >> 16n) refuseRange(`${range} is too large (> 65535)`);
  if (end.value < start.value) refuseRange(isV4 ? `${range} is reversed ` : `${range} start larger than end`);
  if (end.value - start.value > 65535n) refuseRange(`${range} is too large (> 65535)`);
}

function checkWithin(start: IpAddress, end: IpAddress, network: IpAddress, prefix: number | undefined): void {
  const range = `range ${start.text} - ${end.text}`;
  if (start.family !== network.family) {
    refuseRange(`mismatch of address family in ${range} for network ${network.text}`);
  }
  if (prefix === undefined) refuseRange(`bad prefix -1 for network ${network.text} when checking ${range}`);
  const first = networkOf(network, prefix);
  const where = `network ${network.text}/${prefix}`;
  if (networkOf(start, prefix) !== first || networkOf(end, prefix) !== first) {
    refuseRange(`${range} is not entirely within ${where}`);
  }
  // These two are nobody's address, where there are such.
  if (network.family === 6) return;
  if (start.value === first) refuseRange(`start of ${range} in ${where} is the network address`);
  if (end.value === broadcastOf(network, prefix)) {
    refuseRange(`end of ${range} in ${where} is the broadcast address`);
  }
}

function refuseRange(detail: string): never {
  throw driverError(ErrorNumber.INTERNAL_ERROR, detail, ErrorDomain.NONE);
}

/** One who always gets the same address. To be found again, a part of what is known of it is enough. */
export function readDhcpHost(
  host: XmlElement,
  { address }: Subnet,
  network: string,
  isPartial = false,
): void {
  const isV6 = address?.family === 6;
  checkHostMac(host, isV6, network);
  const id = host.attribute("id");
  const bad = id && /[^0-9a-fA-F:]/.exec(id)?.[0];
  if (bad) refuse(`Invalid character '${bad}' in id '${id}' of network '${network}'`);
  const name = host.attribute("name");
  if (name !== undefined && !/^[a-z0-9]/i.test(name)) {
    refuse(`Cannot use host name '${name}' in network '${network}'`);
  }
  const ip = ipAttribute(host, "ip", `Invalid IP address in static host definition for network '${network}'`);
  const mac = host.attribute("mac");
  if (isPartial) {
    if (mac === undefined && name === undefined && !ip) {
      refuse(
        `At least one of name, mac, or ip attribute must be specified for static host definition in network '${network}'`,
      );
    }
  } else {
    const [family, either] = isV6 ? ["IPv6", "id"] : ["IPv4", "mac"];
    if ((isV6 ? id : mac) === undefined && name === undefined) {
      refuse(
        `Static host definition in ${family} network '${network}' must have ${either} or name attribute`,
      );
    }
    if (!ip) refuse(`Missing IP address in static host definition for network '${network}'`);
  }
  host.orderAttributes(["mac", "id", "name", "ip"]);
  readLease(host);
}

function checkHostMac(host: XmlElement, isV6: boolean, network: string): void {
  const mac = host.attribute("mac");
  if (mac === undefined) return;
  if (isV6) {
    refuse(`Invalid to specify MAC address '${mac}' in network '${network}' IPv6 static host definition`);
  }
  const parsed = parseMac(mac);
  if (parsed === undefined) refuse(`Cannot parse MAC address '${mac}' in network '${network}'`);
  if (isMulticast(parsed)) {
    refuse(`expected unicast mac address, found multicast '${mac}' in network '${network}'`);
  }
}

/** Whether an address, as `parseMac` returns it, is one of several interfaces. */
export function isMulticast(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) !== 0;
}

const maxUnsigned64 = (1n << 64n) - 1n;

/** For how long an address is given. */
function readLease(of: XmlElement): void {
  dropRepeated(of, ["lease"]);
  const lease = of.child("lease");
  const text = lease?.attribute("expiry");
  if (!lease || text === undefined) {
    if (lease) of.remove(lease);
    return;
  }
  const expiry = readUnsigned(text, maxUnsigned64);
  if (expiry === undefined) {
    const detail = `Invalid value for attribute 'expiry' in element 'lease': '${text}'. Expected non-negative integer value`;
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
  }
  const unit = wordAttribute(lease, "unit", ["seconds", "minutes", "hours"]) ?? "minutes";
  if ((unit === "seconds" && expiry > 0n && expiry < 120n) || (unit === "minutes" && expiry === 1n)) {
    refuse("The minimum lease time should be greater than 2 minutes", ErrorNumber.CONFIG_UNSUPPORTED);
  }
  lease.setAttribute("unit", expiry === 0n ? undefined : unit);
  lease.orderAttributes(["expiry", "unit"]);
}

/** What an `<ip>` that has been read is about. */
export function addressOf(of: XmlElement): IpAddress | undefined {
  return parseIp(of.attribute("address") ?? "");
}
