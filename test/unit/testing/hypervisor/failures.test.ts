import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Connection, connect, type Domain, ErrorDomain, ErrorNumber } from "../../../../src/index.js";
import { createTestHypervisor, DriverError, type TestHypervisor } from "../../../../src/testing/index.js";

const { NO_MEMORY, OPERATION_FAILED, OPERATION_INVALID, RESOURCE_BUSY } = ErrorNumber;

let hypervisor: TestHypervisor;
let conn: Connection;
let web: Domain;
let db: Domain;

beforeEach(async () => {
  const domains = [{ name: "web" }, { name: "db" }];
  hypervisor = await createTestHypervisor({ world: { domains } });
  conn = await connect(hypervisor.uri);
  [web, db] = (await conn.listAllDomains()) as [Domain, Domain];
});

afterEach(async () => {
  await conn.close();
  await hypervisor.close();
});

describe("a call that is to fail", () => {
  test("fails with the code, and is not done", async () => {
    hypervisor.fail("Domain.suspend", OPERATION_FAILED);
    await expect(web.suspend()).rejects.toMatchObject({
      name: "LibvirtError",
      code: OPERATION_FAILED,
      domain: ErrorDomain.TEST,
      message: "operation failed: the test wants it so",
    });
    expect(hypervisor.guest("web").state).toBe("RUNNING");
  });

  test("fails with an error in full", async () => {
    const fields = { domain: ErrorDomain.QEMU, str1: "one", int1: 5 };
    hypervisor.fail("Domain.suspend", new DriverError(NO_MEMORY, "", { message: "none left", ...fields }));
    await expect(web.suspend()).rejects.toMatchObject({ code: NO_MEMORY, message: "none left", ...fields });
  });

  test("fails so many times, and in the order in which that was said", async () => {
    const busy = hypervisor.fail("Domain.suspend", RESOURCE_BUSY, { times: 2 });
    hypervisor.fail("Domain.suspend", OPERATION_FAILED, { times: 1 });
    await expect(web.suspend()).rejects.toMatchObject({ code: RESOURCE_BUSY });
    expect(busy.used).toBe(1);
    await expect(web.suspend()).rejects.toMatchObject({ code: RESOURCE_BUSY });
    await expect(web.suspend()).rejects.toMatchObject({ code: OPERATION_FAILED });
    await web.suspend();
    expect(hypervisor.guest("web").state).toBe("PAUSED");
    expect(busy.used).toBe(2);
  });

  test("can be an exception to a rule", async () => {
    const rule = hypervisor.fail("Domain.suspend", RESOURCE_BUSY);
    hypervisor.fail("Domain.suspend", OPERATION_FAILED, { times: 1 });
    await expect(web.suspend()).rejects.toMatchObject({ code: OPERATION_FAILED });
    await expect(web.suspend()).rejects.toMatchObject({ code: RESOURCE_BUSY });
    rule.remove();
    rule.remove();
    await web.suspend();
  });

  test.each([
    ["name", () => ({ domain: "web" })],
    ["UUID", () => ({ domain: web.uuid })],
    ["handle", () => ({ domain: web })],
    [
      "arguments",
      () => ({ where: ({ args }: { args: unknown }) => (args as { dom: Domain }).dom.name === "web" }),
    ],
  ])("fails for one domain only, told by its %s", async (_by, filter) => {
    hypervisor.fail("Domain.suspend", RESOURCE_BUSY, filter());
    await expect(web.suspend()).rejects.toMatchObject({ code: RESOURCE_BUSY });
    await db.suspend();
  });

  test("can be what looks a domain up", async () => {
    hypervisor.fail("Connection.domainLookupByName", ErrorNumber.NO_DOMAIN, { domain: "web" });
    hypervisor.fail("Connection.domainLookupByUUID", ErrorNumber.NO_DOMAIN, { domain: web });
    await expect(conn.domainLookupByName("web")).rejects.toMatchObject({ codeName: "NO_DOMAIN" });
    await expect(conn.domainLookupByUUIDString(web.uuid)).rejects.toMatchObject({ codeName: "NO_DOMAIN" });
    expect((await conn.domainLookupByName("db")).name).toBe("db");
  });

  test("can be told by its procedure, and can be every call", async () => {
    hypervisor.fail("REMOTE_PROC_DOMAIN_SUSPEND", RESOURCE_BUSY, { times: 1 });
    await expect(web.suspend()).rejects.toMatchObject({ code: RESOURCE_BUSY });
    hypervisor.fail("*", OPERATION_INVALID);
    await expect(web.suspend()).rejects.toMatchObject({ code: OPERATION_INVALID });
    await expect(connect(hypervisor.uri)).rejects.toMatchObject({ code: OPERATION_INVALID });
    hypervisor.reset();
    await web.suspend();
  });

  test("can be one that the driver does not do", async () => {
    await expect(web.pmWakeup()).rejects.toMatchObject({ codeName: "NO_SUPPORT" });
    hypervisor.fail("Domain.pmWakeup", RESOURCE_BUSY);
    await expect(web.pmWakeup()).rejects.toMatchObject({ code: RESOURCE_BUSY });
  });

  test("can be that which connects", async () => {
    hypervisor.fail("connect", ErrorNumber.AUTH_FAILED, { times: 1 });
    await expect(connect(hypervisor.uri)).rejects.toMatchObject({ code: ErrorNumber.AUTH_FAILED });
    await using again = await connect(hypervisor.uri);
    expect(again.isAlive()).toBe(true);
  });
});

describe("what cannot be meant", () => {
  test.each([
    [
      "domain.create",
      "domain.create is no call that a hypervisor gets; Domain.create or Interface.create or",
    ],
    [
      "Domain.waitForState",
      "Domain.waitForState is no call that a hypervisor gets: a method that asks the daemon",
    ],
    ["REMOTE_PROC_NOTHING", "REMOTE_PROC_NOTHING is no call"],
    ["toString", "toString is no call"],
    [undefined, "undefined is no call"],
  ])("the call %s", (name, message) => {
    const call = name as "*";
    for (const script of [
      () => hypervisor.fail(call, RESOURCE_BUSY),
      () => hypervisor.delay(call, 1),
      () => hypervisor.hold(call),
      () => hypervisor.dropAt(call, "after"),
    ]) {
      expect(script).toThrow(TypeError);
      expect(script).toThrow(message);
    }
  });

  test.each([0, -1, 1e6, "NO_DOMAIN", undefined, new Error("no")])("the error %s", (error) => {
    expect(() => hypervisor.fail("*", error as number)).toThrow(TypeError);
  });

  test.each([
    [{ times: 0 }, RangeError],
    [{ times: 1.5 }, RangeError],
    [{ domain: 5 }, TypeError],
    [{ domain: null }, TypeError],
    [{ where: "web" }, TypeError],
    [{ time: 1 }, TypeError],
  ])("the options %j", (options, error) => {
    expect(() => hypervisor.fail("*", RESOURCE_BUSY, options as object)).toThrow(error);
  });

  test("a time to wait that is none, and a time to drop that is none", () => {
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => hypervisor.delay("*", ms)).toThrow(RangeError);
    }
    expect(() => hypervisor.dropAt("*", "soon" as "after")).toThrow(TypeError);
  });
});
