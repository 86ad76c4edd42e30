import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Connection, connect } from "../../src/index.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

const MiB = 2 ** 20;
const size = 4096 * MiB;
/** How much more memory than before a transfer may take, whatever its length. */
const mostMemory = 100 * MiB;

let libvirtd: Libvirtd;
let conn: Connection;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
  conn = await connect(libvirtd.uri("qemu"));
});

afterAll(async () => {
  await conn.close();
  await libvirtd.stop();
});

/** Bytes of which no two MiB are equal, so that none can be lost, doubled or mixed up without being noticed. */
function* numberedBlocks(): Generator<Buffer> {
  const pattern = createHash("shake256", { outputLength: MiB }).update("blocks").digest();
  for (let block = 0; block < size / MiB; block++) {
    const bytes = Buffer.from(pattern);
    bytes.writeUInt32BE(block, (block * 4) % MiB);
    yield bytes;
  }
}

/** Looks again and again at how much memory the process takes, until it is told to stop. */
function watchMemory(): () => number {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  return () => {
    clearInterval(timer);
    return most - before;
  };
}

test("4 GiB go up and come down as they were, in little memory, while calls are answered", {
  timeout: 300_000,
}, async () => {
  await mkdir(join(libvirtd.directory, "lib/pool"));
  const pool = await conn.storagePoolCreateXML(
    "<pool type='dir'><name>pool</name><target><path>/var/lib/libvirt/pool</path></target></pool>",
  );
  const vol = await pool.storageVolCreateXML(
    `<volume><name>large</name><capacity unit="bytes">${size}</capacity><allocation>0</allocation></volume>`,
  );
  let transferring = true;
  let calls = 0;
  const calling = (async () => {
    for (; transferring; calls++) await conn.getHostname({ timeoutMs: 30_000 });
  })();

  const sent = createHash("sha256");
  const blocks = function* () {
    for (const bytes of numberedBlocks()) {
      sent.update(bytes);
      yield bytes;
    }
  };
  const memoryOfUpload = watchMemory();
  await pipeline(Readable.from(blocks(), { objectMode: false, highWaterMark: MiB }), await vol.upload());
  expect(memoryOfUpload()).toBeLessThan(mostMemory);

  const received = createHash("sha256");
  const memoryOfDownload = watchMemory();
  const download = await vol.download();
  for await (const bytes of download) received.update(bytes);
  expect(memoryOfDownload()).toBeLessThan(mostMemory);
  expect(download.bytesTransferred).toBe(BigInt(size));
  expect(received.digest("hex")).toBe(sent.digest("hex"));

  transferring = false;
  await calling;
  expect(calls).toBeGreaterThan(100);
  await vol.delete();
});
