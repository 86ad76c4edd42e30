import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { LibvirtError, type StorageVol } from "../../../src/index.js";
import { odd } from "./odd.js";
import type { Choices, Operations, Stage } from "./stage.js";
import { pool, poolNames } from "./storage-pools.js";

const names = ["one", "two", "three"];

const sizes = [
  ...["<capacity>4096</capacity>", "<capacity unit='GiB'>40</capacity>", "<capacity unit='KB'>3</capacity>"],
  "<capacity unit='GiB'>60</capacity><allocation unit='MiB'>2</allocation>",
  "<capacity>0</capacity><allocation unit='GiB'>70</allocation>",
  "<capacity unit='EiB'>7</capacity><allocation>0</allocation>",
];

const targets = [
  ...["", "", "", "<format type='qcow2'/>", "<format type='linux'/>", "<format/>", "<path>/elsewhere</path>"],
  "<permissions><mode>0600</mode><owner>107</owner><group>107</group><label>l</label></permissions>",
  "<format type='qcow2'/><features><lazy_refcounts/></features>",
  "<format type='qcow2'/><compat>0.10</compat><clusterSize unit='KiB'>128</clusterSize><nocow/>",
  "<timestamps><atime>1</atime></timestamps><features/>",
];

const parts = [
  ...["", "", "", "", "<key>k</key>", "<backingStore/>", "<physical>3</physical>"],
  "<backingStore><path>/base</path><format type='raw'/><permissions><mode>7</mode></permissions></backingStore>",
  "<source><device path='/dev/sda'/></source>",
];

const openings = ["<volume>", "<volume>", "<volume type='block'>", "<volume type='ploop'>"];

function volumeXml(choose: Choices): string {
  return `${choose.of(openings)}<name>${choose.of(names)}</name>${choose.of(sizes)}
    <target>${choose.of(targets)}</target>${choose.of(parts)}</volume>`;
}

/** What is no volume. */
const wrong = [
  ...["", "<volume", "<pool/>", "<volume/>", "<volume><name>x</name></volume>"],
  ...["x", "-1", "9223372036854775808"].map(
    (size) => `<volume><name>x</name><capacity>${size}</capacity></volume>`,
  ),
  "<volume type='what'><name>x</name><capacity>1</capacity></volume>",
  "<volume><name>x</name><capacity unit='hops'>1</capacity></volume>",
  "<volume><name>x</name><capacity>1</capacity><target><format type='what'/></target></volume>",
  "<volume><name>x</name><capacity>1</capacity><target><compat>new</compat></target></volume>",
  "<volume><name>x</name><capacity>1</capacity><target><features><what/></features></target></volume>",
  "<volume><name>x</name><capacity>1</capacity><target><clusterSize>x</clusterSize></target></volume>",
];

const lookUp = async (stage: Stage, poolName: string, name: string) => {
  const found = await stage.pools.get(poolName, (each) => stage.conn.storagePoolLookupByName(each));
  return found.storageVolLookupByName(name);
};
const volume = (stage: Stage, choose: Choices) => {
  const [poolName, name] = [choose.of(poolNames), choose.of(names)];
  return stage.volumes.get(`${poolName}/${name}`, () => lookUp(stage, poolName, name));
};

const flags = [0, 0, 0, 1, 2];
const paths = [...poolNames.map((each) => `/${each}`), "/dev/vg", "/dev/zvol/blocks", "(null)"];
const place = (choose: Choices) => `${choose.of(paths)}/${choose.of([...names, "nobody"])}`;

/** Where several pools have their volumes in the same place, in which of them one is found depends on the order of lists. */
const found = ({ name, key }: StorageVol) => ({ name, key });

/** Writes to a volume and reads it back, where that can be done at all. */
async function writeAndRead(volume: StorageVol, offset: bigint, text: string): Promise<void> {
  const upload = await volume.upload(offset, BigInt(text.length));
  await pipeline([text], upload);
  const read = await buffer(await volume.download(offset, BigInt(text.length)));
  if (read.toString() !== text) throw new Error(`written to ${volume.key}: ${text}; read: ${read}`);
}

export const volumeOperations: Operations = {
  create: async (stage, choose) => {
    const within = await pool(stage, choose);
    return within.storageVolCreateXML(volumeXml(choose), choose.of([0, 0, 0, 1, 2]));
  },
  createOdd: async (stage, choose) => {
    const within = await pool(stage, choose);
    return within.storageVolCreateXML(odd(volumeXml(choose), choose));
  },
  createWrong: async (stage, choose) => (await pool(stage, choose)).storageVolCreateXML(choose.of(wrong)),
  clone: async (stage, choose) => {
    const original = await volume(stage, choose);
    const within = await pool(stage, choose);
    return within.storageVolCreateXMLFrom(volumeXml(choose), original, choose.of([0, 0, 0, 1, 2]));
  },
  lookUpAnew: async (stage, choose) => {
    const [poolName, name] = [choose.of(poolNames), choose.of([...names, "nobody"])];
    return stage.volumes.keep(`${poolName}/${name}`, lookUp(stage, poolName, name));
  },
  delete: async (stage, choose) => (await volume(stage, choose)).delete(choose.of(flags)),
  getInfo: async (stage, choose) => (await volume(stage, choose)).getInfo(),
  getInfoFlags: async (stage, choose) => (await volume(stage, choose)).getInfoFlags(choose.of(flags)),
  getXMLDesc: async (stage, choose) => (await volume(stage, choose)).getXMLDesc(choose.of(flags)),
  getPath: async (stage, choose) => (await volume(stage, choose)).getPath(),
  getPool: async (stage, choose) => (await volume(stage, choose)).storagePoolLookupByVolume(),
  resize: async (stage, choose) =>
    (await volume(stage, choose)).resize(choose.of([0n, 1n]), choose.of([0, 2, 4])),
  wipe: async (stage, choose) => (await volume(stage, choose)).wipe(choose.of(flags)),
  wipePattern: async (stage, choose) =>
    (await volume(stage, choose)).wipePattern(choose.of([0, 4, 99]), choose.of(flags)),
  byKey: async ({ conn }, choose) => found(await conn.storageVolLookupByKey(place(choose))),
  byPath: async ({ conn }, choose) => found(await conn.storageVolLookupByPath(place(choose))),
  list: async (stage, choose) => {
    const within = await pool(stage, choose);
    return [await within.listVolumes(), await within.numOfVolumes()];
  },
  listAll: async (stage, choose) => (await pool(stage, choose)).listAllVolumes(choose.of([0, 0, 1])),
  /** What comes of it is not compared, but what it does to anything else. */
  write: async (stage, choose) => {
    const [offset, text] = [choose.of([0n, 1n, 65_535n, 1n << 40n]), choose.of(["a", "some bytes"])];
    await writeAndRead(await volume(stage, choose), offset, text).catch((error) => {
      if (!(error instanceof LibvirtError)) throw error;
    });
  },
  /** All that can be seen of all of a pool's. */
  look: async (stage, choose) =>
    Promise.all(
      (await (await pool(stage, choose)).listAllVolumes()).map(async (each) => [
        each,
        await each.getPath(),
        await each.getInfo(),
        await each.getXMLDesc(),
      ]),
    ),
};
