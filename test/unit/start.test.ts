import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { bundleOptions, loadedAtStart } from "../../scripts/bundle.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a program that connects loads at its start, and what else there is in its bundle. */
let modules: readonly string[];
let later: readonly string[];

beforeAll(async () => {
  const { metafile } = await build({
    ...bundleOptions,
    // What the hypervisor for tests needs is to be in the bundle too, to see where.
    external: bundleOptions.external.filter((name) => name !== "@xmldom/xmldom"),
    stdin: { contents: 'export { connect } from "./src/index.ts";', resolveDir: root },
    absWorkingDir: root,
    splitting: true,
    outdir: "unwritten",
    write: false,
  });
  modules = loadedAtStart(metafile).modules;
  later = Object.keys(metafile.inputs).filter((module) => !modules.includes(module));
});

test("what a connection may do without is loaded when it is wanted", () => {
  expect(modules).toContain("src/rpc/session.ts");
  const optional =
    /^src\/(cli|transport\/(tls|ssh)|auth\/(sasl|scram|kerberos)|api\/(connection|domain|network|storage|migration))/;
  expect(modules.filter((module) => optional.test(module))).toEqual([]);
  const codecs = modules.filter((module) => module.startsWith("src/protocol/generated/remote/"));
  expect(codecs.sort()).toEqual(
    ["common", "session"].map((name) => `src/protocol/generated/remote/${name}.ts`),
  );
});

test("nothing of the hypervisor for tests is loaded by who never uses it", () => {
  const testing = /^src\/testing\/|\/@xmldom\//;
  expect(modules.filter((module) => testing.test(module))).toEqual([]);
  // It is there, for who does.
  expect(later).toContain("src/testing/driver/open.ts");
  expect(later.filter((module) => /\/@xmldom\//.test(module))).not.toEqual([]);
});

test("in one file only those parts of Node are loaded at the start that every connection needs", async () => {
  const { outputFiles } = await build({
    ...bundleOptions,
    external: [...bundleOptions.external, "../testing/*"],
    stdin: { contents: 'export { connect } from "./src/index.ts";', resolveDir: root },
    absWorkingDir: root,
    write: false,
  });
  const text = outputFiles[0]!.text;
  const costly = ["child_process", "crypto", "http", "tls", "worker_threads"].filter((name) =>
    new RegExp(`(from|import) ?"node:${name}"`).test(text),
  );
  expect(costly).toEqual([]);
  expect(text).toContain('getBuiltinModule("node:tls")');
});
