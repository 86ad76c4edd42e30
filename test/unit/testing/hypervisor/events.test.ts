import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventNames } from "../../../../src/api/events/names.js";
import { type Connection, connect, type Domain, ErrorNumber, type EventMap } from "../../../../src/index.js";
import type { EmittedEvent } from "../../../../src/testing/hypervisor/emitted.js";
import { createTestHypervisor, type TestHypervisor } from "../../../../src/testing/index.js";

type Emitted = Parameters<TestHypervisor["emit"]>[0];

let hypervisor: TestHypervisor;
let conn: Connection;
let domain: Domain;

beforeEach(async () => {
  const devices = `<disk type="file"><source file="/web.img"/><target dev="vda" bus="virtio"/><alias name="ua-disk"/></disk>`;
  const world = {
    domains: [
      { name: "web", devices },
      { name: "off", state: "shutoff" as const },
    ],
  };
  hypervisor = await createTestHypervisor({
    world: { ...world, networks: [{ name: "lan" }], storagePools: [{ name: "iso" }] },
  });
  conn = await connect(hypervisor.uri);
  domain = await conn.domainLookupByName("web");
});

afterEach(async () => {
  await conn.close();
  await hypervisor.close();
});

/** What is heard of events of a name until all that has been told by now has come. */
async function heard<Name extends Emitted>(name: Name, tell: () => unknown): Promise<EventMap[Name][]> {
  const events: EventMap[Name][] = [];
  await conn.on(name, (event) => events.push(event));
  await tell();
  await conn.getHostname();
  return events;
}

const formatUuidNone = "0e9e2c34-6f3c-4d33-a3a5-5a1d3a2a7d11";
const job = { type: 1, status: 0 };
const ioError = { srcPath: "/web.img", devAlias: "disk0", action: 1 };
const address = { family: 0, node: "127.0.0.1", service: "5900" };
const graphics = { phase: 0, local: address, remote: address, authScheme: "none", subject: [] };

/** An event of every kind that domains have, and what is heard of it beside what is emitted. */
const ofDomains: { readonly [Name in Emitted & `domain.${string}`]: Omit<EmittedEvent<Name>, "domain"> } = {
  "domain.lifecycle": { event: 2, detail: 1 },
  "domain.reboot": {},
  "domain.rtcChange": { utcoffset: 3600n },
  "domain.watchdog": { action: 2 },
  "domain.ioError": ioError,
  "domain.graphics": graphics,
  "domain.ioErrorReason": { ...ioError, reason: "enospc" },
  "domain.controlError": {},
  "domain.blockJob": { disk: "/web.img", ...job },
  "domain.diskChange": { oldSrcPath: "/old.iso", newSrcPath: null, devAlias: "cdrom", reason: 0 },
  "domain.trayChange": { devAlias: "cdrom", reason: 0 },
  "domain.pmWakeup": { reason: 0 },
  "domain.pmSuspend": { reason: 0 },
  "domain.pmSuspendDisk": { reason: 0 },
  "domain.balloonChange": { actual: 65_536n },
  "domain.deviceRemoved": { devAlias: "disk0" },
  "domain.blockJob2": { disk: "vda", ...job },
  "domain.tunable": { params: { "blkdeviotune.disk": "vda", limit: 5n, share: 0.5, on: true, weight: -2 } },
  "domain.agentLifecycle": { state: 1, reason: 0 },
  "domain.deviceAdded": { devAlias: "disk1" },
  "domain.migrationIteration": { iteration: 3 },
  "domain.jobCompleted": { params: { type: 5 } },
  "domain.deviceRemovalFailed": { devAlias: "disk1" },
  "domain.metadataChange": { type: 0, nsuri: null },
  "domain.blockThreshold": { dev: "vda", path: null, threshold: 10n, excess: 1n },
  "domain.memoryFailure": { recipient: 0, action: 0, flags: 0 },
  "domain.memoryDeviceSizeChange": { alias: "virtiomem0", size: 1024n },
  "domain.nicMacChange": { alias: "net0", oldMAC: "52:54:00:00:00:01", newMAC: "52:54:00:00:00:02" },
  "domain.vcpuRemoved": { vcpuid: 3 },
  "domain.channelLifecycle": { channelName: "org.example", state: 1, reason: 1 },
};

