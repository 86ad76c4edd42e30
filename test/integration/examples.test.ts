import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { type Connection, connect, connectAdmin, DomainCreateFlags, DomainState } from "../../src/index.js";
import { bootSector, greeting, serialGuestXML, turnOff } from "../support/guest.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { Program, run } from "../support/program.js";

const MiB = 2 ** 20;

let libvirtd: Libvirtd;
let conn: Connection;

beforeAll(async () => {
  // A daemon that does not wait long for clients that have fallen silent.
  libvirtd = await startLibvirtd({ conf: { keepalive_interval: 1, keepalive_count: 1 } });
  conn = await connect(libvirtd.uri("qemu"));
});

afterAll(async () => {
  await conn.close();
  await libvirtd.stop();
});

/** What a program that serves says first: where. */
async function address(program: Program): Promise<string> {
  while (!program.stdout.includes("\n")) {
    if (program.stderr) throw new Error(program.stderr);
    await sleep(20);
  }
  return program.stdout.trim();
}

async function endInGoodOrder(program: Program): Promise<void> {
  program.kill("SIGTERM");
  expect(await program.outcome).toMatchObject({ status: 0, stderr: "" });
}

describe("the HTTP service", () => {
  let service: Program;
  let url: string;

  beforeEach(async () => {
    service = new Program("examples/http-service.ts", { args: [libvirtd.uri("test"), "0"] });
    url = await address(service);
  });

  afterEach(() => service.kill("SIGKILL"));

  const post = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, { method: "POST", headers });
    return { status: response.status, body: await response.json() };
  };

  it("shows domains, acts on them, and tells what happens to them", async () => {
    const running = { name: "test", state: "RUNNING", vcpus: 2, memoryKiB: "2097152" };
    expect(await (await fetch(`${url}/domains`)).json()).toMatchObject([running]);

    const events = (await fetch(`${url}/events`)).body!.pipeThrough(new TextDecoderStream()).getReader();
    const next = async () => (await events.read()).value;
    expect(await next()).toBe(": listening\n\n");

    expect(await post("/domains/test/destroy")).toMatchObject({ status: 200, body: { state: "SHUTOFF" } });
    expect(await next()).toBe(
      'event: lifecycle\ndata: {"domain":"test","event":"STOPPED","detail":"DESTROYED"}\n\n',
    );
    expect(await post("/domains/test/start")).toMatchObject({ status: 200, body: running });
    expect(await next()).toContain('"event":"STARTED","detail":"BOOTED"');
    await events.cancel();
    await endInGoodOrder(service);
  });

  it("goes on when its daemon has been killed and started again, and tells those who listen", async () => {
    await using mortal = await startLibvirtd();
    const other = new Program("examples/http-service.ts", { args: [mortal.uri("test"), "0"] });
    try {
      const where = await address(other);
      const body = (await fetch(`${where}/events`)).body!;
      const events = body.pipeThrough(new TextDecoderStream()).getReader();
      const next = async () => (await events.read()).value;
      expect(await next()).toBe(": listening\n\n");
      await mortal.kill();
      const waiting = fetch(`${where}/domains`);
      await mortal.start();
      expect(await next()).toMatch(/^event: reconnected\ndata: \{"missedMs":\d+(\.\d+)?\}\n\n$/);
      expect((await waiting).status).toBe(200);
      await fetch(`${where}/domains/test/destroy`, { method: "POST" });
      expect(await next()).toContain('"event":"STOPPED"');
      await events.cancel();
      await endInGoodOrder(other);
    } finally {
      other.kill("SIGKILL");
    }
  });

  it("says what cannot be done by HTTP's codes", async () => {
    await post("/domains/test/destroy");
    expect(await post("/domains/test/destroy")).toMatchObject({ status: 409 });
    expect(await post("/domains/nobody/start")).toMatchObject({ status: 404 });
    expect(await post("/domains/test/toString")).toMatchObject({ status: 404 });
    expect(await post("/domains/%/start")).toMatchObject({ status: 400 });
    expect(await post("/domains/test/destroy", { origin: "http://elsewhere.example" })).toMatchObject({
      status: 403,
    });
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    await endInGoodOrder(service);
  });
});

