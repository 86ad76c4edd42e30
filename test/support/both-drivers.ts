import { expect } from "vitest";
import { type Connection, connect, ErrorNumber, LibvirtError } from "../../src/index.js";
import type { Libvirtd } from "./libvirtd.js";

/** A call's result or error, in a form that can be compared. */
export async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return comparable(await call());
  } catch (error) {
    return errorOf(error);
  }
}

/** For errors that libvirt's releases say in different words: what kind they are, and from where. */
export function inWhateverWords(error: unknown) {
  if (!(error instanceof LibvirtError)) throw error;
  const { codeName, domainName } = error;
  return { codeName, domainName };
}

function errorOf(error: unknown): unknown {
  if (!(error instanceof LibvirtError)) throw error;
  const { code, codeName, domain, domainName, level, message, str1, str2, str3, int1, int2 } = error;
  // What is wrong with text that is no XML, each parser says in words of its own.
  if (code === ErrorNumber.XML_DETAIL) return inWhateverWords(error);
  return { code, codeName, domain, domainName, level, message, str1, str2, str3, int1, int2 };
}

function comparable(value: unknown): unknown {
  if (Array.isArray(value)) {
    // libvirt's lists are in no order.
    return value.map(comparable).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value === "object" && value !== null && "ref" in value) return comparable(value.ref);
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return [...value];
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, comparable(each)]));
}

/** What a function looks like that takes a step: what it does. */
export const labelOf = (step: (...args: never[]) => unknown) =>
  step
    .toString()
    .replace(/^.*?=>\s*/s, "")
    .replace(/\s+/g, " ");

/** Takes a step and writes down what came of it, result or error. */
export type Take = (call: () => Promise<unknown>) => Promise<void>;
/** The same for a step that has to succeed, whose result is needed for others. */
type Get = <T>(call: () => Promise<T>) => Promise<T>;

export type Scene = (conn: Connection, take: Take, get: Get) => Promise<void>;

/**
 * Connects to a world in which nothing has happened yet: a daemon's is gone some time after who was in it is. Where the
 * domain of this name is, somebody has been.
 */
export async function connectAnew(uri: string, marker: string): Promise<Connection> {
  for (;;) {
    const conn = await connect(uri);
    const domains = await conn.listAllDomains();
    if (domains.every(({ name }) => name !== marker)) return conn;
    await conn.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Plays a scene on one hypervisor: what came of each step, and what was told meanwhile. */
async function play(uri: string, scene: Scene) {
  await using conn = await connectAnew(uri, lastName);
  const events: unknown[] = [];
  const results: [string, unknown][] = [];
  const ended = await listen(conn, events);
  const take: Take = async (call) => void results.push([labelOf(call), await outcome(call)]);
  const get: Get = async (call) => {
    const value = await call();
    results.push([labelOf(call), comparable(value)]);
    return value;
  };
  await scene(conn, take, get);
  await ended();
  return { results, events };
}

/** The domain that is defined when all is over. */
const lastName = "the-last-one";

/** Writes down what is told from now on; returns how to wait until all has been. */
async function listen(conn: Connection, events: unknown[]) {
  await conn.on("network.lifecycle", ({ network, event, detail }) => {
    events.push(["network", network.name, event, detail]);
  });
  await conn.on("storagePool.lifecycle", ({ pool, event, detail }) => {
    events.push(["pool", pool.name, event, detail]);
  });
  await conn.on("storagePool.refresh", ({ pool }) => {
    events.push(["refresh", pool.name]);
  });
  await conn.on("nodeDevice.lifecycle", ({ device, event, detail }) => {
    events.push(["device", device.name, event, detail]);
  });
  await conn.on("domain.deviceAdded", ({ domain, devAlias }) => {
    events.push(["added", domain.name, devAlias]);
  });
  await conn.on("domain.deviceRemoved", ({ domain, devAlias }) => {
    events.push(["removed", domain.name, devAlias]);
  });
  const last = `<domain type="test"><name>${lastName}</name><memory>1</memory><os><type>hvm</type></os></domain>`;
  let tell = () => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  await conn.on("domain.lifecycle", () => tell());
  // Events come in their order, so that after this one's there are no more.
  return async () => {
    await conn.domainDefineXML(last);
    await told;
  };
}

/** Plays a scene on libvirtd's test driver and on ours: the same has to come of it. */
export async function compareDrivers(libvirtd: Libvirtd, scene: Scene, path = "/default") {
  const theirs = await play(libvirtd.uri("test").replace("/default", path), scene);
  const ours = await play(`test://${path}`, scene);
  expect(ours.results).toEqual(theirs.results);
  expect(ours.events).toEqual(theirs.events);
  return ours;
}
