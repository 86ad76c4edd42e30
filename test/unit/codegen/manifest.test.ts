import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Api, ApiFunction } from "../../../codegen/api/model.js";
import { emitManifest } from "../../../codegen/emit/manifest.js";
import * as constants from "../../../src/generated/constants.js";

const symbol = { library: "libvirt", file: "f", since: "0.0.3" } as const;

function fn(name: string, firstType = "virDomainPtr"): ApiFunction {
  return {
    ...symbol,
    name,
    returns: "int",
    returnsEnum: undefined,
    args: [{ name: "first", type: firstType, enums: [] }],
  };
}

function api(parts: Partial<Api>): Api {
  return {
    functions: [],
    callbacks: [],
    enums: [],
    strings: [],
    numbers: [],
    structs: [],
    typedefs: [],
    ...parts,
  };
}

const procedures = new Map([["REMOTE_PROC_DOMAIN_CREATE", { program: "remote", number: 9 }]]);

function emit(parts: Partial<Api>): unknown {
  return JSON.parse(emitManifest(api(parts), procedures));
}

describe("emitManifest", () => {
  test("a function with a procedure, one without, one that is not needed", () => {
    const functions = [fn("virDomainGetName"), fn("virDomainFree"), fn("virDomainCreate")];
    expect(emit({ functions })).toEqual([
      {
        c: "virDomainCreate",
        kind: "function",
        ts: "Domain.create",
        program: "remote",
        procedure: 9,
        since: "0.0.3",
      },
      { c: "virDomainFree", kind: "function", local: expect.stringContaining("garbage"), since: "0.0.3" },
      { c: "virDomainGetName", kind: "function", ts: "Domain.getName", since: "0.0.3" },
    ]);
  });

  test("enum members and string macros with their values", () => {
    const members = ["VIR_DOMAIN_NOSTATE", "VIR_DOMAIN_RUNNING", "VIR_DOMAIN_LAST"];
    expect(
      emit({
        enums: [
          {
            ...symbol,
            name: "virDomainState",
            members: members.map((name, value) => ({ name, value, since: "0.0.1" })),
          },
        ],
        strings: [{ ...symbol, name: "VIR_DOMAIN_JOB_TIME_ELAPSED", value: "time_elapsed" }],
      }),
    ).toEqual([
      {
        c: "VIR_DOMAIN_LAST",
        kind: "enum",
        local: expect.stringContaining("bound"),
        value: 2,
        since: "0.0.1",
      },
      { c: "VIR_DOMAIN_NOSTATE", kind: "enum", ts: "DomainState.NOSTATE", value: 0, since: "0.0.1" },
      { c: "VIR_DOMAIN_RUNNING", kind: "enum", ts: "DomainState.RUNNING", value: 1, since: "0.0.1" },
      {
        c: "VIR_DOMAIN_JOB_TIME_ELAPSED",
        kind: "macro",
        ts: "DOMAIN_JOB_TIME_ELAPSED",
        value: "time_elapsed",
        since: "0.0.3",
      },
    ]);
  });

  test("a row a line", () => {
    const text = emitManifest(
      api({ functions: [fn("virDomainCreate"), fn("virDomainGetName")] }),
      procedures,
    );
    expect(text.split("\n").map((line) => line.trim().slice(0, 6))).toEqual([
      "[",
      '{"c":"',
      '{"c":"',
      "]",
      "",
    ]);
  });

  test("a function that nothing is known of stops the generator", () => {
    expect(() => emit({ functions: [fn("virDomainFly")] })).toThrow(/virDomainFly: no procedure/);
    expect(() => emit({ functions: [fn("virFly", "int")] })).toThrow(/virFly: neither/);
  });
});

interface Row {
  readonly c: string;
  readonly kind: string;
  readonly ts?: string;
  readonly local?: string;
  readonly program?: string;
  readonly procedure?: number;
  readonly value?: number | string;
  readonly since: string;
}

describe("api-manifest.json", () => {
  const path = new URL("../../../api-manifest.json", import.meta.url);
  const rows: readonly Row[] = JSON.parse(readFileSync(path, "utf8"));
  const ofKind = (kind: string) => rows.filter((row) => row.kind === kind);
  const row = (c: string) => rows.find((each) => each.c === c);
  const exported: Readonly<Record<string, unknown>> = constants;

  test("has all of libvirt 12.8's functions, enum members and string macros, each once", () => {
    expect(ofKind("function")).toHaveLength(568);
    expect(ofKind("enum")).toHaveLength(1094);
    expect(ofKind("macro")).toHaveLength(498);
    expect(rows).toHaveLength(568 + 1094 + 498);
    expect(new Set(rows.map((each) => each.c)).size).toBe(rows.length);
  });

  test("a row has a name here or a reason for having none, and a version", () => {
    expect(rows.filter((each) => (each.ts === undefined) === (each.local === undefined))).toEqual([]);
    expect(rows.filter((each) => !/^\d+\.\d+\.\d+$/.test(each.since))).toEqual([]);
  });

  test("no two C names share a name here, but for the ways to connect", () => {
    const names = rows.flatMap((each) => each.ts ?? []);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    expect([...new Set(twice)]).toEqual(["connect"]);
  });

  test.each([
    ["virDomainCreate", "Domain.create", "remote", 9],
    ["virDomainGetXMLDesc", "Domain.getXMLDesc", "remote", 14],
    ["virConnectOpen", "connect", "remote", 1],
    ["virConnectOpenReadOnly", "connect", "remote", 1],
    ["virNWFilterLookupByName", "Connection.nwFilterLookupByName", "remote", 175],
    ["virDomainFSFreeze", "Domain.fsFreeze", "remote", 335],
    ["virDomainLookupByUUIDString", "Connection.domainLookupByUUIDString", "remote", 24],
    ["virConnectDomainEventRegisterAny", "Connection.domainEventRegisterAny", "remote", 316],
    ["virDomainAnnounceInterface", "Domain.announceInterface", "remote", 456],
    ["virDomainQemuMonitorCommand", "Domain.qemuMonitorCommand", "qemu", 1],
    ["virDomainLxcOpenNamespace", "Domain.lxcOpenNamespace", "lxc", 1],
    ["virAdmServerSetClientLimits", "AdminServer.setClientLimits", "admin", 13],
    ["virDomainGetUUIDString", "Domain.getUUIDString", undefined, undefined],
  ])("%s is %s: procedure %s %d", (c, ts, program, procedure) => {
    expect(row(c)).toMatchObject({ ts });
    expect([row(c)?.program, row(c)?.procedure]).toEqual([program, procedure]);
  });

  test("every enum member and string macro is exported under its name, with its value", () => {
    for (const { ts = "", value } of [...ofKind("enum"), ...ofKind("macro")].filter((each) => each.ts)) {
      const [name = "", member] = ts.split(".");
      const constant = exported[name];
      expect(member === undefined ? constant : (constant as Record<string, unknown>)[member], ts).toBe(value);
    }
  });

  test("every exported enum member and string is in it", () => {
    const names = Object.entries(exported).flatMap(([name, value]) => {
      if (typeof value === "string") return name;
      return typeof value === "object" && value !== null
        ? Object.keys(value).map((key) => `${name}.${key}`)
        : [];
    });
    const known = new Set(rows.map((each) => each.ts));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});
