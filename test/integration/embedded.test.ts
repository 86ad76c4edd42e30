import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Connection,
  connect,
  type Domain,
  DomainMetadataType,
  DomainXMLFlags,
} from "../../src/index.js";
import * as remote from "../../src/protocol/generated/remote.js";
import { compareDrivers, labelOf, outcome } from "../support/both-drivers.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

// What libvirt's test driver does in a daemon, ours does within the program: the same steps are taken on both, over the
// same client, and what comes of them is compared.

let libvirtd: Libvirtd;
let directory: string;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
  directory = await mkdtemp(join(tmpdir(), "virtwire-embedded-"));
});

afterAll(async () => {
  await libvirtd.stop();
  await rm(directory, { recursive: true });
});

/** What a step is taken with. */
interface Stage {
  readonly conn: Connection;
  /** The domain that a step before has got hold of, by the name that it gave it. */
  domain(name: string): Domain;
  keep(name: string, domain: Domain): Domain;
}

type Step = (stage: Stage) => Promise<unknown>;

/** Takes the steps on one hypervisor. */
async function play(uri: string, steps: readonly Step[]) {
  await using conn = await connect(uri);
  const kept = new Map<string, Domain>();
  const stage: Stage = {
    conn,
    domain(name) {
      const domain = kept.get(name);
      if (!domain) throw new Error(`no step has kept ${name}`);
      return domain;
    },
    keep(name, domain) {
      kept.set(name, domain);
      return domain;
    },
  };
  const events: unknown[] = [];
  const last = "the-last-one";
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  await conn.on("domain.metadataChange", ({ domain, type, nsuri }) => {
    events.push(["metadata", domain.name, type, nsuri]);
  });
  await conn.on("domain.lifecycle", ({ domain, event, detail }) => {
    if (domain.name === last) end();
    else events.push(["lifecycle", domain.name, domain.id, event, detail]);
  });
  const results: [string, unknown][] = [];
  for (const step of steps) results.push([labelOf(step), await outcome(() => step(stage))]);
  // Events come in their order, so that after this one's there are no more.
  await conn.domainDefineXML(xml(last));
  await ended;
  await (await conn.domainLookupByName(last)).undefine();
  return { results, events };
}

async function compare(steps: readonly Step[], path = "/default") {
  const theirUri = libvirtd.uri("test").replace("/default", path);
  const [theirs, ours] = [await play(theirUri, steps), await play(`test://${path}`, steps)];
  expect(ours.results).toEqual(theirs.results);
  expect(ours.events).toEqual(theirs.events);
  return ours;
}

const uuids: Readonly<Record<string, string>> = {
  web: "0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9a01",
  job: "0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9a02",
};

/** A domain's XML; those whose states are compared have UUIDs that are known. */
function xml(name: string, more = "", devices = ""): string {
  const uuid = uuids[name];
  return `<domain type="test"><name>${name}</name>${uuid ? `<uuid>${uuid}</uuid>` : ""}<memory>4096</memory>
    <os><type>hvm</type></os>${more}<devices>${devices}</devices></domain>`;
}

const restarting = "<on_poweroff>restart</on_poweroff><on_reboot>destroy</on_reboot>";

test("the host is the same", async () => {
  await compare([
    ({ conn }) => conn.getType(),
    ({ conn }) => conn.getVersion(),
    ({ conn }) => conn.getHostname(),
    ({ conn }) => conn.getCapabilities(),
    ({ conn }) => conn.getSysinfo(),
    ({ conn }) => conn.getSysinfo(1),
    ({ conn }) => conn.getMaxVcpus("test"),
    ({ conn }) => conn.isSecure(),
    ({ conn }) => conn.nodeGetInfo(),
    ({ conn }) => conn.nodeGetCPUStats(-1),
    ({ conn }) => conn.nodeGetCPUMap(),
    ({ conn }) => conn.nodeGetFreeMemory(),
    ({ conn }) => conn.nodeGetCellsFreeMemory(0, 5),
    ({ conn }) => conn.nodeGetCellsFreeMemory(1, 5),
    ({ conn }) => conn.nodeGetCellsFreeMemory(2, 5),
    ...[-1, 0, 1025].map(
      (count): Step =>
        ({ conn }) =>
          conn.nodeGetCellsFreeMemory(0, count),
    ),
    ({ conn }) => conn.nodeGetCellsFreeMemory(-1, 1),
    ({ conn }) => conn.nodeGetCPUStats(-2, 1),
    ({ conn }) => conn.nodeGetFreePages([], 0, 1),
    ({ conn }) => conn.nodeGetFreePages([4], 0, 0),
    ({ conn }) => conn.nodeGetFreePages([4, 4], 0, 513),
    ({ conn }) => conn.domainLookupByID(-1),
    ({ conn }) => conn.nodeGetSecurityModel(),
    ({ conn }) => conn.nodeGetMemoryStats(-1),
    ({ conn }) => conn.nodeGetMemoryParameters(),
    ({ conn }) => conn.listAllSecrets(),
    ({ conn }) => conn.listAllNWFilters(),
  ]);
});

