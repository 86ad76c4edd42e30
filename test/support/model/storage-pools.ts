import { odd } from "./odd.js";
import type { Choices, Operations, Stage } from "./stage.js";

export const poolUuids: Readonly<Record<string, string>> = {
  files: "5e0f7b1c-2a44-4c3c-9a10-6d2f0c9e3b01",
  blocks: "5e0f7b1c-2a44-4c3c-9a10-6d2f0c9e3b02",
  remote: "5e0f7b1c-2a44-4c3c-9a10-6d2f0c9e3b03",
};
const ownNames = Object.keys(poolUuids);
export const poolNames = [...ownNames, "default-pool"];

/**
 * What a pool of each name can be. Only one has volumes that are nowhere on the host: where two do, which of their
 * volumes is found by a key depends on the order of libvirt's tables.
 */
const types: Readonly<Record<string, readonly string[]>> = {
  files: ["dir", "dir", "dir", "fs", "netfs", "vstorage"],
  blocks: ["logical", "disk", "iscsi", "scsi", "scsi", "mpath", "zfs"],
  remote: ["rbd", "sheepdog", "gluster", "iscsi-direct"],
};

const hosts = ["<host name='h'/>", "<host name='h' port='7'/>", "<host name='h'/><host name='i' port='0'/>"];
const devices = ["<device path='/dev/sda'/>", "<device path='/dev/sdb' part_separator='no'/>"];
const initiators = [
  "<initiator><iqn name='iqn.a'/></initiator>",
  "<initiator><iqn name='iqn.b'/></initiator>",
];
const adapters = [
  "<adapter name='host1'/>",
  "<adapter type='scsi_host' name='scsi_host2'/>",
  "<adapter type='scsi_host'><parentaddr unique_id='1'><address domain='0x0' bus='0x00' slot='0x1f' function='2'/></parentaddr></adapter>",
  "<adapter type='fc_host' wwnn='20000000c9831b4b' wwpn='10000000c9831b4b'/>",
  "<adapter type='fc_host' parent='scsi_host1' managed='yes' wwnn='20000000c9831b4c' wwpn='10000000c9831b4c'/>",
];

/** What there has to be in a pool's source, and can be. */
function source(choose: Choices, type: string): string {
  const name = choose.of(["", "", "<name>vg</name>"]);
  switch (type) {
    case "fs":
    case "disk":
    case "logical":
    case "zfs":
      return choose.of(devices) + (type === "logical" || type === "zfs" ? name : "");
    case "netfs":
      return `${choose.of(hosts)}<dir path='/srv//x/'/>`;
    case "iscsi":
      return choose.of(hosts) + choose.of(devices) + choose.of(["", ...initiators]);
    case "iscsi-direct":
      return choose.of(hosts) + choose.of(devices) + choose.of(initiators);
    case "scsi":
      return choose.of(adapters);
    case "rbd":
      return `${choose.of(hosts)}<name>rbd</name>`;
    case "sheepdog":
    case "gluster":
      return choose.of(hosts) + name;
    default:
      return name;
  }
}

/** What is added to a source, wanted or not. */
const others = [
  ...["", "", "", "", "<format type='nfs'/>", "<format type='ext4'/>", "<format type='what'/>"],
  ...["<host/>", "<dir path='/'/>", "<device/>", "<adapter type='fc_host' wwnn='x' wwpn='y'/>"],
  "<auth type='chap' username='u'><secret usage='s'/></auth>",
  "<auth type='none' username='u'><secret usage='s'/></auth>",
  ...["<format type='nfs'/><protocol ver='4,1'/>", "<initiator/>", "<initiator><iqn/></initiator>"],
  "<vendor name='v'/><product name='p'/><protocol ver='3'/>",
];

/** The same, with words in errors as only newer libvirts have them. */
const newerOthers = [
  ...others,
  "<auth username='u' type='ceph'><secret uuid='5E0F7B1C2A444C3C9A106D2F0C9E3B09' usage='s'/></auth>",
  "<auth username='u' type='ceph'><secret type='ceph' uuid='5E0F7B1C2A444C3C9A106D2F0C9E3B09'/></auth>",
];

const targets = [
  ...["", "", "", "<permissions/>", "<permissions><mode>0711</mode><owner>-1</owner></permissions>"],
  "<permissions><owner>4294967294</owner><group>7</group><label>l</label></permissions>",
  "<permissions><mode>999</mode></permissions>",
];

const parts = [
  ...[
    "",
    "",
    "",
    "<features><cow state='yes'/></features>",
    "<refresh><volume allocation='capacity'/></refresh>",
  ],
  ...["<capacity>7</capacity><allocation>8</allocation>", "<refresh/>", "<features/>"],
];

