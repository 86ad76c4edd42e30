import { buffer } from "node:stream/consumers";
import { DomainMetadataType, DomainXMLFlags } from "../../../src/index.js";
import type { Choices, Operations, Stage } from "./stage.js";

export const domainUuids: Readonly<Record<string, string>> = {
  web: "0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9a01",
  job: "0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9a02",
  shop: "0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9a03",
};
const ownNames = Object.keys(domainUuids);
export const domainNames = [...ownNames, "test"];

/** Flags that mean something to one function or another, and one that means nothing to any. */
export const flags = [0, 0, 0, 1, 2, 3, 4, 6, 8, 1 << 20];

const parts = [
  "",
  "",
  "<title>first</title><description>of its kind</description>",
  "<vcpu current='2'>4</vcpu>",
  "<on_poweroff>restart</on_poweroff><on_reboot>destroy</on_reboot>",
  "<on_poweroff>preserve</on_poweroff><on_reboot>rename-restart</on_reboot><on_crash>restart</on_crash>",
  "<metadata><t:note xmlns:t='urn:test'>kept</t:note></metadata>",
  "<currentMemory>1024</currentMemory>",
  "<vcpu>0</vcpu>",
];

const devices = [
  "",
  "",
  "<disk type='file' device='disk'><source file='/x'/><target dev='vda' bus='virtio'/></disk>",
  "<interface type='network'><mac address='52:54:00:00:00:0a'/><source network='default'/></interface>",
  "<console type='pty'/>",
  "<disk/>",
];

function domainXml(choose: Choices): string {
  const name = choose.of(ownNames);
  // Now and then a name comes with the UUID of another.
  const uuid = domainUuids[choose.of([name, name, name, name, name, name, ...ownNames])];
  const part = choose.of(parts);
  return `<domain type='test'><name>${name}</name><uuid>${uuid}</uuid><memory>4096</memory>
    <os><type>hvm</type></os>${part}<devices>${choose.of(devices)}</devices></domain>`;
}

const odd = [
  ...[
    "",
    " ",
    "<",
    "<domain",
    "<domain/>",
    "<network/>",
    "<domain type='test'/>",
    "<!-- -->",
    "<domain>&nbsp;</domain>",
  ],
  ...[
    "<name/>",
    "<name> web </name>",
    "<name>a&amp;b</name>",
    "<name>\u{1F40B}</name>",
    "<name>x\ny</name>",
  ].map((name) => minimal(name)),
  minimal("<name>odd</name><uuid>x</uuid>"),
  minimal("<name>odd</name><uuid>{0B5BB0A3-5b1a-4b0e-8e0e3a8b6a3b9a04}</uuid>"),
  minimal("<name>odd</name>", "<memory>0</memory>"),
  minimal("<name>odd</name>", "<memory>x</memory>"),
  minimal("<name>odd</name>", "<memory unit='GiB'>1</memory>"),
  minimal("<name>odd</name>", "<memory unit='pint'>1</memory>"),
  minimal("<name>odd</name>", "<memory>99999999999999999999</memory>"),
  minimal("<name>odd</name>", "<memory>8</memory><vcpu current='9'>2</vcpu>"),
  minimal("<name>odd</name>", "<memory>8</memory><vcpu>x</vcpu>"),
  minimal("<name>odd</name>", "<memory>8</memory><vcpu cpuset='9-1'>2</vcpu>"),
  minimal("<name>odd</name>", "<memory>8</memory><on_crash>dance</on_crash>"),
  minimal("<name>odd</name>", "<memory>8</memory><clock offset='never'/>"),
  minimal("<name>odd</name>", "<memory>8</memory><title>a\nb</title>"),
  minimal(
    "<name>odd</name>",
    "<memory>8</memory><iothreads>3</iothreads><iothreadids><iothread id='5'/></iothreadids>",
  ),
  minimal("<name>odd</name>", "<memory>8</memory><iothreads>x</iothreads>"),
  minimal("<name>odd</name>", "<memory>8</memory><iothreadids><iothread id='0'/></iothreadids>"),
  minimal(
    "<name>odd</name>",
    "<memory>8</memory><iothreadids><iothread id='1'/><iothread id='1'/></iothreadids>",
  ),
  minimal("<name>odd</name>", "<memory>8</memory><features><magic/></features>"),
];

