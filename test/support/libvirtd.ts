import { type ChildProcess, spawn } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import {
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The settings of one of libvirt's configuration files. */
export type Settings = Readonly<Record<string, string | number | readonly string[]>>;

export interface LibvirtdOptions {
  /** Also listen on a free TCP port of 127.0.0.1, with no authentication. */
  readonly tcp?: boolean;
  /** Also listen for TLS on a free port of 127.0.0.1, with these files, and no authentication but by certificate. */
  readonly tls?: TlsFiles;
  /** What the daemon has for its root directory, with libvirt and what it needs; this machine's own if left out. */
  readonly tree?: string;
  /** The program, and its arguments, that runs until the daemon ends; libvirtd if left out. */
  readonly program?: string;
  /** A host name of its own: two daemons that migrate to each other must differ in it. */
  readonly hostname?: string;
  /** No network interfaces but loopback, and so none of the host's to change. */
  readonly ownNetwork?: boolean;
  /** The host's UUID; a random one if left out. */
  readonly hostUUID?: string;
  /** More settings for libvirtd.conf. */
  readonly conf?: Settings;
  /** More settings for qemu.conf. */
  readonly qemuConf?: Settings;
  /** Environment variables for the daemon. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The files of a server, by their paths. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly crl?: string;
}

export interface UriOptions {
  readonly transport?: "unix" | "tcp" | "tls";
  /** Through the socket for read-only clients; for the unix transport only. */
  readonly readonly?: boolean;
}

const STARTUP_MS = 30_000;
const POLL_MS = 20;

/**
 * Probing QEMU takes a fresh daemon several seconds. libvirt keeps the result in a cache that it checks against the
 * binaries, the kernel and its own version before each use, so that daemons may safely hand it on.
 */
export const capabilityCache = fileURLToPath(
  new URL("../../node_modules/.cache/virtwire/qemu-capabilities", import.meta.url),
);

/** A tree has a QEMU of its own. */
function cacheFor(tree: string | undefined): string {
  return tree === undefined ? capabilityCache : `${tree}.capabilities`;
}

/** Starts a root libvirtd with sockets, configuration and state of its own, beside whatever else runs here. */
export async function startLibvirtd(options: LibvirtdOptions = {}): Promise<Libvirtd> {
  if (process.getuid?.() !== 0) throw new Error("a private libvirtd can only be started by root");
  const tcpPort = options.tcp ? await freePort() : undefined;
  const tlsPort = options.tls ? await freePort() : undefined;
  const conf = {
    ...libvirtdSettings(options, tcpPort),
    ...(options.tls && tlsSettings(options.tls, tlsPort)),
    ...options.conf,
  };
  const { listen_tcp, listen_tls } = conf;
  // The usual PID file is in /run, which daemons share; this one is within the namespace.
  const pidFile = ["--pid-file", "/run/libvirt/libvirtd.pid"];
  const command = [
    options.program ?? "/usr/sbin/libvirtd",
    ...pidFile,
    ...(listen_tcp || listen_tls ? ["--listen"] : []),
  ];

  const directory = await mkdtemp(join(tmpdir(), "virtwire-libvirtd-"));
  let supervisor: ChildProcess;
  try {
    await populate(directory, conf, { ...qemuSettings, ...options.qemuConf }, cacheFor(options.tree));
    supervisor = await supervise(directory, options, command);
  } catch (error) {
    await rm(directory, { recursive: true });
    throw error;
  }
  const daemon = new Libvirtd(directory, tcpPort, tlsPort, supervisor, cacheFor(options.tree));
  try {
    await daemon.start();
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return daemon;
}

/** A running private daemon. */
export class Libvirtd implements AsyncDisposable {
  readonly directory: string;
  readonly socketPath: string;
  readonly readonlySocketPath: string;
  readonly adminSocketPath: string;
  readonly tcpPort: number | undefined;
  readonly tlsPort: number | undefined;
  readonly #capabilities: string;
  readonly #supervisor: ChildProcess;
  readonly #supervisorGone: Promise<unknown>;
  readonly #pids: AsyncIterator<string>;
  #pid: number | undefined;

  /** Use {@link startLibvirtd}. */
  constructor(
    directory: string,
    tcpPort: number | undefined,
    tlsPort: number | undefined,
    supervisor: ChildProcess,
    capabilities: string,
  ) {
    this.directory = directory;
    this.socketPath = join(directory, "run/libvirt-sock");
    this.readonlySocketPath = join(directory, "run/libvirt-sock-ro");
    this.adminSocketPath = join(directory, "run/libvirt-admin-sock");
    this.tcpPort = tcpPort;
    this.tlsPort = tlsPort;
    this.#capabilities = capabilities;
    this.#supervisor = supervisor;
    this.#supervisorGone = once(supervisor, "exit");
    this.#pids = createInterface({ input: supervisor.stdout! })[Symbol.asyncIterator]();
    supervisor.stdin!.on("error", () => {}); // a supervisor that is gone is noticed by its answer's absence
  }

  /** The daemon's process, while there is one. */
  get pid(): number {
    if (this.#pid === undefined) throw new Error("this libvirtd does not run");
    return this.#pid;
  }

  /** A URI that reaches this daemon: `uri("test")`, `uri("qemu", { transport: "tcp" })`. */
  uri(driver: string, { transport = "unix", readonly = false }: UriOptions = {}): string {
    const path = driver === "test" ? "/default" : "/system";
    if (transport === "tls") return `${driver}+tls://127.0.0.1:${this.tlsPort}${path}`;
    if (transport === "tcp") return `${driver}+tcp://127.0.0.1:${this.tcpPort}${path}`;
    const socket = readonly ? this.readonlySocketPath : this.socketPath;
    return `${driver}+unix://${path}?socket=${encodeURI(socket)}`;
  }

  /** Everything the daemon has logged. */
  async log(): Promise<string> {
    return readFile(join(this.directory, "daemon.log"), "utf8");
  }

  /** Starts a daemon that was killed; resolves when it serves clients. Where that fails it may be tried again. */
  async start(): Promise<void> {
    this.#supervisor.stdin!.write("start\n");
    const answer = await this.#pids.next();
    if (!answer.done) this.#pid = Number(answer.value);
    if (!answer.done && (await this.#answers())) return;
    if (this.#pid !== undefined) await this.#end("SIGKILL");
    throw new Error(`libvirtd did not start\n${await this.log()}`);
  }

  /** Ends the daemon in good order and starts it again; its running guests stay. */
  async restart(): Promise<void> {
    await this.#end("SIGTERM");
    await this.start();
  }

  /** Ends the daemon as a crash would; its running guests stay. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends the daemon and its guests, and removes all that it kept. */
  async stop(): Promise<void> {
    if (existsSync(this.directory)) await saveCapabilities(this.directory, this.#capabilities);
    this.#supervisor.stdin!.end();
    await this.#supervisorGone;
    await rm(this.directory, { recursive: true, force: true }); // there still, if the supervisor could not work
    this.#pid = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Tries until the daemon answers or has died. */
  async #answers(): Promise<boolean> {
    const deadline = Date.now() + STARTUP_MS;
    while (isAlive(this.pid) && Date.now() < deadline) {
      if (await answers(this.socketPath)) return true;
      await sleep(POLL_MS);
    }
    return false;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (isAlive(this.pid)) process.kill(this.pid, signal);
    while (isAlive(this.pid)) await sleep(POLL_MS);
    this.#pid = undefined;
  }
}

function libvirtdSettings(options: LibvirtdOptions, tcpPort: number | undefined): Settings {
  return {
    host_uuid: options.hostUUID ?? randomUUID(),
    auth_unix_ro: "none",
    auth_unix_rw: "none",
    listen_tls: 0,
    log_outputs: "3:stderr",
    ...(tcpPort !== undefined && {
      listen_tcp: 1,
      listen_addr: "127.0.0.1",
      tcp_port: String(tcpPort),
      auth_tcp: "none",
    }),
  };
}

function tlsSettings({ ca, cert, key, crl }: TlsFiles, port: number | undefined): Settings {
  return {
    listen_tls: 1,
    listen_addr: "127.0.0.1",
    tls_port: String(port),
    auth_tls: "none",
    ca_file: ca,
    cert_file: cert,
    key_file: key,
    ...(crl !== undefined && { crl_file: crl }),
  };
}

/** Guests run as root, in the daemon's own namespaces and with no help from other daemons. */
const qemuSettings: Settings = {
  security_driver: "none",
  user: "root",
  group: "root",
  cgroup_controllers: [],
  namespaces: [],
  stdio_handler: "file",
  remember_owner: 0,
};

async function populate(directory: string, conf: Settings, qemuConf: Settings, cache: string): Promise<void> {
  const capabilities = join(directory, "cache/qemu/capabilities");
  for (const folder of ["run", "lib", "log", "etc", "lock"]) await mkdir(join(directory, folder));
  await mkdir(capabilities, { recursive: true });
  if (existsSync(cache)) await cp(cache, capabilities, { recursive: true });
  await writeFile(join(directory, "etc/libvirtd.conf"), settingsText(conf));
  await writeFile(join(directory, "etc/qemu.conf"), settingsText(qemuConf));
}

/** A file appears in the cache whole, because other test processes read it meanwhile. */
async function saveCapabilities(directory: string, cache: string): Promise<void> {
  const source = join(directory, "cache/qemu/capabilities");
  for (const name of await readdir(source)) {
    await mkdir(cache, { recursive: true });
    const staged = `${cache}.${randomUUID()}`;
    await copyFile(join(source, name), staged);
    await rename(staged, join(cache, name));
  }
}

function settingsText(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
    .join("");
}

/** Runs libvirtd.sh, which see. Detached, so that an interrupt from the terminal does not reach the daemon first. */
async function supervise(
  directory: string,
  { hostname = "", ownNetwork = false, tree = "", env }: LibvirtdOptions,
  command: string[],
): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("libvirtd.sh", import.meta.url));
  const { PATH } = process.env;
  await using log = await open(join(directory, "daemon.log"), "a");
  const supervisor = spawn(
    "unshare",
    [
      ...["--mount", "--uts", "--propagation", "private", ...(ownNetwork ? ["--net"] : [])],
      ...["bash", script, directory, hostname, tree, ...command],
    ],
    {
      stdio: ["pipe", "pipe", log.fd],
      detached: true,
      // Without a system bus no firewall, login or machine service of this host hears of the daemon.
      env: { PATH, LC_ALL: "C.UTF-8", DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/nonexistent", ...env },
    },
  );
  await once(supervisor, "spawn");
  return supervisor;
}

/**
 * A TCP port of 127.0.0.1 that nobody has. It is below those that Linux gives to who asks for any, so that it is still
 * free when a daemon that was killed starts again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    const server = createServer();
    try {
      await once(server.listen(port, "127.0.0.1"), "listening");
    } catch {
      continue; // somebody has it
    }
    server.close();
    await once(server, "close");
    return port;
  }
}

/**
 * Whether the daemon answers a call. It listens long before it is ready, or has found out that it cannot be, and
 * only a call that needs no open connection (number 66, which authentication is wanted) shows the difference.
 */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  socket.setTimeout(STARTUP_MS, () => socket.destroy());
  socket.write(
    Buffer.from("0000001c 20008086 00000001 00000042 00000000 00000000 00000000".replaceAll(" ", ""), "hex"),
  );
  try {
    for await (const _ of socket) return true;
    return false;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
