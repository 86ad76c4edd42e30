import { describe, expect, test } from "vitest";
import { typed } from "../../../src/api/typed-params.js";
import { UnsupportedError } from "../../../src/errors.js";
import {
  DomainMigrateFlags,
  MIGRATE_PARAM_BANDWIDTH,
  MIGRATE_PARAM_DEST_NAME,
  MIGRATE_PARAM_DEST_XML,
  MIGRATE_PARAM_MIGRATE_DISKS,
  MIGRATE_PARAM_URI,
} from "../../../src/generated/constants.js";
import { DriverFeature } from "../../../src/rpc/feature.js";
import { guest, MigrationPair, movedGuest, qemuFeatures, values, without } from "./migration-daemons.js";

const flag = DomainMigrateFlags;
const none = new Uint8Array(0);
describe("a migration that the source leads", () => {
  const flags = flag.LIVE | flag.PEER2PEER;

  test("peer to peer is one call with all parameters", async () => {
    const pair = new MigrationPair();
    const params = { [MIGRATE_PARAM_URI]: "tcp://b", [MIGRATE_PARAM_BANDWIDTH]: 3n };
    expect(await pair.domain.migrateToURI3("qemu://b/system", params, flags)).toBeUndefined();
    const call = { procedure: "REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3_PARAMS", step: "perform" };
    expect(pair.heard).toEqual([
      {
        ...call,
        args: expect.objectContaining({ dom: guest, dconnuri: "qemu://b/system", cookieIn: none, flags }),
      },
    ]);
    expect(values(pair.args("perform")["params"])).toEqual(params);
    expect(pair.domain.id).toBe(-1);
  });

  test.each([
    ["migrateToURI", { [MIGRATE_PARAM_DEST_NAME]: "new", [MIGRATE_PARAM_BANDWIDTH]: 3n }],
    [
      "migrateToURI2",
      {
        [MIGRATE_PARAM_URI]: "tcp://b",
        [MIGRATE_PARAM_DEST_XML]: "<mine/>",
        [MIGRATE_PARAM_DEST_NAME]: "new",
        [MIGRATE_PARAM_BANDWIDTH]: 3n,
      },
    ],
  ] as const)("peer to peer has %s's arguments for parameters", async (method, expected) => {
    const pair = new MigrationPair();
    if (method === "migrateToURI") await pair.domain.migrateToURI("qemu://b/system", flags, "new", 3n);
    else await pair.domain.migrateToURI2("qemu://b/system", "tcp://b", "<mine/>", flags, "new", 3n);
    expect(pair.args("perform")).toMatchObject({ dconnuri: "qemu://b/system", flags });
    expect(values(pair.args("perform")["params"])).toEqual(expected);
  });

  test("peer to peer goes by arguments where the source has no parameters", async () => {
    const pair = new MigrationPair({ sourceFeatures: without(DriverFeature.MIGRATION_PARAMS) });
    await pair.domain.migrateToURI2("qemu://b/system", "tcp://b", "<mine/>", flags, "new", 3n);
    const places = { dconnuri: "qemu://b/system", uri: "tcp://b" };
    const wanted = { xmlin: "<mine/>", dname: "new", resource: 3n, flags: BigInt(flags) };
    expect(pair.heard.map(({ procedure }) => procedure)).toEqual(["REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3"]);
    expect(pair.args("perform")).toEqual({ dom: guest, cookieIn: none, ...places, ...wanted });
  });

  test("leads to the connection that migrate was given", async () => {
    const pair = new MigrationPair();
    const { domain, destination } = pair;
    const there = await domain.migrate(destination.connection, flags, "new");
    expect(there).toMatchObject({ connection: destination.connection, name: "new", id: movedGuest.id });
    expect(pair.args("perform")).toMatchObject({ dconnuri: "test+tcp://destination/default" });
    await domain.migrate(destination.connection, flags, null, "qemu://other/system");
    expect(pair.heard[1]?.args).toMatchObject({ dconnuri: "qemu://other/system", params: [] });
    const address = { [MIGRATE_PARAM_URI]: "tcp://b" };
    await domain.migrate2(destination.connection, null, flags, null, "tcp://b");
    expect(pair.heard[2]?.args).toMatchObject({ dconnuri: "test+tcp://destination/default" });
    expect(values(pair.heard[2]?.args["params"])).toEqual(address);
  });

  test("direct has the hypervisor's address, where there is such a hypervisor", async () => {
    const pair = new MigrationPair({ sourceFeatures: [...qemuFeatures, DriverFeature.MIGRATION_DIRECT] });
    await pair.domain.migrateToURI("xenmigr://b", flag.LIVE);
    expect(pair.args("perform")).toMatchObject({
      dconnuri: null,
      uri: "xenmigr://b",
      flags: BigInt(flag.LIVE),
    });
    await pair.domain.migrateToURI3("qemu://unused/system", { [MIGRATE_PARAM_URI]: "xenmigr://c" });
    expect(pair.heard[1]?.args).toMatchObject({ dconnuri: null, uri: "xenmigr://c" });
    const disks = { [MIGRATE_PARAM_MIGRATE_DISKS]: ["vda"] };
    await expect(pair.domain.migrateToURI3(null, disks)).rejects.toThrow(UnsupportedError);
    await expect(new MigrationPair().domain.migrateToURI("xenmigr://b")).rejects.toThrow(
      /no direct migration/,
    );
  });

  test("is refused where the source cannot", async () => {
    const attempt = (missing: number, flags: number) =>
      new MigrationPair({ sourceFeatures: without(missing) }).domain.migrateToURI("qemu://b/system", flags);
    await expect(attempt(DriverFeature.MIGRATION_P2P, flags)).rejects.toThrow(/no peer-to-peer migration/);
    const offline = flags | flag.OFFLINE;
    await expect(attempt(DriverFeature.MIGRATION_OFFLINE, offline)).rejects.toThrow(/no offline migration/);
  });
});

