import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { newUuid, parseUuid } from "../identity.js";
import { tidyMetadata } from "../metadata.js";
import { element, XmlElement } from "../xml/element.js";
import { parseXml } from "../xml/parse.js";
import { readKiB, readUnsigned, unsignedAttribute, wordAttribute } from "../xml/values.js";
import { formatCpuSet, parseCpuSet } from "./cpu-set.js";
import { DomainDefinition } from "./definition.js";
import { domainOrder, osOrder } from "./order.js";
import { readDevices } from "./read-devices.js";
import { readIoThreads } from "./read-io-threads.js";
import { readPins } from "./read-pins.js";
import {
  archs,
  bootDevices,
  clockOffsets,
  domainTypes,
  features,
  lifecycleActions,
  osTypes,
} from "./words.js";

/** Reads the XML of a domain, checks it as libvirt does, and completes it. */
export function parseDomain(xml: string): DomainDefinition {
  return readDomain(parseXml(xml, { what: "(domain_definition)", root: "domain", from: ErrorDomain.DOMAIN }));
}

/** As {@link parseDomain}, from an element that is changed by it. */
export function readDomain(given: XmlElement): DomainDefinition {
  const name = given.childText("name");
  if (!name) throw driverError(ErrorNumber.NO_NAME, undefined, ErrorDomain.DOMAIN);
  if (name.includes("\n")) {
    throw driverError(ErrorNumber.XML_DETAIL, "invalid char in name: \n", ErrorDomain.XML);
  }
  const xml = new XmlElement("domain", given.attributes, oneOfEach(given.children));
  xml.setAttribute("id", undefined);
  readUuid(xml);
  readType(xml);
  readTexts(xml);
  readMemory(xml);
  readVcpus(xml);
  readIoThreads(xml);
  readPins(xml);
  readFeatures(xml);
  for (const [when, usual] of lifecycle) readAction(xml, when, usual);
  readClock(xml);
  readBoot(xml);
  readDevices(xml);
  checkMemory(xml);
  if (name.includes("/")) refuse(`name ${name} cannot contain '/'`);
  xml.sortChildren(domainOrder);
  return new DomainDefinition(xml);
}

function refuse(detail: string, code: number = ErrorNumber.XML_ERROR): never {
  throw driverError(code, detail, ErrorDomain.DOMAIN);
}

