import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Connection, connect, type Domain } from "../../src/index.js";
import * as remote from "../../src/protocol/generated/remote.js";
import { compareDrivers } from "../support/both-drivers.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

// What domains tell of themselves and what is done to their guests, on libvirt's test driver and on ours.

let libvirtd: Libvirtd;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
});

afterAll(() => libvirtd.stop());

const xml = `<domain type="test"><name>told</name><uuid>0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9a12</uuid>
  <memory>8192</memory><currentMemory>4096</currentMemory><iothreads>1</iothreads><os><type>hvm</type></os>
  <devices>
    <disk type="file" device="cdrom"><target dev="hdc"/></disk>
    <disk type="file" device="disk"><source file="/one"/><target dev="vda"/></disk>
    <disk type="file" device="disk"><source file="/two"/><target dev="vdb"/></disk>
    <disk type="file" device="disk"><source file="/two"/><target dev="vdc"/></disk>
    <interface type="bridge"><source bridge="br0"/><mac address="52:54:00:0a:0b:0c"/></interface>
    <memballoon model="virtio"/>
  </devices></domain>`;

type Take = (call: () => Promise<unknown>) => Promise<void>;

/** Runs the scene with a domain that is off, and with one that runs. */
function withDomain(scene: (domain: Domain, take: Take, conn: Connection) => Promise<void>) {
  return compareDrivers(libvirtd, async (conn, take, get) => {
    const domain = await get(() => conn.domainDefineXML(xml));
    await scene(domain, take, conn);
    await take(() => domain.create());
    await scene(domain, take, conn);
    await take(() => domain.destroy());
    await take(() => domain.undefine());
  });
}

/** What grows in time is compared in what kind of thing it is. */
async function kinds(call: Promise<object>) {
  return Object.entries(await call).map(([name, value]) => [name, typeof value]);
}

test("disks and interfaces tell the same", async () => {
  await withDomain(async (domain, take, conn) => {
    for (const disk of ["vda", "hdc", "/one", "/two", "vdz", ""]) {
      await take(() => kinds(domain.blockStats(disk)));
      await take(() => domain.getBlockInfo(disk));
    }
    for (const device of ["testnet0", "52:54:00:0a:0b:0c", "nobody"]) {
      await take(() => kinds(domain.interfaceStats(device)));
    }
    await take(() => domain.getDiskErrors());
    for (const maxerrors of [0, 2, 9, 999]) {
      await take(() => conn.call(remote.domainGetDiskErrors, { dom: domain.ref, maxerrors, flags: 0 }));
    }
  });
});

test("memory and CPUs tell the same", async () => {
  await withDomain(async (domain, take, conn) => {
    await take(() => domain.memoryStats());
    await take(() => conn.call(remote.domainMemoryStats, { dom: domain.ref, maxStats: 3, flags: 0 }));
    await take(() => conn.call(remote.domainMemoryStats, { dom: domain.ref, maxStats: 2000, flags: 0 }));
    await take(() => domain.memoryPeek(250n, 10, 1));
    await take(() => domain.memoryPeek(3n, 2, 2));
    await take(() => domain.memoryPeek(0n, 10, 3));
    await take(() => domain.memoryPeek(0n, 10, 0));
    for (const [nparams, startCpu, ncpus] of [
      ...[
        [0, -1, 1],
        [3, -1, 1],
        [1, -1, 1],
        [2, -1, 1],
        [9, -1, 1],
        [3, -1, 2],
        [17, -1, 1],
      ],
      ...[
        [0, 0, 0],
        [0, 0, 1],
        [2, 0, 1],
        [2, 0, 2],
        [1, 1, 1],
        [2, 1, 4],
        [2, 2, 1],
        [2, -2, 1],
        [2, 0, 0],
      ],
      [1, 0, 200],
    ] as [number, number, number][]) {
      const args = { dom: domain.ref, nparams, startCpu, ncpus, flags: 4 };
      await take(() => conn.call(remote.domainGetCpuStats, args));
    }
    await take(() => domain.getCPUStats(-1));
  });
});

test("statistics of all domains are the same", async () => {
  await withDomain(async (domain, take, conn) => {
    for (const stats of [0, 1, 512, 2047, 1 << 30]) {
      await take(() => conn.getAllDomainStats(stats));
      await take(() => conn.getAllDomainStats(stats, 1 << 31));
    }
    for (const flags of [1, 2, 4, 8, 16, 32, 64, 128, 1 << 8, 1 << 29, 1 << 30]) {
      await take(() => conn.getAllDomainStats(0, flags));
    }
    await take(() => conn.domainListGetStats([domain], 0));
    await take(() => domain.getMessages());
    await take(() => domain.getMessages(1));
    await take(() => domain.getMessages(8));
  });
});