test("the domain that is there from the beginning is the same", async () => {
  await compare([
    ({ conn }) => conn.listAllDomains(),
    ({ conn }) => conn.listDomains(),
    ({ conn }) => conn.listDefinedDomains(),
    ({ conn }) => conn.numOfDomains(),
    ({ conn }) => conn.numOfDefinedDomains(),
    async ({ conn, keep }) => keep("test", await conn.domainLookupByID(1)),
    ({ domain }) => domain("test").getXMLDesc(),
    ({ domain }) => domain("test").getXMLDesc(DomainXMLFlags.INACTIVE | DomainXMLFlags.SECURE),
    ({ domain }) => domain("test").getXMLDesc(1 << 12),
    ({ domain }) => domain("test").getState(),
    ({ domain }) => domain("test").isActive(),
    ({ domain }) => domain("test").isPersistent(),
    ({ domain }) => domain("test").isUpdated(),
    ({ domain }) => domain("test").getOSType(),
    ({ domain }) => domain("test").getHostname(),
    ({ domain }) => domain("test").getTime(),
    ({ domain }) => domain("test").getControlInfo(),
    ({ domain }) => domain("test").getAutostart(),
    ({ domain }) => domain("test").getMaxMemory(),
    ({ domain }) => domain("test").getMaxVcpus(),
    ({ domain }) => domain("test").getSchedulerType(),
    ({ domain }) => domain("test").getSchedulerParameters(),
    ({ domain }) => domain("test").getLaunchSecurityInfo(),
    async ({ domain }) => {
      const { cpuTime, ...info } = await domain("test").getInfo();
      return { ...info, runs: cpuTime > 1_000_000_000_000_000_000n };
    },
    ({ conn }) => conn.domainLookupByName("nobody"),
    ({ conn }) => conn.domainLookupByID(99),
    ({ conn }) => conn.domainLookupByUUIDString("0b5bb0a3-5b1a-4b0e-8e0e-000000000000"),
  ]);
});

test("domains live the same life", async () => {
  const { events } = await compare([
    async ({ conn, keep }) => keep("web", await conn.domainDefineXML(xml("web"))),
    ({ domain }) => domain("web").destroy(),
    ({ domain }) => domain("web").shutdown(),
    ({ domain }) => domain("web").reboot(),
    ({ domain }) => domain("web").reset(),
    ({ domain }) => domain("web").suspend(),
    ({ domain }) => domain("web").resume(),
    ({ domain }) => domain("web").managedSave(),
    ({ domain }) => domain("web").getTime(),
    ({ domain }) => domain("web").create(),
    ({ domain }) => domain("web").create(),
    ({ domain }) => domain("web").createWithFlags(1),
    ({ domain }) => domain("web").suspend(),
    ({ domain }) => domain("web").suspend(),
    ({ domain }) => domain("web").getState(),
    ({ domain }) => domain("web").getTime(),
    ({ domain }) => domain("web").resume(),
    ({ domain }) => domain("web").getState(),
    ({ domain }) => domain("web").reboot(),
    ({ domain }) => domain("web").reboot(1 << 10),
    ({ domain }) => domain("web").reset(),
    ({ domain }) => domain("web").shutdown(),
    ({ domain }) => domain("web").getState(),
    ({ domain }) => domain("web").create(),
    ({ domain }) => domain("web").managedSave(),
    ({ domain }) => domain("web").getState(),
    ({ domain }) => domain("web").hasManagedSaveImage(),
    ({ domain }) => domain("web").undefine(),
    ({ domain }) => domain("web").create(),
    ({ domain }) => domain("web").hasManagedSaveImage(),
    ({ domain }) => domain("web").destroyFlags(1 << 5),
    ({ domain }) => domain("web").managedSave(),
    ({ domain }) => domain("web").managedSaveRemove(),
    ({ conn }) => conn.domainDefineXML(xml("web", restarting)),
    ({ domain }) => domain("web").rename("web"),
    ({ domain }) => domain("web").rename("test"),
    ({ domain }) => domain("web").rename("a/b"),
    ({ domain }) => domain("web").rename("shop"),
    async ({ conn, keep }) => keep("web", await conn.domainLookupByName("shop")),
    ({ domain }) => domain("web").create(),
    ({ domain }) => domain("web").rename("web"),
    ({ domain }) => domain("web").shutdown(),
    ({ domain }) => domain("web").getState(),
    ({ domain }) => domain("web").undefineFlags(1 << 9),
    ({ domain }) => domain("web").undefine(),
    ({ domain }) => domain("web").isPersistent(),
    ({ domain }) => domain("web").reboot(),
    ({ domain }) => domain("web").getState(),
    ({ domain }) => domain("web").create(),
  ]);
  expect(events).toHaveLength(15);
});

