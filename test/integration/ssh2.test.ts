import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect, promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  AuthenticationError,
  ConnectCredentialType,
  ConnectionError,
  type ConnectOptions,
  type Credential,
  connect,
  TimeoutError,
} from "../../src/index.js";
import { fingerprint } from "../../src/transport/ssh/known-hosts.js";
import { freePort, type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { virsh } from "../support/sasl.js";
import { type FarProgram, password, type Sshd, startSshd } from "../support/sshd.js";
import { listen } from "../unit/transport/peers.js";

const run = promisify(execFile);
const passphrase = "geheim, =wie?";

let daemon: Libvirtd;
/** Takes keys. */
let sshd: Sshd;
/** Takes passwords. */
let asking: Sshd;
let home: string;
/** An ecdsa key, which every libssh2 knows. */
let key: string;
let locked: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "virtwire-ssh2-"));
  daemon = await startLibvirtd();
  [sshd, asking] = await Promise.all([
    startSshd({ beside: daemon }),
    startSshd({ beside: daemon, methods: ["password", "keyboard-interactive"] }),
  ]);
  key = await sshd.createKey("ecdsa", { type: "ecdsa" });
  locked = join(home, "locked");
  // One round of what makes guessing slow, which it is for us too.
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-f", locked]);
  for (const file of [key, locked]) await sshd.authorize(file);
});

afterAll(async () => {
  await Promise.all([sshd?.stop(), asking?.stop()]);
  await daemon?.stop();
  await rm(home, { recursive: true });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  // Whatever became of a connection, nothing of it stays.
  while (process.getActiveResourcesInfo().includes("TCPSocketWrap")) await sleep(10);
});

type Query = Readonly<Record<string, string>>;

const transports = ["libssh2", "libssh"] as const;
const byKey = (): Query => ({ keyfile: key, known_hosts: sshd.knownHosts, sshauth: "privkey" });
const uriOf = (query: Query = byKey(), server = sshd, transport: (typeof transports)[number] = "libssh2") =>
  server.uri("test", { transport, query });
const asked = (sshauth: string): Query => ({ known_hosts: asking.knownHosts, sshauth });

async function hostname(uri: string, options: ConnectOptions = {}): Promise<string> {
  await using conn = await connect(uri, { timeoutMs: 30_000, ...options });
  return await conn.getHostname();
}

/** The message of the error that we give, of this kind and with no secret in it. */
async function refusal(
  uri: string,
  kind: typeof ConnectionError | typeof AuthenticationError,
  options: ConnectOptions = {},
): Promise<string> {
  const error: unknown = await hostname(uri, options).catch((reason) => reason);
  expect(error).toBeInstanceOf(kind);
  for (const secret of [password, passphrase]) expect(inspect(error, { depth: 10 })).not.toContain(secret);
  return (error as Error).message;
}

/** Answers all questions alike, and keeps them. */
function answering(answer: string | null): { questions: Credential[]; auth: ConnectOptions["auth"] } {
  const questions: Credential[] = [];
  const auth = async (wanted: readonly Credential[]) => {
    questions.push(...wanted);
    return wanted.map(() => answer);
  };
  return { questions, auth };
}

async function serverFingerprint(server = sshd): Promise<string> {
  const [, base64 = ""] = (await server.hostKey()).split(" ");
  return fingerprint(Buffer.from(base64, "base64"));
}

/** A folder that is the user's for as long as the test lasts. */
async function ownHome(): Promise<string> {
  const folder = await mkdtemp(join(home, "home-"));
  vi.stubEnv("HOME", folder);
  vi.stubEnv("XDG_CONFIG_HOME", undefined);
  return folder;
}

describe.each(transports)("%s leads to the daemon", (transport) => {
  test.each([
    ["by virt-ssh-helper or nc", {}],
    ["by virt-ssh-helper", { proxy: "native" }],
    ["by nc", { proxy: "netcat" }],
  ])("%s, as with virsh", async (_, query) => {
    const uri = uriOf({ ...byKey(), ...query }, sshd, transport);
    const before = (await sshd.commands()).length;
    expect(await hostname(uri)).not.toBe("");
    expect(await virsh(uri, { HOME: home })).toBeUndefined();
    const [ours, theirs, ...more] = (await sshd.commands()).slice(before);
    expect(ours).toBe(theirs);
    expect(more).toEqual([]);
  });
});

