import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import * as tables from "../../../src/api/parameter-types.js";
import {
  fromTypedParams,
  type ParameterType,
  type ParameterTypes,
  type ParameterValue,
  type TypedParameters,
  type TypedParametersInput,
  toTypedParams,
  typed,
} from "../../../src/api/typed-params.js";
import * as constants from "../../../src/generated/constants.js";
import type { TypedParam as AdminTypedParam } from "../../../src/protocol/generated/admin.js";
import { TypedParam } from "../../../src/protocol/generated/remote.js";
import { decode, XdrWriter } from "../../../src/protocol/xdr.js";

const types: ParameterTypes = {
  int: "int",
  uint: "uint",
  llong: "llong",
  ullong: "ullong",
  unsigned: "unsigned",
  double: "double",
  boolean: "boolean",
  string: "string",
  list: "string[]",
};

const convert = (input: unknown) => toTypedParams(input as TypedParametersInput, types, "params");

/** What becomes of one value. */
const wire = (type: string, value: unknown) => convert({ [type]: value })[0]?.value;

/** The class and the message of what is thrown. */
function failure(run: () => unknown): [string, string] {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return [error.constructor.name, error.message];
    throw error;
  }
  throw new Error("nothing was thrown");
}

const refusal = (type: string, value: unknown) => failure(() => wire(type, value));

/** As an object becomes after a trip over the wire. */
function sent(params: readonly TypedParam[]): TypedParam[] {
  return params.map((param) => {
    const writer = new XdrWriter();
    TypedParam.encode(writer, TypedParam.name, param);
    return decode(TypedParam, writer.take());
  });
}

describe("what comes back", () => {
  test("is an object of plain values", () => {
    const params: TypedParam[] = [
      { field: "i", value: { type: 1, value: -5 } },
      { field: "ui", value: { type: 2, value: 0xffffffff } },
      { field: "l", value: { type: 3, value: -(2n ** 63n) } },
      { field: "ul", value: { type: 4, value: 2n ** 64n - 1n } },
      { field: "d", value: { type: 5, value: 0.25 } },
      { field: "yes", value: { type: 6, value: 1 } },
      { field: "no", value: { type: 6, value: 0 } },
      { field: "s", value: { type: 7, value: "" } },
    ];
    expect(fromTypedParams(params)).toStrictEqual({
      i: -5,
      ui: 0xffffffff,
      l: -(2n ** 63n),
      ul: 2n ** 64n - 1n,
      d: 0.25,
      yes: true,
      no: false,
      s: "",
    });
    expect(fromTypedParams([])).toStrictEqual({});
  });

  test("any boolean but 0 is true", () => {
    expect(fromTypedParams([{ field: "b", value: { type: 6, value: -1 } }])).toStrictEqual({ b: true });
  });

  test("a repeated name has all its values, in their order, whatever their types", () => {
    const params: TypedParam[] = [
      { field: "disk", value: { type: 7, value: "vda" } },
      { field: "other", value: { type: 1, value: 0 } },
      { field: "disk", value: { type: 6, value: 0 } },
      { field: "disk", value: { type: 4, value: 3n } },
    ];
    expect(fromTypedParams(params)).toStrictEqual({ disk: ["vda", false, 3n], other: 0 });
  });

  test.each([
    "__proto__",
    "constructor",
    "prototype",
    "hasOwnProperty",
    "toString",
    "valueOf",
    "then",
    "",
    "0",
    "__defineSetter__",
  ])("the name %j is one like any other", (field) => {
    const once = fromTypedParams([{ field, value: { type: 7, value: "a" } }]);
    expect(Object.entries(once)).toEqual([[field, "a"]]);
    expect(Object.getPrototypeOf(once)).toBe(Object.prototype);

    const thrice = fromTypedParams(
      ["a", "b", "c"].map((value): TypedParam => ({ field, value: { type: 7, value } })),
    );
    expect(Object.entries(thrice)).toEqual([[field, ["a", "b", "c"]]]);
    expect(Object.getPrototypeOf(thrice)).toBe(Object.prototype);
  });

  test("100,000 parameters, of distinct names and of one", () => {
    const params = (name: (i: number) => string) =>
      Array.from(
        { length: 100_000 },
        (_, i): TypedParam => ({ field: name(i), value: { type: 2, value: i } }),
      );
    const distinct = fromTypedParams(params((i) => `vcpu.${i}.time`));
    expect(Object.keys(distinct)).toHaveLength(100_000);
    expect(distinct["vcpu.99999.time"]).toBe(99_999);
    expect(fromTypedParams(params(() => "same"))["same"]).toEqual(
      Array.from({ length: 100_000 }, (_, i) => i),
    );
  });

  test("the names are those of each list, whatever the lists before had at the same places", () => {
    const lists = [["a", "b", "c"], ["a", "c"], ["c", "b", "a", "d"], ["a", "a", "b"], [], ["a", "b", "c"]];
    for (const names of lists) {
      const result = fromTypedParams(names.map((field) => ({ field, value: { type: 1, value: 1 } })));
      expect(Object.keys(result)).toEqual([...new Set(names)]);
    }
  });

  test("the admin program's parameters are the same", () => {
    expectTypeOf<AdminTypedParam>().toEqualTypeOf<TypedParam>();
  });
});

