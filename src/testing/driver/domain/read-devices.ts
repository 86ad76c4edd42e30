import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { newMac, parseMac } from "../identity.js";
import { readPciAddress } from "../pci-address.js";
import { element, type XmlElement } from "../xml/element.js";
import { wordAttribute } from "../xml/values.js";
import { diskSource, diskTarget } from "./find-device.js";
import { deviceOrder, diskOrder, domainOrder, interfaceOrder } from "./order.js";
import { diskBuses, diskDevices, diskTypes, interfaceTypes, memballoonModels } from "./words.js";

/** Checks the devices of a domain, completes them, and adds the controllers that they need. */
export function readDevices(domain: XmlElement): void {
  const devices = domain.ensure("devices", domainOrder);
  devices.block = true;
  // By the buses that were given: libvirt finds out about the others later.
  orderDisks(devices);
  for (const device of devices.children) {
    readDevice(device);
    removeDriversAlias(device);
    for (const address of device.childrenNamed("address")) readAddress(address);
  }
  refuseSameTarget(devices.childrenNamed("disk"));
  readConsoles(devices, domain.childText("os", "type") === "hvm");
  addControllers(devices);
  devices.sortChildren(deviceOrder);
}

/** Checks and completes one device: one of a domain's, or one to attach. */
export function readDevice(device: XmlElement): void {
  readers[device.name]?.(device);
}

/** Takes away an alias that is no user's: the driver gives those itself. */
export function removeDriversAlias(device: XmlElement): void {
  if (!device.child("alias")?.attribute("name")?.startsWith("ua-")) device.removeNamed("alias");
}

const readers: Readonly<Record<string, (device: XmlElement) => void>> = {
  disk: readDisk,
  interface: readInterface,
  controller(device) {
    setDefault(device, "index", "0");
    device.orderAttributes(["type", "index", "model"]);
  },
  input(device) {
    setDefault(device, "bus", device.attribute("type") === "tablet" ? "usb" : "ps2");
  },
  hostdev(device) {
    setDefault(device, "managed", "no");
    for (const address of device.child("source")?.childrenNamed("address") ?? []) readAddress(address);
  },
  watchdog: (device) => setDefault(device, "action", "reset"),
  memballoon: (device) => void wordAttribute(device, "model", memballoonModels),
  filesystem: (device) => setDefault(device, "accessmode", "passthrough"),
};

function setDefault(device: XmlElement, name: string, value: string): void {
  if (device.attribute(name) === undefined) device.setAttribute(name, value);
}

/** One without a slot is to be given one, and stays as it is. */
function readAddress(address: XmlElement): void {
  const isPci = (address.attribute("type") ?? "pci") === "pci" && address.attribute("slot") !== undefined;
  if (isPci) readPciAddress(address);
}

const busOfPrefix: ReadonlyMap<string, string> = new Map(
  Object.entries({ fd: "fdc", hd: "ide", sd: "scsi", vd: "virtio", xvd: "xen", ubd: "uml" }),
);

function readDisk(disk: XmlElement): void {
  const type = wordAttribute(disk, "type", diskTypes) ?? "file";
  const device = wordAttribute(disk, "device", diskDevices) ?? "disk";
  const target = disk.child("target");
  const name = target?.attribute("dev");
  if (!target || !name) throw driverError(ErrorNumber.NO_TARGET, diskSource(disk), ErrorDomain.DOMAIN);
  disk.setAttribute("type", type);
  disk.setAttribute("device", device);
  disk.orderAttributes(["type", "device"]);

  if (device === "lun") checkLun(disk, type);
  if (
    device === "floppy" ? !name.startsWith("fd") : !/^(hd|sd|vd|xvd|ubd)/.test(name) && diskIndex(name) >= 0
  ) {
    const kind = device === "floppy" ? "floppy" : "harddisk";
    throw driverError(ErrorNumber.INTERNAL_ERROR, `Invalid ${kind} device name: ${name}`, ErrorDomain.DOMAIN);
  }
  const given = wordAttribute(target, "bus", diskBuses);
  const bus =
    given ??
    (device === "floppy" ? "fdc" : (busOfPrefix.get(/^(?:xv|[fhsv])d|^ubd/.exec(name)?.[0] ?? "") ?? "ide"));
  target.setAttribute("bus", bus);
  target.orderAttributes(["dev", "bus"]);
  if (device === "cdrom") disk.ensure("readonly", diskOrder);
  if (!disk.child("address")) assignAddress(disk, name, bus);
  if (isEmpty(disk.child("source")) && (device === "disk" || device === "lun")) {
    throw driverError(ErrorNumber.NO_SOURCE, name, ErrorDomain.DOMAIN);
  }
  disk.sortChildren(diskOrder);
}

