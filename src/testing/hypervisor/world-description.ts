import { DomainState } from "../../generated/constants.js";
import { testNamespace } from "../driver/world-file.js";
import { element, XmlElement } from "../driver/xml/element.js";
import { addressElements, checkName, described, given, parsed } from "./describe.js";
import {
  hostInterface,
  type InterfaceDescription,
  type NodeDeviceDescription,
  nodeDevice,
} from "./host-description.js";
import { type StoragePoolDescription, storagePool } from "./storage-description.js";

/** A domain of a test's world. */
export interface DomainDescription {
  readonly name: string;
  /** A new one if left out. */
  readonly uuid?: string;
  /** Running if left out. */
  readonly state?: keyof typeof states;
  /** 512 if left out. */
  readonly memoryMiB?: number;
  /** 1 if left out. */
  readonly vcpus?: number;
  /** Whether it is gone as soon as it does not run; it stays if left out. */
  readonly transient?: boolean;
  /** The XML of its devices, one after the other: `<disk>…</disk><interface>…</interface>`. */
  readonly devices?: string;
}

/** A network of a test's world. */
export interface NetworkDescription {
  readonly name: string;
  /** A new one if left out. */
  readonly uuid?: string;
  /** The host's address on it and its prefix, such as `192.168.122.1/24`. */
  readonly address?: string;
}

/** What is there at the beginning. Everything can also be given as the XML that it is defined by. */
export interface WorldDescription {
  readonly domains?: readonly (DomainDescription | string)[];
  readonly networks?: readonly (NetworkDescription | string)[];
  readonly storagePools?: readonly (StoragePoolDescription | string)[];
  readonly interfaces?: readonly (InterfaceDescription | string)[];
  readonly nodeDevices?: readonly (NodeDeviceDescription | string)[];
  /** The XML of what else the format of libvirt's test driver has, one definition each: `<cpu>`, `<memory>`. */
  readonly others?: readonly string[];
}

const states = {
  running: DomainState.RUNNING,
  blocked: DomainState.BLOCKED,
  paused: DomainState.PAUSED,
  shutdown: DomainState.SHUTDOWN,
  shutoff: DomainState.SHUTOFF,
  crashed: DomainState.CRASHED,
  pmsuspended: DomainState.PMSUSPENDED,
} as const;

/**
 * The world that is described, in the format of libvirt's test driver.
 *
 * @throws TypeError for what is no description; whatever a `DriverError` says for XML that is none.
 */
export function worldElement(description: WorldDescription): XmlElement {
  for (const [name, value] of Object.entries(description)) {
    if (!known.includes(name)) throw new TypeError(`world: there are no ${name}, but ${known.join(", ")}`);
    if (!Array.isArray(value)) throw new TypeError(`world.${name}: a list is wanted`);
  }
  const { domains = [], networks = [], storagePools = [], interfaces = [], nodeDevices = [] } = description;
  return element(
    "node",
    {},
    ...described(domains, domain),
    ...described(networks, network),
    ...described(storagePools, storagePool),
    ...described(interfaces, hostInterface),
    ...described(nodeDevices, nodeDevice),
    ...(description.others ?? []).map(parsed),
  );
}

const known: readonly string[] = [
  ...["domains", "networks", "storagePools", "interfaces", "nodeDevices", "others"],
];

function domain(description: DomainDescription): XmlElement {
  const { name, uuid, state = "running", memoryMiB = 512, vcpus = 1, transient, devices = "" } = description;
  checkName("domains", name);
  if (!Object.hasOwn(states, state)) {
    throw new TypeError(`world.domains: ${name} cannot be ${state}, only ${Object.keys(states).join(", ")}`);
  }
  return element(
    "domain",
    { type: "test" },
    element("name", {}, name),
    ...given("uuid", uuid),
    element("memory", { unit: "MiB" }, String(memoryMiB)),
    element("vcpu", {}, String(vcpus)),
    element("os", {}, element("type", {}, "hvm")),
    parsed(`<devices>${devices}</devices>`),
    ofTest("runstate", String(states[state])),
    ...(transient ? [ofTest("transient")] : []),
  );
}

function network({ name, uuid, address }: NetworkDescription): XmlElement {
  checkName("networks", name);
  return element(
    "network",
    {},
    element("name", {}, name),
    ...given("uuid", uuid),
    ...addressElements(address),
  );
}

function ofTest(name: string, text = ""): XmlElement {
  return new XmlElement(name, [], text === "" ? [] : [text], testNamespace);
}