describe("what goes in", () => {
  test.each<[type: string, value: unknown, number: number, wire: unknown]>([
    ["int", 0x7fffffff, 1, 0x7fffffff],
    ["int", -0x80000000, 1, -0x80000000],
    ["int", -1n, 1, -1],
    ["int", -0, 1, 0],
    ["uint", 0xffffffff, 2, 0xffffffff],
    ["uint", 0, 2, 0],
    ["uint", 0xffffffffn, 2, 0xffffffff],
    ["llong", -(2n ** 63n), 3, -(2n ** 63n)],
    ["llong", 2n ** 63n - 1n, 3, 2n ** 63n - 1n],
    ["llong", -7, 3, -7n],
    ["llong", Number.MIN_SAFE_INTEGER, 3, -(2n ** 53n) + 1n],
    ["ullong", 2n ** 64n - 1n, 4, 2n ** 64n - 1n],
    ["ullong", 0n, 4, 0n],
    ["ullong", 2n ** 53n + 1n, 4, 2n ** 53n + 1n],
    ["ullong", Number.MAX_SAFE_INTEGER, 4, 2n ** 53n - 1n],
    ["unsigned", 0xffffffff, 2, 0xffffffff],
    ["unsigned", 7n, 2, 7],
    ["unsigned", 0x100000000, 4, 0x100000000n],
    ["unsigned", 2n ** 64n - 1n, 4, 2n ** 64n - 1n],
    ["double", 0.1, 5, 0.1],
    ["double", -3, 5, -3],
    ["double", Number.POSITIVE_INFINITY, 5, Number.POSITIVE_INFINITY],
    ["boolean", true, 6, 1],
    ["boolean", false, 6, 0],
    ["string", "", 7, ""],
    ["string", "gr\u00fc\u00dfe", 7, "gr\u00fc\u00dfe"],
    ["list", "vda", 7, "vda"],
  ])("%s %s", (type, value, number, expected) => {
    expect(convert({ [type]: value })).toStrictEqual([
      { field: type, value: { type: number, value: expected } },
    ]);
  });

  test.each<[type: string, value: unknown, problem: string]>([
    ["int", "5", "a number or a bigint is wanted, not string"],
    ["uint", true, "a number or a bigint is wanted, not boolean"],
    ["llong", null, "a number or a bigint is wanted, not null"],
    ["ullong", {}, "a number or a bigint is wanted, not object"],
    ["unsigned", new Date(0), "a number or a bigint is wanted, not object"],
    ["double", 1n, "a number is wanted, not bigint"],
    ["double", "1", "a number is wanted, not string"],
    ["boolean", 1, "a boolean is wanted, not number"],
    ["boolean", 0n, "a boolean is wanted, not bigint"],
    ["boolean", "true", "a boolean is wanted, not string"],
    ["string", 5, "a string is wanted, not number"],
    ["string", () => "", "a string is wanted, not function"],
    ["string", Symbol("s"), "a string is wanted, not symbol"],
    ["string", ["a"], "a single value is wanted, not an array"],
    ["int", [], "a single value is wanted, not an array"],
    ["uint", [typed.uint(1), 2], "a single value is wanted, not an array"],
  ])("%s %s is a TypeError", (type, value, problem) => {
    expect(refusal(type, value)).toEqual(["TypeError", `params.${type}: ${problem}`]);
  });

  const beyond = (value: unknown, min: bigint, max: bigint) => `${value} is not within ${min} and ${max}`;
  test.each<[type: string, value: number | bigint, problem: string]>([
    ["int", 0x80000000, beyond(0x80000000, -(2n ** 31n), 2n ** 31n - 1n)],
    ["int", -0x80000001n, beyond(-0x80000001, -(2n ** 31n), 2n ** 31n - 1n)],
    ["int", 2 ** 53, beyond(2 ** 53, -(2n ** 31n), 2n ** 31n - 1n)],
    ["uint", -1, beyond(-1, 0n, 2n ** 32n - 1n)],
    ["uint", 0x100000000n, beyond(0x100000000, 0n, 2n ** 32n - 1n)],
    ["llong", 2n ** 63n, beyond(2n ** 63n, -(2n ** 63n), 2n ** 63n - 1n)],
    ["llong", -(2n ** 63n) - 1n, beyond(-(2n ** 63n) - 1n, -(2n ** 63n), 2n ** 63n - 1n)],
    ["ullong", 2n ** 64n, beyond(2n ** 64n, 0n, 2n ** 64n - 1n)],
    ["ullong", -1n, beyond(-1, 0n, 2n ** 64n - 1n)],
    ["ullong", -1, beyond(-1, 0n, 2n ** 64n - 1n)],
    ["unsigned", 2n ** 64n, beyond(2n ** 64n, 0n, 2n ** 64n - 1n)],
    ["uint", 1.5, "1.5 is not an integer"],
    ["ullong", 0.1, "0.1 is not an integer"],
    ["int", Number.NaN, "NaN is not an integer"],
    ["llong", Number.POSITIVE_INFINITY, "Infinity is not an integer"],
    ["unsigned", Number.NEGATIVE_INFINITY, "-Infinity is not an integer"],
  ])("%s %s is a RangeError", (type, value, problem) => {
    expect(refusal(type, value)).toEqual(["RangeError", `params.${type}: ${problem}`]);
  });

  test.each<[type: string, value: number]>([
    ["ullong", 2 ** 53],
    // 2^53 + 1, as JavaScript writes what it made of it.
    ["ullong", Number("9007199254740993")],
    ["ullong", 2 ** 63],
    ["llong", -(2 ** 53)],
    ["llong", 2 ** 62],
    ["unsigned", 2 ** 60],
  ])("%s %d is refused: it may have been rounded", (type, value) => {
    expect(refusal(type, value)).toEqual([
      "RangeError",
      `params.${type}: ${value} may have been rounded, so large an integer has to be a bigint`,
    ]);
    expect(wire(type, BigInt(value))).toEqual({ type: type === "llong" ? 3 : 4, value: BigInt(value) });
  });

  test("keeps the order, leaves out what is undefined and what is inherited", () => {
    const input = Object.assign(Object.create({ inherited: 1 }), {
      string: "s",
      int: undefined,
      uint: 1,
      unheardOf: undefined,
      boolean: false,
    });
    expect(convert(input).map(({ field }) => field)).toEqual(["string", "uint", "boolean"]);
    expect(convert({})).toEqual([]);
    expect(convert(Object.create(null))).toEqual([]);
  });

  test("an array is a repeated name, where libvirt allows that", () => {
    const params = convert({ list: ["vda", typed.string("vdb")], int: 1 });
    expect(params.map(({ field, value }) => [field, value.value])).toEqual([
      ["list", "vda"],
      ["list", "vdb"],
      ["int", 1],
    ]);
    expect(convert({ list: [] })).toEqual([]);
    expect(refusal("list", ["a", 5])).toEqual([
      "TypeError",
      "params.list[1]: a string is wanted, not number",
    ]);
    expect(refusal("list", ["a", undefined])[1]).toBe("params.list[1]: a string is wanted, not undefined");
    expect(refusal("list", new Array(1))[1]).toBe("params.list[0]: a string is wanted, not undefined");
    expect(refusal("list", [["a"]])[1]).toBe("params.list[0]: a string is wanted, not an array");
  });

  test.each([null, undefined, 5, "weight", ["a"], () => ({})])("%s is no object of parameters", (input) => {
    const [name, message] = failure(() => convert(input));
    expect(name).toBe("TypeError");
    expect(message).toMatch(
      /^params: an object is wanted, not (null|undefined|number|string|an array|function)$/,
    );
  });

  test.each(["wieght", "Weight", "", "constructor", "__proto__", "hasOwnProperty", "in bound.average"])(
    "the unknown name %j is refused, with those that there are",
    (name) => {
      const input = Object.fromEntries([[name, 5]]);
      const where = /^\w+$/.test(name) ? `params.${name}` : `params["${name}"]`;
      expect(failure(() => toTypedParams(input, tables.blkioParameters, "params"))).toEqual([
        "RangeError",
        `${where}: no such parameter; there are weight, device_weight, device_read_iops_sec, ` +
          "device_write_iops_sec, device_read_bytes_sec, device_write_bytes_sec",
      ]);
      expect(failure(() => toTypedParams({ ...input, [name]: [] }, types, "p"))[0]).toBe("RangeError");
    },
  );

  test("an error never shows a text: it may be a secret", () => {
    const input = { "sev-secret-set-address": "hunter2" };
    const [, message] = failure(() => toTypedParams(input, tables.launchSecurityParameters, "params"));
    expect(message).toBe('params["sev-secret-set-address"]: a number or a bigint is wanted, not string');
  });

  test("a name that libvirt has no room for is refused", () => {
    const send = (name: string) => convert({ [name]: typed.int(1) });
    expect(send("n".repeat(79))).toHaveLength(1);
    expect(failure(() => send("n".repeat(80)))[0]).toBe("RangeError");
    expect(failure(() => send("\u00fc".repeat(40)))[1]).toMatch(/a parameter's name has at most 79 bytes$/);
  });
});

describe("typed", () => {
  test.each<[ParameterType, ParameterValue, number, ParameterValue]>([
    ["int", 5n, 1, 5],
    ["uint", 5, 2, 5],
    ["llong", 5, 3, 5n],
    ["ullong", 5n, 4, 5n],
    ["double", 5, 5, 5],
    ["boolean", true, 6, 1],
    ["string", "5", 7, "5"],
  ])("%s says the type, whatever the table says, known or not", (type, value, number, expected) => {
    const wrapped = (typed[type] as (value: unknown) => unknown)(value);
    for (const field of ["newer", "__proto__", ...Object.keys(types)]) {
      const input = Object.fromEntries([[field, wrapped]]);
      expect(convert(input)).toStrictEqual([{ field, value: { type: number, value: expected } }]);
    }
  });

  test("a value that does not suit the type is refused", () => {
    expect(refusal("newer", typed.uint(-1))).toEqual([
      "RangeError",
      "params.newer: -1 is not within 0 and 4294967295",
    ]);
    expect(refusal("newer", typed.ullong(2 ** 53))[0]).toBe("RangeError");
    expect(refusal("newer", typed.string(5 as never))).toEqual([
      "TypeError",
      "params.newer: a string is wanted, not number",
    ]);
    expect(refusal("newer", { type: "int" })[0]).toBe("TypeError");
  });

  test.each(["quad", undefined, null, {}, "toString"])("the type %s is none", (type) => {
    const [name, message] = refusal("newer", { type, value: 1 });
    expect(name).toBe("TypeError");
    expect(message).toBe(`params.newer: ${type} is none of libvirt's types`);
  });

  test("a new name may be given more than once", () => {
    expect(convert({ newer: [typed.string("a"), typed.int(1)] })).toEqual([
      { field: "newer", value: { type: 7, value: "a" } },
      { field: "newer", value: { type: 1, value: 1 } },
    ]);
    expect(refusal("newer", [typed.string("a"), "b"])[0]).toBe("RangeError");
  });

  test("what comes back can be sent as it is", () => {
    expectTypeOf<TypedParameters>().toExtend<TypedParametersInput>();
  });
});

/** Everything that a parameter of a type can hold, in the form in which it comes back. */
const valuesOf: Record<ParameterTypes[string], fc.Arbitrary<ParameterValue | ParameterValue[]>> = (() => {
  const text = fc.string({ unit: "grapheme" }).filter((s) => !s.includes("\0"));
  return {
    int: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    uint: fc.nat({ max: 0xffffffff }),
    llong: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ullong: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    unsigned: fc.oneof(fc.nat({ max: 0xffffffff }), fc.bigInt({ min: 2n ** 32n, max: 2n ** 64n - 1n })),
    double: fc.double(),
    boolean: fc.boolean(),
    string: text,
    "string[]": fc.oneof(text, fc.array(text, { minLength: 2 })),
  };
})();

describe("round trip", () => {
  test.each(Object.entries<ParameterTypes>({ ...tables, everyType: types }))("%s", (_, table) => {
    const inputs = fc.record(
      Object.fromEntries(Object.entries(table).map(([name, type]) => [name, valuesOf[type]])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(inputs, (input) => {
        expect(fromTypedParams(sent(toTypedParams(input, table, "params")))).toEqual(input);
      }),
    );
  });

  test("any name, when its type is said", () => {
    const name = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 9 }).filter((s) => !s.includes("\0")),
      fc.constantFrom("__proto__", "constructor", "toString"),
    );
    const value = fc.oneof(
      ...(["int", "uint", "llong", "ullong", "double", "boolean", "string"] as const).map((type) =>
        valuesOf[type].map((one) => ({ type, value: one as ParameterValue })),
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (entries) => {
        const result = fromTypedParams(sent(convert(Object.fromEntries(entries))));
        const expected = new Map(entries.map(([key, wrapped]) => [key, wrapped.value]));
        expect(new Map(Object.entries(result))).toEqual(expected);
      }),
    );
  });
});

