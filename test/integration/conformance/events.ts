import { beforeAll, describe, expect, it } from "vitest";
import { normalise, PythonLibvirt } from "../../support/differential.js";
import { qemuDomainXML, testDomainXML } from "../../support/fixtures.js";
import { align } from "./align.js";
import { type Both, type Call, parts } from "./both.js";
import { type Driver, uuidFor, type World } from "./world.js";

/** Both clients' callbacks, and what they were called with. */
interface Recorded {
  readonly callback: Both;
  /** That many events, when they have come; the C client's in our form. */
  take(count: number): Promise<{ readonly ours: unknown; readonly theirs: unknown }>;
}

export function eventScenarios(world: () => World): void {
  describe("events", () => {
    // Of its own, because libvirt wants its event loop before the first connection.
    let python: PythonLibvirt;
    let qemu: Both;
    const testDrivers = new Map<Driver, Both>();

    beforeAll(async () => {
      python = new PythonLibvirt();
      await python.call("libvirt_events.start");
      for (const driver of ["test", "ours"] as const) {
        testDrivers.set(driver, await world().connect(driver, { python }));
      }
      qemu = await world().connect("qemu", { python });
      return () => python.close();
    });

    async function record(conn: Both): Promise<Recorded> {
      const events: object[] = [];
      const recorder = await python.object("libvirt_events.Recorder");
      return {
        callback: conn.with((event: object) => events.push(event), recorder, recorder),
        take: async (count) => {
          await expect.poll(() => recorder.call("count")).toBe(count);
          await expect.poll(() => events.length).toBe(count);
          const theirs = normalise(await recorder.call("take"));
          const ours = events.splice(0).map((event) => normalise(withoutNames(event)));
          return { ours, theirs: align(theirs, ours) };
        },
      };
    }

    /** Registers both, has our client do what brings one event a call, and ends the registrations. */
    async function compare(
      conn: Both,
      of: string,
      args: readonly unknown[],
      happening: readonly [target: Both, ...calls: readonly Call[]],
    ): Promise<void> {
      const { callback, take } = await record(conn);
      const named = of.endsWith("MonitorEvent") ? "" : "Any";
      const id = await conn.each([`virConnect${of}Register${named}`, ...args, callback]);
      const [target, ...calls] = happening;
      for (const call of calls) {
        const [c, ...rest] = parts(call);
        await target.callOurs(c, rest);
      }
      const { ours, theirs } = await take(calls.length);
      expect.soft(ours, of).toEqual(theirs);
      await conn.read([`virConnect${of}Deregister${named}`, id]);
    }

    const each = it.each(["test", "ours"] as const);

    each("of domains are the same (%s)", async (driver) => {
      const test = testDrivers.get(driver)!;
      const xml = testDomainXML({ name: "eventful", uuid: uuidFor("eventful") });
      await test.change(["virDomainCreateXML", xml, 0]);
      const domain = await test.find("virDomainLookupByName", "eventful");
      await compare(test, "DomainEvent", [null, 0], [domain, "virDomainSuspend", "virDomainResume"]);
      await compare(test, "DomainEvent", [domain, 0], [domain, "virDomainSuspend", "virDomainResume"]);

      const { callback, take } = await record(test);
      await test.read(["virConnectDomainEventRegister", callback]);
      await domain.callOurs("virDomainDestroy", []);
      const { ours, theirs } = await take(1);
      expect.soft(ours).toEqual(theirs);
      await test.read(["virConnectDomainEventDeregister", callback]);
    });

    each("of what else there is are the same (%s)", async (driver) => {
      const test = testDrivers.get(driver)!;
      const network = `<network><name>eventful</name><uuid>${uuidFor("eventful")}</uuid></network>`;
      await compare(test, "NetworkEvent", [null, 0], [test, ["virNetworkCreateXML", network]]);
      const pool = `<pool type="dir"><name>eventful</name><uuid>${uuidFor("eventful")}</uuid>
        <target><path>/eventful</path></target></pool>`;
      await compare(test, "StoragePoolEvent", [null, 0], [test, ["virStoragePoolCreateXML", pool, 0]]);
      const device = `<device><parent>scsi_host1</parent><capability type="scsi_host">
        <capability type="fc_host"><wwnn>2000000012341235</wwnn><wwpn>1000000012341235</wwpn></capability>
      </capability></device>`;
      await compare(test, "NodeDeviceEvent", [null, 0], [test, ["virNodeDeviceCreateXML", device, 0]]);
    });

    it("of secrets are the same", async () => {
      const secret = `<secret><uuid>${uuidFor("eventful")}</uuid><usage type="ceph"><name>e</name></usage></secret>`;
      await compare(qemu, "SecretEvent", [null, 0], [qemu, ["virSecretDefineXML", secret, 0]]);
    });

    it("of QEMU's monitor are the same", async () => {
      const xml = qemuDomainXML({ name: "eventful", uuid: uuidFor("eventful") });
      await qemu.change(["virDomainCreateXML", xml, 0]);
      const domain = await qemu.find("virDomainLookupByName", "eventful");
      await compare(qemu, "DomainQemuMonitorEvent", [domain, "STOP"], [domain, "virDomainSuspend"]);
    });

    each("of the connection's end can be asked for, and its keepalive (%s)", async (driver) => {
      const test = testDrivers.get(driver)!;
      const { callback } = await record(test);
      await test.read(
        ["virConnectRegisterCloseCallback", callback],
        ["virConnectUnregisterCloseCallback", callback],
        ["virConnectSetKeepAlive", 30, 5],
      );
    });
  });
}

function withoutNames(event: object): unknown {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !name.endsWith("Name")));
}
