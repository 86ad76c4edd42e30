import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import { connect, DomainState } from "virtwire";
import { decode, encode, remote } from "virtwire/protocol";
import type { Check, Scene } from "./check.js";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const virtwire = here("../../node_modules/virtwire/dist/cli/main.js");

/** Runs another program as this one is run, and returns what it prints. */
async function run({ runtime }: Scene, ...program: readonly string[]): Promise<string> {
  const [command = "", ...args] = runtime;
  return (await promisify(execFile)(command, [...args, ...program], { timeout: 15_000 })).stdout;
}

export const runtime: readonly Check[] = [
  {
    name: "the hypervisor for tests within the program (test:///default)",
    async run() {
      await using conn = await connect("test:///default");
      const heard: string[] = [];
      await conn.on("domain.lifecycle", ({ eventName }) => heard.push(eventName!));
      const domain = await conn.domainLookupByName("test");
      await domain.destroy();
      await domain.create();
      equal((await domain.getState()).state, DomainState.RUNNING);
      deepEqual(heard, ["STOPPED", "STARTED"]);
    },
  },
  {
    name: "virtwire serve, and a client of it",
    async run(scene) {
      const [command = "", ...args] = scene.runtime;
      const server = spawn(command, [...args, virtwire, "serve", "test:///default", "--tcp", "0"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        const [uri] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
        await using conn = await connect(uri);
        deepEqual(
          (await conn.listAllDomains()).map(({ name }) => name),
          ["test"],
        );
      } finally {
        server.kill();
        await once(server, "exit");
      }
    },
  },
  {
    name: "virtwire doctor",
    async run(scene) {
      const told = await run(scene, virtwire, "doctor", "--json", scene.uris.unix);
      equal((JSON.parse(told) as { readonly ok: boolean }).ok, true);
    },
  },
  {
    name: "an idle connection lets the program end, calls keep it running",
    async run({ uris, ...scene }) {
      for (const uri of [uris.unix, uris.tcp, `${uris.tls}?pkipath=${scene.pki}`, uris.ext]) {
        equal(await run({ uris, ...scene }, here("idle.js"), uri), "answered\n");
      }
    },
  },
  {
    name: "closing ends the connection at the daemon",
    async run({ uris }) {
      const conn = await connect(uris.unix);
      const call = conn.getHostname();
      const ended = rejects(call, { name: "ConnectionError" });
      await conn.close();
      await ended;
      await conn.close();
      equal((await conn.closed).reason, "client");
      ok(!conn.isAlive());
    },
  },
  {
    name: "require loads it too",
    async run() {
      const required = createRequire(import.meta.url)("virtwire") as typeof import("virtwire");
      equal(required.connect, connect);
    },
  },
  {
    name: "the protocol by itself (virtwire/protocol)",
    async run() {
      const args = { name: "guest" };
      const { args: codec } = remote.domainLookupByName;
      deepEqual(decode(codec, encode(codec, args)), args);
    },
  },
  {
    name: "objects print well, and become JSON",
    async run({ uris }) {
      await using conn = await connect(uris.unix);
      const [pool] = [await conn.networkDefineXML(`<network><name>print-${process.pid}</name></network>`)];
      try {
        match(inspect(pool), /print-/);
        ok(JSON.stringify(pool).includes(`"print-${process.pid}"`));
        ok(JSON.stringify(await conn.nodeGetInfo()).includes('"memory":"'));
      } finally {
        await pool.undefine();
      }
    },
  },
];
