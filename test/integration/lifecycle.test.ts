import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Connection,
  ConnectListAllDomainsFlags,
  connect,
  type Domain,
  DomainCreateFlags,
  DomainState,
  DomainXMLFlags,
  ErrorLevel,
  ErrorNumber,
} from "../../src/index.js";
import { normalise, type Outcome, outcome, type PyObject, PythonLibvirt } from "../support/differential.js";
import { type DomainFixture, qemuDomainXML, testDomainXML } from "../support/fixtures.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { startOurServer, type TestDriver } from "../support/test-drivers.js";

const { PAUSED, RUNNING, SHUTOFF } = DomainState;
const { INACTIVE } = DomainXMLFlags;

const name = "žluťoučký <kůň>";
const uuid = "0f4ab6e2-5e5c-4f4c-9d3b-2f6f1c1d7a10";
const uuidBytes = new Uint8Array(Buffer.from(uuid.replaceAll("-", ""), "hex"));
const otherUuid = "5b7f2b8c-8e0e-4f0b-9a44-1f1c5a0c9e77";

let libvirtd: Libvirtd;
let ours: TestDriver;
let python: PythonLibvirt;

beforeAll(async () => {
  python = new PythonLibvirt();
  libvirtd = await startLibvirtd({ tcp: true });
  ours = await startOurServer();
});

afterAll(async () => {
  await python.close();
  await libvirtd.stop();
  await ours.stop();
});

/** What both clients can do with one domain, each in its own words. */
interface Client {
  define(xml: string): Promise<unknown>;
  createXML(xml: string): Promise<unknown>;
  create(flags?: DomainCreateFlags): Promise<unknown>;
  suspend(): Promise<unknown>;
  resume(): Promise<unknown>;
  reset(): Promise<unknown>;
  shutdown(): Promise<unknown>;
  destroy(): Promise<unknown>;
  undefine(): Promise<unknown>;
  setAutostart(autostart: boolean): Promise<unknown>;
  /** The ID that its own object of the domain has. */
  heldId(): Promise<number>;
  /** All that it sees of the domain, which last had this ID. */
  look(id: number): Promise<Record<string, Outcome>>;
}

type Calls = Readonly<Record<string, Promise<unknown>>>;

