import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  connect,
  type Domain,
  DomainMigrateFlags,
  DomainXMLFlags,
  ErrorDomain,
  ErrorNumber,
  MIGRATE_PARAM_BANDWIDTH,
  MIGRATE_PARAM_DEST_NAME,
  MIGRATE_PARAM_DEST_XML,
  MIGRATE_PARAM_URI,
  TimeoutError,
  UnsupportedError,
} from "../../src/index.js";
import { type PyObject, PythonLibvirt } from "../support/differential.js";
import { qemuDomainXML } from "../support/fixtures.js";
import {
  clear,
  type Description,
  defineTwins,
  findTwins,
  type Host,
  heavy,
  names,
  pidOf,
  presence,
  same,
  startHost,
  startTwins,
  stopHost,
} from "./migration-hosts.js";

const flag = DomainMigrateFlags;
const peers = flag.LIVE | flag.PEER2PEER;

/** Both hosts are this machine, which does not know their names. */
const loopback = "tcp://127.0.0.1";
const params = { [MIGRATE_PARAM_URI]: loopback };
const slowly = { ...params, [MIGRATE_PARAM_BANDWIDTH]: 1n };

/** What the functions with and without a result come to. */
const arrived = { value: { class: "Domain", name: "guest", uuid: "UUID", id: true } };
const done = { value: 0 };
const failure = (code: number, domain: number) => ({ error: expect.objectContaining({ code, domain }) });

let python: PythonLibvirt;
let a: Host;
let b: Host;
let heavyGuest: Description;

beforeAll(async () => {
  python = new PythonLibvirt();
  [a, b] = await Promise.all([startHost(python, "virtwire-a"), startHost(python, "virtwire-b")]);
  heavyGuest = await heavy(a);
});

afterEach(() => Promise.all([clear(a), clear(b)]));

afterAll(async () => {
  await python.close();
  await Promise.all([stopHost(a), stopHost(b)]);
});

/** Where both twins are, or the domain named. */
async function expectAt(
  onA: string,
  onB: string,
  of: readonly string[] = Object.values(names),
): Promise<void> {
  for (const name of of) {
    expect({ a: await presence(a, name), b: await presence(b, name) }, name).toEqual({ a: onA, b: onB });
  }
}

/** Waits until so much of these guests has been sent that there is no doubt about the phase. */
async function underWay(...guests: readonly string[]): Promise<void> {
  for (const name of guests) {
    const domain = await a.ours.domainLookupByName(name);
    await expect
      .poll(async () => (await domain.getJobInfo()).memProcessed, { timeout: 20_000 })
      .toBeGreaterThan(0n);
  }
}

interface Way {
  readonly ours: (domain: Domain, to: Host) => Promise<unknown>;
  readonly theirs: (domain: PyObject, to: Host) => Promise<unknown>;
  readonly comesTo: unknown;
}

const ways: Record<string, Way> = {
  migrate3: {
    ours: (domain, to) => domain.migrate3(to.ours, params, flag.LIVE),
    theirs: (domain, to) => domain.call("migrate3", to.theirs, params, flag.LIVE),
    comesTo: arrived,
  },
  "migrateToURI3, peer to peer": {
    ours: (domain, to) => domain.migrateToURI3(to.uri, params, peers),
    theirs: (domain, to) => domain.call("migrateToURI3", to.uri, params, peers),
    comesTo: done,
  },
  "migrate, tunnelled": {
    ours: (domain, to) => domain.migrate(to.ours, peers | flag.TUNNELLED),
    theirs: (domain, to) => domain.call("migrate", to.theirs, peers | flag.TUNNELLED, null, null, 0),
    comesTo: arrived,
  },
  "migrate2, not live": {
    ours: (domain, to) => domain.migrate2(to.ours, null, 0, null, loopback, 100n),
    theirs: (domain, to) => domain.call("migrate2", to.theirs, null, 0, null, loopback, 100),
    comesTo: arrived,
  },
  "migrateToURI2, peer to peer": {
    ours: (domain, to) => domain.migrateToURI2(to.uri, loopback, null, peers),
    theirs: (domain, to) => domain.call("migrateToURI2", to.uri, loopback, null, peers, null, 0),
    comesTo: done,
  },
};

