import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Connection,
  connect,
  type Domain,
  DomainState,
  ErrorNumber,
  TimeoutError,
} from "../../src/index.js";
import { testDomainXML } from "../support/fixtures.js";
import { type TestDriver, testDrivers } from "../support/test-drivers.js";

describe.each(testDrivers)("on %s", (_, start) => {
  let daemon: TestDriver;
  let conn: Connection;

  beforeAll(async () => {
    daemon = await start();
    conn = await connect(daemon.uri("test"));
  });

  afterAll(async () => {
    await conn?.close();
    await daemon?.stop();
  });

  /** A defined domain that the test has to itself. */
  async function define(name: string): Promise<Domain> {
    return conn.domainDefineXML(testDomainXML({ name }));
  }

  describe("waitForState", () => {
    test("returns at once where the state is there", async () => {
      const domain = await define("there");
      await domain.waitForState(DomainState.SHUTOFF);
      await domain.undefine();
    });

    test("waits for no state that there is none of", async () => {
      const domain = await conn.domainLookupByName("test");
      for (const state of ["running", undefined, 1.5]) {
        await expect(domain.waitForState(state as never)).rejects.toThrow(TypeError);
      }
    });

    test("notices what another connection does", async () => {
      const domain = await define("waited-for");
      await using other = await connect(daemon.uri("test"));
      const theirs = await other.domainLookupByName("waited-for");
      const running = domain.waitForState(DomainState.RUNNING);
      const paused = domain.waitForState(DomainState.PAUSED);
      await theirs.create();
      await running;
      await theirs.suspend();
      await paused;
      const off = domain.waitForState(DomainState.SHUTOFF);
      await theirs.destroy();
      await off;
      await domain.undefine();
    });

    test("counts a transient domain that is gone as shut off, and as nothing else", async () => {
      const domain = await conn.domainCreateXML(testDomainXML({ name: "transient" }));
      const off = domain.waitForState(DomainState.SHUTOFF);
      const paused = domain.waitForState(DomainState.PAUSED);
      const failure = expect(paused).rejects.toMatchObject({ code: ErrorNumber.NO_DOMAIN });
      await domain.destroy();
      await off;
      await failure;
    });

    test("gives up at the deadline, and by the signal with its reason", async () => {
      const domain = await define("idle");
      const late = domain.waitForState(DomainState.RUNNING, { timeoutMs: 50 });
      await expect(late).rejects.toThrow(TimeoutError);
      await expect(late).rejects.toThrow(/waiting for idle to be RUNNING/);
      const controller = new AbortController();
      const aborted = domain.waitForState(DomainState.RUNNING, { signal: controller.signal });
      const reason = new Error("changed my mind");
      controller.abort(reason);
      await expect(aborted).rejects.toBe(reason);
      await domain.undefine();
    });

    test("ends with the connection", async () => {
      const domain = await define("forgotten");
      await using other = await connect(daemon.uri("test"));
      const waiting = (await other.domainLookupByName("forgotten")).waitForState(DomainState.RUNNING);
      const failure = expect(waiting).rejects.toThrow(/closed/);
      await other.close();
      await failure;
      await domain.undefine();
    });
  });

  describe("lists by filters", () => {
    const names = async (objects: AsyncIterable<{ readonly name: string }>) => {
      const found: string[] = [];
      for await (const { name } of objects) found.push(name);
      return found.sort();
    };

    test("domains", async () => {
      const [active, paused, off] = [
        await define("f-active"),
        await define("f-paused"),
        await define("f-off"),
      ];
      await active.create();
      await paused.create();
      await paused.suspend();
      await off.setAutostart(true);
      const filtered = async (filter: Parameters<Connection["domains"]>[0]) =>
        (await names(conn.domains(filter))).filter((name) => name.startsWith("f-"));
      expect(await filtered({})).toEqual(["f-active", "f-off", "f-paused"]);
      expect(await filtered({ active: true })).toEqual(["f-active", "f-paused"]);
      expect(await filtered({ active: false })).toEqual(["f-off"]);
      expect(await filtered({ state: ["paused", "shutoff"] })).toEqual(["f-off", "f-paused"]);
      expect(await filtered({ autostart: true, active: undefined })).toEqual(["f-off"]);
      expect(await filtered({ persistent: false })).toEqual([]);
      for (const domain of [active, paused]) await domain.destroy();
      for (const domain of [active, paused, off]) await domain.undefine();
    });

    test("everything else that can be listed", async () => {
      expect(await names(conn.networks({ active: true }))).toEqual(["default"]);
      expect(await names(conn.networks({ active: false }))).toEqual([]);
      expect(await names(conn.storagePools({ active: true }))).toEqual(["default-pool"]);
      expect(await names(conn.interfaces({ active: true }))).toEqual(["eth1"]);
      expect(await names(conn.nodeDevices({ capability: ["system"] }))).toEqual(["computer"]);
    });

    test("a filter that cannot be is refused before anything is sent", async () => {
      const first = (filter: object) => conn.domains(filter as never).next();
      await expect(first({ activ: true })).rejects.toThrow(/^activ: the filter has only active, persistent/);
      await expect(first({ active: 1 })).rejects.toThrow(/^active: a boolean is wanted/);
      await expect(first({ state: "running" })).rejects.toThrow(/^state: an array is wanted/);
      await expect(first({ state: ["asleep"] })).rejects.toThrow(/^state: asleep is none of running, paused/);
    });
  });

  describe("objects", () => {
    test("are equal when they stand for the same thing", async () => {
      const one = await conn.domainLookupByName("test");
      const other = await conn.domainLookupByID(1);
      const network = await conn.networkLookupByName("default");
      expect(one).not.toBe(other);
      expect(one.equals(other)).toBe(true);
      expect(one.equals(network)).toBe(false);
      expect(network.equals(await conn.networkLookupByName("default"))).toBe(true);
    });

    test("make JSON of what identifies them, and of their 64-bit numbers", async () => {
      const domain = await conn.domainLookupByName("test");
      expect(JSON.parse(JSON.stringify({ domain }))).toEqual({
        domain: { name: "test", uuid: domain.uuid, id: 1 },
      });
      const info = JSON.parse(JSON.stringify(await domain.getInfo()));
      expect(info).toMatchObject({ state: DomainState.RUNNING, maxMem: "8388608", nrVirtCpu: 2 });
      const [record] = await conn.getAllDomainStats();
      expect(JSON.parse(JSON.stringify(record))).toMatchObject({
        domain: { name: "test" },
        params: { "state.state": DomainState.RUNNING },
      });
    });

    test("of one connection are not for another one's statistics", async () => {
      await using other = await connect(daemon.uri("test"));
      const domains = [await conn.domainLookupByName("test"), await other.domainLookupByName("test")];
      const stats = conn.domainListGetStats(domains);
      await expect(stats).rejects.toThrow(new TypeError("doms[1]: it is no domain of this connection"));
    });

    test("are shown by util.inspect with their names, and connections with their daemons", async () => {
      const pool = await conn.storagePoolLookupByName("default-pool");
      expect(inspect(pool)).toBe(`StoragePool { name: 'default-pool', uuid: '${pool.uuid}' }`);
      expect(inspect({ deep: { deeper: { deepest: pool } } })).toContain("[StoragePool]");
      await using connection = await connect(daemon.uri("test"));
      const { peer } = connection;
      expect(inspect(connection)).toMatch(/^Connection \{\s+peer: '.*',\s+alive: true\s+\}$/);
      expect(JSON.stringify({ connection })).toBe(JSON.stringify({ connection: { peer, alive: true } }));
    });
  });
});
