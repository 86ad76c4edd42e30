import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { DomainState, ErrorDomain, ErrorNumber } from "../../generated/constants.js";
import { loadIoThreads } from "./domain/io-threads.js";
import { readDomain } from "./domain/read.js";
import { loadSnapshots } from "./domain/take-snapshot.js";
import { driverError } from "./errors.js";
import type { Cell, NodeInfo } from "./host.js";
import { readInterface } from "./interface/read.js";
import { readNetwork } from "./network/read.js";
import { readPool } from "./storage/read-pool.js";
import { readVolume } from "./storage/read-volume.js";
import { World } from "./world.js";
import type { XmlElement } from "./xml/element.js";
import { parseXml } from "./xml/parse.js";
import { readUnsigned } from "./xml/values.js";

/** Reads a world from a file in the format of libvirt's test driver. */
export async function readWorldFile(path: string): Promise<World> {
  const node = await readDocument(path, "node");
  await fetchReferences(node, path);
  return readWorld(node);
}

async function readDocument(path: string, root: string): Promise<XmlElement> {
  const text = await readFile(path, "utf8").catch(() => {
    throw driverError(ErrorNumber.XML_ERROR, `failed to parse xml document '${path}'`);
  });
  return parseXml(text, { what: path, root, from: ErrorDomain.TEST });
}

/** What stands in a file of its own (`<domain file="…"/>`) is put where it is referred to. */
async function fetchReferences(within: XmlElement, path: string): Promise<void> {
  for (const [at, node] of within.nodes.entries()) {
    if (typeof node === "string") continue;
    const file = referenceOf(node);
    if (file === undefined) {
      if (containers.includes(node.name)) await fetchReferences(node, path);
      continue;
    }
    const name = node.name.replace(/^.*:/, "");
    within.nodes[at] = await readDocument(isAbsolute(file) ? file : join(dirname(path), file), name);
  }
}

/** What can be in a file of its own, and what can hold such things. */
const parts: readonly string[] = ["domain", "network", "interface", "pool", "volume", "device"];
const containers: readonly string[] = ["domain", "pool"];

function referenceOf(node: XmlElement): string | undefined {
  const canBeElsewhere = parts.includes(node.name) || isOfTest(node, "domainsnapshot");
  return canBeElsewhere ? node.attribute("file") : undefined;
}

/** The namespace of what only the test driver knows: states, snapshots. */
export const testNamespace = "http://libvirt.org/schemas/domain/test/1.0";

function isOfTest({ name, namespace }: XmlElement, wanted: string): boolean {
  return namespace === testNamespace && name.replace(/^.*:/, "") === wanted;
}

/** Makes a world of a `<node>`. */
export function readWorld(node: XmlElement, cells: readonly Cell[] = []): World {
  const world = new World(cells);
  readNodeInfo(node, world.host.info);
  for (const domain of node.childrenNamed("domain")) loadDomain(world, domain);
  for (const network of node.childrenNamed("network")) world.networks.load(readNetwork(network));
  for (const each of node.childrenNamed("interface")) {
    world.interfaces.define(readInterface(each)).isActive = true;
  }
  for (const pool of node.childrenNamed("pool")) loadPool(world, pool);
  for (const device of node.childrenNamed("device")) world.nodeDevices.load(device);
  checkUsers(node.child("auth"));
  return world;
}

/** A world may want to know who comes. Only C's driver within the program can ask that: not so a daemon. */
function checkUsers(auth: XmlElement | undefined): void {
  const users = auth?.childrenNamed("user") ?? [];
  if (users.some(({ text }) => text === "")) {
    throw driverError(ErrorNumber.XML_ERROR, "missing username in /node/auth/user field");
  }
  if (users.length === 0) return;
  throw driverError(ErrorNumber.INVALID_ARG, "Missing authentication credentials", ErrorDomain.AUTH);
}

