import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  AuthenticationError,
  type Connection,
  ConnectionError,
  connect,
  ErrorNumber,
  ProtocolError,
  TimeoutError,
} from "../../src/index.js";
import { connectSsh } from "../../src/transport/ssh.js";
import { parseUri } from "../../src/transport/uri.js";
import { testDomainXML } from "../support/fixtures.js";
import { freePort, type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { virsh } from "../support/sasl.js";
import { type FarProgram, password, type Sshd, type SshUriOptions, startSshd } from "../support/sshd.js";
import { fakeHost } from "../unit/transport/fake-host.js";
import { listen } from "../unit/transport/peers.js";
import { Recorder } from "../unit/transport/recorder.js";

const run = promisify(execFile);

let daemon: Libvirtd;
let sshd: Sshd;
let directory: string;
/** An ssh that knows the server and has a key, and nothing of the user's configuration. */
let ssh: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-ssh-"));
  // As by default with polkit absent: the socket is root's, to read is everybody's.
  daemon = await startLibvirtd({ conf: { unix_sock_rw_perms: "0700", unix_sock_ro_perms: "0777" } });
  sshd = await startSshd({ beside: daemon });
  ssh = await sshd.client();
});

afterAll(async () => {
  await sshd?.stop();
  await daemon?.stop();
  await rm(directory, { recursive: true });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await noneRunning();
});

/** Waits until no ssh of ours runs any more: one that has been told to end takes a moment. */
async function noneRunning(): Promise<void> {
  await expect.poll(sshProcesses, { timeout: 5000 }).toEqual([]);
}

/** The pids of the ssh processes that this process has started. */
async function sshProcesses(): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      const [, name, parent] = /\((.*)\) \S (\d+)/s.exec(stat) ?? [];
      return name === "ssh" && Number(parent) === process.pid ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** A URI for the test driver by our ssh. */
const uriOf = (query: Readonly<Record<string, string>> = {}, options: SshUriOptions = {}) =>
  sshd.uri("test", { ...options, query: { command: ssh, ...query } });

/** Connects, has something said, and closes. */
async function hostname(uri: string): Promise<string> {
  await using conn = await connect(uri, { timeoutMs: 30_000 });
  return await conn.getHostname();
}

/** The error that we give for a URI, for which virsh has one, too. */
async function refusal(
  uri: string,
  kind: typeof ConnectionError | typeof AuthenticationError,
): Promise<string> {
  const theirs = virsh(uri);
  const error: unknown = await connect(uri, { timeoutMs: 30_000 }).then(
    (conn: Connection) => conn.close(),
    (reason) => reason,
  );
  await noneRunning();
  expect(error).toBeInstanceOf(kind);
  expect(await theirs).toContain("failed to connect to the hypervisor");
  return (error as Error).message;
}

/** Has the far side do without programs until the test is over. */
async function lacking(...programs: FarProgram[]): Promise<void> {
  onTestFinished(() => sshd.provideAllBut([]));
  await sshd.provideAllBut(programs);
}

