import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { bundleOptions, loadedAtStart } from "../../scripts/bundle.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** How many of our modules a program that connects loads before it runs, when this was last looked at. */
const modulesAtStart = 79;

test("what a connection may do without is loaded when it is wanted", async () => {
  const { metafile } = await build({
    ...bundleOptions,
    stdin: { contents: 'export { connect } from "./src/index.ts";', resolveDir: root },
    absWorkingDir: root,
    splitting: true,
    outdir: "unwritten",
    write: false,
  });
  const { modules } = loadedAtStart(metafile);
  expect(modules).toContain("src/rpc/session.ts");
  expect(modules.length).toBeLessThanOrEqual(modulesAtStart * 1.05);
  const later =
    /^src\/(testing|cli|transport\/(tls|ssh)|auth\/(sasl|scram|kerberos)|api\/(network|storage|migration))/;
  expect(modules.filter((module) => later.test(module))).toEqual([]);
});
