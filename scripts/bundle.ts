import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type InputOption,
  type OutputChunk,
  type OutputOptions,
  type Plugin,
  rollup,
} from "@rollup/wasm-node";
import { type BuildOptions, type Metafile, transform } from "esbuild";

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
 * Bundles a program that imports the package, which is to be built: what it loads before it runs is in few files, and
 * what may be wanted later in files of its own.
 */
export async function bundleInParts(program: string, outdir: string, format: "es" | "cjs"): Promise<void> {
  await writeInParts([program], { dir: outdir, format, plugins: [minified] });
}

const source = fileURLToPath(new URL("../src/", import.meta.url));

/**
 * The package's modules as they are published: joined into few files, for each that Node loads takes it most of a
 * millisecond, and what is loaded when it is wanted in files of its own here too. They are as readable as the modules.
 */
export async function bundlePackage(outdir: string): Promise<OutputChunk[]> {
  const entries = ["index", "protocol/index", "testing/index", "cli/main"];
  const programs = Object.fromEntries(entries.map((name) => [name, `${source}${name}.ts`]));
  return await writeInParts(programs, {
    dir: outdir,
    format: "es",
    chunkFileNames: ({ moduleIds }) => `parts/${relative(source, moduleIds.at(-1)!).replace(/\.ts$/, ".js")}`,
    minifyInternalExports: false,
  });
}

async function writeInParts(
  programs: readonly string[] | Readonly<Record<string, string>>,
  options: OutputOptions,
): Promise<OutputChunk[]> {
  const entries = Object.values(programs);
  const bundle = await rollup({
    input: programs as InputOption,
    external: [/^node:/, ...bundleOptions.external],
    // As package.json says of our modules.
    treeshake: { moduleSideEffects: (module) => entries.includes(module) },
    plugins: [typescript],
    onwarn({ code, message }) {
      if (code !== "EMPTY_BUNDLE") throw new Error(message);
    },
  });
  const { output } = await bundle.write({ hoistTransitiveImports: false, ...options });
  return output.filter((file) => file.type === "chunk");
}

const built = fileURLToPath(new URL("../dist/index.js", import.meta.url));

const typescript: Plugin = {
  name: "typescript",
  async resolveId(source, importer) {
    if (source === "virtwire") return built;
    const found = await this.resolve(source.replace(/\.js$/, ".ts"), importer, { skipSelf: true });
    return found?.id;
  },
  async load(path) {
    const { code } = await transform(await readFile(path, "utf8"), {
      loader: "ts",
      target: bundleOptions.target,
    });
    return code;
  },
};

const minified: Plugin = {
  name: "minified",
  async renderChunk(text) {
    const { code } = await transform(text, { minify: true, target: bundleOptions.target });
    return code;
  },
};

/**
 * What a program begins with, of a bundle with splitting: the file of its own, and all that has to be there before it
 * runs; and which of our modules are in these. With `wanted` also what it loads for those modules.
 */
export function loadedAtStart(
  { inputs, outputs }: Metafile,
  wanted: readonly string[] = [],
): { files: string[]; modules: string[] } {
  // Of the modules and not of the bundle's files: esbuild has a file also for what is wanted only by what it has dropped.
  const imports = Object.values(inputs).flatMap((input) => input.imports);
  const later = new Set(imports.filter(({ kind }) => kind === "dynamic-import").map(({ path }) => path));
  const begins = (file: string) => {
    const { entryPoint } = outputs[file]!;
    return entryPoint !== undefined && (!later.has(entryPoint) || wanted.includes(entryPoint));
  };
  const files = new Set(Object.keys(outputs).filter(begins));
  for (const file of files) {
    for (const { path, kind } of outputs[file]!.imports) {
      if (kind === "import-statement" && Object.hasOwn(outputs, path)) files.add(path);
    }
  }
  const modules = new Set([...files].flatMap((file) => Object.keys(outputs[file]!.inputs)));
  return { files: [...files], modules: [...modules] };
}
