import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import type { Domain, DomainCheckpoint, DomainSnapshot } from "../../src/index.js";
import { compareDrivers, type Take } from "../support/both-drivers.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

// Snapshots and checkpoints, and their trees, on libvirt's test driver and on ours.

let libvirtd: Libvirtd;
let directory: string;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
  directory = await mkdtemp(join(tmpdir(), "virtwire-snapshots-"));
});

afterAll(async () => {
  await libvirtd.stop();
  await rm(directory, { recursive: true });
});

const uuid = "0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9a13";

function domainXml(more = "", attributes = "") {
  return `<domain type="test" ${attributes}><name>kept</name><uuid>${uuid}</uuid><memory>8192</memory><os><type>hvm</type></os>
    <devices>
      <disk type="file" device="disk"><source file="/one"/><target dev="vda"/></disk>
      <disk type="file" device="disk" snapshot="no"><source file="/two"/><target dev="vdb"/></disk>
      <disk type="file" device="cdrom"><target dev="hdc"/></disk>
    </devices>${more}</domain>`;
}

const xml = (name: string, more = "") => `<domainsnapshot><name>${name}</name>${more}</domainsnapshot>`;

/** What is the same whenever it is made. */
const timeless = (text: string) => text.replace(/<creationTime>\d+/, "<creationTime>0");

const stored = (name: string, state: string, { parent = "", domain = "", more = "", time = "5" } = {}) =>
  xml(
    name,
    `${time && `<creationTime>${time}</creationTime>`}${state && `<state>${state}</state>`}${
      parent && `<parent><name>${parent}</name></parent>`
    }${more}${domain}`,
  );

/** All that can be asked of a domain's snapshots. */
async function look(domain: Domain, take: Take, snapshots: readonly DomainSnapshot[]) {
  await take(() => domain.hasCurrentSnapshot());
  await take(() => domain.snapshotCurrent());
  for (const flags of [...Array.from({ length: 12 }, (_, bit) => 1 << bit), 0, 96, 768, 1 | 4, 18, 12]) {
    await take(() => domain.listAllSnapshots(flags));
    await take(() => domain.snapshotNum(flags));
    await take(() => domain.snapshotListNames(flags));
  }
  for (const snapshot of snapshots) {
    await take(() => snapshot.getParent());
    await take(() => snapshot.isCurrent());
    await take(() => snapshot.hasMetadata());
    await take(async () => timeless(await snapshot.getXMLDesc()));
    for (const flags of [0, 1, 4, 8, 9]) {
      await take(() => snapshot.listAllChildren(flags));
      await take(() => snapshot.numChildren(flags));
      await take(() => snapshot.listChildrenNames(flags));
    }
  }
}

test("snapshots are made into trees and deleted the same", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const domain = await get(() => conn.domainDefineXML(domainXml()));
    await look(domain, take, []);
    const one = await get(() => domain.snapshotCreateXML(xml("one", "<description>first</description>")));
    const two = await get(() => domain.snapshotCreateXML(xml("two")));
    await take(() => domain.create());
    const three = await get(() => domain.snapshotCreateXML(xml("three")));
    await take(() => one.domainRevertToSnapshot());
    const four = await get(() => domain.snapshotCreateXML(xml("four")));
    const five = await get(() => domain.snapshotCreateXML(xml("five")));
    await look(domain, take, [one, two, three, four, five]);
    await take(() => domain.snapshotLookupByName("three"));
    await take(() => domain.snapshotLookupByName("six"));
    await take(() => domain.snapshotLookupByName("one", 1));
    await take(() => domain.snapshotCreateXML(xml("one")));
    await take(() => domain.undefine());
    await take(() => conn.listAllDomains(1 << 10));
    await take(() => conn.listAllDomains(1 << 11));
    await take(() => four.delete(3));
    await take(() => four.delete());
    await look(domain, take, [one, two, three, five]);
    await take(() => five.delete());
    await look(domain, take, [one, two, three]);
    await take(() => two.domainRevertToSnapshot());
    await take(() => domain.snapshotCreateXML(xml("more")));
    await take(() => two.delete(2));
    await look(domain, take, [one, two]);
    await take(() => one.delete(1));
    await look(domain, take, [one]);
    await take(() => domain.undefineFlags(2));
  });
});

