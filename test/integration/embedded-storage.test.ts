import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  type Connection,
  connect,
  ConnectListAllStoragePoolsFlags as List,
  type StoragePool,
  StorageVolDownloadFlags,
} from "../../src/index.js";
import { compareDrivers, inWhateverWords } from "../support/both-drivers.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

let libvirtd: Libvirtd;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
});

afterAll(() => libvirtd.stop());

const uuid = "3d3a3b0e-8d0c-4f4b-9a55-0c8f1e3b7a01";

function xml(more = "<target><path>/lab</path></target>", { name = "lab", type = "dir", id = uuid } = {}) {
  return `<pool type="${type}"><name>${name}</name><uuid>${id}</uuid>${more}</pool>`;
}

function volume(name: string, more = `<capacity unit="MiB">2</capacity><allocation>4096</allocation>`) {
  return `<volume><name>${name}</name>${more}</volume>`;
}

test("the pool that is there from the beginning is the same", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    await take(() => conn.listAllStoragePools());
    await take(() => conn.listStoragePools());
    await take(() => conn.listDefinedStoragePools());
    await take(() => conn.numOfStoragePools());
    await take(() => conn.numOfDefinedStoragePools());
    const pool = await get(() => conn.storagePoolLookupByName("default-pool"));
    await take(() => conn.storagePoolLookupByUUIDString(pool.uuid));
    await take(() => conn.storagePoolLookupByTargetPath("/default-pool"));
    await take(() => pool.getXMLDesc());
    await take(() => pool.getXMLDesc(8));
    await take(() => pool.getInfo());
    await take(() => pool.isActive());
    await take(() => pool.isPersistent());
    await take(() => pool.getAutostart());
    await take(() => pool.listAllVolumes());
    await take(() => pool.numOfVolumes());
    await take(() => conn.storagePoolLookupByName("nobody"));
    await take(() => conn.storagePoolLookupByUUIDString(uuid));
    await take(() => conn.getStoragePoolCapabilities());
  });
});

test("pools live the same life", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const pool = await get(() => conn.storagePoolDefineXML(xml()));
    await take(() => pool.build());
    await take(() => pool.build(1));
    await take(() => pool.getInfo());
    await take(() => pool.refresh());
    await take(() => pool.listVolumes());
    await take(() => pool.listAllVolumes());
    await take(() => pool.destroy());
    await take(() => pool.create());
    await take(() => pool.create());
    await take(() => pool.build());
    await take(() => pool.delete());
    await take(() => pool.undefine());
    await take(() => pool.refresh());
    await take(() => pool.setAutostart(true));
    await take(() => pool.getAutostart());
    for (const flags of Object.values(List)) await take(() => conn.listAllStoragePools(flags));
    await take(() => conn.listAllStoragePools(1 << 30));
    await take(() => conn.storagePoolCreateXML(xml()));
    await take(() => conn.storagePoolDefineXML(xml("<target><path>/elsewhere</path></target>")));
    await take(() => pool.getXMLDesc());
    await take(() => pool.destroy());
    await take(() => pool.delete());
    await take(() => conn.storagePoolDefineXML(xml("<target><path>/elsewhere</path></target>")));
    await take(() => pool.getXMLDesc());
    await take(() => conn.storagePoolDefineXML(xml(undefined, { name: "other" })));
    await take(() =>
      conn.storagePoolDefineXML(xml(undefined, { id: "3d3a3b0e-8d0c-4f4b-9a55-0c8f1e3b7a02" })),
    );
    await take(() => conn.storagePoolDefineXML(xml("<target><path>/default-pool</path></target>")));
    await take(() => pool.undefine());
    await take(() => pool.undefine());
    await take(() => pool.isActive());
    const transient = await get(() => conn.storagePoolCreateXML(xml()));
    await take(() => transient.isPersistent());
    await take(() => transient.getAutostart());
    await take(() => transient.setAutostart(true));
    await take(() => conn.listAllStoragePools(List.TRANSIENT));
    await take(() => transient.destroy());
    await take(() => transient.getXMLDesc());
    const kept = await get(() => conn.storagePoolCreateXML(xml()));
    await take(() => conn.storagePoolDefineXML(xml()));
    await take(() => kept.isPersistent());
    await take(() => kept.destroy());
    await take(() => kept.undefine());
    await take(() => conn.storagePoolCreateXML(xml(), 8));
    await take(() => conn.storagePoolDefineXML(xml(), 8));
  });
});

