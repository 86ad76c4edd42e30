import { describe, expect, test } from "vitest";
import {
  ConnectionError,
  LibvirtError,
  ProtocolError,
  TimeoutError,
  UnsupportedError,
} from "../../../src/errors.js";
import {
  DomainMigrateFlags,
  DomainState,
  ErrorDomain,
  ErrorNumber,
  MIGRATE_PARAM_BANDWIDTH,
  MIGRATE_PARAM_DEST_NAME,
  MIGRATE_PARAM_DEST_XML,
  MIGRATE_PARAM_MIGRATE_DISKS,
  MIGRATE_PARAM_URI,
} from "../../../src/generated/constants.js";
import type { TypedParam } from "../../../src/protocol/generated/remote.js";
import { DriverFeature } from "../../../src/rpc/feature.js";
import { cookies, guest, MigrationPair, movedGuest, nonsense, values, without } from "./migration-daemons.js";
import { hangUp, RawReply, refusal } from "./scripted-daemon.js";

const flag = DomainMigrateFlags;
const none = new Uint8Array(0);
const sides = ["sourceFeatures", "destinationFeatures"];
const allSteps = ["begin", "prepare", "perform", "finish", "confirm"];
const failed = (): never => {
  throw refusal(ErrorNumber.OPERATION_FAILED, ErrorDomain.QEMU, "the step failed");
};

