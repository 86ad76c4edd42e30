import { describe, expect, test } from "vitest";
import { parse } from "../../../../codegen/xdr/parser.js";
import { Protocol, type Resolved } from "../../../../codegen/xdr/protocol.js";

const external = new Map([
  ["VIR_UUID_BUFLEN", 16],
  ["VIR_SPARSE", 4],
]);

const source = (name: string, text: string) => ({
  name,
  prefix: `${name}_`,
  definitions: parse(text, `${name}.x`),
});

const one = (text: string) => new Protocol([source("one", text)], external);

/** What `type field` resolves to beside some declarations. */
function resolved(field: string, declarations = ""): Resolved {
  const protocol = one(`${declarations} struct one_holder { ${field}; };`);
  const holder = protocol.type("one_holder");
  if (holder.kind !== "struct") throw new TypeError("a struct is a struct");
  return protocol.field(holder.fields[0]!).type;
}

const int: Resolved = { kind: "scalar", name: "int" };

describe("constants", () => {
  test("are known by name, from this file, an enum, another file or a C header", () => {
    const protocol = new Protocol(
      [
        source("one", "const ONE_MAX = 5; enum one_e { ONE_E = 3 }; const ONE_AGAIN = ONE_E;"),
        source("two", "const TWO_MAX = ONE_MAX; const TWO_UUID = VIR_UUID_BUFLEN;"),
      ],
      external,
    );
    const values = [7, "ONE_MAX", "ONE_E", "ONE_AGAIN", "TWO_MAX", "TWO_UUID"].map((v) => protocol.number(v));
    expect(values).toEqual([7, 5, 3, 3, 5, 16]);
    expect(protocol.programs[1]!.constants).toEqual([
      { name: "TWO_MAX", value: 5 },
      { name: "TWO_UUID", value: 16 },
    ]);
  });

  test("that are unknown are errors", () => {
    expect(() => one("const A = B;")).toThrow(new ReferenceError("no constant is called B"));
    expect(() => resolved("opaque a<NOWHERE>")).toThrow(new ReferenceError("no constant is called NOWHERE"));
    expect(() => one("enum e { A = NOWHERE };")).toThrow(ReferenceError);
  });
});

describe("types", () => {
  const length = { value: 16, constant: "VIR_UUID_BUFLEN" };
  const nine = { value: 9, constant: undefined };

  test.each<[string, Resolved]>([
    ["int a", int],
    ["unsigned hyper a", { kind: "scalar", name: "unsigned hyper" }],
    ["char a", { kind: "scalar", name: "char" }],
    ["int *a", { kind: "optional", of: int }],
    ["int a<9>", { kind: "list", of: int, length: nine }],
    ["int a[9]", { kind: "array", of: int, length: nine }],
    ["string a<9>", { kind: "string", max: nine }],
    ["opaque a<9>", { kind: "opaque", fixed: false, length: nine }],
    ["opaque a[VIR_UUID_BUFLEN]", { kind: "opaque", fixed: true, length }],
    ["char a<9>", { kind: "chars", fixed: false, length: nine }],
    ["char a[9]", { kind: "chars", fixed: true, length: nine }],
    ["unsigned char a<9>", { kind: "list", of: { kind: "scalar", name: "unsigned char" }, length: nine }],
  ])("%s", (field, type) => {
    expect(resolved(field)).toEqual(type);
  });

  test.each<[string, Resolved]>([
    ["one_uuid a", { kind: "opaque", fixed: true, length }],
    ["one_text a", { kind: "string", max: nine }],
    ["one_maybe a", { kind: "optional", of: { kind: "string", max: nine } }],
    ["one_again a", { kind: "optional", of: { kind: "string", max: nine } }],
    ["one_text a<9>", { kind: "list", of: { kind: "string", max: nine }, length: nine }],
    ["one_struct a", { kind: "codec", name: "one_struct" }],
    ["one_struct *a", { kind: "optional", of: { kind: "codec", name: "one_struct" } }],
    ["one_union a<9>", { kind: "list", of: { kind: "codec", name: "one_union" }, length: nine }],
    ["one_enum a", { kind: "enum", name: "one_enum" }],
  ])("%s, with its typedefs unfolded", (field, type) => {
    const declarations = `
      typedef opaque one_uuid[VIR_UUID_BUFLEN];
      typedef string one_text<9>;
      typedef one_text *one_maybe;
      typedef one_maybe one_again;
      enum one_enum { ONE = 1 };
      struct one_struct { int a; };
      union one_union switch (int t) { case 1: void; };`;
    expect(resolved(field, declarations)).toEqual(type);
  });

  test.each([
    ["string a<>", "a has no bound"],
    ["opaque a<>", "a has no bound"],
    ["int a<>", "a has no bound"],
    ["string a", "a: string needs a length"],
    ["string a[3]", "a: string needs a length"],
    ["opaque a", "a: opaque needs a length"],
    ["opaque *a", "a: opaque needs a length"],
  ])("%s is refused", (field, message) => {
    expect(() => resolved(field)).toThrow(new SyntaxError(message));
  });

  test("may come from another program's file", () => {
    const protocol = new Protocol(
      [source("one", "struct one_s { int a; };"), source("two", "struct two_s { one_s a; };")],
      external,
    );
    expect(protocol.owner("one_s")).toBe("one");
    expect(protocol.owner("two_s")).toBe("two");
    const { programs } = protocol;
    expect(programs.map(({ types }) => types.map((type) => type.name))).toEqual([["one_s"], ["two_s"]]);
  });

  test("that are unknown, or no struct, are errors", () => {
    expect(() => resolved("nowhere a")).toThrow(new ReferenceError("no type is called nowhere"));
    const protocol = one("enum one_e { ONE = 1 };");
    expect(() => protocol.type("one_e")).toThrow(new ReferenceError("one_e is no struct and no union"));
    expect(() => protocol.owner("nowhere")).toThrow(ReferenceError);
  });

  test.each([
    ["int a", 4],
    ["unsigned hyper a", 8],
    ["double a", 8],
    ["char a", 4],
    ["bool a", 4],
    ["int *a", 4],
    ["int a<9>", 4],
    ["hyper a[3]", 24],
    ["string a<9>", 4],
    ["opaque a<9>", 4],
    ["opaque a[5]", 8],
    ["char a<9>", 4],
    ["char a[5]", 20],
    ["one_enum a", 4],
    ["one_struct a", 24],
    ["one_union a", 4],
    ["one_list a", 8],
  ])("%s takes at least %i bytes", (field, size) => {
    const declarations = `
      enum one_enum { ONE = 1 };
      struct one_struct { string name<9>; opaque uuid[16]; int id; };
      union one_union switch (int t) { case 1: hyper h; case 2: void; };
      struct one_list { int a; one_list *next; };`;
    expect(one(declarations).minSize(resolved(field, declarations))).toBe(size);
  });
});