test("volumes are made, looked up and deleted alike", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const pool = await get(() => conn.storagePoolCreateXML(xml()));
    const one = await get(() => pool.storageVolCreateXML(volume("one")));
    await take(() => pool.storageVolCreateXML(volume("one")));
    await take(() => pool.storageVolCreateXML(volume("big", `<capacity unit="TiB">1</capacity>`)));
    await take(() => pool.storageVolCreateXMLFrom(volume("two"), one));
    await take(() => pool.storageVolCreateXMLFrom(volume("two"), one));
    await take(() => pool.storageVolCreateXML(volume("three"), 8));
    await take(() => one.getInfo());
    await take(() => one.getXMLDesc());
    await take(() => one.getXMLDesc(8));
    await take(() => one.getPath());
    await take(() => one.storagePoolLookupByVolume());
    await take(() => pool.getInfo());
    await take(() => pool.numOfVolumes());
    await take(() => pool.listVolumes());
    await take(() => pool.listAllVolumes());
    await take(() => pool.listAllVolumes(1));
    await take(() => pool.storageVolLookupByName("two"));
    await take(() => pool.storageVolLookupByName("nobody"));
    await take(() => conn.storageVolLookupByKey("/lab/one"));
    await take(() => conn.storageVolLookupByPath("/lab/two"));
    await take(() => conn.storageVolLookupByKey("/lab/nobody"));
    await take(() => conn.storageVolLookupByPath("/lab/nobody"));
    await take(() => one.resize(1n));
    await take(() => one.wipe());
    await take(() => one.wipePattern(1));
    await take(() => one.delete(1));
    await take(() => one.delete());
    await take(() => one.delete());
    await take(() => one.getInfo());
    await take(() => pool.storageVolCreateXMLFrom(volume("three"), one));
    await take(() => pool.getInfo());
    await take(() => conn.storagePoolDefineXML(xml()));
    await take(() => pool.getInfo());
    await take(() => pool.destroy());
    await take(() => conn.storageVolLookupByKey("/lab/two"));
    await take(() => pool.create());
    const two = await get(() => pool.storageVolLookupByName("two"));
    await take(() => two.delete());
    await take(() => pool.getInfo());
    await take(() => pool.destroy());
    await take(() => two.getXMLDesc());
    await take(() => pool.undefine());
  });
});

test("sources are found alike", async () => {
  await compareDrivers(libvirtd, async (conn, take) => {
    for (const type of ["dir", "fs", "logical", "netfs", "what"]) {
      await take(() => conn.findStoragePoolSources(type, null));
    }
    await take(() => conn.findStoragePoolSources("netfs", `<source><host name="nas"/></source>`));
    await take(() => conn.findStoragePoolSources("netfs", "<source><host/></source>"));
    await take(() => conn.findStoragePoolSources("netfs", "<sources/>"));
    await take(() => conn.findStoragePoolSources("logical", "<source"));
    await take(() => conn.findStoragePoolSources("logical", null, 1));
  });
});

test("adapters are made for pools, and go with them", async () => {
  const fibre = (more: string) =>
    xml(`<source><adapter type="fc_host" ${more}/></source><target><path>/dev/disk/by-path</path></target>`, {
      type: "scsi",
    });
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const pool = await get(() =>
      conn.storagePoolCreateXML(fibre(`wwnn="2000000012340007" wwpn="1000000012340007" parent="scsi_host1"`)),
    );
    await take(() => pool.getXMLDesc());
    const device = await get(() => conn.nodeDeviceLookupByName("scsi_host12"));
    await take(() => device.getXMLDesc());
    await take(() => pool.destroy());
    await take(() => device.getXMLDesc());
    await take(() => conn.storagePoolCreateXML(fibre(`wwnn="2000000012340007"`)));
    await take(() => conn.storagePoolCreateXML(fibre(`wwnn="x" wwpn="y"`)));
    const again = await get(() =>
      conn.storagePoolCreateXML(fibre(`wwnn="2000000012340007" wwpn="1000000012340007"`)),
    );
    await take(() => device.destroy());
    await take(() => again.destroy());
    await take(() => again.isActive());
    await take(() => again.undefine());
  });
});

