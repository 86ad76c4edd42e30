import { NetworkUpdateCommand as Command } from "../../../generated/constants.js";
import { parseMac } from "../identity.js";
import { element, type XmlElement } from "../xml/element.js";
import { addressOf, readDhcpHost, readRange } from "./read-dhcp.js";
import { subnetOf } from "./read-ip.js";
import {
  checkElement,
  insert,
  isAdding,
  refuseChange,
  refuseCommand,
  refuseModify,
  replace,
  type SectionUpdate,
} from "./section.js";

const dhcpOrder = ["range", "host", "bootp"];

/** One who always gets the same address. */
export function updateDhcpHost(update: SectionUpdate): void {
  checkElement(update);
  const { given, command, name } = update;
  const ip = ipFor(update);
  const subnet = subnetOf(ip);
  const isDeleting = command === Command.DELETE;
  readDhcpHost(given, subnet, name, isDeleting);
  if (!isDeleting && familyOf(given, "ip") !== subnet.address?.family) {
    refuseChange(
      "the address family of a host entry IP must match the address family of the dhcp element's parent",
    );
  }
  const hosts = ip.child("dhcp")?.childrenNamed("host") ?? [];
  const [mac, hostName, address] = ["mac", "name", "ip"].map((each) => given.attribute(each) ?? "unknown");
  if (isAdding(command)) {
    checkOnlyDhcp(update.network, ip);
    if (hosts.some((host) => sharesAny(host, given))) {
      const host = `"<host mac='${mac}' name='${hostName}' ip='${address}'/>"`;
      refuseChange(`there is an existing dhcp host entry in network '${name}' that matches ${host}`);
    }
    insert(dhcpOf(ip), given, command, dhcpOrder);
  } else if (command === Command.MODIFY) {
    const old = hosts.find((host) => sharesAny(host, given));
    if (!old) {
      const host = `"mac='${mac}'" "name='${hostName}'" "ip='${address}'"`;
      refuseChange(`couldn't locate an existing dhcp host entry with ${host} in network '${name}'`);
    }
    replace(dhcpOf(ip), old, given);
  } else if (isDeleting) {
    const old = hosts.find((host) => fits(host, given));
    if (!old) refuseChange(`couldn't locate a matching dhcp host entry in network '${name}'`);
    dhcpOf(ip).remove(old);
  } else refuseCommand(command);
}

/** Addresses for whoever comes. */
export function updateDhcpRange(update: SectionUpdate): void {
  checkElement(update);
  const { given, command, name } = update;
  const ip = ipFor(update);
  if (command === Command.MODIFY) refuseModify("dhcp ranges");
  const subnet = subnetOf(ip);
  readRange(given, subnet, name);
  const [start, end] = [given.attribute("start"), given.attribute("end")];
  const same = ip
    .child("dhcp")
    ?.childrenNamed("range")
    .find((range) => range.attribute("start") === start && range.attribute("end") === end);
  if (isAdding(command)) {
    checkOnlyDhcp(update.network, ip);
    if (same) {
      const range = `"<range start='${start}' end='${end}'/>"`;
      refuseChange(`there is an existing dhcp range entry in network '${name}' that matches ${range}`);
    }
    insert(dhcpOf(ip), given, command, dhcpOrder);
  } else if (command === Command.DELETE) {
    if (!same) refuseChange(`couldn't locate a matching dhcp range entry in network '${name}'`);
    dhcpOf(ip).remove(same);
  } else refuseCommand(command);
}

/** The `<ip>` that is meant: the one of that number, or else the one that serves addresses or could. */
function ipFor({ network, parentIndex, name }: SectionUpdate): XmlElement {
  const ips = network.childrenNamed("ip");
  const what = "couldn't update dhcp host entry - no <ip> element found";
  if (parentIndex >= 0) {
    return ips[parentIndex] ?? refuseChange(`${what} at index ${parentIndex} in network '${name}'`);
  }
  const first = (family: number) => ips.find((ip) => addressOf(ip)?.family === family);
  return ips.find(servesAddresses) ?? first(4) ?? first(6) ?? refuseChange(`${what} in network '${name}'`);
}

function servesAddresses(ip: XmlElement): boolean {
  return ip.child("dhcp", "range") !== undefined || ip.child("dhcp", "host") !== undefined;
}

/** One address of each family may serve addresses. */
function checkOnlyDhcp(network: XmlElement, ip: XmlElement): void {
  const family = addressOf(ip)?.family;
  const others = network.childrenNamed("ip").filter((each) => each !== ip);
  if (!others.some((each) => addressOf(each)?.family === family && servesAddresses(each))) return;
  refuseChange(`dhcp is supported only for a single IPv${family} address on each network`);
}

function dhcpOf(ip: XmlElement): XmlElement {
  const found = ip.child("dhcp");
  if (found) return found;
  const made = element("dhcp");
  ip.append(made);
  return made;
}

function familyOf(of: XmlElement, name: string): number | undefined {
  return of.attribute(name)?.includes(":") ? 6 : 4;
}

function macOf(host: XmlElement): string | undefined {
  return parseMac(host.attribute("mac") ?? "");
}

/** Whether both are about the same machine, or the same address. */
function sharesAny(host: XmlElement, given: XmlElement): boolean {
  const mac = macOf(given);
  if (mac !== undefined && macOf(host) === mac) return true;
  return ["ip", "name"].some((each) => {
    const value = given.attribute(each);
    return value !== undefined && host.attribute(each) === value;
  });
}

/** Whether all that is given is so. */
function fits(host: XmlElement, given: XmlElement): boolean {
  const [own, mac] = [macOf(host), macOf(given)];
  if (own !== undefined && mac !== undefined && own !== mac) return false;
  return ["ip", "name"].every((each) => {
    const value = given.attribute(each);
    return value === undefined || host.attribute(each) === value;
  });
}