function minimal(name: string, more = "<memory>8</memory>"): string {
  return `<domain type='test'>${name}${more}<os><type>hvm</type></os></domain>`;
}

/** A domain that has something of everything. */
function outfittedXml(choose: Choices): string {
  const name = choose.of(ownNames);
  return `<domain type='test'><name>${name}</name><uuid>${domainUuids[name]}</uuid><memory>8192</memory>
    <vcpu cpuset='0-5' current='3'>4</vcpu><iothreads>2</iothreads><os><type>hvm</type></os><devices>
      <disk type='file' device='cdrom'><target dev='hdc'/></disk>
      <disk type='file' device='disk'><source file='/x'/><target dev='vda'/></disk>
      <disk type='file' device='disk' snapshot='no'><source file='/y'/><target dev='vdb'/></disk>
      <interface type='bridge'><source bridge='br0'/><mac address='52:54:00:00:00:0b'/></interface>
      <memballoon model='virtio'/></devices></domain>`;
}

const lookUp = ({ conn }: Stage) => {
  return (name: string) => conn.domainLookupByName(name);
};
/** One of the domains, as it is known from when it was looked up first. */
export const domain = (stage: Stage, choose: Choices) =>
  stage.domains.get(choose.of(domainNames), lookUp(stage));
const file = ({ directory }: Stage, choose: Choices) =>
  `${directory}/${choose.of(["one", "two", "no-such-folder/one"])}`;

