import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import * as errors from "../../src/errors.js";

const classes = { ...errors };
const { LibvirtError, VirtwireError } = classes;

const fields = {
  code: 42,
  domain: 10,
  level: 2,
  message: "Domain not found: no domain with matching name 'x'",
  str1: "Domain not found: %s",
  str2: "no domain with matching name 'x'",
  str3: null,
  int1: -1,
  int2: 7,
};

/** One error of every class. */
function oneOfEach(from: typeof errors): Record<string, errors.VirtwireError> {
  return {
    LibvirtError: new from.LibvirtError(fields),
    ConnectionError: new from.ConnectionError("lost"),
    AuthenticationError: new from.AuthenticationError("no"),
    ProtocolError: new from.ProtocolError("what?"),
    UnsupportedError: new from.UnsupportedError("cannot"),
    TimeoutError: new from.TimeoutError("late"),
    OverflowError: new from.OverflowError("too many"),
  };
}

const names = Object.keys(oneOfEach(errors)) as errors.ErrorName[];

/** The module once more, as a second copy of the package would have it. */
async function secondCopy(): Promise<typeof errors> {
  vi.resetModules();
  return import("../../src/errors.js");
}

describe("every class", () => {
  test("is exported, and tested here", () => {
    const exported = Object.keys(classes).filter((name) => name !== "VirtwireError");
    expect(exported.sort()).toEqual([...names].sort());
  });

  test.each(names)("%s is an Error with that name, and of no other class", (name) => {
    const error = oneOfEach(errors)[name]!;
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(VirtwireError);
    expect(error.name).toBe(name);
    expect(error.toString()).toBe(`${name}: ${error.message}`);
    expect(error.stack).toContain("errors.test.ts");
    expect(names.filter((other) => error instanceof classes[other])).toEqual([name]);
  });

  test("keeps its cause", () => {
    const cause = new Error("ECONNREFUSED");
    expect(new errors.ConnectionError("cannot connect", { cause }).cause).toBe(cause);
  });

  test("is recognised across copies of the package, both ways", async () => {
    const copy = await secondCopy();
    expect(copy.LibvirtError).not.toBe(LibvirtError);
    for (const name of names) {
      const [ours, theirs] = [oneOfEach(errors)[name], oneOfEach(copy)[name]];
      expect([ours instanceof copy.VirtwireError, theirs instanceof VirtwireError]).toEqual([true, true]);
      expect(names.filter((other) => ours instanceof copy[other])).toEqual([name]);
      expect(names.filter((other) => theirs instanceof classes[other])).toEqual([name]);
    }
  });

  test("takes in the classes that users derive from it", () => {
    class Refused extends errors.ConnectionError {}
    const error = new Refused("no");
    expect(error).toBeInstanceOf(errors.ConnectionError);
    expect(error).toBeInstanceOf(VirtwireError);
    expect(error).not.toBeInstanceOf(errors.TimeoutError);
  });

  test.each([
    null,
    undefined,
    5,
    "LibvirtError",
    {},
    { name: "LibvirtError" },
    Object.assign(new Error("fake"), { name: "LibvirtError" }),
    new TypeError("an argument"),
  ])("is not what %s belongs to", (value) => {
    expect(names.filter((name) => (value as unknown) instanceof classes[name])).toEqual([]);
    expect((value as unknown) instanceof VirtwireError).toBe(false);
  });
});

describe("an error of libvirt's", () => {
  test("has every field that the daemon sent, and their names", () => {
    const error = new LibvirtError(fields, "REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME");
    expect(error).toMatchObject(fields);
    expect(error).toMatchObject({ codeName: "NO_DOMAIN", domainName: "QEMU", levelName: "ERROR" });
    expect(error.procedure).toBe("REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME");
    expect(new LibvirtError(fields).procedure).toBeUndefined();
  });

  test("has no names for numbers that a newer libvirt has added", () => {
    const error = new LibvirtError({ ...fields, code: 99_999, domain: 99_999, level: 99_999 });
    expect([error.codeName, error.domainName, error.levelName]).toEqual([undefined, undefined, undefined]);
    expect([error.code, error.domain, error.level]).toEqual([99_999, 99_999, 99_999]);
  });

  test("has a message of ours where the daemon gave none", () => {
    const { message } = new LibvirtError({ ...fields, message: null });
    expect(message).toContain("42");
    expect(message).toContain("10");
    expect(new LibvirtError({ ...fields, message: "" }).message).toBe("");
  });
});

test("an error of libvirt's prints its codes with their names, and nothing of how errors are told apart", () => {
  const printed = inspect(new LibvirtError(fields, "REMOTE_PROC_X"));
  expect(printed).toContain("code: 42,\n  codeName: 'NO_DOMAIN',\n  domain: 10,\n  domainName: 'QEMU',");
  expect(printed).not.toContain("Symbol");
});

test("an error of libvirt's has all its fields in JSON, with their names", () => {
  const fields = {
    code: 42,
    domain: 12,
    level: 2,
    message: "gone",
    str1: "a",
    str2: null,
    str3: null,
    int1: -1,
    int2: 7,
  };
  const error = new LibvirtError(fields, "REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME");
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    ...fields,
    name: "LibvirtError",
    codeName: "NO_DOMAIN",
    domainName: "TEST",
    levelName: "ERROR",
    procedure: "REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME",
  });
});
