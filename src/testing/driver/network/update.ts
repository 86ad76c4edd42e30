import { ErrorDomain, ErrorNumber, NetworkUpdateSection as Section } from "../../../generated/constants.js";
import { parseXml } from "../xml/parse.js";
import type { NetworkDefinition } from "./definition.js";
import { readNetwork } from "./read.js";
import { refuse } from "./refuse.js";
import type { SectionUpdate } from "./section.js";
import { updateDhcpHost, updateDhcpRange } from "./update-dhcp.js";
import { updateDnsHost, updateSrv, updateTxt } from "./update-dns.js";
import { updateForwardInterface, updatePortGroup } from "./update-ports.js";

/** A change to one part of a network. */
export interface NetworkUpdate {
  readonly command: number;
  readonly section: number;
  /** Which of several parts of that kind is meant, or -1. */
  readonly parentIndex: number;
  readonly xml: string;
}

/** Does what is asked to a copy of the definition. */
export function updated(definition: NetworkDefinition, update: NetworkUpdate): NetworkDefinition {
  const network = definition.clone().xml;
  const given = parseXml(update.xml, { what: "network_update_xml", from: ErrorDomain.NETWORK });
  const fixed = fixedSections.get(update.section);
  if (fixed !== undefined) {
    const detail = `can't update '${fixed}' section of network '${definition.name}'`;
    refuse(detail, ErrorNumber.OPERATION_UNSUPPORTED);
  }
  const [name, change] = sections.get(update.section) ?? [];
  if (name === undefined || change === undefined) {
    refuse("can't update unrecognized section of network", ErrorNumber.OPERATION_UNSUPPORTED);
  }
  change({ network, name: definition.name, given, element: name, ...update });
  // What has come of it has to be a network still.
  return readNetwork(network);
}

const sections: ReadonlyMap<number, readonly [element: string, change: (update: SectionUpdate) => void]> =
  new Map([
    [Section.IP_DHCP_HOST, ["host", updateDhcpHost] as const],
    [Section.IP_DHCP_RANGE, ["range", updateDhcpRange] as const],
    [Section.FORWARD_INTERFACE, ["interface", updateForwardInterface] as const],
    [Section.PORTGROUP, ["portgroup", updatePortGroup] as const],
    [Section.DNS_HOST, ["host", updateDnsHost] as const],
    [Section.DNS_TXT, ["txt", updateTxt] as const],
    [Section.DNS_SRV, ["srv", updateSrv] as const],
  ]);

/** Those that libvirt knows and lets nobody change. */
const fixedSections: ReadonlyMap<number, string> = new Map([
  [Section.BRIDGE, "bridge"],
  [Section.DOMAIN, "domain"],
  [Section.IP, "ip"],
  [Section.FORWARD, "forward"],
  [Section.FORWARD_PF, "forward pf"],
]);
