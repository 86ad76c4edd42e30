import { element, type XmlElement } from "../driver/xml/element.js";
import { addressElements, checkName, given, parsed } from "./describe.js";

/** A network interface of the host, an Ethernet that is active. */
export interface InterfaceDescription {
  readonly name: string;
  readonly mac: string;
  /** Its IPv4 address and the prefix, such as `192.168.0.5/24`. */
  readonly address?: string;
  readonly mtu?: number;
}

/** A device of the host. */
export interface NodeDeviceDescription {
  readonly name: string;
  /** The name of the device that it is part of. */
  readonly parent?: string;
  /** The XML of what it is, one after the other: `<capability type="net">…</capability>`. */
  readonly capabilities: string;
}

export function hostInterface({ name, mac, address, mtu }: InterfaceDescription): XmlElement {
  checkName("interfaces", name);
  if (typeof mac !== "string") throw new TypeError(`world.interfaces: ${name} has to have a mac`);
  const protocol =
    address === undefined ? [] : [element("protocol", { family: "ipv4" }, ...addressElements(address))];
  return element(
    "interface",
    { type: "ethernet", name },
    ...(mtu === undefined ? [] : [element("mtu", { size: mtu })]),
    element("mac", { address: mac }),
    ...protocol,
  );
}

export function nodeDevice({ name, parent, capabilities }: NodeDeviceDescription): XmlElement {
  checkName("nodeDevices", name);
  if (typeof capabilities !== "string") {
    throw new TypeError(`world.nodeDevices: ${name} has to have capabilities, as XML`);
  }
  return element(
    "device",
    {},
    element("name", {}, name),
    ...given("parent", parent),
    ...parsed(`<device>${capabilities}</device>`).nodes,
  );
}
