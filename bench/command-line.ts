import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { bundleOptions } from "../scripts/bundle.js";

/** A program of this folder, or anywhere by its whole path, and its arguments. */
export type Program = readonly [file: string, ...args: string[]];

/** What runs a program, with options for Node where it is one of ours. */
export function commandLine(
  [file, ...args]: Program,
  nodeOptions: readonly string[] = [],
): readonly [command: string, ...args: string[]] {
  const path = fileURLToPath(new URL(file, import.meta.url));
  if (extname(file) === ".ts") return [process.execPath, ...nodeOptions, asJavaScript(path), ...args];
  const interpreter = interpreters[extname(file)];
  return interpreter === undefined ? [path, ...args] : [interpreter, path, ...args];
}

/** By the ends of programs' names; without such an end they run by themselves. */
const interpreters: Readonly<Record<string, string>> = { ".py": "/usr/bin/python3", ".pl": "/usr/bin/perl" };

const built = new Map<string, string>();

/** Measured is what users run: what compiles TypeScript as it is loaded makes the heap larger, and that slower. */
function asJavaScript(path: string): string {
  const known = built.get(path);
  if (known !== undefined) return known;
  const name = basename(path, ".ts");
  const outfile = fileURLToPath(new URL(`node_modules/.cache/programs/${name}.mjs`, import.meta.url));
  buildSync({ ...bundleOptions, minify: false, packages: "external", entryPoints: [path], outfile });
  built.set(path, outfile);
  return outfile;
}
