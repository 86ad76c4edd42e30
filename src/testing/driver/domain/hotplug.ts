import {
  DomainEventDefinedDetailType,
  DomainEventType,
  ErrorDomain,
  ErrorNumber,
} from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { element, type XmlElement } from "../xml/element.js";
import { parseXml } from "../xml/parse.js";
import { copyDefinition } from "./copy.js";
import type { DomainDefinition } from "./definition.js";
import type { Domain } from "./domain.js";
import { diskTarget, findDisk } from "./find-device.js";
import { deviceOrder, diskOrder, interfaceOrder } from "./order.js";
import { diskIndex, placeOfDisk, readDevice, removeDriversAlias, sameTarget } from "./read-devices.js";

/** Devices that come to domains, go from them, and become others. */

function unsupported(detail: string, code: number = ErrorNumber.OPERATION_UNSUPPORTED): never {
  throw driverError(code, detail);
}

/** What libvirt calls devices of a kind. */
function kindOf({ name }: XmlElement): string {
  return ["serial", "parallel", "console", "channel"].includes(name) ? "chr" : name;
}

/** Of one that is for what will run, and not for what runs, only aliases of the user's are kept. */
function parseDevice(text: string, isForLater = true): XmlElement {
  const device = parseXml(text, { what: "(device_definition)", from: ErrorDomain.DOMAIN });
  if (!deviceOrder.includes(device.name)) {
    const detail = `unknown device type '${device.name}'`;
    throw driverError(ErrorNumber.CONFIG_UNSUPPORTED, detail, ErrorDomain.DOMAIN);
  }
  readDevice(device);
  if (isForLater) removeDriversAlias(device);
  return device;
}

function aliasOf(device: XmlElement): string | undefined {
  return device.child("alias")?.attribute("name");
}

/** Attaches a device to what runs. */
export function attachDevice(domain: Domain, xml: string): void {
  const device = parseDevice(xml);
  const definition = domain.current;
  const alias = aliasOf(device);
  if (alias !== undefined && definition.devices.children.some((each) => aliasOf(each) === alias)) {
    throw driverError(
      ErrorNumber.CONFIG_UNSUPPORTED,
      `non unique alias detected: ${alias}`,
      ErrorDomain.DOMAIN,
    );
  }
  checkUsb(definition, device);
  const attach = attachers[device.name];
  if (!attach) unsupported(`live attach of device '${kindOf(device)}' is not supported`);
  domain.messages.checkDevice(device);
  attach(definition, device);
  const given = aliasOf(device);
  if (given !== undefined) domain.deviceAdded(given);
}

const attachers: Readonly<Record<string, (definition: DomainDefinition, device: XmlElement) => void>> = {
  interface(definition, device) {
    const others = definition.devices
      .childrenNamed("interface")
      .map((each) => /^net(\d+)$/.exec(aliasOf(each) ?? "")?.[1]);
    setAlias(device, `net${Math.max(-1, ...others.map((index) => Number(index ?? -1))) + 1}`, interfaceOrder);
    const type = device.attribute("type");
    if (!isPluggable(device)) unsupported(`hotplug of interface type of ${type} is not implemented yet`);
    definition.addDevice(device);
  },
  hostdev(definition, device) {
    const config = ErrorNumber.CONFIG_UNSUPPORTED;
    const { mode, type } = hostdevKind(device);
    if (mode !== "subsystem") unsupported(`hotplug is not supported for hostdev mode '${mode}'`, config);
    if (type !== "pci") unsupported(`hotplug is not supported for hostdev subsys type '${type}'`, config);
    const driver = device.child("driver")?.attribute("name");
    if (driver === "xen") {
      unsupported(`test hypervisor does not support device assignment mode '${driver}'`, config);
    }
    definition.addDevice(device);
  },
  disk: attachDisk,
};

/** Refuses what would hang on a bus that the domain has not. */
function checkUsb(definition: DomainDefinition, device: XmlElement): void {
  const hasUsb = definition.devices
    .childrenNamed("controller")
    .some((each) => each.attribute("type") === "usb" && each.attribute("model") !== "none");
  if (hasUsb || definition.xml.childText("os", "type") === "exe" || !isUsb(device)) return;
  const detail = "Device configuration is not compatible: Domain has no USB bus support";
  throw driverError(ErrorNumber.CONFIG_UNSUPPORTED, detail, ErrorDomain.DOMAIN);
}

function isUsb(device: XmlElement): boolean {
  switch (device.name) {
    case "disk":
      return device.child("target")?.attribute("bus") === "usb";
    case "input":
    case "redirdev":
      return device.attribute("bus") === "usb";
    case "hostdev":
    case "hub":
      return device.attribute("type") === "usb";
    case "interface":
      return device.child("model")?.attribute("type") === "usb-net";
    case "controller":
      return device.attribute("type") === "ccid";
    case "serial":
      return device.child("target")?.attribute("type") === "usb-serial";
    case "sound":
      return device.attribute("model") === "usb";
    case "filesystem":
      return device.child("driver")?.attribute("type") === "mtp";
    default:
      return false;
  }
}