function readNodeInfo(node: XmlElement, info: NodeInfo): void {
  const cpu = node.child("cpu");
  const read = (name: "nodes" | "sockets" | "cores" | "threads" | "mhz") => {
    info[name] = Number(readNumber(cpu?.childText(name), `node cpu ${name}`) ?? info[name]);
  };
  for (const name of ["nodes", "sockets", "cores", "threads"] as const) read(name);
  info.cpus = info.cores * info.threads * info.sockets * info.nodes;
  const active = readNumber(cpu?.childText("active"), "node cpu active");
  if (active !== undefined && active < info.cpus) info.cpus = Number(active);
  read("mhz");
  const model = cpu?.childText("model");
  if (model && Buffer.byteLength(model) >= modelRoom) {
    throw driverError(ErrorNumber.INTERNAL_ERROR, `Model ${model} too big for destination`);
  }
  info.model = model || info.model;
  info.memory = readNumber(node.childText("memory"), "node memory", (1n << 64n) - 1n) ?? info.memory;
}

/** The bytes that a model's name has in the protocol, the one at its end included. */
export const modelRoom = 32;

function readNumber(text: string | undefined, what: string, max?: bigint): bigint | undefined {
  if (!text) return undefined;
  const value = readUnsigned(text, max);
  if (value !== undefined) return value;
  throw driverError(ErrorNumber.XML_ERROR, `invalid ${what} value`);
}

function loadDomain(world: World, given: XmlElement): void {
  const own = (name: string) => given.children.find((each) => isOfTest(each, name));
  const isTransient = own("transient") !== undefined;
  const hasManagedSave = own("hasmanagedsave") !== undefined;
  const state = readRunState(own("runstate")?.text);
  if (isTransient && state === DomainState.SHUTOFF) {
    throw driverError(ErrorNumber.XML_ERROR, "transient domain cannot have runstate 'shutoff'");
  }
  if (hasManagedSave && state !== DomainState.SHUTOFF) {
    const detail = "domain with managedsave data can only have runstate 'shutoff'";
    throw driverError(ErrorNumber.XML_ERROR, detail);
  }
  // Those that were in files of their own have no namespace there.
  const isSnapshot = (each: XmlElement) => each.name === "domainsnapshot" || isOfTest(each, "domainsnapshot");
  const snapshots = given.children.filter(isSnapshot);
  // They say how the domain is at the beginning, and are no part of what it is.
  given.nodes = given.children.filter((each) => each.namespace !== testNamespace && !isSnapshot(each));
  for (const [name, value] of given.attributes)
    if (value === testNamespace) given.setAttribute(name, undefined);
  const domain = world.domains.load(readDomain(given), state, isTransient);
  domain.hasManagedSave = hasManagedSave;
  loadSnapshots(domain, snapshots);
  domain.messages.check(domain.current);
  loadIoThreads(domain);
}

function loadPool(world: World, given: XmlElement): void {
  const pool = world.storagePools.load(readPool(given));
  const taken = { key: new Set<string>(), name: new Set<string>(), path: new Set<string>() };
  for (const each of given.childrenNamed("volume")) {
    const volume = pool.loadVolume(readVolume(each, pool.definition.type));
    for (const what of ["key", "name", "path"] as const) {
      if (taken[what].has(volume[what])) {
        const detail = `volume with ${what} '${volume[what]}' already exist`;
        throw driverError(ErrorNumber.OPERATION_FAILED, detail, ErrorDomain.STORAGE);
      }
      taken[what].add(volume[what]);
    }
  }
}

function readRunState(text: string | undefined): DomainState {
  if (!text) return DomainState.RUNNING;
  const state = readUnsigned(text);
  if (state === undefined) throw driverError(ErrorNumber.XML_ERROR, "invalid runstate");
  if (state > DomainState.PMSUSPENDED) {
    throw driverError(ErrorNumber.XML_ERROR, `runstate '${state}' out of range'`);
  }
  return Number(state) as DomainState;
}
