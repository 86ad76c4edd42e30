import type { BuildOptions, Metafile } from "esbuild";

/** How a program for Node is bundled here to see what it costs. */
export const bundleOptions = {
  bundle: true,
  minify: true,
  metafile: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  external: ["ssh2", "kerberos", "@mongodb-js/saslprep", "@xmldom/xmldom"],
  logLevel: "error",
} as const satisfies BuildOptions;

/**
 * What a program begins with, of a bundle with splitting: the file of its own, and all that has to be there before it
 * runs; and which of our modules are in these.
 */
export function loadedAtStart({ outputs }: Metafile): { files: string[]; modules: string[] } {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  const later = new Set(imports.filter(({ kind }) => kind === "dynamic-import").map(({ path }) => path));
  const files = new Set(
    Object.keys(outputs).filter((file) => outputs[file]!.entryPoint !== undefined && !later.has(file)),
  );
  for (const file of files) {
    for (const { path, kind } of outputs[file]!.imports) {
      if (kind === "import-statement" && Object.hasOwn(outputs, path)) files.add(path);
    }
  }
  const modules = new Set([...files].flatMap((file) => Object.keys(outputs[file]!.inputs)));
  return { files: [...files], modules: [...modules] };
}
