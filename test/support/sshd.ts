import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort, type Libvirtd } from "./libvirtd.js";

const run = promisify(execFile);

const STARTUP_MS = 10_000;
const POLL_MS = 20;

/** What the command that the client sends finds on the far side, and nothing else. */
const farPrograms = ["sh", "which", "grep", "nc", "virt-ssh-helper"] as const;
export type FarProgram = (typeof farPrograms)[number];

export type SshMethod = "publickey" | "password" | "keyboard-interactive";

export interface SshdOptions {
  /** The daemon whose sockets are, on the far side, the system's own. */
  readonly beside?: Libvirtd;
  /** The programs that the far side lacks. */
  readonly without?: readonly FarProgram[];
  /** Environment variables of the far side. */
  readonly env?: Readonly<Record<string, string>>;
  /** The ways to log in; by key alone if left out. */
  readonly methods?: readonly SshMethod[];
  /** More lines for sshd_config. */
  readonly conf?: readonly string[];
}

export interface SshUriOptions {
  readonly transport?: "ssh" | "libssh" | "libssh2";
  /** One of {@link users}. */
  readonly user?: string;
  readonly host?: string;
  readonly path?: string;
  /** The URI's parameters. */
  readonly query?: Readonly<Record<string, string>>;
}

/** Who may log in: root, and one who may do nothing. They have the same keys and {@link password}. */
export const users = ["root", "visitor"] as const;
export const password = "open, sesame";

/** Starts an sshd on a free port of 127.0.0.1, with keys, users and configuration of its own. Takes root. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-sshd-"));
  const port = await freePort();
  let keeper: ChildProcess | undefined;
  try {
    await populate(directory, port, options);
    keeper = start(directory, options.beside);
    const sshd = new Sshd(directory, port, keeper);
    await sshd.untilReady();
    await sshd.authorize(await sshd.createKey("id"));
    return sshd;
  } catch (error) {
    keeper?.kill("SIGKILL");
    await rm(directory, { recursive: true });
    throw error;
  }
}

/** A running private sshd. */
export class Sshd implements AsyncDisposable {
  readonly directory: string;
  readonly port: number;
  /** A private key (ed25519) that is welcome here. */
  readonly keyfile: string;
  /** A known_hosts file with this server in it. */
  readonly knownHosts: string;
  readonly #keeper: ChildProcess;
  readonly #gone: Promise<unknown>;
  #clients = 0;

  /** Use {@link startSshd}. */
  constructor(directory: string, port: number, keeper: ChildProcess) {
    this.directory = directory;
    this.port = port;
    this.keyfile = join(directory, "id");
    this.knownHosts = join(directory, "known_hosts");
    this.#keeper = keeper;
    this.#gone = once(keeper, "exit");
    keeper.stdin?.on("error", () => {});
  }

  /** A URI that leads here: `uri("test")`, `uri("qemu", { query: { proxy: "netcat" } })`. */
  uri(driver: string, options: SshUriOptions = {}): string {
    const { transport = "ssh", user = "root", host = "127.0.0.1", query = {} } = options;
    const { path = driver === "test" ? "/default" : "/system" } = options;
    const parameters = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const question = parameters.length > 0 ? `?${parameters.join("&")}` : "";
    return `${driver}+${transport}://${user}@${host}:${this.port}${path}${question}`;
  }

  /**
   * A program to name by `command=`: ssh with a configuration of its own, and nothing of the user's. Without lines for
   * that it knows this server and has the key.
   */
  async client(lines?: readonly string[]): Promise<string> {
    const program = join(this.directory, `ssh-${this.#clients++}`);
    const usual = [
      "IdentitiesOnly yes",
      `IdentityFile ${this.keyfile}`,
      `UserKnownHostsFile ${this.knownHosts}`,
    ];
    await writeFile(`${program}.conf`, (lines ?? usual).map((line) => `${line}\n`).join(""));
    await writeFile(program, `#!/bin/sh\nexec ssh -F ${program}.conf "$@"\n`, { mode: 0o755 });
    return program;
  }

