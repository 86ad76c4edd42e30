import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { command } from "../../src/cli/doctor/command.js";
import { type Diagnosis, type StepName, stepNames } from "../../src/cli/doctor/steps.js";
import { ErrorNumber } from "../../src/generated/constants.js";
import { connectGetHostname, connectGetType } from "../../src/protocol/generated/remote.js";
import { Authority, inDays } from "../support/certificates.js";
import { freePort, type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { type Outcome, type ProgramOptions, run } from "../support/program.js";
import { SaslAccounts } from "../support/sasl.js";
import { password as sshPassword, startSshd } from "../support/sshd.js";
import { errorTo, replyTo } from "../unit/rpc/peer.js";
import { opening, serve } from "../unit/rpc/server.js";

const runCommand = promisify(execFile);
const password = "geheim, =wie?";

let directory: string;
let accounts: SaslAccounts;
let authFile: string;
let wrongAuthFile: string;
/** With no authentication on its unix and TCP sockets, and SCRAM by TLS. */
let libvirtd: Libvirtd;
let expired: Libvirtd;
const authorities: Authority[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-doctor-"));
  const authority = await Authority.create("virtwire test CA");
  const other = await Authority.create("another CA");
  authorities.push(authority, other);
  for (const [folder, { cert }] of Object.entries({ good: authority, other })) {
    await mkdir(join(directory, folder));
    await copyFile(cert, join(directory, folder, "cacert.pem"));
  }
  const server = { usage: "serverAuth", subjectAltName: "DNS:localhost,IP:127.0.0.1" } as const;
  const good = await authority.issue({ subject: "/O=virtwire/CN=localhost", ...server });
  const past = { from: inDays(-30), to: inDays(-10) };
  const old = await authority.issue({ subject: "/O=virtwire/CN=old", ...server, ...past });

  accounts = await SaslAccounts.create("SCRAM-SHA-1 SCRAM-SHA-256 PLAIN");
  await accounts.add("user1", password);
  authFile = await accounts.authConf("auth.conf", { authname: "user1", password });
  wrongAuthFile = await accounts.authConf("wrong.conf", { authname: "user1", password: "not that one" });

  const start = (files: typeof good, conf = {}) =>
    startLibvirtd({
      tcp: true,
      tls: { ca: authority.cert, ...files },
      conf: { tls_no_verify_certificate: 1, tls_no_sanity_certificate: 1, ...conf },
      env: accounts.env,
    });
  [libvirtd, expired] = await Promise.all([start(good, { auth_tls: "sasl" }), start(old)]);
});

