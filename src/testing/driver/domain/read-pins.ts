import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { XmlElement } from "../xml/element.js";
import { unsignedAttribute } from "../xml/values.js";
import { formatCpuSet, parseCpuSet } from "./cpu-set.js";
import { cputuneOrder } from "./order.js";
import { ioThreadIds } from "./read-io-threads.js";

/** Checks where the parts of a domain may run and its memory may be, and writes each set in its shortest form. */
export function readPins(xml: XmlElement): void {
  const cputune = xml.child("cputune");
  if (cputune) {
    readVcpuPins(cputune, Number(xml.childText("vcpu")));
    const [emulatorPin, another] = cputune.childrenNamed("emulatorpin");
    if (another) {
      throw driverError(ErrorNumber.XML_ERROR, "only one emulatorpin is supported", ErrorDomain.DOMAIN);
    }
    if (emulatorPin) readCpuSet(emulatorPin);
    readIoThreadPins(cputune, ioThreads(xml));
    orderPins(cputune);
    if (cputune.children.length === 0) xml.remove(cputune);
  }
  const memory = xml.child("numatune", "memory");
  if (memory?.attribute("nodeset") !== undefined) readSet(memory, "nodeset");
}

/** Puts pins into the order in which libvirt prints them, the lowest number first. */
export function orderPins(cputune: XmlElement): void {
  const number = (pin: XmlElement) => Number(pin.attribute("vcpu") ?? pin.attribute("iothread") ?? 0);
  const isPin = (each: XmlElement) => each.name === "vcpupin" || each.name === "iothreadpin";
  const pins = cputune.children.filter(isPin).sort((a, b) => number(a) - number(b));
  cputune.nodes = [...cputune.children.filter((each) => !isPin(each)), ...pins];
  cputune.sortChildren(cputuneOrder);
}

/** Pins of virtual CPUs that the domain has not are left out. */
function readVcpuPins(cputune: XmlElement, count: number): void {
  const seen = new Set<number>();
  for (const pin of cputune.childrenNamed("vcpupin")) {
    const vcpu = readKey(pin, "vcpu");
    if (vcpu >= count) {
      cputune.remove(pin);
      continue;
    }
    if (pin.attribute("cpuset") === undefined) throw missingSet(pin);
    if (seen.has(vcpu)) throw internal(`duplicate vcpupin for vcpu '${vcpu}'`);
    seen.add(vcpu);
    readCpuSet(pin);
  }
}

function readIoThreadPins(cputune: XmlElement, threads: readonly number[]): void {
  const seen = new Set<number>();
  for (const pin of cputune.childrenNamed("iothreadpin")) {
    const thread = readKey(pin, "iothread");
    if (thread === 0) {
      const detail = "Invalid value for attribute 'iothread' in element 'iothreadpin': Zero is not permitted";
      throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
    }
    if (!threads.includes(thread)) {
      const detail = `Cannot find 'iothread' : ${thread}`;
      throw driverError(ErrorNumber.CONFIG_UNSUPPORTED, detail, ErrorDomain.DOMAIN);
    }
    readCpuSet(pin);
    if (seen.has(thread)) throw internal(`duplicate iothreadpin for same iothread '${thread}'`);
    seen.add(thread);
  }
}

function ioThreads(xml: XmlElement): readonly number[] {
  const named = xml.child("iothreadids")?.childrenNamed("iothread") ?? [];
  const ids = named.map((thread) => Number(thread.attribute("id")));
  return ioThreadIds(ids, Number(xml.childText("iothreads") ?? 0));
}

function readKey(pin: XmlElement, name: string): number {
  const key = unsignedAttribute(pin, name);
  if (key !== undefined) return key;
  const detail = `Missing required attribute '${name}' in element '${pin.name}'`;
  throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
}

function readCpuSet(pin: XmlElement): void {
  if (pin.attribute("cpuset") === undefined) throw missingSet(pin);
  readSet(pin, "cpuset");
}

function readSet(from: XmlElement, name: "cpuset" | "nodeset"): void {
  from.setAttribute(name, formatCpuSet(parseCpuSet(from.attribute(name) ?? "", name)));
}

function missingSet(pin: XmlElement): Error {
  return internal(`missing cpuset for ${pin.name}`);
}

function internal(detail: string): Error {
  return driverError(ErrorNumber.INTERNAL_ERROR, detail, ErrorDomain.DOMAIN);
}