function poolXml({ release }: Stage, choose: Choices): string {
  const name = choose.of(ownNames);
  // Now and then a name comes with the UUID of another.
  const uuid = poolUuids[choose.of([name, name, name, name, name, ...ownNames])];
  const type = choose.of(types[name]!);
  const path = choose.of([`/${name}`, `/${name}`, `/${name}`, `/${name}`, "/default-pool"]);
  return `<pool type='${type}'><name>${name}</name><uuid>${uuid}</uuid>
    <source>${source(choose, type)}${choose.of(release < 12_000_000n ? others : newerOthers)}</source>
    <target><path>${path}</path>${choose.of(targets)}</target>${choose.of(parts)}</pool>`;
}

/** What is no pool. */
const wrong = [
  ...["", "<pool", "<network/>", "<pool/>", "<pool type='dir'/>", "<pool type='what'><name>x</name></pool>"],
  ...["<pool type='dir'><name>a/b</name></pool>", "<pool type='dir'><name>x</name></pool>"],
  "<pool type='dir'><name>x</name><uuid>x</uuid><target><path>/x</path></target></pool>",
];

const lookUp = ({ conn }: Stage) => {
  return (name: string) => conn.storagePoolLookupByName(name);
};
export const pool = (stage: Stage, choose: Choices) => {
  return stage.pools.get(choose.of(poolNames), lookUp(stage));
};

/** Flags that mean nothing to the test driver, mostly. */
const flags = [0, 0, 0, 0, 1, 2, 4];

export const poolOperations: Operations = {
  define: async (stage, choose) =>
    stage.conn.storagePoolDefineXML(poolXml(stage, choose), choose.of([0, 0, 0, 2])),
  createXML: async (stage, choose) =>
    stage.conn.storagePoolCreateXML(poolXml(stage, choose), choose.of(flags)),
  defineOdd: async (stage, choose) => stage.conn.storagePoolDefineXML(odd(poolXml(stage, choose), choose)),
  createOdd: async (stage, choose) => stage.conn.storagePoolCreateXML(odd(poolXml(stage, choose), choose)),
  defineWrong: async ({ conn }, choose) => conn.storagePoolDefineXML(choose.of(wrong)),
  lookUpAnew: async (stage, choose) => {
    const name = choose.of([...poolNames, "nobody"]);
    return stage.pools.keep(name, lookUp(stage)(name));
  },
  create: async (stage, choose) => (await pool(stage, choose)).create(choose.of(flags)),
  build: async (stage, choose) => (await pool(stage, choose)).build(choose.of(flags)),
  destroy: async (stage, choose) => (await pool(stage, choose)).destroy(),
  delete: async (stage, choose) => (await pool(stage, choose)).delete(choose.of(flags)),
  undefine: async (stage, choose) => (await pool(stage, choose)).undefine(),
  refresh: async (stage, choose) => (await pool(stage, choose)).refresh(choose.of(flags)),
  getInfo: async (stage, choose) => (await pool(stage, choose)).getInfo(),
  getXMLDesc: async (stage, choose) => (await pool(stage, choose)).getXMLDesc(choose.of([0, 0, 1])),
  getAutostart: async (stage, choose) => (await pool(stage, choose)).getAutostart(),
  setAutostart: async (stage, choose) => (await pool(stage, choose)).setAutostart(choose.of([true, false])),
  isActive: async (stage, choose) => (await pool(stage, choose)).isActive(),
  isPersistent: async (stage, choose) => (await pool(stage, choose)).isPersistent(),
  byUuid: async ({ conn }, choose) => conn.storagePoolLookupByUUIDString(choose.of(Object.values(poolUuids))),
  byTargetPath: async ({ conn }, choose) => conn.storagePoolLookupByTargetPath(choose.of(["/files", "/x"])),
  listAll: async ({ conn }, choose) =>
    conn.listAllStoragePools(choose.of([0, ...Array.from({ length: 21 }, (_, bit) => 1 << bit)])),
  listActive: async ({ conn }) => [await conn.listStoragePools(), await conn.numOfStoragePools()],
  listDefined: async ({ conn }) => [
    await conn.listDefinedStoragePools(),
    await conn.numOfDefinedStoragePools(),
  ],
  findSources: async ({ conn }, choose) =>
    conn.findStoragePoolSources(
      choose.of(["logical", "netfs", "netfs", "dir", "iscsi", "what"]),
      choose.of([
        null,
        "<source><host name='h'/><dir path='/x'/></source>",
        "<source><host/></source>",
        "<pool/>",
      ]),
      choose.of([0, 0, 0, 1]),
    ),
  /** All that can be seen of all of them. */
  look: async ({ conn }) =>
    Promise.all(
      (await conn.listAllStoragePools()).map(async (each) => [
        each,
        await each.isPersistent(),
        await each.getAutostart(),
        await each.getInfo(),
        await each.getXMLDesc(),
      ]),
    ),
};