describe("ssh leads to the daemon", () => {
  test.each([
    ["by virt-ssh-helper or nc", {}, "which virt-ssh-helper"],
    ["by virt-ssh-helper", { proxy: "native" }, "sh -c 'virt-ssh-helper 'test:///default''"],
    ["by nc", { proxy: "netcat" }, "-U /var/run/libvirt/libvirt-sock'"],
    ["by an nc of another name", { netcat: "nc" }, "sh -c 'if 'nc' -q"],
    [
      "by a socket that the URI names",
      { socket: "/run/libvirt/libvirt-sock" },
      "-U /run/libvirt/libvirt-sock'",
    ],
  ])("%s, with the very command that virsh sends", async (_, query, part) => {
    const before = (await sshd.commands()).length;
    expect(await hostname(uriOf(query))).not.toBe("");
    expect(await virsh(uriOf(query))).toBe(undefined);
    const [ours, theirs, ...more] = (await sshd.commands()).slice(before);
    expect(ours).toContain(part);
    expect(ours).toBe(theirs);
    expect(more).toEqual([]);
  });

  test.each([["native"], ["netcat"], ["auto"]])("to read only, by proxy=%s", async (proxy) => {
    await using conn = await connect(uriOf({ proxy }), { readonly: true });
    const refused = conn.domainDefineXML(testDomainXML({ name: "new" }));
    await expect(refused).rejects.toMatchObject({ code: ErrorNumber.OPERATION_DENIED });
  });

  test("by nc where there is no virt-ssh-helper, which is missed by who wants it alone", async () => {
    await lacking("virt-ssh-helper");
    expect(await hostname(uriOf())).not.toBe("");
    const message = await refusal(uriOf({ proxy: "native" }), ConnectionError);
    expect(message).toMatch(/no virt-ssh-helper.*proxy=netcat.*not found/);
  });

  test("by virt-ssh-helper where there is no nc, which is missed by who wants it alone", async () => {
    await lacking("nc");
    expect(await hostname(uriOf())).not.toBe("");
    const message = await refusal(uriOf({ proxy: "netcat" }), ConnectionError);
    expect(message).toMatch(/no program "nc".*netcat-openbsd.*not found/);
  });

  test("with the user's own ssh, its aliases, agent and jump hosts", async () => {
    vi.stubEnv("SSH_AUTH_SOCK", await startAgent(join(directory, "agent")));
    await run("ssh-add", ["-q", sshd.keyfile]);
    const program = await sshd.client([
      `UserKnownHostsFile ${sshd.knownHosts}`,
      "IdentityFile none",
      "User root",
      `Port ${sshd.port}`,
      "Host jump\nHostName 127.0.0.1",
      "Host inner\nHostName localhost\nProxyJump jump",
    ]);
    const bin = join(directory, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "ssh"), `#!/bin/sh\nPATH=\${PATH#*:}\nexec ${program} "$@"\n`, { mode: 0o755 });
    vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
    const before = (await sshd.log()).length;
    expect(await hostname("test+ssh://inner/default")).not.toBe("");
    const log = (await sshd.log()).slice(before);
    expect(log.match(/Accepted publickey for root/g)).toHaveLength(2);
  });

  test("with a password that is asked for by the user's SSH_ASKPASS", async () => {
    await using other = await startSshd({ beside: daemon, methods: ["password"] });
    const ask = join(directory, "ask");
    await writeFile(ask, `#!/bin/sh\necho '${password}'\n`, { mode: 0o755 });
    vi.stubEnv("SSH_ASKPASS", ask);
    vi.stubEnv("SSH_ASKPASS_REQUIRE", "force");
    expect(await hostname(other.uri("test", { query: { command: await other.client() } }))).not.toBe("");
  });
});

async function startAgent(socket: string): Promise<string> {
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void agent.kill());
  await once(agent.stdout, "data");
  return socket;
}

