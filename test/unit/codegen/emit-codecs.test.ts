import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { typeName } from "../../../codegen/emit/codecs.js";
import { emitPrograms } from "../../../codegen/emit/programs.js";
import { parse } from "../../../codegen/xdr/parser.js";
import { Protocol } from "../../../codegen/xdr/protocol.js";
import { ProtocolError } from "../../../src/errors.js";
import * as procedure from "../../../src/protocol/procedure.js";
import * as struct from "../../../src/protocol/struct.js";
import * as xdr from "../../../src/protocol/xdr.js";

const base = `
  const BASE_MAX = 3;
  typedef string base_text<BASE_MAX>;
  typedef base_text *base_maybe;
  enum base_kind { BASE_KIND_NONE = 0, BASE_KIND_SOME_MORE = 2 };
  struct base_thing { base_text name; opaque uuid[4]; };
  union base_value switch (int type) {
    case 1: int i;
    case BASE_KIND_SOME_MORE:
    case 3: base_text s;
    case 4: void;
    case 5: base_thing many<2>;
  };`;

const main = `
  const MAIN_PROGRAM = 0x00abcdef;
  const MAIN_PROTOCOL_VERSION = 1;
  const MAIN_LIST_MAX = 2;
  struct main_all_args {
    int an_int;
    unsigned int a_uint;
    hyper a_hyper;
    unsigned hyper a_uhyper;
    short a_short;
    unsigned short a_ushort;
    char a_char;
    unsigned char a_uchar;
    float a_float;
    double a_double;
    bool a_bool;
    base_kind kind;
    base_text text;
    base_maybe maybe;
    base_thing thing;
    base_thing *other;
    base_value value;
  };
  struct main_all_ret {
    int ints<MAIN_LIST_MAX>;
    unsigned hyper hypers<9>;
    base_kind kinds<MAIN_LIST_MAX>;
    base_text texts<BASE_MAX>;
    base_thing things<MAIN_LIST_MAX>;
    base_value values<2>;
    opaque data<3>;
    opaque fixed[5];
    char label<3>;
    char model[2];
  };
  struct main_happened_msg { int id; };
  enum main_procedure {
    /**
     * @priority: high
     * @readstream: 1
     * @sparseflag: BASE_MAX
     */
    MAIN_PROC_ALL = 1,
    MAIN_PROC_HAPPENED = 2,
    MAIN_PROC_GET_NOTHING = 3
  };`;

/** What is printed for each program, by the path of its file without the ending. */
function emit(programs: Readonly<Record<string, string>>): Record<string, string> {
  const sources = Object.entries(programs).map(([name, text]) => ({
    name,
    prefix: `${name}_`,
    definitions: parse(text, `${name}.x`),
  }));
  const protocol = new Protocol(sources, new Map());
  return Object.fromEntries([...emitPrograms(protocol)].map(([path, text]) => [path.slice(0, -3), text]));
}

type Exports = Record<string, unknown>;

/** Runs a printed module, giving it the real XDR and whatever it imports from other printed modules. */
function run(text: string, others: Readonly<Record<string, Exports>> = {}): Exports {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const modules: Readonly<Record<string, object>> = {
    "../xdr.js": xdr,
    "../procedure.js": procedure,
    "../struct.js": struct,
    ...others,
  };
  const exports: Exports = {};
  new Function("exports", "require", outputText)(exports, (specifier: string) => modules[specifier]);
  return exports;
}

const texts = emit({ base, main });
const baseModule = run(texts["base"]!);
const mainModule = run(texts["main"]!, { "./base.js": baseModule });

