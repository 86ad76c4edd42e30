import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { connect as dial } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type EventClass, eventNames } from "../../src/api/events/names.js";
import { Handle } from "../../src/api/handle.js";
import {
  ConnectionError,
  connect,
  DomainBlockCopyFlags,
  DomainCreateFlags,
  DomainEventID,
  DomainMetadataType,
  DomainModificationImpact,
  DomainUndefineFlagsValues,
  type EventMap,
  type EventName,
  LibvirtError,
} from "../../src/index.js";
import { qemuDomainXML, testDomainXML } from "../support/fixtures.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { type Observed, Observer, type Registration } from "../support/observer.js";
import { servers, type TestDriver, testDrivers } from "../support/test-drivers.js";
import { run } from "../unit/rpc/child.js";

let libvirtd: Libvirtd;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
});

afterAll(() => libvirtd.stop());

/** Every event that libvirt 12.8 has, but QEMU's own and the connection's. */
const all: readonly Registration[] = (Object.keys(eventNames) as EventClass[]).flatMap((of) =>
  eventNames[of].map((_, event): Registration => [of, event]),
);

const nameOf = ([of, event]: Registration) =>
  (of === "qemu" ? "qemu.monitor" : `${of}.${eventNames[of as EventClass][event as number]}`) as EventName;

/** An event of ours as the C client's callback has it: its arguments, without our names for numbers. */
function asObserved(registration: Registration, event: object): Observed {
  const [object, ...given] = Object.values(withoutNames(event)).map(plain);
  return { event: registration, object: object as Observed["object"], arguments: given };
}

/** `{ event: 2, eventName: "STARTED" }` is `{ event: 2 }`. */
function withoutNames(fields: object): object {
  const isName = (key: string) => key.endsWith("Name") && key.slice(0, -4) in fields;
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !isName(key)));
}

/** A value as Python has it in JSON: an object of libvirt's by what identifies it, a pair in a list as a list. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => Object.values(item));
  if (value instanceof Handle) return value.toJSON();
  return Object.fromEntries(Object.entries(withoutNames(value)).map(([key, item]) => [key, plain(item)]));
}

/** Everything that a daemon tells, as we hear it and as the C client does. */
async function listenTwice(uri: string, registrations: readonly Registration[]) {
  const observer = new Observer(uri, registrations);
  const refused = await observer.registered;
  const conn = await connect(uri);
  const heard: Observed[] = [];
  const refusals = await Promise.all(
    registrations.map(async (registration) => {
      try {
        await conn.on(nameOf(registration), (event) => heard.push(asObserved(registration, event)));
        return null;
      } catch (error) {
        if (!(error instanceof LibvirtError)) throw error;
        return [error.code, error.domain];
      }
    }),
  );
  return {
    conn,
    heard,
    refusals,
    observer,
    refused,
    /** The names of what we have heard so far. */
    names: () => heard.map(({ event }) => nameOf(event)),
    async [Symbol.asyncDispose]() {
      await conn.close();
      await observer[Symbol.asyncDispose]();
    },
  };
}

/** Has something expected that other processes will see to. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 30_000 });

const times = (count: number, name: EventName) => new Array<EventName>(count).fill(name);

const poolXML = (name: string, path: string) =>
  `<pool type="dir"><name>${name}</name><target><path>${path}</path></target></pool>`;

const hbaXML = `<device><parent>scsi_host1</parent>
  <capability type="scsi_host"><capability type="fc_host">
    <wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn>
  </capability></capability></device>`;

/** Where a private daemon keeps images; seen from here that is in its directory. */
const images = "/var/lib/libvirt/images";

/** Different drivers of a daemon send their events when each of them gets to it. */
const byClass = (events: readonly Observed[]) =>
  events.toSorted(({ event: [one] }, { event: [other] }) => (one < other ? -1 : Number(one > other)));

/** What libvirt 9.0, the C client's and the daemon's, knows of all these. */
const known = all.filter(([of, event]) =>
  of === "domain"
    ? Number(event) <= DomainEventID.MEMORY_DEVICE_SIZE_CHANGE
    : of !== "network" || event === 0,
);
const newer = all.filter((registration) => !known.includes(registration));

type Both = Awaited<ReturnType<typeof listenTwice>>;

