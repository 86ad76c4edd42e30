import {
  DomainInterfaceAddressesSource,
  ErrorDomain,
  ErrorNumber,
  IPAddrType,
} from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { addToIp, naturalPrefix, parseIp, prefixOfNetmask } from "../ip.js";
import type { NetworkDefinition } from "../network/definition.js";
import type { Domain } from "./domain.js";

/** An address that a domain's interface has. */
export interface InterfaceAddress {
  readonly name: string;
  readonly hwaddr: string;
  readonly addrs: readonly { readonly type: number; readonly addr: string; readonly prefix: number }[];
}

/** Which addresses a domain's interfaces have. `networkOf` finds the networks that they are in. */
export function interfaceAddresses(
  domain: Domain,
  networkOf: (name: string) => NetworkDefinition,
): InterfaceAddress[] {
  domain.checkActive();
  return domain.current.devices.childrenNamed("interface").map((device, at) => {
    const name = device.child("target")?.attribute("dev");
    // What has no name cannot be written into a reply.
    if (name === undefined) {
      throw driverError(ErrorNumber.RPC, "Unable to encode message payload", ErrorDomain.RPC);
    }
    const hwaddr = device.child("mac")?.attribute("address") ?? "";
    if (device.attribute("type") !== "network") {
      const addr = { type: IPAddrType.IPV4, addr: `192.168.0.${at + 1}`, prefix: 24 };
      return { name, hwaddr, addrs: [addr] };
    }
    // Different ones for each interface of each domain.
    const offset = 20 * (domain.id - 1) + at + 1;
    const network = networkOf(device.child("source")?.attribute("network") ?? "");
    return { name, hwaddr, addrs: addressIn(network, offset) };
  });
}

/** An address that a network gives out: so many behind its first. */
function addressIn({ xml }: NetworkDefinition, offset: number): InterfaceAddress["addrs"] {
  const ip = xml.child("ip");
  const own = parseIp(ip?.attribute("address") ?? "");
  if (!ip || !own) return [];
  const netmask = parseIp(ip.attribute("netmask") ?? "");
  const given = ip.attribute("prefix");
  const prefix = given === undefined ? netmask && prefixOfNetmask(netmask) : Number(given);
  const first = parseIp(ip.child("dhcp", "range")?.attribute("start") ?? "") ?? own;
  return [
    {
      type: own.family === 6 ? IPAddrType.IPV6 : IPAddrType.IPV4,
      addr: addToIp(first, offset),
      prefix: prefix ?? naturalPrefix(own) ?? 0,
    },
  ];
}

export function checkAddressSource(source: number): void {
  if (source <= Math.max(...Object.values(DomainInterfaceAddressesSource))) return;
  throw driverError(ErrorNumber.ARGUMENT_UNSUPPORTED, `Unknown IP address data source ${source | 0}`);
}
