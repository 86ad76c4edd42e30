import { describe, expect, test } from "vitest";
import { compareWithDump } from "../../../../codegen/xdr/golden.js";
import { parse } from "../../../../codegen/xdr/parser.js";

const source = `
  const ONE_MAX = 20;
  enum one_kind { ONE_KIND_A = 0, ONE_KIND_B = -1 };
  typedef string one_text<ONE_MAX>;
  struct one_all {
    int a;
    unsigned int b;
    hyper c;
    unsigned hyper d;
    unsigned char e;
    unsigned short f;
    double g;
    one_kind h;
    one_text i;
    string j<9>;
    one_kind *k;
    opaque l<9>;
    opaque m[16];
    char n<ONE_MAX>;
    char o[32];
    one_text p<9>;
  };
  union one_value switch (int type) {
    case ONE_KIND_A:
      int i;
    case 7:
      one_text s;
    case 8:
      void;
  };`;

const dump = `/* -*- c -*- */
enum one_kind {
        ONE_KIND_A = 0,
        ONE_KIND_B = -1,
};
struct one_all {
        int                        a;
        u_int                      b;
        int64_t                    c;
        uint64_t                   d;
        u_char                     e;
        u_short                    f;
        double                     g;
        one_kind                   h;
        one_text                   i;
        char *                     j;
        one_kind *                 k;
        struct {
                u_int              l_len;
                char *             l_val;
        } l;
        char                       m[16];
        struct {
                u_int              n_len;
                char *             n_val;
        } n;
        char                       o[32];
        struct {
                u_int              p_len;
                one_text *         p_val;
        } p;
};
struct one_value {
        int                        type;
        union {
                int                i;
                one_text           s;
        } one_value_u;
};
`;

const compare = (text: string, golden: string, others = "") =>
  compareWithDump(parse(text, "one.x"), parse(others, "others.x"), golden);

test("what libvirt's compiler made of the same file is no different", () => {
  expect(compare(source, dump)).toEqual([]);
});

describe("a difference is found in", () => {
  test.each([
    ["a field's name", "hyper c;", "hyper cc;", "one_all"],
    ["a field's type", "unsigned hyper d;", "hyper d;", "one_all"],
    ["a type's sign", "unsigned int b;", "int b;", "one_all"],
    ["the order of fields", "int a;\n    unsigned int b;", "unsigned int b;\n    int a;", "one_all"],
    ["a missing field", "    double g;\n", "", "one_all"],
    ["a field too many", "double g;", "double g; double gg;", "one_all"],
    ["a fixed length", "opaque m[16];", "opaque m[17];", "one_all"],
    ["what is optional", "one_kind *k;", "one_kind k;", "one_all"],
    ["what is variable", "char n<ONE_MAX>;", "char n[20];", "one_all"],
    ["an enum's value", "ONE_KIND_B = -1", "ONE_KIND_B = 1", "one_kind"],
    ["an enum's member", "ONE_KIND_B", "ONE_KIND_C", "one_kind"],
    ["a union's tag", "switch (int type)", "switch (unsigned int type)", "one_value"],
    ["a union's arm", "one_text s;", "string s<9>;", "one_value"],
    ["a missing arm", "case 7:\n      one_text s;\n", "", "one_value"],
  ])("%s", (_what, from, to, where) => {
    expect(source).toContain(from);
    const differences = compare(source.replace(from, to), dump);
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatch(new RegExp(`^${where}: .*\\n {2}but libvirt has `));
  });

  test("a definition that only the dump has", () => {
    const extra = `${dump}struct one_new {\n        int                        a;\n};\n`;
    expect(compare(source, extra)).toEqual(["one_new: in libvirt's dump only"]);
  });

  test("a definition that the dump has not", () => {
    expect(compare(`${source} struct one_own { int a; };`, dump)).toEqual(["one_own: not in libvirt's dump"]);
  });

  test("every definition at once, each by its name", () => {
    const differences = compare("", dump);
    expect(differences).toEqual(
      ["one_kind", "one_all", "one_value"].map((one) => `${one}: in libvirt's dump only`),
    );
  });
});

test("a dump may have the types of files that its own includes, and need not have all of them", () => {
  const others = "struct two_used { int a; }; struct two_unused { int a; };";
  const golden = `struct two_used {\n        int                        a;\n};\n${dump}`;
  expect(compare(source, golden, others)).toEqual([]);
  expect(compare(source, golden, "struct two_used { hyper a; };")).toEqual([
    "two_used: struct two_used { int64_t a; };\n  but libvirt has struct two_used { int a; };",
  ]);
});
