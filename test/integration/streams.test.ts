import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Duplex, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { finished, pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type Connection,
  connect,
  type Domain,
  DomainConsoleFlags,
  DomainCreateFlags,
  ErrorNumber,
  type LibvirtDuplex,
  LibvirtError,
  type StoragePool,
  type StorageVol,
} from "../../src/index.js";
import { bootSector, greeting, serialGuestXML, turnOff } from "../support/guest.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

const MiB = 2 ** 20;
const poolName = "images";

let libvirtd: Libvirtd;
let conn: Connection;
let pool: StoragePool;

/** Where the daemon keeps a volume, or this test a file of its own. */
const path = (name: string) => join(libvirtd.directory, "lib", name);

async function virsh(...args: string[]): Promise<string> {
  return (await promisify(execFile)("virsh", ["--connect", libvirtd.uri("qemu"), ...args])).stdout;
}

beforeAll(async () => {
  libvirtd = await startLibvirtd();
  conn = await connect(libvirtd.uri("qemu"));
  await mkdir(path("pool"));
  // The daemon sees its directory under another name.
  pool = await conn.storagePoolCreateXML(
    `<pool type="dir"><name>${poolName}</name><target><path>/var/lib/libvirt/pool</path></target></pool>`,
  );
});

afterAll(async () => {
  await conn.close();
  await libvirtd.stop();
});

let created = 0;

async function createVolume(bytes: number, contents?: Uint8Array): Promise<StorageVol> {
  const name = `volume-${++created}`;
  const vol = await pool.storageVolCreateXML(
    `<volume><name>${name}</name><capacity unit="bytes">${bytes}</capacity><allocation>0</allocation></volume>`,
  );
  if (contents) await writeFile(path(`pool/${name}`), contents);
  return vol;
}

const descriptors = async () => (await readdir(`/proc/${libvirtd.pid}/fd`)).length;

/** Waits for what the daemon does behind its answer, such as closing a file. */
async function until(met: () => Promise<boolean>): Promise<void> {
  while (!(await met())) await sleep(20);
}

test("a volume's bytes can be had though its name is in another encoding than UTF-8", async () => {
  const file = Buffer.concat([Buffer.from(path("pool/caf")), Buffer.of(0xe9), Buffer.from(".iso")]);
  await writeFile(file, "from another machine");
  await pool.refresh();
  const volumes = await pool.listAllVolumes();
  const volume = volumes.find(({ name }) => name.endsWith(".iso"))!;
  expect(volume.name).toBe("caf\udce9.iso");
  expect(volumes.map(({ name }) => name).sort()).toEqual([...(await pool.listVolumes())].sort());
  expect(await text(await volume.download())).toBe("from another machine");
  const again = await pool.storageVolLookupByName(volume.name);
  expect(again.equals(volume)).toBe(true);
  await volume.delete();
  await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
});

describe("the daemon", () => {
  test("has no more descriptors after 100 downloads, and 100 that were left", async () => {
    const vol = await createVolume(600_000, randomBytes(600_000));
    await (await vol.download()).toArray();
    const before = await descriptors();
    for (let count = 0; count < 100; count++) await (await vol.download()).toArray();
    for (let count = 0; count < 100; count++) {
      for await (const _ of await vol.download()) break;
    }
    await until(async () => (await descriptors()) <= before);
  });

  test("has none left of uploads that fail or are dropped, and of downloads that come too late", async () => {
    const vol = await createVolume(MiB, randomBytes(MiB));
    // Not the one that is read: a download that we gave up may still be opening it, and so keep others out.
    const written = await createVolume(MiB);
    const before = await descriptors();
    for (let count = 0; count < 10; count++) {
      await pipeline(Readable.from([randomBytes(2000)]), await written.upload(0n, 1000n)).catch(() => {});
      (await written.upload()).destroy();
      const controller = new AbortController();
      const late = vol.download(0n, 0n, 0, { signal: controller.signal });
      await sleep(count % 3);
      controller.abort();
      await late.then(
        (download) => download.stream.closed,
        () => {},
      );
      await vol.download(0n, 0n, 0, { timeoutMs: 0 }).catch(() => {});
    }
    await until(async () => (await descriptors()) <= before);
  });
});