  /** Creates a key pair that nobody knows yet, and returns the private key's path. */
  async createKey(name: string, { type = "ed25519", passphrase = "" } = {}): Promise<string> {
    const path = join(this.directory, name);
    await run("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", name, "-f", path]);
    return path;
  }

  /** Lets whoever has this key in. */
  async authorize(keyfile: string): Promise<void> {
    await appendFile(join(this.directory, "authorized_keys"), await readFile(`${keyfile}.pub`));
  }

  /** Has the far side find all the programs that it may need except for some. */
  provideAllBut(absent: readonly FarProgram[]): Promise<void> {
    return provideAllBut(this.directory, absent);
  }

  /** The public key of this server, as it stands in a known_hosts file behind the host's name: type and key. */
  async hostKey(): Promise<string> {
    const [type, key] = (await readFile(join(this.directory, "host_key.pub"), "utf8")).split(" ");
    return `${type} ${key}`;
  }

  /** The commands that came, each exactly as the client sent it. */
  async commands(): Promise<string[]> {
    return (await readFile(join(this.directory, "commands"), "utf8")).split("\0").slice(0, -1);
  }

  /** Everything that sshd has logged. */
  async log(): Promise<string> {
    return readFile(join(this.directory, "sshd.log"), "utf8");
  }

  async untilReady(): Promise<void> {
    const deadline = Date.now() + STARTUP_MS;
    while (!(await greets(this.port))) {
      if (Date.now() > deadline) throw new Error(`sshd did not start\n${await this.log()}`);
      await sleep(POLL_MS);
    }
  }

  /** Ends it, its sessions and what runs in them, and removes all that it kept. */
  async stop(): Promise<void> {
    this.#keeper.stdin?.end();
    await this.#gone;
    await rm(this.directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

async function populate(directory: string, port: number, options: SshdOptions): Promise<void> {
  const file = (name: string, text: string, mode = 0o644) => writeFile(join(directory, name), text, { mode });
  await chmod(directory, 0o755); // the visitor's way to the keys
  await mkdir(join(directory, "system"));
  await provideAllBut(directory, options.without ?? []);

  const { stdout: hash } = await run("openssl", ["passwd", "-6", password]);
  await file("system/passwd", `${accounts}sshd:x:4243:4243::/run/sshd:/usr/sbin/nologin\n`);
  await file("system/group", "root:x:0:\nvisitor:x:4242:\nsshd:x:4243:\n");
  await file("system/shadow", users.map((user) => `${user}:${hash.trim()}:1::::::\n`).join(""), 0o600);
  await file("system/sshd", pam);

  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, "host_key")]);
  const [type, key] = (await readFile(join(directory, "host_key.pub"), "utf8")).split(" ");
  const names = ["127.0.0.1", "localhost"].map((name) => `[${name}]:${port}`);
  await file("known_hosts", names.map((name) => `${name} ${type} ${key}\n`).join(""));
  await file("authorized_keys", "");
  await file("sshd.log", "");
  await file("commands", "");
  await chmod(join(directory, "commands"), 0o666);
  await file("record", recorder(join(directory, "commands")), 0o755);
  await chmod(join(directory, "record"), 0o755);
  await file("sshd_config", settings(directory, port, options));
}

async function provideAllBut(directory: string, absent: readonly FarProgram[]): Promise<void> {
  const bin = join(directory, "bin");
  await rm(bin, { recursive: true, force: true });
  await mkdir(bin);
  for (const program of farPrograms.filter((name) => !absent.includes(name))) {
    const { stdout } = await run("which", [program]);
    await symlink(stdout.trim(), join(bin, program));
  }
}

const accounts = "root:x:0:0:root:/:/bin/sh\nvisitor:x:4242:4242::/:/bin/sh\n";

const pam =
  "auth required pam_unix.so nodelay\naccount required pam_permit.so\nsession required pam_permit.so\n";

/** Notes the command and runs it, as sshd itself would, by the user's shell. */
function recorder(file: string): string {
  return `#!/bin/sh\nprintf '%s\\0' "$SSH_ORIGINAL_COMMAND" >>${file}\nexec "$SHELL" -c "$SSH_ORIGINAL_COMMAND"\n`;
}

function settings(directory: string, port: number, options: SshdOptions): string {
  const { methods = ["publickey"], env = {}, conf = [] } = options;
  const yes = (method: SshMethod) => (methods.includes(method) ? "yes" : "no");
  const variables = Object.entries({ PATH: join(directory, "bin"), ...env });
  const lines = [
    ...conf, // of what is said twice the first counts
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${directory}/host_key`,
    "PidFile none",
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    "StrictModes no",
    "PermitRootLogin yes",
    `PubkeyAuthentication ${yes("publickey")}`,
    `PasswordAuthentication ${yes("password")}`,
    `KbdInteractiveAuthentication ${yes("keyboard-interactive")}`,
    `UsePAM ${yes("keyboard-interactive")}`, // only PAM has questions to ask
    "PrintMotd no",
    "KexAlgorithms curve25519-sha256", // the least work
    `ForceCommand ${directory}/record`,
    `SetEnv ${variables.map(([name, value]) => `"${name}=${value}"`).join(" ")}`,
    "MaxStartups 100",
    "LogLevel VERBOSE",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Runs sshd.sh, which see. Detached, so that an interrupt from the terminal does not reach it first. */
function start(directory: string, beside: Libvirtd | undefined): ChildProcess {
  const script = fileURLToPath(new URL("sshd.sh", import.meta.url));
  const command = [
    ...(beside ? ["nsenter", `--mount=/proc/${beside.pid}/ns/mnt`] : []),
    ...["unshare", "--mount", "--pid", "--fork", "--propagation", "private", "bash", script, directory],
  ];
  const [program = "", ...args] = command;
  return spawn(program, args, { stdio: ["pipe", "ignore", "inherit"], detached: true });
}

/** Whether an SSH server says hello. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(STARTUP_MS, () => socket.destroy());
  try {
    for await (const chunk of socket) return String(chunk).startsWith("SSH-");
    return false;
  } catch {
    return false;
  }
}