describe("a migration between two connections", () => {
  test("takes its steps in turn, each with the cookie of the one before", async () => {
    const pair = new MigrationPair();
    const { domain, destination } = pair;
    const params = { [MIGRATE_PARAM_BANDWIDTH]: 7, [MIGRATE_PARAM_MIGRATE_DISKS]: ["vda", "vdb"] };
    const flags = flag.LIVE | flag.AUTO_CONVERGE | flag.ABORT_ON_ERROR | flag.CHANGE_PROTECTION;
    const there = await domain.migrate3(destination.connection, params, flags);

    expect(there).toMatchObject({ connection: destination.connection, ref: movedGuest });
    expect(domain.id).toBe(-1);
    expect(pair.steps).toEqual(allSteps);
    expect(pair.heard.map(({ procedure }) => procedure)).toEqual(
      allSteps.map((step) => `REMOTE_PROC_DOMAIN_MIGRATE_${step.toUpperCase()}3_PARAMS`),
    );
    expect(pair.args("begin")).toMatchObject({ dom: guest, flags });
    expect(pair.args("prepare")).toMatchObject({ cookieIn: cookies.begin, flags: flag.LIVE });
    expect(pair.args("perform")).toMatchObject({
      dom: guest,
      cookieIn: cookies.prepare,
      dconnuri: null,
      flags,
    });
    expect(pair.args("finish")).toMatchObject({ cookieIn: cookies.perform, flags: flag.LIVE, cancelled: 0 });
    expect(pair.args("confirm")).toMatchObject({ dom: guest, cookieIn: cookies.finish, flags, cancelled: 0 });

    const given = (pair.args("begin")["params"] as TypedParam[]).map(({ field }) => field);
    expect(given).toEqual([
      MIGRATE_PARAM_BANDWIDTH,
      MIGRATE_PARAM_MIGRATE_DISKS,
      MIGRATE_PARAM_MIGRATE_DISKS,
    ]);
    const known = { [MIGRATE_PARAM_BANDWIDTH]: 7n, [MIGRATE_PARAM_MIGRATE_DISKS]: "vdb" };
    const prepared = { ...known, [MIGRATE_PARAM_DEST_XML]: "<domain/>" };
    const performed = { ...prepared, [MIGRATE_PARAM_URI]: "tcp:destination:49152" };
    const finished = { ...performed, [MIGRATE_PARAM_DEST_NAME]: "guest" };
    expect(values(pair.args("prepare")["params"])).toEqual(prepared);
    expect(values(pair.args("perform")["params"])).toEqual(performed);
    expect(values(pair.args("finish")["params"])).toEqual(finished);
    expect(values(pair.args("confirm")["params"])).toEqual(finished);
  });

  test("has what the caller wants and what the daemons say instead", async () => {
    const pair = new MigrationPair();
    const params = {
      [MIGRATE_PARAM_URI]: "tcp://wanted",
      [MIGRATE_PARAM_DEST_NAME]: "new",
      [MIGRATE_PARAM_DEST_XML]: "<mine/>",
    };
    await pair.domain.migrate3(pair.destination.connection, params);
    expect(values(pair.args("begin")["params"])).toEqual(params);
    expect(values(pair.args("prepare")["params"])).toEqual({
      ...params,
      [MIGRATE_PARAM_DEST_XML]: "<domain/>",
    });
    expect(values(pair.args("finish")["params"])).toEqual({
      [MIGRATE_PARAM_URI]: "tcp:destination:49152",
      [MIGRATE_PARAM_DEST_NAME]: "new",
      [MIGRATE_PARAM_DEST_XML]: "<domain/>",
    });
  });

  test("goes by arguments where the function has these", async () => {
    const pair = new MigrationPair();
    const { domain, destination } = pair;
    const there = await domain.migrate2(
      destination.connection,
      "<mine/>",
      flag.LIVE,
      "new",
      "tcp://wanted",
      8n,
    );
    expect(there.ref).toEqual(movedGuest);
    expect(pair.heard.map(({ procedure }) => procedure)).toEqual(
      allSteps.map((step) => `REMOTE_PROC_DOMAIN_MIGRATE_${step.toUpperCase()}3`),
    );
    const common = { dname: "new", resource: 8n };
    const atSource = BigInt(flag.LIVE | flag.CHANGE_PROTECTION);
    const atDestination = BigInt(flag.LIVE);
    const uri = "tcp:destination:49152";
    expect(pair.heard.map(({ args }) => args)).toEqual([
      { dom: guest, xmlin: "<mine/>", flags: atSource, ...common },
      {
        cookieIn: cookies.begin,
        uriIn: "tcp://wanted",
        domXml: "<domain/>",
        flags: atDestination,
        ...common,
      },
      { dom: guest, xmlin: null, cookieIn: cookies.prepare, dconnuri: null, uri, flags: atSource, ...common },
      { dname: "new", cookieIn: cookies.perform, dconnuri: null, uri, flags: atDestination, cancelled: 0 },
      { dom: guest, cookieIn: cookies.finish, flags: atSource, cancelled: 0 },
    ]);
  });

  test("keeps the name, and the address that the destination is content with", async () => {
    const pair = new MigrationPair().at("prepare", () => ({ cookieOut: none, uriOut: null }));
    await pair.domain.migrate(pair.destination.connection, 0, null, "tcp://wanted");
    expect(pair.args("begin")).toMatchObject({ xmlin: null, dname: null, resource: 0n });
    expect(pair.args("perform")).toMatchObject({ uri: "tcp://wanted", cookieIn: none });
    expect(pair.args("finish")).toMatchObject({ uri: "tcp://wanted", dname: "guest" });
  });

  test.each(sides)("goes by arguments where the %s lack parameters", async (side) => {
    const pair = new MigrationPair({ [side]: without(DriverFeature.MIGRATION_PARAMS) });
    const params = { [MIGRATE_PARAM_DEST_NAME]: "new", [MIGRATE_PARAM_BANDWIDTH]: 5 };
    await pair.domain.migrate3(pair.destination.connection, params);
    expect(pair.heard[0]).toMatchObject({
      procedure: "REMOTE_PROC_DOMAIN_MIGRATE_BEGIN3",
      args: { dname: "new", resource: 5n },
    });
    const more = { ...params, [MIGRATE_PARAM_MIGRATE_DISKS]: ["vda"] };
    const refused = pair.domain.migrate3(pair.destination.connection, more);
    await expect(refused).rejects.toThrow(/migrate_disks/);
    await expect(refused).rejects.toBeInstanceOf(UnsupportedError);
    expect(pair.steps).toEqual(allSteps);
  });

  test.each(["migrate", "migrate3"] as const)("takes the highest flag, by %s", async (method) => {
    const pair = new MigrationPair();
    const newest = 1 << 31;
    const { connection } = pair.destination;
    if (method === "migrate") await pair.domain.migrate(connection, newest | flag.LIVE);
    else await pair.domain.migrate3(connection, {}, newest | flag.LIVE);
    expect(Number(pair.args("begin")["flags"])).toBe(2 ** 31 + flag.LIVE + flag.CHANGE_PROTECTION);
    expect(Number(pair.args("finish")["flags"])).toBe(2 ** 31 + flag.LIVE);
  });

  test("keeps a paused domain paused", async () => {
    const pair = new MigrationPair({ state: DomainState.PAUSED });
    await pair.domain.migrate3(pair.destination.connection, {}, flag.LIVE);
    const flags = flag.LIVE | flag.PAUSED;
    expect(pair.args("begin")).toMatchObject({ flags: flag.LIVE | flag.CHANGE_PROTECTION });
    expect(pair.args("prepare")).toMatchObject({ flags });
    expect(pair.args("perform")).toMatchObject({ flags: flags | flag.CHANGE_PROTECTION });
    expect(pair.args("finish")).toMatchObject({ flags });
  });

  test("does not tell a domain to stay paused when it resumes a post-copy migration", async () => {
    const pair = new MigrationPair({ state: DomainState.PAUSED });
    const flags = flag.LIVE | flag.POSTCOPY | flag.POSTCOPY_RESUME;
    await pair.domain.migrate3(pair.destination.connection, {}, flags);
    expect(pair.args("prepare")).toMatchObject({ flags });
  });

  test("protects the domain only where the source can", async () => {
    const pair = new MigrationPair({ sourceFeatures: without(DriverFeature.MIGRATE_CHANGE_PROTECTION) });
    await pair.domain.migrate3(pair.destination.connection, {}, flag.LIVE);
    expect(pair.args("begin")).toMatchObject({ flags: flag.LIVE });
    const refused = pair.domain.migrate3(pair.destination.connection, {}, flag.CHANGE_PROTECTION);
    await expect(refused).rejects.toThrow(/protection/);
    await expect(refused).rejects.toBeInstanceOf(UnsupportedError);
  });

  test("sends nothing of a domain that does not run", async () => {
    const pair = new MigrationPair({ state: DomainState.SHUTOFF });
    const flags = flag.OFFLINE | flag.PERSIST_DEST;
    await pair.domain.migrate3(pair.destination.connection, {}, flags);
    expect(pair.steps).toEqual(["begin", "prepare", "finish", "confirm"]);
    expect(pair.args("finish")).toMatchObject({ flags, cookieIn: none });
  });

  test.each(sides)("is refused where the %s lack it", async (side) => {
    const attempt = (missing: number, flags: number) => {
      const { domain, destination } = new MigrationPair({
        [side]: without(missing, DriverFeature.MIGRATION_PARAMS),
      });
      return domain.migrate3(destination.connection, {}, flags);
    };
    await expect(attempt(DriverFeature.MIGRATION_V3, 0)).rejects.toThrow(UnsupportedError);
    await expect(attempt(DriverFeature.MIGRATION_OFFLINE, flag.OFFLINE)).rejects.toThrow(
      /memory has no offline migration/,
    );
  });

  test("takes the largest cookies, and none that are larger", async () => {
    const largest = new Uint8Array(4 * 1024 * 1024).fill(5);
    const pair = new MigrationPair();
    pair.at("begin", () => ({ cookieOut: largest, xml: "" }));
    await pair.domain.migrate3(pair.destination.connection);
    const received = pair.args("prepare")["cookieIn"] as Uint8Array;
    expect(Buffer.compare(received, largest)).toBe(0);

    const tooLarge = Buffer.alloc(4 + largest.length + 8);
    tooLarge.writeUInt32BE(largest.length + 1);
    pair.at("perform", () => new RawReply(tooLarge));
    await expect(pair.domain.migrate3(pair.destination.connection)).rejects.toThrow(ProtocolError);
    expect(pair.steps.slice(-2)).toEqual(["finish cancelled", "confirm cancelled"]);
  });
});