const codec = (from: Exports, name: string) => from[name] as xdr.Codec<unknown>;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const thing = { name: "a", uuid: Uint8Array.of(1, 2, 3, 4) };
const args = {
  anInt: -1,
  aUint: 2 ** 32 - 1,
  aHyper: -(2n ** 63n),
  aUhyper: 2n ** 64n - 1n,
  aShort: -2,
  aUshort: 65535,
  aChar: -3,
  aUchar: 255,
  aFloat: 1.5,
  aDouble: 0.1,
  aBool: true,
  kind: 2,
  text: "abc",
  maybe: null,
  thing,
  other: thing,
  value: { type: 3, value: "x" },
};
const ret = {
  ints: [1, -1],
  hypers: [0n, 5n],
  kinds: [0, 2],
  texts: ["", "b", "abc"],
  things: [thing, thing],
  values: [{ type: 4 }, { type: 5, value: [thing] }],
  data: Uint8Array.of(1, 2, 3),
  fixed: Uint8Array.of(1, 2, 3, 4, 5),
  label: Uint8Array.of(65),
  model: Uint8Array.of(65, 200),
};

describe("names", () => {
  test.each([
    ["remote_domain_get_info_ret", "remote_", "DomainGetInfoRet"],
    ["remote_nonnull_domain", "remote_", "NonnullDomain"],
    ["virNetMessageError", "virNet", "MessageError"],
    ["remote_domain_ip_addr", "remote_", "DomainIpAddr"],
  ])("%s becomes a type's", (cName, prefix, name) => {
    expect(typeName(cName, prefix)).toBe(name);
  });

  test("a module exports its constants, enums, types and procedures, and nothing else", () => {
    expect(Object.keys(baseModule).sort()).toEqual(["BASE_MAX", "Kind", "Thing", "Value"]);
    expect(Object.keys(mainModule).sort()).toEqual([
      "AllArgs",
      "AllRet",
      "HappenedMsg",
      "MAIN_LIST_MAX",
      "MAIN_PROGRAM",
      "MAIN_PROTOCOL_VERSION",
      "all",
      "getNothing",
      "happened",
    ]);
  });

  test("an enum's members lose what all of them share", () => {
    expect(baseModule["Kind"]).toEqual({ NONE: 0, SOME_MORE: 2 });
  });

  test("a program's number is hexadecimal, other constants are decimal", () => {
    expect(texts["main"]).toContain("export const MAIN_PROGRAM = 0x00abcdef;");
    expect(texts["main"]).toContain("export const MAIN_LIST_MAX = 2;");
  });
});