function isEmpty(source: XmlElement | undefined): boolean {
  return !source || (source.attributes.length === 0 && source.children.length === 0);
}

function refuseSameTarget(disks: readonly XmlElement[]): void {
  const byTarget = new Map<string, XmlElement>();
  for (const disk of disks) {
    const target = diskTarget(disk);
    const same = byTarget.get(target);
    if (same) throw sameTarget(same, disk);
    byTarget.set(target, disk);
  }
}

/** What is wrong with two disks that a guest would know by one name. */
export function sameTarget(one: XmlElement, other: XmlElement): Error {
  const sources = [one, other].map((each) => `'${diskSource(each) ?? "<null>"}'`).join(" and ");
  const detail = `target '${diskTarget(other)}' duplicated for disk sources ${sources}`;
  return driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.DOMAIN);
}

/** Only what is a block device of its own understands the commands of SCSI. */
function checkLun(disk: XmlElement, type: string): void {
  const refuse = (detail: string): never => {
    throw driverError(ErrorNumber.CONFIG_UNSUPPORTED, detail, ErrorDomain.DOMAIN);
  };
  const protocol = disk.child("source")?.attribute("protocol");
  if (type === "network") {
    if (protocol !== "iscsi") refuse(`disk device='lun' is not supported for protocol='${protocol}'`);
  } else if (type !== "block" && type !== "volume") {
    refuse("disk device='lun' is only valid for block type disk source");
  }
}

/** How many units a bus of each kind has, and how many of them a controller. */
const buses: Readonly<Record<string, readonly [units: number, buses: number]>> = {
  ...{ scsi: [7, 1], ide: [2, 2], sata: [6, 1], fdc: [2, 1] },
};

function assignAddress(disk: XmlElement, name: string, bus: string): void {
  const index = diskIndex(name);
  if (index < 0) {
    const detail = `Unknown disk name '${name}' and no address specified`;
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.DOMAIN);
  }
  const [units, perController] = buses[bus] ?? [];
  if (units === undefined || perController === undefined) return;
  const at = {
    controller: Math.floor(index / (units * perController)),
    bus: Math.floor(index / units) % perController,
  };
  disk.append(element("address", { type: "drive", ...at, target: 0, unit: index % units }));
}

/** The how-manieth a disk is by its name, from 0: `vdc` is 2, `sdaa` 26. Less than 0 where the name tells nothing. */
export function diskIndex(name: string): number {
  const letters = /^(?:fd|hd|vd|sd|xvd|ubd)([a-z]{1,4})\d*$/.exec(name)?.[1];
  if (letters === undefined) return -1;
  return [...letters].reduce((index, letter) => (index + 1) * 26 + letter.charCodeAt(0) - 97, -1);
}

/** Within each bus disks stand by their names; the buses stand as they first came. */
function orderDisks(devices: XmlElement): void {
  const sorted: XmlElement[] = [];
  for (const disk of devices.childrenNamed("disk")) sorted.splice(placeOfDisk(sorted, disk), 0, disk);
  devices.nodes = [...sorted, ...devices.children.filter(({ name }) => name !== "disk")];
}

/** Where among disks a further one belongs. */
export function placeOfDisk(disks: readonly XmlElement[], disk: XmlElement): number {
  const bus = busOf(disk);
  let place = disks.length;
  let isLast = true;
  for (let at = disks.length - 1; at >= 0; at--) {
    const other = disks[at]!;
    if (busOf(other) !== bus) continue;
    if (indexOf(other) > indexOf(disk)) place = at;
    else if (isLast) place = at + 1;
    isLast = false;
  }
  return place;
}

const busOf = (disk: XmlElement) => disk.child("target")?.attribute("bus");
const indexOf = (disk: XmlElement) => diskIndex(disk.child("target")?.attribute("dev") ?? "");