describe("a migration that fails", () => {
  const undone = {
    refused: {
      begin: ["begin"],
      prepare: ["begin", "prepare", "confirm cancelled"],
      perform: ["begin", "prepare", "perform", "finish cancelled"],
      finish: ["begin", "prepare", "perform", "finish", "confirm cancelled"],
    },
    "answered with nonsense": {
      begin: ["begin", "confirm cancelled"],
      prepare: ["begin", "prepare", "finish cancelled", "confirm cancelled"],
      perform: ["begin", "prepare", "perform", "finish cancelled", "confirm cancelled"],
      finish: ["begin", "prepare", "perform", "finish", "confirm cancelled"],
    },
    "not answered, for the daemon is gone": {
      begin: ["begin"],
      prepare: ["begin", "prepare", "confirm cancelled"],
      perform: ["begin", "prepare", "perform", "finish cancelled"],
      finish: ["begin", "prepare", "perform", "finish", "confirm cancelled"],
    },
  };
  const answers = {
    refused: [failed, LibvirtError],
    "answered with nonsense": [() => nonsense, ProtocolError],
    "not answered, for the daemon is gone": [() => hangUp, ConnectionError],
  } as const;
  const cases = Object.entries(undone).flatMap(([how, steps]) =>
    Object.entries(steps).map(([step, expected]) => ({ how: how as keyof typeof undone, step, expected })),
  );

  test.each(cases)("because $step is $how", async ({ how, step, expected }) => {
    const [answer, error] = answers[how];
    for (const method of ["migrate", "migrate3"] as const) {
      const pair = new MigrationPair().at(step, answer);
      await expect(pair.domain[method](pair.destination.connection)).rejects.toThrow(error);
      expect(pair.steps).toEqual(expected);
      expect(pair.domain.id).toBe(guest.id);
      // What the other side would not understand does not reach it.
      for (const { step, args } of pair.heard) {
        if (step.endsWith("cancelled")) expect(args).toMatchObject({ cookieIn: none });
      }
    }
  });

  test.each(Object.entries(answers))("only in its last word, %s, has succeeded", async (_how, [answer]) => {
    const pair = new MigrationPair().at("confirm", answer);
    const there = await pair.domain.migrate3(pair.destination.connection);
    expect(there.ref).toEqual(movedGuest);
    expect(pair.steps).toEqual(allSteps);
  });

  test("reports the first error, and not those of its being undone", async () => {
    const pair = new MigrationPair();
    const { INTERNAL_ERROR, OPERATION_INVALID } = ErrorNumber;
    const undoing = () => {
      throw refusal(OPERATION_INVALID, ErrorDomain.QEMU, "cannot be undone");
    };
    pair.at("perform", () => {
      throw refusal(INTERNAL_ERROR, ErrorDomain.QEMU, "first");
    });
    pair.at("finish cancelled", undoing);
    await expect(pair.domain.migrate3(pair.destination.connection)).rejects.toThrow("first");
    pair.at("finish", undoing).at("perform", () => undefined);
    pair.at("confirm cancelled", failed);
    const error = pair.domain.migrate3(pair.destination.connection);
    await expect(error).rejects.toMatchObject({ code: OPERATION_INVALID, message: "cannot be undone" });
  });

  test("on both sides reports the source's error, with the destination's for its cause", async () => {
    const pair = new MigrationPair().at("perform", failed);
    const failure = async () => {
      const error = await pair.domain.migrate3(pair.destination.connection).catch((error: unknown) => error);
      const { message, cause } = error as Error;
      return [message, cause];
    };
    expect(await failure()).toEqual(["the step failed", undefined]);
    pair.at("finish cancelled", () => {
      throw refusal(ErrorNumber.INTERNAL_ERROR, ErrorDomain.QEMU, "the guest died");
    });
    expect(await failure()).toMatchObject(["the step failed", { message: "the guest died" }]);
    pair.at("perform", () => {
      throw refusal(ErrorNumber.OPERATION_ABORTED, ErrorDomain.QEMU, "cancelled");
    });
    expect(await failure()).toEqual(["cancelled", undefined]);
  });

  test("has moved the domain if the destination keeps it nevertheless", async () => {
    const pair = new MigrationPair().at("perform", () => nonsense);
    pair.at("finish cancelled", () => ({ cookieOut: cookies.finish, dom: movedGuest }));
    const there = await pair.domain.migrate3(pair.destination.connection);
    expect(there.ref).toEqual(movedGuest);
    expect(pair.steps).toEqual(["begin", "prepare", "perform", "finish cancelled", "confirm"]);
  });

  test.each(["migrate", "migrate3"] as const)("for want of an address, by %s", async (method) => {
    const pair = new MigrationPair().at("prepare", () => ({ cookieOut: cookies.prepare, uriOut: null }));
    await expect(pair.domain[method](pair.destination.connection)).rejects.toThrow(/under what address/);
    expect(pair.steps).toEqual(["begin", "prepare", "finish cancelled", "confirm cancelled"]);
  });
});

