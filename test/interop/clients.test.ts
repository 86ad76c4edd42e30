import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AuthenticationError, connect, ErrorDomain, ErrorNumber } from "../../src/index.js";
import { type Served, type ServeOptions, serve } from "../../src/testing/serve.js";
import { Authority } from "../support/certificates.js";
import { SmallDriver } from "../support/small-driver.js";

const run = promisify(execFile);
const users = { alice: "pencil" };
const clientName = "O=virtwire,CN=client";

let directory: string;
let authority: Authority;
const servers: Record<string, Served> = {};
const errors: unknown[] = [];

/** A folder with the certificates of a client, as `pkipath=` names it. */
const pki = () => join(directory, "pki");

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-interop-"));
  authority = await Authority.create("virtwire interop");
  const server = await authority.issue({
    subject: "/CN=localhost",
    usage: "serverAuth",
    subjectAltName: "DNS:localhost,IP:127.0.0.1",
  });
  const client = await authority.issue({ subject: "/O=virtwire/CN=client" });
  await mkdir(pki());
  await copyFile(authority.cert, join(pki(), "cacert.pem"));
  await copyFile(client.cert, join(pki(), "clientcert.pem"));
  await copyFile(client.key, join(pki(), "clientkey.pem"));
  await authConf("right", "pencil");
  await authConf("wrong", "pen");

  const files = { cert: await readFile(server.cert), key: await readFile(server.key) };
  const tls = { ...files, ca: await readFile(authority.cert) };
  const start = async (name: string, options: Pick<ServeOptions<unknown>, "listen" | "auth">) => {
    const { handlers } = new SmallDriver();
    const common = { onError: (error: unknown) => errors.push(error), keepAlive: { interval: 1, count: 3 } };
    servers[name] = await serve({ handlers, tls, ...common, ...options });
  };
  await start("open", {
    listen: [`unix:${directory}/open`, `unix-ro:${directory}/open-ro`, "tcp:127.0.0.1:0", "tls:127.0.0.1:0"],
  });
  await start("login", { listen: [`unix:${directory}/login`, "tls:127.0.0.1:0"], auth: { users } });
});

afterAll(async () => {
  for (const server of Object.values(servers)) await server.close();
  await authority[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
  // Whatever these clients do, no handler has failed.
  expect(errors).toEqual([]);
});

async function authConf(name: string, password: string): Promise<void> {
  const credentials = `[credentials-test]\nauthname=alice\npassword=${password}\n`;
  await writeFile(join(directory, name), `${credentials}[auth-libvirt-default]\ncredentials=test\n`);
}

type Way = "unix" | "unix-ro" | "tcp" | "tls";

function uri(server: string, way: Way, query: Readonly<Record<string, string>> = {}): string {
  const address = servers[server]?.addresses.find((one) => one.startsWith(`${way}:`)) ?? "";
  const rest = address.slice(way.length + 1);
  const isUnix = way.startsWith("unix");
  const parameters = new URLSearchParams({
    ...query,
    ...(isUnix && { socket: rest }),
    ...(way === "tls" && { pkipath: pki() }),
  });
  // What a URI takes as a space is %20 and not +.
  const text = parameters.toString().replaceAll("+", "%20");
  return `test+${isUnix ? "unix" : way}://${isUnix ? "" : rest.replace("127.0.0.1", "localhost")}/default?${text}`;
}

const file = (name: string) => join(directory, name);

/** Runs a program; what it prints, and what it complains of. */
async function output(program: string, args: readonly string[]) {
  const { PATH = "" } = process.env;
  const env = { PATH, LC_ALL: "C", HOME: "/proc/nonexistent" };
  try {
    const running = run(program, args, { env, timeout: 30_000 });
    running.child.stdin?.end();
    const { stdout, stderr } = await running;
    return { status: 0, stdout: unpadded(stdout), stderr: stderr.trim() };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout: unpadded(stdout), stderr: stderr.trim() };
  }
}

/** What a program prints, without what only makes it a table. */
const unpadded = (text: string) => text.replace(/ +/g, " ").replace(/^ | $/gm, "").trim();

const virsh = (to: string, ...command: readonly string[]) =>
  output("virsh", ["--quiet", "-k", "1", "-K", "3", "-c", to, ...command]);

const script = fileURLToPath(new URL("client.py", import.meta.url));

const expected = {
  type: "SMALL",
  hostname: "small.example",
  alive: 1,
  domains: ["web"],
  running: true,
  again: [
    ErrorNumber.OPERATION_INVALID,
    ErrorDomain.TEST,
    "Requested operation is not valid: domain is not running",
  ],
  unknown: [ErrorNumber.NO_DOMAIN, ErrorDomain.TEST, "Domain not found: no domain with matching name 'nope'"],
  unsupported: [
    ErrorNumber.NO_SUPPORT,
    ErrorDomain.DOMAIN,
    "this function is not supported by the connection driver: virNodeGetInfo",
  ],
  console: "hello",
  volume: true,
  sparse: [1_000_000, ["hole", 4096]],
  events: [
    ["web", 2, 0],
    ["web", 5, 0],
  ],
};

