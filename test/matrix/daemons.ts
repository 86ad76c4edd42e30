import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Authority, type Issued } from "../support/certificates.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { SaslAccounts } from "../support/sasl.js";
import { startSshd } from "../support/sshd.js";
import type { Scene } from "./program/check.js";

const run = promisify(execFile);

/** The libvirt of a release of Debian. */
export interface Release {
  /** As `--daemon` names it. */
  readonly name: string;
  readonly debian: string;
  /** Made from the release's source, because Debian has libvirtd alone. */
  readonly modular?: true;
}

export const releases: readonly Release[] = [
  { name: "bullseye", debian: "bullseye" },
  { name: "bookworm", debian: "bookworm" },
  { name: "trixie", debian: "trixie" },
  { name: "trixie-modular", debian: "trixie", modular: true },
  { name: "sid", debian: "sid" },
];

/** A release that is there to be run. */
export interface Installation extends Release {
  /** Of libvirt: `9.0`. */
  readonly version: string;
  /** Where it is, if it is not this machine's own. */
  readonly tree: string | undefined;
}

const common =
  "libvirt-daemon libvirt-daemon-driver-qemu qemu-system-x86 qemu-utils libsasl2-modules nftables";
// Since 9.2 Debian has a package for each driver.
const drivers = ["network", "nwfilter", "nodedev", "interface", "secret", "storage"].map(
  (driver) => `libvirt-daemon-driver-${driver}`,
);
const packages = (debian: string) => [
  ...common.split(" "),
  // It has SCRAM too in there.
  ...(debian === "bullseye" ? ["libsasl2-modules-gssapi-mit"] : []),
  ...(["bullseye", "bookworm"].includes(debian)
    ? []
    : ["libvirt-common", "libvirt-daemon-common", ...drivers]),
];

/** Fetches a release, unless it is there or is this machine's own. */
export async function fetched(release: Release, cache: string, limitMs: number): Promise<Installation> {
  const { debian, modular } = release;
  if (!modular && (await codename()) === debian)
    return { ...release, tree: undefined, version: await version([]) };
  const tree = join(cache, release.name);
  if (!existsSync(tree)) {
    await mkdir(cache, { recursive: true });
    const script = modular ? "build-modular.sh" : "unpack.sh";
    await finished([here(script), debian, tree, ...packages(debian)], limitMs);
  }
  return { ...release, tree, version: await version(["chroot", tree]) };
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

async function finished(command: readonly string[], limitMs: number): Promise<void> {
  const child = spawn("bash", command, { stdio: ["ignore", "inherit", "inherit"], detached: true });
  // With all that it has started, of which some would go on.
  const timer = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), limitMs);
  const [status, signal] = await once(child, "exit");
  clearTimeout(timer);
  if (signal === "SIGKILL") throw new Error(`it took longer than ${limitMs / 1000} seconds`);
  if (status !== 0) throw new Error(`${command[0]} ended with status ${status}`);
}

async function codename(): Promise<string> {
  return (await run("sh", ["-c", ". /etc/os-release && echo $VERSION_CODENAME"])).stdout.trim();
}

async function version(within: readonly string[]): Promise<string> {
  const [program = "", ...args] = [...within, "/usr/sbin/libvirtd", "--version"];
  const { stdout } = await run(program, args);
  return /(\d+\.\d+)\.\d+/.exec(stdout)![1]!;
}

/** What a scene has that depends on nothing but the daemons. */
export type Daemons = Omit<Scene, "runtime" | "directory">;

const account = { username: "somebody", password: "open, sesame" };

/** Has a release's daemons run meanwhile: ones that let anybody in, ones where SASL asks who it is, and an sshd. */
export async function withDaemons(
  { tree, version, modular }: Installation,
  act: (daemons: Daemons) => Promise<void>,
): Promise<void> {
  await using authority = await Authority.create("virtwire matrix CA");
  await using other = await Authority.create("another CA");
  const names = "DNS:localhost,IP:127.0.0.1";
  const server = await authority.issue({
    subject: "/CN=localhost",
    usage: "serverAuth",
    subjectAltName: names,
  });
  const client = await authority.issue({ subject: "/O=virtwire/CN=matrix" });
  await using accounts = await SaslAccounts.create("SCRAM-SHA-256 PLAIN DIGEST-MD5");
  await accounts.add(account.username, account.password);

  const how = { ...(tree !== undefined && { tree }), ...(modular && { program: "/usr/sbin/all-daemons" }) };
  const tls = { ca: authority.cert, ...server };
  await using open = await startLibvirtd({ ...how, tcp: true, tls });
  const { settings: conf, env } = accounts;
  await using guarded = await startLibvirtd({ ...how, tcp: true, conf, env });
  await using sshd = await startSshd();

  const socket = (of: Libvirtd, which: string) =>
    join(of.directory, "run", `${modular ? "virtqemud" : "libvirt"}-${which}`);
  const unix = (path: string) => `qemu+unix:///system?socket=${path}`;
  const pipe = join(authority.directory, "pipe");
  await writeFile(pipe, `#!/bin/sh\nexec nc.openbsd -U ${socket(open, "sock")}\n`, { mode: 0o755 });
  const far = { proxy: "netcat", socket: socket(open, "sock") };
  const ssh = { ...far, command: await sshd.client() };
  const libssh2 = { ...far, keyfile: sshd.keyfile, known_hosts: sshd.knownHosts, sshauth: "privkey" };
  const uris = {
    unix: unix(socket(open, "sock")),
    readonly: unix(socket(open, "sock-ro")),
    tcp: open.uri("qemu", { transport: "tcp" }),
    tls: open.uri("qemu", { transport: "tls" }),
    ssh: sshd.uri("qemu", { query: ssh }),
    libssh2: sshd.uri("qemu", { transport: "libssh2", query: libssh2 }),
    ext: `qemu+ext:///system?command=${pipe}`,
    saslUnix: unix(guarded.socketPath),
    saslTcp: guarded.uri("qemu", { transport: "tcp" }),
    admin: `${modular ? "virtqemud" : "libvirtd"}:///system?socket=${socket(open, "admin-sock")}`,
    test: modular ? null : open.uri("test"),
  };
  const pki = await clientFolder(authority, client);
  const otherPki = await clientFolder(other, client);
  await act({ libvirt: version, uris, socket: socket(open, "sock"), pki, otherPki, account });
}

/** A folder as `pkipath=` takes it, for who trusts this authority. */
async function clientFolder({ directory, cert }: Authority, client: Issued): Promise<string> {
  const folder = join(directory, "pki");
  await mkdir(folder);
  await copyFile(cert, join(folder, "cacert.pem"));
  await copyFile(client.cert, join(folder, "clientcert.pem"));
  await copyFile(client.key, join(folder, "clientkey.pem"));
  return folder;
}