describe("an aborted migration", () => {
  const reason = new Error("changed my mind");

  function abortAt(step: string): { pair: MigrationPair; signal: AbortSignal } {
    const controller = new AbortController();
    const pair = new MigrationPair().at(step, () => controller.abort(reason));
    return { pair, signal: controller.signal };
  }

  test.each([
    ["begin", ["begin", "confirm cancelled"]],
    ["prepare", ["begin", "prepare", "finish cancelled", "confirm cancelled"]],
  ])("is undone after %s", async (step, expected) => {
    const { pair, signal } = abortAt(step);
    await expect(pair.domain.migrate3(pair.destination.connection, {}, 0, { signal })).rejects.toBe(reason);
    expect(pair.steps).toEqual(expected);
    for (const { args } of pair.heard.slice(2)) expect(args).toMatchObject({ cookieIn: none });
    expect(signal.aborted).toBe(true);
  });

  test("is not begun", async () => {
    const pair = new MigrationPair();
    const signal = AbortSignal.abort(reason);
    await expect(pair.domain.migrate3(pair.destination.connection, {}, 0, { signal })).rejects.toBe(reason);
    await expect(pair.domain.migrateToURI3("qemu://b/system", {}, flag.PEER2PEER, { signal })).rejects.toBe(
      reason,
    );
    expect(pair.calls).toBe(0);
  });

  function latch(): { promise: Promise<void>; resolve: () => void } {
    let resolve = () => {};
    const promise = new Promise<void>((settle) => {
      resolve = settle;
    });
    return { promise, resolve };
  }

  /** A source that refuses to abort at first, and whose job then ends as given. */
  function busySource(end: () => unknown, refusals = 2): { pair: MigrationPair; signal: AbortSignal } {
    const pair = new MigrationPair();
    const controller = new AbortController();
    const { promise, resolve } = latch();
    let attempts = 0;
    pair.at("perform", async () => {
      controller.abort(reason);
      await promise;
      return end();
    });
    pair.at("abort job", () => {
      if (++attempts > refusals) return resolve();
      throw refusal(ErrorNumber.OPERATION_INVALID, ErrorDomain.QEMU, "no job is active");
    });
    return { pair, signal: controller.signal };
  }

  test("ends the source's job, as soon as there is one", async () => {
    const { pair, signal } = busySource(failed);
    await expect(pair.domain.migrate3(pair.destination.connection, {}, 0, { signal })).rejects.toBe(reason);
    const aborts = ["abort job", "abort job", "abort job"];
    expect(pair.steps).toEqual(["begin", "prepare", "perform", ...aborts, "finish cancelled"]);
  });

  test("is undone when the source has sent everything nevertheless", async () => {
    const { pair, signal } = busySource(() => undefined, 0);
    await expect(pair.domain.migrate3(pair.destination.connection, {}, 0, { signal })).rejects.toBe(reason);
    const undone = ["finish cancelled", "confirm cancelled"];
    expect(pair.steps).toEqual(["begin", "prepare", "perform", "abort job", ...undone]);
  });

  test("goes through when the guest may run at the destination already", async () => {
    const { pair, signal } = busySource(() => undefined, 0);
    const { connection } = pair.destination;
    const there = await pair.domain.migrate3(connection, {}, flag.LIVE | flag.POSTCOPY, { signal });
    expect(there.ref).toEqual(movedGuest);
    expect(pair.steps).toEqual(["begin", "prepare", "perform", "abort job", "finish", "confirm"]);
  });

  test.each(["finish", "confirm"])("goes through when %s is under way", async (step) => {
    const { pair, signal } = abortAt(step);
    const there = await pair.domain.migrate3(pair.destination.connection, {}, 0, { signal });
    expect(there.ref).toEqual(movedGuest);
    expect(pair.steps).toEqual(allSteps);
    expect(signal.aborted).toBe(true);
  });

  test("keeps the error that came before the abort", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const pair = new MigrationPair().at("perform", failed).at("finish cancelled", () => {
      controller.abort(reason);
      return failed();
    });
    const migration = pair.domain.migrate3(pair.destination.connection, {}, 0, { signal });
    await expect(migration).rejects.toThrow("the step failed");
    expect(signal.aborted).toBe(true);
  });

  test("is one that takes too long", async () => {
    const pair = new MigrationPair();
    const { promise, resolve } = latch();
    pair.at("abort job", resolve).at("perform", () => promise.then(failed));
    const migration = pair.domain.migrate3(pair.destination.connection, {}, 0, { timeoutMs: 50 });
    await expect(migration).rejects.toThrow(TimeoutError);
    await expect(migration).rejects.toThrow("migrating guest");
    expect(pair.steps).toEqual(["begin", "prepare", "perform", "abort job", "finish cancelled"]);
  });

  test("peer to peer ends the source's job", async () => {
    const { pair, signal } = busySource(failed);
    const migration = pair.domain.migrateToURI3("qemu://b/system", {}, flag.PEER2PEER, { signal });
    await expect(migration).rejects.toBe(reason);
    expect(pair.steps).toEqual(["perform", "abort job", "abort job", "abort job"]);
    expect(pair.domain.id).toBe(guest.id);
  });

  test("peer to peer has moved the domain if it came too late", async () => {
    const { pair, signal } = busySource(() => undefined, 0);
    await pair.domain.migrateToURI3("qemu://b/system", {}, flag.PEER2PEER, { signal });
    expect(pair.domain.id).toBe(-1);
  });
});
