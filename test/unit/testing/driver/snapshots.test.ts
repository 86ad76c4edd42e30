import { describe, expect, test } from "vitest";
import { ErrorDomain, ErrorNumber } from "../../../../src/generated/constants.js";
import { Moments } from "../../../../src/testing/driver/domain/moments.js";
import { readWorld } from "../../../../src/testing/driver/world-file.js";
import { parseXml } from "../../../../src/testing/driver/xml/parse.js";

const uuid = "0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9a14";

// libvirtd 9.0 does not survive files whose snapshots it refuses: what they are refused with is in its source.
describe("a world's snapshots are refused", () => {
  const domain = (
    more = "",
  ) => `<domain type="test" xmlns:t="http://libvirt.org/schemas/domain/test/1.0"><name>kept</name>
    <uuid>${uuid}</uuid><memory>8</memory><os><type>hvm</type></os>${more}</domain>`;
  const snapshot = (name: string, { parent = "", active = "0", state = "shutoff" } = {}) =>
    `<t:domainsnapshot><name>${name}</name><creationTime>5</creationTime>${state && `<state>${state}</state>`}
      ${parent && `<parent><name>${parent}</name></parent>`}${active && `<active>${active}</active>`}
      ${domain()}</t:domainsnapshot>`;
  const open = (snapshots: string) =>
    readWorld(parseXml(`<node>${domain(snapshots)}</node>`, { what: "world" }));

  test("unless they are sound", () => {
    const kept = open(snapshot("a", { active: "1" }) + snapshot("b", { parent: "a" })).domains.byName("kept");
    expect([...(kept?.snapshots ?? [])].map(({ name }) => name)).toEqual(["a", "b"]);
    expect(kept?.snapshots.current?.name).toBe("a");
  });

  test.each([
    ["without a word on which is active", snapshot("a", { active: "" }), ErrorDomain.DOMAIN_SNAPSHOT],
    [
      "two of which are active",
      snapshot("a", { active: "1" }) + snapshot("b", { active: "1" }),
      ErrorDomain.TEST,
    ],
    ["whose parent is not there", snapshot("a", { parent: "b" }), ErrorDomain.TEST],
    [
      "that come after themselves",
      snapshot("a", { parent: "b" }) + snapshot("b", { parent: "a" }),
      ErrorDomain.TEST,
    ],
  ])("%s", (_what, snapshots, errors) => {
    const refusal = expect.objectContaining({ code: ErrorNumber.INTERNAL_ERROR, domain: errors });
    expect(() => open(snapshots)).toThrow(refusal);
  });

  test("without a state", () => {
    expect(() => open(snapshot("a", { state: "" }))).toThrow("missing state from existing snapshot");
  });
});

describe("a tree of moments", () => {
  const tree = () => {
    const moments = new Moments<{ name: string; parentName: string | undefined }>();
    for (const [name = "", parentName] of [["a"], ["b", "a"], ["c", "b"], ["d", "b"], ["e"]]) {
      moments.add({ name, parentName });
    }
    moments.current = moments.find("d");
    return moments;
  };
  const names = (found: Iterable<{ readonly name: string }>) => [...found].map(({ name }) => name).join("");

  test("has every moment behind its parent", () => {
    const moments = tree();
    expect(names(moments.descendants(undefined))).toBe("aebcd");
    expect(names(moments.children(moments.find("b")))).toBe("cd");
  });

  test("closes over one that is taken away, and current is then its parent", () => {
    const moments = tree();
    const b = moments.find("b")!;
    moments.remove(b, { children: false, childrenOnly: false });
    expect(names(moments.children(moments.find("a")))).toBe("cd");
    moments.remove(moments.find("d")!, { children: false, childrenOnly: false });
    expect(moments.current?.name).toBe("a");
  });

  test("loses with one what came after it", () => {
    const moments = tree();
    moments.remove(moments.find("b")!, { children: true, childrenOnly: false });
    expect(names(moments)).toBe("ae");
    expect(moments.current?.name).toBe("a");
  });

  test("loses only what came after one", () => {
    const moments = tree();
    moments.remove(moments.find("b")!, { children: false, childrenOnly: true });
    expect(names(moments)).toBe("abe");
    expect(moments.current?.name).toBe("b");
  });

  test("has no circles", () => {
    expect(() => tree().checkParent({ name: "a", parentName: "d" })).toThrow("would create cycle");
    expect(() => tree().checkParent({ name: "a", parentName: "a" })).toThrow("as its own parent");
  });
});
