import { describe, expect, test } from "vitest";
import { parse } from "../../../../codegen/xdr/parser.js";
import type { Declaration, Shape, Type } from "../../../../codegen/xdr/tree.js";

const read = (source: string) => parse(source, "x.x");

/** The only definition of the source. */
function one(source: string) {
  const definitions = read(source);
  expect(definitions).toHaveLength(1);
  return definitions[0]!;
}

const int: Type = { kind: "scalar", name: "int" };

const declaration = (name: string, type: Type = int, shape: Shape = { kind: "one" }): Declaration => ({
  name,
  type,
  shape,
  annotations: [],
});

describe("constants", () => {
  test.each([
    ["1024", 1024],
    ["0", 0],
    ["-1", -1],
    ["0x20008086", 0x20008086],
    ["0XfF", 255],
    ["017", 15],
    ["VIR_UUID_BUFLEN", "VIR_UUID_BUFLEN"],
  ])("const A = %s", (text, value) => {
    expect(one(`const A = ${text};`)).toEqual({ kind: "const", name: "A", value });
  });

  test.each(["089", "-0x10", "-017", "=", ""])("const A = %s is refused", (text) => {
    expect(() => read(`const A = ${text};`)).toThrow(
      /^x\.x:1: a number or a constant's name is wanted, not /,
    );
  });
});

describe("enums", () => {
  test("have members with values", () => {
    expect(one("enum a { A = 0, B = -5, C = 0x10, D = OTHER };")).toEqual({
      kind: "enum",
      name: "a",
      members: [
        { name: "A", value: 0, annotations: [] },
        { name: "B", value: -5, annotations: [] },
        { name: "C", value: 16, annotations: [] },
        { name: "D", value: "OTHER", annotations: [] },
      ],
    });
  });

  test("may end with a comma or a comment", () => {
    const members = [{ name: "A", value: 1, annotations: [] }];
    expect(one("enum a { A = 1, };")).toEqual({ kind: "enum", name: "a", members });
    expect(one("enum a { A = 1 /* the last */ };")).toEqual({ kind: "enum", name: "a", members });
    expect(one("enum a { A = 1, /* the last */ };")).toEqual({ kind: "enum", name: "a", members });
  });

  test("carry what is said before a member", () => {
    const source = `
      enum remote_procedure {
        /* Prose about all, such as:
         * - @generate: none|client|server|both
         */

        /**
         * @generate: none
         * @acl: connect:getattr
         */
        PROC_OPEN = 1,

        /**
         * @readstream: 1
         * @sparseflag: SPARSE
         * @acl: storage_vol:data_read::flags:SPARSE
         */
        PROC_DOWNLOAD = 2,
        PROC_BARE = 3
      };`;
    expect(one(source)).toMatchObject({
      members: [
        {
          name: "PROC_OPEN",
          annotations: [
            { name: "generate", value: "none" },
            { name: "acl", value: "connect:getattr" },
          ],
        },
        {
          name: "PROC_DOWNLOAD",
          annotations: [
            { name: "readstream", value: "1" },
            { name: "sparseflag", value: "SPARSE" },
            { name: "acl", value: "storage_vol:data_read::flags:SPARSE" },
          ],
        },
        { name: "PROC_BARE", annotations: [] },
      ],
    });
  });
});

describe("types", () => {
  test.each<[string, Type]>([
    ["int", int],
    ["unsigned int", { kind: "scalar", name: "unsigned int" }],
    ["unsigned", { kind: "scalar", name: "unsigned int" }],
    ["hyper", { kind: "scalar", name: "hyper" }],
    ["unsigned hyper", { kind: "scalar", name: "unsigned hyper" }],
    ["short", { kind: "scalar", name: "short" }],
    ["unsigned short", { kind: "scalar", name: "unsigned short" }],
    ["char", { kind: "scalar", name: "char" }],
    ["unsigned char", { kind: "scalar", name: "unsigned char" }],
    ["float", { kind: "scalar", name: "float" }],
    ["double", { kind: "scalar", name: "double" }],
    ["bool", { kind: "scalar", name: "bool" }],
    ["remote_domain", { kind: "named", name: "remote_domain" }],
    ["struct remote_domain", { kind: "named", name: "remote_domain" }],
    ["enum remote_auth_type", { kind: "named", name: "remote_auth_type" }],
    ["union remote_value", { kind: "named", name: "remote_value" }],
  ])("%s", (text, type) => {
    expect(one(`typedef ${text} a;`)).toEqual({
      kind: "typedef",
      name: "a",
      declaration: declaration("a", type),
    });
  });

  test.each<[string, Type, Shape]>([
    ["int a", int, { kind: "one" }],
    ["int *a", int, { kind: "optional" }],
    ["int * a", int, { kind: "optional" }],
    ["int a[3]", int, { kind: "fixed", length: 3 }],
    ["opaque a[LENGTH]", { kind: "opaque" }, { kind: "fixed", length: "LENGTH" }],
    ["int a<0x10>", int, { kind: "variable", max: 16 }],
    ["opaque a<MAX>", { kind: "opaque" }, { kind: "variable", max: "MAX" }],
    ["string a<MAX>", { kind: "string" }, { kind: "variable", max: "MAX" }],
    ["string a<>", { kind: "string" }, { kind: "variable", max: undefined }],
  ])("%s", (text, type, shape) => {
    expect(one(`struct s { ${text}; };`)).toEqual({
      kind: "struct",
      name: "s",
      fields: [declaration("a", type, shape)],
      annotations: [],
    });
  });
});

