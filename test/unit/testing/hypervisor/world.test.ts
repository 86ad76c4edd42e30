import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../../../src/index.js";
import { createTestHypervisor, type WorldSource } from "../../../../src/testing/index.js";

const domainXml = `
<domain type="test"><name>web</name><memory unit="MiB">64</memory><os><type>hvm</type></os></domain>`;
const worldXml = `<node>${domainXml}</node>`;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-world-"));
  await writeFile(join(directory, "node.xml"), worldXml);
});

afterAll(() => rm(directory, { recursive: true }));

describe("a world", () => {
  test("is that of test:///default if left out, and a new one for each hypervisor", async () => {
    await using one = await createTestHypervisor();
    await using two = await createTestHypervisor();
    expect(one.uri).not.toBe(two.uri);
    await using inOne = await connect(one.uri);
    await (await inOne.domainLookupByName("test")).destroy();
    await using inTwo = await connect(two.uri);
    expect(await (await inTwo.domainLookupByName("test")).isActive()).toBe(true);
    await using shared = await connect("test:///default");
    expect(await (await shared.domainLookupByName("test")).isActive()).toBe(true);
  });

  test("stays when nobody is connected", async () => {
    await using hypervisor = await createTestHypervisor();
    {
      await using conn = await connect(hypervisor.uri);
      await (await conn.domainLookupByName("test")).destroy();
    }
    await using conn = await connect(hypervisor.uri);
    expect(await (await conn.domainLookupByName("test")).isActive()).toBe(false);
  });

  test.each<[string, () => WorldSource]>([
    ["XML", () => worldXml],
    ["a file's path", () => ({ file: join(directory, "node.xml") })],
    ["a file's URL", () => ({ file: pathToFileURL(join(directory, "node.xml")) })],
    ["XML in a description", () => ({ domains: [domainXml] })],
    ["a description", () => ({ domains: [{ name: "web", memoryMiB: 64 }] })],
  ])("is made of %s", async (_what, world) => {
    await using hypervisor = await createTestHypervisor({ world: world() });
    await using conn = await connect(hypervisor.uri);
    const domains = await conn.listAllDomains();
    expect(domains.map(({ name }) => name)).toEqual(["web"]);
    expect(await domains[0]?.getInfo()).toMatchObject({ state: 1, maxMem: 65_536n, nrVirtCpu: 1 });
  });

  test("has what is described", async () => {
    const disk = `<disk type="file"><source file="/web.img"/><target dev="vda" bus="virtio"/></disk>`;
    const uuid = "0e9e2c34-6f3c-4d33-a3a5-5a1d3a2a7d10";
    const capabilities = `<capability type="net"><interface>eth0</interface></capability>`;
    await using hypervisor = await createTestHypervisor({
      world: {
        domains: [
          { name: "web", uuid, vcpus: 4, devices: disk },
          { name: "off", state: "shutoff" },
          { name: "brief", state: "paused", transient: true },
        ],
        networks: [{ name: "lan", address: "10.1.2.1/24" }, "<network><name>bare</name></network>"],
        storagePools: [
          {
            name: "images",
            path: "/srv/images",
            volumes: [
              { name: "web.qcow2", capacityMiB: 2048, allocationMiB: 1, format: "qcow2" },
              { name: "data.raw" },
              "<volume><name>small</name><capacity>1</capacity></volume>",
            ],
          },
          { name: "iso", uuid },
          `<pool type="mpath"><name>paths</name><target><path>/dev/mapper</path></target></pool>`,
        ],
        interfaces: [{ name: "eth0", mac: "52:54:00:00:00:01", address: "10.0.0.5/8", mtu: 9000 }],
        nodeDevices: [{ name: "net_eth0", parent: "computer", capabilities }],
        others: ["<cpu><mhz>2800</mhz></cpu>"],
      },
    });
    await using conn = await connect(hypervisor.uri);
    const [web, off, brief] = await conn.listAllDomains();
    expect(web?.uuid).toBe(uuid);
    expect(await web?.getXMLDesc()).toContain("/web.img");
    expect(await web?.getInfo()).toMatchObject({ nrVirtCpu: 4, maxMem: 524_288n });
    expect([await off?.isActive(), await brief?.isPersistent()]).toEqual([false, false]);
    expect(hypervisor.guest("brief").state).toBe("PAUSED");
    expect((await conn.listAllNetworks()).map(({ name }) => name)).toEqual(["lan", "bare"]);
    const lan = await conn.networkLookupByName("lan");
    expect(await lan.getXMLDesc()).toMatch(/address=['"]10\.1\.2\.1['"] prefix=['"]24['"]/);
    expect((await conn.nodeGetInfo()).mhz).toBe(2800);
    const pools = await conn.listAllStoragePools();
    expect(pools.map(({ name }) => name)).toEqual(["images", "iso", "paths"]);
    expect(pools[1]?.uuid).toBe(uuid);
    const volumes = await pools[0]!.listAllVolumes();
    expect(volumes.map(({ key }) => key)).toEqual(
      ["web.qcow2", "data.raw", "small"].map((name) => `/srv/images/${name}`),
    );
    expect(await volumes[0]?.getInfo()).toMatchObject({ capacity: 2048n << 20n, allocation: 1n << 20n });
    expect(await volumes[0]?.getXMLDesc()).toContain("<format type='qcow2'/>");
    expect(await volumes[1]?.getInfo()).toMatchObject({ capacity: 1n << 30n, allocation: 1n << 30n });
    const eth0 = await conn.interfaceLookupByMACString("52:54:00:00:00:01");
    expect([eth0.name, await eth0.isActive()]).toEqual(["eth0", true]);
    expect(await eth0.getXMLDesc()).toMatch(/<mtu size='9000'\/>.*<ip address='10.0.0.5' prefix='8'\/>/s);
    const [device] = await conn.listAllNodeDevices();
    expect([device?.name, await device?.getParent(), await device?.listCaps()]).toEqual([
      "net_eth0",
      "computer",
      ["net"],
    ]);
  });

  test.each<[unknown, string]>([
    [5, "world: XML, an object that describes it, or { file } is wanted"],
    [null, "world: XML"],
    [
      { domain: [] },
      "world: there are no domain, but domains, networks, storagePools, interfaces, nodeDevices, others",
    ],
    [{ domains: {} }, "world.domains: a list is wanted"],
    [{ domains: [{}] }, "world.domains: each has to have a name"],
    [{ networks: [{ name: "" }] }, "world.networks: each has to have a name"],
    [{ storagePools: [{}] }, "world.storagePools: each has to have a name"],
    [{ storagePools: [{ name: "images", volumes: {} }] }, "world.storagePools: volumes of images: a list"],
    [{ storagePools: [{ name: "images", volumes: [{}] }] }, "world.storagePools.volumes: each has to have"],
    [{ interfaces: [{ name: "eth0" }] }, "world.interfaces: eth0 has to have a mac"],
    [{ nodeDevices: [{ name: "pci_1" }] }, "world.nodeDevices: pci_1 has to have capabilities"],
    [{ domains: [{ name: "web", state: "asleep" }] }, "web cannot be asleep, only running, "],
  ])("cannot be %j", async (world, message) => {
    const refused = createTestHypervisor({ world: world as string });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(TypeError);
  });

  test.each<[WorldSource, string]>([
    ["<domain/>", "expecting root element of 'node', not 'domain'"],
    ["no XML", "(world)"],
    [{ domains: [{ name: "web", devices: "<disk>" }] }, "(world)"],
    [{ domains: [{ name: "web" }, { name: "web" }] }, "web"],
    [{ file: "/nonexistent.xml" }, "/nonexistent.xml"],
  ])("is refused as libvirt does: %j", async (world, message) => {
    const refused = createTestHypervisor({ world });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ name: "DriverError" });
  });

  test("is the only option", async () => {
    await expect(createTestHypervisor({ wolrd: {} } as object)).rejects.toThrow("There is no option wolrd");
  });
});

describe("other programs", () => {
  test("reach the same world by a socket, and the same script", async () => {
    await using hypervisor = await createTestHypervisor();
    const path = join(directory, "sock");
    await using served = await hypervisor.serve({ listen: `unix:${path}` });
    expect(served.addresses).toEqual([`unix:${path}`]);
    await using far = await connect(`test+unix:///default?socket=${path}`);
    await using near = await connect(hypervisor.uri);
    await (await near.domainLookupByName("test")).suspend();
    const domain = await far.domainLookupByName("test");
    expect((await domain.getInfo()).state).toBe(3);
    hypervisor.dropAt("Domain.resume", "midReply");
    await expect(domain.resume()).rejects.toThrow("in the middle of a message");
    hypervisor.stop();
    await near.closed;
    await expect(connect(`test+unix:///default?socket=${path}`)).rejects.toMatchObject({
      name: "ConnectionError",
    });
    hypervisor.start();
    await using again = await connect(`test+unix:///default?socket=${path}`);
    await expect(connect(`test+unix:///other.xml?socket=${path}`)).rejects.toMatchObject({
      codeName: "NO_CONNECT",
    });
    await hypervisor.close();
    expect(await again.closed).toMatchObject({ reason: "eof" });
  });
});