test("domains become what they were, with the same events", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const domain = await get(() => conn.domainDefineXML(domainXml()));
    const off = await get(() => domain.snapshotCreateXML(xml("off")));
    await take(() => domain.create());
    const running = await get(() => domain.snapshotCreateXML(xml("running")));
    await take(() => domain.suspend());
    const paused = await get(() => domain.snapshotCreateXML(xml("paused")));
    await take(() => domain.setMetadata(1, "changed", null, null, 3));
    for (const snapshot of [off, running, paused, running, paused, off]) {
      for (const flags of [0, 1, 2, 4, 3, 8]) {
        await take(() => snapshot.domainRevertToSnapshot(flags));
        await take(() => domain.getState());
        await take(() => domain.getXMLDesc());
        await take(() => domain.getXMLDesc(2));
        await take(() => domain.snapshotCurrent());
      }
    }
    await take(() => running.domainRevertToSnapshot());
    await take(() => domain.snapshotCreateXML(xml("halted"), 8));
    await take(() => domain.getState());
    await take(() => domain.snapshotCreateXML(xml("halted-again"), 8));
    await take(() => domain.undefineFlags(2));

    const transient = await get(() => conn.domainCreateXML(domainXml()));
    await take(() => transient.snapshotCreateXML(xml("halted"), 8));
    const kept = await get(() => transient.snapshotCreateXML(xml("kept")));
    await take(() => kept.domainRevertToSnapshot());
    await take(() => transient.getState());
    await take(() => kept.domainRevertToSnapshot(2));
    await take(() => transient.destroy());

    // A transient domain that is off after it has been told to run.
    const left = await get(() => conn.domainDefineXML(domainXml()));
    const inactive = await get(() => left.snapshotCreateXML(xml("inactive")));
    await take(() => left.create());
    await take(() => left.undefine());
    await take(() => inactive.domainRevertToSnapshot(1));
    await take(() => left.getState());
    await take(() => left.isPersistent());
    await take(() => conn.domainCreateXML(domainXml()));
    await take(() => conn.domainDefineXML(domainXml()));
    await take(() => conn.domainCreateXML(domainXml()));
    await take(() => left.destroy());
    await take(() => left.undefineFlags(2));
  });
});

test("what cannot be a snapshot is refused the same", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const domain = await get(() => conn.domainDefineXML(domainXml()));
    const disk = (attributes: string, more = "") => `<disks><disk ${attributes}>${more}</disk></disks>`;
    for (const bad of [
      "",
      "<domainsnapshot>",
      "<domain/>",
      xml("x", disk("snapshot='internal'")),
      xml("x", disk("name='vdz'")),
      xml("x", disk("name='vda' snapshot='sideways'")),
      xml("x", disk("name='vda' type='volume'")),
      xml("x", disk("name='vda' snapshot='external'")),
      xml("x", disk("name='vda' snapshot='no'")),
      xml("x", disk("name='vda' snapshot='manual'")),
      xml("x", disk("name='vda'", "<source file='/new'/>")),
      xml("x", disk("name='vda'", "<source file='new'/>")),
      xml("x", disk("name='vda' snapshot='internal'", "<source file='/new'/>")),
      xml("x", "<disks><disk name='vda'/><disk name='/one'/></disks>"),
      xml("x", "<disks><disk name='vda'/><disk name='vdb'/><disk name='hdc'/><disk name='a'/></disks>"),
      xml("x", "<memory snapshot='external'/>"),
      xml("x", "<memory snapshot='internal' file='/m'/>"),
      xml("x", "<memory snapshot='external' file='m'/>"),
      xml("x", "<memory snapshot='manual'/>"),
    ]) {
      await take(() => domain.snapshotCreateXML(bad));
    }
    for (const flags of [2, 3, 4, 5, 8 | 1, 16, 32, 64, 128, 256, 512, 1 << 12]) {
      await take(() => domain.snapshotCreateXML(xml(`f${flags}`), flags));
    }
    for (const good of [
      xml("g1", disk("name='vdb' snapshot='no'")),
      xml("g2", disk("name='/one' snapshot='internal'")),
      xml(
        "g3",
        `<memory snapshot='external' file='/m'/>${disk("name='vda'", "<source file='/new'/><driver type='qcow2'/>")}`,
      ),
      xml("g4", "<memory snapshot='no'/>"),
    ]) {
      await take(async () => timeless(await (await domain.snapshotCreateXML(good)).getXMLDesc()));
    }
    await take(async () => /^\d+$/.test((await domain.snapshotCreateXML("<domainsnapshot/>")).name));
    await take(() => domain.undefineFlags(2));
  });
});

