import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Libvirtd, Settings } from "./libvirtd.js";

const run = promisify(execFile);

/** Who may log in, and what the daemon's Cyrus SASL offers. Give daemons `env` and `settings`. */
export class SaslAccounts implements AsyncDisposable {
  readonly directory: string;
  /** Points a daemon at this. */
  readonly env: Readonly<Record<string, string>>;
  /** What libvirtd.conf needs: authentication by SASL everywhere, and a log that says how it went. */
  readonly settings: Settings = {
    ...{ auth_unix_rw: "sasl", auth_tcp: "sasl", auth_tls: "sasl" },
    log_filters: "1:rpc.netsaslcontext 1:daemon.remote",
    log_outputs: "1:stderr",
  };
  readonly #database: string;

  /** @param keytab - The key of the daemon's Kerberos service, for GSSAPI. */
  static async create(mechanisms: string, keytab?: string): Promise<SaslAccounts> {
    const accounts = new SaslAccounts(await mkdtemp(join(tmpdir(), "virtwire-sasl-")));
    const text = `mech_list: ${mechanisms}\nsasldb_path: ${accounts.#database}\n`;
    const key = keytab === undefined ? "" : `keytab: ${keytab}\n`;
    await writeFile(join(accounts.directory, "libvirt.conf"), `${text}${key}`);
    return accounts;
  }

  private constructor(directory: string) {
    this.directory = directory;
    this.#database = join(directory, "passwords.db");
    this.env = { SASL_CONF_PATH: directory };
  }

  async add(name: string, password: string, realm?: string): Promise<void> {
    const args = ["-p", "-a", "libvirt", "-c", "-f", this.#database, ...(realm ? ["-u", realm] : []), name];
    const program = spawn("saslpasswd2", args, { stdio: ["pipe", "ignore", "inherit"] });
    program.stdin.end(password);
    const [status] = await once(program, "exit");
    if (status !== 0) throw new Error(`saslpasswd2 ended with status ${status}`);
  }

  /** Writes an auth.conf with these lines for every host, and returns its path. */
  async authConf(name: string, lines: Readonly<Record<string, string>>): Promise<string> {
    const path = join(this.directory, name);
    const text = Object.entries(lines).map(([key, value]) => `${key}=${value}\n`);
    await writeFile(path, `[credentials-test]\n${text.join("")}\n[auth-libvirt-default]\ncredentials=test\n`);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

/** How a daemon sees a login, by its log. */
export interface SeenLogin {
  readonly mechanism: string | undefined;
  readonly identity: string | undefined;
  /** The strength of the layer, in bits; undefined without one. */
  readonly ssf: string | undefined;
}

/** What a daemon sees while something is done. */
export async function seen<T>(daemon: Libvirtd, act: () => Promise<T>): Promise<[SeenLogin, T]> {
  const before = (await daemon.log()).length;
  const result = await act();
  const log = (await daemon.log()).slice(before);
  const find = (pattern: RegExp) => pattern.exec(log)?.[1];
  const login = {
    mechanism: find(/mechanism ([A-Z0-9-]+)/),
    identity: find(/identity=(\S+)/),
    ssf: find(/negotiated an SSF of (\d+)/),
  };
  return [login, result];
}

/** What virsh makes of a URI: nothing, or its error. */
export async function virsh(
  uri: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const { PATH = "" } = process.env;
  try {
    const virsh = run("virsh", ["--connect", uri, "hostname"], {
      env: { PATH, LC_ALL: "C", HOME: "/proc/nonexistent", ...env },
    });
    virsh.child.stdin?.end();
    await virsh;
    return undefined;
  } catch (error) {
    const { signal, stderr } = error as { readonly signal: string | null; readonly stderr: string };
    // It may write to an ssh that has ended already, and dies of that without a word.
    return signal === "SIGPIPE" ? virsh(uri, env) : stderr;
  }
}
