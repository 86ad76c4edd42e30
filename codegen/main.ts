/**
 * Writes every generated file from libvirt's own interface definitions.
 *
 *   LIBVIRT_SOURCE  a libvirt source tree, for its .x files and its map of CPUs
 *   LIBVIRT_API     a directory with libvirt's API XML
 *
 * With --check nothing is written: files that differ from what is committed are listed, and the exit status says so.
 * scripts/fetch-libvirt.sh gets both inputs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { docs } from "./additions/docs/index.js";
import { localReason } from "./api/local.js";
import type { Api } from "./api/model.js";
import { type Method, Pairing } from "./api/pairing.js";
import { procedureFinder } from "./api/procedures.js";
import { constants, readApi } from "./api/read.js";
import { readCpuMap } from "./cpu/read.js";
import { emitCalls } from "./emit/calls.js";
import { emitConstants } from "./emit/constants.js";
import { emitCpuMaps } from "./emit/cpu-maps.js";
import { emitDescriptors } from "./emit/descriptors.js";
import { emitFunctions } from "./emit/functions.js";
import { emitManifest } from "./emit/manifest.js";
import { functionName } from "./emit/naming.js";
import { classFile, emitClass } from "./emit/objects.js";
import { emitPrograms } from "./emit/programs.js";
import { compareWithDump } from "./xdr/golden.js";
import { parse } from "./xdr/parser.js";
import { type ProgramSource, Protocol } from "./xdr/protocol.js";
import type { Definition } from "./xdr/tree.js";

interface InterfaceFile {
  /** Base name of the generated file. */
  readonly name: string;
  readonly prefix: string;
  readonly path: string;
  /** libvirt's own dump of the layouts, to check the parser against. */
  readonly dump: string;
  /** What newer versions add, under codegen/additions. */
  readonly additions?: string;
}

const interfaceFiles: readonly InterfaceFile[] = [
  { name: "net", prefix: "virNet", path: "rpc/virnetprotocol.x", dump: "virnetprotocol-structs" },
  {
    name: "keepalive",
    prefix: "keepalive_",
    path: "rpc/virkeepaliveprotocol.x",
    dump: "virkeepaliveprotocol-structs",
  },
  {
    name: "remote",
    prefix: "remote_",
    path: "remote/remote_protocol.x",
    dump: "remote_protocol-structs",
    additions: "remote_protocol.x",
  },
  { name: "qemu", prefix: "qemu_", path: "remote/qemu_protocol.x", dump: "qemu_protocol-structs" },
  { name: "lxc", prefix: "lxc_", path: "remote/lxc_protocol.x", dump: "lxc_protocol-structs" },
  { name: "admin", prefix: "admin_", path: "admin/admin_protocol.x", dump: "admin_protocol-structs" },
];

const root = fileURLToPath(new URL("..", import.meta.url));

function main(): void {
  const check = process.argv.includes("--check");
  const source = join(input("LIBVIRT_SOURCE"), "src");
  const api = readApi(input("LIBVIRT_API"));
  const protocol = readProtocol(source, api);
  const files = new Map(
    [...emitPrograms(protocol, releases(api, protocol))].map(([path, text]) => [
      `src/protocol/generated/${path}`,
      text,
    ]),
  );
  files.set("src/protocol/generated/descriptors.ts", emitDescriptors(protocol.programs));
  for (const [className, methods] of regularMethods(api, protocol)) {
    files.set(`src/api/generated/${classFile(className)}.ts`, emitClass(className, methods, docs));
  }
  for (const [path, text] of emitConstants(api)) files.set(`src/generated/${path}`, text);
  const served = protocol.programs.filter(({ name }) => ["remote", "qemu", "lxc"].includes(name));
  files.set("src/testing/server/generated/functions.ts", emitFunctions(served, api));
  files.set("src/testing/hypervisor/generated/callers.ts", emitCalls(served, api));
  const cpus = join(source, "cpu_map");
  const maps = { x86: readCpuMap(cpus, "x86"), ppc64: readCpuMap(cpus, "ppc64") };
  files.set("src/testing/driver/cpu/generated/maps.ts", emitCpuMaps(maps));
  files.set("api-manifest.json", emitManifest(api, procedures(protocol)));

  let stale = 0;
  for (const [path, text] of files) {
    const formatted = path.endsWith(".ts") ? format(path, text) : text;
    const target = join(root, path);
    if (existsSync(target) && readFileSync(target, "utf8") === formatted) continue;
    stale++;
    console.log(`${check ? "stale: " : "wrote "}${path}`);
    if (check) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, formatted);
  }
  if (stale === 0) console.log(`${files.size} generated files are up to date`);
  if (check && stale > 0) {
    console.error("Run `npm run codegen` and commit what it writes.");
    process.exitCode = 1;
  }
}

