import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../../codegen/api/evaluate.js";
import { localReason } from "../../../codegen/api/local.js";
import type { ApiFunction, Library } from "../../../codegen/api/model.js";
import { procedureFinder } from "../../../codegen/api/procedures.js";
import { constants, readApi } from "../../../codegen/api/read.js";

const main = `
  <macro name='VIR_BUFLEN' file='libvirt-host' raw='(36 + 1)' version='0.2.0'>
    <info><![CDATA[Prose with a < and an &.]]></info>
  </macro>
  <macro name='VIR_ALIAS' file='libvirt-host' raw='VIR_BUFLEN' version='0.2.1'/>
  <macro name='VIR_OLD_STRUCT' file='libvirt-host' raw='_virStruct' version='0.2.1'/>
  <macro name='VIR_PICK' file='libvirt-host' params='map,cpu' raw='1' version='0.2.1'/>
  <macro name='VIR_PARAM_RATE' file='libvirt-host' string='rate &quot;max&quot;' version='0.9.2'/>
  <enum name='VIR_MODE_HIGH' file='libvirt-host' value='2147483648' type='virMode' version='1.0.0' info='a
    &gt; b'/>
  <enum name='VIR_MODE_BORROWED' file='libvirt-host' value='VIR_QEMU_B' type='virMode' version='1.1.0'/>
  <enum name='VIR_MODE_ERROR' file='libvirt-host' value='-1' type='virMode' version='1.0.0'/>
  <typedef name='virMode' file='libvirt-host' type='enum' version='1.0.0'/>
  <typedef name='virThingPtr' file='libvirt-host' type='virThing *' version='0.0.1'/>
  <struct name='virThing' file='libvirt-host' type='struct _virThing' version='0.0.1'/>
  <struct name='virParam' file='libvirt-host' type='struct _virParam' version='0.0.2'>
    <field name='type' type='int' info='which'/>
    <field name='value' type='union'>
      <union>
        <field name='i' type='int'/>
        <field name='d' type='double'/>
      </union>
    </field>
  </struct>
  <function name='virThingCount' file='libvirt-host' module='libvirt-host' version='0.4.0'>
    <info><![CDATA[Prose.]]></info>
    <return type='int' info='a number'/>
    <arg name='thing' type='virThingPtr' info='the thing'/>
  </function>
  <function name='virGo' file='libvirt-host' module='libvirt-host' version='0.4.1'><return type='void'/></function>
  <functype name='virThingFunc' file='libvirt-host' module='libvirt-host' version='0.5.0'>
    <return type='void'/>
    <arg name='thing' type='virThingPtr'/>
    <arg name='opaque' type='void *'/>
  </functype>`;

const qemu = `
  <enum name='VIR_QEMU_A' file='libvirt-qemu' value='1' type='virQemu' version='2.0.0'/>
  <enum name='VIR_QEMU_B' file='libvirt-qemu' value='VIR_QEMU_A' type='virQemu' version='2.0.0'/>
  <typedef name='virQemu' file='libvirt-qemu' type='enum' version='2.0.0'/>`;

const small = (library: string) =>
  `<function name='vir${library}Go' file='libvirt-${library}' version='3.0.0'><return type='int'/></function>`;

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "virtwire-api-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function write(parts: { readonly [name: string]: string }): string {
  for (const [name, symbols] of Object.entries(parts)) {
    const text = `<?xml version="1.0"?><api name='${name}'><files/><symbols>${symbols}</symbols></api>`;
    writeFileSync(join(directory, `${name}-api.xml`), text);
  }
  return directory;
}

function read(symbols: string) {
  return readApi(
    write({
      libvirt: symbols,
      "libvirt-qemu": qemu,
      "libvirt-lxc": small("lxc"),
      "libvirt-admin": small("admin"),
    }),
  );
}