describe("procedures", () => {
  const protocol = one(`
    const ONE_PROGRAM = 0x20008086;
    const ONE_PROTOCOL_VERSION = 1;
    struct one_open_args { int a; };
    struct one_open_ret { int a; };
    struct one_send_args { int a; };
    struct one_happened_msg { int a; };
    enum one_kind { ONE_KIND = 1 };
    enum one_procedure {
      /**
       * @generate: none
       * @priority: high
       */
      ONE_PROC_OPEN = 1,
      /**
       * @writestream: 1
       * @sparseflag: VIR_SPARSE
       * @priority: low
       */
      ONE_PROC_SEND = 2,
      /** @readstream: 2 */
      ONE_PROC_RECEIVE = 3,
      ONE_PROC_HAPPENED = 4
    };`);
  const [program] = protocol.programs;
  const bare = { args: undefined, ret: undefined, message: undefined };
  const plain = { stream: undefined, sparseFlag: undefined, priority: "low" };

  test("are paired with the structs named after them, and with what their comments say", () => {
    expect(program!.procedures).toMatchObject([
      {
        ...bare,
        ...plain,
        name: "ONE_PROC_OPEN",
        number: 1,
        args: "one_open_args",
        ret: "one_open_ret",
        priority: "high",
      },
      { ...bare, ...plain, number: 2, args: "one_send_args", stream: "write", sparseFlag: 4 },
      { ...bare, ...plain, number: 3, stream: "read" },
      { ...bare, ...plain, number: 4, message: "one_happened_msg" },
    ]);
    expect(program!.procedures[0]!.annotations).toContainEqual({ name: "generate", value: "none" });
  });

  test("belong to a program, whose number has a name", () => {
    expect(program!.constant).toBe("ONE_PROGRAM");
    expect(program!.constants).toEqual([
      { name: "ONE_PROGRAM", value: 0x20008086 },
      { name: "ONE_PROTOCOL_VERSION", value: 1 },
    ]);
    expect(one("struct one_header { int a; };").programs[0]!.constant).toBeUndefined();
  });

  test("are not among the program's enums", () => {
    expect(program!.enums.map((type) => type.name)).toEqual(["one_kind"]);
  });

  test("of newer versions are added by a second enum of the same name", () => {
    const added = one(`
      enum one_procedure { ONE_PROC_A = 1 };
      struct one_b_args { int a; };
      enum one_procedure { ONE_PROC_B = 2 };`);
    expect(added.programs[0]!.procedures).toMatchObject([
      { name: "ONE_PROC_A", number: 1 },
      { name: "ONE_PROC_B", number: 2, args: "one_b_args" },
    ]);
  });
});
