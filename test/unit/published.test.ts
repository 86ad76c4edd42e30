import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { OutputChunk } from "@rollup/wasm-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundlePackage } from "../../scripts/bundle.js";
import * as index from "../../src/index.js";
import * as protocol from "../../src/protocol/index.js";
import * as testing from "../../src/testing/index.js";

type Module = Readonly<Record<string, unknown>>;

let dist: string;
let files: ReadonlyMap<string, OutputChunk>;

beforeAll(async () => {
  // Where packages are found that the published one may need.
  const cache = fileURLToPath(new URL("../../node_modules/.cache/virtwire", import.meta.url));
  await mkdir(cache, { recursive: true });
  dist = await mkdtemp(join(cache, "published-"));
  files = new Map((await bundlePackage(dist)).map((file) => [file.fileName, file]));
});

afterAll(() => rm(dist, { recursive: true }));

const published = async (name: string) => (await import(pathToFileURL(join(dist, name)).href)) as Module;

/** What a file loads before it runs, itself too. */
function atStart(name: string): string[] {
  const loaded = new Set([name]);
  for (const file of loaded) {
    for (const imported of files.get(file)!.imports) if (files.has(imported)) loaded.add(imported);
  }
  return [...loaded];
}

describe("as it is published", () => {
  const entries: [string, Module][] = [
    ["index.js", index],
    ["protocol/index.js", protocol],
    ["testing/index.js", testing],
  ];

  test.each(entries)("%s has what its module has, by the same names", async (name, source) => {
    const built = await published(name);
    expect(Object.keys(built).sort()).toEqual(Object.keys(source).sort());
    const isFunction = ([, value]: [string, unknown]) => typeof value === "function";
    const names = (module: Module) =>
      Object.fromEntries(
        Object.entries(module)
          .filter(isFunction)
          .map(([key, value]) => [key, (value as { name: string }).name]),
      );
    expect(names(built)).toEqual(names(source));
    const constants = (module: Module) =>
      Object.fromEntries(Object.entries(module).filter(([, value]) => /string|number/.test(typeof value)));
    expect(constants(built)).toEqual(constants(source));
  });

  test("objects are of classes that have their names", async () => {
    const { connect } = (await published("index.js")) as unknown as typeof index;
    await using connection = await connect("test:///default");
    const domain = await connection.domainLookupByName("test");
    const pools = await connection.listAllStoragePools();
    const objects = [connection, domain, ...pools];
    expect(objects.map((object) => object.constructor.name)).toEqual(["Connection", "Domain", "StoragePool"]);
    const refused = await connection.domainLookupByName("nobody").catch((error: unknown) => error);
    expect(String(refused)).toMatch(/^LibvirtError: /);
  });

  test("few files are loaded by a program that connects", () => {
    // Each takes Node most of a millisecond.
    const first = atStart("index.js");
    expect(first).toContain("parts/protocol/message.js");
    expect(first.length).toBeLessThanOrEqual(10);
    const all = new Set([...first, ...atStart("parts/api/connection.js")]);
    expect(all.size).toBeLessThanOrEqual(20);
  });

  test("what is wanted later is in files of its own", () => {
    const first = new Set(atStart("index.js").flatMap((file) => files.get(file)!.moduleIds));
    const later =
      /\/src\/(cli|testing|transport\/(tls|ssh)|auth\/(sasl|scram|kerberos)|api\/(connection|domain|network|storage|migration|admin))/;
    expect([...first].filter((module) => later.test(module))).toEqual([]);
    const codecs = [...first].filter((module) => /\/remote\/(?!common|session)/.test(module));
    expect(codecs).toEqual([]);
  });
});