describe("libvirt-python", () => {
  test.each<[way: Way, server: string, query: Record<string, string>]>([
    ["unix", "open", {}],
    ["tcp", "open", {}],
    ["tls", "open", {}],
    ["unix", "login", { auth: "sasl.SCRAM-SHA-256" }],
    ["tls", "login", { auth: "sasl.SCRAM-SHA-256" }],
    ["tls", "login", { auth: "sasl.PLAIN" }],
  ])("works over %s with the server %s and %j", async (way, server, query) => {
    const { stdout, stderr } = await output("/usr/bin/python3", [
      script,
      uri(server, way, query),
      "alice",
      "pencil",
    ]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  test("is refused with a wrong password", async () => {
    const { stderr } = await output("/usr/bin/python3", [script, uri("login", "unix"), "alice", "pen"]);
    expect(stderr).toMatch(/authentication failed: authentication failed/);
  });
});

describe("virsh", () => {
  test.each<[way: Way, server: string, query: () => Record<string, string>]>([
    ["unix", "open", () => ({})],
    ["tcp", "open", () => ({})],
    ["tls", "open", () => ({})],
    ["unix", "login", () => ({ authfile: file("right") })],
    ["unix", "login", () => ({ authfile: file("right"), auth: "sasl.PLAIN" })],
    ["tls", "login", () => ({ authfile: file("right"), auth: "sasl.SCRAM-SHA-256" })],
  ])("works over %s with the server %s", async (way, server, query) => {
    const to = uri(server, way, query());
    expect(await virsh(to, "list --all")).toEqual({ status: 0, stdout: "- web shut off", stderr: "" });
    const story = "start web; list; destroy web; destroy web";
    const { stdout, stderr } = await virsh(to, story);
    expect(stdout).toBe("1 web running");
    expect(stderr.split("\n")).toEqual([
      "error: Failed to destroy domain 'web'",
      "error: Requested operation is not valid: domain is not running",
    ]);
    expect(await virsh(to, "vol-download", "--pool", "pool", "disk", file("download"))).toMatchObject({
      status: 0,
    });
  });

  test("watches over the server, which answers", async () => {
    const idle = "event --event lifecycle --timeout 3; hostname";
    const watching = ["-q", "-k", "1", "-K", "1", "-c", uri("open", "tcp")];
    expect(await output("virsh", [...watching, idle])).toEqual({
      status: 0,
      stdout: "event loop timed out\nevents received: 0\nsmall.example",
      stderr: "",
    });
  });

  test("may look and not touch", async () => {
    const refusal = "error: operation forbidden: read only access prevents virDomainCreate";
    for (const to of [uri("open", "unix-ro"), uri("open", "tcp")]) {
      const { stderr, status } = await output("virsh", ["-q", "-r", "-c", to, "start", "web"]);
      expect([status, stderr.split("\n").at(-1)]).toEqual([1, refusal]);
    }
  });

  test("is refused without the right password, and what the server does not have", async () => {
    const failed = /authentication failed: authentication failed/;
    for (const mechanism of ["SCRAM-SHA-256", "PLAIN"]) {
      const to = uri("login", "tls", { authfile: file("wrong"), auth: `sasl.${mechanism}` });
      expect((await virsh(to, "list")).stderr).toMatch(failed);
    }
    const { stderr } = await virsh(uri("login", "tls", { auth: "polkit" }), "list");
    expect(stderr).toMatch(/requested authentication type polkit rejected|auth/);
  });

  test("is turned away without a certificate of the authority", async () => {
    await mkdir(join(directory, "bare"));
    await copyFile(authority.cert, join(directory, "bare/cacert.pem"));
    const to = uri("open", "tls").replace(/pkipath=[^&]*/, `pkipath=${encodeURIComponent(file("bare"))}`);
    expect((await virsh(to, "list")).status).toBe(1);
  });
});

describe("our own client", () => {
  test.each<[way: Way, server: string, auth: string | undefined]>([
    ["unix", "open", undefined],
    ["tcp", "open", undefined],
    ["tls", "open", undefined],
    ["unix", "login", "sasl.SCRAM-SHA-256"],
    ["tls", "login", "sasl.SCRAM-SHA-256"],
    ["tls", "login", "sasl.PLAIN"],
    ["tls", "login", "sasl.EXTERNAL"],
    ["unix", "login", "sasl.EXTERNAL"],
  ])("works over %s with the server %s, by %s", async (way, server, auth) => {
    const to = uri(server, way, auth === undefined ? {} : { auth });
    const login = auth === "sasl.EXTERNAL" ? {} : { auth: { username: "alice", password: "pencil" } };
    await using connection = await connect(to, login);
    const [web] = await connection.listAllDomains();
    const happened: unknown[] = [];
    await connection.domainEventRegisterAny(null, 0, ({ event, domain }) =>
      happened.push([domain.name, event]),
    );
    await web?.create();
    await web?.destroy();
    await expect
      .poll(() => happened)
      .toEqual([
        ["web", 2],
        ["web", 5],
      ]);
    const volume = await (await connection.storagePoolLookupByName("pool")).storageVolLookupByName("disk");
    const pieces: Buffer[] = [];
    for await (const piece of await volume.download()) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).length).toBeGreaterThan(0);
  });

  test("cannot act as somebody else by EXTERNAL", async () => {
    const attempt = (way: Way, username: string) =>
      connect(uri("login", way, { auth: "sasl.EXTERNAL" }), {
        auth: { username, authname: "whoever", password: "" },
      });
    await expect(attempt("tls", "alice")).rejects.toBeInstanceOf(AuthenticationError);
    await expect(attempt("unix", "alice")).rejects.toBeInstanceOf(AuthenticationError);
    await using byCertificate = await attempt("tls", clientName);
    await using bySocket = await attempt("unix", userInfo().username);
    expect([await byCertificate.getType(), await bySocket.getType()]).toEqual(["SMALL", "SMALL"]);
  });

  test("is refused with a wrong password", async () => {
    const auth = { username: "alice", password: "pen" };
    await expect(connect(uri("login", "tls"), { auth })).rejects.toBeInstanceOf(AuthenticationError);
  });
});
