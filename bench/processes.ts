import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { bundleInParts, bundleOptions } from "../scripts/bundle.js";
import { compare, type Entry, type Result, type Subject } from "./compare.js";
import { startRealServer } from "./servers.js";

/** Programs that start, do one thing and end: what loading the library costs is in it. */
export async function measureProcesses(): Promise<Result[]> {
  await using server = await startRealServer();
  const { uri } = server;
  const directory = await mkdtemp(join(tmpdir(), "virtwire-bench-"));
  try {
    await bundle(directory);
    const node = process.execPath;
    const program = (name: string) => [node, join(directory, `${name}.js`)];
    const virsh = ["virsh", "--connect", uri, "list", "--all", "--name"];
    return [
      await compare(subject("a program that connects, lists and ends"), [
        entry("virtwire, bundled in parts as CommonJS", [...program("cjs/list"), uri]),
        entry("virtwire, bundled in parts", [...program("list"), uri]),
        entry("virtwire as installed", [...program("installed/list"), uri]),
        entry("virtwire, in parts by esbuild", [...program("esbuild/list"), uri]),
        entry("virtwire, in one file by esbuild", [...program("one/list"), uri]),
        entry("an empty node, and then virsh list", [node, "-e", "0"], virsh),
        entry("virsh list", virsh),
        entry("an empty node", [node, "-e", "0"]),
      ]),
      await compare(subject("import"), [
        entry("virtwire, bundled in parts for listing domains", program("import")),
        entry("virtwire, in parts by esbuild for the same", program("esbuild/import")),
        entry("virtwire, in one file by esbuild for the same", program("one/import")),
        entry("an empty module", program("empty")),
        entry("virtwire as installed", program("installed/import")),
      ]),
    ];
  } finally {
    await rm(directory, { recursive: true });
  }
}

/**
 * As a service would be bundled: with what is loaded when it is wanted in files of its own, by Rollup and, in the
 * folder "esbuild", by esbuild; and in the folder "one" all in one file, without the hypervisor for tests. In the folder
 * "cjs" is one of Rollup's in Node's own format, which spares it the loader of modules. In the folder "installed" the
 * programs import the package as it is.
 */
async function bundle(directory: string): Promise<void> {
  await describe(directory, "module");
  const entryPoints = ["list", "import", "empty"].map((name) =>
    fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url)),
  );
  for (const program of entryPoints) await bundleInParts(program, directory, "es");
  await bundleInParts(entryPoints[0]!, join(directory, "cjs"), "cjs");
  await describe(join(directory, "cjs"), "commonjs");
  const folder = (name: string, { external = [], ...options }: BuildOptions) =>
    build({
      ...bundleOptions,
      ...options,
      external: [...bundleOptions.external, ...external],
      alias: { virtwire: built },
      entryPoints,
      outdir: join(directory, name),
    });
  await folder("esbuild", { splitting: true });
  await folder("one", { external: ["./testing/*"] });
  await folder("installed", { external: [built] });
}

const describe = (directory: string, type: "module" | "commonjs") =>
  writeFile(join(directory, "package.json"), JSON.stringify({ type }));

const built = fileURLToPath(new URL("../dist/index.js", import.meta.url));

/** In a turn there are several, because Linux counts the CPU time of programs that have ended in steps of 10 ms. */
const subject = (title: string): Subject => ({
  title,
  item: "process",
  sliceMs: 500,
  seconds: 12,
  cold: true,
});

const entry = (label: string, ...commands: readonly (readonly string[])[]): Entry => ({
  label,
  program: ["commands.ts", JSON.stringify(commands)],
});
