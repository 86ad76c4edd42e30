import { beforeEach, describe, expect, test } from "vitest";
import { type Connection, connect, type Domain, ErrorNumber } from "../../../../src/index.js";
import * as lxc from "../../../../src/protocol/generated/lxc.js";
import * as qemu from "../../../../src/protocol/generated/qemu.js";
import * as remote from "../../../../src/protocol/generated/remote.js";
import { callName, type ProcedureName } from "../../../../src/testing/hypervisor/call-names.js";
import type { TestCall, TestHypervisor } from "../../../../src/testing/index.js";
import { findProgram } from "../../../../src/testing/server/programs.js";
import { setUp } from "./set-up.js";

let hypervisor: TestHypervisor;
let conn: Connection;
let domain: Domain;

beforeEach(async () => {
  ({ hypervisor, conn, domain } = await setUp());
});

describe("the calls", () => {
  test("are written down, each with what came of it", async () => {
    hypervisor.clearCalls();
    await domain.suspend();
    await expect(domain.suspend()).rejects.toThrow();
    await conn.getHostname();
    const about = { name: "test", uuid: domain.uuid };
    expect(hypervisor.calls).toMatchObject([
      {
        name: "Domain.suspend",
        procedure: "REMOTE_PROC_DOMAIN_SUSPEND",
        domain: about,
        state: "done",
        client: 1,
      },
      { name: "Domain.suspend", state: "failed", error: { code: ErrorNumber.INTERNAL_ERROR } },
      { name: "Connection.getHostname", args: undefined, domain: undefined, state: "done" },
    ]);
    expect(hypervisor.calls[0]?.args).toMatchObject({ dom: { name: "test", id: 1 } });
    expect(hypervisor.calls[2]?.result).toHaveProperty("hostname");
  });

  test("are those that have come up to then", async () => {
    const before = hypervisor.calls;
    await domain.suspend();
    expect(hypervisor.calls).toHaveLength(before.length + 1);
    hypervisor.clearCalls();
    expect(hypervisor.calls).toEqual([]);
    expect(before).not.toEqual([]);
  });

  test("say which connection they came by", async () => {
    await using other = await connect(hypervisor.uri);
    hypervisor.clearCalls();
    await other.getHostname();
    await conn.getHostname();
    expect(hypervisor.calls.map(({ client }) => client)).toEqual([2, 1]);
  });

  test("are called by the methods that make them, as far as there are such", () => {
    expect(callName("REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY")).toBe(
      "Connection.domainEventRegisterAny",
    );
    expect(callName("REMOTE_PROC_NWFILTER_LOOKUP_BY_UUID")).toBe("Connection.nwFilterLookupByUUID");
    expect(callName("REMOTE_PROC_DOMAIN_MIGRATE_BEGIN3")).toBe("REMOTE_PROC_DOMAIN_MIGRATE_BEGIN3");
    expect(callName("QEMU_PROC_DOMAIN_MONITOR_COMMAND")).toBe("Domain.qemuMonitorCommand");
  });

  test("have a name for every procedure that a driver can get", () => {
    const programs = [remote.REMOTE_PROGRAM, qemu.QEMU_PROGRAM, lxc.LXC_PROGRAM];
    const names = programs.flatMap((program) => [...findProgram(program)!.values()].map(({ name }) => name));
    const ofTheServer = /_(AUTH_[A-Z_]+|CONNECT_CLOSE|CONNECT_SUPPORTS_FEATURE)$/;
    const driven = names.filter((name) => !ofTheServer.test(name));
    expect(driven.length).toBeGreaterThan(380);
    for (const name of driven) expect(callName(name as ProcedureName)).toEqual(expect.any(String));
  });
});

describe("a call that is waited for", () => {
  test("may have come before, or be yet to come", async () => {
    await domain.suspend();
    expect(await hypervisor.waitForCall("Domain.suspend")).toMatchObject({ state: "done" });
    hypervisor.clearCalls();
    const waiting = hypervisor.waitForCall("Domain.resume");
    await domain.resume();
    expect(await waiting).toMatchObject({ name: "Domain.resume" });
  });

  test("is the how-manieth one wants, of those that one means", async () => {
    const where = ({ args }: TestCall) => (args as { flags?: number }).flags === 1;
    const waiting = hypervisor.waitForCall("Domain.getXMLDesc", { times: 2, where });
    for (const flags of [0, 1, 0, 1, 0]) await domain.getXMLDesc(flags);
    const asked = hypervisor.calls.filter(({ name }) => name === "Domain.getXMLDesc");
    expect(asked.indexOf(await waiting)).toBe(3);
  });

  test("is waited for as long as the signal says", async () => {
    const waiting = hypervisor.waitForCall("Domain.reset", { signal: AbortSignal.timeout(5) });
    await expect(waiting).rejects.toMatchObject({ name: "TimeoutError" });
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(hypervisor.waitForCall("Domain.reset", { signal: aborted })).rejects.toThrow("enough");
  });

  test.each([
    ["domain.reset", {}, TypeError],
    ["Domain.reset", { times: 0 }, RangeError],
    ["Domain.reset", { domain: 1 }, TypeError],
  ])("cannot be %s %j", async (name, options, error) => {
    await expect(hypervisor.waitForCall(name as "*", options as object)).rejects.toThrow(error);
  });
});
