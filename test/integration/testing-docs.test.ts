import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A project that has virtwire installed, with a test as docs/testing.md has it for each of the two. */
let project: string;
const files = { vitest: "vitest.test.ts", "node:test": "node.test.mts" } as const;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "virtwire-testing-"));
  await mkdir(join(project, "node_modules", "@types"), { recursive: true });
  await symlink(root, join(project, "node_modules/virtwire"));
  for (const name of ["vitest", "@types/node"]) {
    await symlink(join(root, "node_modules", name), join(project, "node_modules", name));
  }
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
  const page = await readFile(join(root, "docs/testing.md"), "utf8");
  for (const [runner, file] of Object.entries(files)) {
    const [, code] = new RegExp(`^\`\`\`ts ${runner}\\n(.*?)^\`\`\`$`, "ms").exec(page) ?? [];
    await writeFile(join(project, file), code ?? `throw new Error("there is no example for ${runner}")`);
  }
});

afterAll(() => rm(project, { recursive: true }));

/** Runs Node in the project. */
function node(...args: readonly string[]): Promise<{ readonly status: unknown; readonly said: string }> {
  const { PATH } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: project, env: { PATH, NO_COLOR: "1" } },
      (error, stdout, stderr) => resolve({ status: error?.code ?? 0, said: stdout + stderr }),
    );
  });
}

describe("the examples of docs/testing.md", () => {
  it("pass the type checker", () => {
    const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const names = Object.values(files).map((file) => join(project, file));
    const program = ts.createProgram(names, { ...options, paths: {}, skipLibCheck: true });
    const found = names.flatMap((name) => {
      const file = program.getSourceFile(name);
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    });
    expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  });

  it("run by vitest", async () => {
    const { status, said } = await node(join(root, "node_modules/vitest/vitest.mjs"), "run", files.vitest);
    expect(said).toMatch(/Tests +2 passed/);
    expect(status).toBe(0);
  });

  it("run by node --test", async () => {
    const { status, said } = await node("--import", import.meta.resolve("tsx"), "--test", files["node:test"]);
    expect(said).toMatch(/pass 2\b/);
    expect(status).toBe(0);
  });
});
