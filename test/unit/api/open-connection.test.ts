import { expect, test } from "vitest";
import { connect, LibvirtError } from "../../../src/index.js";

test("an error tells by whom the call was made, and not where its reply came in", async () => {
  await using conn = await connect("test:///default");
  const askForNobody = async () => {
    await conn.domainLookupByName("nobody");
  };
  const error: unknown = await askForNobody().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LibvirtError);
  expect((error as LibvirtError).stack).toMatch(/askForNobody/);
  expect((error as LibvirtError).procedure).toBe("REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME");
});
