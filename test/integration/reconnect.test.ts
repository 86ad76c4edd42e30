import { openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  AuthenticationError,
  type Connection,
  ConnectionError,
  connect,
  connectAdmin,
  DomainEventID,
  DomainState,
  type EventMap,
  NetworkEventID,
  type ReconnectOptions,
} from "../../src/index.js";
import { type Daemon, daemons } from "../support/daemons.js";
import { qemuDomainXML } from "../support/fixtures.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { SaslAccounts } from "../support/sasl.js";
import { run } from "../unit/rpc/child.js";

const quick = { initialDelayMs: 50, maxDelayMs: 100 } satisfies ReconnectOptions;

let libvirtd: Libvirtd;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
});

afterAll(() => libvirtd.stop());

type Reconnected = EventMap["connection.reconnected"];

/** The next time that a connection is made again. */
function reconnection(conn: Connection): Promise<Reconnected> {
  return new Promise((resolve, reject) => {
    const handler = (event: Reconnected) => {
      conn.off("connection.reconnected", handler);
      resolve(event);
    };
    conn.on("connection.reconnected", handler).catch(reject);
  });
}

/** The daemon crashes and is started again; resolves when the connection is there again. */
async function crash(conn: Connection, daemon: Pick<Daemon, "kill" | "start">): Promise<Reconnected> {
  const again = reconnection(conn);
  await daemon.kill();
  await daemon.start();
  return again;
}

/** Tries until it is so. */
async function eventually(check: () => void): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return check();
    } catch (error) {
      if (tries === 200) throw error;
      await sleep(25);
    }
  }
}

describe("when the daemon has been killed and started again", () => {
  test("all that was subscribed to comes, and objects can be used", async () => {
    await using conn = await connect(libvirtd.uri("qemu"), { reconnect: quick });
    await using other = await connect(libvirtd.uri("qemu"), { reconnect: quick });
    const guest = await conn.domainDefineXML(qemuDomainXML({ name: "kept" }));
    const stranger = await conn.domainDefineXML(qemuDomainXML({ name: "stranger" }));
    const network = await conn.networkDefineXML("<network><name>kept</name></network>");

    const heard: string[] = [];
    const hear = (what: string) => heard.push(what);
    await conn.on("domain.lifecycle", ({ domain, eventName }) => hear(`${domain.name} ${eventName}`));
    const ofGuest = await conn.domainEventRegisterAny(guest, DomainEventID.LIFECYCLE, ({ eventName }) =>
      hear(`only ${eventName}`),
    );
    const ofNetwork = await conn.networkEventRegisterAny(network, NetworkEventID.LIFECYCLE, ({ eventName }) =>
      hear(`network ${eventName}`),
    );
    await conn.on("storagePool.lifecycle", ({ eventName }) => hear(`pool ${eventName}`));
    await conn.on("secret.lifecycle", ({ eventName }) => hear(`secret ${eventName}`));
    await conn.on("qemu.monitor", ({ event }) => hear(`monitor ${event}`), { event: "STOP" });
    const monitor = conn.events("qemu.monitor", { domain: guest, event: "RESUME" });
    await monitor.ready;

    const both = [conn, other].map((one) => reconnection(one));
    await libvirtd.kill();
    await libvirtd.start();
    const [event] = await Promise.all(both);
    expect(event).toMatchObject({ refused: [], error: expect.any(ConnectionError) });
    expect(event!.attempts).toBeGreaterThan(0);
    expect(event!.missedMs).toBeGreaterThan(0);

    await guest.create();
    expect(guest.id).toBeGreaterThan(0);
    await guest.suspend();
    await guest.resume();
    await stranger.undefine();
    await network.undefine();
    const path = join(libvirtd.directory, "pool");
    const pool = await other.storagePoolDefineXML(
      `<pool type="dir"><name>p</name><target><path>${path}</path></target></pool>`,
    );
    await pool.undefine();
    const usage = "<usage type='volume'><volume>/v</volume></usage>";
    await (await other.secretDefineXML(`<secret>${usage}</secret>`)).undefine();
    await eventually(() => {
      expect(heard.toSorted()).toEqual(
        [
          ...["kept STARTED", "only STARTED", "kept RESUMED", "only RESUMED", "kept RESUMED", "only RESUMED"],
          ...["kept SUSPENDED", "only SUSPENDED", "monitor STOP", "stranger UNDEFINED"],
          ...["network UNDEFINED", "pool DEFINED", "pool UNDEFINED", "secret DEFINED", "secret UNDEFINED"],
        ].toSorted(),
      );
    });
    expect((await monitor.next()).value).toMatchObject({ event: "RESUME" });

    await conn.domainEventDeregisterAny(ofGuest);
    await conn.networkEventDeregisterAny(ofNetwork);
    heard.length = 0;
    await guest.destroy();
    await guest.undefine();
    await eventually(() => expect(heard.at(-1)).toBe("kept UNDEFINED"));
    expect(heard.filter((event) => !event.startsWith("kept "))).toEqual([]);
    await monitor.return();
  });

  test("file descriptors pass again", async () => {
    await using conn = await connect(libvirtd.uri("qemu"), { reconnect: quick });
    const domain = await conn.domainDefineXML(qemuDomainXML({ name: "descriptors" }));
    const path = join(libvirtd.directory, "file");
    writeFileSync(path, "");
    await domain.fdAssociate("mine", [openSync(path, "r")]);
    const again = reconnection(conn);
    await libvirtd.kill();
    // What is called before the loss is noticed may fail.
    while (conn.isAlive()) await sleep(5);
    const passing = domain.fdAssociate("mine", [openSync(path, "r")]);
    await libvirtd.start();
    await again;
    await passing;
    await domain.undefine();
  });

  test("its administration can be reached again", async () => {
    const uri = `libvirtd:///system?socket=${encodeURI(libvirtd.adminSocketPath)}`;
    await using conn = await connectAdmin(uri, { reconnect: quick });
    const names = async () => (await conn.listServers()).map(({ name }) => name).toSorted();
    const before = await names();
    await libvirtd.kill();
    // What is called before the loss is noticed may fail.
    while (conn.isAlive()) await sleep(5);
    const after = names();
    await libvirtd.start();
    expect(await after).toEqual(before);
  });
});