test("guests do and tell the same", async () => {
  await withDomain(async (domain, take) => {
    await take(() => domain.getFSInfo());
    await take(() => domain.getFSInfo(1));
    await take(() => domain.fsFreeze(["/"]));
    await take(() => domain.fsFreeze(["/", "/boot"]));
    await take(() => domain.fsThaw(["/boot", "/home"]));
    await take(() => domain.fsThaw(["/boot"]));
    await take(() => domain.fsFreeze([]));
    await take(() => domain.fsThaw([]));
    await take(() => domain.fsThaw([], 1));
    await take(() => domain.fsTrim(null, 0n));
    await take(() => domain.fsTrim("/", 0n));
    await take(() => domain.fsTrim("/home", 0n));
    await take(() => domain.setUserPassword("me", "secret"));
    await take(() => domain.setUserPassword("me", "secret", 1));
    await take(() => domain.setUserPassword("me", "secret", 2));
    await take(() => domain.injectNMI());
    await take(() => domain.injectNMI(1));
    for (const set of [0, 1, 3, 5, 6, 7, 8, 9]) {
      for (const key of [0, 30, 96, 127, 255, 266, 378, 525, 57361])
        await take(() => domain.sendKey(set, 0, [1, key]));
    }
    for (const [pid, signal] of [
      [1n, 0],
      [1n, 9],
      [2n, 9],
      [1n, 64],
      [1n, 65],
      [-1n, 1],
    ] as const) {
      await take(() => domain.sendProcessSignal(pid, signal));
    }
    await take(() => domain.getSecurityLabel());
    await take(() => domain.getLaunchSecurityInfo());
    await take(() => domain.getHostname());
    await take(() => domain.getTime());
    // These are others' than the test driver's.
    await take(() => domain.getGuestInfo(0));
    await take(() => domain.getGuestVcpus());
    await take(() => domain.getJobInfo());
    await take(() => domain.abortJob());
    await take(() => domain.authorizedSSHKeysGet("me"));
  });
});

test("CPU models are looked up the same", async () => {
  await compareDrivers(libvirtd, async (conn, take) => {
    // How many there are grows with each libvirt.
    await take(async () =>
      (await conn.getCPUModelNames("x86_64"))
        .filter((name) => /^(4|q|Con|Has.*X$)/.test(name))
        .filter((name) => !/-v\d/.test(name)),
    );
    for (const arch of ["ppc64", "aarch64", "s390x", "sparc", "z80"])
      await take(() => conn.getCPUModelNames(arch));
    await take(() => conn.getCPUModelNames("ppc64", 1));
  });
});

test("a guest's screen is a picture", async () => {
  for (const uri of ["test:///default", libvirtd.uri("test")]) {
    await using conn = await connect(uri);
    const screenshot = await (await conn.domainLookupByName("test")).screenshot(0);
    const picture = await buffer(screenshot);
    expect(screenshot.mime).toBe("image/png");
    expect(picture.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    expect(picture.subarray(-8, -4).toString()).toBe("IEND");
  }
});

test("interfaces have the same addresses", async () => {
  const network = (name: string, more: string) => `<network><name>${name}</name>${more}</network>`;
  await compareDrivers(libvirtd, async (conn, take) => {
    await take(async () => (await conn.domainLookupByName("test")).interfaceAddresses(0));
    await conn.networkCreateXML(
      network("six", '<ip family="ipv6" address="2001:db8:ca2:2::1" prefix="64"/>'),
    );
    await conn.networkCreateXML(network("plain", '<ip address="10.1.255.254" netmask="255.255.0.0"/>'));
    const nics = ["six", "plain", "default"].map(
      (name, at) =>
        `<interface type="network"><mac address="52:54:00:00:00:0${at}"/><source network="${name}"/></interface>`,
    );
    const bridged =
      '<interface type="bridge"><mac address="52:54:00:00:00:0a"/><source bridge="b"/></interface>';
    const domain = await conn.domainDefineXML(
      xml.replace(/<interface.*<\/interface>/, `${nics.join("")}${bridged}`),
    );
    await take(() => domain.interfaceAddresses(0));
    await take(() => domain.create());
    for (const source of [0, 1, 2, 3]) await take(() => domain.interfaceAddresses(source));
    await take(() => domain.interfaceAddresses(0, 1));
    await domain.destroy();
    await take(async () => {
      const lost = await conn.domainDefineXML(
        xml.replace(/type="bridge"><source bridge="br0"/, 'type="network"><source network="gone"'),
      );
      await lost.create();
      return lost.interfaceAddresses(0);
    });
    await domain.destroy();
    await domain.undefine();
    for (const name of ["six", "plain"]) await (await conn.networkLookupByName(name)).destroy();
  });
});