test("snapshots are defined again the same", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const domain = await get(() => conn.domainDefineXML(domainXml()));
    const whole = { domain: domainXml() };
    for (const bad of [
      "<domainsnapshot/>",
      stored("x", "running", { time: "" }),
      stored("x", "running", { time: "soon" }),
      stored("x", ""),
      stored("x", "flying"),
      stored("x", "nostate"),
      stored("x", "running"),
      stored("x", "shutoff", { ...whole, parent: "nobody" }),
      stored("x", "shutoff", { ...whole, parent: "x" }),
      stored("x", "shutoff", { ...whole, more: "<memory snapshot='internal'/>" }),
      stored("x", "shutoff", { domain: domainXml().replace(uuid, uuid.replace("0b", "0c")) }),
      stored("x", "shutoff", { domain: "<domain type='test'/>" }),
    ]) {
      await take(() => domain.snapshotCreateXML(bad, 1));
    }
    const root = await get(() => domain.snapshotCreateXML(stored("root", "shutoff", whole), 1));
    const next = await get(() =>
      domain.snapshotCreateXML(stored("next", "running", { ...whole, parent: "root" }), 3),
    );
    const disks = await get(() =>
      domain.snapshotCreateXML(
        stored("disks", "disk-snapshot", {
          ...whole,
          parent: "next",
          more: "<disks><disk name='vda'><source file='/new'/></disk><disk name='hdc' snapshot='no'/></disks>",
        }),
        1,
      ),
    );
    await look(domain, take, [root, next, disks]);
    await take(() => domain.snapshotCreateXML(stored("root", "running", whole), 1));
    await take(() => domain.snapshotCreateXML(stored("root", "disk-snapshot", whole), 1));
    await take(() => domain.snapshotCreateXML(stored("root", "shutoff", { ...whole, parent: "disks" }), 1));
    await take(() =>
      domain.snapshotCreateXML(stored("root", "shutoff", { more: "<description>d</description>" }), 3),
    );
    await take(() => next.domainRevertToSnapshot());
    await take(() => domain.getState());
    await look(domain, take, [root, next, disks]);
    await take(() => domain.destroy());
    await take(() => domain.undefineFlags(2));
  });
});

const point = (name: string, more = "") => `<domaincheckpoint><name>${name}</name>${more}</domaincheckpoint>`;

async function lookAtPoints(domain: Domain, take: Take, checkpoints: readonly DomainCheckpoint[]) {
  for (const flags of [0, 1, 2, 4, 8, 16]) await take(() => domain.listAllCheckpoints(flags));
  for (const checkpoint of checkpoints) {
    await take(() => checkpoint.getParent());
    for (const flags of [0, 1, 2, 8]) await take(async () => timeless(await checkpoint.getXMLDesc(flags)));
    for (const flags of [0, 1, 4, 8, 16]) await take(() => checkpoint.listAllChildren(flags));
  }
}