function input(variable: string): string {
  const path = process.env[variable];
  if (path) return path;
  throw new Error(`${variable} is not set; on Debian: eval "$(scripts/fetch-libvirt.sh)"`);
}

function readProtocol(source: string, api: Api): Protocol {
  const parsed: Definition[] = [];
  const programs = interfaceFiles.map((file): ProgramSource => {
    const definitions = parse(readFileSync(join(source, file.path), "utf8"), file.path);
    const differences = compareWithDump(definitions, parsed, readFileSync(join(source, file.dump), "utf8"));
    if (differences.length > 0)
      throw new Error(`${file.path} is not what ${file.dump} says:\n${differences.join("\n")}`);
    parsed.push(...definitions);
    return { ...file, definitions: [...definitions, ...additions(file)] };
  });
  return new Protocol(programs, constants(api));
}

function additions({ additions: name }: InterfaceFile): Definition[] {
  if (name === undefined) return [];
  const path = join(root, "codegen/additions", name);
  return parse(readFileSync(path, "utf8"), relative(root, path));
}

/** The methods that can be generated, by class. */
function regularMethods(api: Api, protocol: Protocol): Map<string, Method[]> {
  const find = procedureFinder(procedures(protocol));
  const pairing = new Pairing(api, protocol);
  const classes = new Map<string, Method[]>();
  for (const fn of api.functions) {
    const className = functionName(fn)?.className;
    const found = find(fn);
    if (localReason(fn) !== undefined || !found || !className) continue;
    const method = pairing.method(fn, found.program, found.procedure, className);
    if (method) classes.set(className, [...(classes.get(className) ?? []), method]);
  }
  return classes;
}

/** The release of the oldest function that stands on each procedure. */
function releases(api: Api, protocol: Protocol): Map<string, string> {
  const find = procedureFinder(procedures(protocol));
  const oldest = new Map<string, string>();
  for (const fn of api.functions) {
    const name = find(fn)?.procedure.name;
    if (name !== undefined && isOlder(fn.since, oldest.get(name))) oldest.set(name, fn.since);
  }
  return oldest;
}

function isOlder(release: string, than: string | undefined): boolean {
  return than === undefined || release.localeCompare(than, "en", { numeric: true }) < 0;
}

/** All procedures by their C names. */
function procedures(protocol: Protocol) {
  return new Map(
    protocol.programs.flatMap(({ name: program, procedures }) =>
      procedures.map(
        (procedure) => [procedure.name, { program, number: procedure.number, procedure }] as const,
      ),
    ),
  );
}

/** The formatter that the rest of the source goes through, so that generated files read like it. */
function format(path: string, text: string): string {
  const biome = fileURLToPath(import.meta.resolve("@biomejs/biome/bin/biome"));
  const run = spawnSync(process.execPath, [biome, "format", `--stdin-file-path=${path}`], {
    input: text,
    encoding: "utf8",
    cwd: root,
    maxBuffer: 1 << 26,
  });
  if (run.status !== 0) throw new Error(`${path} cannot be formatted:\n${run.stderr}`);
  return run.stdout;
}

main();
