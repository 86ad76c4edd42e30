import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Connection,
  connect,
  DomainEventID,
  type StoragePool,
  TimeoutError,
  VirtwireError,
} from "../../src/index.js";
import { headerLength } from "../../src/protocol/message.js";
import { type Daemon, daemons } from "../support/daemons.js";
import {
  bytewise,
  corrupted,
  cutAfter,
  delayed,
  endedAfter,
  type FaultProxy,
  type Faults,
  frozenAfter,
  frozenBy,
  lossy,
  seededRandom,
  startFaultProxy,
} from "../support/fault-proxy.js";
import { qemuDomainXML, testDomainXML } from "../support/fixtures.js";
import { collectGarbage } from "../unit/rpc/garbage.js";

// An unhandled rejection would fail the run: vitest sees to that.

let daemon: Daemon;
/** Has no faults. */
let direct: Connection;
let pool: StoragePool;

/** Starts the daemon, with a pool. */
let begin: () => Promise<void>;

let resources: string[];

beforeEach(async () => {
  if (!direct.isAlive()) await beginAgain();
  resources = process.getActiveResourcesInfo();
});

async function beginAgain(): Promise<void> {
  await daemon.stop();
  await begin();
}

/** The timers and handles that were not there before. */
function leftOver(): string[] {
  const known = [...resources];
  return process.getActiveResourcesInfo().filter((resource) => {
    const at = known.indexOf(resource);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}

// What is on its way out has a moment for that.
afterEach(() => expect.poll(leftOver, { timeout: 1000 }).toEqual([]));

/** How long a call, a stream or the connecting may take where something is lost, and silence, in seconds. */
const impatient = { timeoutMs: 1500, silence: 0.3 };
/** And where nothing is: on a busy machine it may take long. */
const patient = { timeoutMs: 20_000, silence: 10 };

/** How long it takes until something hangs. */
const hangMs = 30_000;

/** Fails, and says what it was, where something does not come to its end. */
async function ends<T>(what: string, act: Promise<T>): Promise<T> {
  const over = new AbortController();
  const hung = sleep(hangMs, undefined, { signal: over.signal }).then(
    () => Promise.reject(new Error(`${what} hangs`)),
    () => act,
  );
  try {
    return await Promise.race([act, hung]);
  } finally {
    over.abort();
  }
}

/** What became of a step: a result, or an error of ours. Any other error fails the test. */
type Outcome = { readonly value: unknown } | { readonly error: VirtwireError };

async function outcomeOf(what: string, act: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await ends(what, act) };
  } catch (error) {
    if (error instanceof VirtwireError) return { error };
    throw new Error(`${what}: ${error} is none of ours`, { cause: error });
  }
}