describe.each(["native", "netcat"])("a connection by proxy=%s", (proxy) => {
  test("carries large replies and streams, unchanged, and leaves nothing behind", async () => {
    const pool = `pool-${proxy}`;
    await mkdir(join(daemon.directory, `lib/${pool}`));
    const conn = await connect(sshd.uri("qemu", { query: { command: ssh, proxy } }));
    expect(conn.peer).toBe(`ssh:root@127.0.0.1:${sshd.port}`);
    expect(await conn.isSecure()).toBe(true);
    expect(await sshProcesses()).toHaveLength(1);

    const description = "x".repeat(1_000_000);
    const xml = testDomainXML({ name: proxy }).replace(
      "<os>",
      `<description>${description}</description><os>`,
    );
    await using driver = await connect(uriOf({ proxy }));
    const domain = await driver.domainDefineXML(xml);
    expect(await domain.getXMLDesc()).toContain(description);

    const storage = await conn.storagePoolCreateXML(
      `<pool type="dir"><name>${pool}</name><target><path>/var/lib/libvirt/${pool}</path></target></pool>`,
    );
    const vol = await storage.storageVolCreateXML(
      "<volume><name>vol</name><capacity>2097152</capacity><target><format type='raw'/></target></volume>",
    );
    const bytes = randomBytes(2_097_152);
    await pipeline(Readable.from([bytes]), await vol.upload());
    const back = Buffer.concat(await (await vol.download()).toArray());
    expect(back.equals(bytes)).toBe(true);

    await driver.close();
    await conn.close();
    await noneRunning();
  });

  test("that breaks says so, and closes", async () => {
    const conn = await connect(uriOf({ proxy }));
    const [pid = 0] = await sshProcesses();
    process.kill(pid, "SIGKILL");
    const { reason, error } = await conn.closed;
    expect(reason).toBe("error");
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error?.message).toContain(`connection to ssh:root@127.0.0.1:${sshd.port} broke`);
    await expect(conn.getHostname()).rejects.toBe(error);
  });
});