describe("a login", () => {
  test("takes root, the first key in ~/.ssh and libvirt's known_hosts, where the URI says nothing", async () => {
    const folder = await ownHome();
    await run("mkdir", ["-p", `${folder}/.ssh`, `${folder}/.config/libvirt`]);
    await run("cp", [key, `${folder}/.ssh/id_ecdsa`]);
    await run("cp", [sshd.knownHosts, `${folder}/.config/libvirt/known_hosts`]);
    expect(await hostname(`test+libssh2://127.0.0.1:${sshd.port}/default`)).not.toBe("");
  });

  test("takes all that there is from the options, as a function without files does", async () => {
    await ownHome();
    const privateKey = await readFile(locked);
    const hostKey = await serverFingerprint();
    expect(await hostname(uriOf({}), { ssh: { privateKey, passphrase, hostKey } })).not.toBe("");
    const knownHosts = await readFile(sshd.knownHosts, "utf8");
    const ssh = { privateKey: await readFile(key, "utf8"), knownHosts };
    expect(await hostname(uriOf({}), { ssh })).not.toBe("");
  });

  test("by an agent", async () => {
    const socket = join(home, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket]);
    onTestFinished(() => void agent.kill());
    await once(agent.stdout, "data");
    const query = { known_hosts: sshd.knownHosts, sshauth: "agent" };
    vi.stubEnv("SSH_AUTH_SOCK", socket);
    expect(await refusal(uriOf(query), AuthenticationError)).toMatch(/agent: it has no keys/);
    await run("ssh-add", [key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    expect(await hostname(uriOf(query))).not.toBe("");
    expect(
      await refusal(uriOf({ ...query, known_hosts: asking.knownHosts }, asking), AuthenticationError),
    ).toMatch(/agent: the server does not take it/);
    vi.stubEnv("SSH_AUTH_SOCK", `${socket}-missing`);
    expect(await refusal(uriOf(query), AuthenticationError)).toMatch(/agent: it failed: .*ENOENT/);
    vi.stubEnv("SSH_AUTH_SOCK", undefined);
    expect(await refusal(uriOf(query), AuthenticationError)).toMatch(/agent: .*SSH_AUTH_SOCK is not set/);
  });

  test.each(["password", "keyboard-interactive"])(
    "by %s, from options, a callback and auth.conf",
    async (method) => {
      const uri = uriOf(asked(method), asking);
      expect(await hostname(uri, { auth: { username: "root", password } })).not.toBe("");
      const { questions, auth } = answering(password);
      expect(await hostname(uri, { auth })).not.toBe("");
      const { PASSPHRASE, NOECHOPROMPT } = ConnectCredentialType;
      expect(questions.map(({ type }) => type)).toEqual([method === "password" ? PASSPHRASE : NOECHOPROMPT]);
      const file = join(home, "auth.conf");
      await writeFile(file, `[credentials-a]\npassword=${password}\n[auth-ssh-127.0.0.1]\ncredentials=a\n`);
      expect(await hostname(uriOf({ ...asked(method), authfile: file }, asking))).not.toBe("");
    },
  );

  test.each(["password", "keyboard-interactive"])(
    "by %s is refused, or lacks somebody to ask",
    async (method) => {
      const uri = uriOf(asked(method), asking);
      const wrong = { username: "root", password: "wrong" };
      expect(await refusal(uri, AuthenticationError, { auth: wrong })).toMatch(/the server refused/);
      // Not a name and a password for the daemon behind it.
      const other = { username: "somebody", password };
      expect(await refusal(uri, AuthenticationError, { auth: other })).toMatch(/option auth/);
      expect(await refusal(uri, AuthenticationError)).toMatch(/option auth/);
      const { questions, auth } = answering("wrong");
      expect(await refusal(uri, AuthenticationError, { auth })).toMatch(/the server refused/);
      expect(questions.length).toBeGreaterThan(0);
      const broken = new Error("nobody at home");
      const failing = () => Promise.reject(broken);
      await expect(hostname(uri, { auth: failing })).rejects.toBe(broken);
    },
  );

  test("by a key that is encrypted", async () => {
    const uri = uriOf({ ...byKey(), keyfile: locked });
    const { questions, auth } = answering(passphrase);
    expect(await hostname(uri, { auth })).not.toBe("");
    expect(questions).toMatchObject([{ type: ConnectCredentialType.PASSPHRASE }]);
    expect(await refusal(uri, AuthenticationError)).toMatch(
      /privkey: .*locked is encrypted.*ssh\.passphrase/,
    );
    const ssh = { passphrase: "wrong" };
    expect(await refusal(uri, AuthenticationError, { ssh })).toMatch(/privkey: .*the passphrase is wrong/);
  });

  test("by a key that the server does not know, that is missing, unreadable, public or none", async () => {
    const message = (keyfile: string) => refusal(uriOf({ ...byKey(), keyfile }), AuthenticationError);
    expect(await message(await sshd.createKey("strange"))).toMatch(
      /which takes publickey: .*authorized_keys/,
    );
    expect(await message("/nonexistent/key")).toMatch(/there is no file \/nonexistent\/key/);
    expect(await message(home)).toMatch(/cannot be read: EISDIR/);
    expect(await message(`${key}.pub`)).toMatch(/is a public key/);
    expect(await message("/etc/passwd")).toMatch(/cannot be used: Unsupported key format/);
    await ownHome();
    expect(await refusal(uriOf({ known_hosts: sshd.knownHosts }), AuthenticationError)).toMatch(
      /agent: .*; privkey: there is no private key in .*; password: the server does not take it/,
    );
  });
});

describe("a server's key", () => {
  const unknown = () => ({ ...byKey(), known_hosts: join(home, `known-${Math.random()}`) });

  test("that is unknown is refused, as by virsh, unless somebody trusts it", async () => {
    const query = unknown();
    const uri = uriOf(query);
    const shown = await serverFingerprint();
    const message = await refusal(uri, AuthenticationError);
    expect(message).toMatch(/is unknown: .*known_hosts_verify=auto/);
    expect(message).toContain(shown);
    expect(await virsh(uri, { HOME: home })).toBeDefined();
    expect(await refusal(uri, AuthenticationError, { auth: answering("n").auth })).toMatch(/not accepted/);
    const { questions, auth } = answering("Y");
    expect(await hostname(uri, { auth })).not.toBe("");
    expect(questions).toMatchObject([{ type: ConnectCredentialType.ECHOPROMPT, challenge: shown }]);
    // From now on everybody knows it.
    expect(await hostname(uri)).not.toBe("");
    expect(await virsh(uri, { HOME: home })).toBeUndefined();
  });

  test("that is unknown is written down with known_hosts_verify=auto, and not looked at with ignore", async () => {
    const query = unknown();
    expect(await hostname(uriOf({ ...query, known_hosts_verify: "ignore" }))).not.toBe("");
    await expect(readFile(query.known_hosts)).rejects.toThrow("ENOENT");
    await writeFile(query.known_hosts, "# no line end");
    expect(await hostname(uriOf({ ...query, known_hosts_verify: "auto" }))).not.toBe("");
    const line = `[127.0.0.1]:${sshd.port} ${await sshd.hostKey()}\n`;
    expect(await readFile(query.known_hosts, "utf8")).toBe(`# no line end\n${line}`);
    const elsewhere = { ...query, known_hosts: `${key}/none/known_hosts`, known_hosts_verify: "auto" };
    expect(await refusal(uriOf(elsewhere), ConnectionError)).toMatch(/Cannot write the host key/);
  });

  test("that has changed or is revoked is refused, whatever the URI says", async () => {
    const { known_hosts } = unknown();
    const name = `[127.0.0.1]:${sshd.port}`;
    await writeFile(known_hosts, `${name} ${await asking.hostKey()}\n`);
    for (const verify of ["normal", "auto"]) {
      const uri = uriOf({ ...byKey(), known_hosts, known_hosts_verify: verify });
      const message = await refusal(uri, AuthenticationError, { auth: answering("y").auth });
      expect(message).toContain("has changed");
      expect(message).toContain(await serverFingerprint());
      expect(message).toContain(`${known_hosts}:1 has ssh-ed25519 ${await serverFingerprint(asking)}`);
      expect(await virsh(uri, { HOME: home })).toContain("VERIFICATION FAILED");
    }
    await appendFile(known_hosts, `@revoked * ${await sshd.hostKey()}\n`);
    const message = await refusal(uriOf({ ...byKey(), known_hosts }), AuthenticationError);
    expect(message).toContain(`is revoked, by ${known_hosts}:2`);
    const hostKey = await serverFingerprint(asking);
    expect(await refusal(uriOf(), AuthenticationError, { ssh: { hostKey } })).toMatch(
      /is not the expected one/,
    );
  });
});

describe("a connection", () => {
  test("carries large replies, uploads and downloads", async () => {
    await using conn = await connect(uriOf(), { timeoutMs: 30_000 });
    const target = join(home, "pool");
    await run("mkdir", ["-p", target]);
    await using qemu = await connect(sshd.uri("qemu", { transport: "libssh2", query: byKey() }));
    const pool = await qemu.storagePoolCreateXML(
      `<pool type="dir"><name>pool</name><target><path>${target}</path></target></pool>`,
    );
    const vol = await pool.storageVolCreateXML(
      '<volume><name>vol</name><capacity unit="MiB">32</capacity><target><format type="raw"/></target></volume>',
    );
    const content = Buffer.alloc(32 * 1024 * 1024);
    for (let at = 0; at < content.length; at += 4) content.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at);
    await pipeline(Readable.from([content]), await vol.upload());
    const parts: Buffer[] = [];
    for await (const part of await vol.download()) {
      parts.push(part as Buffer);
      // Others are served meanwhile.
      if (parts.length === 10) await conn.getHostname();
    }
    expect(Buffer.concat(parts).equals(content)).toBe(true);
    await pool.destroy();
    const long = `<!-- ${"x".repeat(3_000_000)} -->`;
    const domain = await conn.domainDefineXML(
      `<domain type="test"><name>long</name><description>${long}</description><memory>1024</memory><os><type>hvm</type></os></domain>`,
    );
    expect(await domain.getXMLDesc()).toContain("<name>long</name>");
    await domain.undefine();
  });

  test("is secure, and encrypted in no other sense than with virsh", async () => {
    await using conn = await connect(uriOf());
    expect(conn.peer).toBe(`libssh2:127.0.0.1:${sshd.port}`);
    expect([await conn.isSecure(), await conn.isEncrypted()]).toEqual([true, false]);
  });

  test("tells that the server is gone", async () => {
    await using beside = await startSshd({ beside: daemon });
    const query = { keyfile: beside.keyfile, known_hosts: beside.knownHosts };
    const conn = await connect(uriOf(query, beside), { keepAlive: false });
    await beside.stop();
    const { error } = await conn.closed;
    expect(error).toBeInstanceOf(ConnectionError);
  });
});

