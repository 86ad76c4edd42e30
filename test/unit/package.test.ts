import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { bundleOptions } from "../../scripts/bundle.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const json = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8")) as Record<string, unknown>;

const manifest = json("package.json");
const peers = Object.keys(manifest["peerDependencies"] ?? {});
const optional = Object.keys(manifest["optionalDependencies"] ?? {});

describe("the package", () => {
  test("needs nothing at run time, but for the embedded hypervisor, which reads XML", () => {
    for (const kind of ["dependencies", "bundleDependencies", "bundledDependencies"]) {
      expect(manifest[kind]).toBeUndefined();
    }
    expect(Object.keys(manifest["optionalDependencies"] as object)).toEqual(["@xmldom/xmldom"]);
  });

  test("knows these optional peers and no others", () => {
    const allowed: readonly string[] = ["@mongodb-js/saslprep", "kerberos", "ssh2"];
    expect(peers.filter((peer) => !allowed.includes(peer))).toEqual([]);
    const meta = (manifest["peerDependenciesMeta"] ?? {}) as Record<string, { optional?: boolean }>;
    expect(Object.keys(meta).sort()).toEqual(peers.sort());
    expect(peers.filter((peer) => meta[peer]?.optional !== true)).toEqual([]);
  });

  test("runs nothing where it is installed", () => {
    const scripts = Object.keys(manifest["scripts"] as object);
    expect(scripts.filter((script) => /^(pre|post)?install$/.test(script))).toEqual([]);
  });

  test("is ESM alone, free of side effects", () => {
    expect(manifest["type"]).toBe("module");
    expect(manifest["sideEffects"]).toBe(false);
    expect(manifest["main"]).toBeUndefined();
    expect(JSON.stringify(manifest["exports"])).not.toMatch(/"(require|node|module)"|\.cjs|\.cts/);
  });

  const exported = manifest["exports"] as Record<string, string | { types: string; default: string }>;

  test("has these entry points", () => {
    expect(Object.keys(exported)).toEqual([
      ".",
      "./protocol",
      "./testing",
      "./api-manifest.json",
      "./package.json",
    ]);
    expect(manifest["types"]).toBe("./dist/index.d.ts");
  });

  test("has a program, which the system can run", () => {
    expect(manifest["bin"]).toEqual({ virtwire: "./dist/cli/main.js" });
    expect(readFileSync(join(root, "src/cli/main.ts"), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test.each(Object.entries(exported))("exports %s from a file that is there", (_name, target) => {
    if (typeof target === "string") {
      expect(existsSync(join(root, target))).toBe(true);
      const published = [...(manifest["files"] as string[]), "package.json"];
      expect(published).toContain(target.slice("./".length));
      return;
    }
    const { options } = ts.parseJsonConfigFileContent(json("tsconfig.build.json"), ts.sys, root);
    expect([options.rootDir, options.outDir]).toEqual([join(root, "src"), join(root, "dist")]);
    expect(manifest["files"]).toContain("dist");
    expect(Object.keys(target)).toEqual(["types", "default"]);
    const module = target.default.replace(/\.js$/, "");
    expect(target.types).toBe(`${module}.d.ts`);
    expect(existsSync(join(root, `${module.replace("./dist/", "src/")}.ts`))).toBe(true);
  });
});

/** For each folder or file of src, what it may import beside itself: imports run one way. */
const leaves = ["errors.ts", "enums.ts", "uuid.ts", "generated"];
const layers: Readonly<Record<string, readonly string[]>> = {
  generated: [],
  "enums.ts": [],
  "uuid.ts": [],
  "errors.ts": ["enums.ts", "generated"],
  protocol: leaves,
  transport: ["protocol", ...leaves],
  auth: ["protocol", ...leaves],
  rpc: ["auth", "transport", "protocol", ...leaves],
  api: ["testing", "rpc", "auth", "transport", "protocol", ...leaves],
  "index.ts": ["api", "rpc", "auth", "transport", "protocol", ...leaves],
  testing: ["rpc", "auth", "transport", "protocol", ...leaves],
  cli: ["api", "testing", "rpc", "auth", "transport", "protocol", ...leaves],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const source = join(root, "src");
const area = (file: string) => relative(source, file).split(sep)[0]!;

const imports: readonly Import[] = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .flatMap((path) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(source, path), "utf8"), true, true);
    return importedFiles.map(({ fileName }) => ({ from: join(source, path), to: fileName }));
  });

const isRelative = ({ to }: Import) => to.startsWith(".");
const show = ({ from, to }: Import) => `${relative(root, from)} imports ${to}`;

/** Whether a file may import another of this package. */
function isForbidden({ from, to }: Import): boolean {
  const importer = area(from);
  const imported = area(join(dirname(from), to.replace(/\.js$/, ".ts")));
  return imported !== importer && !layers[importer]?.includes(imported);
}

describe("the source", () => {
  test("imports one way", () => {
    expect(imports.length).toBeGreaterThan(50);
    expect(imports.filter((one) => isRelative(one) && isForbidden(one)).map(show)).toEqual([]);
  });

  test.each([
    ["protocol/xdr.ts", "../rpc/session.js", true],
    ["protocol/generated/remote.ts", "../../errors.js", false],
    ["protocol/generated/remote.ts", "../xdr.js", false],
    ["transport/uri.ts", "../rpc/session.js", true],
    ["transport/uri.ts", "../auth/authenticate.js", true],
    ["rpc/session.ts", "../api/connection.js", true],
    ["rpc/session.ts", "../transport/uri.js", false],
    ["rpc/session.ts", "../index.js", true],
    ["errors.ts", "./protocol/xdr.js", true],
    ["testing/server.ts", "../api/domain.js", true],
    ["testing/server/connection.ts", "../../rpc/framer.js", false],
    ["api/domain.ts", "../../test/support/fixtures.js", true],
    ["api/connect.ts", "../cli/main.js", true],
    ["cli/doctor/examine.ts", "../../api/log-in.js", false],
    ["nobody/knows.ts", "../errors.js", true],
  ])("%s importing %s: forbidden is %s", (from, to, forbidden) => {
    expect(isForbidden({ from: join(source, from), to })).toBe(forbidden);
  });

  test("has no modules that cannot be loaded but together", async () => {
    const { metafile } = await build({
      ...bundleOptions,
      absWorkingDir: root,
      entryPoints: ["index", "protocol/index", "testing/index", "cli/main"].map((name) => `src/${name}.ts`),
      splitting: true,
      outdir: "unwritten",
      write: false,
    });
    // Without those that are imported as types only, which esbuild leaves out, or when they are wanted.
    const needed = new Map(
      Object.entries(metafile.inputs).map(([module, { imports }]) => [
        module,
        imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path),
      ]),
    );
    expect(needed.size).toBeGreaterThan(200);
    const isFree = ([, imports]: [string, string[]]) => imports.every((path) => !needed.has(path));
    for (let free = [...needed].filter(isFree); free.length > 0; free = [...needed].filter(isFree)) {
      for (const [module] of free) needed.delete(module);
    }
    expect([...needed.keys()]).toEqual([]);
  });

  test("takes everything else from Node and from optional peers, which need not be there", () => {
    const isNode = ({ to }: Import) => to.startsWith("node:");
    const isPeer = ({ from, to }: Import) =>
      peers.includes(to) && !new RegExp(`^import (?!type ).*"${to}"`, "m").test(readFileSync(from, "utf8"));
    // The embedded hypervisor is loaded only by who uses it, and it reads XML.
    const isForTesting = ({ from, to }: Import) => optional.includes(to) && area(from) === "testing";
    const outside = imports.filter((one) => !isRelative(one) && !isNode(one) && !isForTesting(one));
    expect(outside.filter((one) => !isPeer(one)).map(show)).toEqual([]);
  });

  test("takes nothing from Node for the protocol, the errors and the constants", () => {
    const anywhere = ["protocol", ...leaves];
    const outside = imports.filter((one) => anywhere.includes(area(one.from)) && !isRelative(one));
    expect(outside.map(show)).toEqual([]);
  });
});