describe("what goes wrong says what to do, and leaves nothing open", () => {
  const known = () => `UserKnownHostsFile ${sshd.knownHosts}`;

  test("a host key that is not known, and no_verify", async () => {
    const lines = [`IdentityFile ${sshd.keyfile}`, `UserKnownHostsFile ${directory}/none`];
    const uri = uriOf({ command: await sshd.client(lines) });
    expect(await refusal(uri, AuthenticationError)).toMatch(/not known here.*Host key verification failed/);
    expect(await hostname(`${uri}&no_verify=1`)).not.toBe("");
  });

  test("another host key than before", async () => {
    const other = await sshd.createKey("another");
    const [type, key] = (await readFile(`${other}.pub`, "utf8")).split(" ");
    const file = join(directory, "changed");
    await writeFile(file, `[127.0.0.1]:${sshd.port} ${type} ${key}\n`);
    const uri = uriOf({
      command: await sshd.client([`IdentityFile ${sshd.keyfile}`, `UserKnownHostsFile ${file}`]),
    });
    const message = await refusal(uri, AuthenticationError);
    expect(message).toMatch(/another server than you think.*ssh-keygen -R '\[127\.0\.0\.1\]:\d+'/);
  });

  test("a key that is refused, one that is not there, and the right one", async () => {
    const stranger = await sshd.createKey("stranger");
    const command = await sshd.client(["IdentitiesOnly yes", "IdentityAgent none", known()]);
    const why = /does not let root in.*keyfile=.*Permission denied \(publickey\)/;
    expect(await refusal(uriOf({ command, keyfile: stranger }), AuthenticationError)).toMatch(why);
    const absent = await refusal(uriOf({ command, keyfile: "/nowhere/key" }), AuthenticationError);
    expect(absent).toMatch(/Identity file \/nowhere\/key not accessible/);
    expect(await hostname(uriOf({ command, keyfile: sshd.keyfile }))).not.toBe("");
  });

  test("neither virt-ssh-helper nor nc on the far side", async () => {
    await lacking("virt-ssh-helper", "nc");
    const message = await refusal(uriOf(), ConnectionError);
    expect(message).toMatch(/neither virt-ssh-helper nor nc.*netcat-openbsd.*nc: not found/);
  });

  test("a socket that is not there", async () => {
    const missing = await refusal(uriOf({ socket: "/nowhere/sock" }), ConnectionError);
    expect(missing).toMatch(/no daemon listens on the far side.*Check socket=.*\/nowhere\/sock/);
  });

  test.each(["native", "netcat"])("by proxy=%s: a socket that is closed to the user", async (proxy) => {
    const closed = await refusal(uriOf({ proxy }, { user: "visitor" }), ConnectionError);
    expect(closed).toMatch(/visitor may not use the daemon's socket.*Permission denied/);
  });

  test("a port where nothing listens, and a name that nobody has", async () => {
    const refused = await refusal(`test+ssh://127.0.0.1:${await freePort()}/default`, ConnectionError);
    expect(refused).toMatch(/nothing listens there.*Connection refused/);
    const nameless = await refusal("test+ssh://no-such-host.invalid/default", ConnectionError);
    expect(nameless).toMatch(/no such host.*Could not resolve hostname/);
  });

  test("something that is no SSH server", async () => {
    const listener = await listen({ host: "127.0.0.1", port: 0 });
    for (let client = 0; client < 2; client++) {
      void listener.accept().then((socket) => socket.end("HTTP/1.0 400 Bad Request\r\n\r\n"));
    }
    const { port } = listener;
    expect(await refusal(`test+ssh://127.0.0.1:${port}/default`, ConnectionError)).toMatch(/no SSH server/);
  });

  test("a host that looks like an option", async () => {
    const file = join(directory, "pwned");
    for (const host of [`-oProxyCommand=touch%20${file}`, `-oPermitLocalCommand=yes`, "-V"]) {
      const message = await refusal(`test+ssh://${host.replaceAll("/", "%2F")}/default`, ConnectionError);
      expect(message).toMatch(/no host has a name like "-/);
    }
    await expect(readFile(file)).rejects.toThrow("ENOENT");
  });

  test("a host that never answers: the deadline, or an abort", async () => {
    const { port } = await listen({ host: "127.0.0.1", port: 0 });
    const uri = `test+ssh://127.0.0.1:${port}/default`;
    await expect(connect(uri, { timeoutMs: 500 })).rejects.toBeInstanceOf(TimeoutError);
    await noneRunning();
    const controller = new AbortController();
    const connecting = connect(uri, { signal: controller.signal });
    while ((await sshProcesses()).length === 0) await sleep(5);
    controller.abort(new Error("changed my mind"));
    await expect(connecting).rejects.toThrow("changed my mind");
  });

  test("a far side that says hello before it does what it is asked to", async () => {
    await using chatty = await startSshd({ beside: daemon, conf: ["ForceCommand echo Welcome"] });
    const connecting = connect(chatty.uri("test", { query: { command: await chatty.client() } }));
    await expect(connecting).rejects.toThrow(ProtocolError);
    await expect(connecting).rejects.toThrow(/began with the text "Welc"/);
  });

  test("a jump host that never answers", async () => {
    const { port, accept } = await listen({ host: "127.0.0.1", port: 0 });
    const command = await sshd.client([
      `Host jump\nHostName 127.0.0.1\nPort ${port}`,
      "Host inner\nProxyJump jump",
    ]);
    const connecting = connect(`test+ssh://inner/default?command=${command}`, { timeoutMs: 1000 });
    connecting.catch(() => {});
    const onTheWay = await accept();
    await expect(connecting).rejects.toBeInstanceOf(TimeoutError);
    onTheWay.resume();
    await once(onTheWay, "end");
  });

  test("a daemon that has gone, and its socket, too", async () => {
    await daemon.kill();
    onTestFinished(() => daemon.start());
    for (const proxy of ["native", "netcat"]) {
      const message = await refusal(uriOf({ proxy }), ConnectionError);
      expect(message).toMatch(/nothing listens on it any more.*Connection refused/);
    }
    await rm(daemon.socketPath);
    for (const proxy of ["native", "netcat"]) {
      const message = await refusal(uriOf({ proxy }), ConnectionError);
      expect(message).toMatch(/no daemon listens on the far side.*Start libvirtd.*No such file or directory/);
    }
  });
});

/** A program in ssh's place that notes its arguments, and which variables it has. */
async function recorder(): Promise<{ path: string; recorded(): Promise<[string[], string[]]> }> {
  const path = join(directory, "recorder");
  const script = `printf '%s\\0' "$@" >${path}.args; env -0 >${path}.env; exit 1`;
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const read = async (kind: string) => {
    const items = (await readFile(`${path}.${kind}`, "utf8")).split("\0").slice(0, -1);
    await rm(`${path}.${kind}`);
    return items;
  };
  const variables = async () => (await read("env")).map((variable) => variable.replace(/=.*/s, ""));
  return { path, recorded: async () => [await read("args"), await variables()] };
}

const environment = {
  ...{ PATH: process.env["PATH"], HOME: "/home/me", USER: "me", LOGNAME: "me", TMPDIR: "/tmp" },
  ...{ XDG_RUNTIME_DIR: "/run/user/1000", KRB5CCNAME: "cc", SSH_AUTH_SOCK: "/agent", SSH_ASKPASS: "ask" },
  ...{ SSH_ASKPASS_REQUIRE: "never", OPENSSL_CONF: "conf", DISPLAY: ":1", XAUTHORITY: "/x", TERM: "vt100" },
  ...{ GPG_TTY: "/dev/tty1", SECRET: "s", LANG: "de_DE.UTF-8", SSH_CONNECTION: "c" },
};

describe("ssh gets from us what it gets from virsh", () => {
  test.each([
    [0, "qemu+ssh://somehost/system"],
    [0, "qemu+ssh:///system"],
    [0, "qemu+ssh://fred@somehost:9000/system?no_tty=1&netcat=netcat"],
    [0, "qemu+ssh://fred@[::1]:9000/system?no_verify=1&netcat=n%20c"],
    [0, "qemu+ssh://example.com/system?keyfile=/root/.ssh/example%20key&netcat=n'c"],
    [0, "qemu+ssh://somehost/system?netcat=n%22c&proxy=auto"],
    [0, "qemu+ssh://somehost/system?netcat=%24(reboot)%60x%60%5C%0A"],
    [0, "qemu+ssh://somehost/system?proxy=native"],
    [0, "qemu+ssh://somehost/session"],
    [1000, "qemu+ssh://somehost/session"],
    [1000, "qemu+ssh://somehost/session?proxy=netcat"],
    [1000, "qemu+ssh://somehost/system"],
    [1000, "test+ssh://somehost/default"],
    [0, "test+ssh://somehost/default?proxy=netcat"],
    [0, "lxc+ssh://somehost/?foo=b%20a%27r&proxy=auto&x"],
    [0, "qemu+ssh://somehost/system?socket=/tmp/socket"],
    [0, "qemu+ssh://somehost/?name=qemu:///system%20%27%24x"],
    [0, "remote+ssh://somehost/"],
    [0, "qemu+ssh://-oProxyCommand=x/system"],
  ])("as user %i for %s", async (uid, text) => {
    const { path, recorded } = await recorder();
    const uri = `${text}${text.includes("?") ? "&" : "?"}command=${path}`;
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    for (const readonly of [true, false]) {
      const asUser = uid === 0 ? [] : ["unshare", "--user", `--map-user=${uid}`];
      const [command = "", ...args] = [...asUser, "virsh", ...(readonly ? ["-r"] : []), "-c", uri, "uri"];
      await expect(run(command, args, { env: { ...environment, HOME: directory } })).rejects.toThrow();
      const [theirs, theirVariables] = await recorded();

      const host = fakeHost({ uid, env: environment });
      await Recorder.on(await connectSsh(parseUri(uri), readonly, host)).untilClosed();
      const [ours, ourVariables] = await recorded();
      expect(ours).toEqual(theirs);
      // Older versions of libvirt don't leave these out.
      const ofTerminal = text.includes("no_tty") ? ["GPG_TTY", "TERM"] : [];
      const expected = theirVariables.filter((name) => !ofTerminal.includes(name));
      expect(ourVariables).toEqual(expect.arrayContaining(expected));
      expect(ourVariables).not.toContain("SECRET");
    }
  });
});