describe("codecs", () => {
  test("decode what they encode, whatever the shape", () => {
    for (const [name, value] of [
      ["AllArgs", args],
      ["AllRet", ret],
    ] as const) {
      const all = codec(mainModule, name);
      expect(xdr.decode(all, xdr.encode(all, value))).toEqual(value);
    }
  });

  test("write the fields in order", () => {
    expect(hex(xdr.encode(codec(mainModule, "AllArgs"), args))).toBe(
      [
        "ffffffff ffffffff 8000000000000000 ffffffffffffffff fffffffe 0000ffff fffffffd 000000ff",
        "3fc00000 3fb999999999999a 00000001 00000002 00000003 61626300 00000000",
        "00000001 61000000 01020304 00000001 00000001 61000000 01020304 00000003 00000001 78000000",
      ]
        .join("")
        .replaceAll(" ", ""),
    );
    expect(hex(xdr.encode(codec(mainModule, "AllRet"), ret))).toBe(
      [
        "00000002 00000001 ffffffff 00000002 0000000000000000 0000000000000005 00000002 00000000 00000002",
        "00000003 00000000 00000001 62000000 00000003 61626300",
        "00000002 00000001 61000000 01020304 00000001 61000000 01020304",
        "00000002 00000004 00000005 00000001 00000001 61000000 01020304",
        "00000003 01020300 01020304 05000000 00000001 00000041 00000041 ffffffc8",
      ]
        .join("")
        .replaceAll(" ", ""),
    );
  });

  test.each([
    [{ type: 1, value: 7 }, "0000000100000007"],
    [{ type: 2, value: "x" }, "000000020000000178000000"],
    [{ type: 3, value: "x" }, "000000030000000178000000"],
    [{ type: 4 }, "00000004"],
    [{ type: 5, value: [] }, "0000000500000000"],
  ])("a union's %o", (value, encoding) => {
    const union = codec(baseModule, "Value");
    expect(hex(xdr.encode(union, value))).toBe(encoding);
    expect(xdr.decode(union, xdr.encode(union, value))).toEqual(value);
  });

  test("a union's other cases are errors on both sides", () => {
    const union = codec(baseModule, "Value");
    expect(() => xdr.encode(union, { type: 6 })).toThrow(
      new RangeError("base_value.type: 6 is none of the union's cases"),
    );
    expect(() => xdr.decode(union, Uint8Array.of(0, 0, 0, 0))).toThrow(
      new ProtocolError("base_value.type: 0 is none of the union's cases"),
    );
  });

  test.each([
    ["AllRet", ret, { ints: [1, 2, 3] }, "ints: 3 elements, at most 2"],
    ["AllRet", ret, { texts: ["", "abcd"] }, "texts[1]: a string of 4 bytes, at most 3"],
    ["AllRet", ret, { texts: ["", "", "", ""] }, "texts: 4 elements, at most 3"],
    ["AllRet", ret, { data: new Uint8Array(4) }, "data: 4 bytes, at most 3"],
    ["AllRet", ret, { label: new Uint8Array(4) }, "label: 4 chars, at most 3"],
    ["AllRet", ret, { fixed: new Uint8Array(4) }, "fixed: 4 bytes instead of 5"],
    ["AllRet", ret, { model: new Uint8Array(3) }, "model: 3 chars instead of 2"],
    ["AllRet", ret, { values: [{ type: 5, value: [thing, thing, thing] }] }, "values[0].many: 3 elements"],
    ["AllRet", ret, { things: [thing, { ...thing, name: "long" }] }, "things[1].name: a string of 4 bytes"],
    ["AllArgs", args, { maybe: "long" }, "maybe: a string of 4 bytes, at most 3"],
    ["AllArgs", args, { anInt: 0.5 }, "an_int: 0.5 is not an integer"],
  ])("%s keeps its bounds (%#)", (name, good, change, message) => {
    const all = codec(mainModule, name);
    expect(() => xdr.encode(all, { ...good, ...change })).toThrow(RangeError);
    expect(() => xdr.encode(all, { ...good, ...change })).toThrow(`${all.name}.${message}`);
  });

  test("a list's count must leave room for elements of the smallest size", () => {
    // Two things of eight bytes each are announced, and fifteen bytes follow.
    const bytes = Uint8Array.of(0, 0, 0, 5, 0, 0, 0, 2, ...new Uint8Array(15));
    expect(() => xdr.decode(codec(baseModule, "Value"), bytes)).toThrow(
      new ProtocolError("base_value.many: 2 elements announced, 15 bytes left"),
    );
  });
});

describe("structs with the same fields", () => {
  const module = run(
    emit({
      a: `struct a_one { int x; int list<2>; }; struct a_two { int x; int list<2>; };
          struct a_three { int x; int list<3>; };`,
    })["a"]!,
  );
  const [one, two, three] = ["One", "Two", "Three"].map((name) => codec(module, name));

  test("have one codec's code, and names of their own", () => {
    expect(two!.encode).toBe(one!.encode);
    expect(two!.decode).toBe(one!.decode);
    expect([one!.name, two!.name]).toEqual(["a_one", "a_two"]);
    expect(() => xdr.encode(two!, { x: 0.5, list: [] })).toThrow("a_two.x: 0.5 is not an integer");
  });

  test("are no others: a bound is part of a field", () => {
    expect(three!.encode).not.toBe(one!.encode);
    expect(() => xdr.encode(one!, { x: 1, list: [1, 2, 3] })).toThrow("a_one.list: 3 elements, at most 2");
    expect(xdr.decode(three!, xdr.encode(three!, { x: 1, list: [1, 2, 3] }))).toEqual({
      x: 1,
      list: [1, 2, 3],
    });
  });
});