test("transient domains and definitions that clash are treated the same", async () => {
  await compare([
    async ({ conn, keep }) => keep("job", await conn.domainCreateXML(xml("job"))),
    ({ conn }) => conn.domainCreateXML(xml("job")),
    ({ conn }) => conn.domainCreateXML(xml("job").replace(/<uuid>.*<\/uuid>/, "")),
    ({ conn }) => conn.domainDefineXML(xml("job").replace(">job<", ">other<")),
    ({ conn }) => conn.domainCreateXML(xml("other"), 1 << 20),
    ({ domain }) => domain("job").managedSave(),
    ({ domain }) => domain("job").setMemoryFlags(512n, 2),
    ({ domain }) => domain("job").rename("other"),
    ({ domain }) => domain("job").setAutostart(true),
    ({ domain }) => domain("job").getAutostart(),
    ({ domain }) => domain("job").undefine(),
    ({ conn }) => conn.domainDefineXML(xml("job", "<title>kept</title>")),
    ({ domain }) => domain("job").isPersistent(),
    ({ domain }) => domain("job").getXMLDesc(),
    ({ domain }) => domain("job").getXMLDesc(DomainXMLFlags.INACTIVE),
    ({ domain }) => domain("job").destroy(),
    ({ domain }) => domain("job").getXMLDesc(),
    ({ conn }) => conn.domainCreateXML(xml("job", "<title>for once</title>")),
    ({ domain }) => domain("job").getXMLDesc(DomainXMLFlags.INACTIVE),
    ({ domain }) => domain("job").destroy(),
    ({ domain }) => domain("job").getXMLDesc(),
    ({ domain }) => domain("job").undefine(),
  ]);
});