describe("a domain", () => {
  it("goes to the other host and back in every way that there is", async () => {
    await startTwins(a);
    let [from, to] = [a, b];
    for (const [name, { ours, theirs, comesTo }] of Object.entries(ways)) {
      const twins = await findTwins(from);
      const result = ours(twins.ours, to);
      expect(await same(result, theirs(twins.theirs, to)), name).toEqual(comesTo);
      await (to === b ? expectAt("absent", "RUNNING") : expectAt("RUNNING", "absent"));
      expect(twins.ours.id).toBe(-1);
      const found = await to.ours.domainLookupByName(names.ours);
      if (comesTo === arrived) expect(await result).toMatchObject({ ref: found.ref, connection: to.ours });
      [from, to] = [to, from];
    }
  });

  it("stays known at its source, or does not, and is known at its destination if wanted", async () => {
    const twins = await defineTwins(a);
    await Promise.all([twins.ours.create(), twins.theirs.call("create")]);
    const persist = flag.LIVE | flag.PERSIST_DEST;
    const there = twins.ours.migrate(b.ours, persist, null, loopback);
    expect(await same(there, twins.theirs.call("migrate", b.theirs, persist, null, loopback, 0))).toEqual(
      arrived,
    );
    await expectAt("SHUTOFF, persistent", "RUNNING, persistent");

    const back = await findTwins(b);
    const move = persist | flag.UNDEFINE_SOURCE;
    const here = back.ours.migrateToURI3(a.uri, params, move | flag.PEER2PEER);
    const theirs = back.theirs.call("migrateToURI3", a.uri, params, move | flag.PEER2PEER);
    expect(await same(here, theirs)).toEqual(done);
    await expectAt("RUNNING, persistent", "absent");
  });

  it("keeps its state, and changes its name and description as asked", async () => {
    const twins = await startTwins(a);
    await Promise.all([twins.ours.suspend(), twins.theirs.call("suspend")]);
    const changed = (xml: unknown) =>
      String(xml).replace("</name>", "</name><description>moved</description>");
    const wanted = (name: string, xml: unknown) => ({
      ...params,
      [MIGRATE_PARAM_DEST_NAME]: `${name}-moved`,
      [MIGRATE_PARAM_DEST_XML]: changed(xml),
    });
    const oursWanted = wanted(names.ours, await twins.ours.getXMLDesc(DomainXMLFlags.MIGRATABLE));
    const theirsWanted = wanted(names.theirs, await twins.theirs.call("XMLDesc", DomainXMLFlags.MIGRATABLE));
    const there = twins.ours.migrate3(b.ours, oursWanted, flag.LIVE);
    const theirs = twins.theirs.call("migrate3", b.theirs, theirsWanted, flag.LIVE);
    expect(await same(there, theirs)).toEqual({ value: { ...arrived.value, name: "guest-moved" } });
    await expectAt("absent", "absent");
    await expectAt("absent", "PAUSED", [`${names.ours}-moved`, `${names.theirs}-moved`]);
    expect(await (await there).getXMLDesc()).toContain("<description>moved</description>");
  });

  it("goes offline", async () => {
    const twins = await defineTwins(a);
    const flags = flag.OFFLINE | flag.PERSIST_DEST;
    const there = twins.ours.migrate3(b.ours, params, flags);
    const off = { value: { ...arrived.value, id: false } };
    expect(await same(there, twins.theirs.call("migrate3", b.theirs, params, flags))).toEqual(off);
    await expectAt("SHUTOFF, persistent", "SHUTOFF, persistent");

    const back = await findTwins(b);
    const move = flags | flag.UNDEFINE_SOURCE;
    const here = back.ours.migrate(a.ours, move, null, loopback);
    expect(await same(here, back.theirs.call("migrate", a.theirs, move, null, loopback, 0))).toEqual(off);
    await expectAt("SHUTOFF, persistent", "absent");

    const again = await findTwins(a);
    const peer = again.ours.migrateToURI(b.uri, move | flag.PEER2PEER);
    const theirs = again.theirs.call("migrateToURI", b.uri, move | flag.PEER2PEER, null, 0);
    expect(await same(peer, theirs)).toEqual(done);
    await expectAt("absent", "SHUTOFF, persistent");
  });

  it("runs at its destination before all of it is there", async () => {
    const twins = await startTwins(a, heavyGuest);
    const flags = flag.LIVE | flag.POSTCOPY;
    const there = same(
      twins.ours.migrate3(b.ours, slowly, flags),
      twins.theirs.call("migrate3", b.theirs, slowly, flags),
    );
    await underWay(names.ours, names.theirs);
    for (const name of Object.values(names)) {
      await (await a.ours.domainLookupByName(name)).migrateStartPostCopy();
    }
    expect(await there).toEqual(arrived);
    await expectAt("absent", "RUNNING");
  });

  it("takes its disk along, where it is told to", async () => {
    const disk = (host: Host, name: string) => join(host.daemon.directory, `${name}.img`);
    const content = Buffer.alloc(1024 * 1024, "content");
    for (const name of Object.values(names)) {
      await writeFile(disk(a, name), content);
      await writeFile(disk(b, name), Buffer.alloc(content.length));
    }
    const withDisk = (name: string) => {
      const devices = `<disk type="file"><source file="${disk(a, name)}"/><target dev="vda"/></disk>`;
      return qemuDomainXML({ name, devices });
    };
    const twins = await startTwins(a, withDisk);
    const unsafe = twins.ours.migrate3(b.ours, params, flag.LIVE);
    expect(await same(unsafe, twins.theirs.call("migrate3", b.theirs, params, flag.LIVE))).toEqual(
      failure(ErrorNumber.MIGRATE_UNSAFE, ErrorDomain.QEMU),
    );
    await expectAt("RUNNING", "absent");

    const wanted = (name: string, xml: unknown) => ({
      ...params,
      [MIGRATE_PARAM_DEST_XML]: String(xml).replace(disk(a, name), disk(b, name)),
    });
    const oursWanted = wanted(names.ours, await twins.ours.getXMLDesc(DomainXMLFlags.MIGRATABLE));
    const theirsWanted = wanted(names.theirs, await twins.theirs.call("XMLDesc", DomainXMLFlags.MIGRATABLE));
    const flags = flag.LIVE | flag.NON_SHARED_DISK;
    const there = twins.ours.migrate3(b.ours, oursWanted, flags);
    expect(await same(there, twins.theirs.call("migrate3", b.theirs, theirsWanted, flags))).toEqual(arrived);
    await expectAt("absent", "RUNNING");
    for (const name of Object.values(names)) {
      expect(Buffer.compare(await readFile(disk(b, name)), content)).toBe(0);
    }
  });

  it("is steered on its way", async () => {
    const twins = await startTwins(a, heavyGuest);
    const there = twins.ours.migrate3(b.ours, slowly, flag.LIVE);
    const theirs = twins.theirs.call("migrate3", b.theirs, slowly, flag.LIVE);
    const both = same(there, theirs);
    await underWay(names.ours, names.theirs);
    for (const name of Object.values(names)) {
      const domain = await a.ours.domainLookupByName(name);
      await domain.migrateSetMaxDowntime(123n);
      expect(await domain.migrateGetMaxDowntime()).toBe(123n);
      expect(await domain.migrateGetMaxSpeed()).toBe(1n);
      await domain.migrateSetCompressionCache(1n << 25n);
      expect(await domain.migrateGetCompressionCache()).toBe(1n << 25n);
      await domain.migrateSetMaxSpeed(4000n);
    }
    expect(await both).toEqual(arrived);
    await expectAt("absent", "RUNNING");
  });
});

