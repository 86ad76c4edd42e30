import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type Connection,
  ConnectionError,
  connect,
  ErrorNumber,
  LibvirtError,
  receiveFile,
  type StoragePool,
  type StorageVol,
  StorageVolDownloadFlags,
  StorageVolUploadFlags,
  sendFile,
} from "../../src/index.js";
import { type Daemon, daemons } from "../support/daemons.js";

const MiB = 2 ** 20;

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function digestOf(stream: Readable): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

describe.each(daemons)("on %s", (_, start) => {
  let daemon: Daemon;
  let conn: Connection;
  let pool: StoragePool;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "virtwire-streams-"));
    daemon = await start();
    conn = await connect(daemon.uri("qemu"));
    const target = "<target><path>/var/lib/libvirt/pool</path></target>";
    pool = await conn.storagePoolDefineXML(`<pool type="dir"><name>images</name>${target}</pool>`);
    await pool.build();
    await pool.create();
  });

  afterAll(async () => {
    await conn.close();
    await daemon.stop();
    await rm(directory, { recursive: true });
  });

  const path = (name: string) => join(directory, name);

  async function virsh(command: string, vol: StorageVol, file: string, ...options: string[]): Promise<void> {
    const args = ["--connect", daemon.uri("qemu"), command, vol.name, file, "--pool", "images", ...options];
    await promisify(execFile)("virsh", args);
  }

  let created = 0;

  async function createVolume(bytes: number, contents?: Uint8Array): Promise<StorageVol> {
    const vol = await pool.storageVolCreateXML(
      `<volume><name>volume-${++created}</name><capacity unit="bytes">${bytes}</capacity><allocation>0</allocation></volume>`,
    );
    if (contents) {
      await writeFile(path("contents"), contents);
      await virsh("vol-upload", vol, path("contents"));
    }
    return vol;
  }

  /** What is in a volume, by virsh. */
  async function stored(vol: StorageVol): Promise<Buffer> {
    await virsh("vol-download", vol, path("stored"));
    return readFile(path("stored"));
  }

  describe("a volume's bytes", () => {
    test.each([1, 262_119, 262_120, 262_121, 1_000_003, 64 * MiB, 64 * MiB + 13])(
      "go up and come down as they are: %i of them",
      async (size) => {
        const bytes = randomBytes(size);
        const file = path("original");
        await writeFile(file, bytes);
        const vol = await createVolume(size);

        const upload = await vol.upload();
        await pipeline(createReadStream(file), upload);
        expect(upload.bytesTransferred).toBe(BigInt(size));
        expect(digest(await stored(vol))).toBe(digest(bytes));

        expect(await digestOf(await vol.download())).toBe(digest(bytes));
      },
    );

    test("can be had in part", async () => {
      const bytes = randomBytes(1_000_000);
      const vol = await createVolume(bytes.length, bytes);
      const part = await (await vol.download(123_456n, 300_001n)).toArray();
      expect(Buffer.concat(part).equals(bytes.subarray(123_456, 423_457))).toBe(true);
      const tail = await (await vol.download(999_999n)).toArray();
      expect(Buffer.concat(tail).equals(bytes.subarray(999_999))).toBe(true);
      expect(await (await vol.download(1_000_000n)).toArray()).toEqual([]);

      const replaced = randomBytes(200_000);
      await pipeline(Readable.from([replaced]), await vol.upload(500_000n, 200_000n));
      replaced.copy(bytes, 500_000);
      expect((await stored(vol)).equals(bytes)).toBe(true);
    });

    test("that are more than was agreed are refused, at the latest by the end of the pipeline", async () => {
      const vol = await createVolume(MiB);
      const upload = await vol.upload(0n, 1000n);
      await expect(pipeline(Readable.from([randomBytes(300_000)]), upload)).rejects.toBeInstanceOf(
        LibvirtError,
      );
      expect(await conn.getHostname()).not.toBe("");
    });

    test("are counted as they go", async () => {
      const vol = await createVolume(MiB, randomBytes(MiB));
      const progress: bigint[] = [];
      const onProgress = (bytes: bigint) => progress.push(bytes);
      await (await vol.download(0n, 0n, 0, { onProgress })).toArray();
      expect(progress.at(-1)).toBe(BigInt(MiB));
      expect(progress).toEqual(progress.toSorted((a, b) => Number(a - b)));
    });

    test("cannot be had of what is not there, or cannot be", async () => {
      const vol = await createVolume(MiB);
      await vol.delete();
      const missing = { code: ErrorNumber.NO_STORAGE_VOL };
      await expect(vol.download()).rejects.toMatchObject(missing);
      await expect(vol.upload()).rejects.toMatchObject(missing);
      await expect(vol.download(-1n)).rejects.toThrow(RangeError);
      await expect(vol.download(1 as unknown as bigint)).rejects.toThrow(TypeError);
      await expect(vol.upload(0n, 2n ** 64n)).rejects.toThrow(RangeError);
    });
  });

  describe("holes", () => {
    const size = 32 * MiB;
    /** Data in the middle and near the end, and holes before, between and behind. */
    async function sparseFile(name: string): Promise<Buffer> {
      const bytes = Buffer.alloc(size);
      randomBytes(MiB).copy(bytes, 5 * MiB);
      randomBytes(100_000).copy(bytes, 30 * MiB + 4096);
      const file = await open(path(name), "w");
      await file.truncate(size);
      for (const [from, to] of [
        [5 * MiB, 6 * MiB],
        [30 * MiB, 31 * MiB],
      ] as const) {
        await file.write(bytes, from, to - from, from);
      }
      await file.close();
      return bytes;
    }

    const blocks = async (file: string) => (await stat(path(file))).blocks * 512;

    test("stay holes on the way up and on the way down", async () => {
      const bytes = await sparseFile("sparse");
      expect(await blocks("sparse")).toBeLessThan(4 * MiB);
      const vol = await createVolume(size);

      const upload = await vol.upload(0n, 0n, StorageVolUploadFlags.SPARSE_STREAM);
      await sendFile(path("sparse"), upload);
      expect(upload.bytesTransferred).toBe(BigInt(size));
      expect((await stored(vol)).equals(bytes)).toBe(true);
      expect((await vol.getInfo()).allocation).toBeLessThan(4n * BigInt(MiB));

      const download = await vol.download(0n, 0n, StorageVolDownloadFlags.SPARSE_STREAM);
      await receiveFile(download, path("received"));
      expect((await readFile(path("received"))).equals(bytes)).toBe(true);
      expect(await blocks("received")).toBeLessThan(4 * MiB);

      await virsh("vol-download", vol, path("by-virsh"), "--sparse");
      expect((await readFile(path("by-virsh"))).equals(bytes)).toBe(true);
    });

    test("are zeros to whoever does not want to know of them", async () => {
      const bytes = await sparseFile("zeros");
      const vol = await createVolume(size);
      await sendFile(path("zeros"), await vol.upload(0n, 0n, StorageVolUploadFlags.SPARSE_STREAM));
      const sparse = await vol.download(0n, 0n, StorageVolDownloadFlags.SPARSE_STREAM);
      expect(await digestOf(sparse)).toBe(digest(bytes));
      expect(await digestOf(await vol.download())).toBe(digest(bytes));
    });

    test("are known with their lengths", async () => {
      const bytes = await sparseFile("known");
      const vol = await createVolume(size);
      await sendFile(path("known"), await vol.upload(0n, 0n, StorageVolUploadFlags.SPARSE_STREAM));
      const { stream } = await vol.download(0n, 0n, StorageVolDownloadFlags.SPARSE_STREAM);
      let position = 0;
      let holes = 0;
      for await (const segment of stream.segments()) {
        if ("data" in segment) {
          expect(bytes.subarray(position, position + segment.data.length).equals(segment.data)).toBe(true);
          position += segment.data.length;
        } else {
          holes += Number(segment.hole);
          position += Number(segment.hole);
        }
      }
      expect(position).toBe(size);
      expect(holes).toBeGreaterThan(28 * MiB);
    });

    test("are sent as zeros where holes are not wanted", async () => {
      const bytes = await sparseFile("full");
      const vol = await createVolume(size, randomBytes(size));
      await sendFile(path("full"), await vol.upload());
      expect(digest(await stored(vol))).toBe(digest(bytes));
      await receiveFile(await vol.download(), path("full-copy"));
      expect(digest(await readFile(path("full-copy")))).toBe(digest(bytes));
    });

    test("are no concern of a transfer that cannot begin", async () => {
      // More than comes while a busy machine finds out that there is no such folder.
      const vol = await createVolume(64 * MiB);
      const upload = await vol.upload();
      await expect(sendFile(path("missing"), upload)).rejects.toMatchObject({ code: "ENOENT" });
      expect(await upload.stream.closed).toMatchObject({ outcome: "aborted" });
      const download = await vol.download();
      await expect(receiveFile(download, path("missing/file"))).rejects.toMatchObject({ code: "ENOENT" });
      expect(await download.stream.closed).toMatchObject({ outcome: "aborted" });
    });

    test("are no concern of a file that cannot be written", async () => {
      const download = await (await createVolume(64 * MiB)).download();
      await expect(receiveFile(download, "/dev/full")).rejects.toMatchObject({ code: "ENOSPC" });
      expect(await download.stream.closed).toMatchObject({ outcome: "aborted", error: { code: "ENOSPC" } });
    });

    test("become zeros in what cannot have any", async () => {
      const bytes = await sparseFile("for-a-pipe");
      const vol = await createVolume(size);
      await sendFile(path("for-a-pipe"), await vol.upload(0n, 0n, StorageVolUploadFlags.SPARSE_STREAM));
      await promisify(execFile)("mkfifo", [path("pipe")]);
      const received = buffer(createReadStream(path("pipe")));
      const download = await vol.download(0n, 0n, StorageVolDownloadFlags.SPARSE_STREAM);
      await receiveFile(download, path("pipe"));
      expect(digest(await received)).toBe(digest(bytes));
    });
  });

  describe("a daemon", () => {
    test("answers calls while a consumer sleeps, who finds everything when he wakes up, in little memory", async () => {
      const bytes = randomBytes(96 * MiB);
      const vol = await createVolume(bytes.length, bytes);
      const expected = digest(bytes);
      const download = await vol.download();
      const hash = createHash("sha256");
      const iterator = download[Symbol.asyncIterator]();
      hash.update((await iterator.next()).value);
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      for (let calls = 0; calls < 300; calls++) {
        await conn.getHostname();
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      }
      expect(most - before).toBeLessThan(40 * MiB);
      for (;;) {
        const { value, done } = await iterator.next();
        if (done) break;
        hash.update(value);
      }
      expect(hash.digest("hex")).toBe(expected);
      expect(download.bytesTransferred).toBe(BigInt(bytes.length));
    });

    test("tells a sleeper who wakes up too late that the volume has gone", async () => {
      const vol = await createVolume(64 * MiB, randomBytes(64 * MiB));
      const download = await vol.download();
      for (let calls = 0; calls < 300; calls++) await conn.getHostname();
      await vol.delete();
      await expect(digestOf(download)).rejects.toMatchObject({ code: ErrorNumber.NO_STORAGE_VOL });
    });

    test("that dies fails what is under way", async () => {
      const other = await start();
      onTestFinished(() => other.stop());
      await using second = await connect(other.uri("qemu"));
      const target = "<target><path>/var/lib/libvirt/pool</path></target>";
      const pool = await second.storagePoolDefineXML(`<pool type="dir"><name>p</name>${target}</pool>`);
      await pool.build();
      await pool.create();
      const vol = await pool.storageVolCreateXML(
        "<volume><name>v</name><capacity unit='MiB'>64</capacity></volume>",
      );
      const download = await vol.download();
      const upload = await vol.upload();
      const endless = async function* () {
        for (;;) {
          yield randomBytes(1000);
          await sleep(1);
        }
      };
      const stopped = Promise.all([
        expect(pipeline(endless, upload)).rejects.toBeInstanceOf(ConnectionError),
        expect(
          (async () => {
            for await (const _ of download) await sleep(10);
          })(),
        ).rejects.toBeInstanceOf(ConnectionError),
      ]);
      await sleep(50);
      await other.kill();
      await stopped;
    });
  });
});
