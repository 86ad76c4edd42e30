import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LibvirtError } from "../../src/errors.js";
import { normalise, outcome, PythonLibvirt, PythonLibvirtError, sameError } from "../support/differential.js";
import { qemuDomainXML, testDomainXML } from "../support/fixtures.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

const INTERNAL_ERROR = 1;
const OPERATION_DENIED = 29;
const NO_DOMAIN = 42;
const DRIVER_QEMU = 10;
const DRIVER_TEST = 12;

let python: PythonLibvirt;

beforeAll(() => {
  python = new PythonLibvirt();
});

afterAll(() => python.close());

describe("a private libvirtd", () => {
  it("serves each of its addresses, under the host name it was given", async () => {
    await using libvirtd = await startLibvirtd({ tcp: true, hostname: "virtwire-a" });
    const addresses = [
      libvirtd.uri("test"),
      libvirtd.uri("qemu"),
      libvirtd.uri("test", { transport: "tcp" }),
      libvirtd.uri("qemu", { transport: "tcp" }),
    ];
    for (const address of addresses) {
      const conn = await python.open(address);
      expect(await conn.call("getHostname")).toBe("virtwire-a");
      await conn.call("close");
    }
    const { stdout } = await promisify(execFile)("virt-admin", [
      "--connect",
      `libvirtd:///system?socket=${libvirtd.adminSocketPath}`,
      "server-list",
    ]);
    expect(stdout).toContain("libvirtd");
  });

  it("refuses changes on the socket for readers", async () => {
    await using libvirtd = await startLibvirtd();
    const conn = await python.open(libvirtd.uri("test", { readonly: true }));
    const refused = conn.call("defineXML", testDomainXML({ name: "new" }));
    await expect(refused).rejects.toMatchObject({ fields: { code: OPERATION_DENIED } });
  });

  it("keeps guests over a restart and over a crash, and ends them when it is stopped", async () => {
    await using libvirtd = await startLibvirtd();
    const { pid, directory } = libvirtd;
    const before = await python.open(libvirtd.uri("qemu"));
    const guest = await before.object("createXML", qemuDomainXML({ name: "survivor" }), 0);
    const { id } = guest.identity;
    const namespace = await readlink(`/proc/${pid}/ns/mnt`);

    await libvirtd.restart();
    expect(libvirtd.pid).not.toBe(pid);
    await libvirtd.kill();
    expect(() => libvirtd.pid).toThrow("does not run");
    await libvirtd.start();

    const after = await python.open(libvirtd.uri("qemu"));
    expect(await after.object("lookupByName", "survivor")).toMatchObject({ identity: { id } });
    expect(await processesIn(namespace)).toContain("qemu-system-x86");
    await libvirtd.stop();
    expect(await processesIn(namespace)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  it("leaves nothing behind when the process that started it is killed", async () => {
    const { child, pid, directory } = await startInAnotherProcess();
    const namespace = await readlink(`/proc/${pid}/ns/mnt`);
    child.kill("SIGKILL");
    await expect.poll(() => processesIn(namespace)).toEqual([]);
    await expect.poll(() => existsSync(directory)).toBe(false);
  });

  it("reports the daemon's own words when it does not start", async () => {
    const start = startLibvirtd({ conf: { max_clients: "many" } });
    await expect(start).rejects.toThrow(/unsigned integer for 'max_clients'/);
  });
});

describe("the differential harness", () => {
  const uuid = "0f4ab6e2-5e5c-4f4c-9d3b-2f6f1c1d7a10";
  let libvirtd: Libvirtd;

  beforeAll(async () => {
    libvirtd = await startLibvirtd();
  });

  afterAll(() => libvirtd.stop());

  it("carries every kind of value both ways", async () => {
    const values = [
      null,
      true,
      0,
      -1,
      1.5,
      9007199254740993n,
      -(2n ** 63n),
      2n ** 64n - 1n,
      "žluťoučký \u{1f40e}",
      new Uint8Array([0, 255, 10]),
      [[], [1, [2]]],
      { cpu_shares: 1024, nested: { value: 2n ** 62n } },
    ];
    expect(await python.call("copy.copy", values)).toEqual(values);
  });

  it("names the objects of the test driver by what they stand for", async () => {
    const conn = await python.open(libvirtd.uri("test"));
    const domain = await conn.object("defineXML", testDomainXML({ name: "a <&> b", uuid, vcpus: 2 }));
    expect(normalise(domain)).toEqual({ class: "Domain", name: "a <&> b", uuid, id: -1 });
    expect(normalise(await domain.call("connect"))).toEqual({ class: "Connect" });
    expect(normalise(await conn.call("lookupByUUIDString", uuid))).toEqual(normalise(domain));
    // The test driver's CPU time is the clock's.
    expect(await domain.call("info")).toEqual([5, 8192, 8192, 2, expect.any(BigInt)]);
    expect(normalise(await conn.call("listAllStoragePools"))).toEqual([
      { class: "StoragePool", name: "default-pool", uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
  });

  it("drives a real guest", async () => {
    const conn = await python.open(libvirtd.uri("qemu"));
    const domain = await conn.object("createXML", qemuDomainXML({ name: "guest", uuid }), 0);
    expect(domain.identity).toMatchObject({ name: "guest", uuid, id: expect.any(Number) });
    expect(await python.call("libvirt_qemu.qemuMonitorCommand", domain, "info name", 1)).toBe("guest\r\n");
    await domain.call("destroy");
    expect(await conn.call("numOfDomains")).toBe(0);
  });

  it("tells libvirt's errors field by field", async () => {
    const test = await python.open(libvirtd.uri("test"));
    const qemu = await python.open(libvirtd.uri("qemu"));
    const noDomain = await outcome(qemu.call("lookupByName", "nobody"));
    expect(noDomain).toEqual({
      error: {
        code: NO_DOMAIN,
        domain: DRIVER_QEMU,
        level: 2,
        message: "Domain not found: no domain with matching name 'nobody'",
        str1: "Domain not found: %s",
        str2: "no domain with matching name 'nobody'",
        str3: null,
        int1: -1,
        int2: -1,
      },
    });
    const running = await test.object("lookupByName", "test");
    const invalid = await outcome(running.call("create"));
    expect(invalid).toMatchObject({ error: { code: INTERNAL_ERROR, domain: DRIVER_TEST } });
  });

  it("passes equal errors, and no others", async () => {
    const conn = await python.open(libvirtd.uri("test"));
    const theirs = await conn.call("lookupByName", "nobody").catch((error: unknown) => error);
    if (!(theirs instanceof PythonLibvirtError)) throw theirs;
    const { fields } = theirs;
    sameError(new LibvirtError(fields), theirs);
    for (const [name, value] of Object.entries(fields)) {
      const other = typeof value === "number" ? value + 1 : `${value}!`;
      expect(() => sameError(new LibvirtError({ ...fields, [name]: other }), theirs), name).toThrow();
    }
  });

  it("does not take a mistake in the test for an outcome", async () => {
    const conn = await python.open(libvirtd.uri("test"));
    await expect(outcome(conn.call("noSuchMethod"))).rejects.toThrow("noSuchMethod");
    await expect(outcome(Promise.reject(new TypeError("ours")))).rejects.toThrow(TypeError);
  });

  it("gives up calls in flight when it is closed", async () => {
    const other = new PythonLibvirt();
    const call = other.call("time.sleep", 600);
    const [result] = await Promise.allSettled([call, other.close()]);
    expect(result).toMatchObject({ status: "rejected" });
    await expect(other.call("libvirt.getVersion")).rejects.toThrow("ended");
  });
});

/** The names of the programs that run in a mount namespace. */
async function processesIn(namespace: string): Promise<string[]> {
  const names: string[] = [];
  for (const pid of await readdir("/proc")) {
    // Other processes may end while we look.
    if ((await readlink(`/proc/${pid}/ns/mnt`).catch(() => "")) !== namespace) continue;
    names.push((await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim());
  }
  return names;
}

/** A process that starts a libvirtd and stays. */
async function startInAnotherProcess(): Promise<{ child: ChildProcess; pid: number; directory: string }> {
  const module = new URL("../support/libvirtd.ts", import.meta.url).href;
  const program = `
    const { startLibvirtd } = await import(${JSON.stringify(module)});
    const { pid, directory } = await startLibvirtd();
    console.log(JSON.stringify({ pid, directory }));`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return { child, ...JSON.parse(line) };
}
