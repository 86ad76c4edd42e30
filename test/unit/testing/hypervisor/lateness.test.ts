import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connect, type Domain, ErrorNumber } from "../../../../src/index.js";
import { createTestHypervisor, type TestHypervisor } from "../../../../src/testing/index.js";
import { setUp } from "./set-up.js";

let hypervisor: TestHypervisor;
let domain: Domain;

beforeEach(async () => {
  ({ hypervisor, domain } = await setUp());
});

afterEach(() => void vi.useRealTimers());

describe("an answer that is kept back", () => {
  test("comes when it is released: the call has been done, and others go on", async () => {
    const held = hypervisor.hold("Domain.suspend");
    let isDone = false;
    const suspending = domain.suspend().then(() => {
      isDone = true;
    });
    expect(await hypervisor.waitForCall("Domain.suspend")).toMatchObject({ state: "pending" });
    expect((await domain.getInfo()).state).toBe(3);
    expect(isDone).toBe(false);
    held.release();
    await suspending;
    expect(hypervisor.calls.find(({ name }) => name === "Domain.suspend")).toMatchObject({ state: "done" });
  });

  test("can be an error, and can be of connecting", async () => {
    const held = hypervisor.hold("*", { times: 2 });
    hypervisor.fail("Domain.suspend", ErrorNumber.RESOURCE_BUSY);
    const suspending = domain.suspend();
    const connecting = connect(hypervisor.uri);
    await hypervisor.waitForCall("connect", { times: 2 });
    held.release();
    await expect(suspending).rejects.toMatchObject({ code: ErrorNumber.RESOURCE_BUSY });
    await (await connecting).close();
    expect(held.used).toBe(2);
  });

  test("can be too late", async () => {
    hypervisor.hold("Domain.suspend");
    await expect(domain.suspend({ timeoutMs: 20 })).rejects.toMatchObject({ name: "TimeoutError" });
    expect(hypervisor.guest("test").state).toBe("PAUSED");
  });

  test("is released by a reset, and given up by closing", async () => {
    hypervisor.hold("Domain.getInfo");
    const asking = domain.getInfo();
    await hypervisor.waitForCall("Domain.getInfo");
    hypervisor.reset();
    expect((await asking).state).toBe(1);
    hypervisor.hold("Domain.getInfo");
    const another = domain.getInfo();
    await hypervisor.waitForCall("Domain.getInfo");
    await Promise.all([
      expect(another).rejects.toMatchObject({ name: "ConnectionError" }),
      hypervisor.close(),
    ]);
  });
});

describe("an answer that is late", () => {
  test("comes when so much time has passed", async () => {
    vi.useFakeTimers();
    hypervisor.delay("Domain.suspend", 60_000);
    const suspending = domain.suspend();
    await hypervisor.waitForCall("Domain.suspend");
    expect((await domain.getInfo()).state).toBe(3);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(hypervisor.calls).toContainEqual(
      expect.objectContaining({ name: "Domain.suspend", state: "pending" }),
    );
    await vi.advanceTimersByTimeAsync(1);
    await suspending;
  });

  test("is awaited as long as the caller's time is", async () => {
    vi.useFakeTimers();
    hypervisor.delay("Domain.getInfo", 60_000);
    const asking = domain.getInfo({ timeoutMs: 5000 });
    const refused = expect(asking).rejects.toMatchObject({ name: "TimeoutError" });
    await hypervisor.waitForCall("Domain.getInfo");
    await vi.advanceTimersByTimeAsync(5000);
    await refused;
  });
});

describe("time", () => {
  test("is the test's: nothing here needs it, from connecting to closing", async () => {
    vi.useFakeTimers({ now: new Date("2030-01-01T00:00:00Z") });
    await using own = await createTestHypervisor({ world: { domains: [{ name: "web" }] } });
    await using mine = await connect(own.uri);
    const web = await mine.domainLookupByName("web");
    const seen: string[] = [];
    await mine.on("domain.lifecycle", ({ domain: about }) => seen.push(about.name));
    await web.suspend();
    expect(seen).toEqual(["web"]);
    expect((await web.getInfo()).cpuTime).toBe(BigInt(Date.now()) * 1_000_000n);
    expect(own.calls.map(({ at }) => at)).toContain(Date.parse("2030-01-01T00:00:00Z"));
    expect(vi.getTimerCount()).toBe(0);
  });
});
