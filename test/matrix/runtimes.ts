import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What runs JavaScript: packages of npm that bring the program of that name. */
export interface Runtime {
  /** As it stands in the table. */
  readonly name: string;
  readonly npm: string;
  readonly program: string;
  /** What comes before the program that is to be run. */
  readonly args: readonly string[];
}

const node = (version: number): Runtime => ({
  name: `Node ${version}`,
  npm: `node@${version}`,
  program: "node",
  args: [],
});

export const runtimes: readonly Runtime[] = [
  ...[20, 22, 24, 26].map(node),
  { name: "Bun", npm: "bun", program: "bun", args: [] },
  { name: "Deno", npm: "deno", program: "deno", args: ["run", "--allow-all", "--no-lock", "--quiet"] },
];

/** A runtime that is there to be used. */
export interface InstalledRuntime extends Runtime {
  readonly version: string;
  /** How to run a program: with its path at the end. */
  readonly command: readonly string[];
}

/** Installs a runtime in a folder of its own, unless it is there. */
export async function installed(runtime: Runtime, cache: string): Promise<InstalledRuntime> {
  const folder = join(cache, "runtimes", runtime.npm.replace("@", "-"));
  const program = join(folder, "node_modules/.bin", runtime.program);
  if (!existsSync(program)) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), "{}\n");
    // These packages fetch the program for the machine when they are installed.
    const options = ["--no-audit", "--no-fund", "--ignore-scripts=false", "--prefix", folder];
    await run("npm", ["install", ...options, runtime.npm], { cwd: folder });
  }
  const { stdout } = await run(program, ["--version"]);
  const version = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? "";
  return { ...runtime, version, command: [program, ...runtime.args] };
}
