import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventNames } from "../../../../src/api/events/names.js";
import { type Connection, connect, type Domain, type EventMap } from "../../../../src/index.js";
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
  hypervisor = await createTestHypervisor({ world: { ...world, networks: [{ name: "lan" }] } });
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
      await heard("nodeDevice.update", () => hypervisor.emit("nodeDevice.update", { device: "pci_1" })),
    ).toMatchObject([{ device: { name: "pci_1" } }]);
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
