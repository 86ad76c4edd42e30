import { once } from "node:events";
import { closeSync, fstatSync, openSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type CallOptions,
  type Connection,
  connect,
  connectAdmin,
  type Domain,
  DomainState,
  TimeoutError,
  UnsupportedError,
} from "../../src/index.js";
import { qemuDomainXML } from "../support/fixtures.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

let daemon: Libvirtd;
let conn: Connection;
let guest: Domain;

beforeAll(async () => {
  daemon = await startLibvirtd({ tcp: true });
  conn = await connect(daemon.uri("qemu"));
  const devices = '<graphics type="vnc" autoport="yes" listen="127.0.0.1"/>';
  guest = await conn.domainCreateXML(qemuDomainXML({ name: "descriptors", devices }));
});

afterAll(async () => {
  await guest?.destroy();
  await conn?.close();
  await daemon?.stop();
});

/** A file with some content, opened for reading and writing. */
function openImage(name: string, content = Buffer.alloc(1 << 20, 7)): number {
  const path = join(daemon.directory, name);
  writeFileSync(path, content);
  return openSync(path, "r+");
}

const openDescriptors = async () => (await readdir("/proc/self/fd")).length;

describe("a descriptor from the daemon", () => {
  test("leads to the guest's display", async () => {
    const socket = await guest.openGraphicsFD(0);
    const [greeting] = await once(socket, "data");
    expect(String(greeting)).toMatch(/^RFB 003\.\d{3}\n/);
    socket.write(greeting);
    const [security] = await once(socket, "data");
    expect(security[0]).toBeGreaterThan(0);
    socket.destroy();
  });

  test("comes for each of many calls, and is not left behind", async () => {
    const before = await openDescriptors();
    for (let i = 0; i < 20; i++) {
      const socket = await guest.openGraphicsFD(0);
      const closed = once(socket, "close");
      socket.destroy();
      await closed;
    }
    expect(await openDescriptors()).toBe(before);
  });

  test("comes with libvirt's own error where there is no display", async () => {
    await expect(guest.openGraphicsFD(7)).rejects.toMatchObject({
      name: "LibvirtError",
      codeName: "INTERNAL_ERROR",
    });
  });
});

describe("descriptors for the daemon", () => {
  test("go by one connection of their own, however many calls begin at once", async () => {
    const clients = async () => {
      await using admin = await connectAdmin(
        `libvirtd:///system?socket=${encodeURI(daemon.adminSocketPath)}`,
      );
      return (await (await admin.lookupServer("libvirtd")).listClients()).map(({ id }) => id);
    };
    await using fresh = await connect(daemon.uri("qemu"));
    const domain = await fresh.domainLookupByName("descriptors");
    // Told apart by number: those of earlier tests may go at any time.
    const before = await clients();
    const calls = Array.from({ length: 5 }, (_, n) =>
      domain.fdAssociate(`file-${n}`, [openSync("/dev/null", "r")]),
    );
    await Promise.all(calls);
    expect((await clients()).filter((id) => !before.includes(id))).toHaveLength(1);
  });

  test("are a file that a guest's disk lies in", async () => {
    const image = openImage("disk.img");
    const disk = `<disk type="file"><source file="/nowhere/disk.img" fdgroup="mine"/><target dev="vda"/></disk>`;
    const domain = await conn.domainDefineXML(qemuDomainXML({ name: "by-descriptor", devices: disk }));
    await expect(domain.create()).rejects.toMatchObject({ name: "LibvirtError" });
    await domain.fdAssociate("mine", [image]);
    await domain.create();
    expect((await domain.getState()).state).toBe(DomainState.RUNNING);
    const { result } = await domain.qemuMonitorCommandWithFiles('{"execute":"query-block"}');
    expect(JSON.parse(result).return[0].inserted.image["virtual-size"]).toBe(1 << 20);
    await domain.destroy();
    await domain.undefine();
    // It was handed over, so that it is closed here.
    expect(() => fstatSync(image)).toThrow(/EBADF/);
  });

  test("reach QEMU's monitor", async () => {
    const file = openImage("monitor.img");
    const command = JSON.stringify({
      execute: "add-fd",
      arguments: { "fdset-id": 42, opaque: "from virtwire" },
    });
    const { result, files } = await guest.qemuMonitorCommandWithFiles(command, [file]);
    expect(JSON.parse(result).return["fdset-id"]).toBe(42);
    expect(files).toEqual([]);
    const { result: sets } = await guest.qemuMonitorCommandWithFiles('{"execute":"query-fdsets"}');
    expect(JSON.parse(sets).return).toMatchObject([{ "fdset-id": 42, fds: [{ opaque: "from virtwire" }] }]);
    await guest.qemuMonitorCommand('{"execute":"remove-fd","arguments":{"fdset-id":42}}');
  });

  test("that are none are refused before anything is sent", async () => {
    const closed = openImage("closed.img");
    closeSync(closed);
    await expect(guest.fdAssociate("none", [closed])).rejects.toThrow(/^files\[0\]: \d+ is not an open file/);
    await expect(guest.fdAssociate("none", [-1])).rejects.toThrow(RangeError);
    await expect(guest.fdAssociate("many", Array(33).fill(0))).rejects.toThrow(/at most 32/);
    await expect(guest.fdAssociate("no list", undefined as never)).rejects.toThrow(TypeError);
    // What is refused is not taken over, nor is what it was given with.
    const open = openImage("open.img");
    await expect(guest.fdAssociate("mixed", [open, -1])).rejects.toThrow(/^files\[1\]: /);
    expect(fstatSync(open).isFile()).toBe(true);
    closeSync(open);
    // The connection for descriptors is as good as before.
    expect(
      JSON.parse((await guest.qemuMonitorCommandWithFiles('{"execute":"query-status"}')).result),
    ).toHaveProperty("return");
  });

  test("of a driver that has no use for them end in libvirt's error, and closed", async () => {
    const file = openImage("unwanted.img");
    const xml = qemuDomainXML({ name: "with-files" });
    await expect(conn.domainCreateXMLWithFiles(xml, [file])).rejects.toMatchObject({
      codeName: "NO_SUPPORT",
    });
    expect(() => fstatSync(file)).toThrow(/EBADF/);
  });

  test("do not travel over TCP, and are closed all the same", async () => {
    const file = openImage("tcp.img");
    await using far = await connect(daemon.uri("qemu", { transport: "tcp" }));
    const domain = await far.domainLookupByName("descriptors");
    const refused = domain.fdAssociate("mine", [file]);
    await expect(refused).rejects.toThrow(UnsupportedError);
    await expect(refused).rejects.toThrow(/unix sockets only/);
    await expect.poll(() => isOpen(file)).toBe(false);
  });
});