test("checkpoints are made, found and deleted the same", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const domain = await get(() => conn.domainDefineXML(domainXml()));
    await take(() => domain.checkpointCreateXML(point("early")));
    await take(() => domain.create());
    for (const bad of [
      "<domaincheckpoint>",
      "<domain/>",
      point("x", "<disks><disk name='vdz'/></disks>"),
      point("x", "<disks><disk name='hdc'/></disks>"),
      point("x", "<disks><disk name='vda'/><disk name='/one'/></disks>"),
      point("x", "<disks><disk name='sda'/><disk name='sdb'/><disk name='sdc'/><disk name='sdd'/></disks>"),
    ]) {
      await take(() => domain.checkpointCreateXML(bad));
    }
    const one = await get(() => domain.checkpointCreateXML(point("one", "<description>first</description>")));
    const two = await get(() =>
      domain.checkpointCreateXML(point("two", "<disks><disk name='/one' bitmap='b'/></disks>")),
    );
    const three = await get(() => domain.checkpointCreateXML(point("three"), 2));
    await lookAtPoints(domain, take, [one, two, three]);
    await take(() => domain.checkpointLookupByName("two"));
    await take(() => domain.checkpointLookupByName("six"));
    await take(() => domain.snapshotCreateXML(xml("snapshot")));
    await take(() => conn.listAllDomains(1 << 12));
    await take(() => conn.listAllDomains(1 << 13));
    await take(() => domain.checkpointCreateXML(point("four"), 3));
    await take(() => domain.checkpointCreateXML(point("four"), 1));
    await take(() =>
      domain.checkpointCreateXML(
        point("four", "<creationTime>5</creationTime><parent><name>three</name></parent>"),
        1,
      ),
    );
    await take(() =>
      domain.checkpointCreateXML(
        point("five", `<creationTime>5</creationTime><parent><name>one</name></parent>${domainXml()}`),
        1,
      ),
    );
    await take(() =>
      domain.checkpointCreateXML(
        point("six", "<creationTime>5</creationTime><parent><name>nobody</name></parent>"),
        1,
      ),
    );
    await lookAtPoints(domain, take, [one, two, three]);
    await take(() => two.delete(3 | 4));
    await take(() => two.delete());
    await lookAtPoints(domain, take, [one, three]);
    await take(() => three.delete(4));
    await take(() => one.delete(1));
    await lookAtPoints(domain, take, [one]);
    await take(() => domain.destroy());
    await take(() => domain.undefine());
  });
});

test("snapshots of a world's file are there from the beginning", async () => {
  const attributes = "xmlns:t='http://libvirt.org/schemas/domain/test/1.0'";
  const path = join(directory, "world.xml");
  const inFile = (text: string, active: string) =>
    text
      .replace("<domainsnapshot>", "<t:domainsnapshot>")
      .replace("</domainsnapshot>", `${active}</t:domainsnapshot>`);
  const whole = { domain: domainXml() };
  await writeFile(
    join(directory, "two.xml"),
    stored("two", "running", { ...whole, parent: "one" }).replace(
      "</domainsnapshot>",
      "<active>1</active></domainsnapshot>",
    ),
  );
  const good = `${inFile(stored("one", "shutoff", whole), "<active>0</active>")}<t:domainsnapshot file="two.xml"/>`;
  await writeFile(path, `<node>${domainXml(good, attributes)}</node>`);
  await compareDrivers(
    libvirtd,
    async (conn, take, get) => {
      const domain = await get(() => conn.domainLookupByName("kept"));
      const snapshots = await Promise.all(["one", "two"].map((name) => domain.snapshotLookupByName(name)));
      await look(domain, take, snapshots);
      await take(() => domain.getXMLDesc());
    },
    path,
  );
});
