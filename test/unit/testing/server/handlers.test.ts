import { describe, expect, test } from "vitest";
import { ErrorDomain, ErrorNumber } from "../../../../src/generated/constants.js";
import { domainLookupByName, domainOpenConsole } from "../../../../src/protocol/generated/remote.js";
import { DriverError } from "../../../../src/testing/server/driver-error.js";
import { Handlers } from "../../../../src/testing/server/handlers.js";

describe("handlers", () => {
  const fail = () => {
    throw new DriverError(ErrorNumber.NO_DOMAIN, "none");
  };

  test("there is one for a procedure", () => {
    const handlers = new Handlers(() => undefined).on(domainLookupByName, fail);
    expect(handlers.find(domainLookupByName.program, domainLookupByName.number)?.handle).toBe(fail);
    expect(handlers.find(domainLookupByName.program, domainOpenConsole.number)).toBeUndefined();
    expect(() => handlers.on(domainLookupByName, fail)).toThrow(
      new TypeError("REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME has a handler already"),
    );
  });

  test("streams have their own kind, and nothing else has it", () => {
    const handlers = new Handlers(() => undefined);
    expect(() => handlers.on(domainOpenConsole, fail)).toThrow(TypeError);
    expect(() => handlers.onStream(domainLookupByName, fail)).toThrow(TypeError);
    expect(handlers.onStream(domainOpenConsole, fail).find(domainOpenConsole.program, 201)).toBeDefined();
  });
});

describe("a driver's error", () => {
  test("has the fields that libvirt gives one", () => {
    const error = new DriverError(ErrorNumber.NO_DOMAIN, "no domain with matching name '$&'");
    expect(error.toWire()).toEqual({
      code: ErrorNumber.NO_DOMAIN,
      domain: ErrorDomain.TEST,
      message: "Domain not found: no domain with matching name '$&'",
      level: 2,
      dom: null,
      str1: "Domain not found: %s",
      str2: "no domain with matching name '$&'",
      str3: null,
      int1: -1,
      int2: -1,
      net: null,
    });
  });

  test("has other fields where they are given", () => {
    const fields = { domain: 7, level: 1, str1: null, str2: "b", str3: "c", int1: 1, int2: 2 };
    expect(new DriverError(ErrorNumber.RPC, "as it is", fields)).toMatchObject({
      ...fields,
      message: "as it is",
    });
  });
});