describe("a running guest", () => {
  let guest: Domain;

  beforeAll(async () => {
    const image = "/var/lib/libvirt/boot.img";
    await writeFile(path("boot.img"), Buffer.concat([bootSector(), Buffer.alloc(MiB - 512)]));
    const devices = `<channel type="unix"><target type="virtio" name="org.example.channel"/></channel>`;
    guest = await conn.domainDefineXML(serialGuestXML({ name: "talker", image, devices }));
  });

  afterAll(async () => {
    await guest.destroy().catch(() => {});
  });

  /** Starts the guest; it is stopped when the test is over. */
  async function start(flags: DomainCreateFlags = 0): Promise<void> {
    await guest.createWithFlags(flags);
    onTestFinished(() => guest.destroy().catch(() => {}));
  }

  /** The same with its console, which is open before it says anything: what nobody listens to is lost. */
  async function startWithConsole(): Promise<LibvirtDuplex> {
    await start(DomainCreateFlags.START_PAUSED);
    const serial = await guest.openConsole();
    await guest.resume();
    return serial;
  }

  /** Reads until so much text has come. */
  async function read(from: Readable, text: string): Promise<string> {
    let all = "";
    while (!all.includes(text)) {
      const chunk: Buffer | null = from.read();
      if (chunk) all += chunk.toString("latin1");
      else if (from.readableEnded || from.destroyed) break;
      else await new Promise((resolve) => from.once("readable", resolve));
    }
    return all;
  }

  test("talks on its console, and ends it when it turns itself off", async () => {
    const none = await descriptors();
    const serial = await startWithConsole();
    expect(await read(serial, greeting)).toContain(greeting);
    serial.write("Hello");
    expect(await read(serial, "hELLO")).toBe("hELLO");
    serial.write("a");
    serial.write("B");
    expect(await read(serial, "Ab")).toBe("Ab");
    serial.write(turnOff);
    serial.resume();
    await finished(serial);
    expect(serial.bytesTransferred).toBeGreaterThanOrEqual(BigInt(greeting.length + 15));
    await until(async () => !(await guest.isActive()));
    await until(async () => (await descriptors()) <= none);
  });

  test("talks to web streams as well", async () => {
    const { readable, writable } = Duplex.toWeb(await startWithConsole());
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    const hears = async (text: string) => {
      for (let all = ""; !all.includes(text); ) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the console ended with ${all}`);
        all += Buffer.from(value).toString("latin1");
      }
    };
    await hears(greeting);
    await writer.write(Buffer.from("Hello"));
    await hears("hELLO");
    await writer.write(Buffer.from(turnOff));
    while (!(await reader.read()).done);
    await until(async () => !(await guest.isActive()));
  });

  test("has a console for one at a time, unless he is thrown off", async () => {
    await start();
    const first = await guest.openConsole("serial0");
    const taken = await guest.openConsole(null, DomainConsoleFlags.SAFE).catch((error: unknown) => error);
    expect(taken).toMatchObject({ code: ErrorNumber.OPERATION_FAILED });
    expect(await guest.openConsole("nonsense").catch((error: unknown) => error)).toBeInstanceOf(LibvirtError);
    first.on("error", () => {});
    first.resume();
    const second = await guest.openConsole(null, DomainConsoleFlags.FORCE);
    await first.stream.closed;
    second.write("x");
    expect(await read(second, "X")).toContain("X");
    // Left in good order, it is there for the next.
    second.end();
    second.resume();
    await finished(second);
    const third = await guest.openConsole();
    third.write("y");
    expect(await read(third, "Y")).toContain("Y");
    third.destroy();
  });

  test("has a channel", async () => {
    await start();
    const before = await descriptors();
    for (const name of [null, "org.example.channel"]) {
      const channel = await guest.openChannel(name);
      channel.end("to a guest that does not listen");
      channel.resume();
      await finished(channel);
    }
    await expect(guest.openChannel("nonsense")).rejects.toBeInstanceOf(LibvirtError);
    await until(async () => (await descriptors()) <= before);
  });

  test("shows its screen, as virsh shows it", async () => {
    const serial = await startWithConsole();
    await read(serial, greeting);
    serial.destroy();
    const screenshot = await guest.screenshot();
    expect(screenshot.mime).toMatch(/^image\/(png|x-portable-pixmap)$/);
    const picture = Buffer.concat(await screenshot.toArray());
    await virsh("screenshot", guest.name, path("screen"));
    const theirs = await readFile(path("screen"));
    // The size of the picture; the cursor in it blinks.
    expect(picture.subarray(0, 12)).toEqual(theirs.subarray(0, 12));
    expect(picture.length).toBeGreaterThan(1000);
    await expect(guest.screenshot(99)).rejects.toBeInstanceOf(LibvirtError);
  });

  test("has none of this while it does not run", async () => {
    const stopped = { code: ErrorNumber.OPERATION_INVALID };
    await expect(guest.openConsole()).rejects.toMatchObject(stopped);
    await expect(guest.openChannel()).rejects.toMatchObject(stopped);
    await expect(guest.screenshot()).rejects.toMatchObject(stopped);
  });
});
