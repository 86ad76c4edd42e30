import { beforeEach, describe, expect, test } from "vitest";
import { type Connection, connect, type Domain } from "../../../../src/index.js";
import type { DropTime, TestHypervisor } from "../../../../src/testing/index.js";
import { setUp } from "./set-up.js";

let hypervisor: TestHypervisor;
let conn: Connection;
let domain: Domain;

beforeEach(async () => {
  ({ hypervisor, conn, domain } = await setUp());
});

const lost = { name: "ConnectionError" };

describe("a connection", () => {
  test("is dropped now", async () => {
    hypervisor.drop();
    expect(await conn.closed).toMatchObject({ reason: "eof" });
    await expect(domain.suspend()).rejects.toMatchObject(lost);
    await using again = await connect(hypervisor.uri);
    expect(await again.numOfDomains()).toBe(1);
  });

  test.each<[DropTime, boolean, "RUNNING" | "PAUSED"]>([
    ["before", false, "RUNNING"],
    ["after", true, "PAUSED"],
    ["midReply", false, "PAUSED"],
  ])("is dropped by a call, %s", async (when, isAnswered, state) => {
    hypervisor.dropAt("Domain.suspend", when);
    const suspending = domain.suspend();
    if (isAnswered) await suspending;
    else await expect(suspending).rejects.toMatchObject(lost);
    await conn.closed;
    expect(conn.isAlive()).toBe(false);
    expect(hypervisor.guest("test").state).toBe(state);
  });

  test("breaks in the middle of a message, events and all", async () => {
    await using other = await connect(hypervisor.uri);
    const seen: number[] = [];
    await other.on("domain.lifecycle", ({ event }) => seen.push(event));
    hypervisor.dropAt("Domain.suspend", "midReply");
    await expect(domain.suspend()).rejects.toThrow("in the middle of a message");
    await other.numOfDomains();
    expect(seen).toEqual([3]);
  });

  test("is dropped while an answer is kept back", async () => {
    hypervisor.hold("Domain.suspend");
    const suspending = domain.suspend();
    await hypervisor.waitForCall("Domain.suspend");
    hypervisor.drop();
    await expect(suspending).rejects.toMatchObject(lost);
  });

  test("is dropped when it is made", async () => {
    hypervisor.dropAt("connect", "before", { times: 1 });
    hypervisor.dropAt("connect", "midReply", { times: 1 });
    await expect(connect(hypervisor.uri)).rejects.toMatchObject(lost);
    await expect(connect(hypervisor.uri)).rejects.toMatchObject(lost);
    await using again = await connect(hypervisor.uri);
    expect(again.isAlive()).toBe(true);
  });
});

describe("a daemon that is restarted", () => {
  const reconnect = { initialDelayMs: 1, maxDelayMs: 1 };

  test("is found again by those who connect again, with everything as it was", async () => {
    await using lasting = await connect(hypervisor.uri, { reconnect });
    const test = await lasting.domainLookupByName("test");
    const seen: number[] = [];
    await lasting.on("domain.lifecycle", ({ event }) => seen.push(event));
    await test.suspend();
    hypervisor.restart();
    expect(await conn.closed).toMatchObject({ reason: "eof" });
    await test.resume();
    await lasting.numOfDomains();
    expect(seen).toEqual([3, 4]);
    expect(hypervisor.calls.filter(({ name }) => name === "connect").map(({ client }) => client)).toEqual([
      1, 2, 3,
    ]);
  });

  test("is not there until it is started again", async () => {
    await using lasting = await connect(hypervisor.uri, { reconnect });
    hypervisor.stop();
    await expect(connect(hypervisor.uri)).rejects.toThrow("the hypervisor has been stopped by its test");
    const asking = lasting.numOfDomains();
    hypervisor.start();
    expect(await asking).toBe(1);
  });

  test("is not there any more when it has been closed", async () => {
    await hypervisor.close();
    await conn.closed;
    await expect(connect(hypervisor.uri)).rejects.toThrow(
      "has been closed, or was not created in this process",
    );
  });
});