describe("structs", () => {
  test("may be empty of fields", () => {
    expect(one("struct s { /* nothing yet */ };")).toMatchObject({ fields: [] });
  });

  test("carry annotations behind their brace and behind each field", () => {
    const source = `
      /* insert@9 */
      struct s { /* insert@1 */
        /* insert@9 */
        int a; /* alloc@1@unsigned int@2 */ /* insert@3 */
        /* insert@9 */
        int b; // (unsigned char *)
        int c; int d; /* insert@4 */
      };`;
    expect(one(source)).toEqual({
      kind: "struct",
      name: "s",
      annotations: [{ name: "insert", value: "1" }],
      fields: [
        {
          ...declaration("a"),
          annotations: [
            { name: "alloc", value: "1@unsigned int@2" },
            { name: "insert", value: "3" },
          ],
        },
        declaration("b"),
        declaration("c"),
        { ...declaration("d"), annotations: [{ name: "insert", value: "4" }] },
      ],
    });
  });

  test("may have comments wherever there may be space", () => {
    const source = "/**/struct/**/s/**/{/**/int/**/*/**/a/**/;/**/int/**/b/**/</**/3/**/>/**/;/**/}/**/;/**/";
    expect(one(source)).toMatchObject({
      fields: [
        declaration("a", int, { kind: "optional" }),
        declaration("b", int, { kind: "variable", max: 3 }),
      ],
    });
  });
});

describe("unions", () => {
  test("have an arm for one case or several, void arms and a default", () => {
    const source = `
      union u switch (int type) {
        /* one */
        case A: /* insert@1 */
          int a;
        case 2:
        /* and */
        case 3:
          string b<9>;
        case 4:
          void;
        default:
          /* else */
          void;
      };`;
    expect(one(source)).toEqual({
      kind: "union",
      name: "u",
      discriminant: declaration("type"),
      arms: [
        { cases: ["A"], declaration: declaration("a") },
        { cases: [2, 3], declaration: declaration("b", { kind: "string" }, { kind: "variable", max: 9 }) },
        { cases: [4], declaration: undefined },
      ],
      otherwise: { cases: [], declaration: undefined },
    });
  });

  test("may have a default with a value, or none", () => {
    expect(one("union u switch (bool b) { case 0: void; default: int x; };")).toMatchObject({
      otherwise: { declaration: declaration("x") },
    });
    expect(one("union u switch (unsigned int t) { case 0: void; };")).toMatchObject({
      discriminant: declaration("t", { kind: "scalar", name: "unsigned int" }),
      otherwise: undefined,
    });
  });
});

describe("files", () => {
  test("have definitions in any order, with lines for the C compiler between them", () => {
    const source = '/* -*- c -*- */\n%#include "a.h"\nconst A = 1;\n%\ntypedef int b;\nenum c { C = A };\n';
    expect(read(source).map((definition) => definition.kind)).toEqual([
      "passthrough",
      "const",
      "passthrough",
      "typedef",
      "enum",
    ]);
    expect(read(source)[0]).toEqual({ kind: "passthrough", text: '#include "a.h"' });
  });

  test("may be empty", () => {
    expect(read("")).toEqual([]);
    expect(read("\n/* nothing */\n")).toEqual([]);
  });

  test.each([
    ["int a;", "x.x:1: a definition is wanted, not int"],
    ["const = 1;", "x.x:1: a constant's name is wanted, not ="],
    ["const A 1;", 'x.x:1: "=" is wanted, not 1'],
    ["const A = 1\nconst B = 2;", 'x.x:2: ";" is wanted, not const'],
    ["enum a {\n A\n};", 'x.x:3: "=" is wanted, not }'],
    ["enum a { A = 1 B = 2 };", 'x.x:1: "}" is wanted, not B'],
    ["enum { A = 1 };", "x.x:1: an enum's name is wanted, not {"],
    ["struct a int b;", 'x.x:1: "{" is wanted, not int'],
    ["struct a {\n  int b;\n}\n", 'x.x:4: ";" is wanted, not the end of the file'],
    ["struct a {\n  int b;\n", "x.x:3: a type is wanted, not the end of the file"],
    ["struct a { int; };", "x.x:1: a name is wanted, not ;"],
    ["struct a { int *b<3>; };", 'x.x:1: ";" is wanted, not <'],
    ["struct a { int b[]; };", "x.x:1: a number or a constant's name is wanted, not ]"],
    ["struct a { int b[3; };", 'x.x:1: "]" is wanted, not ;'],
    ["struct a { int b<3; };", 'x.x:1: ">" is wanted, not ;'],
    ["struct a {\n% line\n};", "x.x:2: a type is wanted, not  line"],
    ["union u (int a) { };", "x.x:1: switch is wanted, not ("],
    ["union u when (int a) { };", "x.x:1: switch is wanted, not when"],
    ["union u switch (int a) { int b; };", 'x.x:1: "case" is wanted, not int'],
    ["union u switch (int a) { case 1 int b; };", 'x.x:1: ":" is wanted, not int'],
    ["union u switch (int a) { case 1: void int b; };", 'x.x:1: ";" is wanted, not int'],
    ["typedef void;", "x.x:1: a name is wanted, not ;"],
  ])("%j is refused, with file and line", (source, message) => {
    expect(() => read(source)).toThrow(new SyntaxError(message));
  });
});
