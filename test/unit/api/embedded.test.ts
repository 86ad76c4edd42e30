import { describe, expect, test } from "vitest";
import { isEmbedded } from "../../../src/api/embedded.js";
import { connect, DomainVcpuFlags } from "../../../src/index.js";
import { parseUri } from "../../../src/transport/uri.js";
import { run } from "../../support/program.js";

describe("the hypervisor within the program", () => {
  test.each([
    ["test:///default", true],
    ["TEST:///default", true],
    ["test:///some/node.xml", true],
    ["test+unix:///default", false],
    ["test+tcp://localhost/default", false],
    ["test://localhost/default", false],
    ["qemu:///system", false],
    ["", false],
  ])("is what %j means: %s", (uri, expected) => expect(isEmbedded(parseUri(uri))).toBe(expected));

  test("is reached without a daemon", async () => {
    await using conn = await connect("test:///default");
    expect((await conn.listAllDomains()).map(({ name }) => name)).toEqual(["test"]);
    expect(await conn.getURI()).toBe("test:///default");
    expect(conn.isAlive()).toBe(true);
  });

  test("is the same for all who have it open, and another when nobody has had it open", async () => {
    const xml = "<domain type='test'><name>web</name><memory>1</memory><os><type>hvm</type></os></domain>";
    {
      await using one = await connect("test:///default");
      await using two = await connect("test:///default");
      await one.domainDefineXML(xml);
      expect((await two.domainLookupByName("web")).name).toBe("web");
    }
    await using three = await connect("test:///default");
    await expect(three.domainLookupByName("web")).rejects.toMatchObject({ codeName: "NO_DOMAIN" });
  });

  test("may only be looked at over a connection for that", async () => {
    await using conn = await connect("test:///default", { readonly: true });
    const domain = await conn.domainLookupByName("test");
    const { GUEST } = DomainVcpuFlags;
    for (const call of [
      () => domain.destroy(),
      () => domain.getLaunchSecurityInfo(),
      () => domain.getVcpusFlags(GUEST),
    ]) {
      await expect(call()).rejects.toMatchObject({ codeName: "OPERATION_DENIED" });
    }
    expect(await domain.isActive()).toBe(true);
  });

  test.each([
    ["test:///", "INVALID_ARG"],
    ["test:///nonexistent/node.xml", "XML_ERROR"],
  ])("does not open %s", async (uri, codeName) => {
    await expect(connect(uri)).rejects.toMatchObject({ codeName });
  });

  test("is loaded only by who wants it", async () => {
    const program = "test/support/loaded-modules.ts";
    const { stdout: without } = await run(program, { args: ["test+unix:///default?socket=/nonexistent"] });
    const { stdout: within } = await run(program, { args: ["test:///default"] });
    const isForTesting = (url: string) => /\/src\/testing\/|xmldom/.test(url);
    expect(without.split("\n")).toContainEqual(expect.stringMatching(/\/src\/api\/connect\.ts$/));
    expect(without.split("\n").filter(isForTesting)).toEqual([]);
    expect(within.split("\n").filter(isForTesting)).not.toEqual([]);
  });
});
