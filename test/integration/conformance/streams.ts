import { openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import {
  type Domain,
  StorageVolDownloadFlags,
  StorageVolUploadFlags,
  StreamRecvFlagsValues,
} from "../../../src/index.js";
import { qemuDomainXML, testDomainXML } from "../../support/fixtures.js";
import { Each } from "./both.js";
import { images, uuidFor, type World } from "./world.js";

const { STOP_AT_HOLE } = StreamRecvFlagsValues;
const text = Buffer.from("something to keep, ".repeat(100));

export function streamScenarios(world: () => World): void {
  describe("streams and descriptors", () => {
    /** An open file, for each client to give away. */
    async function descriptor(): Promise<Each> {
      return new Each(
        openSync("/dev/null", "r"),
        undefined,
        await world().python.call("os.open", "/dev/null", 0),
      );
    }

    it("fill a volume and empty it the same way", async () => {
      const conn = await world().driver("qemu");
      await conn.change([
        "virStoragePoolCreateXML",
        `<pool type="dir"><name>streams</name><uuid>${uuidFor("streams")}</uuid>
            <target><path>${images}</path></target></pool>`,
        0,
      ]);
      const pool = await conn.find("virStoragePoolLookupByName", "streams");
      await pool.change([
        "virStorageVolCreateXML",
        "<volume><name>streamed</name><capacity>65536</capacity></volume>",
        0,
      ]);
      const volume = await pool.find("virStorageVolLookupByName", "streamed");

      const upload = await volume.make(["virStorageVolUpload", 0n, 0n, 0]);
      await upload.change(["virStreamSend", text], ["virStreamSend", text], "virStreamFinish");
      const sparse = await volume.make([
        "virStorageVolUpload",
        8192n,
        0n,
        StorageVolUploadFlags.SPARSE_STREAM,
      ]);
      await sparse.change(["virStreamSend", text], ["virStreamSendHole", 20000n, 0], "virStreamFinish");
      const aborted = await volume.make(["virStorageVolUpload", 0n, 0n, 0]);
      await aborted.change("virStreamAbort");
      const [ours, theirs] = await Promise.all(
        world()
          .imagePaths("streamed")
          .map((path) => readFile(path)),
      );
      expect(ours!.equals(theirs!)).toBe(true);
      expect(ours!.subarray(0, 2 * text.length)).toEqual(Buffer.concat([text, text]));

      const download = await volume.make(["virStorageVolDownload", 0n, 3000n, 0]);
      await download.change(
        ["virStreamRecv", 1000],
        ["virStreamRecvFlags", 2000, 0],
        ["virStreamRecv", 1000],
        "virStreamFinish",
      );
      const { SPARSE_STREAM } = StorageVolDownloadFlags;
      const holes = await volume.make(["virStorageVolDownload", 8192n, 0n, SPARSE_STREAM]);
      for (let turn = 0; turn < 3; turn++) {
        await holes.change(["virStreamRecvFlags", 65536, STOP_AT_HOLE], ["virStreamRecvHole", 0]);
      }
      await holes.change("virStreamAbort");
      await volume.read(["virStorageVolUpload", 0n, 0n, 99], ["virStorageVolDownload", 1n << 62n, 0n, 0]);
      await pool.change("virStoragePoolDestroy");
    });

    it.each(["test", "ours"] as const)("show the same screen (%s)", async (driver) => {
      const conn = await world().driver(driver);
      const domain = await conn.find("virDomainLookupByName", "test");
      const screen = await domain.make(["virDomainScreenshot", 0, 0]);
      await screen.change(["virStreamRecv", 262_144], "virStreamAbort");
      await domain.read(["virDomainScreenshot", 99, 0]);

      const shown = await (domain.ours as Domain).screenshot();
      const stream = await domain.theirs
        .object("connect")
        .then((connection) => connection.object("newStream", 0));
      expect(shown.mime).toBe(await domain.theirs.call("screenshot", stream, 0, 0));
      shown.destroy();
    });

    it("open the same consoles and channels", async () => {
      const conn = await world().driver("qemu");
      const devices = `<serial type="pty"/>
        <graphics type="vnc"><listen type="socket" socket="${images}/display"/></graphics>
        <channel type="unix"><target type="virtio" name="org.example.0"/></channel>`;
      await conn.change([
        "virDomainCreateXML",
        qemuDomainXML({ name: "talker", uuid: uuidFor("talker"), devices }),
        0,
      ]);
      const domain = await conn.find("virDomainLookupByName", "talker");
      for (const call of [
        ["virDomainOpenConsole", null, 0],
        ["virDomainOpenChannel", "org.example.0", 0],
      ] as const) {
        const stream = await domain.make(call);
        await stream.change(["virStreamSend", Buffer.from("hello")], "virStreamAbort");
      }
      await domain.read(["virDomainOpenConsole", "nonsense", 0], ["virDomainOpenChannel", "nonsense", 0]);
      await domain.change(
        ["virDomainOpenGraphicsFD", 0, 0],
        ["virDomainOpenGraphicsFD", 9, 0],
        ["virDomainOpenGraphics", 0, await descriptor(), 0],
        ["virDomainQemuMonitorCommandWithFiles", '{"execute":"query-name"}', [], 0],
        [
          "virDomainQemuMonitorCommandWithFiles",
          '{"execute":"getfd","arguments":{"fdname":"some"}}',
          [await descriptor()],
          0,
        ],
        ["virDomainFDAssociate", "some", [await descriptor()], 0],
        "virDomainDestroy",
      );
    });

    it.each(["test", "ours"] as const)("hand over the same files (%s)", async (driver) => {
      const conn = await world().driver(driver);
      const xml = (name: string) => testDomainXML({ name, uuid: uuidFor(name) });
      await conn.change(
        ["virDomainDefineXML", xml("filed")],
        ["virDomainCreateXMLWithFiles", xml("files"), [await descriptor()], 0],
      );
      const domain = await conn.find("virDomainLookupByName", "filed");
      await domain.change(["virDomainCreateWithFiles", [await descriptor()], 0], ["virDomainGetState", 0]);
    });
  });
}