describe("a migration that fails", () => {
  it("before it has begun leaves the domain alone", async () => {
    const twins = await startTwins(a);
    const toItself = twins.ours.migrate3(a.ours, params, flag.LIVE);
    expect(await same(toItself, twins.theirs.call("migrate3", a.theirs, params, flag.LIVE))).toEqual(
      failure(ErrorNumber.INTERNAL_ERROR, ErrorDomain.QEMU),
    );
    const transient = flag.OFFLINE | flag.LIVE;
    const invalid = twins.ours.migrate3(b.ours, params, transient);
    expect(await same(invalid, twins.theirs.call("migrate3", b.theirs, params, transient))).toEqual(
      failure(ErrorNumber.OPERATION_INVALID, ErrorDomain.QEMU),
    );
    const nobody = twins.ours.migrateToURI("qemu+tcp://127.0.0.1:1/system", peers);
    const theirNobody = twins.theirs.call("migrateToURI", "qemu+tcp://127.0.0.1:1/system", peers, null, 0);
    expect(await same(nobody, theirNobody)).toEqual(failure(ErrorNumber.SYSTEM_ERROR, ErrorDomain.RPC));
    await expectAt("RUNNING", "absent");
  });

  it("because the destination refuses leaves the domain at its source", async () => {
    const [twins] = await Promise.all([startTwins(a), startTwins(b)]);
    for (const flags of [flag.LIVE, peers]) {
      const [ours, theirs] =
        flags === peers
          ? [
              twins.ours.migrateToURI3(b.uri, params, peers),
              twins.theirs.call("migrateToURI3", b.uri, params, peers),
            ]
          : [
              twins.ours.migrate3(b.ours, params, flags),
              twins.theirs.call("migrate3", b.theirs, params, flags),
            ];
      expect(await same(ours, theirs)).toEqual(failure(ErrorNumber.OPERATION_FAILED, ErrorDomain.DOMAIN));
    }
    await expectAt("RUNNING", "RUNNING");
    // No job is left behind.
    await twins.ours.setMemory(16384n);
  });

  it("because the destination cannot finish it leaves the domain at its source", async () => {
    const twins = await startTwins(a);
    // What the destination wants to write is a folder there.
    for (const name of Object.values(names)) {
      await mkdir(join(b.daemon.directory, "etc/qemu", `${name}.xml`), { recursive: true });
    }
    const flags = flag.LIVE | flag.PERSIST_DEST;
    const both = same(
      twins.ours.migrate3(b.ours, params, flags),
      twins.theirs.call("migrate3", b.theirs, params, flags),
    );
    expect(await both).toEqual(failure(ErrorNumber.SYSTEM_ERROR, ErrorDomain.QEMU));
    await expectAt("RUNNING", "absent");
  });

  it("because the guest dies on its way, or the connection, leaves the domain at its source", async () => {
    const conn = await connect(b.uri);
    const broken = {
      dying: { to: b.ours, crash: async () => void process.kill(await pidOf(b, "dying"), "SIGKILL") },
      parted: { to: conn, crash: () => conn.close() },
    };
    const failed = Object.entries(broken).map(async ([name, { to, crash }]) => {
      const domain = await a.ours.domainCreateXML(heavyGuest(name));
      const migration = domain.migrate3(to, slowly, flag.LIVE);
      const [outcome] = await Promise.allSettled([migration, underWay(name).then(crash)]);
      // The C client reports the destination's error in some versions, and both as one in others.
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: { code: ErrorNumber.OPERATION_FAILED, domain: ErrorDomain.QEMU },
      });
    });
    await Promise.all(failed);
    await expectAt("RUNNING", "absent", Object.keys(broken));
  });

  it("for want of rights or means says so", async () => {
    const twins = await startTwins(a);
    await using readonly = await connect(b.uri, { readonly: true });
    const theirReadonly = await python.open(b.uri, { readonly: true });
    const denied = { code: ErrorNumber.OPERATION_DENIED, domain: ErrorDomain.DOMAIN };
    await expect(twins.ours.migrate3(readonly, params, flag.LIVE)).rejects.toMatchObject(denied);
    const theirs = twins.theirs.call("migrate3", theirReadonly, params, flag.LIVE);
    await expect(theirs).rejects.toMatchObject({ fields: denied });
    await expectAt("RUNNING", "absent");

    await expect(twins.ours.migrateToURI(loopback, flag.LIVE)).rejects.toThrow(/no direct migration/);
    const direct = twins.theirs.call("migrateToURI", loopback, flag.LIVE, null, 0);
    await expect(direct).rejects.toMatchObject({ fields: { code: ErrorNumber.ARGUMENT_UNSUPPORTED } });

    await using driver = await connect(a.daemon.uri("test"));
    const domain = await driver.domainLookupByName("test");
    await expect(domain.migrate3(driver)).rejects.toThrow(UnsupportedError);
    await expect(domain.migrate(driver)).rejects.toThrow(UnsupportedError);
    await expect(domain.migrateToURI3(b.uri, {}, flag.PEER2PEER)).rejects.toThrow(UnsupportedError);
  });
});

