import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import type { Api, ApiEnum } from "../../../codegen/api/model.js";
import { emitConstants } from "../../../codegen/emit/constants.js";
import * as constants from "../../../src/generated/constants.js";

const symbol = { library: "libvirt", file: "libvirt-f", since: "0.9.2" } as const;

/** What is written of symbols that one header declares. */
const textOf = (api: Api) => emitConstants(api).get("constants/f.ts")!;

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

function enumOf(name: string, ...members: string[]): ApiEnum {
  return {
    ...symbol,
    name,
    members: members.map((member, value) => ({ name: member, value, since: "0.9.3" })),
  };
}

describe("emitConstants", () => {
  test("an enum is an object and an open type of the same name", () => {
    const text = textOf(
      api({
        enums: [enumOf("virDomainState", "VIR_DOMAIN_NOSTATE", "VIR_DOMAIN_RUNNING", "VIR_DOMAIN_LAST")],
      }),
    );
    expect(text).toContain(
      [
        "/** virDomainState, libvirt 0.9.2 and later. */",
        "export const DomainState = {",
        "  /** VIR_DOMAIN_NOSTATE, since 0.9.3 */",
        "  NOSTATE: 0,",
        "  /** VIR_DOMAIN_RUNNING, since 0.9.3 */",
        "  RUNNING: 1,",
        "} as const;",
      ].join("\n"),
    );
    expect(text).toContain(
      "export type DomainState = (typeof DomainState)[keyof typeof DomainState] | (number & {});",
    );
  });

  test("string macros are strings, with whatever characters they have", () => {
    const text = textOf(api({ strings: [{ ...symbol, name: "VIR_A", value: 'say "a"\\' }] }));
    expect(text).toContain('/** VIR_A, since 0.9.2 */\nexport const A = "say \\"a\\"\\\\";');
  });

  test("number macros: 64-bit ones are bigint, lengths of C buffers are left out", () => {
    const text = textOf(
      api({
        numbers: [
          { ...symbol, name: "VIR_MAX_KEYS", value: 16 },
          { ...symbol, name: "VIR_UNLIMITED", value: 2 ** 53 - 1 },
          { ...symbol, name: "VIR_UUID_BUFLEN", value: 16 },
          { ...symbol, name: "VIR_PARAM_FIELD_LENGTH", value: 80 },
        ],
      }),
    );
    expect(text).toContain("export const MAX_KEYS = 16;");
    expect(text).toContain("export const UNLIMITED = 9007199254740991n;");
    expect(text).not.toMatch(/BUFLEN|FIELD_LENGTH/);
  });

  test("does not depend on the order of its input", () => {
    const a = enumOf("virA", "VIR_A_X", "VIR_A_Y");
    const b = enumOf("virB", "VIR_B_X", "VIR_B_Y");
    expect(emitConstants(api({ enums: [b, a] }))).toEqual(emitConstants(api({ enums: [a, b] })));
  });

  test("there is a file for each header, and one that has them all", () => {
    const strings = [
      { ...symbol, name: "VIR_B", value: "b" },
      { ...symbol, name: "VIR_A", file: "virterror", value: "a" },
    ];
    const files = emitConstants(api({ strings }));
    expect([...files.keys()]).toEqual(["constants/f.ts", "constants/virterror.ts", "constants.ts"]);
    expect(files.get("constants/f.ts")).toMatch(/export const B = "b";$/);
    expect(files.get("constants/virterror.ts")).toMatch(/export const A = "a";$/);
    expect(files.get("constants.ts")).toMatch(
      /^export \* from ".\/constants\/f.js";\nexport \* from ".\/constants\/virterror.js";$/m,
    );
  });

  test("refuses two constants of one name", () => {
    const strings = [{ ...symbol, name: "VIR_X", value: "x" }];
    expect(() => emitConstants(api({ strings: [...strings, ...strings] }))).toThrow(/called X/);
    expect(() => emitConstants(api({ strings, enums: [enumOf("virX", "VIR_X_A", "VIR_X_B")] }))).toThrow(
      /called X/,
    );
    const errors = enumOf("virErrorNumber", "VIR_ERR_WAR_X", "VIR_WAR_X");
    expect(() => emitConstants(api({ enums: [errors] }))).toThrow(/called WAR_X/);
  });
});

describe("src/generated/constants.ts", () => {
  test("has the values of libvirt's headers", () => {
    expect(constants.DomainState).toEqual({
      NOSTATE: 0,
      RUNNING: 1,
      BLOCKED: 2,
      PAUSED: 3,
      SHUTDOWN: 4,
      SHUTOFF: 5,
      CRASHED: 6,
      PMSUSPENDED: 7,
    });
    expect(constants.DomainCreateFlags.START_PAUSED).toBe(1);
    expect(constants.ErrorNumber.NO_DOMAIN).toBe(42);
    expect(constants.ErrorDomain.RPC).toBe(7);
    expect(constants.ErrorLevel).toEqual({ NONE: 0, WARNING: 1, ERROR: 2 });
    expect(constants.CPUCompareResult.ERROR).toBe(-1);
    expect(constants.ConnectGetAllDomainStatsFlags.ENFORCE_STATS).toBe(2 ** 31);
    expect(constants.NetworkUpdateCommand.ADD_LAST).toBe(3);
    expect(constants.DOMAIN_JOB_TIME_ELAPSED).toBe("time_elapsed");
    expect(constants.DOMAIN_MEMORY_PARAM_UNLIMITED).toBe(9007199254740991n);
  });

  test("an enum's type takes numbers that are newer than this package", () => {
    const state: constants.DomainState = 99;
    expect(Object.values<number>(constants.DomainState)).not.toContain(state);
  });

  test("is nothing but literals, so that a bundler drops what is not used", () => {
    const folder = new URL("../../../src/generated/constants/", import.meta.url);
    const statements = readdirSync(folder).flatMap((name) => {
      const text = readFileSync(new URL(name, folder), "utf8");
      return ts.createSourceFile(name, text, ts.ScriptTarget.Latest).statements;
    });
    const variables = statements.filter((statement) => !ts.isTypeAliasDeclaration(statement));
    expect(variables.length).toBeGreaterThan(600);
    expect(variables.filter((statement) => !isLiteral(statement))).toEqual([]);
  });
});

function isLiteral(statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false;
  const value = statement.declarationList.declarations[0]?.initializer;
  if (value === undefined) return false;
  if (!ts.isAsExpression(value)) return ts.isLiteralExpression(value);
  return (
    ts.isObjectLiteralExpression(value.expression) &&
    value.expression.properties.every(
      (property) => ts.isPropertyAssignment(property) && isNumber(property.initializer),
    )
  );
}

function isNumber(value: ts.Expression): boolean {
  return ts.isNumericLiteral(ts.isPrefixUnaryExpression(value) ? value.operand : value);
}