test("memory, CPUs and descriptions change the same way", async () => {
  const element = DomainMetadataType.ELEMENT;
  const uri = "urn:test";
  await compare([
    async ({ conn, keep }) =>
      keep("web", await conn.domainDefineXML(xml("web", "<vcpu current='2'>4</vcpu>"))),
    ({ domain }) => domain("web").setMemory(512n),
    ({ domain }) => domain("web").setMemoryFlags(8192n),
    ({ domain }) => domain("web").setMemoryFlags(1024n, 3),
    ({ domain }) => domain("web").setMemoryFlags(1024n, 8),
    ({ domain }) => domain("web").setMaxMemory(2048n),
    ({ domain }) => domain("web").setMemoryFlags(1024n, 2),
    ({ domain }) => domain("web").getMaxVcpus(),
    ({ domain }) => domain("web").getVcpusFlags(2),
    ({ domain }) => domain("web").getVcpusFlags(6),
    ({ domain }) => domain("web").setVcpus(3),
    ({ domain }) => domain("web").setVcpusFlags(5, 2),
    ({ domain }) => domain("web").setVcpusFlags(33, 2),
    ({ domain }) => domain("web").setVcpusFlags(0, 2),
    ({ domain }) => domain("web").setVcpusFlags(3, 5),
    ({ domain }) => domain("web").setVcpusFlags(3, 6),
    ({ domain }) => domain("web").getXMLDesc(),
    ({ domain }) => domain("web").create(),
    ({ domain }) => domain("web").setVcpus(1),
    ({ domain }) => domain("web").setVcpus(9),
    ({ domain }) => domain("web").setMaxMemory(99n),
    ({ domain }) => domain("web").setMemory(1000n),
    ({ domain }) => domain("web").setMetadata(DomainMetadataType.TITLE, "a title", null, null, 3),
    ({ domain }) => domain("web").setMetadata(DomainMetadataType.TITLE, "a\ntitle", null, null, 0),
    ({ domain }) =>
      domain("web").setMetadata(DomainMetadataType.DESCRIPTION, 'words & "more"', null, null, 0),
    ({ domain }) => domain("web").setMetadata(element, "<a><b c='1'/></a>", "k", uri, 0),
    ({ domain }) => domain("web").setMetadata(element, "<kept/>", "o", "urn:kept", 0),
    ({ domain }) => domain("web").setMetadata(element, "<a>", "k", uri, 0),
    ({ domain }) => domain("web").setMetadata(9, "<a/>", "k", uri, 0),
    ({ domain }) => domain("web").getMetadata(element, uri, 0),
    ({ domain }) => domain("web").getMetadata(element, uri, 2),
    ({ domain }) => domain("web").getMetadata(element, "urn:other", 0),
    ({ domain }) => domain("web").getMetadata(DomainMetadataType.TITLE, null, 2),
    ({ domain }) => domain("web").getMetadata(DomainMetadataType.DESCRIPTION, null, 2),
    ({ domain }) => domain("web").getMetadata(7, null, 0),
    ({ domain }) => domain("web").getXMLDesc(),
    ({ domain }) => domain("web").getXMLDesc(DomainXMLFlags.INACTIVE),
    ({ domain }) => domain("web").setMetadata(element, null, "k", uri, 0),
    ({ domain }) => domain("web").setMetadata(DomainMetadataType.TITLE, null, null, null, 0),
    ({ domain }) => domain("web").getXMLDesc(),
    ({ domain }) => domain("web").setSchedulerParameters({ weight: 9 }),
    ({ domain }) => domain("web").setTime(70n, 5),
    ({ domain }) => domain("web").getTime(),
    ({ domain }) => domain("web").getControlInfo(),
    ({ domain }) => domain("web").destroy(),
    ({ domain }) => domain("web").undefine(),
  ]);
});

test("domains are saved, restored and dumped the same way", async () => {
  const file = join(directory, "saved");
  const nowhere = join(directory, "nowhere/saved");
  await compare([
    async ({ conn, keep }) => keep("job", await conn.domainCreateXML(xml("job"))),
    ({ domain }) => domain("job").save(nowhere),
    ({ domain }) => domain("job").save(directory),
    ({ domain }) => domain("job").save(join(directory, "x".repeat(300))),
    ({ domain }) => domain("job").save(file),
    ({ domain }) => domain("job").getState(),
    ({ conn }) => conn.domainSaveImageGetXMLDesc(file),
    ({ conn }) => conn.domainSaveImageGetXMLDesc("/etc/passwd"),
    ({ conn }) => conn.domainSaveImageDefineXML(file, xml("job", "<title>saved</title>")),
    ({ conn }) => conn.domainRestore(nowhere),
    ({ conn }) => conn.domainRestoreFlags(file, "<domain/>", 0),
    ({ conn }) => conn.domainRestore(file),
    ({ conn }) => conn.domainRestore(file),
    async ({ conn, keep }) => keep("job", await conn.domainLookupByName("job")),
    ({ domain }) => domain("job").getState(),
    ({ domain }) => domain("job").getXMLDesc(),
    ({ domain }) => domain("job").coreDump(nowhere),
    ({ domain }) => domain("job").coreDump(file),
    ({ domain }) => domain("job").coreDumpWithFormat(file, 1),
    ({ domain }) => domain("job").coreDumpWithFormat(file, 9, 16),
    ({ domain }) => domain("job").coreDump(file, 1),
    ({ domain }) => domain("job").getState(),
  ]);
});