async function outcomes(calls: Calls): Promise<Record<string, Outcome>> {
  const pairs = Object.entries(calls).map(async ([what, call]) => [what, await outcome(call)] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

/** Lists have no order that means anything. */
async function sorted(list: Promise<unknown>): Promise<unknown> {
  const items = normalise(await list) as unknown[];
  return items.map((item) => JSON.stringify(item)).sort();
}

function virtwire(conn: Connection): Client {
  let held: Domain;
  let seen: Domain | undefined;
  const hold = async (made: Promise<Domain>) => {
    held = await made;
    return held;
  };

  function facts(domain: Domain): Calls {
    return {
      // CPU time passes.
      info: domain
        .getInfo()
        .then(({ state, maxMem, memory, nrVirtCpu }) => [state, maxMem, memory, nrVirtCpu]),
      state: domain.getState().then(({ state, reason }) => [state, reason]),
      xml: domain.getXMLDesc(),
      inactiveXML: domain.getXMLDesc(INACTIVE),
      autostart: domain.getAutostart().then(Number),
      active: domain.isActive().then(Number),
      persistent: domain.isPersistent().then(Number),
      updated: domain.isUpdated().then(Number),
      osType: domain.getOSType(),
      maxMemory: domain.getMaxMemory(),
      maxVcpus: domain.getMaxVcpus(),
    };
  }

  return {
    define: (xml) => hold(conn.domainDefineXML(xml)),
    createXML: (xml) => hold(conn.domainCreateXML(xml)),
    create: (flags) => (flags === undefined ? held.create() : held.createWithFlags(flags)),
    suspend: () => held.suspend(),
    resume: () => held.resume(),
    reset: () => held.reset(),
    shutdown: () => held.shutdown(),
    destroy: () => held.destroy(),
    undefine: () => held.undefine(),
    setAutostart: (autostart) => held.setAutostart(autostart),
    heldId: async () => held.getID(),
    async look(id) {
      const lookups = await outcomes({
        byName: conn.domainLookupByName(name),
        byUuid: conn.domainLookupByUUID(uuidBytes),
        byUuidText: conn.domainLookupByUUIDString(uuid),
        byId: conn.domainLookupByID(id),
        all: sorted(conn.listAllDomains()),
        running: sorted(conn.listAllDomains(ConnectListAllDomainsFlags.ACTIVE)),
        ids: sorted(conn.listDomains()),
        definedNames: sorted(conn.listDefinedDomains()),
        numRunning: conn.numOfDomains(),
        numDefined: conn.numOfDefinedDomains(),
      });
      seen = await conn.domainLookupByName(name).catch(() => seen);
      return { ...lookups, ...(seen && (await outcomes(facts(seen)))) };
    },
  };
}

function cClient(conn: PyObject): Client {
  let held: PyObject;
  let seen: PyObject | undefined;
  const hold = async (made: Promise<PyObject>) => {
    held = await made;
    return held;
  };
  /** Where C returns 0 for success we return nothing. */
  const done = async (call: Promise<unknown>) => {
    expect(await call).toBe(0);
  };

  function facts(domain: PyObject): Calls {
    return {
      info: domain.call("info").then((info) => (info as unknown[]).slice(0, 4)),
      state: domain.call("state"),
      xml: domain.call("XMLDesc", 0),
      inactiveXML: domain.call("XMLDesc", INACTIVE),
      autostart: domain.call("autostart"),
      active: domain.call("isActive"),
      persistent: domain.call("isPersistent"),
      updated: domain.call("isUpdated"),
      osType: domain.call("OSType"),
      maxMemory: domain.call("maxMemory"),
      maxVcpus: domain.call("maxVcpus"),
    };
  }

  return {
    define: (xml) => hold(conn.object("defineXML", xml)),
    createXML: (xml) => hold(conn.object("createXML", xml, 0)),
    create: (flags) => done(flags === undefined ? held.call("create") : held.call("createWithFlags", flags)),
    suspend: () => done(held.call("suspend")),
    resume: () => done(held.call("resume")),
    reset: () => done(held.call("reset", 0)),
    shutdown: () => done(held.call("shutdown")),
    destroy: () => done(held.call("destroy")),
    undefine: () => done(held.call("undefine")),
    setAutostart: (autostart) => done(held.call("setAutostart", Number(autostart))),
    heldId: async () => (await held.call("ID")) as number,
    async look(id) {
      const lookups = await outcomes({
        byName: conn.call("lookupByName", name),
        byUuid: conn.call("lookupByUUID", uuidBytes),
        byUuidText: conn.call("lookupByUUIDString", uuid),
        byId: conn.call("lookupByID", id),
        all: sorted(conn.call("listAllDomains", 0)),
        running: sorted(conn.call("listAllDomains", ConnectListAllDomainsFlags.ACTIVE)),
        ids: sorted(conn.call("listDomainsID")),
        definedNames: sorted(conn.call("listDefinedDomains")),
        numRunning: conn.call("numOfDomains"),
        numDefined: conn.call("numOfDefinedDomains"),
      });
      seen = await conn.object("lookupByName", name).catch(() => seen);
      return { ...lookups, ...(seen && (await outcomes(facts(seen)))) };
    },
  };
}

const done = { value: undefined };
/** How exactly depends on the driver; that both clients are told the same does not. */
const refused = { error: { level: ErrorLevel.ERROR } };
const noDomain = { error: { code: ErrorNumber.NO_DOMAIN } };

/** One thing to do, what is to come of it, and in which state it leaves the domain: none where there is none. */
interface Step {
  readonly title: string;
  act(client: Client): Promise<unknown>;
  readonly expected: object;
  readonly state: number | undefined;
}

/** The whole life of a domain. The test driver's guests obey a request to shut down, and cannot start paused. */
function life(driver: string, xml: (domain: DomainFixture) => string): Step[] {
  const guest = xml({ name, uuid, vcpus: 2 });
  const larger = xml({ name, uuid, vcpus: 2, memoryKiB: 65_536 });
  const made = (id: unknown) => ({ value: { class: "Domain", name, uuid, id } });
  const stops = driver === "test";
  const paused = driver === "test" ? 0 : DomainCreateFlags.START_PAUSED;
  const steps: [string, Step["act"], object, number | undefined][] = [
    ["define", (client) => client.define(guest), made(-1), SHUTOFF],
    ["define anew", (client) => client.define(larger), made(-1), SHUTOFF],
    [
      "define another of that name",
      (client) => client.define(xml({ name, uuid: otherUuid })),
      refused,
      SHUTOFF,
    ],
    ["define rubbish", (client) => client.define("<domain/>"), refused, SHUTOFF],
    ["define what is no XML", (client) => client.define("<domain"), refused, SHUTOFF],
    ["set autostart", (client) => client.setAutostart(true), done, SHUTOFF],
    ["set autostart again", (client) => client.setAutostart(true), done, SHUTOFF],
    ["unset autostart", (client) => client.setAutostart(false), done, SHUTOFF],
    ["suspend what is off", (client) => client.suspend(), refused, SHUTOFF],
    ["resume what is off", (client) => client.resume(), refused, SHUTOFF],
    ["shut down what is off", (client) => client.shutdown(), refused, SHUTOFF],
    ["destroy what is off", (client) => client.destroy(), refused, SHUTOFF],
    ["create", (client) => client.create(), done, RUNNING],
    ["create again", (client) => client.create(), refused, RUNNING],
    ["suspend", (client) => client.suspend(), done, PAUSED],
    ["resume", (client) => client.resume(), done, RUNNING],
    ["reset", (client) => client.reset(), done, RUNNING],
    ["shut down", (client) => client.shutdown(), done, stops ? SHUTOFF : RUNNING],
    ["destroy", (client) => client.destroy(), stops ? refused : done, SHUTOFF],
    ["create with flags", (client) => client.create(paused), done, paused ? PAUSED : RUNNING],
    ["suspend, again", (client) => client.suspend(), paused ? expect.anything() : done, PAUSED],
    ["undefine while it exists", (client) => client.undefine(), done, PAUSED],
    ["resume what is transient now", (client) => client.resume(), done, RUNNING],
    [
      "set autostart of a transient one",
      (client) => client.setAutostart(true),
      stops ? done : refused,
      RUNNING,
    ],
    ["destroy what is transient now", (client) => client.destroy(), done, undefined],
    ["create what is gone", (client) => client.create(), noDomain, undefined],
    ["destroy what is gone", (client) => client.destroy(), noDomain, undefined],
    ["undefine what is gone", (client) => client.undefine(), noDomain, undefined],
    ["create from XML", (client) => client.createXML(guest), made(expect.any(Number)), RUNNING],
    ["create from XML again", (client) => client.createXML(guest), refused, RUNNING],
    ["define what runs", (client) => client.define(guest), made(expect.any(Number)), RUNNING],
    ["destroy what is defined too", (client) => client.destroy(), done, SHUTOFF],
    ["undefine", (client) => client.undefine(), done, undefined],
  ];
  return steps.map(([title, act, expected, state]) => ({ title, act, expected, state }));
}

/** One client acts, and both look after each step. Returns what the steps came to. */
async function play(
  steps: readonly Step[],
  actor: Client,
  [ours, theirs]: [Client, Client],
): Promise<object[]> {
  const story: object[] = [];
  let id = 4711;
  for (const { title, act, expected, state } of steps) {
    const result = await outcome(act(actor));
    expect(result, title).toMatchObject(expected);
    const [seen, wanted] = [await ours.look(id), await theirs.look(id)];
    expect(seen, title).toEqual(wanted);
    expect(seen["state"], title).toMatchObject(
      state === undefined ? noDomain : { value: [state, expect.any(Number)] },
    );

    // Of a guest that has shut itself down an object still has the old ID, in C too.
    const heldId = await actor.heldId();
    const found = seen["byName"] as { value?: { id: number } };
    if (found.value && found.value.id > 0) {
      id = found.value.id;
      expect(heldId, title).toBe(id);
    }
    // IDs are never used twice: all that two runs can have in common is whether there is one.
    story.push({ title, result: withoutId(result), hasId: heldId > 0 });
  }
  return story;
}

function withoutId(result: Outcome): unknown {
  if (!("value" in result) || typeof result.value !== "object") return result;
  const { id, ...rest } = result.value as { id: number };
  return { ...rest, hasId: id > 0 };
}

describe.each([
  ["test+unix", "test", "unix", testDomainXML, () => libvirtd],
  ["test+tcp", "test", "tcp", testDomainXML, () => libvirtd],
  ["qemu+unix", "qemu", "unix", qemuDomainXML, () => libvirtd],
  ["test+unix of ours", "test", "unix", testDomainXML, () => ours],
  ["test+tcp of ours", "test", "tcp", testDomainXML, () => ours],
] as const)("by %s, and by the C client", (_, driver, transport, xml, daemon) => {
  let conn: Connection;
  let theirs: PyObject;

  beforeAll(async () => {
    const uri = daemon().uri(driver, { transport });
    conn = await connect(uri);
    theirs = await python.open(uri);
  });

  afterAll(async () => {
    await theirs.call("close");
    await conn.close();
  });

  test("a domain's whole life is the same, whoever acts and whoever looks", async () => {
    const clients: [Client, Client] = [virtwire(conn), cClient(theirs)];
    const steps = life(driver, xml);
    const ourStory = await play(steps, clients[0], clients);
    const theirStory = await play(steps, clients[1], clients);
    expect(ourStory).toEqual(theirStory);
  });

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ["no such name", () => conn.domainLookupByName("nobody"), () => theirs.call("lookupByName", "nobody")],
    ["the empty name", () => conn.domainLookupByName(""), () => theirs.call("lookupByName", "")],
    [
      "no such UUID",
      () => conn.domainLookupByUUIDString(otherUuid),
      () => theirs.call("lookupByUUIDString", otherUuid),
    ],
    ["no such ID", () => conn.domainLookupByID(4711), () => theirs.call("lookupByID", 4711)],
    [
      "no such flag",
      () => conn.domainCreateXML(xml({ name }), 0x40000000),
      () => theirs.call("createXML", xml({ name }), 0x40000000),
    ],
    ["an empty XML", () => conn.domainDefineXML(""), () => theirs.call("defineXML", "")],
    [
      "another hypervisor's XML",
      () => conn.domainDefineXML("<domain type='xen'><name>x</name></domain>"),
      () => theirs.call("defineXML", "<domain type='xen'><name>x</name></domain>"),
    ],
  ])("%s is the same error", async (_what, ours, other) => {
    const error = await outcome(ours());
    expect(error).toMatchObject({ error: { level: 2, message: expect.any(String) } });
    expect(error).toEqual(await outcome(other()));
  });

  test("64 bits are bigints", async () => {
    const domain = await conn.domainCreateXML(xml({ name: "wide" }));
    const { maxMem, memory, cpuTime } = await domain.getInfo();
    expect([typeof maxMem, typeof memory, typeof cpuTime]).toEqual(["bigint", "bigint", "bigint"]);
    expect(await domain.getMaxMemory()).toBe(maxMem);
    await domain.destroy();
  });
});