test("a pool of another type has the volumes that it had", async () => {
  const disk = `<source><device path="/dev/sda"/></source><target><path>/lab</path></target>`;
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const pool = await get(() => conn.storagePoolDefineXML(xml()));
    await pool.create();
    const more = (format: string) => `<capacity>1</capacity><target><format type="${format}"/></target>`;
    const raw = await get(() => pool.storageVolCreateXML(volume("raw", more("raw"))));
    const qcow2 = await get(() => pool.storageVolCreateXML(volume("qcow2", more("qcow2"))));
    await take(() => qcow2.resize(0n));
    await take(() => qcow2.resize(1n));
    for (const [type, definition] of [
      ["disk", disk],
      ["mpath", "<target><path>/elsewhere</path></target>"],
    ] as const) {
      await pool.destroy();
      await take(() => conn.storagePoolDefineXML(xml(definition, { type })));
      await pool.create();
      await take(() => raw.getXMLDesc());
      await take(() => qcow2.getXMLDesc());
      await take(() => qcow2.getInfo());
    }
  });
});

test("pools are told of as they are known, and listed by what they were marked with", async () => {
  const other = uuid.replace("01", "02");
  await compareDrivers(libvirtd, async (conn, take, get) => {
    const told: string[] = [];
    await conn.on("storagePool.lifecycle", ({ pool }) => told.push(pool.uuid));
    const before = await get(() => conn.storagePoolDefineXML(xml()));
    await before.undefine();
    await take(() => conn.storagePoolDefineXML(xml(undefined, { id: other })));
    await before.setAutostart(true);
    await take(() => before.create());
    await take(() => before.destroy());
    await take(() => conn.storagePoolCreateXML(xml(undefined, { id: other })));
    await take(() => before.getAutostart());
    await take(() => conn.listAllStoragePools(List.AUTOSTART));
    await take(() => before.destroy());
    await vi.waitFor(() => expect(told).toHaveLength(7));
    // The second is of the pool that was; and when the new one is started, it is started by who knows that one.
    expect(told.map((each) => each === other)).toEqual([false, false, true, false, true, true, true]);
  });
});

test("pools on the same adapter are refused", async () => {
  const on = (adapter: string, name: string) => {
    const more = `<source>${adapter}</source><target><path>/${name}</path></target>`;
    return xml(more, { name, type: "scsi", id: uuid.replace(/01$/, name) });
  };
  const parent = (unit: string) =>
    `<adapter type="scsi_host"><parentaddr unique_id="1"><address slot="${unit}"/></parentaddr></adapter>`;
  const fibre = `<adapter type="fc_host" parent="scsi_host3" wwnn="2000000012340007" wwpn="1000000012340007"/>`;
  await compareDrivers(libvirtd, async (conn, take) => {
    await take(() => conn.storagePoolDefineXML(on(parent("0x1f"), "01")));
    await take(() => conn.storagePoolDefineXML(on(parent("31"), "02")));
    await take(() => conn.storagePoolDefineXML(on(parent("32"), "02")));
    await take(() => conn.storagePoolDefineXML(on(parent("x"), "02")));
    await take(() => conn.storagePoolDefineXML(on(`<adapter name="host3"/>`, "02")));
    await take(() => conn.storagePoolDefineXML(on(`<adapter name="scsi_host3"/>`, "03")));
    await take(() => conn.storagePoolDefineXML(on(`<adapter name="scsi_host4"/>`, "03")));
    await take(() => conn.storagePoolDefineXML(on(fibre, "04")));
    const made = (await conn.listAllStoragePools(List.SCSI)).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const pool of made) {
      await take(() => pool.getXMLDesc());
      await pool.undefine();
    }
  });
});

const target = "<target><path>/t</path></target>";

