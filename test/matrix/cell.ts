import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { Daemons } from "./daemons.js";
import type { Outcome, Scene } from "./program/check.js";
import type { InstalledRuntime } from "./runtimes.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const limitMs = 120_000;

/** Puts the program, in JavaScript, beside the built package, as a user has them; returns the program's path. */
export async function prepareProgram(cache: string): Promise<string> {
  const folder = join(cache, "program");
  await rm(folder, { recursive: true, force: true });
  const names = await readdir(join(root, "test/matrix/program"));
  for (const file of [
    ...names.map((name) => `matrix/program/${name}`),
    ...["support/guest.ts", "support/fixtures.ts"],
  ]) {
    const { outputText } = ts.transpileModule(await readFile(join(root, "test", file), "utf8"), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    });
    const path = join(folder, file.replace(/\.ts$/, ".js"));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, outputText);
  }
  const manifest = { type: "module", dependencies: { virtwire: "*" } };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  // Bun would follow the `paths` of ours, to the source.
  await writeFile(join(folder, "tsconfig.json"), "{}");
  for (const file of ["package.json", "dist", "api-manifest.json"]) {
    await cp(join(root, file), join(folder, "node_modules/virtwire", file), { recursive: true });
  }
  await mkdir(join(folder, "node_modules/@xmldom"));
  for (const optional of ["@xmldom/xmldom", "ssh2"]) {
    await symlink(join(root, "node_modules", optional), join(folder, "node_modules", optional));
  }
  return join(folder, "matrix/program/main.js");
}

/** Runs the program, and returns what came of each check. That it does not end in good order is one more failure. */
export async function outcomes(
  program: string,
  { command, version }: InstalledRuntime,
  daemons: Daemons,
): Promise<Outcome[]> {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-cell-"));
  const scene: Scene = { ...daemons, runtime: command, directory };
  const [runtime = "", ...args] = command;
  const { PATH } = process.env;
  const child = spawn(runtime, [...args, program, JSON.stringify(scene)], {
    cwd: join(dirname(program), "../.."),
    env: { PATH, HOME: directory, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const found: Outcome[] = [];
  const ended = new Promise<string>((resolve) => {
    child.on("close", (status, signal) => resolve(signal ?? String(status)));
  });
  for await (const line of createInterface({ input: child.stdout })) found.push(JSON.parse(line) as Outcome);
  const status = await ended;
  await rm(directory, { recursive: true });
  if (status === "0" && complaints === "")
    return [...found, { name: "ends by itself, in silence", outcome: "ok" }];
  const reason = `${runtime} ${version} ended with ${status}\n${complaints}`;
  return [...found, { name: "ends by itself, in silence", outcome: "failed", reason }];
}