test("lists are filtered the same way", async () => {
  const lists = Array.from(
    { length: 17 },
    (_, bit): Step =>
      ({ conn }) =>
        conn.listAllDomains(1 << bit),
  );
  await compare([
    async ({ conn, keep }) => keep("web", await conn.domainDefineXML(xml("web"))),
    async ({ conn, keep }) => keep("job", await conn.domainCreateXML(xml("job"))),
    ({ domain }) => domain("web").setAutostart(true),
    ({ domain }) => domain("job").suspend(),
    ...lists,
    ({ conn }) => conn.listAllDomains(1 | 4 | 16),
    ({ conn }) => conn.listAllDomains(32 | 64),
    ({ domain }) => domain("web").undefine(),
    ({ domain }) => domain("job").destroy(),
  ]);
});

describe("XML", () => {
  const disk = (target: string, more = "") =>
    `<disk type='file' device='disk'><source file='/x'/><target dev='${target}' ${more}/></disk>`;

  test.each([
    ["nothing else", "", ""],
    ["disks", "", disk("sdb") + disk("vda", "bus='virtio'") + disk("hda") + disk("sda") + disk("hdc")],
    ["a drive", "", "<disk device='cdrom'><target dev='hdc'/></disk>"],
    [
      "interfaces",
      "",
      "<interface type='network'><mac address='52:54:00:0:0:A'/><source network='x'/></interface>",
    ],
    [
      "an interface with a name from another time",
      "",
      "<interface type='user'><mac address='52:54:00:0:0:A'/><target dev='vnet7'/></interface>",
    ],
    ["a serial port", "", "<serial type='pty'/>"],
    ["a console", "", "<console type='pty'/>"],
    ["a channel", "", "<channel type='unix'><target type='virtio' name='a'/></channel>"],
    [
      "memory",
      "<maxMemory slots='2' unit='MiB'>64</maxMemory><currentMemory unit='b'>2048</currentMemory>",
      "",
    ],
    ["CPUs", "<vcpu cpuset='0-3,^2' current='1'>4</vcpu><cputune><shares>9</shares></cputune>", ""],
    ["features", "<features><acpi/><apic/></features><clock offset='localtime'/>", ""],
    ["metadata", "<metadata><a:b xmlns:a='urn:a'>x</a:b><noname/></metadata><title>a &lt; 'b'</title>", ""],
    ["an empty title", "<title/><description/>", ""],
  ])("with %s is completed the same", async (_what, more, devices) => {
    await compare([
      async ({ conn, keep }) => keep("web", await conn.domainDefineXML(xml("web", more, devices))),
      ({ domain }) => domain("web").getXMLDesc(),
      ({ domain }) => domain("web").undefine(),
    ]);
  });

  test("that cannot be is refused the same", async () => {
    const head = "<domain type='test'><name>x</name>";
    const bad = [
      ...["", "x", "<domain", "<domain><name>x</name>", "<network/>", "<domain/>", "<domain type='test'/>"],
      ...["<domain><name>x</name></domain>", "<domain type='no'><name>x</name></domain>", `${head}</domain>`],
      `${head}<uuid>1</uuid></domain>`,
      `${head}<os><type>dos</type></os></domain>`,
      `${head}<os><type arch='z80'>hvm</type></os></domain>`,
      `${head}<os><type>hvm</type></os></domain>`,
      `${head}<memory/><os><type>hvm</type></os></domain>`,
      `${head}<memory>-1</memory><os><type>hvm</type></os></domain>`,
      `${head}<memory unit='ell'>1</memory><os><type>hvm</type></os></domain>`,
      xml("a\nb"),
      xml("a/b"),
      ...["<vcpu>x</vcpu>", "<vcpu>0</vcpu>", "<vcpu current='3'>2</vcpu>", "<vcpu current='x'/>"].map(
        (more) => xml("x", more),
      ),
      ...["<title>a\nb</title>", "<on_crash>cry</on_crash>", "<clock offset='late'/>"].map((more) =>
        xml("x", more),
      ),
      xml("x", "<features><flight/></features>"),
      ...[
        "<disk/>",
        "<disk><source file='/a'/></disk>",
        "<disk><target dev='vda'/></disk>",
        "<disk><target dev='foo'/></disk>",
        disk("fda"),
      ].map((device) => xml("x", "", device)),
      ...["<interface type='network'/>", "<interface type='pigeon'/>", "<memballoon model='hydrogen'/>"].map(
        (device) => xml("x", "", device),
      ),
      xml("x", "", "<interface type='user'><mac address='zz'/></interface>"),
      xml("x", "", disk("vda") + disk("vdb") + disk("vda")),
      xml("x", "", "<disk type='file'><source/><target dev='vda'/></disk>"),
    ];
    await compare(
      bad.map(
        (each): Step =>
          ({ conn }) =>
            conn.domainDefineXML(each),
      ),
    );
  });
});