/** Definitions that are as libvirt prints them when they have been read, or refused as there. */
const pools: readonly string[] = [
  "<pool/>",
  "<volume/>",
  `<pool type="what"/>`,
  `<pool type="dir"/>`,
  `<pool type="dir"><name>a/b</name></pool>`,
  xml(target, { id: "7" }),
  xml(""),
  xml("<target><path>//a///b//c/</path></target>"),
  xml(
    "<target><path>///a/</path><permissions><mode>755</mode><owner>7</owner><group>-1</group><label>l</label></permissions></target>",
  ),
  xml("<target><path>/</path><permissions/></target>"),
  xml("<target><path>/t</path><permissions><mode>999</mode></permissions></target>"),
  xml("<target><path>/t</path><permissions><owner>x</owner></permissions></target>"),
  xml("<target><path>/t</path><permissions><group>x</group></permissions></target>"),
  xml(
    `${target}<features><cow state="no"/></features><refresh><volume allocation="capacity"/></refresh><capacity>7</capacity>`,
  ),
  xml(`${target}<features><cow state="maybe"/></features>`),
  xml(`${target}<refresh><volume allocation="x"/></refresh>`),
  xml(`<source><device path="/dev/sdb1"/></source>${target}`, { type: "fs" }),
  xml(`<source><device path="/dev/sdb1"/><format type="ext4"/></source>${target}`, { type: "fs" }),
  xml(`<source><device path="/dev/sdb1"/><format type="x"/></source>${target}`, { type: "fs" }),
  xml(`<source><device/></source>${target}`, { type: "fs" }),
  xml(target, { type: "fs" }),
  xml(
    `<source><host name="nas" port="7"/><dir path="/x//y/"/><format type="nfs"/><protocol ver="4"/><vendor name="v"/><product name="p"/></source>${target}`,
    { type: "netfs" },
  ),
  xml(
    `<source><host name="nas"/><dir path="/x"/><format type="cifs"/><protocol ver="4"/></source>${target}`,
    { type: "netfs" },
  ),
  xml(`<source><host name="nas"/></source>${target}`, { type: "netfs" }),
  xml(`<source><dir path="/x"/></source>${target}`, { type: "netfs" }),
  xml(`<source><host/></source>${target}`, { type: "netfs" }),
  xml(`<source><host name="nas" port="x"/></source>${target}`, { type: "netfs" }),
  xml("", { type: "logical" }),
  xml(`<source><name>vg</name><device path="/dev/sdb"/></source>`, { type: "logical" }),
  `<pool type="logical"><uuid>${uuid}</uuid><source><name>vg</name></source></pool>`,
  xml(`<source><device path="/dev/sdb" part_separator="yes"/></source>${target}`, { type: "disk" }),
  xml(`<source><device path="/dev/sdb" part_separator="x"/></source>${target}`, { type: "disk" }),
  xml(
    `<source><host name="h"/><device path="iqn.x"/><initiator><iqn name="iqn.me"/></initiator></source>${target}`,
    { type: "iscsi" },
  ),
  xml(
    `<source><host name="h"/><device path="iqn.x"/><auth type="chap" username="u"><secret usage="s"/></auth></source>${target}`,
    { type: "iscsi" },
  ),
  xml(`<source><host name="h"/><auth type="chap"/></source>${target}`, { type: "iscsi" }),
  xml(`<source><host name="h"/><auth username="u"/></source>${target}`, { type: "iscsi" }),
  xml(`<source><host name="h"/><auth username="u" type="x"/></source>${target}`, { type: "iscsi" }),
  xml(`<source><host name="h"/><auth username="u" type="chap"><secret/></auth></source>${target}`, {
    type: "iscsi",
  }),
  xml(`<source><host name="h"/><device path="iqn.x"/></source>`, { type: "iscsi-direct" }),
  xml(`<source><host name="h"/><device path="iqn.x"/><initiator><iqn name="iqn.me"/></initiator></source>`, {
    type: "iscsi-direct",
  }),
  xml(`<source><adapter name="scsi_host5"/></source>${target}`, { type: "scsi" }),
  xml(`<source><adapter type="scsi_host"/></source>${target}`, { type: "scsi" }),
  xml(`<source><adapter wwnn="1"/></source>${target}`, { type: "scsi" }),
  xml(`<source><adapter/></source>${target}`, { type: "scsi" }),
  xml(target, { type: "scsi" }),
  xml(target, { type: "mpath" }),
  xml(`<source><host name="h"/><name>p</name></source>`, { type: "rbd" }),
  xml(`<source><host name="h"/></source>`, { type: "rbd" }),
  xml(`<source><host name="h"/></source>`, { type: "sheepdog" }),
  xml(`<source><host name="h"/><name>v</name></source>`, { type: "gluster" }),
  xml(`<source><name>z</name></source>`, { type: "zfs" }),
  xml(`<source><name>z</name></source>${target}`, { type: "vstorage" }),
];