test("closing the connection closes the one for descriptors", async () => {
  const before = await openDescriptors();
  const other = await connect(daemon.uri("qemu"));
  const socket = await (await other.domainLookupByName("descriptors")).openGraphicsFD(0);
  socket.destroy();
  await other.close();
  await expect.poll(openDescriptors).toBe(before);
});

test("calls at the same time take turns", async () => {
  const calls = Array.from({ length: 8 }, () =>
    guest.qemuMonitorCommandWithFiles('{"execute":"query-version"}'),
  );
  for (const { result } of await Promise.all(calls)) expect(JSON.parse(result).return.qemu).toBeDefined();
});

test("calls that the daemon's death leaves without an answer say whether it may have got them", async () => {
  await using mortal = await startLibvirtd();
  await using other = await connect(mortal.uri("qemu"));
  const domain = await other.domainDefineXML(qemuDomainXML({ name: "associated" }));
  const associate = () => domain.fdAssociate("mine", [openImage("mine.img")]);
  await associate();
  process.kill(mortal.pid, "SIGSTOP");
  const calls = Promise.allSettled([associate(), associate()]);
  // By now they are on their way, as far as they get.
  await expect(other.getHostname({ timeoutMs: 100 })).rejects.toThrow(TimeoutError);
  await mortal.kill();
  expect(await calls).toMatchObject([
    { reason: { name: "ConnectionError", sent: true } },
    { reason: { name: "ConnectionError", sent: false } },
  ]);
});

test("a call that is given up has those that wait behind it say that they were not sent", async () => {
  const associate = (options?: CallOptions) => guest.fdAssociate("mine", [openImage("mine.img")], 0, options);
  await associate();
  process.kill(daemon.pid, "SIGSTOP");
  try {
    expect(await Promise.allSettled([associate({ timeoutMs: 100 }), associate()])).toMatchObject([
      { reason: { name: "TimeoutError" } },
      { reason: { name: "ConnectionError", sent: false } },
    ]);
  } finally {
    process.kill(daemon.pid, "SIGCONT");
  }
  await associate();
});

test("a call that waits for others, or for the connection, does so no longer than it may", async () => {
  await using fresh = await connect(daemon.uri("qemu"));
  const other = await fresh.domainLookupByName("descriptors");
  const file = openImage("waiting.img");
  const associate = (domain: Domain, options?: CallOptions) =>
    domain.fdAssociate("mine", [openImage("mine.img")], 0, options);
  await associate(guest);
  process.kill(daemon.pid, "SIGSTOP");
  try {
    const unbounded = [associate(guest), associate(other)];
    await expect(guest.fdAssociate("mine", [file], 0, { timeoutMs: 100 })).rejects.toThrow(TimeoutError);
    await expect.poll(() => isOpen(file)).toBe(false);
    const last = associate(guest);
    await expect(associate(other, { signal: AbortSignal.timeout(100) })).rejects.toThrow("timeout");
    process.kill(daemon.pid, "SIGCONT");
    await Promise.all([...unbounded, last]);
  } finally {
    process.kill(daemon.pid, "SIGCONT");
  }
});

test("a namespace's descriptors cannot come, and that is said", async () => {
  await expect(guest.lxcOpenNamespace()).rejects.toThrow(UnsupportedError);
});

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}