/** Domains coming and going. */
export const domainLife: Operations = {
  define: async ({ conn }, choose) => conn.domainDefineXML(domainXml(choose)),
  defineWithFlags: async ({ conn }, choose) =>
    conn.domainDefineXMLFlags(domainXml(choose), choose.of([0, 2])),
  createXML: async ({ conn }, choose) => conn.domainCreateXML(domainXml(choose), choose.of([0, 0, 0, 4])),
  defineOdd: async (stage, choose) => {
    const made = await stage.conn.domainDefineXML(choose.of(odd));
    try {
      return [made.name, await made.getXMLDesc()];
    } finally {
      await made.undefine();
    }
  },
  defineOutfitted: async ({ conn }, choose) => conn.domainDefineXML(outfittedXml(choose)),
  createOutfitted: async ({ conn }, choose) => conn.domainCreateXML(outfittedXml(choose)),
  lookUpAnew: async (stage, choose) => {
    const name = choose.of(domainNames);
    return stage.domains.keep(name, lookUp(stage)(name));
  },
  create: async (stage, choose) => (await domain(stage, choose)).create(),
  createWithFlags: async (stage, choose) =>
    (await domain(stage, choose)).createWithFlags(choose.of([0, 0, 1])),
  destroy: async (stage, choose) => (await domain(stage, choose)).destroy(),
  destroyFlags: async (stage, choose) => (await domain(stage, choose)).destroyFlags(choose.of(flags)),
  shutdown: async (stage, choose) => (await domain(stage, choose)).shutdown(),
  shutdownFlags: async (stage, choose) =>
    (await domain(stage, choose)).shutdownFlags(choose.of([...flags, 16, 32])),
  reboot: async (stage, choose) => (await domain(stage, choose)).reboot(choose.of(flags)),
  reset: async (stage, choose) => (await domain(stage, choose)).reset(choose.of([0, 0, 1])),
  suspend: async (stage, choose) => (await domain(stage, choose)).suspend(),
  resume: async (stage, choose) => (await domain(stage, choose)).resume(),
  undefine: async (stage, choose) => (await domain(stage, choose)).undefine(),
  undefineFlags: async (stage, choose) => (await domain(stage, choose)).undefineFlags(choose.of(flags)),
  rename: async (stage, choose) => (await domain(stage, choose)).rename(choose.of([...domainNames, "a/b"])),
  setAutostart: async (stage, choose) => (await domain(stage, choose)).setAutostart(choose.of([true, false])),
  managedSave: async (stage, choose) => (await domain(stage, choose)).managedSave(choose.of(flags)),
  hasManagedSaveImage: async (stage, choose) => (await domain(stage, choose)).hasManagedSaveImage(),
  managedSaveRemove: async (stage, choose) => (await domain(stage, choose)).managedSaveRemove(),
  save: async (stage, choose) => (await domain(stage, choose)).save(file(stage, choose)),
  saveFlags: async (stage, choose) =>
    (await domain(stage, choose)).saveFlags(
      file(stage, choose),
      choose.of([null, null, domainXml(choose)]),
      choose.of([0, 0, 2, 4, 6, 8]),
    ),
  restore: async (stage, choose) => stage.conn.domainRestore(file(stage, choose)),
  restoreFlags: async (stage, choose) =>
    stage.conn.domainRestoreFlags(file(stage, choose), null, choose.of(flags)),
  coreDump: async (stage, choose) => {
    const taken = await domain(stage, choose);
    return taken.coreDump(`${stage.directory}/core`, choose.of([0, 0, 1, 2, 3, 4, 9, 10]));
  },
  coreDumpWithFormat: async (stage, choose) => {
    const taken = await domain(stage, choose);
    const [format, how] = [choose.of([0, 0, 1, 4, 5, 6, 9]), choose.of([0, 1, 2, 3, 8, 16])];
    return taken.coreDumpWithFormat(`${stage.directory}/core`, format, how);
  },
  getImageXML: async (stage, choose) => stage.conn.domainSaveImageGetXMLDesc(file(stage, choose)),
  defineImageXML: async (stage, choose) =>
    stage.conn.domainSaveImageDefineXML(file(stage, choose), domainXml(choose)),
};

const kinds = [
  DomainMetadataType.TITLE,
  DomainMetadataType.DESCRIPTION,
  DomainMetadataType.ELEMENT,
  DomainMetadataType.ELEMENT,
  9,
];
const uris = [null, "urn:test", "urn:other"];
const values = [null, "<note>new</note>", "plain", ""];

