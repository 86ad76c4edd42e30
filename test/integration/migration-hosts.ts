import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import {
  type Connection,
  connect,
  type Domain,
  DomainState,
  ErrorNumber,
  LibvirtError,
  nameOf,
} from "../../src/index.js";
import { outcome, type PyObject, type PythonLibvirt } from "../support/differential.js";
import { qemuDomainXML } from "../support/fixtures.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

/** One of the hosts that guests migrate between: its daemon, and both clients' connections to it. */
export interface Host {
  readonly daemon: Libvirtd;
  /** What leads to the daemon, from the other one too. */
  readonly uri: string;
  readonly ours: Connection;
  readonly theirs: PyObject;
}

export async function startHost(python: PythonLibvirt, hostname: string): Promise<Host> {
  const daemon = await startLibvirtd({ tcp: true, hostname });
  const uri = daemon.uri("qemu", { transport: "tcp" });
  const [ours, theirs] = await Promise.all([connect(uri), python.open(uri)]);
  return { daemon, uri, ours, theirs };
}

export async function stopHost({ ours, daemon }: Host): Promise<void> {
  await ours.close();
  await daemon.stop();
}

/** A guest that virtwire moves, and one like it that the C client moves at the same time. */
export interface Twins {
  readonly ours: Domain;
  readonly theirs: PyObject;
}

export const names = { ours: "guest-ours", theirs: "guest-theirs" } as const;

export type Description = (name: string) => string;

/** The smallest of guests. */
const light: Description = (name) => qemuDomainXML({ name });

/** A guest that takes 16 s to be sent at 1 MiB/s. */
export async function heavy({ daemon }: Host): Promise<Description> {
  const ballast = join(daemon.directory, "ballast");
  await writeFile(ballast, randomBytes(16 * 1024 * 1024));
  const loader = `loader,file=${ballast},addr=0x400000,force-raw=on`;
  const commandLine = `<qemu:commandline><qemu:arg value="-device"/><qemu:arg value="${loader}"/></qemu:commandline>`;
  return (name) =>
    light(name)
      .replace("<domain ", '<domain xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0" ')
      .replace("</domain>", `${commandLine}</domain>`);
}

/** Guests that run, and are gone when they stop. */
export async function startTwins(host: Host, description: Description = light): Promise<Twins> {
  const [ours, theirs] = await Promise.all([
    host.ours.domainCreateXML(description(names.ours)),
    host.theirs.object("createXML", description(names.theirs), 0),
  ]);
  return { ours, theirs };
}

/** Guests that are known whether they run or not; they do not yet. */
export async function defineTwins(host: Host, description: Description = light): Promise<Twins> {
  const [ours, theirs] = await Promise.all([
    host.ours.domainDefineXML(description(names.ours)),
    host.theirs.object("defineXML", description(names.theirs)),
  ]);
  return { ours, theirs };
}

export async function findTwins(host: Host): Promise<Twins> {
  const [ours, theirs] = await Promise.all([
    host.ours.domainLookupByName(names.ours),
    host.theirs.object("lookupByName", names.theirs),
  ]);
  return { ours, theirs };
}

/** What a host has of a domain: `absent`, `RUNNING`, `RUNNING, persistent`, … */
export async function presence({ ours }: Host, name: string): Promise<string> {
  try {
    const domain = await ours.domainLookupByName(name);
    const { state } = await domain.getState();
    return `${nameOf(DomainState, state)}${(await domain.isPersistent()) ? ", persistent" : ""}`;
  } catch (error) {
    if (error instanceof LibvirtError && error.code === ErrorNumber.NO_DOMAIN) return "absent";
    throw error;
  }
}

/** The process of a guest that runs, or is to. */
export async function pidOf({ daemon }: Host, name: string): Promise<number> {
  return Number(await readFile(join(daemon.directory, "run/qemu", `${name}.pid`), "utf8"));
}

/** Removes every guest. */
export async function clear({ ours }: Host): Promise<void> {
  const domains = await ours.listAllDomains();
  await Promise.all(
    domains.map(async (domain) => {
      const persistent = await domain.isPersistent();
      if (await domain.isActive()) await domain.destroy();
      if (persistent) await domain.undefine();
    }),
  );
}

/**
 * Waits for two migrations, whose outcomes must be the same. Returns what that is, less what tells twins apart: names
 * are `guest`, and instead of an ID there is whether there is one.
 */
export async function same(ours: Promise<unknown>, theirs: Promise<unknown>): Promise<unknown> {
  // What returns nothing in JavaScript returns C's 0 in Python.
  const [mine, its] = await Promise.all([outcome(ours.then((value) => value ?? 0)), outcome(theirs)]);
  expect(anonymous(mine)).toEqual(anonymous(its));
  return anonymous(mine);
}

function anonymous(value: unknown): unknown {
  if (typeof value === "string") {
    return value
      .replace(/\bguest-(ours|theirs)\b/g, "guest")
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID");
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === "id" ? item > 0 : anonymous(item)]),
  );
}
