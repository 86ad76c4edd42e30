import { readFileSync } from "node:fs";
import { join } from "node:path";
import { XMLParser } from "fast-xml-parser";
import type { CpuMap, ModelEntry } from "../../src/testing/driver/cpu/map.js";

const repeated = new Set(["arch", "cpuid", "feature", "group", "include", "msr", "vendor"]);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseAttributeValue: false,
  isArray: (name, path, _isLeaf, isAttribute) =>
    !isAttribute && repeated.has(name) && path !== "cpus.model.vendor",
});

interface Named {
  readonly name: string;
}

interface Include {
  readonly filename: string;
}

interface IndexFile {
  readonly arch: readonly (Named & {
    readonly include?: readonly Include[];
    readonly group?: readonly Group[];
  })[];
}

interface Group {
  readonly include?: readonly Include[];
}

interface MapFile {
  readonly vendor?: readonly Named[];
  readonly feature?: readonly Feature[];
  readonly model?: Model;
}

type Registers = Readonly<Record<string, string>>;

interface Feature extends Named {
  readonly cpuid?: readonly Registers[];
  readonly msr?: readonly Registers[];
}

interface Model extends Named {
  readonly decode?: { readonly guest: string };
  readonly model?: Named;
  readonly vendor?: Named;
  readonly feature?: readonly (Named & { readonly removed?: string; readonly added?: string })[];
}

/** Reads what libvirt knows of the CPUs of an architecture from the XML files that it is installed with. */
export function readCpuMap(directory: string, arch: string): CpuMap {
  const index = readXml<IndexFile>(join(directory, "index.xml")).arch.find(({ name }) => name === arch);
  if (!index) throw new Error(`${directory} knows no CPUs of ${arch}`);
  const includes = [index, ...(index.group ?? [])].flatMap(({ include = [] }) => include);
  const files = includes.map(({ filename }) => readXml<MapFile>(join(directory, filename)));
  const features = files.flatMap(({ feature = [] }) => feature);
  checkBits(features);
  return {
    vendors: files.flatMap(({ vendor = [] }) => vendor).map(({ name }) => name),
    features: features.map(({ name }) => name).join(" "),
    models: files.flatMap(({ model }) => (model ? [modelEntry(model)] : [])),
  };
}

function readXml<File>(path: string): File {
  return parser.parse(readFileSync(path, "utf8")).cpus as File;
}

function modelEntry({ name, decode, model, vendor, feature = [] }: Model): ModelEntry {
  const own = feature.filter(({ removed, added }) => removed !== "yes" && added !== "yes");
  const removed = feature.filter((each) => each.removed === "yes");
  return {
    name,
    ...(model && { ancestor: model.name }),
    ...(vendor && { vendor: vendor.name }),
    ...(own.length > 0 && { features: own.map((each) => each.name).join(" ") }),
    ...(removed.length > 0 && { removed: removed.map((each) => each.name).join(" ") }),
    ...(decode?.guest === "off" && { hostOnly: true }),
  };
}

/** The driver for tests computes with names of features, which is right while each of them is one bit of its own. */
function checkBits(features: readonly Feature[]): void {
  const owners = new Map<string, string>();
  for (const feature of features) {
    const bits = [...(feature.cpuid ?? []), ...(feature.msr ?? [])].flatMap(bitsOf);
    const [bit] = bits;
    if (bit === undefined || bits.length > 1) {
      throw new Error(`the CPU feature ${feature.name} is ${bits.length} bits, and not one`);
    }
    const owner = owners.get(bit);
    if (owner !== undefined)
      throw new Error(`the CPU features ${owner} and ${feature.name} are the same bit`);
    owners.set(bit, feature.name);
  }
}

function bitsOf({ eax_in: leaf, ecx_in: subleaf = "0", index, ...registers }: Registers): string[] {
  const where = index === undefined ? `cpuid ${Number(leaf)} ${Number(subleaf)}` : `msr ${Number(index)}`;
  return Object.entries(registers).flatMap(([register, mask]) =>
    Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => (Number(mask) >>> bit) & 1)
      .map((bit) => `${where} ${register} ${bit}`),
  );
}