describe("a program with many procedures", () => {
  const many = Array.from({ length: 101 }, (_, n) => `MANY_PROC_DO_${n} = ${n + 1}`).join(",");
  const files = emit({
    many: `const MANY_PROGRAM = 1; const MANY_MAX = 9; const MANY_BOX_MAX = 3;
      typedef string many_text<MANY_MAX>;
      struct many_nonnull_big_box { many_text name; };
      struct many_lid { int size; };
      struct many_do_0_args { many_nonnull_big_box box; many_lid lids<MANY_BOX_MAX>; };
      struct many_do_1_args { many_text name; many_text names<MANY_MAX>; };
      struct many_do_2_args { many_nonnull_big_box box; many_text names<MANY_MAX>; };
      struct many_do_3_msg { many_nonnull_big_box box; };
      enum many_procedure { ${many} };`,
  });
  const exported = (file: string) =>
    [...files[file]!.matchAll(/^export const (\w+)/gm)]
      .map(([, name]) => name)
      .filter((name) => !/^do[4-9]/.test(name!));

  test("has a file for each kind of object that they are called on, one for messages, and one for the rest", () => {
    expect(Object.keys(files).sort()).toEqual([
      "many",
      "many/big-box",
      "many/common",
      "many/connection",
      "many/events",
    ]);
    expect(exported("many/big-box")).toEqual(["MANY_BOX_MAX", "Lid", "Do0Args", "Do2Args", "do0", "do2"]);
    expect(exported("many/events")).toEqual(["Do3Msg", "do3"]);
    expect(exported("many/connection").slice(0, 3)).toEqual(["Do1Args", "do1", "do10"]);
    // What more than one of them uses, and the constants that are everybody's.
    expect(exported("many/common")).toEqual([
      ...["MANY_PROGRAM", "MANY_MAX", "NonnullBigBox"],
      ...["stringList", "manyProcedure"],
    ]);
  });

  test("gives all of it by one name", () => {
    expect(files["many"]!.split("\n").slice(1)).toEqual([
      ...["big-box", "common", "connection", "events"].map((name) => `export * from "./many/${name}.js";`),
      "",
    ]);
    expect(diagnostics(files)).toEqual([]);
  });
});

describe("procedures", () => {
  test("are plain descriptors with what their comments say", () => {
    expect(mainModule["all"]).toEqual({
      program: 0xabcdef,
      number: 1,
      name: "MAIN_PROC_ALL",
      args: mainModule["AllArgs"],
      ret: mainModule["AllRet"],
      priority: "high",
      stream: "read",
      sparseFlag: 3,
    });
    expect(mainModule["getNothing"]).toEqual({
      program: 0xabcdef,
      number: 3,
      name: "MAIN_PROC_GET_NOTHING",
      args: xdr.nothing,
      ret: xdr.nothing,
      priority: "low",
      idempotent: true,
    });
  });

  test("with a message are events", () => {
    expect(mainModule["happened"]).toEqual({
      program: 0xabcdef,
      number: 2,
      name: "MAIN_PROC_HAPPENED",
      message: mainModule["HappenedMsg"],
    });
  });

  test("of keepalive are messages too, though they say nothing", () => {
    const { keepalive } = emit({
      keepalive: "const KEEPALIVE_PROGRAM = 1; enum keepalive_procedure { KEEPALIVE_PROC_PING = 1 };",
    });
    expect(run(keepalive!)["ping"]).toEqual({
      program: 1,
      number: 1,
      name: "KEEPALIVE_PROC_PING",
      message: xdr.nothing,
    });
  });
});