describe("arguments that cannot be", () => {
  const pair = () => new MigrationPair();

  test.each([
    [flag.NON_SHARED_DISK | flag.NON_SHARED_INC, TypeError],
    [flag.NON_SHARED_SYNCHRONOUS_WRITES, TypeError],
    [flag.TUNNELLED, TypeError],
    [flag.TUNNELLED | flag.PEER2PEER | flag.PARALLEL, TypeError],
    [-(2 ** 31) - 1, RangeError],
    [2 ** 32, RangeError],
    [1.5, RangeError],
    ["live" as unknown as number, TypeError],
  ])("flags %s are refused by every function", async (flags, error) => {
    const one = new MigrationPair();
    const { domain } = one;
    const { connection } = one.destination;
    const attempts = [
      domain.migrate(connection, flags),
      domain.migrate2(connection, null, flags),
      domain.migrate3(connection, {}, flags),
      domain.migrateToURI("qemu://b/system", flags),
      domain.migrateToURI2("qemu://b/system", null, null, flags),
      domain.migrateToURI3("qemu://b/system", {}, flags),
    ];
    for (const attempt of attempts) await expect(attempt).rejects.toThrow(error);
    expect(one.calls).toBe(0);
  });

  type Attempt = (pair: MigrationPair) => Promise<unknown>;
  const wrong = <T>(value: unknown) => value as T;
  const p2p = flag.PEER2PEER;
  const attempts: Record<string, [attempt: Attempt, error: typeof Error, message: RegExp]> = {
    "peer to peer by migrate3": [
      ({ domain, destination }) => domain.migrate3(destination.connection, {}, p2p),
      TypeError,
      /migrateToURI3/,
    ],
    "no connection": [({ domain }) => domain.migrate3(wrong("qemu://b/system")), TypeError, /dconn/],
    "no URI": [({ domain }) => domain.migrateToURI(wrong(null)), TypeError, /duri/],
    "no daemon's URI": [({ domain }) => domain.migrateToURI3(null, {}, p2p), TypeError, /URI is wanted/],
    "a malformed URI": [({ domain }) => domain.migrateToURI("b", p2p), TypeError, /URI/],
    "the source's own URI": [
      ({ domain }) => domain.migrateToURI("qemu:///system", p2p),
      RangeError,
      /its own host/,
    ],
    "the source's own name": [
      ({ domain, destination }) =>
        domain.migrate(destination.connection, p2p, null, "qemu+tcp://localhost:1/system"),
      RangeError,
      /its own host/,
    ],
    "a name that is a number": [
      ({ domain, destination }) => domain.migrate(destination.connection, 0, wrong(5)),
      TypeError,
      /dname/,
    ],
    "an empty name": [
      ({ domain, destination }) => domain.migrate(destination.connection, 0, ""),
      RangeError,
      /dname/,
    ],
    "an empty name for a parameter": [
      ({ domain }) => domain.migrateToURI3("qemu://b/system", { [MIGRATE_PARAM_DEST_NAME]: "" }, p2p),
      RangeError,
      /destination_name/,
    ],
    "an address that is a number": [
      ({ domain, destination }) => domain.migrate2(destination.connection, null, 0, null, wrong(5)),
      TypeError,
      /uri/,
    ],
    "XML that is a number": [
      ({ domain, destination }) => domain.migrate2(destination.connection, wrong(5)),
      TypeError,
      /dxml/,
    ],
    "bandwidth that is a number": [
      ({ domain }) => domain.migrateToURI("qemu://b/system", p2p, null, wrong(5)),
      TypeError,
      /bandwidth/,
    ],
    "bandwidth below zero": [
      ({ domain }) => domain.migrateToURI("qemu://b/system", p2p, null, -1n),
      RangeError,
      /bandwidth/,
    ],
    "an unknown parameter": [
      ({ domain }) => domain.migrateToURI3("qemu://b/system", { speed: 5 }, p2p),
      RangeError,
      /speed/,
    ],
    "a parameter of another type": [
      ({ domain, destination }) =>
        domain.migrate3(destination.connection, { [MIGRATE_PARAM_URI]: typed.int(5) }),
      TypeError,
      /migrate_uri/,
    ],
    "bandwidth of another type": [
      ({ domain, destination }) =>
        domain.migrate3(destination.connection, { [MIGRATE_PARAM_BANDWIDTH]: typed.uint(5) }),
      TypeError,
      /bandwidth/,
    ],
    "too many parameters": [
      ({ domain, destination }) =>
        domain.migrate3(destination.connection, { [MIGRATE_PARAM_MIGRATE_DISKS]: Array(62).fill("vda") }),
      RangeError,
      /62 values, at most 61/,
    ],
    "a time that is none": [
      ({ domain, destination }) => domain.migrate3(destination.connection, {}, 0, { timeoutMs: -1 }),
      RangeError,
      /timeoutMs/,
    ],
  };

  test.each(Object.entries(attempts))(
    "%s is refused before anything is sent",
    async (_what, [attempt, error, message]) => {
      const one = pair();
      const refused = attempt(one);
      await expect(refused).rejects.toThrow(error);
      await expect(refused).rejects.toThrow(message);
      expect(one.calls).toBe(0);
    },
  );

  test.each([
    "qemu+unix:///system?socket=/tmp/proxy",
    "qemu+unix:///system?Socket=/tmp/proxy",
    "qemu+tcp://127.0.0.1/system",
  ])("%s may be another host's", async (uri) => {
    const one = pair();
    await one.domain.migrateToURI(uri, p2p);
    expect(one.args("perform")).toMatchObject({ dconnuri: uri });
  });

  test("as many parameters as there may be are sent in every step", async () => {
    const one = pair();
    const disks = Array.from({ length: 61 }, (_, index) => `vd${index}`);
    await one.domain.migrate3(one.destination.connection, { [MIGRATE_PARAM_MIGRATE_DISKS]: disks });
    expect(one.args("confirm")["params"]).toHaveLength(64);
  });
});
