import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/index.js";
import { qemuDomainXML } from "../support/fixtures.js";
import { startLibvirtd } from "../support/libvirtd.js";
import { run } from "../support/program.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const docs = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...docs.map((file) => `docs/${file}`)];
const text = (page: string) => readFileSync(join(root, page), "utf8");

/** A piece of TypeScript in a page: a whole program. */
interface Example {
  /** The page, and the line it begins at. */
  readonly where: string;
  readonly code: string;
  /** What it prints, if the page says so: after each `// =>`, line by line. */
  readonly printed: string | undefined;
}

const examples = pages.flatMap((page) =>
  [...text(page).matchAll(/^```ts\n(.*?)^```$/gms)].map(({ index, 1: code = "" }): Example => {
    const line = text(page).slice(0, index).split("\n").length + 1;
    const printed = [...code.matchAll(/\/\/ => (.*)\n/g)].map(([, shown]) => `${shown}\n`).join("");
    return { where: `${page}:${line}`, code, printed: printed || undefined };
  }),
);

/** Where the examples are written to, each under a name that tells where it comes from. */
let directory: string;
const fileOf = ({ where }: Example) => join(directory, `${where.replace(/\W/g, "-")}.mts`);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-docs-"));
  for (const example of examples) await writeFile(fileOf(example), example.code);
});

afterAll(() => rm(directory, { recursive: true }));

describe("the documentation", () => {
  it("has examples", () => {
    expect(examples.map(({ where }) => where.replace(/:.*/, ""))).toEqual(
      expect.arrayContaining(["README.md", "docs/errors.md", "docs/names.md"]),
    );
  });

  it("has examples that pass the type checker, set as strictly as for the source", () => {
    const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const program = ts.createProgram(examples.map(fileOf), {
      ...options,
      typeRoots: [join(root, "node_modules/@types")],
    });
    // The examples alone: `npm run types` checks what they import.
    const found = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName.startsWith(directory))
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]);
    const messages = found.map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
    expect(messages).toEqual([]);
  });

  it.each(pages)("leads to files that exist: %s", (page) => {
    const links = [...text(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = ""]) => link);
    const files = links.filter((link) => !/^https?:/.test(link));
    expect(files.filter((file) => !existsSync(join(root, dirname(page), file)))).toEqual([]);
  });
});

describe("an example", () => {
  it.each(examples)("runs: $where", async (example) => {
    await using libvirtd = await startLibvirtd();
    await using conn = await connect(libvirtd.uri("qemu"));
    // What the pages' reader is supposed to have: a domain named web, which does not run.
    await conn.domainDefineXML(qemuDomainXML({ name: "web", memoryKiB: 65536 }));
    const { status, stdout, stderr } = await run(fileOf(example), { beside: libvirtd });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    if (example.printed !== undefined) expect(stdout).toBe(example.printed);
  });
});
