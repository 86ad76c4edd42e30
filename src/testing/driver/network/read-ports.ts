import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { XmlElement } from "../xml/element.js";
import { dropRepeated } from "../xml/once.js";
import { readUnsigned, unsignedAttribute, wordAttribute } from "../xml/values.js";
import { dropEmpty } from "./read-ip.js";
import { refuse } from "./refuse.js";

/** How those are connected that ask for a kind of port by its name. */
export function readPortGroup(group: XmlElement): void {
  if (!group.attribute("name")) refuse("Missing required name attribute in portgroup");
  const isDefault = group.attribute("default")?.toLowerCase() === "yes";
  group.setAttribute("default", isDefault ? "yes" : undefined);
  wordAttribute(group, "trustGuestRxFilters", ["yes", "no"]);
  group.orderAttributes(["name", "default", "trustGuestRxFilters"]);
  dropRepeated(group, ["vlan", "virtualport", "bandwidth"]);
  const virtualPort = group.child("virtualport");
  if (virtualPort) readVirtualPort(virtualPort, false);
  const bandwidth = group.child("bandwidth");
  if (bandwidth) readBandwidth(bandwidth, group);
  const vlan = group.child("vlan");
  if (vlan) readVlan(vlan);
  group.sortChildren(["vlan", "virtualport", "bandwidth"]);
  group.block = true;
}

const portTypes: readonly string[] = ["none", "802.1Qbg", "802.1Qbh", "openvswitch", "midonet"];

export function readVirtualPort(port: XmlElement, needsType: boolean): void {
  const type = port.attribute("type");
  const refusePort = (detail: string, code: number = ErrorNumber.XML_ERROR): never => {
    throw driverError(code, detail, ErrorDomain.NONE);
  };
  if (type && !portTypes.includes(type)) {
    refusePort(`unknown virtualport type ${type}`, ErrorNumber.CONFIG_UNSUPPORTED);
  }
  if (!type && needsType) refusePort("missing required virtualport type");
}

/** What may go through at most, in KiB a second, both ways. */
export function readBandwidth(bandwidth: XmlElement, within: XmlElement): void {
  const refuseRate = (detail: string, code: number): never => {
    throw driverError(code, detail, ErrorDomain.NONE);
  };
  if (unsignedAttribute(bandwidth, "classID") !== undefined) {
    const detail = "classID attribute not supported on <bandwidth> in this usage context";
    refuseRate(detail, ErrorNumber.XML_DETAIL);
  }
  dropRepeated(bandwidth, ["inbound", "outbound"]);
  for (const name of ["inbound", "outbound"]) {
    const rate = bandwidth.child(name);
    if (!rate) continue;
    const [average, peak, floor, burst] = ["average", "peak", "floor", "burst"].map((each) =>
      rateAttribute(rate, each),
    );
    if (average === undefined && floor === undefined) {
      refuseRate("Missing mandatory average or floor attributes", ErrorNumber.XML_DETAIL);
    }
    if ((peak !== undefined || burst !== undefined) && average === undefined) {
      refuseRate("'peak' and 'burst' require 'average' attribute", ErrorNumber.CONFIG_UNSUPPORTED);
    }
    if (floor !== undefined) {
      refuseRate("floor attribute is not supported for this config", ErrorNumber.CONFIG_UNSUPPORTED);
    }
    rate.orderAttributes(["average", "peak", "floor", "burst"]);
  }
  bandwidth.sortChildren(["inbound", "outbound"]);
  if (bandwidth.nodes.length === 0) within.remove(bandwidth);
}

function rateAttribute(rate: XmlElement, name: string): bigint | undefined {
  const text = rate.attribute(name);
  if (text === undefined) return undefined;
  const value = readUnsigned(text, (1n << 64n) - 1n);
  if (value === undefined) {
    const detail = `Invalid value for attribute '${name}' in element '${rate.name}': '${text}'. Expected non-negative integer value`;
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
  }
  if (value === 0n) rate.setAttribute(name, undefined);
  return value;
}

export function readVlan(vlan: XmlElement): void {
  const refuseVlan = (detail: string): never => {
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.NONE);
  };
  const tags = vlan.childrenNamed("tag");
  if (tags.length === 0) {
    refuseVlan("missing tag id - each <vlan> must have at least one <tag id='n'/> subelement");
  }
  let hasNative = false;
  for (const tag of tags) {
    const id = unsignedAttribute(tag, "id");
    if (id === undefined) {
      const detail = "Missing required attribute 'id' in element 'tag'";
      throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
    }
    if (id > 4095) refuseVlan(`vlan tag id ${id} too large (maximum 4095)`);
    const native = wordAttribute(tag, "nativeMode", ["tagged", "untagged"]);
    if (native !== undefined && hasNative) refuseVlan("duplicate native vlan setting");
    hasNative ||= native !== undefined;
    tag.orderAttributes(["id", "nativeMode"]);
  }
  dropEmpty(vlan, ["trunk"]);
  const trunk = vlan.attribute("trunk")?.toLowerCase();
  if (trunk !== undefined && trunk !== "yes") {
    if (tags.length > 1)
      refuseVlan(`invalid "trunk='${trunk}'" in <vlan> - trunk='yes' is required for more than one vlan tag`);
    if (hasNative) {
      refuseVlan(`invalid configuration in <vlan> - "trunk='no'" is not allowed with a native vlan id`);
    }
    if (trunk !== "no") refuseVlan(`invalid "trunk='${trunk}'" in <vlan> - must be yes or no`);
  }
  vlan.setAttribute("trunk", tags.length > 1 || trunk === "yes" ? "yes" : undefined);
}
