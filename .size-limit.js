/** What the two ends of use cost, minified and gzipped. A bound is a twentieth above what it was when it was set. */
const forNode = (config) => ({ ...config, platform: "node", format: "esm" });
/** What is loaded when it is wanted lies in files of its own: the hypervisor for tests. */
const withoutTesting = (config) =>
  forNode({ ...config, external: [...(config.external ?? []), "../testing/*"] });

export default [
  {
    name: "connect, and list domains",
    path: "dist/index.js",
    import: "{ connect }",
    modifyEsbuildConfig: withoutTesting,
    gzip: true,
    limit: "97.5 kB",
  },
  {
    name: "everything",
    path: "dist/index.js",
    import: "*",
    modifyEsbuildConfig: withoutTesting,
    gzip: true,
    limit: "114 kB",
  },
];