afterAll(async () => {
  await Promise.all([libvirtd?.stop(), expired?.stop()]);
  for (const authority of authorities) await authority[Symbol.asyncDispose]();
  await accounts?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** What nobody must ever get to see. */
function expectNoSecrets({ stdout, stderr }: Outcome): void {
  for (const secret of [password, sshPassword, "not that one", "s3cret"])
    expect(stdout + stderr).not.toContain(secret);
}

/** Runs the program as people do. */
async function virtwire(args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
  const outcome = await run("src/cli/main.ts", { ...options, args });
  expectNoSecrets(outcome);
  return outcome;
}

/** Runs the command in this process, which is quicker. */
async function doctor(args: readonly string[]): Promise<Outcome> {
  let stdout = "";
  const write = (text: string) => {
    stdout += text;
  };
  const status = await command.run(args, { write, colours: false });
  expectNoSecrets({ status, stdout, stderr: "" });
  return { status, stdout, stderr: "" };
}

/** What the doctor makes of these arguments: its exit status, and what it says in JSON. */
async function examined(args: readonly string[], program?: ProgramOptions) {
  const { status, stdout, stderr } = program
    ? await virtwire(["doctor", "--json", ...args], program)
    : await doctor(["--json", ...args]);
  expect(stderr).toBe("");
  const diagnosis: Diagnosis = JSON.parse(stdout);
  expect(diagnosis.steps.map(({ name }) => name)).toEqual(stepNames);
  expect(status).toBe(diagnosis.ok ? 0 : 1);
  const step = (name: StepName) => diagnosis.steps.find((each) => each.name === name)!;
  return { ok: diagnosis.ok, steps: diagnosis.steps, step };
}

const tls = (daemon: Libvirtd, folder: string, more = "") =>
  `${daemon.uri("test", { transport: "tls" })}?pkipath=${join(directory, folder)}${more}`;

describe("the doctor finds nothing wrong", () => {
  test("with a unix socket", async () => {
    const { ok, step } = await examined([libvirtd.uri("qemu")], {});
    expect(ok).toBe(true);
    expect(step("configuration").details).toMatchObject({ file: "/etc/libvirt/libvirt.conf" });
    expect(step("uri").details).toMatchObject({ source: "argument", driver: "qemu", transport: "unix" });
    expect(step("parameters").details).toEqual({ known: { socket: libvirtd.socketPath } });
    expect(step("address").details).toEqual({ mode: "auto", sockets: [libvirtd.socketPath] });
    expect(step("connection").details).toEqual({ peer: `unix:${libvirtd.socketPath}` });
    expect(step("tls")).toMatchObject({ status: "skipped", message: expect.stringContaining("not needed") });
    expect(step("authentication").details).toEqual({
      ...{ type: "none", identity: "this process's user, root", secure: true, encrypted: false },
    });
    expect(step("open").details).toEqual({ name: "qemu:///system", readonly: false, keepAlive: true });
    expect(step("hypervisor").details).toMatchObject({
      ...{ type: "QEMU", version: expect.stringMatching(/^\d+\.\d+\.\d+$/), uri: "qemu:///system" },
    });
    expect(step("library").details).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    const { calls, minMs, medianMs } = step("roundTrip").details;
    expect(calls).toBe(10);
    expect(medianMs).toBeGreaterThanOrEqual(Number(minMs));
    expect(step("features").details).toEqual({ keepAlive: true, eventCallbacks: true, closeCallback: true });
  });

  test("with the sockets where they usually are, and no URI", async () => {
    const { ok, step } = await examined(["--readonly"], { beside: libvirtd });
    expect(ok).toBe(true);
    expect(step("uri").details).toEqual({ source: "none", uri: "", transport: "unix" });
    const sockets = step("address").details["sockets"] as string[];
    expect(sockets.slice(-1)).toEqual(["/var/run/libvirt/libvirt-sock-ro"]);
    expect(sockets).toContain("/var/run/libvirt/virtqemud-sock-ro");
    expect(step("connection").details).toEqual({ peer: "unix:/var/run/libvirt/libvirt-sock-ro" });
    expect(step("open").details).toMatchObject({ name: "", readonly: true });
    expect(step("hypervisor").details).toMatchObject({ uri: "qemu:///system" });
  });

  test("with TCP, by a host's name", async () => {
    const { ok, step } = await examined([`test+tcp://localhost:${libvirtd.tcpPort}/default`]);
    expect(ok).toBe(true);
    expect(step("parameters")).toMatchObject({ status: "skipped" });
    expect(step("address").details).toMatchObject({ host: "localhost", port: libvirtd.tcpPort });
    expect(step("address").details["addresses"]).toContain("127.0.0.1");
    expect(step("connection").details).toMatchObject({ address: "127.0.0.1" });
    expect(step("authentication").details).toMatchObject({ secure: false, encrypted: false });
    expect(step("hypervisor").details).toMatchObject({ type: "TEST" });
  });

  test("with a program that leads there", async () => {
    const program = join(directory, "forward");
    await writeFile(program, `#!/bin/sh\nexec /usr/bin/python3 -c '${forward}' ${libvirtd.tcpPort}\n`, {
      mode: 0o755,
    });
    const { ok, step } = await examined([`test+ext:///default?command=${program}`]);
    expect(ok).toBe(true);
    expect(step("connection").details).toEqual({ command: program, peer: `ext:${program}` });
  });

  test("with ssh: its command line", async () => {
    await using sshd = await startSshd({ beside: libvirtd });
    const program = await sshd.client();
    const { ok, step } = await examined([sshd.uri("test", { query: { command: program, proxy: "native" } })]);
    expect(ok).toBe(true);
    expect(step("address").details).toEqual({ host: "127.0.0.1" });
    const { command, peer } = step("connection").details;
    expect(peer).toBe(`ssh:root@127.0.0.1:${sshd.port}`);
    expect(command).toContain(`${program} -p ${sshd.port} -l root -T -e none -- 127.0.0.1 'sh -c '\\''`);
    expect(command).toContain("virt-ssh-helper");
    expect(step("authentication").details).toMatchObject({ identity: "root, on the far side of ssh" });
  });

  test.each(["libssh2", "libssh"] as const)("with %s: whose key, and what lets us in", async (transport) => {
    await using sshd = await startSshd({ beside: libvirtd });
    const query = { keyfile: sshd.keyfile, known_hosts: sshd.knownHosts };
    const { ok, step } = await examined([sshd.uri("test", { transport, query })]);
    expect(ok).toBe(true);
    expect(step("address").details).toEqual({ host: "127.0.0.1", port: sshd.port });
    const key = expect.stringMatching(/^ssh-ed25519 SHA256:[\w+/]{43}$/);
    expect(step("connection").details).toEqual({
      ...{ address: "127.0.0.1", peer: `${transport}:127.0.0.1:${sshd.port}` },
      ...{ hostKey: key, hostKeyTrusted: `known by ${sshd.knownHosts}:1` },
      ...{ sshUser: "root", sshLogin: expect.stringMatching(`^privkey: ${sshd.keyfile} \\(SHA256:`) },
    });
    expect(step("authentication").details).toMatchObject({ identity: "root, on the far side of ssh" });
  });

  test("with a password for ssh from an auth.conf, which the doctor does not show", async () => {
    await using sshd = await startSshd({ beside: libvirtd, methods: ["password", "keyboard-interactive"] });
    const authfile = join(directory, "ssh.conf");
    const text = `[credentials-a]\npassword=${sshPassword}\n[auth-ssh-127.0.0.1]\ncredentials=a\n`;
    await writeFile(authfile, text);
    const uriBy = (query: Readonly<Record<string, string>>) =>
      sshd.uri("test", { transport: "libssh2", query: { known_hosts: sshd.knownHosts, ...query } });
    for (const sshauth of ["password", "keyboard-interactive"]) {
      const { ok, step } = await examined([uriBy({ authfile, sshauth })]);
      expect(ok).toBe(true);
      expect(step("connection").details).toMatchObject({ sshUser: "root", sshLogin: sshauth });
    }
    const { step } = await examined([uriBy({ sshauth: "password" })]);
    expect(step("connection")).toMatchObject({
      status: "failed",
      message: expect.stringContaining("put it into an auth.conf under ssh"),
      error: { name: "AuthenticationError" },
    });
  });

  test("with TLS and SASL: whose certificates, which mechanism and why", async () => {
    const { ok, step } = await examined([tls(libvirtd, "good", `&authfile=${authFile}`)]);
    expect(ok).toBe(true);
    expect(step("certificates").details).toMatchObject({
      authorityFile: join(directory, "good/cacert.pem"),
      authorities: [{ subject: "CN=virtwire test CA" }],
      clientFile: null,
      clientLookedForIn: [expect.stringContaining("clientcert.pem")],
    });
    const { details } = step("tls");
    expect(details).toMatchObject({
      protocol: "TLSv1.3",
      cipher: expect.stringMatching(/^TLS_/),
      client: null,
    });
    expect(details["server"]).toEqual([
      {
        ...{ subject: "O=virtwire, CN=localhost", issuer: "CN=virtwire test CA" },
        names: "DNS:localhost, IP Address:127.0.0.1",
        serialNumber: expect.stringMatching(/^[0-9A-F]+$/),
        fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
        validFrom: expect.stringMatching(/^\d{4}-/),
        validTo: expect.stringMatching(/^\d{4}-/),
      },
      expect.objectContaining({ subject: "CN=virtwire test CA" }),
    ]);
    expect(step("greeting").details).toEqual({ offered: ["sasl"] });
    const login = step("authentication").details;
    expect(login).toMatchObject({
      ...{ type: "sasl", mechanism: "SCRAM-SHA-256", identity: "user1", credentials: authFile },
      ...{ secure: true, encrypted: true },
    });
    expect(new Set(login["mechanisms"] as string[])).toContain("PLAIN");
    expect(login["notUsed"]).toMatchObject({
      "SCRAM-SHA-1": "SCRAM-SHA-256 is preferred",
      PLAIN: "SCRAM-SHA-256 is preferred",
    });
  });

  test("with an alias of one's libvirt.conf, or the environment's URI", async () => {
    const config = join(directory, "config");
    await mkdir(join(config, "libvirt"), { recursive: true });
    const uri = `test+tcp://127.0.0.1:${libvirtd.tcpPort}/default`;
    await writeFile(
      join(config, "libvirt/libvirt.conf"),
      `uri_aliases = [ "hail=${uri}" ]\nuri_default = "hail"`,
    );
    // A user's own file counts for users alone.
    const asUser = { asUser: true, env: { XDG_CONFIG_HOME: config } };
    const byAlias = await examined(["hail"], asUser);
    expect(byAlias.ok).toBe(true);
    expect(byAlias.step("configuration").details).toEqual({
      ...{
        file: join(config, "libvirt/libvirt.conf"),
        found: true,
        settings: ["uri_aliases", "uri_default"],
      },
    });
    expect(byAlias.step("uri").details).toMatchObject({ source: "argument", alias: "hail", uri });
    const byDefault = await examined([], asUser);
    expect(byDefault.step("uri").details).toMatchObject({ source: "uri_default", alias: "hail", uri });
    const byEnvironment = await examined([], { env: { LIBVIRT_DEFAULT_URI: uri } });
    expect(byEnvironment.step("uri").details).toMatchObject({ source: "LIBVIRT_DEFAULT_URI", uri });
  });
});

/** Passes bytes between standard input and output and a port of this machine. */
const forward =
  "import os,socket,sys,threading\n" +
  's=socket.create_connection(("127.0.0.1",int(sys.argv[1])))\n' +
  "def pump(read,write):\n  while d:=read(): write(d)\n" +
  "t=threading.Thread(target=pump,args=(lambda:s.recv(65536),lambda d:os.write(1,d)),daemon=True)\n" +
  "t.start()\npump(lambda:os.read(0,65536),s.sendall)";

test("the doctor does without what a driver has no answer to", async () => {
  const server = await serve((call, peer) => {
    if (!opening(call, peer))
      peer.send(errorTo(call, { code: ErrorNumber.NO_SUPPORT, message: "no support" }));
  });
  const { ok, step } = await examined([server.uri]);
  expect(ok).toBe(true);
  expect(step("hypervisor").details).toEqual({ type: null, version: null, uri: null, hostname: null });
  expect(step("features").details).toEqual({ keepAlive: false, eventCallbacks: false, closeCallback: false });
});

describe("the doctor warns", () => {
  test("of parameters that are probably misspelt, and shows no password of a URI", async () => {
    const uri = libvirtd.uri("test", { transport: "tcp" }).replace("//", "//user:s3cret@");
    const args = [`${uri}?pki_path=/x&password=s3cret`];
    const { ok, step } = await examined(args, {});
    expect(ok).toBe(true);
    expect(step("uri")).toMatchObject({
      status: "warning",
      message: expect.stringContaining("no passwords"),
    });
    expect(step("uri").details).toMatchObject({ user: "user:***" });
    expect(step("parameters")).toMatchObject({
      status: "warning",
      message: expect.stringContaining("is pkipath meant?"),
      details: { passedOn: ["pki_path", "password"] },
    });
    expect(step("open").details).toMatchObject({ name: "test:///default?pki_path=%2Fx&password=***" });
    const { stdout, status } = await doctor(args);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^warning {2}parameters/m);
    expect(stdout).toContain("All is well. There are warnings: 2.");
  });

  test("of a server that nobody checks", async () => {
    const { ok, step } = await examined([tls(expired, "other", "&no_verify=1")]);
    expect(ok).toBe(true);
    expect(step("tls")).toMatchObject({ status: "warning", advice: "Take no_verify out of the URI" });
  });

  test("of an ssh server whose key nobody checks", async () => {
    await using sshd = await startSshd({ beside: libvirtd });
    const careless = { keyfile: sshd.keyfile, known_hosts_verify: "ignore" };
    const libssh2 = await examined([sshd.uri("test", { transport: "libssh2", query: careless })]);
    expect(libssh2.ok).toBe(true);
    expect(libssh2.step("connection")).toMatchObject({
      ...{ status: "warning", advice: "Take known_hosts_verify=ignore out of the URI" },
      details: { hostKeyTrusted: "known_hosts_verify=ignore takes any" },
    });
    const ssh = await examined([
      sshd.uri("test", { query: { command: await sshd.client(), no_verify: "1" } }),
    ]);
    expect(ssh.ok).toBe(true);
    expect(ssh.step("connection").advice).toBe("Take no_verify out of the URI");
  });
});

/** A server of this process that accepts and says nothing. */
async function mute(): Promise<number> {
  const server = createServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

interface Failure {
  readonly args: () => readonly string[] | Promise<readonly string[]>;
  readonly step: StepName;
  readonly error: readonly [name: string, code: string | null];
  readonly message: RegExp;
  readonly advice?: RegExp;
}

describe("the doctor says what is wrong, and how to mend it", () => {
  const failures: readonly (Failure & { readonly when: string })[] = [
    {
      when: "what is given is no URI",
      args: () => ["nonsense"],
      step: "uri",
      error: ["TypeError", null],
      message: /Not a libvirt URI: "nonsense"/,
      advice: /an alias has to be in libvirt.conf/,
    },
    {
      when: "a parameter cannot have its value",
      args: () => ["qemu:///system?mode=turbo"],
      step: "uri",
      error: ["RangeError", null],
      message: /mode is one of auto, direct, legacy, not "turbo"/,
    },
    {
      when: "there is no such host",
      args: () => ["qemu+tcp://no-such-host.invalid/system"],
      step: "address",
      error: ["ConnectionError", expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/)],
      message: /Cannot connect to no-such-host.invalid:16509/,
    },
    {
      when: "there is no socket",
      args: () => ["qemu+unix:///system?socket=/nonexistent/libvirt-sock"],
      step: "connection",
      error: ["ConnectionError", "ENOENT"],
      message: /\/nonexistent\/libvirt-sock: there is no such socket.* Check the socket=/,
    },
    {
      when: "the port is closed",
      args: async () => [`test+tcp://127.0.0.1:${await freePort()}/default`],
      step: "connection",
      error: ["ConnectionError", "ECONNREFUSED"],
      message: /nothing listens there\. Start the daemon's TCP socket/,
    },
    {
      when: "the host never answers",
      args: async () => ["--timeout", "0.5", `test+tcp://127.0.0.1:${await mute()}/default`],
      step: "greeting",
      error: ["TimeoutError", null],
      message: /no answer within 500 ms/,
      advice: /Check the port: 16509 is usual for TCP.*--timeout gives it more time/,
    },
    {
      when: "the host never answers, where TLS is expected",
      args: async () => [
        ...["--timeout", "0.5"],
        `test+tls://127.0.0.1:${await mute()}/default?pkipath=${join(directory, "good")}`,
      ],
      step: "tls",
      error: ["TimeoutError", null],
      message: /no answer within 500 ms/,
      advice: /16514 is usual for TLS/,
    },
    {
      when: "there is no CA certificate",
      args: () => ["qemu+tls://127.0.0.1/system?pkipath=/nonexistent"],
      step: "certificates",
      error: ["ConnectionError", null],
      message: /There is no CA certificate .*\/nonexistent\/cacert.pem/,
    },
    {
      when: "the server's certificate is another CA's",
      args: () => [tls(libvirtd, "other")],
      step: "tls",
      error: ["AuthenticationError", null],
      message: /was not issued by the CA in .*other\/cacert\.pem; its issuer is CN=virtwire test CA/,
    },
    {
      when: "the server's certificate has expired",
      args: () => [tls(expired, "good")],
      step: "tls",
      error: ["AuthenticationError", null],
      message: /its certificate \(O=virtwire, CN=old\) has expired.*Have it renewed/,
    },
    {
      when: "the password is wrong",
      args: () => [tls(libvirtd, "good", `&authfile=${wrongAuthFile}`)],
      step: "authentication",
      error: ["AuthenticationError", "AUTH_FAILED"],
      message: /Check the name, the password and the realm/,
    },
    {
      when: "there is no password",
      args: () => [tls(libvirtd, "good")],
      step: "authentication",
      error: ["AuthenticationError", null],
      message: /SCRAM-SHA-256 \(it takes a name and a password, and no auth.conf has a password/,
      advice: /auth\.conf/,
    },
    {
      when: "the daemon has no such hypervisor",
      args: () => [libvirtd.uri("xen")],
      step: "open",
      error: ["LibvirtError", "NO_CONNECT"],
      message: /no connection driver available/,
      advice: /install it on the daemon's host/,
    },
  ];

  test.each(failures)("where $when", async ({ args, step: failing, error, message, advice }) => {
    const { ok, steps, step } = await examined(await args());
    expect(ok).toBe(false);
    const [name, code] = error;
    expect(step(failing)).toMatchObject({ status: "failed", error: { name, code } });
    expect(step(failing).message).toMatch(message);
    if (advice) expect(step(failing).advice).toMatch(advice);
    const index = stepNames.indexOf(failing);
    expect(steps.slice(0, index).filter(({ status }) => status === "failed")).toEqual([]);
    for (const later of steps.slice(index + 1)) {
      expect(later).toEqual({
        name: later.name,
        status: "skipped",
        ms: 0,
        details: {},
        message: "not reached",
      });
    }
  });

  test("where ssh gets no further", async () => {
    await using sshd = await startSshd({ without: ["nc", "virt-ssh-helper"] });
    const command = await sshd.client(["UserKnownHostsFile /dev/null", "BatchMode yes"]);
    const stranger = await examined([sshd.uri("test", { query: { command } })]);
    expect(stranger.step("greeting")).toMatchObject({
      status: "failed",
      message: expect.stringMatching(/host key is not known here. Log in once by hand/),
      error: { name: "AuthenticationError" },
    });
    // What ssh is told, and says, holds what some take for a password.
    const query = { command: await sshd.client(), no_tty: "1" };
    const helpless = await examined([sshd.uri("test", { user: "root:s3cret", query })]);
    expect(helpless.step("connection").details["command"]).toContain(" -l root:*** ");
    expect(helpless.step("greeting")).toMatchObject({ status: "failed" });
  });

  test("where ssh meets a server that it does not know, or one that does not know us", async () => {
    await using sshd = await startSshd({ beside: libvirtd });
    const byLibssh2 = async (query: Readonly<Record<string, string>>) => {
      const uri = sshd.uri("test", { transport: "libssh2", query });
      return (await examined([uri])).step("connection");
    };
    const strange = { keyfile: sshd.keyfile, known_hosts: join(directory, "nobody") };
    expect(await byLibssh2(strange)).toMatchObject({
      status: "failed",
      message: expect.stringMatching(/host key .* is unknown: .*known_hosts_verify=auto/),
      error: { name: "AuthenticationError" },
    });
    const refused = { keyfile: await sshd.createKey("strange"), known_hosts: sshd.knownHosts };
    expect(await byLibssh2(refused)).toMatchObject({
      status: "failed",
      // What is known so far stays.
      details: { hostKeyTrusted: expect.stringMatching(/^known by /) },
      message: expect.stringMatching(/privkey: the server refused the key in .*authorized_keys/),
      error: { name: "AuthenticationError" },
    });
  });

  test("where a daemon hangs up", async () => {
    const path = join(directory, "hangs-up");
    const server = createServer((socket) => socket.on("error", () => {}).destroy());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    const { step } = await examined([`qemu+unix:///system?socket=${path}`]);
    expect(step("greeting")).toMatchObject({
      status: "failed",
      advice: expect.stringContaining("max_clients"),
      error: { name: "ConnectionError" },
    });
  });

  test("and shows the certificates that it does not trust, and the mechanisms it cannot use", async () => {
    const untrusted = await examined([tls(expired, "good")]);
    expect(untrusted.step("tls").details["server"]).toMatchObject([
      { subject: "O=virtwire, CN=old", validTo: expect.stringMatching(/^\d{4}-/) },
      { subject: "CN=virtwire test CA" },
    ]);
    const unusable = await examined([tls(libvirtd, "good")]);
    expect(unusable.step("authentication").details).toMatchObject({
      mechanism: null,
      notUsed: { PLAIN: expect.stringContaining("it takes a name and a password") },
    });
  });
});

describe("what the doctor prints", () => {
  const hostile = "\u001b[2J\u009b31m\u202ehost\r\n\u2028";

  test("has nothing in it that a terminal would act on", async () => {
    const server = await serve((call, peer) => {
      if (opening(call, peer)) return;
      if (call.header.proc === connectGetType.number)
        peer.send(replyTo(call, connectGetType, { type: hostile }));
      if (call.header.proc === connectGetHostname.number)
        peer.send(replyTo(call, connectGetHostname, { hostname: hostile }));
    });
    const args = ["--timeout", "1", server.uri];
    const { stdout } = await doctor(args);
    expect(stdout).toContain("type           \\u{1b}[2J\\u{9b}31m\\u{202e}host\\u{d}\\u{a}\\u{2028}\n");
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}]/u);
    const json = await doctor(["--json", ...args]);
    expect(json.stdout).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}]/u);
    const { steps }: Diagnosis = JSON.parse(json.stdout);
    expect(steps.find(({ name }) => name === "hypervisor")).toMatchObject({
      status: "failed",
      details: { type: hostile },
      error: { name: "TimeoutError" },
    });
  });

  test("is of use though nobody reads it to the end", async () => {
    const script = 'exec "$0" --import tsx src/cli/main.ts doctor nonsense | head -n 1';
    const { stdout, stderr } = await runCommand("sh", ["-c", script, process.execPath]);
    expect(stdout).toMatch(/^ok +configuration/);
    expect(stderr).toBe("");
  });

  test("is coloured on a terminal, unless that is not wanted", async () => {
    const onTerminal = async (env: Record<string, string>) => {
      const command = `${process.execPath} --import tsx src/cli/main.ts doctor nonsense; true`;
      const { PATH = "" } = process.env;
      const { stdout } = await runCommand("script", ["-qec", command, "/dev/null"], {
        env: { PATH, ...env },
      });
      return stdout;
    };
    expect(await onTerminal({})).toContain("\u001b[31mFAILED");
    expect(await onTerminal({ NO_COLOR: "1" })).not.toContain("\u001b[");
  });
});