describe("guests with a serial port", () => {
  const image = join("/var/lib/libvirt", "guest.img");
  const contents = Buffer.concat([bootSector(), randomBytes(MiB)]);
  const size = 8 * MiB;

  beforeAll(async () => {
    const file = join(libvirtd.directory, "lib/guest.img");
    await writeFile(file, contents);
    await truncate(file, size);
    await conn.domainDefineXML(serialGuestXML({ name: "talker", image }));
  });

  const guest = () => conn.domainLookupByName("talker");

  it("have a console on a WebSocket", async () => {
    const bridge = new Program("examples/console-websocket.ts", { args: [libvirtd.uri("qemu"), "0"] });
    try {
      const url = await address(bridge);
      const open = (name: string, options?: ClientOptions) =>
        new WebSocket(url.replace("NAME", name), options);

      const domain = await guest();
      // It says nothing before somebody listens: that would be lost.
      await domain.createWithFlags(DomainCreateFlags.START_PAUSED);
      const socket = open("talker");
      socket.on("open", () => void domain.resume());
      let said = "";
      socket.on("message", (data) => {
        said += data;
        if (said === greeting) socket.send("Hello");
        if (said === `${greeting}hELLO`) socket.send(turnOff);
      });
      const [code] = await once(socket, "close");
      expect({ said, code }).toEqual({ said: `${greeting}hELLO`, code: 1005 });
      await domain.waitForState(DomainState.SHUTOFF);

      const [refusal, reason] = await once(open("nobody"), "close");
      expect([refusal, String(reason)]).toEqual([1011, expect.stringMatching(/Domain not found/)]);
      const [error] = await once(open("talker", { origin: "http://elsewhere.example" }), "error");
      expect(String(error)).toContain("401");
      await endInGoodOrder(bridge);
    } finally {
      bridge.kill("SIGKILL");
    }
  });

  it("are backed up while they run", async () => {
    const directory = await mkdtemp(join(tmpdir(), "virtwire-backup-"));
    const domain = await guest();
    await mkdir(join(libvirtd.directory, "lib/pool"));
    const pool = await conn.storagePoolCreateXML(
      "<pool type='dir'><name>pool</name><target><path>/var/lib/libvirt/pool</path></target></pool>",
    );
    try {
      await domain.create();
      const args = [libvirtd.uri("qemu"), "talker", "pool", directory];
      const { status, stdout, stderr } = await run("examples/backup.ts", { args });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const copy = join(directory, "talker-hda.img");
      expect(stdout).toBe(`Backing up 100 %\nSaving ${copy} 100 %\n`);
      const copied = await readFile(copy);
      expect(copied.equals(Buffer.concat([contents], size))).toBe(true);
      expect(await domain.isActive()).toBe(true);
      expect(await readdir(join(libvirtd.directory, "lib/pool"))).toEqual([]);

      await domain.destroy();
      const failed = await run("examples/backup.ts", { args });
      expect(failed).toMatchObject({ status: 1, stderr: expect.stringMatching(/for inactive domain/) });
      expect(await readdir(join(libvirtd.directory, "lib/pool"))).toEqual([]);
    } finally {
      await pool.destroy();
      await rm(directory, { recursive: true });
    }
  });
});

describe("the serverless handler", () => {
  const clients = async () => {
    await using admin = await connectAdmin(`libvirtd:///system?socket=${libvirtd.adminSocketPath}`);
    const server = await admin.lookupServer("libvirtd");
    return (await server.listClients()).map(({ id }) => id);
  };

  it("goes on with its connection after a freeze that a daemon takes for death, and without it too", async () => {
    const directory = await mkdtemp(join(tmpdir(), "virtwire-lambda-"));
    const file = join(directory, "runtime.mts");
    const example = fileURLToPath(new URL("../../examples/lambda.ts", import.meta.url));
    // What a platform does: it invokes the handler, and again when the next event is there.
    await writeFile(
      file,
      `import { handler } from ${JSON.stringify(example)};
      const context = { getRemainingTimeInMillis: () => 10_000 };
      for (const action of ["describe", "stop", "start", "describe"]) {
        console.log(JSON.stringify(await handler({ action, domain: "test" }, context)));
        await new Promise((resolve) => setTimeout(resolve, 600));
      }
      console.log(JSON.stringify(await handler({ action: "describe", domain: "nobody" }, context)));`,
    );
    const others = await clients();
    const runtime = new Program(file, { env: { LIBVIRT_URI: libvirtd.uri("test") } });
    const answers = () =>
      runtime.stdout
        .trim()
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    const answered = async (count: number) => {
      while (answers().length < count) await sleep(20);
    };
    try {
      await answered(1);
      const own = (await clients()).filter((id) => !others.includes(id));
      expect(own).toHaveLength(1);
      runtime.kill("SIGSTOP");
      await sleep(3500);
      runtime.kill("SIGCONT");
      await answered(2);
      expect((await clients()).filter((id) => !others.includes(id))).toEqual(own);

      runtime.kill("SIGSTOP");
      await libvirtd.restart();
      runtime.kill("SIGCONT");
      const { status, stderr } = await runtime.outcome;
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const bodies = answers().map(({ statusCode, body }) => [statusCode, JSON.parse(body).state]);
      expect(bodies).toEqual([
        [200, "RUNNING"],
        [200, "SHUTOFF"],
        [409, undefined],
        [200, "RUNNING"],
        [404, undefined],
      ]);
    } finally {
      runtime.kill("SIGKILL");
      await rm(directory, { recursive: true });
    }
  });
});
