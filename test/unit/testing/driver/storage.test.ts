import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ErrorNumber } from "../../../../src/generated/constants.js";
import { isSameSource } from "../../../../src/testing/driver/storage/conflict.js";
import { Contents } from "../../../../src/testing/driver/storage/contents.js";
import { sanitizePath } from "../../../../src/testing/driver/storage/read-parts.js";
import { parsePool } from "../../../../src/testing/driver/storage/read-pool.js";
import { readWorldFile } from "../../../../src/testing/driver/world-file.js";

// What can be compared with libvirtd is in test/integration/embedded-storage.test.ts.

const page = 64 * 1024;

function read(contents: Contents, offset: bigint, length: bigint) {
  const pieces = [...contents.read(offset, length)];
  const holes = pieces.map((piece) => ("hole" in piece ? piece.hole : `${piece.data.length} bytes`));
  const bytes = pieces.map((piece) => ("hole" in piece ? new Uint8Array(Number(piece.hole)) : piece.data));
  return { holes, bytes: Buffer.concat(bytes) };
}

test("contents are where they were written, with holes between", () => {
  const contents = new Contents();
  const data = Buffer.alloc(2 * page, "abc");
  contents.write(BigInt(page) - 10n, data);
  const expected = Buffer.alloc(8 * page);
  data.copy(expected, page - 10);
  const { holes, bytes } = read(contents, 0n, BigInt(8 * page));
  expect(holes).toEqual([...Array(3).fill(`${page} bytes`), BigInt(5 * page)]);
  expect(bytes.equals(expected)).toBe(true);
  expect(read(contents, BigInt(page) - 5n, 7n).bytes.equals(expected.subarray(page - 5, page + 2))).toBe(
    true,
  );
  expect(read(contents, BigInt(7 * page), 5n).holes).toEqual([5n]);
});

test("a hole takes away what it covers, and no more", () => {
  const contents = new Contents();
  contents.write(0n, Buffer.alloc(3 * page, 1));
  const copy = contents.clone();
  contents.clear(BigInt(page) - 5n, BigInt(page) + 10n);
  const expected = Buffer.alloc(3 * page, 1).fill(0, page - 5, 2 * page + 5);
  const { holes, bytes } = read(contents, 0n, BigInt(3 * page));
  expect(bytes.equals(expected)).toBe(true);
  expect(holes[1]).toBe(BigInt(page));
  expect(read(copy, 0n, BigInt(3 * page)).bytes.equals(Buffer.alloc(3 * page, 1))).toBe(true);
});

test("paths lose slashes that say nothing", () => {
  const paths = ["/", "//", "///", "//a", "///a//b/", "a//b", "gluster://h//x", "/a/"];
  expect(paths.map(sanitizePath)).toEqual(["/", "//", "/", "//a", "/a/b", "a/b", "gluster://h//x", "/a"]);
});

test("pools that would have the same storage are told", () => {
  const pool = (type: string, name: string, source: string) =>
    parsePool(
      `<pool type="${type}"><name>${name}</name><source>${source}</source><target><path>/t/${name}</path></target></pool>`,
    );
  const same = (type: string, one: string, other: string, otherType = type) =>
    isSameSource(pool(type, "a", one), pool(otherType, "b", other));
  const nas = (host: string, dir: string) => `<host name="${host}"/><dir path="${dir}"/>`;
  expect(same("dir", "", "")).toBe(false);
  expect(same("netfs", nas("h", "/x"), nas("h", "/x"))).toBe(true);
  expect(same("netfs", nas("h", "/x"), nas("i", "/x"))).toBe(false);
  expect(same("netfs", nas("h", "/x"), nas("h", "/y"))).toBe(false);
  expect(same("netfs", nas("h", "/x"), `<host name="h" port="7"/><dir path="/x"/>`)).toBe(false);
  const device = (path: string, more = "") => `<host name="h"/><device path="${path}"/>${more}`;
  const initiator = `<initiator><iqn name="i"/></initiator>`;
  expect(same("fs", device("/d"), device("/d"), "disk")).toBe(true);
  expect(same("fs", device("/d"), device("/e"), "disk")).toBe(false);
  expect(same("fs", device("/d"), device("/d"), "iscsi")).toBe(false);
  expect(same("iscsi", device("/d"), device("/d"))).toBe(true);
  expect(same("iscsi", device("/d"), device("/d", initiator))).toBe(false);
  expect(same("mpath", "", "")).toBe(true);
  expect(same("vstorage", "<name>x</name>", "<name>x</name>")).toBe(true);
  expect(same("sheepdog", `<host name="h"/>`, `<host name="h"/>`)).toBe(true);
  expect(same("gluster", `<host name="h"/><name>v</name>`, `<host name="h"/><name>v</name>`)).toBe(true);
  expect(same("rbd", `<host name="h"/><name>v</name>`, `<host name="h"/><name>v</name>`)).toBe(false);
  const fibre = (wwpn: string) => `<adapter type="fc_host" wwnn="1000000000000001" wwpn="${wwpn}"/>`;
  expect(same("scsi", fibre("1000000000000002"), fibre("1000000000000002"))).toBe(true);
  expect(same("scsi", fibre("1000000000000002"), fibre("1000000000000003"))).toBe(false);
  expect(same("scsi", fibre("1000000000000002"), `<adapter name="scsi_host1"/>`)).toBe(false);
});

test("a world's file holds networks, interfaces, pools with volumes, and devices, or says where they are", async () => {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-world-"));
  const files = {
    "node.xml": `<node><network file="net.xml"/><interface type="ethernet" name="e0"/>
      <pool type="dir"><name>p</name><target><path>/p</path></target>
        <volume><name>a</name><key>k</key><capacity>7</capacity><target><path>/q</path></target></volume>
        <volume file="volume.xml"/></pool><device file="device.xml"/></node>`,
    "net.xml": "<network><name>n</name></network>",
    "volume.xml": "<volume><name>b</name><capacity>9</capacity></volume>",
    "device.xml": `<device><name>d</name><capability type="scsi_host"><host>1</host></capability></device>`,
  };
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    const world = await readWorldFile(join(directory, "node.xml"));
    expect(world.networks.named("n").isActive).toBe(true);
    expect(world.interfaces.named("e0").isActive).toBe(true);
    const pool = world.storagePools.named("p");
    expect(pool.volumes.map(({ name, key, path }) => [name, key, path])).toEqual([
      ["a", "k", "/q"],
      ["b", "/p/b", "/p/b"],
    ]);
    expect(pool.info.allocation).toBe(16n);
    expect(world.nodeDevices.named("d").types).toEqual(["scsi_host"]);
    await writeFile(join(directory, "device.xml"), `<device><capability type="net"/></device>`);
    await expect(readWorldFile(join(directory, "node.xml"))).rejects.toMatchObject({
      code: ErrorNumber.NO_NAME,
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});