describe("docs/doctor.md", () => {
  const page = readFileSync(new URL("../../docs/doctor.md", import.meta.url), "utf8");

  /** What a step came to, and the names of its details: what stays the same wherever it runs. */
  function structure(text: string): string[] {
    const steps = /^(?:ok|warning|FAILED|-) +[a-z ]+?(?= {2,}|$)/;
    const labels = /^(?: {9}| {11}- | {13}| {11})[a-z]\S*(?: \S+)*?(?= {2,}|$)/;
    return text.split("\n").flatMap((line) => steps.exec(line)?.[0] ?? labels.exec(line)?.[0] ?? []);
  }

  const [success = "", failure = ""] = [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, language]) => language === "")
    .map(([, , text]) => text);

  test("shows what the doctor prints", async () => {
    const query = `?pkipath=${join(directory, "good")}`;
    const port = `localhost:${libvirtd.tlsPort}`;
    const well = await doctor([`qemu+tls://${port}/system${query}&authfile=${authFile}`]);
    expect(structure(success).length).toBeGreaterThan(70);
    expect(structure(well.stdout)).toEqual(structure(success));
    const ill = await doctor([`qemu+tls://localhost:${expired.tlsPort}/system${query}`]);
    expect(structure(failure)[0]).toMatch(/^FAILED +tls$/);
    expect(structure(ill.stdout).slice(-structure(failure).length)).toEqual(structure(failure));
    for (const line of ["All is well.", "It fails at: tls."]) expect(page).toContain(`\n\n${line}\n`);
    expect(well.stdout).toMatch(/\n\nAll is well\.\n$/);
    expect(ill.stdout).toMatch(/\n\nIt fails at: tls\.\n$/);
  });

  test("explains every step, and every key of the JSON", async () => {
    const [steps, keys] = page
      .split(/^## JSON$/m)
      .map((part) => [...part.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name));
    expect(steps).toEqual(stepNames);
    const warning = await examined(["--timeout", "5", `${libvirtd.uri("xen")}&sokcet=1`]);
    const found = new Set(warning.steps.flatMap((step) => Object.keys(step)));
    expect([...found].sort()).toEqual(keys?.sort());
  });
});

describe("the program", () => {
  test.each([
    [[], "a command is missing"],
    [["frobnicate"], "there is no command frobnicate"],
    [["constructor"], "there is no command constructor"],
    [["qemu://root:s3cret@host/"], "there is no command qemu://root:***@host/"],
    [["doctor", "--frob"], "Unknown option '--frob'"],
    [["doctor", "--timeout", "soon"], '--timeout takes a number of seconds, not "soon"'],
    [["doctor", "--timeout", "0"], '--timeout takes a number of seconds, not "0"'],
    [["doctor", "a:///", "b:///"], "one URI is enough"],
  ])("does not know what to do with %j", async (args, message) => {
    const { status, stdout, stderr } = await virtwire(args);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).toContain("usage: virtwire ");
  });

  test("explains itself", async () => {
    const { status, stdout } = await virtwire(["--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^usage: virtwire COMMAND.*^ {2}doctor /ms);
    expect((await virtwire(["doctor", "--help"])).stdout).toMatch(/^usage: virtwire doctor /);
    expect((await virtwire(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
