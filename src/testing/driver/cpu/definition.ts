import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { archs } from "../domain/words.js";
import { driverError } from "../errors.js";
import { element, type XmlElement } from "../xml/element.js";
import { formatXml } from "../xml/format.js";
import { parseXml } from "../xml/parse.js";
import { integerAttribute, readUnsigned, unsignedAttribute, wordAttribute } from "../xml/values.js";

/** A host's CPU, as its capabilities describe it. */
export interface HostCpu {
  readonly arch: string;
  readonly model: string;
  readonly vendor: string | undefined;
  /** What the CPU has besides what all of its model have. */
  readonly features: readonly string[];
}

/** A CPU that guests can be given. */
export interface GuestCpu {
  readonly model: string;
  readonly vendor: string | undefined;
  /** Whether a host that cannot provide the model may take one that is like it. */
  readonly fallback: "allow" | "forbid";
  readonly features: readonly GuestFeature[];
}

export interface GuestFeature {
  readonly name: string;
  readonly policy: "require" | "disable";
}

/** Reads a `<cpu>` of capabilities, and refuses what libvirt refuses there. */
export function readHostCpu(xml: string): HostCpu {
  const cpu = parseXml(xml, { what: "(CPU_definition)", from: ErrorDomain.CPU });
  if (cpu.name !== "cpu") throw xmlError("XML does not contain expected 'cpu' element");
  refuseGuestAttributes(cpu);
  const arch = cpu.childText("arch");
  if (!arch) throw xmlError("Missing CPU architecture");
  if (!archs.includes(arch)) throw unsupported(`Unknown architecture ${arch}`);
  checkHost(cpu);
  const model = cpu.childText("model");
  if (!model) throw xmlError("Missing CPU model name");
  checkTopology(cpu);
  const features = readFeatures(cpu);
  checkCache(cpu);
  checkAddressWidth(cpu);
  return { arch, model, vendor: cpu.childText("vendor") || undefined, features };
}

function refuseGuestAttributes(cpu: XmlElement): void {
  if (cpu.attribute("mode") !== undefined) throw unsupported("Attribute mode is only allowed for guest CPU");
  if (wordAttribute(cpu, "migratable", ["on", "off"]) !== undefined) {
    throw unsupported("Attribute migratable is only allowed for 'host-passthrough' / 'maximum' CPU mode");
  }
}

function checkHost(cpu: XmlElement): void {
  const version = cpu.child("microcode")?.attribute("version");
  if (version !== undefined && readUnsigned(version) === undefined) {
    throw unsupported("invalid microcode version");
  }
  const signature = cpu.child("signature");
  if (signature) {
    checkNumber(signature, "family", { required: true, positive: true });
    for (const name of ["model", "stepping"]) checkNumber(signature, name, { required: true });
  }
  const counter = cpu.childrenNamed("counter").find((each) => each.attribute("name") === "tsc");
  if (counter) {
    checkNumber(counter, "frequency", { required: true });
    wordAttribute(counter, "scaling", ["yes", "no"]);
  }
}

function checkTopology(cpu: XmlElement): void {
  const topology = cpu.child("topology");
  if (!topology) return;
  for (const name of ["sockets", "dies", "clusters", "cores", "threads"]) {
    checkNumber(topology, name, { required: name !== "dies" && name !== "clusters", positive: true });
  }
}

function readFeatures(cpu: XmlElement): string[] {
  const names: string[] = [];
  for (const feature of cpu.childrenNamed("feature")) {
    const name = feature.attribute("name");
    if (!name) throw xmlError("Invalid CPU feature name");
    if (names.includes(name)) throw xmlError(`CPU feature '${name}' specified more than once`);
    names.push(name);
  }
  return names;
}

function checkCache(cpu: XmlElement): void {
  const [cache, another] = cpu.childrenNamed("cache");
  if (another) throw xmlError("at most one CPU cache element may be specified");
  if (!cache) return;
  const level = integerAttribute(cache, "level");
  if (level !== undefined && level < 0)
    throw invalid(cache, "level", `'${level}'. Expected non-negative value`);
  if (level !== undefined && (level < 1 || level > 3)) {
    throw xmlError("invalid CPU cache level, must be in range [1,3]");
  }
  if (!wordAttribute(cache, "mode", ["emulate", "passthrough", "disable"])) throw missing(cache, "mode");
}

function checkAddressWidth(cpu: XmlElement): void {
  const width = cpu.child("maxphysaddr");
  if (!width) return;
  const mode = wordAttribute(width, "mode", ["emulate", "passthrough"]);
  if (!mode) throw missing(width, "mode");
  const bits = integerAttribute(width, "bits");
  if (bits !== undefined && bits < 0) throw invalid(width, "bits", `'${bits}'. Expected non-negative value`);
  if (checkNumber(width, "limit", { positive: true }) !== undefined && mode !== "passthrough") {
    throw unsupported("attribute 'limit' is only supported for maxphysaddr mode 'passthrough'");
  }
}

function checkNumber(
  from: XmlElement,
  name: string,
  { required = false, positive = false }: { required?: boolean; positive?: boolean },
): number | undefined {
  const value = unsignedAttribute(from, name);
  if (value === undefined && required) throw missing(from, name);
  if (value === 0 && positive) throw invalid(from, name, "Zero is not permitted");
  return value;
}

/** The XML of a `<cpu>` for the definitions of domains. */
export function formatGuestCpu({ model, vendor, fallback, features }: GuestCpu): string {
  const cpu = element("cpu", { mode: "custom", match: "exact" }, element("model", { fallback }, model));
  if (vendor !== undefined) cpu.append(element("vendor", {}, vendor));
  cpu.append(...features.map(({ policy, name }) => element("feature", { policy, name })));
  return formatXml(cpu);
}

function missing(from: XmlElement, name: string): Error {
  const detail = `Missing required attribute '${name}' in element '${from.name}'`;
  return driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
}

function invalid(from: XmlElement, name: string, why: string): Error {
  const detail = `Invalid value for attribute '${name}' in element '${from.name}': ${why}`;
  return driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
}

function xmlError(detail: string): Error {
  return driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.CPU);
}

function unsupported(detail: string): Error {
  return driverError(ErrorNumber.CONFIG_UNSUPPORTED, detail, ErrorDomain.CPU);
}