describe("a world from a file", () => {
  const states = "xmlns:t='http://libvirt.org/schemas/domain/test/1.0'";

  /** Writes files, of which one is opened, on both. */
  async function world(file: string, files: Readonly<Record<string, string>>): Promise<string> {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    return join(directory, file);
  }

  function domainIn(name: string, more: string, attributes = states): string {
    return `<domain type='test' ${attributes}><name>${name}</name><uuid>${uuids["web"]?.replace(/.$/, String(name.length))}</uuid>
      <memory>1</memory><os><type>hvm</type></os>${more}</domain>`;
  }

  const look: readonly Step[] = [
    ({ conn }) => conn.nodeGetInfo(),
    ({ conn }) => conn.getCapabilities(),
    ({ conn }) => conn.nodeGetFreeMemory(),
    ({ conn }) => conn.nodeGetCellsFreeMemory(0, 1),
    async ({ conn }) => {
      const domains = await conn.listAllDomains();
      return Promise.all(
        domains.map(async (domain) => ({
          ...domain.ref,
          state: await domain.getState(),
          persistent: await domain.isPersistent(),
          saved: await domain.hasManagedSaveImage(),
          xml: await domain.getXMLDesc(),
        })),
      );
    },
  ];

  test("has the host, the domains and their states as the file says", async () => {
    const path = await world("world.xml", {
      "world.xml": `<node>
        <cpu><nodes>1</nodes><sockets>4</sockets><cores>2</cores><threads>1</threads><active>5</active><mhz>999</mhz>
        <model>x86</model></cpu><memory>12345</memory>
        ${domainIn("a", "")}
        ${domainIn("bb", "<t:runstate>5</t:runstate>")}
        ${domainIn("ccc", "<t:runstate>3</t:runstate><t:transient/>")}
        ${domainIn("dddd", "<t:runstate>5</t:runstate><t:hasmanagedsave/>")}
        ${domainIn("eeeee", "<t:runstate>2</t:runstate>")}
        <domain file="elsewhere.xml"/>
      </node>`,
      "elsewhere.xml": domainIn("ffffff", "", ""),
    });
    await compare(look, path);
  });

  test("is another one for each connection", async () => {
    const uri = `test://${await world("own.xml", { "own.xml": "<node/>" })}`;
    await using one = await connect(uri);
    await using two = await connect(uri);
    await one.domainDefineXML(xml("web"));
    expect(await two.listAllDomains()).toEqual([]);
  });

  test.each([
    ["no XML", "<node>"],
    ["another root", "<domain/>"],
    ["a bad number", "<node><cpu><mhz>x</mhz></cpu></node>"],
    ["too long a model", `<node><cpu><model>${"x".repeat(40)}</model></cpu></node>`],
    ["bad memory", "<node><memory>-1</memory></node>"],
    ["an unknown state", `<node>${domainIn("a", "<t:runstate>99</t:runstate>")}</node>`],
    ["a state that is no number", `<node>${domainIn("a", "<t:runstate>x</t:runstate>")}</node>`],
    [
      "a transient domain that is off",
      `<node>${domainIn("a", "<t:runstate>5</t:runstate><t:transient/>")}</node>`,
    ],
    ["a saved domain that runs", `<node>${domainIn("a", "<t:hasmanagedsave/>")}</node>`],
    ["a bad domain", "<node><domain type='test'/></node>"],
    ["a file that is not there", "<node><domain file='nowhere.xml'/></node>"],
    ["a file of something else", "<node><domain file='bad.xml'/></node>"],
    ["users", "<node><auth><user password='x'>me</user></auth></node>"],
    ["users without names", "<node><auth><user/></auth></node>"],
  ])("is refused with the same error: %s", async (_what, text) => {
    const path = await world("bad.xml", { "bad.xml": text });
    const open = (uri: string) => outcome(async () => (await connect(uri)).close());
    const theirs = await open(libvirtd.uri("test").replace("/default", path));
    expect(theirs).toHaveProperty("codeName");
    expect(await open(`test://${path}`)).toEqual(theirs);
  });
});