describe("readApi", () => {
  test("functions with their arguments, from all four files", () => {
    const { functions } = read(main);
    expect(functions.map(({ name, library }) => [name, library])).toEqual([
      ["virThingCount", "libvirt"],
      ["virGo", "libvirt"],
      ["virlxcGo", "lxc"],
      ["viradminGo", "admin"],
    ]);
    expect(functions[0]).toEqual({
      name: "virThingCount",
      library: "libvirt",
      file: "libvirt-host",
      since: "0.4.0",
      returns: "int",
      returnsEnum: undefined,
      args: [{ name: "thing", type: "virThingPtr", enums: [] }],
    });
    expect(functions[1]?.args).toEqual([]);
  });

  test("the enums that the words about an integer name", () => {
    const { functions } = read(`
      <typedef name='virMode' file='f' type='enum' version='1.0.0'/>
      <function name='virGo' file='f' version='1.0.0'>
        <return type='int' info='the virMode, or -1'/>
        <arg name='flags' type='unsigned int' info='bitwise-OR of virMode and virOther'/>
      </function>`);
    expect(functions[0]).toMatchObject({
      returnsEnum: "virMode",
      args: [{ name: "flags", enums: ["virMode"] }],
    });
  });

  test("callbacks", () => {
    expect(read(main).callbacks).toEqual([
      {
        name: "virThingFunc",
        library: "libvirt",
        file: "libvirt-host",
        since: "0.5.0",
        returns: "void",
        returnsEnum: undefined,
        args: [
          { name: "thing", type: "virThingPtr", enums: [] },
          { name: "opaque", type: "void *", enums: [] },
        ],
      },
    ]);
  });

  test("enums in the order of their values, with values that are names in another file", () => {
    expect(read(main).enums).toEqual([
      {
        name: "virMode",
        library: "libvirt",
        file: "libvirt-host",
        since: "1.0.0",
        members: [
          { name: "VIR_MODE_ERROR", value: -1, since: "1.0.0" },
          { name: "VIR_MODE_BORROWED", value: 1, since: "1.1.0" },
          { name: "VIR_MODE_HIGH", value: 2147483648, since: "1.0.0" },
        ],
      },
      {
        name: "virQemu",
        library: "qemu",
        file: "libvirt-qemu",
        since: "2.0.0",
        members: [
          { name: "VIR_QEMU_A", value: 1, since: "2.0.0" },
          { name: "VIR_QEMU_B", value: 1, since: "2.0.0" },
        ],
      },
    ]);
  });

  test("macros: strings and integers, but neither aliases of types nor those with parameters", () => {
    const api = read(main);
    expect(api.strings.map(({ name, value }) => [name, value])).toEqual([["VIR_PARAM_RATE", 'rate "max"']]);
    expect(api.numbers.map(({ name, value }) => [name, value])).toEqual([
      ["VIR_BUFLEN", 37],
      ["VIR_ALIAS", 37],
    ]);
  });

  test("structs and typedefs", () => {
    const api = read(main);
    expect(api.structs.map(({ name, fields }) => [name, fields])).toEqual([
      ["virThing", []],
      [
        "virParam",
        [
          { name: "type", type: "int", enums: [] },
          {
            name: "value",
            type: "union",
            enums: [],
            union: [
              { name: "i", type: "int", enums: [] },
              { name: "d", type: "double", enums: [] },
            ],
          },
        ],
      ],
    ]);
    expect(api.typedefs.map(({ name, type }) => [name, type])).toEqual([["virThingPtr", "virThing *"]]);
  });

  test("constants() knows every integer by its C name", () => {
    expect(Object.fromEntries(constants(read(main)))).toEqual({
      VIR_MODE_ERROR: -1,
      VIR_MODE_BORROWED: 1,
      VIR_MODE_HIGH: 2147483648,
      VIR_QEMU_A: 1,
      VIR_QEMU_B: 1,
      VIR_BUFLEN: 37,
      VIR_ALIAS: 37,
    });
  });

  test.each([
    [
      "an enum member without a value",
      `<enum name='VIR_A' file='f' value='VIR_NOWHERE' type='virT' version='1.0.0'/>
       <typedef name='virT' file='f' type='enum' version='1.0.0'/>`,
      /libvirt-api\.xml: enum member VIR_A has no integer value/,
    ],
    [
      "members whose values are each other's",
      `<enum name='VIR_A' file='f' value='VIR_B' type='virT' version='1.0.0'/>
       <enum name='VIR_B' file='f' value='VIR_A' type='virT' version='1.0.0'/>
       <typedef name='virT' file='f' type='enum' version='1.0.0'/>`,
      /enum member VIR_A has no integer value/,
    ],
    [
      "an enum member of no enum",
      "<enum name='VIR_A' file='f' value='1' type='virT' version='1.0.0'/>",
      /no enum has VIR_A/,
    ],
    [
      "a function without a version",
      "<function name='virGo' file='f'><return type='int'/></function>",
      /no attribute version on "virGo"/,
    ],
    [
      "a function without a result",
      "<function name='virGo' file='f' version='1.0.0'><arg name='a' type='int'/></function>",
      /no element <return>/,
    ],
  ])("refuses %s", (_what, symbols, message) => {
    expect(() => read(symbols)).toThrow(message);
  });

  test("refuses what is not XML", () => {
    read(main);
    writeFileSync(join(directory, "libvirt-lxc-api.xml"), "<api><symbols></api>");
    expect(() => readApi(directory)).toThrow(/symbols/);
  });

  test("names a file that is missing", () => {
    read(main);
    rmSync(join(directory, "libvirt-admin-api.xml"));
    expect(() => readApi(directory)).toThrow(/libvirt-admin-api\.xml/);
  });
});