describe("a migration that is cancelled", () => {
  it("by abortJob says so and leaves the domain at its source", async () => {
    const twins = await startTwins(a, heavyGuest);
    const both = same(
      twins.ours.migrate3(b.ours, slowly, flag.LIVE),
      twins.theirs.call("migrate3", b.theirs, slowly, flag.LIVE),
    );
    await underWay(names.ours, names.theirs);
    for (const name of Object.values(names)) await (await a.ours.domainLookupByName(name)).abortJob();
    expect(await both).toEqual(failure(ErrorNumber.OPERATION_ABORTED, ErrorDomain.QEMU));
    await expectAt("RUNNING", "absent");
  });

  it("by a signal or for want of time, in any phase, leaves the domain at its source", async () => {
    const reason = new Error("changed my mind");
    const begun = (name: string) =>
      expect.poll(() => presence(b, name), { interval: 10, timeout: 20_000 }).not.toBe("absent");
    const atOnce = () => Promise.resolve();
    const cases: Record<string, { flags: number; when?: (name: string) => Promise<unknown> }> = {
      preparing: { flags: flag.LIVE, when: begun },
      sending: { flags: flag.LIVE, when: underWay },
      "peer-at-once": { flags: peers, when: atOnce },
      "peer-preparing": { flags: peers, when: begun },
      "peer-sending": { flags: peers, when: underWay },
      timed: { flags: flag.LIVE },
      "peer-timed": { flags: peers },
    };
    const cancelled = Object.entries(cases).map(async ([name, { flags, when }]) => {
      const domain = await a.ours.domainCreateXML(heavyGuest(name));
      const controller = new AbortController();
      const options = when ? { signal: controller.signal } : { timeoutMs: 4000 };
      const migration =
        flags === peers
          ? domain.migrateToURI3(b.uri, slowly, flags, options)
          : domain.migrate3(b.ours, slowly, flags, options);
      const [outcome] = await Promise.allSettled([
        migration,
        when?.(name).finally(() => controller.abort(reason)),
      ]);
      const expected = when ? reason : expect.any(TimeoutError);
      expect(outcome, name).toEqual({ status: "rejected", reason: expected });
      expect(domain.id).toBeGreaterThan(0);
      // No job is left behind.
      await domain.setMemory(16384n);
    });
    await Promise.all(cancelled);
    await expectAt("RUNNING", "absent", Object.keys(cases));
  });
});
