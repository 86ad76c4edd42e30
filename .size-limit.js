/** What the two ends of use cost, minified and gzipped. A bound is a twentieth above what it was when it was set. */
const forNode = (config) => ({ ...config, platform: "node", format: "esm" });

export default [
  {
    name: "connect, and list domains",
    path: "dist/index.js",
    import: "{ connect }",
    modifyEsbuildConfig: forNode,
    gzip: true,
    limit: "97.5 kB",
  },
  {
    name: "everything",
    path: "dist/index.js",
    import: "*",
    modifyEsbuildConfig: forNode,
    gzip: true,
    limit: "114 kB",
  },
];