function setAlias(device: XmlElement, name: string, order: readonly string[]): void {
  if (!device.child("alias")) device.place(element("alias", { name }), order);
}

function isPluggable(device: XmlElement): boolean {
  return ["ethernet", "bridge"].includes(device.attribute("type") ?? "");
}

function hostdevKind(device: XmlElement) {
  return { mode: device.attribute("mode") ?? "subsystem", type: device.attribute("type") };
}

function attachDisk(definition: DomainDefinition, disk: XmlElement): void {
  const kind = disk.attribute("device");
  const target = diskTarget(disk);
  const same = definition.devices.childrenNamed("disk").find((each) => diskTarget(each) === target);
  if (same && (kind === "cdrom" || kind === "floppy")) {
    // The drive is there already: what comes is another medium.
    same.removeNamed("source");
    const source = disk.child("source");
    if (source) same.place(source, diskOrder);
    disk.removeNamed("alias");
    return;
  }
  if (kind === "floppy") unsupported("floppy device hotplug isn't supported");
  if (same) throw sameTarget(same, disk);
  const bus = disk.child("target")?.attribute("bus");
  if (bus === "usb" && kind === "lun") {
    unsupported("disk device='lun' is not supported for usb bus", ErrorNumber.CONFIG_UNSUPPORTED);
  }
  if (bus === "virtio" && kind === "cdrom") unsupported("cdrom device with virtio bus isn't supported");
  if (bus !== "usb" && bus !== "virtio") unsupported(`disk bus '${bus}' cannot be hotplugged.`);
  setAlias(disk, `${bus}-disk${diskIndex(target)}`, diskOrder);
  const { devices } = definition;
  const disks = devices.childrenNamed("disk");
  disks.splice(placeOfDisk(disks, disk), 0, disk);
  const others = devices.children.filter(({ name }) => name !== "disk");
  devices.nodes = [...disks, ...others];
  devices.sortChildren(deviceOrder);
}

/** Detaches from what runs the device that has this alias. */
export function detachDevice(domain: Domain, alias: string): void {
  const { devices } = domain.current;
  const device = devices.children.find((each) => aliasOf(each) === alias);
  if (!device) {
    const detail = `no device found with alias ${alias}`;
    throw driverError(ErrorNumber.INTERNAL_ERROR, detail, ErrorDomain.DOMAIN);
  }
  checkDetachable(device);
  devices.remove(device);
  domain.deviceRemoved(alias);
}

function checkDetachable(device: XmlElement): void {
  if (device.name === "disk") checkDiskDetachable(device);
  else if (device.name === "interface") {
    const type = device.attribute("type");
    if (!isPluggable(device)) unsupported(`live detach of interface type ${type} is not implemented yet`);
  } else if (device.name === "hostdev") {
    const { mode } = hostdevKind(device);
    if (mode === "subsystem") return;
    unsupported(`hot unplug is not supported for hostdev mode '${mode}'`, ErrorNumber.CONFIG_UNSUPPORTED);
  } else unsupported(`live detach of device '${kindOf(device)}' is not supported`);
}

function checkDiskDetachable(disk: XmlElement): void {
  const kind = disk.attribute("device") ?? "disk";
  const bus = disk.child("target")?.attribute("bus") ?? "";
  if (kind === "disk" || kind === "lun") {
    if (!["virtio", "usb", "scsi"].includes(bus)) unsupported("This type of disk cannot be hot unplugged");
  } else if (kind !== "cdrom" || !["usb", "scsi"].includes(bus)) {
    unsupported(`disk device type '${kind}' cannot be detached`);
  }
}

/** Puts a disk in the place of the one with its target: in what runs, in what will, or in both. */
export function updateDevice(domain: Domain, xml: string, flags: number): void {
  const { live, config } = domain.definitionsFor(flags);
  const next = config && copyDefinition(config);
  if (next) replaceDisk(next, parseDevice(xml, live === undefined));
  if (live) replaceDisk(live, parseDevice(xml, false));
  if (!next) return;
  domain.assign(next);
  domain.tell(DomainEventType.DEFINED, DomainEventDefinedDetailType.UPDATED);
}

function replaceDisk(definition: DomainDefinition, disk: XmlElement): void {
  if (disk.name !== "disk") unsupported(`persistent update of device '${kindOf(disk)}' is not supported`);
  const target = diskTarget(disk);
  const before = findDisk(definition, target);
  if (!before) throw driverError(ErrorNumber.INVALID_ARG, `target ${target} doesn't exist.`);
  checkUsb(definition, disk);
  const { devices } = definition;
  devices.nodes = devices.nodes.map((node) => (node === before ? disk : node));
  definition.checkVcpus();
}
