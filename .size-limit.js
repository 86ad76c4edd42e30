/**
 * What the ends of use cost, minified and gzipped. A bound is a twentieth above what it was when it was set.
 *
 * A program loads, of what a bundler that splits makes of it, the file that it begins with and those which that imports.
 * What else there is, is loaded when it is first wanted: what nobody asks for counts for nothing here.
 */
import { mkdir } from "node:fs/promises";
import { build } from "esbuild";
import { bundleOptions, loadedAtStart } from "./scripts/bundle.js";

const folder = "node_modules/.cache/virtwire/size";
await mkdir(folder, { recursive: true });
const { metafile } = await build({
  ...bundleOptions,
  stdin: { contents: 'export { connect } from "./dist/index.js";', resolveDir: import.meta.dirname },
  splitting: true,
  outdir: folder,
});
/** What connecting loads besides. */
const objects = ["dist/parts/api/connection.js"];

/** The hypervisor for tests is left out: it is in files of its own wherever anybody cares. */
const inOneFile = (config) => ({
  ...config,
  ...bundleOptions,
  external: [...bundleOptions.external, "./testing/*"],
});

export default [
  {
    name: "import { connect }: what is loaded",
    path: loadedAtStart(metafile).files,
    disablePlugins: ["@size-limit/esbuild"],
    gzip: true,
    limit: "38.4 kB",
  },
  {
    name: "connect, and list domains: what is loaded",
    path: loadedAtStart(metafile, objects).files,
    disablePlugins: ["@size-limit/esbuild"],
    gzip: true,
    limit: "81 kB",
  },
  {
    name: "connect, and list domains: in one file",
    path: "dist/index.js",
    import: "{ connect }",
    modifyEsbuildConfig: inOneFile,
    gzip: true,
    limit: "127 kB",
  },
  {
    name: "everything, in one file",
    path: "dist/index.js",
    import: "*",
    modifyEsbuildConfig: inOneFile,
    gzip: true,
    limit: "142.5 kB",
  },
];