test("registering for events is answered the same, and what there is", async () => {
  // All but 8: descriptors travel over unix sockets alone.
  const features = Array.from({ length: 20 }, (_, feature) => feature).filter((feature) => feature !== 8);
  const { events } = await compare([
    // There is one for life cycles already, with a number.
    ({ conn }) => conn.call(remote.connectDomainEventRegister, undefined),
    ({ conn }) => conn.call(remote.connectDomainEventCallbackRegisterAny, { eventID: 0, dom: null }),
    ({ conn }) => conn.call(remote.connectDomainEventRegisterAny, { eventID: 1 }),
    ({ conn }) => conn.call(remote.connectDomainEventRegisterAny, { eventID: 1 }),
    ({ conn }) => conn.call(remote.connectDomainEventRegisterAny, { eventID: 16 }),
    ({ conn }) => conn.call(remote.connectDomainEventDeregisterAny, { eventID: 1 }),
    ({ conn }) => conn.call(remote.connectDomainEventDeregisterAny, { eventID: 1 }),
    ({ conn }) => conn.call(remote.connectDomainEventDeregisterAny, { eventID: 99 }),
    ({ conn }) => conn.call(remote.connectDomainEventCallbackRegisterAny, { eventID: 99, dom: null }),
    ({ conn }) => conn.call(remote.connectDomainEventCallbackRegisterAny, { eventID: -1, dom: null }),
    ({ conn }) => conn.call(remote.connectDomainEventCallbackDeregisterAny, { callbackID: 7777 }),
    ({ conn }) => conn.call(remote.connectNetworkEventRegisterAny, { eventID: 77, net: null }),
    ({ conn }) => conn.call(remote.connectNetworkEventDeregisterAny, { callbackID: 7777 }),
    ({ conn }) => conn.call(remote.connectStoragePoolEventRegisterAny, { eventID: 77, pool: null }),
    ({ conn }) => conn.call(remote.connectNodeDeviceEventRegisterAny, { eventID: 77, dev: null }),
    ({ conn }) => conn.call(remote.connectSecretEventRegisterAny, { eventID: 0, secret: null }),
    ...features.map(
      (feature): Step =>
        ({ conn }) =>
          conn.call(remote.connectSupportsFeature, { feature }),
    ),
  ]);
  expect(events).toEqual([]);
});

test("events come from the one domain that was asked for, and no longer than they were asked for", async () => {
  const hear = async (uri: string) => {
    await using conn = await connect(uri);
    const web = await conn.domainDefineXML(xml("web"));
    const job = await conn.domainDefineXML(xml("job"));
    const heard: unknown[] = [];
    const one = await conn.domainEventRegisterAny(web, 0, ({ domain, event }) => {
      heard.push(["one", domain.name, event]);
    });
    await conn.domainEventRegisterAny(null, 0, ({ domain, event }) => {
      heard.push(["all", domain.name, event]);
    });
    for (const domain of [web, job]) await domain.create();
    await conn.domainEventDeregisterAny(one);
    for (const domain of [job, web]) await domain.destroy();
    for (const domain of [job, web]) await domain.undefine();
    while (heard.length < 7) await new Promise((resolve) => setTimeout(resolve, 5));
    // For one event, it is anybody's guess who of two hears of it first.
    return heard.map((each) => JSON.stringify(each)).sort();
  };
  expect(await hear("test:///default")).toEqual(await hear(libvirtd.uri("test")));
});

test("a file that is no saved domain, or a part of one, is refused with the same codes", async () => {
  const length = (bytes: number) => Buffer.from(Int32Array.of(bytes).buffer);
  const magic = "TestGuestMagic\0";
  const images = ["", "Test", "something else, quite long", magic, magic + length(0), magic + length(9000)];
  const file = join(directory, "image");
  await compareDrivers(libvirtd, async (conn, take) => {
    for (const image of [...images, `${magic}${length(5)}<a`, `${magic}${length(4)}<a/>`]) {
      await writeFile(file, image);
      await take(() => conn.domainRestore(file).catch(({ code, domain }) => [code, domain]));
    }
  });
});
