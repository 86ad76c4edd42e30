import { ErrorNumber, NodeDeviceEventLifecycleType as Event } from "../../../generated/constants.js";
import { driverError, unknownError } from "../errors.js";
import type { EventHub } from "../events.js";
import type { XmlElement } from "../xml/element.js";
import { formatXml } from "../xml/format.js";
import { isScsiHost, newName, readDevice, refuse } from "./read.js";

/** A device of the host. */
export class NodeDevice {
  readonly xml: XmlElement;
  readonly name: string;
  /** Whether it was there from the beginning. */
  readonly isPersistent: boolean;

  constructor(xml: XmlElement, isPersistent: boolean) {
    this.xml = xml;
    this.name = xml.childText("name") ?? "";
    this.isPersistent = isPersistent;
  }

  /** As with libvirt, those that have been made since are never called active. */
  get isActive(): boolean {
    return this.isPersistent;
  }

  get parent(): string | undefined {
    return this.xml.childText("parent") || undefined;
  }

  /** What it is. */
  get types(): string[] {
    return this.xml.childrenNamed("capability").map((each) => each.attribute("type") ?? "");
  }

  /** Whether it is of a type, or can do what a type does. */
  has(type: string): boolean {
    if (this.types.includes(type)) return true;
    if (type === "fc_host") return hostPart(this.xml, "fc_host") !== undefined;
    return type === "vports" && hostPart(this.xml, "vport_ops") !== undefined;
  }

  format(): string {
    return formatXml(this.xml);
  }
}

/** What a SCSI host can do beside being one. */
function hostPart(device: XmlElement, type: string): XmlElement | undefined {
  const parts = device.childrenNamed("capability").filter(isScsiHost);
  return parts
    .flatMap((host) => host.childrenNamed("capability"))
    .find((part) => part.attribute("type") === type);
}

/** The devices of the host. Of all that can be made, libvirt's test driver knows virtual host bus adapters alone. */
export class NodeDevices implements Iterable<NodeDevice> {
  readonly #byName = new Map<string, NodeDevice>();
  readonly #events: EventHub;

  constructor(events: EventHub) {
    this.#events = events;
  }

  [Symbol.iterator](): IterableIterator<NodeDevice> {
    return this.#byName.values();
  }

  named(name: string): NodeDevice {
    const found = this.#byName.get(name);
    if (found) return found;
    throw driverError(ErrorNumber.NO_NODE_DEVICE, `no node device with matching name '${name}'`);
  }

  load(given: XmlElement): void {
    const device = new NodeDevice(readDevice(given), true);
    this.#byName.set(device.name, device);
  }

  /** Makes a virtual host bus adapter, as one that has been asked for. */
  create(given: XmlElement): NodeDevice {
    const part = hostPart(given, "fc_host") ?? refuse("Device is not a fibre channel HBA");
    const parent = this.#parentFor(given);
    if (!parent.has("vports")) {
      refuse(`Parent device ${parent.name} is not capable of vport operations`);
    }
    return this.createAdapter(part.childText("wwnn") ?? "", part.childText("wwpn") ?? "");
  }

  /** As with libvirt, it is like the one that there is, but for its names; and there is one at most. */
  createAdapter(wwnn: string | undefined, wwpn: string | undefined): NodeDevice {
    const model = this.#byName.get(modelName);
    if (!model) throw unknownError();
    const xml = model.xml.clone();
    xml.ensure("name", []).text = madeName;
    const part = hostPart(xml, "fc_host");
    for (const [name, text] of [
      ["wwnn", wwnn],
      ["wwpn", wwpn],
    ] as const) {
      const found = part?.child(name);
      if (!part || !found) continue;
      if (text === undefined) part.remove(found);
      else found.text = text;
    }
    const device = new NodeDevice(xml, this.#byName.get(madeName)?.isPersistent ?? false);
    this.#byName.set(madeName, device);
    this.#events.emit("nodeDevice.lifecycle", device, { event: Event.CREATED, detail: 0 });
    return device;
  }

  /** Takes the adapter away that has been made for a storage pool. */
  destroyAdapter(): void {
    this.#remove(this.named(madeName));
  }

  /** Takes an adapter away. As with libvirt, devices that are none stay, and that is no error. */
  destroy(name: string): void {
    const device = this.named(name);
    if (hostPart(device.xml, "fc_host") && this.#byName.has(device.parent ?? "")) this.#remove(device);
  }

  #remove(device: NodeDevice): void {
    this.#byName.delete(device.name);
    this.#events.emit("nodeDevice.lifecycle", device, { event: Event.DELETED, detail: 0 });
  }

  /** Whose adapter it is to be: named, or told by what it is called in the fabric, or any that can. */
  #parentFor(given: XmlElement): NodeDevice {
    const parent = given.child("parent");
    const devices = [...this];
    const isCalled = (device: NodeDevice, ...names: readonly string[]) => {
      const adapter = hostPart(device.xml, "fc_host");
      return (
        device.has("vports") && names.every((name) => parent?.attribute(name) === adapter?.childText(name))
      );
    };
    if (parent?.text) return this.#byName.get(parent.text) ?? noParent();
    if (parent?.attribute("wwnn")) {
      return devices.find((device) => isCalled(device, "wwnn", "wwpn")) ?? noParent();
    }
    if (parent?.attribute("fabric_wwn")) {
      return devices.find((device) => isCalled(device, "fabric_wwn")) ?? noParent();
    }
    return (
      devices.find((device) => device.has("vports")) ?? refuse("Could not find any vport capable device")
    );
  }
}

const modelName = "scsi_host11";
const madeName = "scsi_host12";

function noParent(): never {
  refuse(`Could not find parent device for '${newName}'`);
}