/** The macros that begin so are the names that a table has. */
const groups: Readonly<Record<string, ParameterTypes>> = {
  CONNECT_IDENTITY_: tables.identityParameters,
  DOMAIN_ANNOUNCE_INTERFACE_: tables.announceInterfaceParameters,
  DOMAIN_BANDWIDTH_: tables.interfaceParameters,
  DOMAIN_BLKIO_: tables.blkioParameters,
  DOMAIN_BLOCK_COPY_: tables.blockCopyParameters,
  DOMAIN_BLOCK_IOTUNE_: tables.blockIoTuneParameters,
  DOMAIN_IOTHREAD_: tables.ioThreadParameters,
  DOMAIN_LAUNCH_SECURITY_SEV_SECRET: tables.launchSecurityParameters,
  DOMAIN_MEMORY_: tables.memoryParameters,
  DOMAIN_NUMA_: tables.numaParameters,
  DOMAIN_SAVE_PARAM_: tables.saveParameters,
  DOMAIN_SCHEDULER_: tables.schedulerParameters,
  MIGRATE_PARAM_: tables.migrateParameters,
  NETWORK_PORT_BANDWIDTH_: tables.networkPortParameters,
  NODE_MEMORY_SHARED_: tables.nodeMemoryParameters,
  PERF_PARAM_: tables.perfEventParameters,
  SERVER_CLIENTS_: tables.clientLimitParameters,
  THREADPOOL_: tables.threadPoolParameters,
};