describe("an event that is emitted", () => {
  test("can be each that domains have", () => {
    expect(Object.keys(ofDomains).sort()).toEqual(eventNames.domain.map((name) => `domain.${name}`).sort());
  });

  test.each(Object.entries(ofDomains))("is heard as it was: %s", async (name, body) => {
    const about = { domain: "web", ...body } as unknown as EmittedEvent<"domain.lifecycle">;
    const events = await heard(name as "domain.lifecycle", () =>
      hypervisor.emit(name as "domain.lifecycle", about),
    );
    expect(events).toMatchObject([{ ...body, domain: { name: "web", uuid: domain.uuid } }]);
    expect(hypervisor.guest("web").state).toBe("RUNNING");
  });

  test("can be of a network, a pool or a device", async () => {
    const uuid = "0e9e2c34-6f3c-4d33-a3a5-5a1d3a2a7d10";
    const change = { event: 3, detail: 0 };
    expect(
      await heard("network.lifecycle", () =>
        hypervisor.emit("network.lifecycle", { network: "lan", ...change }),
      ),
    ).toMatchObject([{ network: { name: "lan" }, ...change }]);
    const pool = { name: "images", uuid };
    expect(
      await heard("storagePool.refresh", () => hypervisor.emit("storagePool.refresh", { pool })),
    ).toMatchObject([{ pool }]);
    expect(
      await heard("storagePool.refresh", () => hypervisor.emit("storagePool.refresh", { pool: "iso" })),
    ).toMatchObject([{ pool: { name: "iso" } }]);
    expect(
      await heard("nodeDevice.update", () => hypervisor.emit("nodeDevice.update", { device: "pci_1" })),
    ).toMatchObject([{ device: { name: "pci_1" } }]);
  });

  test("can be of a secret, though there are none", async () => {
    const secret = { uuid: "0e9e2c34-6f3c-4d33-a3a5-5a1d3a2a7d10", usageType: 1, usageID: "/web.img" };
    const tell = () => hypervisor.emit("secret.lifecycle", { secret, event: 1, detail: 0 });
    expect(await heard("secret.lifecycle", tell)).toMatchObject([{ secret, event: 1, detail: 0 }]);
    const [{ secret: about } = {}] = await heard("secret.valueChanged", () =>
      hypervisor.emit("secret.valueChanged", { secret: { uuid: secret.uuid } }),
    );
    expect(about).toMatchObject({ uuid: secret.uuid, usageType: 0, usageID: "" });

    const seen: string[] = [];
    const until = new AbortController();
    const only = { secret: about!, signal: until.signal };
    await conn.on("secret.valueChanged", (event) => seen.push(event.secret.usageID), only);
    hypervisor.emit("secret.valueChanged", { secret });
    hypervisor.emit("secret.valueChanged", { secret: { uuid: formatUuidNone } });
    await conn.getHostname();
    until.abort();
    hypervisor.emit("secret.valueChanged", { secret });
    await conn.getHostname();
    expect(seen).toEqual(["/web.img"]);
  });

  test.each([
    ["all", undefined, {}, ["SHUTDOWN", "STOP", "SHUTDOWN"]],
    ["those of a domain", "off", {}, ["SHUTDOWN"]],
    ["those of a name", undefined, { event: "STOP" }, ["STOP"]],
    ["those of a name in any case", undefined, { event: "stop", flags: 2 }, ["STOP"]],
    ["those whose names match", undefined, { event: "^SHUT", flags: 1 }, ["SHUTDOWN", "SHUTDOWN"]],
    ["those whose names match in any case", undefined, { event: "^s.*p$", flags: 3 }, ["STOP"]],
  ])("can be of QEMU's monitor, of which %s are heard", async (_what, name, filter, expected) => {
    const events: string[] = [];
    const about = name === undefined ? null : await conn.domainLookupByName(name);
    await conn.on("qemu.monitor", ({ event }) => events.push(event), { ...filter, domain: about });
    const at = { seconds: 5n, micros: 6, details: null };
    hypervisor.emit("qemu.monitor", { domain: "web", event: "SHUTDOWN", ...at });
    hypervisor.emit("qemu.monitor", { domain: "web", event: "STOP", ...at });
    hypervisor.emit("qemu.monitor", { domain: "off", event: "SHUTDOWN", ...at });
    await conn.getHostname();
    expect(events).toEqual(expected);
  });

  test("of QEMU's monitor has all that QEMU tells, and a mistake in what is wanted of it is refused", async () => {
    const told = { event: "BLOCK_JOB_READY", seconds: 5n, micros: 6, details: '{"device":"vda"}' };
    const tell = () => hypervisor.emit("qemu.monitor", { domain: "web", ...told });
    expect(await heard("qemu.monitor", tell)).toMatchObject([{ domain: { uuid: domain.uuid }, ...told }]);
    await expect(conn.on("qemu.monitor", () => {}, { event: "(", flags: 1 })).rejects.toMatchObject({
      code: ErrorNumber.INVALID_ARG,
    });
  });

  test("can be the end of the hypervisor behind the connection, which goes on", async () => {
    const tell = () => hypervisor.emit("connection.close", { reason: 1 });
    expect(await heard("connection.close", tell)).toMatchObject([{ reason: 1, reasonName: "EOF" }]);
    expect(await domain.isActive()).toBe(true);
  });

  test("can be of a domain that is gone, and is heard only by those who want to hear of it", async () => {
    const off = await conn.domainLookupByName("off");
    const events: string[] = [];
    await conn.on("domain.reboot", ({ domain: about }) => events.push(about.name), { domain: off });
    await off.undefine();
    hypervisor.emit("domain.reboot", { domain });
    hypervisor.emit("domain.reboot", { domain: off });
    await conn.getHostname();
    expect(events).toEqual(["off"]);
  });

  test.each([
    ["domain.nothing", { domain: "web" }, "domain.nothing is no event; there are domain.lifecycle"],
    ["domain.reboot", {}, "domain: a name is wanted"],
    ["domain.reboot", { domain: "none" }, "domain: there is no none in this hypervisor"],
    ["domain.reboot", { domain: { name: "web" } }, "domain: web has no UUID"],
    ["domain.reboot", { domain: { uuid: "1" } }, "domain: it has no name"],
    ["network.lifecycle", { network: "web" }, "network: there is no web in this hypervisor"],
  ])("cannot be %s %j", (name, event, message) => {
    const emit = () => hypervisor.emit(name as "domain.reboot", event as { domain: string });
    expect(emit).toThrow(TypeError);
    expect(emit).toThrow(message);
  });
});