const capacity = "<capacity>7</capacity>";

const volumes: readonly string[] = [
  "<volume/>",
  "<pool/>",
  volume("v", ""),
  volume("v", "<capacity>x</capacity>"),
  volume("v", `<capacity unit="x">1</capacity>`),
  volume("v", `<capacity unit="EiB">9</capacity>`),
  volume("v", `<capacity unit="GB">1</capacity><allocation unit="k">3</allocation>`),
  volume("v", `${capacity}<key>k</key><target><path>/p</path><format type="qcow2"/></target>`),
  volume("v", `${capacity}<target><format type="x"/></target>`),
  volume(
    "v",
    `${capacity}<target><compat>1.1</compat><features><lazy_refcounts/></features><nocow/><clusterSize unit="KiB">64</clusterSize></target>`,
  ),
  volume("v", `${capacity}<target><features/></target>`),
  volume("v", `${capacity}<target><compat>x</compat></target>`),
  volume("v", `${capacity}<target><features><x/></features></target>`),
  volume(
    "v",
    `${capacity}<target><permissions><mode>0644</mode><owner>0</owner><group>0</group></permissions></target>`,
  ),
  volume("v", `${capacity}<backingStore><path>/b</path><format type="raw"/></backingStore>`),
  volume("v", `${capacity}<backingStore><path>/b</path><format type="x"/></backingStore>`),
  volume("v", `${capacity}<backingStore/>`),
  `<volume type="block"><name>v</name>${capacity}</volume>`,
  `<volume type="x"><name>v</name>${capacity}</volume>`,
];

test("definitions are read alike", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    for (const definition of pools) await take(() => definedPool(conn, definition));
    const pool = await get(() => conn.storagePoolLookupByName("default-pool"));
    for (const definition of volumes) await take(() => madeVolume(pool, definition));
  });
});

async function definedPool(conn: Connection, asked: string) {
  const pool = await conn.storagePoolDefineXML(asked).catch(inWhateverWords);
  if (!("ref" in pool)) return { asked, ...pool };
  const got = await pool.getXMLDesc();
  await pool.create();
  const made = await pool.storageVolCreateXML(volume("x"));
  const [info, path] = [await made.getInfo(), await made.getPath()];
  const volumeXml = await made.getXMLDesc();
  await pool.destroy().catch(inWhateverWords);
  await pool.undefine();
  return { asked, got, info, path, volumeXml };
}

async function madeVolume(pool: StoragePool, asked: string) {
  const made = await pool.storageVolCreateXML(asked).catch(inWhateverWords);
  if (!("ref" in made)) return { asked, ...made };
  const got = await made.getXMLDesc();
  await made.delete();
  return { asked, got };
}

test("what is written to a volume can be read, in part and with its holes, and is in its copies", async () => {
  await using conn = await connect("test:///default");
  const pool = await conn.storagePoolLookupByName("default-pool");
  const made = await pool.storageVolCreateXML(volume("v"));
  const size = 2 * 1024 * 1024;
  const data = Buffer.alloc(200_000, "virtwire");
  await pipeline(Readable.from([data]), await made.upload(500_000n));
  const expected = Buffer.alloc(size);
  data.copy(expected, 500_000);
  expect((await buffer(await made.download())).equals(expected)).toBe(true);
  expect(
    (await buffer(await made.download(600_000n, 1000n))).equals(expected.subarray(600_000, 601_000)),
  ).toBe(true);
  const copy = await pool.storageVolCreateXMLFrom(volume("copy"), made);
  await pipeline(Readable.from([Buffer.alloc(size)]), await made.upload());
  expect((await buffer(await copy.download())).equals(expected)).toBe(true);
  expect((await buffer(await made.download())).equals(Buffer.alloc(size))).toBe(true);

  const sparse = await copy.download(0n, 0n, StorageVolDownloadFlags.SPARSE_STREAM);
  expect((await buffer(sparse)).equals(expected)).toBe(true);
  await expect(made.download(BigInt(size) + 1n)).rejects.toThrow("behind the end");
  const tooMuch = pipeline(Readable.from([Buffer.alloc(10)]), await made.upload(BigInt(size) - 5n));
  await expect(tooMuch).rejects.toThrow("No space left");
});