describe.each(daemons)("on %s", (_, start) => {
  let daemon: Daemon;

  beforeAll(async () => {
    daemon = await start();
  });

  afterAll(() => daemon.stop());

  test("a call that it had fails, one that only tells of something is made again, and later ones wait", async () => {
    await using conn = await connect(daemon.uri("test"), { reconnect: { ...quick, retry: "idempotent" } });
    const domain = await conn.domainLookupByName("test");
    const again = reconnection(conn);
    process.kill(daemon.pid, "SIGSTOP");
    const suspending = domain.suspend();
    const asking = domain.getInfo();
    const hoping = expect(suspending).rejects.toMatchObject({ name: "ConnectionError", sent: true });
    // Time for both to arrive where nobody works on them.
    await sleep(50);
    await daemon.kill();
    await hoping;
    const late = domain.isActive();
    await expect(domain.isActive({ timeoutMs: 20 })).rejects.toThrow(/no answer within 20 ms/);
    await daemon.start();
    expect(await late).toBe(true);
    expect(await asking).toMatchObject({ maxMem: 8388608n });
    await again;
    await domain.suspend();
  });

  test("who waits for a state looks again, because nobody tells of what has happened meanwhile", async () => {
    await using conn = await connect(daemon.uri("test"), { reconnect: quick });
    const domain = await conn.domainLookupByName("test");
    await domain.suspend();
    const running = domain.waitForState(DomainState.RUNNING);
    // The test driver's domain runs when its daemon has been started.
    await crash(conn, daemon);
    await running;
  });

  test("a daemon that hangs is connected to again when it goes on", async () => {
    const keepAlive = { interval: 0.3, count: 1 };
    await using conn = await connect(daemon.uri("test"), { keepAlive, reconnect: quick });
    const again = reconnection(conn);
    process.kill(daemon.pid, "SIGSTOP");
    const lost = new Promise((resolve) => conn.on("connection.lost", resolve));
    expect(await lost).toMatchObject({ reasonName: "KEEPALIVE" });
    expect(conn.isAlive()).toBe(false);
    process.kill(daemon.pid, "SIGCONT");
    const { missedMs, reasonName } = await again;
    expect(reasonName).toBe("KEEPALIVE");
    expect(missedMs).toBeGreaterThan(600);
    expect(conn.isAlive()).toBe(true);
    // And it is watched over as before.
    process.kill(daemon.pid, "SIGSTOP");
    await new Promise((resolve) => conn.on("connection.lost", resolve));
    process.kill(daemon.pid, "SIGCONT");
  });

  describe("a program ends by itself", () => {
    test.each([
      ["whose connection is lost, and who waits for nothing", `say("ready"); await told();`],
      [
        "that closes the connection between two attempts",
        `await conn.on("domain.lifecycle", () => {});
         await conn.on("connection.lost", () => conn.close());
         say("ready");`,
      ],
      [
        "whose last call has waited long enough",
        `await conn.on("connection.lost", () => conn.getHostname({ timeoutMs: 100 }).catch(() => {}));
         say("ready");
         await told();`,
      ],
    ])("%s", async (_, program) => {
      onTestFinished(() => daemon.start());
      const child = run(
        `
        const anHour = 3_600_000;
        const reconnect = { initialDelayMs: anHour, maxDelayMs: anHour };
        const conn = await connect(uri, { reconnect });
        await conn.on("connection.lost", () => say("lost"));
        ${program}
        `,
        daemon.uri("test"),
      );
      expect(await child.line()).toBe('"ready"');
      await daemon.kill();
      expect(await child.line()).toBe('"lost"');
      child.tell("go on");
      expect(await child.ended).toMatchObject({ code: 0, stderr: "" });
    });
  });
});