/** Streams are bounded by signals. */
async function inTime<T>(ms: number, use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new TimeoutError("the stream took too long")), ms);
  try {
    return await use(over.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The daemon's driver that has volumes, unless it is to be another. */
const uriBy = (proxy: FaultProxy, driver = "qemu") =>
  daemon.uri(driver, { transport: "tcp" }).replace(/:\d+\//, `:${proxy.port}/`);

let conversations = 0;

/** All that can be done with a connection: calls, errors, events, streams; each, whatever became of the others. */
async function converse(
  proxy: FaultProxy,
  { timeoutMs, silence } = impatient,
  size = 300_000,
): Promise<Map<string, Outcome>> {
  const bounds = { timeoutMs };
  const name = `conversation-${++conversations}`;
  const bytes = randomBytes(size);
  await pool.storageVolCreateXML(
    `<volume><name>${name}</name><capacity unit="bytes">${size}</capacity></volume>`,
  );
  const outcomes = new Map<string, Outcome>();
  const step = async (what: string, act: () => Promise<unknown>) => {
    outcomes.set(what, await outcomeOf(what, act()));
  };

  const uri = uriBy(proxy);
  const connecting = connect(uri, { ...bounds, keepAlive: { interval: silence, count: 1 } });
  await step("connect", () => connecting);
  const conn = await connecting.catch(() => undefined);
  if (!conn) return outcomes;

  const domainXML = uri.startsWith("qemu") ? qemuDomainXML : testDomainXML;
  const events: number[] = [];
  await step("register", () =>
    conn.domainEventRegisterAny(null, DomainEventID.LIFECYCLE, ({ event }) => events.push(event), bounds),
  );
  const defineAndUndefine = async () => {
    const domain = await conn.domainDefineXML(domainXML({ name }), bounds);
    await domain.undefine(bounds);
  };
  await Promise.all([
    ...Array.from({ length: 20 }, (_, n) => step(`hostname ${n}`, () => conn.getHostname(bounds))),
    step("capabilities", () => conn.getCapabilities(bounds)),
    step("list", () => conn.listAllDomains(0, bounds)),
    step("no such domain", () => conn.domainLookupByName("nobody", bounds)),
    step("define", defineAndUndefine),
  ]);
  const volume = async () =>
    (await conn.storagePoolLookupByName("p", bounds)).storageVolLookupByName(name, bounds);
  await step("upload", () =>
    inTime(timeoutMs, async (signal) => {
      const upload = await (await volume()).upload(0n, 0n, 0, { signal });
      await pipeline(Readable.from([bytes]), upload);
    }),
  );
  await step("download", () =>
    inTime(timeoutMs, async (signal) => {
      const download = await (await volume()).download(0n, 0n, 0, { signal });
      return Buffer.concat(await download.toArray()).equals(bytes);
    }),
  );
  await ends("close", conn.close());
  outcomes.set("events", { value: events.length });
  return outcomes;
}

/** The steps that failed; one of them has to. */
const failed = (outcomes: ReadonlyMap<string, Outcome>) =>
  [...outcomes]
    .filter(([what, outcome]) => "error" in outcome && what !== "no such domain")
    .map(([what]) => what);

/** Little, for faults that are many. Resolves with why it failed, if it did. */
async function converseBriefly(proxy: FaultProxy, what: string): Promise<VirtwireError | undefined> {
  const brief = async () => {
    const conn = await connect(uriBy(proxy, "test"), { timeoutMs: 300 });
    try {
      await conn.getHostname({ timeoutMs: 300 });
    } finally {
      await conn.close();
    }
  };
  const outcome = await outcomeOf(what, brief());
  return "error" in outcome ? outcome.error : undefined;
}

/** Does something for each, many at a time. Ends when all have ended, also where some fail. */
async function forEach<T>(all: Iterable<T>, act: (each: T) => Promise<void>): Promise<void> {
  const rest = all[Symbol.iterator]();
  const worker = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await act(next.value);
  };
  const ends = await Promise.allSettled(Array.from({ length: 50 }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

const ways = ["toClient", "toDaemon"] as const;

const heardFrom = (way: (typeof ways)[number], { fromClient, fromDaemon }: FaultProxy) =>
  way === "toClient" ? fromDaemon : fromClient;

describe.each(daemons)("on %s:", (server, start) => {
  beforeAll(async () => {
    begin = async () => {
      // For those whose first call has not come yet, or never will.
      daemon = await start({ maxAnonymousClients: 500 });
      direct = await connect(daemon.uri("qemu"));
      const target = "<target><path>/var/lib/libvirt/pool</path></target>";
      pool = await direct.storagePoolDefineXML(`<pool type="dir"><name>p</name>${target}</pool>`);
      await pool.build();
      await pool.create();
    };
    await begin();
  });

  afterAll(async () => {
    await direct.close();
    await daemon.stop();
  });

  describe("what comes late, in pieces, or all at once makes no difference", () => {
    test.each<readonly [string, Faults, number]>([
      ["intact", {}, 300_000],
      ["delayed, and so merged", { toClient: delayed(20), toDaemon: delayed(20) }, 300_000],
      ["byte by byte", { toClient: bytewise, toDaemon: bytewise }, 20_000],
    ])("%s", async (_name, faults, size) => {
      await using proxy = await startFaultProxy(daemon.socketPath, faults);
      const outcomes = await converse(proxy, patient, size);
      expect(failed(outcomes)).toEqual([]);
      expect(outcomes.get("no such domain")).toMatchObject({ error: { codeName: "NO_DOMAIN" } });
      expect(outcomes.get("download")).toEqual({ value: true });
      expect(outcomes.get("events")).toEqual({ value: 2 });
    });
  });

  describe("a conversation fails with errors of ours, and leaves nothing behind", () => {
    const breaks = [
      ["is cut", cutAfter],
      ["is closed on one side", endedAfter],
      ["freezes", frozenAfter],
    ] as const;
    const cases = breaks.flatMap(([name, fault]) => ways.map((way) => [name, way, fault] as const));

    test.each(cases)("that %s, %s", async (_name, way, fault) => {
      await using whole = await startFaultProxy(daemon.socketPath);
      expect(failed(await converse(whole, patient))).toEqual([]);
      const length = heardFrom(way, whole);
      // While connecting, among the calls, in the streams.
      await forEach([30, 100, 0.01 * length, 0.03 * length, 0.3 * length, 0.9 * length], async (count) => {
        const faults = { [way]: fault(Math.floor(count)) };
        await using proxy = await startFaultProxy(daemon.socketPath, faults);
        expect(failed(await converse(proxy))).not.toEqual([]);
      });
      expect(await direct.getHostname()).not.toBe("");
    });
  });

  test.each(ways)("a short conversation may break off at any byte, %s", async (way) => {
    await using whole = await startFaultProxy(daemon.socketPath);
    expect(await converseBriefly(whole, "the whole conversation")).toBeUndefined();
    const length = heardFrom(way, whole);
    // Only the farewell may be lost without a word.
    const needed = length - headerLength;
    expect(needed).toBeGreaterThan(100);

    const harmless: string[] = [];
    await forEach(Array(length).keys(), async (count) => {
      for (const [name, fault] of Object.entries({ cutAfter, endedAfter })) {
        const what = `${name}(${count})`;
        await using proxy = await startFaultProxy(daemon.socketPath, { [way]: fault(count) });
        const error = await converseBriefly(proxy, what);
        if (!error && count < needed) harmless.push(what);
      }
    });
    expect(harmless).toEqual([]);
    expect(await direct.getHostname()).not.toBe("");
  });

  test("keepalive notices that a peer has frozen after interval × (count + 1)", async () => {
    const freeze = new AbortController();
    await using proxy = await startFaultProxy(daemon.socketPath, { toClient: frozenBy(freeze.signal) });
    const uri = uriBy(proxy);
    await using conn = await connect(uri, { keepAlive: { interval: 1, count: 2 } });
    await conn.getHostname();
    freeze.abort();
    const frozenAt = performance.now();
    await expect(conn.getHostname()).rejects.toThrow(/silent for 3 seconds.*keepalive/);
    expect(await conn.closed).toMatchObject({ reason: "keepalive" });
    // Give or take one interval.
    const noticedAfter = performance.now() - frozenAt;
    expect(noticedAfter).toBeGreaterThan(2000);
    expect(noticedAfter).toBeLessThan(4000);
  });

  test("a stream notices by its own patience that a peer has frozen", async () => {
    const vol = await pool.storageVolCreateXML(
      `<volume><name>frozen</name><capacity unit="MiB">8</capacity></volume>`,
    );
    await using proxy = await startFaultProxy(daemon.socketPath, { toClient: frozenAfter(4 * 2 ** 20) });
    const uri = uriBy(proxy);
    await using conn = await connect(uri, { keepAlive: false });
    const far = await (await conn.storagePoolLookupByName("p")).storageVolLookupByName("frozen");
    await expect(far.download(0n, 0n, 0, { idleTimeoutMs: -1 })).rejects.toThrow(RangeError);
    const download = await far.download(0n, 0n, 0, { idleTimeoutMs: 500 });
    await expect(
      (async () => {
        for await (const _ of download);
      })(),
    ).rejects.toThrow(TimeoutError);
    expect(download.bytesTransferred).toBeGreaterThan(0n);
    await vol.delete();
  });

  /** Once in some dozens of runs libvirtd dies of garbage, and another gets it. What is ours has to live. */
  async function withGarbage(act: () => Promise<void>): Promise<void> {
    for (let deaths = 0; ; deaths++) {
      try {
        await act();
        expect(await direct.getHostname()).not.toBe("");
        return;
      } catch (error) {
        if (server !== "libvirtd" || direct.isAlive() || deaths === 2) throw error;
        await beginAgain();
      }
    }
  }

  describe("bytes that get lost or altered", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const kinds = [
      ["altered", corrupted],
      ["lost", lossy],
    ] as const;
    const cases = kinds.flatMap(([name, fault]) => ways.map((way) => [name, way, fault] as const));

    test.each(cases)(`%s, %s: errors of ours (seed ${seed})`, (_name, way, fault) =>
      withGarbage(async () => {
        // From some in every message to a few in the streams.
        const rarities = [300, 300, 3_000, 3_000, 30_000, 30_000, 100_000, 100_000];
        await forEach(rarities.entries(), async ([n, every]) => {
          const faults = { [way]: fault(seededRandom(seed + n), every) };
          await using proxy = await startFaultProxy(daemon.socketPath, faults);
          await converse(proxy);
        });
      }),
    );

    test.each(cases)(`%s, %s: errors of ours, and memory stays flat (seed ${seed})`, (_name, way, fault) =>
      withGarbage(async () => {
        const names = new Set<string>();
        const batch = async (number: number) => {
          await forEach(Array(90).keys(), async (n) => {
            const own = seed + 90 * number + n;
            const faults = { [way]: fault(seededRandom(own), 100) };
            await using proxy = await startFaultProxy(daemon.socketPath, faults);
            const error = await converseBriefly(proxy, `seed ${own}`);
            if (error) names.add(error.name);
          });
          await collectGarbage();
          return process.memoryUsage().heapUsed;
        };
        const settled = await batch(0);
        const later = await batch(1);
        expect(names.size).toBeGreaterThan(0);
        expect(later - settled).toBeLessThan(4 * 2 ** 20);
      }),
    );
  });
});