function readInterface(device: XmlElement): void {
  const type = wordAttribute(device, "type", interfaceTypes) ?? "user";
  device.setAttribute("type", type);
  const mac = device.ensure("mac", interfaceOrder);
  const given = mac.attribute("address");
  const address = given === undefined ? newMac() : parseMac(given);
  if (address === undefined) {
    throw driverError(ErrorNumber.XML_ERROR, `unable to parse mac address '${given}'`, ErrorDomain.DOMAIN);
  }
  mac.setAttribute("address", address);
  const source = device.child("source");
  if ((type === "network" || type === "bridge") && !source?.attribute(type)) {
    const lack = source
      ? `requires the '${type}' attribute in the 'source' element`
      : "requires a 'source' element";
    throw driverError(ErrorNumber.XML_ERROR, `interface type='${type}' ${lack}`, ErrorDomain.DOMAIN);
  }
  // Which bridge a network has is known when the domain runs, and not the definition's to say.
  if (type === "network") source?.setAttribute("bridge", undefined);
  forgetMadeUpName(device);
  readBandwidth(device);
  device.sortChildren(interfaceOrder);
}

/** How the names begin that hypervisors make up: they name an interface only as long as its domain runs. */
const madeUp: readonly string[] = ["vnet", "macvtap", "macvlan"];

function forgetMadeUpName(device: XmlElement): void {
  const target = device.child("target");
  const name = target?.attribute("dev") ?? "";
  if (!target || target.attribute("managed") === "no") return;
  if (madeUp.some((prefix) => name.startsWith(prefix))) target.setAttribute("dev", undefined);
}

/** Only a network can promise a rate to an interface. Bounds that bound nothing are none. */
export function readBandwidth(device: XmlElement): void {
  const bandwidth = device.child("bandwidth");
  if (bandwidth?.children.length === 0) device.remove(bandwidth);
  const isPromised = bandwidth?.child("inbound")?.attribute("floor") !== undefined;
  if (!isPromised || device.attribute("type") === "network") return;
  const detail = "floor attribute is not supported for this config";
  throw driverError(ErrorNumber.CONFIG_UNSUPPORTED, detail, ErrorDomain.NONE);
}

/** Each interface has a name on the host's side; the driver gives out `testnet0` and so on. */
export function nameInterfaces(domain: XmlElement): void {
  const interfaces = domain.child("devices")?.childrenNamed("interface") ?? [];
  const taken = new Set(interfaces.map((each) => each.child("target")?.attribute("dev")));
  let next = 0;
  for (const device of interfaces) {
    const target = device.ensure("target", interfaceOrder);
    if (target.attribute("dev") !== undefined) continue;
    while (taken.has(`testnet${next}`)) next++;
    taken.add(`testnet${next}`);
    target.setAttribute("dev", `testnet${next}`);
  }
}

/** The first console of a full machine is its first serial port, whichever of the two was given. */
function readConsoles(devices: XmlElement, isHvm: boolean): void {
  number(devices.childrenNamed("serial"));
  number(devices.childrenNamed("parallel"));
  if (isHvm) {
    const serial = devices.child("serial");
    const console = devices.child("console");
    if (console && !serial && (console.child("target")?.attribute("type") ?? "serial") === "serial") {
      devices.append(
        element("serial", { type: console.attribute("type") ?? "pty" }, element("target", { port: 0 })),
      );
    }
    if (serial && !console) {
      devices.append(element("console", { type: serial.attribute("type") ?? "pty" }, element("target")));
    }
  }
  devices.childrenNamed("console").forEach((console, port) => {
    const target = console.ensure("target", ["source", "protocol", "target"]);
    setDefault(target, "type", isHvm ? "serial" : "xen");
    setDefault(target, "port", String(port));
    target.orderAttributes(["type", "port"]);
  });
}

function number(ports: readonly XmlElement[]): void {
  ports.forEach((port, index) => {
    setDefault(port.ensure("target", ["source", "protocol", "target"]), "port", String(index));
  });
}

/** Disks and channels stand on controllers, which need not be mentioned. */
function addControllers(devices: XmlElement): void {
  for (const type of ["scsi", "fdc", "ide", "sata"]) {
    const used = devices
      .childrenNamed("disk")
      .filter((disk) => disk.child("target")?.attribute("bus") === type)
      .map((disk) => Number(disk.child("address")?.attribute("controller") ?? 0));
    for (let index = 0; index <= Math.max(-1, ...used); index++) addController(devices, type, index);
  }
  const isVirtio = (channel: XmlElement) => channel.child("target")?.attribute("type") === "virtio";
  if (devices.childrenNamed("channel").some(isVirtio)) addController(devices, "virtio-serial", 0);
}

function addController(devices: XmlElement, type: string, index: number): void {
  const exists = devices
    .childrenNamed("controller")
    .some((each) => each.attribute("type") === type && each.attribute("index") === String(index));
  if (!exists) devices.place(element("controller", { type, index }), deviceOrder);
}
