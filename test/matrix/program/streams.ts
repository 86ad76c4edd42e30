import { equal, ok, rejects } from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type Connection,
  connect,
  LibvirtError,
  receiveFile,
  type StoragePool,
  StorageVolDownloadFlags,
  StorageVolUploadFlags,
  sendFile,
} from "virtwire";
import type { Check, Scene } from "./check.js";
import { uniqueName } from "./domains.js";
import { bootableGuest } from "./guest.js";

const MiB = 2 ** 20;

/** Only Node has, inside, what passes file descriptors over unix sockets. */
const isNode = process.versions["bun"] === undefined && process.versions["deno"] === undefined;
const descriptorsLack = isNode ? undefined : "this runtime cannot pass file descriptors";

interface Storage {
  readonly conn: Connection;
  readonly pool: StoragePool;
  /** Where a volume, or a file of our own, lies. */
  path(name: string): string;
}

async function withStorage(
  { uris, directory }: Scene,
  act: (storage: Storage) => Promise<void>,
): Promise<void> {
  await using conn = await connect(uris.unix);
  const name = uniqueName("pool");
  const folder = join(directory, name);
  await mkdir(folder);
  const pool = await conn.storagePoolCreateXML(
    `<pool type="dir"><name>${name}</name><target><path>${folder}</path></target></pool>`,
  );
  try {
    await act({ conn, pool, path: (file) => join(folder, file) });
  } finally {
    await pool.destroy();
  }
}

const volumeXML = (name: string, bytes: number) =>
  `<volume><name>${name}</name><capacity unit="bytes">${bytes}</capacity><allocation>0</allocation></volume>`;

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export const streams: readonly Check[] = [
  {
    name: "upload and download of a volume",
    run: (scene) =>
      withStorage(scene, async ({ pool, path }) => {
        const bytes = randomBytes(8 * MiB + 13);
        const vol = await pool.storageVolCreateXML(volumeXML("v", bytes.length));
        await pipeline(Readable.from([bytes.subarray(0, MiB), bytes.subarray(MiB)]), await vol.upload());
        equal(digest(await readFile(path("v"))), digest(bytes));
        const hash = createHash("sha256");
        for await (const chunk of await vol.download()) hash.update(chunk);
        equal(hash.digest("hex"), digest(bytes));
      }),
  },
  {
    name: "a volume's size is exact beyond 32 bits",
    run: (scene) =>
      withStorage(scene, async ({ pool }) => {
        const vol = await pool.storageVolCreateXML(volumeXML("v", 5 * 2 ** 40 + 1));
        equal((await vol.getInfo()).capacity, 5n * 2n ** 40n + 1n);
        await vol.delete();
      }),
  },
  {
    name: "holes stay holes, up and down",
    run: (scene) =>
      withStorage(scene, async ({ pool, path }) => {
        const size = 16 * MiB;
        const file = await open(path("original"), "w");
        await file.truncate(size);
        await file.write(randomBytes(MiB), 0, MiB, 5 * MiB);
        await file.close();
        const vol = await pool.storageVolCreateXML(volumeXML("v", size));
        await sendFile(path("original"), await vol.upload(0n, 0n, StorageVolUploadFlags.SPARSE_STREAM));
        await receiveFile(await vol.download(0n, 0n, StorageVolDownloadFlags.SPARSE_STREAM), path("copy"));
        for (const name of ["v", "copy"]) {
          equal(digest(await readFile(path(name))), digest(await readFile(path("original"))));
          ok((await stat(path(name))).blocks * 512 < 4 * MiB, `${name} has no holes`);
        }
      }),
  },
  {
    name: "a reader that is slow holds back its stream, and no call",
    run: (scene) =>
      withStorage(scene, async ({ conn, pool, path }) => {
        const vol = await pool.storageVolCreateXML(volumeXML("v", 48 * MiB));
        const bytes = randomBytes(48 * MiB);
        await writeFile(path("v"), bytes);
        const hash = createHash("sha256");
        let pieces = 0;
        for await (const chunk of await vol.download()) {
          hash.update(chunk);
          if (pieces++ % 16 === 0) await conn.getHostname();
        }
        equal(hash.digest("hex"), digest(bytes));
      }),
  },
  {
    name: "a download that is left ends at the daemon, and the connection goes on",
    run: (scene) =>
      withStorage(scene, async ({ conn, pool }) => {
        const vol = await pool.storageVolCreateXML(volumeXML("v", 64 * MiB));
        for (let times = 0; times < 10; times++) {
          for await (const _ of await vol.download()) break;
        }
        await conn.getHostname();
      }),
  },
  {
    name: "an upload of too much fails",
    fatal: { libvirt: "11.3", reason: "the daemon crashes of it, with libvirt's own client too: not tried" },
    run: (scene) =>
      withStorage(scene, async ({ pool }) => {
        const vol = await pool.storageVolCreateXML(volumeXML("v", MiB));
        const upload = await vol.upload(0n, 1000n);
        await rejects(pipeline(Readable.from([randomBytes(300_000)]), upload), LibvirtError);
      }),
  },
  {
    name: "a screenshot",
    testDriver: true,
    async run({ uris }) {
      await using conn = await connect(uris.test!);
      const domain = await conn.domainLookupByName("test");
      const picture = await domain.screenshot();
      equal(picture.mime, "image/png");
      const bytes: Buffer = Buffer.concat(await picture.toArray());
      equal(bytes.subarray(1, 4).toString("latin1"), "PNG");
    },
  },
  {
    name: "file descriptors from the daemon: a guest's display",
    runtimeLacks: descriptorsLack,
    async run(scene) {
      await using guest = await bootableGuest(scene, uniqueName("display"));
      await guest.domain.create();
      const socket = await guest.domain.openGraphicsFD(0);
      const [greeting] = (await once(socket, "data")) as [Buffer];
      ok(String(greeting).startsWith("RFB 003."));
      socket.destroy();
    },
  },
  {
    name: "file descriptors for the daemon: a disk by its descriptor",
    since: "9.0",
    runtimeLacks: descriptorsLack,
    async run(scene) {
      await using guest = await bootableGuest(scene, uniqueName("disk"));
      const file = join(scene.directory, `${uniqueName("disk")}.img`);
      await writeFile(file, Buffer.alloc(MiB));
      await guest.domain.fdAssociate("mine", [openSync(file, "r+")]);
    },
  },
];