test("who has to log in does so again, and is not let in any more with a password that has changed", async () => {
  await using accounts = await SaslAccounts.create("SCRAM-SHA-256");
  await accounts.add("user", "secret");
  await using daemon = await startLibvirtd({ conf: accounts.settings, env: accounts.env });
  let asked = 0;
  let password = "secret";
  const conn = await connect(daemon.uri("test"), {
    reconnect: { ...quick, maxAttempts: 100 },
    auth: (credentials) => {
      asked++;
      return credentials.map(({ prompt }) => (/password/i.test(prompt) ? password : "user"));
    },
  });
  onTestFinished(() => conn.close());
  const before = asked;
  await crash(conn, daemon);
  expect(asked).toBe(2 * before);
  expect((await conn.domainLookupByName("test")).name).toBe("test");
  password = "stale";
  await daemon.kill();
  await daemon.start();
  const { reason, error } = await conn.closed;
  expect(reason).not.toBe("client");
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error.message).not.toContain("stale");
  await expect(conn.getHostname()).rejects.toBe(error);
});

test.each(daemons)(
  "%s, killed 20 times under load, leaves no memory and no descriptors behind",
  async (_, start) => {
    const daemon = await start();
    onTestFinished(() => daemon.stop());
    const child = run(
      `
    import { readdirSync } from "node:fs";
    const reconnect = { initialDelayMs: 10, maxDelayMs: 50, retry: "idempotent" };
    const conn = await connect(uri, { reconnect });
    const domain = await conn.domainLookupByName("test");
    const failures = new Set();
    let calls = 0;
    let stopped = false;
    const load = async (call) => {
      while (!stopped) {
        await call().then(() => calls++, (error) => failures.add(error.name + " " + error.sent));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const loads = Array.from({ length: 8 }, () => [
      load(() => conn.listAllDomains()),
      load(() => domain.getXMLDesc()),
      load(() => domain.setAutostart(false)),
    ]).flat();
    let heard = 0;
    await conn.on("domain.lifecycle", () => heard++, { domain });
    const stream = conn.events("domain.lifecycle");
    await stream.ready;
    const measure = async () => {
      await collect();
      const descriptors = readdirSync("/proc/self/fd").length;
      const { heapUsed, rss } = process.memoryUsage();
      return { descriptors, heapUsed, rss };
    };
    let rounds = 0;
    await conn.on("connection.reconnected", async ({ refused }) => {
      await domain.suspend();
      await domain.resume();
      rounds++;
      await stream.next();
      await stream.next();
      // These come in messages of their own, maybe later.
      while (heard < 2 * rounds) await new Promise((resolve) => setTimeout(resolve, 5));
      say({ round: rounds, heard, refused: refused.length, calls, ...(await measure()) });
    });
    say(await measure());
    await conn.on("connection.close", () => say("closed"));
    await told();
    stopped = true;
    await Promise.all(loads);
    await conn.close();
    say([...failures]);
    `,
      daemon.uri("test"),
    );
    await child.line();
    const measured: {
      heard: number;
      refused: number;
      calls: number;
      descriptors: number;
      heapUsed: number;
      rss: number;
    }[] = [];
    for (let round = 1; round <= 20; round++) {
      await daemon.kill();
      await daemon.start();
      const line = JSON.parse((await child.line()) ?? "null");
      expect(line).toMatchObject({ round, heard: 2 * round, refused: 0 });
      measured.push(line);
    }
    child.tell("enough");
    // A call that changes something fails if the daemon has got it, and nothing else does.
    expect(await child.line()).toBe('["ConnectionError true"]');
    expect(await child.ended).toMatchObject({ code: 0, stderr: "" });
    const [first, last] = [measured[4]!, measured.at(-1)!];
    expect(last.calls).toBeGreaterThan(first.calls);
    expect(last.descriptors).toBe(first.descriptors);
    expect(last.heapUsed - first.heapUsed).toBeLessThan(2 * 2 ** 20);
    expect(last.rss - first.rss).toBeLessThan(32 * 2 ** 20);
  },
);
