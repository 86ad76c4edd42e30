import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, ErrorDomain, ErrorNumber } from "../../src/index.js";
import { compareDrivers, inWhateverWords } from "../support/both-drivers.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

let libvirtd: Libvirtd;
let directory: string;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
  directory = await mkdtemp(join(tmpdir(), "virtwire-worlds-"));
});

afterAll(async () => {
  await libvirtd.stop();
  await rm(directory, { recursive: true });
});

const pool = (volumes: string) =>
  `<pool type="dir"><name>p</name><uuid>3d3a3b0e-8d0c-4f4b-9a55-0c8f1e3b7a01</uuid>
    <target><path>/p</path></target>${volumes}</pool>`;

const files: Readonly<Record<string, string>> = {
  "net.xml": `<network><name>n</name><uuid>1f3a3b0e-8d0c-4f4b-9a55-0c8f1e3b7a01</uuid><bridge name="b0"/></network>`,
  "volume.xml": "<volume><name>b</name><capacity>9</capacity></volume>",
  "pool.xml": pool(`<volume><name>c</name><capacity>3</capacity></volume>`),
  "device.xml": `<device><name>d</name><capability type="scsi_host"><host>1</host></capability></device>`,
  "eth.xml": `<interface type="ethernet" name="e1"><start mode="none"/></interface>`,
};

async function world(content: string): Promise<string> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const path = join(directory, "node.xml");
  await writeFile(path, `<node>${content}</node>`);
  return path;
}

/** In an order of their own: libvirtd lists objects as its hash tables hold them, each time another way. */
const byName = <Named extends { name: string }>(all: Named[]) =>
  all.sort((a, b) => (a.name < b.name ? -1 : 1));

const worlds = [
  `<network file="net.xml"/><interface type="bond" name="b1"><bond/></interface><interface file="eth.xml"/>
    <device file="device.xml"/>
    <device><name>e</name><capability type="scsi_host"><host>2</host><capability type="vport_ops"/>
      <capability type="fc_host"><wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn></capability></capability></device>
    ${pool(`<volume><name>a</name><key>k</key><capacity>7</capacity><target><path>/q</path></target></volume>
      <volume file="volume.xml"/>`)}`,
  `<pool file="pool.xml"/><interface type="bond" name="b1"><bond mode=""/></interface>
    <interface type="bridge" name="b2"><bridge stp="?" delay="1"><interface name="b3"/></bridge></interface>`,
  "",
];

test("worlds hold what their files say", async () => {
  for (const content of worlds) {
    await compareDrivers(
      libvirtd,
      async (conn, take) => {
        for (const network of byName(await conn.listAllNetworks())) {
          await take(() => network.getXMLDesc());
          await take(() => network.isActive());
          await take(() => network.isPersistent());
        }
        await take(() => conn.listAllNetworks());
        await take(() => conn.listAllInterfaces());
        for (const iface of byName(await conn.listAllInterfaces())) {
          await take(() => iface.isActive());
          await take(() => iface.getXMLDesc());
        }
        await take(() => conn.listAllNodeDevices());
        for (const device of byName(await conn.listAllNodeDevices())) await take(() => device.getXMLDesc());
        await take(() => conn.listAllStoragePools());
        for (const each of byName(await conn.listAllStoragePools())) {
          await take(() => each.getXMLDesc());
          await take(() => each.getInfo());
          for (const volume of byName(await each.listAllVolumes())) {
            await take(() => volume.getXMLDesc());
            await take(() => volume.getPath());
          }
        }
        // In a world that has no adapter to make others like, none can be made.
        await take(() => conn.nodeDeviceLookupByName("scsi_host11"));
      },
      await world(content),
    );
  }
});

test("volumes that cannot be told apart are refused, which libvirt says only since 12", async () => {
  const twice = (second: string) =>
    pool(`<volume><name>v</name><capacity>1</capacity></volume>
    <volume><name>${second}<capacity>1</capacity></volume>`);
  for (const second of [
    "v</name>",
    "w</name><key>/p/v</key>",
    "w</name><target><path>/p/v</path></target>",
  ]) {
    const opened = connect(`test://${await world(twice(second))}`);
    await expect(opened).rejects.toMatchObject({
      code: ErrorNumber.OPERATION_FAILED,
      domain: ErrorDomain.STORAGE,
    });
  }
});

const broken = [
  `<network file="nowhere.xml"/>`,
  `<network file="pool.xml"/>`,
  `<network><name>n</name><ip/></network>`,
  `<network file="net.xml"/><network><name>n</name></network>`,
  `<interface type="ethernet"/>`,
  `<interface file="net.xml"/>`,
  `<device><name>d</name></device>`,
  `<device><capability type="net"/></device>`,
  `<device><name>d</name><capability type="scsi_host"/></device>`,
  `<device><name>d</name><capability type="scsi_host"><host>x</host></capability></device>`,
  `<device><name>d</name><capability type="scsi_host"><host>1</host><unique_id>x</unique_id></capability></device>`,
  `<device><name>d</name><capability type="scsi_host"><host>-1</host></capability></device>`,
  `<device><name>d</name><capability type="scsi_host"><host>1</host><unique_id>x</unique_id><capability/></capability></device>`,
  `<device><name>d</name><capability type="scsi_host"><host>1</host><capability type="fc_host"/></capability></device>`,
  "<cpu><mhz>fast</mhz><active>all</active></cpu>",
  `<device><name>d</name><capability type="system"><hardware><uuid>x</uuid></hardware></capability></device>`,
  `<pool type="dir"><name>p</name></pool>`,
  pool("<volume><name>v</name></volume>"),
  pool(`<volume file="nowhere.xml"/>`),
  pool("") + pool("").replace("<name>p</name>", "<name>q</name>"),
];

test("worlds that cannot be are refused alike", async () => {
  for (const content of broken) {
    const path = await world(content);
    const opened = async (uri: string) => {
      const conn = await connect(uri).catch(inWhateverWords);
      if (!("close" in conn)) return { content, ...conn };
      await conn.close();
      return { content };
    };
    expect(await opened(`test://${path}`)).toEqual(
      await opened(libvirtd.uri("test").replace("/default", path)),
    );
  }
});
