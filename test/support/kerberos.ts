import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "./libvirtd.js";

const run = promisify(execFile);
const realm = "VIRTWIRE.TEST";

/** A realm of its own on loopback, with a service `libvirt` on localhost and tickets for its users. */
export class KerberosRealm implements AsyncDisposable {
  /** What the daemon has to read. */
  readonly keytab: string;
  /** What programs need that take part, beside a user's tickets. */
  readonly env: Readonly<Record<string, string>>;
  readonly #directory: string;
  #kdc: ChildProcess | undefined;

  /** @param encryption - The encryption type of its keys; by default those that Kerberos prefers. */
  static async create(encryption?: string): Promise<KerberosRealm> {
    const created = new KerberosRealm(await mkdtemp(join(tmpdir(), "virtwire-krb5-")));
    await created.#start(await freePort(), encryption);
    return created;
  }

  private constructor(directory: string) {
    this.#directory = directory;
    this.keytab = join(directory, "libvirt.keytab");
    this.env = {
      KRB5_CONFIG: join(directory, "krb5.conf"),
      KRB5_KDC_PROFILE: join(directory, "kdc.conf"),
    };
  }

  /** Makes a user, and gets a ticket; returns what points programs at that. */
  async ticketFor(user: string): Promise<Readonly<Record<string, string>>> {
    const keytab = join(this.#directory, `${user}.keytab`);
    await this.#administer(`addprinc -randkey ${user}`);
    await this.#administer(`ktadd -k ${keytab} ${user}`);
    const env = {
      KRB5_CONFIG: this.env["KRB5_CONFIG"]!,
      KRB5CCNAME: `FILE:${this.#directory}/${user}.cache`,
    };
    await run("kinit", ["-k", "-t", keytab, user], { env: { ...process.env, ...env } });
    return env;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#kdc?.exitCode === null) {
      this.#kdc.kill();
      await once(this.#kdc, "exit");
    }
    await rm(this.#directory, { recursive: true });
  }

  async #start(port: number, encryption: string | undefined): Promise<void> {
    const file = (name: string) => join(this.#directory, name);
    const address = `127.0.0.1:${port}`;
    const client = ["rdns", "dns_lookup_kdc", "dns_lookup_realm", "dns_canonicalize_hostname"];
    const keys = encryption && {
      client: `permitted_enctypes = ${encryption}\n`,
      server: ` master_key_type = ${encryption}\n supported_enctypes = ${encryption}:normal\n`,
    };
    await writeFile(
      file("krb5.conf"),
      `[libdefaults]\ndefault_realm = ${realm}\nignore_acceptor_hostname = true\n${keys ? keys.client : ""}` +
        `${client.map((name) => `${name} = false\n`).join("")}` +
        `[realms]\n${realm} = {\n kdc = ${address}\n}\n[domain_realm]\nlocalhost = ${realm}\n`,
    );
    await writeFile(
      file("kdc.conf"),
      `[kdcdefaults]\nkdc_listen = ${address}\nkdc_tcp_listen = ${address}\n[realms]\n${realm} = {\n` +
        ` database_name = ${file("principals")}\n key_stash_file = ${file("stash")}\n acl_file = ${file("acl")}\n` +
        `${keys ? keys.server : ""}}\n[logging]\nkdc = FILE:${file("kdc.log")}\n`,
    );
    await run("kdb5_util", ["create", "-s", "-r", realm, "-P", "master"], { env: this.#environment });
    await this.#administer("addprinc -randkey libvirt/localhost");
    await this.#administer(`ktadd -k ${this.keytab} libvirt/localhost`);
    this.#kdc = spawn("krb5kdc", ["-n"], { env: this.#environment, stdio: "ignore" });
    while (!(await listens(port))) {
      if (this.#kdc.exitCode !== null) throw new Error("krb5kdc did not start");
      await sleep(20);
    }
  }

  get #environment() {
    return { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin`, ...this.env };
  }

  async #administer(command: string): Promise<void> {
    await run("kadmin.local", ["-r", realm, "-q", command], { env: this.#environment });
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