describe("evaluate", () => {
  const lookup = (name: string) => ({ VIR_SIZE: 80, VIR_ZERO: 0 })[name];

  test.each([
    ["16", 16],
    ["(4096 + 1)", 4097],
    ["0x10", 16],
    ["9007199254740991LL /* = INT64_MAX >> 10 */", 9007199254740991],
    ["/* one\n line */ 7u", 7],
    ["1 << 31", 2147483648],
    ["-1", -1],
    ["10 - 2 - 3", 5],
    ["2 + 3 * 4", 14],
    ["1 << 2 + 1", 8],
    ["1 | 2 << 1", 5],
    ["VIR_SIZE * 2", 160],
    ["VIR_ZERO", 0],
  ])("%s = %d", (expression, value) => {
    expect(evaluate(expression, lookup)).toBe(value);
  });

  test.each([
    "",
    "_virTypedParameter",
    "(1",
    "1)",
    "1 2",
    "1 +",
    "(char *) 1",
    '"text"',
    "a ? 1 : 2",
    "9007199254740992",
  ])("%j has no value", (expression) => {
    expect(evaluate(expression, lookup)).toBeUndefined();
  });
});

function fn(name: string, library: Library = "libvirt", file = "libvirt-domain"): ApiFunction {
  return { name, library, file, since: "1.0.0", returns: "int", returnsEnum: undefined, args: [] };
}

describe("procedureFinder", () => {
  const find = procedureFinder(
    new Map([
      ["REMOTE_PROC_CONNECT_OPEN", { program: "remote", number: 1 }],
      ["REMOTE_PROC_DOMAIN_GET_XML_DESC", { program: "remote", number: 14 }],
      ["REMOTE_PROC_NWFILTER_LOOKUP_BY_NAME", { program: "remote", number: 175 }],
      ["REMOTE_PROC_DOMAIN_FSFREEZE", { program: "remote", number: 335 }],
      ["QEMU_PROC_DOMAIN_ATTACH", { program: "qemu", number: 2 }],
      ["LXC_PROC_DOMAIN_OPEN_NAMESPACE", { program: "lxc", number: 1 }],
      ["ADMIN_PROC_CONNECT_OPEN", { program: "admin", number: 1 }],
    ]),
  );

  test.each([
    [fn("virConnectOpen"), { program: "remote", number: 1 }],
    [fn("virConnectOpenReadOnly"), { program: "remote", number: 1 }],
    [fn("virDomainGetXMLDesc"), { program: "remote", number: 14 }],
    [fn("virNWFilterLookupByName"), { program: "remote", number: 175 }],
    [fn("virDomainFSFreeze"), { program: "remote", number: 335 }],
    [fn("virDomainQemuAttach", "qemu"), { program: "qemu", number: 2 }],
    [fn("virDomainLxcOpenNamespace", "lxc"), { program: "lxc", number: 1 }],
    [fn("virAdmConnectOpen", "admin"), { program: "admin", number: 1 }],
    [fn("virDomainGetName"), undefined],
  ])("$0.name", (apiFunction, procedure) => {
    expect(find(apiFunction)).toEqual(procedure);
  });
});

describe("localReason", () => {
  test.each([
    [fn("virDomainFree"), /garbage-collected/],
    [fn("virConnectRef"), /garbage-collected/],
    [fn("virTypedParamsAddInt", "libvirt", "libvirt-common"), /plain objects/],
    [fn("virEventAddHandle", "libvirt", "libvirt-event"), /event loop/],
    [fn("virFreeError", "libvirt", "virterror"), /errors are thrown/],
    [fn("virStreamNew", "libvirt", "libvirt-stream"), /opens a stream/],
  ])("$0.name", (apiFunction, reason) => {
    expect(localReason(apiFunction)).toMatch(reason);
  });

  test.each(["virDomainGetName", "virNodeGetFreeMemory", "virDomainFSFreeze", "virDomainRefresh"])(
    "%s needs a method",
    (name) => {
      expect(localReason(fn(name))).toBeUndefined();
    },
  );
});
