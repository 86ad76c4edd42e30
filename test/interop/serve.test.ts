import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { AuthenticationError, connect } from "../../src/index.js";
import { Authority } from "../support/certificates.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

function start(args: readonly string[]): ChildProcess {
  const program = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", "serve", ...args], {
    cwd: root,
  });
  onTestFinished(() => void program.kill("SIGKILL"));
  return program;
}

/** Runs it to its end; for what ends by itself. */
async function outcome(...args: readonly string[]) {
  const program = start(args);
  let stderr = "";
  program.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const [status] = await once(program, "close");
  return { status, stderr };
}

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-serve-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

async function virsh(uri: string, ...command: readonly string[]): Promise<string> {
  const { stdout } = await run("virsh", ["-q", "-c", uri, ...command], { timeout: 20_000 });
  return stdout.trim().replace(/ +/g, " ");
}

describe("virtwire serve", () => {
  test("serves virsh and us, until it is told to end", async () => {
    const directory = await folder();
    const socket = join(directory, "sock");
    const program = start(["test:///default", "--unix", socket, "--unix-ro", `${socket}-ro`, "--tcp", "0"]);
    const lines = createInterface({ input: program.stdout! })[Symbol.asyncIterator]();
    const uris = [(await lines.next()).value, (await lines.next()).value, (await lines.next()).value];
    const [unix, readonly, tcp] = uris as [string, string, string];
    expect(unix).toBe(`test+unix:///default?socket=${socket}`);
    expect(readonly).toBe(`test+unix:///default?socket=${socket}-ro`);
    expect(tcp).toMatch(/^test\+tcp:\/\/127\.0\.0\.1:\d+\/default$/);

    expect(await virsh(unix, "list", "--all")).toBe("1 test running");
    await virsh(tcp, "suspend", "test");
    // The one who did it is gone, and it is still done.
    expect(await virsh(readonly, "list", "--all")).toBe("1 test paused");
    await expect(virsh(readonly, "resume", "test")).rejects.toThrow(
      "read only access prevents virDomainResume",
    );
    await using connection = await connect(tcp);
    expect(await connection.getType()).toBe("TEST");
    await expect(connect(tcp.replace("/default", "/etc/passwd"))).rejects.toThrow(
      "no connection driver available for test:///etc/passwd",
    );

    program.kill("SIGTERM");
    expect(await once(program, "close")).toEqual([0, null]);
    expect([existsSync(socket), existsSync(`${socket}-ro`)]).toEqual([false, false]);
    expect((await connection.closed).reason).toBe("eof");
  });

  test("serves what a file describes", async () => {
    const directory = await folder();
    const file = join(directory, "node.xml");
    const domain =
      "<domain type='test'><name>web</name><memory>1024</memory><os><type>hvm</type></os></domain>";
    await writeFile(file, `<node>${domain}</node>`);
    const program = start([`test://${file}`, "--unix", join(directory, "sock")]);
    const lines = createInterface({ input: program.stdout! })[Symbol.asyncIterator]();
    expect(await virsh((await lines.next()).value as string, "list", "--name")).toBe("web");
    program.kill("SIGINT");
    expect(await once(program, "close")).toEqual([0, null]);
  });

  test("lets in over TLS whoever has a certificate and knows a password", async () => {
    const directory = await folder();
    await using authority = await Authority.create("virtwire serve");
    const server = await authority.issue({
      subject: "/CN=localhost",
      usage: "serverAuth",
      subjectAltName: "DNS:localhost",
    });
    const client = await authority.issue({ subject: "/O=virtwire/CN=client" });
    await copyFile(authority.cert, join(directory, "cacert.pem"));
    await copyFile(client.cert, join(directory, "clientcert.pem"));
    await copyFile(client.key, join(directory, "clientkey.pem"));
    const users = join(directory, "users");
    await writeFile(users, "# for a test\nalice:pen:cil\n");
    const login = (password: string) =>
      `[credentials-a]\nauthname=alice\npassword=${password}\n[auth-libvirt-default]\ncredentials=a\n`;
    await writeFile(join(directory, "right"), login("pen:cil"));
    await writeFile(join(directory, "wrong"), login("pen"));

    const files = ["--cert", server.cert, "--key", server.key, "--ca", authority.cert, "--users", users];
    const program = start(["test:///default", "--tls", "localhost:0", ...files]);
    const lines = createInterface({ input: program.stdout! })[Symbol.asyncIterator]();
    const uri = (await lines.next()).value as string;
    expect(uri).toMatch(/^test\+tls:\/\/localhost:\d+\/default$/);
    const as = (auth: string) => `${uri}?pkipath=${directory}&authfile=${join(directory, auth)}`;
    expect(await virsh(as("right"), "list", "--name")).toBe("test");
    await expect(virsh(as("wrong"), "list")).rejects.toThrow("authentication failed");
    await using connection = await connect(as("right"));
    expect(await connection.getType()).toBe("TEST");
    const tls = { ca: authority.cert };
    const auth = { username: "alice", password: "pen:cil" };
    await expect(connect(uri, { tls, auth })).rejects.toThrow("The server wants a client certificate");
  });

  test("wants a password from whoever opens its socket", async () => {
    const directory = await folder();
    const [socket, users] = [join(directory, "sock"), join(directory, "users")];
    await writeFile(users, "alice:pencil\nbob:pen\n");
    const program = start(["test:///default", "--unix", socket, "--users", users]);
    const lines = createInterface({ input: program.stdout! })[Symbol.asyncIterator]();
    const uri = (await lines.next()).value as string;
    await expect(connect(uri)).rejects.toThrow(AuthenticationError);
    await using connection = await connect(uri, { auth: { username: "bob", password: "pen" } });
    expect(await connection.getType()).toBe("TEST");
  });

  test("says what is in the way", async () => {
    const directory = await folder();
    const missing = await outcome(`test://${directory}/none.xml`, "--tcp", "0");
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain("virtwire serve: ");
    const nowhere = await outcome("test:///default", "--unix", join(directory, "none/sock"));
    expect(nowhere).toMatchObject({ status: 1, stderr: expect.stringContaining("Cannot listen on unix:") });
    const noPem = ["--tls", "0", "--cert", "package.json", "--key", "package.json"];
    expect(await outcome("test:///default", ...noPem)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^virtwire serve: Cannot listen with this certificate and key: .+\n$/),
    });
    const noUsers = await outcome("test:///default", "--unix", "unused", "--users", directory);
    expect(noUsers).toMatchObject({ status: 1, stderr: expect.stringContaining("virtwire serve: EISDIR") });
  });

  test("refuses a command line that makes no sense", async () => {
    const refused = await outcome("test:///default");
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("usage: virtwire serve") });
  });
});