describe("the printed text", () => {
  test("imports what it uses and nothing else", () => {
    const imports = (text: string) => text.split("\n").filter((line) => line.startsWith("import"));
    expect(imports(texts["base"]!)).toEqual([
      'import { struct } from "../struct.js";',
      'import { type Codec, type ListCodec } from "../xdr.js";',
    ]);
    expect(imports(texts["main"]!)).toEqual([
      'import { type EventMessage, procedures } from "../procedure.js";',
      'import { struct } from "../struct.js";',
      'import { type Codec, type ListCodec, nothing } from "../xdr.js";',
      'import { BASE_MAX, Kind, Thing, Value } from "./base.js";',
    ]);
    expect(imports(emit({ only: "const ONLY_MAX = 1;" })["only"]!)).toEqual([]);
  });

  test("is TypeScript that the project's own settings accept", { timeout: 60_000 }, () => {
    const use = `
      import { Kind, type Value } from "./base.js";
      import { AllArgs, all, type AllRet, happened } from "./main.js";
      import type { Codec } from "../xdr.js";
      export const kind: Kind = Kind.SOME_MORE;
      export const newer: Kind = 99;
      export const values: readonly Value[] = [{ type: 1, value: 1 }, { type: 2, value: "s" }, { type: 4 }];
      export const codecs: readonly [Codec<AllArgs>, Codec<AllRet>] = [all.args, all.ret];
      export const id = (message: typeof happened.message extends Codec<infer M> ? M : never): number => message.id;
      export const same: typeof AllArgs = all.args;
      export const types = (a: AllArgs, r: AllRet): [string | null, bigint, boolean, readonly bigint[], Uint8Array] => [
        a.maybe, a.aUhyper, a.aBool, r.hypers, r.label,
      ];`;
    expect(diagnostics({ ...texts, use })).toEqual([]);
    const wrong = `import type { Value } from "./base.js"; export const value: Value = { type: 4, value: 1 };`;
    expect(diagnostics({ ...texts, wrong })).toHaveLength(1);
  });
});

/** What the compiler has to say of these modules, as if they stood among the generated ones. */
function diagnostics(modules: Readonly<Record<string, string>>): string[] {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const files = new Map(
    Object.entries(modules).map(([name, text]) => [join(root, "src/protocol/generated", `${name}.ts`), text]),
  );
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const host = ts.createCompilerHost({ ...options, types: [] });
  const { fileExists, readFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
  // Or it would look for no file in a folder that there is not.
  delete host.directoryExists;
  host.readFile = (file) => files.get(file) ?? readFile.call(host, file);
  const program = ts.createProgram([...files.keys()], { ...options, types: [] }, host);
  return [...files.keys()]
    .map((file) => program.getSourceFile(file))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe("what libvirt's files do not have is refused and not misread:", () => {
  test.each([
    [
      "a default arm",
      "union a_u switch (int t) { case 1: void; default: int x; };",
      "a_u: a default arm does not occur in libvirt's files",
    ],
    [
      "an empty default arm",
      "union a_u switch (int t) { case 1: void; default: void; };",
      "a_u: a default arm does not occur in libvirt's files",
    ],
    [
      "an array of fixed length",
      "struct a_s { int x[3]; };",
      '"x": array within another shape does not occur in libvirt\'s files',
    ],
    [
      "a list of optional values",
      "typedef int *a_maybe; struct a_s { a_maybe x<3>; };",
      "i: optional within another shape does not occur in libvirt's files",
    ],
    [
      "an optional value that is optional itself",
      "typedef int *a_maybe; struct a_s { a_maybe *x; };",
      '"x": optional within another shape does not occur in libvirt\'s files',
    ],
    [
      "two lists of strings with different bounds",
      "typedef string a_3<3>; typedef string a_4<4>; struct a_s { a_3 x<9>; a_4 y<9>; };",
      "two lists of string with different bounds do not occur in libvirt's files",
    ],
    ["a length without bound", "struct a_s { int x<>; };", "x has no bound"],
  ])("%s", (_what, source, message) => {
    expect(() => emit({ a: source })).toThrow(new SyntaxError(message));
  });
});