/** libvirt looks at the first of elements that can be there once. */
function oneOfEach(children: readonly XmlElement[]): XmlElement[] {
  const seen = new Set<string>();
  return children.filter(({ name, namespace }) => {
    if (namespace !== null || name === "seclabel" || name === "sysinfo" || !domainOrder.includes(name))
      return true;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

function readUuid(xml: XmlElement): void {
  const given = xml.childText("uuid");
  const uuid = given ? parseUuid(given) : newUuid();
  if (uuid === undefined) refuse("malformed uuid element", ErrorNumber.INTERNAL_ERROR);
  xml.ensure("uuid", domainOrder).text = uuid;
}

function readType(xml: XmlElement): void {
  const type = xml.attribute("type");
  if (!type) refuse("missing domain type attribute", ErrorNumber.INTERNAL_ERROR);
  if (!domainTypes.includes(type)) refuse(`invalid domain type ${type}`, ErrorNumber.CONFIG_UNSUPPORTED);
  xml.orderAttributes(["type"]);

  const os = xml.ensure("os", domainOrder);
  const osType = os.childText("type");
  if (!osType && !xml.childText("bootloader")) refuse("an os <type> must be specified");
  if (osType && !osTypes.includes(osType))
    refuse(`unknown OS type '${osType}'`, ErrorNumber.CONFIG_UNSUPPORTED);
  const typeElement = os.ensure("type", osOrder);
  typeElement.text = osType || "xen";
  const arch = typeElement.attribute("arch") || "i686";
  if (!archs.includes(arch)) refuse(`Unknown architecture ${arch}`, ErrorNumber.CONFIG_UNSUPPORTED);
  typeElement.setAttribute("arch", arch);
  typeElement.orderAttributes(["arch", "machine"]);
}

function readTexts(xml: XmlElement): void {
  if (xml.childText("title")?.includes("\n")) refuse("Domain title can't contain newlines");
  for (const name of ["title", "description"]) if (xml.childText(name) === "") xml.removeNamed(name);
  const metadata = xml.child("metadata");
  if (metadata) tidyMetadata(metadata);
  if (metadata?.nodes.length === 0) xml.remove(metadata);
}

function readMemory(xml: XmlElement): void {
  for (const name of ["memory", "currentMemory", "maxMemory"]) {
    const found = xml.child(name);
    if (!found) continue;
    if (found.text === "") {
      if (found.attribute("slots") !== undefined) {
        refuse("maximum memory size must be specified when specifying number of memory slots");
      }
      xml.remove(found);
      continue;
    }
    const kib = readKiB(found, `./${name}[1]`);
    if (name === "maxMemory") unsignedAttribute(found, "slots");
    found.setAttribute("unit", "KiB");
    found.orderAttributes(["dumpCore", "slots", "unit"]);
    found.text = String(kib);
  }
}

/** What is checked only when the whole definition has been read. */
function checkMemory(xml: XmlElement): void {
  const numa = xml.child("cpu", "numa")?.childrenNamed("cell") ?? [];
  const ofNuma = numa.reduce((sum, cell) => sum + BigInt(cell.attribute("memory") ?? 0), 0n);
  const memory = BigInt(xml.childText("memory") ?? 0) || ofNuma;
  if (memory === 0n) refuse("Memory size must be specified via <memory> or in the <numa> configuration");
  setKiB(xml, "memory", memory);
  const current = BigInt(xml.childText("currentMemory") ?? 0);
  setKiB(xml, "currentMemory", current === 0n || current > memory ? memory : current);
  const most = xml.child("maxMemory");
  if (most && BigInt(most.text) < memory) {
    refuse("maximum memory size must be equal or greater than the actual memory size");
  }
}

function setKiB(xml: XmlElement, name: string, kib: bigint): void {
  const found = xml.ensure(name, domainOrder);
  found.setAttribute("unit", "KiB");
  found.text = String(kib);
}

function readVcpus(xml: XmlElement): void {
  const max = readUnsigned(xml.childText("vcpu") ?? "1");
  const vcpu = xml.ensure("vcpu", domainOrder);
  if (max === undefined) refuse("maximum vcpus count must be an integer");
  const current = unsignedAttribute(vcpu, "current") ?? Number(max);
  const placement = wordAttribute(vcpu, "placement", ["static", "auto"]) ?? "static";
  if (current > max) {
    const detail = "maximum vCPU count must not be less than current vCPU count";
    refuse(detail, ErrorNumber.CONFIG_UNSUPPORTED);
  }
  if (max === 0n) refuse("CPU IDs in <numa> exceed the <vcpu> count", ErrorNumber.INTERNAL_ERROR);
  const cpuset = vcpu.attribute("cpuset");
  vcpu.text = String(max);
  vcpu.setAttribute("placement", placement);
  if (cpuset !== undefined) vcpu.setAttribute("cpuset", formatCpuSet(parseCpuSet(cpuset)));
  vcpu.setAttribute("current", BigInt(current) === max ? undefined : current);
  vcpu.orderAttributes(["placement", "cpuset", "current"]);
}

function readFeatures(xml: XmlElement): void {
  for (const { name } of xml.child("features")?.children ?? []) {
    if (!features.includes(name)) refuse(`unexpected feature '${name}'`, ErrorNumber.CONFIG_UNSUPPORTED);
  }
}

const lifecycle = [
  ["on_reboot", "restart"],
  ["on_poweroff", "destroy"],
  ["on_crash", "destroy"],
] as const;

function readAction(xml: XmlElement, when: string, usual: string): void {
  const action = xml.ensure(when, domainOrder);
  action.text ||= usual;
  if (lifecycleActions.includes(action.text)) return;
  refuse(`unknown ${when} action: ${action.text}`, ErrorNumber.CONFIG_UNSUPPORTED);
}

function readClock(xml: XmlElement): void {
  const clock = xml.ensure("clock", domainOrder);
  const offset = clock.attribute("offset") ?? "utc";
  if (!clockOffsets.includes(offset))
    refuse(`unknown clock offset '${offset}'`, ErrorNumber.CONFIG_UNSUPPORTED);
  clock.setAttribute("offset", offset);
}

/** A machine that could boot from anything boots from its first disk. */
function readBoot(xml: XmlElement): void {
  const os = xml.ensure("os", domainOrder);
  for (const boot of os.childrenNamed("boot")) wordAttribute(boot, "dev", bootDevices);
  const devices = xml.child("devices")?.children ?? [];
  const isOrdered = devices.some((device) => device.child("boot") !== undefined);
  if (os.childText("type") === "hvm" && !os.child("boot") && !isOrdered) {
    os.append(element("boot", { dev: "hd" }));
  }
  os.sortChildren(osOrder);
}