describe("what fails is told apart", () => {
  /** Has the far side do without programs until the test is over. */
  async function lacking(...programs: FarProgram[]): Promise<void> {
    onTestFinished(() => sshd.provideAllBut([]));
    await sshd.provideAllBut(programs);
  }

  test("neither virt-ssh-helper nor nc", async () => {
    await lacking("virt-ssh-helper", "nc");
    expect(await refusal(uriOf(), ConnectionError)).toMatch(/neither virt-ssh-helper nor nc.*not found/);
  });

  test("no socket there", async () => {
    const query = { ...byKey(), socket: "/run/libvirt/none" };
    expect(await refusal(uriOf(query), ConnectionError)).toMatch(/no daemon listens.*No such file/);
  });

  test("nothing that listens", async () => {
    const uri = `test+libssh2://127.0.0.1:${await freePort()}/default`;
    expect(await refusal(uri, ConnectionError)).toMatch(/nothing listens there. Start its sshd/);
  });

  test("a host that never answers, and one that stops in the middle", async () => {
    const listener = await listen({ host: "127.0.0.1", port: 0 });
    const uri = `test+libssh2://127.0.0.1:${listener.port}/default`;
    await expect(connect(uri, { timeoutMs: 300 })).rejects.toBeInstanceOf(TimeoutError);
    (await listener.accept()).destroy();
    const never = () => new Promise<never>(() => {});
    const options = { auth: never, timeoutMs: 700 };
    await expect(connect(uriOf(asked("password"), asking), options)).rejects.toBeInstanceOf(TimeoutError);
  });

  test.each([
    ["another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", /an ssh server listens/],
    ["nothing said", "", /an ssh server listens/],
    ["an ancient version", "SSH-1.5-old\r\n", /No ssh session/],
  ])("%s", async (_, words, expected) => {
    const listener = await listen({ host: "127.0.0.1", port: 0 });
    const failing = refusal(`test+libssh2://127.0.0.1:${listener.port}/default`, ConnectionError);
    (await listener.accept()).resume().end(words);
    expect(await failing).toMatch(expected);
  });
});

test("keys as people have them are read", async () => {
  const hostKey = await serverFingerprint();
  for (const [type, format] of [
    ["rsa", "PEM"],
    ["ed25519", "RFC4716"],
  ] as const) {
    const file = join(home, `${type}-${format}`);
    await run("ssh-keygen", ["-q", "-t", type, "-b", "2048", "-m", format, "-N", "", "-f", file]);
    await sshd.authorize(file);
    const ssh = { privateKey: await readFile(file), hostKey };
    expect(await hostname(uriOf({ sshauth: "privkey" }), { ssh })).not.toBe("");
  }
});