describe("a guest", () => {
  const stopped = (detail: number) => ({ domain: { name: "web" }, event: 5, detail });

  test("crashes", async () => {
    const events = await heard("domain.lifecycle", () => hypervisor.guest("web").crash());
    expect(events).toMatchObject([stopped(2)]);
    expect(await domain.getState()).toMatchObject({ state: 5, reason: 3 });
  });

  test("shuts itself down", async () => {
    const events = await heard("domain.lifecycle", () => hypervisor.guest("web").shutdown());
    expect(events).toMatchObject([stopped(0)]);
    expect(hypervisor.guest("web").state).toBe("SHUTOFF");
  });

  test("reboots", async () => {
    const events = await heard("domain.reboot", () => hypervisor.guest("web").reboot());
    expect(events).toMatchObject([{ domain: { name: "web" } }]);
    expect(hypervisor.guest("web").state).toBe("RUNNING");
  });

  test("lets go of a device", async () => {
    const guest = hypervisor.guest("web");
    const events = await heard("domain.deviceRemoved", () => guest.releaseDevice("ua-disk"));
    expect(events).toMatchObject([{ domain: { name: "web" }, devAlias: "ua-disk" }]);
    expect(await domain.getXMLDesc()).not.toContain("/web.img");
    expect(() => guest.releaseDevice("ua-disk")).toThrow("web has no device with the alias ua-disk");
  });

  test("does nothing where there is none", async () => {
    expect(() => hypervisor.guest("none")).toThrow("There is no domain none in this hypervisor");
    const off = hypervisor.guest("off");
    for (const act of ["crash", "shutdown", "reboot"] as const)
      expect(() => off[act]()).toThrow("off does not run");
    await (await conn.domainLookupByName("off")).undefine();
    expect(() => off.state).toThrow("There is no domain off in this hypervisor");
  });
});