/** The macros for what libvirt only reports. */
const reported = [
  /^CLIENT_INFO_/,
  /^DOMAIN_(BLOCK_STATS|CPU_STATS|GUEST_INFO|JOB|STATS|TUNABLE)_/,
  /^DOMAIN_LAUNCH_SECURITY_SEV_(API_MAJOR|API_MINOR|BUILD_ID|MEASUREMENT|POLICY|SNP_POLICY)$/,
  /^NODE_(CPU_STATS|MEMORY_STATS|SEV)_/,
  /^NODE_MEMORY_SHARED_(FULL_SCANS|PAGES_(SHARED|SHARING|UNSHARED|VOLATILE))$/,
  /^SERVER_CLIENTS_(UNAUTH_)?CURRENT$/,
  /^THREADPOOL_(JOB_QUEUE_DEPTH|WORKERS_(CURRENT|FREE))$/,
];

/** The macros for values of a parameter. */
const values = /^DOMAIN_SAVE_PARAM_IMAGE_FORMAT_/;

describe("the tables", () => {
  const macros = Object.entries<unknown>(constants).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const settable = macros.filter(([macro]) => ![...reported, values].some((pattern) => pattern.test(macro)));

  test("know every name that libvirt has a macro for, unless it is only reported", () => {
    const known = settable.map(([macro, name]) => {
      const table = Object.entries(groups).find(([prefix]) => macro.startsWith(prefix))?.[1];
      return { macro, known: table !== undefined && Object.hasOwn(table, name) };
    });
    expect(known.filter((one) => !one.known)).toEqual([]);
    expect(known.length).toBeGreaterThan(120);
  });

  test("have no other names, and none that is only reported", () => {
    for (const [prefix, table] of Object.entries(groups)) {
      const names = settable.filter(([macro]) => macro.startsWith(prefix)).map(([, name]) => name);
      expect(Object.keys(table).sort(), prefix).toEqual(names.sort());
    }
  });

  test("are all among the groups, but the one that has a part of another's", () => {
    const ofGroups = new Set<ParameterTypes>(Object.values(groups));
    const rest = Object.entries<ParameterTypes>(tables).filter(([, table]) => !ofGroups.has(table));
    expect(rest.map(([name]) => name)).toEqual(["restoreParameters"]);
    expect(tables.saveParameters).toMatchObject(tables.restoreParameters);
  });

  test("have libvirt's types", () => {
    const ofType = (table: ParameterTypes, type: ParameterTypes[string]) =>
      Object.keys(table)
        .filter((name) => table[name] === type)
        .sort();
    const all = (table: ParameterTypes) => Object.keys(table).sort();
    expect(ofType(tables.schedulerParameters, "llong")).toEqual(
      [
        ...all(tables.schedulerParameters).filter((name) => name.endsWith("_quota")),
        "limit",
        "reservation",
      ].sort(),
    );
    expect(ofType(tables.blockIoTuneParameters, "string")).toEqual(["group_name"]);
    expect(ofType(tables.blkioParameters, "uint")).toEqual(["weight"]);
    expect(ofType(tables.migrateParameters, "string[]")).toEqual([
      "compression",
      "migrate_disks",
      "migrate_disks_detect_zeroes",
      "migrate_disks_target_zero",
    ]);
    expect(ofType(tables.ioThreadParameters, "unsigned")).toEqual(["poll_grow", "poll_shrink"]);
    expect(ofType(tables.identityParameters, "llong")).toEqual(["process-id"]);
    expect(ofType(tables.perfEventParameters, "boolean")).toEqual(all(tables.perfEventParameters));
    for (const table of [
      tables.interfaceParameters,
      tables.networkPortParameters,
      tables.announceInterfaceParameters,
      tables.nodeMemoryParameters,
      tables.threadPoolParameters,
      tables.clientLimitParameters,
    ]) {
      expect(ofType(table, "uint")).toEqual(all(table));
    }
  });
});

describe("as JSON", () => {
  const big = {
    field: "cpu.time",
    value: { type: constants.TypedParameterType.ULLONG, value: 2n ** 64n - 1n },
  } as const;

  test("64-bit values are decimal strings", () => {
    expect(JSON.stringify({ params: fromTypedParams([big]) })).toBe(
      `{"params":{"cpu.time":"${2n ** 64n - 1n}"}}`,
    );
  });

  test("a parameter of the method's name is kept", () => {
    const odd = { field: "toJSON", value: { type: constants.TypedParameterType.INT, value: 1 } } as const;
    expect(fromTypedParams([odd])).toEqual({ toJSON: 1 });
  });
});