/** Waits until we have heard at least so much. */
const heardAtLeast = (both: Both, atLeast: readonly EventName[]) =>
  eventually(() => missing(atLeast, both.names())).toEqual([]);

/** Waits until both have heard the same, in the same order, and at least so much. */
async function heardAlike(both: Both, atLeast: readonly EventName[]) {
  await heardAtLeast(both, atLeast);
  // Both must have come to the end: what there is may still become more.
  await vi.waitFor(() => expect(byClass(both.heard)).toEqual(byClass(both.observer.events)), 30_000);
}

function missing(wanted: readonly EventName[], names: readonly EventName[]): EventName[] {
  const rest = [...names];
  return wanted.filter((name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

describe.each(servers)("the test driver, by %s, beside other clients", (_, start) => {
  let daemon: TestDriver;

  beforeAll(async () => {
    daemon = await start();
  });

  afterAll(() => daemon.stop());

  test("tells us what it tells the C client", async () => {
    await using both = await listenTwice(daemon.uri("test"), known);
    const { conn } = both;
    expect(both.refusals).toEqual(both.refused);

    const domain = await conn.domainDefineXML(testDomainXML({ name: "told" }));
    await domain.create();
    await domain.suspend();
    await domain.resume();
    await domain.setMetadata(DomainMetadataType.TITLE, "a title", null, null);
    await domain.setMetadata(DomainMetadataType.ELEMENT, "<x/>", "x", "urn:x");
    await domain.snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>");
    await domain.destroy();
    await domain.undefineFlags(DomainUndefineFlagsValues.SNAPSHOTS_METADATA);

    const network = await conn.networkDefineXML("<network><name>told</name></network>");
    await network.create();
    await network.destroy();
    await network.undefine();

    const pool = await conn.storagePoolDefineXML(poolXML("told", "/nowhere"));
    await pool.build();
    await pool.create();
    await pool.refresh();
    await pool.destroy();
    await pool.delete();
    await pool.undefine();

    const device = await conn.nodeDeviceCreateXML(hbaXML);
    await device.destroy();

    await heardAlike(both, [
      ...times(6, "domain.lifecycle"),
      ...times(2, "domain.metadataChange"),
      ...times(4, "network.lifecycle"),
      ...times(6, "storagePool.lifecycle"),
      "storagePool.refresh",
      ...times(2, "nodeDevice.lifecycle"),
    ]);
  });

  test("keeps a process running as long as it listens, and no longer", async () => {
    const child = run(
      `const conn = await connect(uri);
      const stop = new AbortController();
      await conn.on("connection.close", () => {});
      await conn.on("domain.lifecycle", ({ domain }) => {
        say(domain.name);
        stop.abort();
      }, { signal: stop.signal });
      say("listening");`,
      daemon.uri("test"),
    );
    expect(await child.line()).toBe('"listening"');
    await using conn = await connect(daemon.uri("test"));
    const domain = await conn.domainDefineXML(testDomainXML({ name: "awaited" }));
    await domain.undefine();
    expect(await child.ended).toEqual({
      code: 0,
      signal: null,
      lines: ['"listening"', '"awaited"'],
      stderr: "",
    });
  });

  test("does not hide a mistake in a handler, which ends a process as any other would", async () => {
    const child = run(
      `const conn = await connect(uri);
      await conn.on("domain.lifecycle", () => { throw new Error("my own mistake"); });
      say("listening");`,
      daemon.uri("test"),
    );
    await child.line();
    await using conn = await connect(daemon.uri("test"));
    const domain = await conn.domainDefineXML(testDomainXML({ name: "mistaken" }));
    await domain.undefine();
    const { code, stderr } = await child.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("my own mistake");
  });
});

test("libvirt 9's test driver does not know what is newer than it", async () => {
  await using conn = await connect(libvirtd.uri("test"));
  for (const registration of newer) {
    await expect(conn.on(nameOf(registration), () => {})).rejects.toThrow(LibvirtError);
  }
  expect(newer.map(nameOf)).toEqual([
    "domain.nicMacChange",
    "domain.vcpuRemoved",
    "domain.channelLifecycle",
    "network.metadataChange",
  ]);
});

describe.each(testDrivers)("the test driver, by %s", (_, start) => {
  let daemon: TestDriver;

  beforeAll(async () => {
    daemon = await start();
  });

  afterAll(() => daemon.stop());

  test("tells of one object to those who ask for one", async () => {
    await using conn = await connect(daemon.uri("test"));
    const [one, other] = await Promise.all(
      ["one", "other"].map((name) => conn.domainDefineXML(testDomainXML({ name }))),
    );
    const heard: string[] = [];
    const log = (who: string) => (event: EventMap["domain.lifecycle"]) =>
      void heard.push(`${who}: ${event.domain.name} ${event.eventName}`);
    await conn.on("domain.lifecycle", log("on"), { domain: one! });
    const id = await conn.domainEventRegisterAny(other!, DomainEventID.LIFECYCLE, log("any"));
    await conn.domainEventRegister(log("all"));
    await other!.create();
    await one!.create();
    await conn.domainEventDeregisterAny(id);
    await other!.destroy();
    await one!.destroy();
    await eventually(() => heard.length).toBeGreaterThanOrEqual(7);
    expect(heard.filter((line) => line.startsWith("on"))).toEqual(["on: one STARTED", "on: one STOPPED"]);
    expect(heard.filter((line) => line.startsWith("any"))).toEqual(["any: other STARTED"]);
    expect(heard.filter((line) => line.startsWith("all"))).toEqual([
      "all: other STARTED",
      "all: one STARTED",
      "all: other STOPPED",
      "all: one STOPPED",
    ]);
    await Promise.all([one!.undefine(), other!.undefine()]);
  });

  test("takes subscribing and unsubscribing without a pause, and is left with no registration", async () => {
    await using conn = await connect(daemon.uri("test"));
    const handler = vi.fn();
    const ready: Promise<void>[] = [];
    for (let round = 0; round < 100; round++) {
      ready.push(conn.on("domain.lifecycle", handler));
      if (round % 3 === 0) await sleep(1);
      conn.off("domain.lifecycle", handler);
    }
    await Promise.all(ready);
    // It would refuse this if it had a registration still.
    const heard: string[] = [];
    await conn.on("domain.lifecycle", ({ domain }) => heard.push(domain.name));
    const domain = await conn.domainDefineXML(testDomainXML({ name: "churn" }));
    await eventually(() => heard).toEqual(["churn"]);
    expect(handler).not.toHaveBeenCalled();
    await domain.undefine();
  });

  test("sends 10,000 events: none is lost, all are in order, and nobody waits for who sleeps", async () => {
    const uri = daemon.uri("test");
    await using conn = await connect(uri);
    await using other = await connect(uri);
    const total = 10_000;
    const short = (event: EventMap["domain.lifecycle"]) => `${event.domain.name} ${event.eventName}`;
    const awake: string[] = [];
    const elsewhere: string[] = [];
    const domains = await Promise.all(
      Array.from({ length: 64 }, (_, at) => conn.domainCreateXML(testDomainXML({ name: `burst-${at}` }))),
    );

    await conn.on("domain.lifecycle", (event) => awake.push(short(event)));
    await other.on("domain.lifecycle", (event) => elsewhere.push(short(event)));
    await using asleep = conn.events("domain.lifecycle", { limit: total });
    await using forgetful = conn.events("domain.lifecycle", { limit: 100, overflow: "dropOldest" });
    await Promise.all([asleep.ready, forgetful.ready]);

    let left = total / 2;
    await Promise.all(
      domains.map(async (domain) => {
        while (left-- > 0) {
          await domain.suspend();
          await domain.resume();
        }
      }),
    );
    await eventually(() => Math.min(awake.length, elsewhere.length)).toBe(total);

    expect(awake).toEqual(elsewhere);
    for (const { name } of domains) {
      const mine = awake.filter((line) => line.startsWith(`${name} `));
      expect(mine.length).toBeGreaterThan(0);
      expect(mine).toEqual(mine.map((_, at) => `${name} ${at % 2 === 0 ? "SUSPENDED" : "RESUMED"}`));
    }
    expect(forgetful.dropped).toBe(total - 100);
    const last: string[] = [];
    for await (const event of forgetful) if (last.push(short(event)) === 100) break;
    expect(last).toEqual(awake.slice(-100));
    const woken: string[] = [];
    for await (const event of asleep) if (woken.push(short(event)) === total) break;
    expect(woken).toEqual(awake);
    await Promise.all(domains.map((domain) => domain.destroy()));
  });
});

describe("a daemon that goes away", () => {
  test("ends all subscriptions with the reason", async () => {
    await using mortal = await startLibvirtd();
    await using conn = await connect(mortal.uri("test"));
    const closes: (string | undefined)[] = [];
    await conn.on("connection.close", ({ reasonName }) => closes.push(reasonName));
    const stream = conn.events("domain.lifecycle");
    await stream.ready;
    const taking = expect(stream.next()).rejects.toThrow(ConnectionError);
    await mortal.kill();
    await taking;
    expect(closes).toEqual(["EOF"]);
    await expect(conn.on("domain.lifecycle", () => {})).rejects.toThrow(ConnectionError);
  });
});

describe("QEMU", () => {
  test("tells us what it tells the C client, of a guest and of all that it needs", async () => {
    const registrations: Registration[] = [...known, ["qemu", null]];
    await using both = await listenTwice(libvirtd.uri("qemu"), registrations);
    const { conn } = both;
    expect(both.refusals).toEqual(both.refused);
    const folder = join(libvirtd.directory, "lib/images");
    await mkdir(folder);
    for (const name of ["disk.raw", "cd.iso"]) await writeFile(join(folder, name), new Uint8Array(2 ** 20));

    const secret = await conn.secretDefineXML(
      "<secret><usage type='volume'><volume>/told</volume></usage></secret>",
    );
    await secret.setValue(new TextEncoder().encode("hush"));
    await secret.undefine();

    const pool = await conn.storagePoolDefineXML(poolXML("told", images));
    await pool.create();
    await pool.refresh();
    await pool.destroy();
    await pool.undefine();

    const network = await conn.networkDefineXML("<network><name>told</name></network>");
    await network.undefine();

    const guest = await conn.domainDefineXML(
      qemuDomainXML({
        name: "told",
        devices: `<disk type="file"><source file="${images}/disk.raw"/><target dev="vda"/></disk>
          <disk type="file" device="cdrom"><source file="${images}/cd.iso"/><target dev="hdc"/></disk>
          <graphics type="vnc"><listen type="socket" socket="${images}/vnc"/></graphics>`,
      }),
    );
    await guest.setMetadata(DomainMetadataType.TITLE, "told", null, null, DomainModificationImpact.CONFIG);
    await guest.createWithFlags(DomainCreateFlags.START_PAUSED);
    await guest.resume();
    await guest.suspend();
    await guest.reset();
    await guest.setBlockIoTune("vda", { total_bytes_sec: 2n ** 30n });
    await guest.updateDeviceFlags('<disk type="file" device="cdrom"><target dev="hdc"/></disk>');
    const viewer = dial(join(folder, "vnc"));
    await once(viewer, "data");
    // QEMU tells of the viewer's leaving when it notices, and it may be gone before that: each is awaited.
    await heardAtLeast(both, times(1, "domain.graphics"));
    viewer.destroy();
    await heardAtLeast(both, times(2, "domain.graphics"));
    await guest.blockCopy(
      "vda",
      `<disk type="file"><source file="${images}/copy.raw"/><driver type="raw"/></disk>`,
      {},
      DomainBlockCopyFlags.TRANSIENT_JOB,
    );
    await heardAtLeast(both, ["domain.blockJob2"]);
    await guest.blockJobAbort("vda");
    await guest.save(`${images}/saved`);
    await guest.undefine();
    await heardAlike(both, [
      ...times(2, "secret.lifecycle"),
      "secret.valueChanged",
      ...times(4, "storagePool.lifecycle"),
      "storagePool.refresh",
      ...times(2, "network.lifecycle"),
      ...times(7, "domain.lifecycle"),
      "domain.metadataChange",
      "domain.reboot",
      "domain.tunable",
      ...times(2, "domain.trayChange"),
      ...times(2, "domain.graphics"),
      ...times(2, "domain.blockJob"),
      ...times(2, "domain.blockJob2"),
      "domain.migrationIteration",
      "domain.jobCompleted",
      ...times(10, "qemu.monitor"),
    ]);
  });
});