/** What a domain is made of and what it is doing. */
export const domainParts: Operations = {
  getXMLDesc: async (stage, choose) => {
    const { INACTIVE, SECURE, UPDATE_CPU, MIGRATABLE } = DomainXMLFlags;
    return (await domain(stage, choose)).getXMLDesc(choose.of([0, INACTIVE, SECURE, UPDATE_CPU, MIGRATABLE]));
  },
  getState: async (stage, choose) => (await domain(stage, choose)).getState(),
  getInfo: async (stage, choose) => {
    // It passes.
    const { cpuTime: _, ...info } = await (await domain(stage, choose)).getInfo();
    return info;
  },
  getID: async (stage, choose) => (await domain(stage, choose)).getID(),
  getControlInfo: async (stage, choose) => (await domain(stage, choose)).getControlInfo(),
  isActive: async (stage, choose) => (await domain(stage, choose)).isActive(),
  isPersistent: async (stage, choose) => (await domain(stage, choose)).isPersistent(),
  isUpdated: async (stage, choose) => (await domain(stage, choose)).isUpdated(),
  getAutostart: async (stage, choose) => (await domain(stage, choose)).getAutostart(),
  getOSType: async (stage, choose) => (await domain(stage, choose)).getOSType(),
  getHostname: async (stage, choose) => (await domain(stage, choose)).getHostname(),
  getTime: async (stage, choose) => (await domain(stage, choose)).getTime(),
  setTime: async (stage, choose) =>
    (await domain(stage, choose)).setTime(choose.of([0n, 70n, 20_000n, 50_001n]), 5, choose.of(flags)),
  getMaxMemory: async (stage, choose) => (await domain(stage, choose)).getMaxMemory(),
  setMaxMemory: async (stage, choose) =>
    (await domain(stage, choose)).setMaxMemory(choose.of([0n, 2048n, 4096n, 8192n])),
  setMemory: async (stage, choose) =>
    (await domain(stage, choose)).setMemory(choose.of([0n, 512n, 4096n, 99_999n])),
  setMemoryFlags: async (stage, choose) =>
    (await domain(stage, choose)).setMemoryFlags(
      choose.of([0n, 512n, 4096n, 8192n]),
      choose.of([...flags, 5, 6]),
    ),
  getMaxVcpus: async (stage, choose) => (await domain(stage, choose)).getMaxVcpus(),
  getVcpusFlags: async (stage, choose) =>
    (await domain(stage, choose)).getVcpusFlags(choose.of([...flags, 5, 6])),
  setVcpus: async (stage, choose) => (await domain(stage, choose)).setVcpus(choose.of([0, 1, 2, 4, 99])),
  setVcpusFlags: async (stage, choose) =>
    (await domain(stage, choose)).setVcpusFlags(choose.of([0, 1, 2, 4, 99]), choose.of([...flags, 5, 6])),
  getMetadata: async (stage, choose) =>
    (await domain(stage, choose)).getMetadata(choose.of(kinds), choose.of(uris), choose.of(flags)),
  setMetadata: async (stage, choose) => {
    const taken = await domain(stage, choose);
    const [kind, value, uri] = [choose.of(kinds), choose.of(values), choose.of(uris)];
    return taken.setMetadata(kind, value, uri && "t", uri, choose.of(flags));
  },
  getSchedulerParameters: async (stage, choose) => (await domain(stage, choose)).getSchedulerParameters(),
  getSchedulerParametersFlags: async (stage, choose) =>
    (await domain(stage, choose)).getSchedulerParametersFlags(choose.of(flags)),
  /** What can be seen there differs, and need not be there. */
  screenshot: async (stage, choose) => {
    const picture = await (await domain(stage, choose)).screenshot(
      choose.of([0, 0, 1]),
      choose.of([0, 0, 1]),
    );
    await buffer(picture);
    return picture.mime;
  },
  setSchedulerParameters: async (stage, choose) =>
    (await domain(stage, choose)).setSchedulerParameters({ weight: choose.of([1, 50]) }),
};

/** Finding domains. */
export const domainLists: Operations = {
  byName: async ({ conn }, choose) => conn.domainLookupByName(choose.of([...domainNames, "nobody"])),
  byUuid: async ({ conn }, choose) =>
    conn.domainLookupByUUIDString(choose.of([...Object.values(domainUuids), "0".repeat(32)])),
  byId: async ({ conn }, choose) => conn.domainLookupByID(choose.of([-1, 1, 2, 3, 4, 5, 6])),
  listAll: async ({ conn }, choose) =>
    conn.listAllDomains(choose.of([0, ...Array.from({ length: 17 }, (_, bit) => 1 << bit)])),
  listActive: async ({ conn }) => conn.listDomains(),
  listDefined: async ({ conn }) => conn.listDefinedDomains(),
  count: async ({ conn }) => [await conn.numOfDomains(), await conn.numOfDefinedDomains()],
  /** All that can be seen of all of them. */
  look: async ({ conn }) =>
    Promise.all(
      (await conn.listAllDomains()).map(async (each) => [
        each,
        await each.getState(),
        await each.getAutostart(),
        await each.hasManagedSaveImage(),
        await each.getXMLDesc(),
        await each.getXMLDesc(DomainXMLFlags.INACTIVE),
      ]),
    ),
};
