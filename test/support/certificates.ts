import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A certificate with its key, as files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** The subject, as `openssl` writes it: `/O=virtwire/CN=client`. */
  readonly subject: string;
  readonly usage?: "serverAuth" | "clientAuth";
  /** Names and addresses: `DNS:localhost,IP:127.0.0.1`. */
  readonly subjectAltName?: string;
  /** Dates as `YYYYMMDD000000Z`; from yesterday until next year if left out. */
  readonly from?: string;
  readonly to?: string;
}

/** A date as openssl wants it, so many days from now. */
export function inDays(days: number): string {
  const date = new Date(Date.now() + days * 86_400_000);
  return `${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
}

// RSA, because libvirt 9 insists on the key usage keyEncipherment, and 2048 bits to be quick.
const keyOptions = ["-newkey", "rsa:2048", "-nodes"];

const configuration = `[ca]
default_ca = this
[this]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = new
certificate = ca.pem
private_key = ca-key.pem
default_md = sha256
unique_subject = no
policy = anything
copy_extensions = copy
default_crl_days = 365
[anything]
countryName = optional
organizationName = optional
commonName = optional
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[serverAuth]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
[clientAuth]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = clientAuth
`;

/** A certificate authority with a folder of its own, made with the openssl program. It goes with its disposal. */
export class Authority implements AsyncDisposable, Issued {
  readonly directory: string;
  readonly cert: string;
  readonly key: string;
  #issued = 0;

  private constructor(directory: string) {
    this.directory = directory;
    this.cert = join(directory, "ca.pem");
    this.key = join(directory, "ca-key.pem");
  }

  static async create(name: string, dates: Pick<CertificateRequest, "from" | "to"> = {}): Promise<Authority> {
    const directory = await mkdtemp(join(tmpdir(), "virtwire-ca-"));
    const authority = new Authority(directory);
    await mkdir(join(directory, "new"));
    await writeFile(join(directory, "index.txt"), "");
    await writeFile(join(directory, "serial"), "1000\n");
    await writeFile(join(directory, "crlnumber"), "01\n");
    await writeFile(join(directory, "ca.cnf"), configuration);
    await authority.#openssl("req", [
      ...["-new", ...keyOptions, "-keyout", "ca-key.pem", "-out", "ca.csr", "-subj", `/CN=${name}`],
    ]);
    await authority.#sign("ca.csr", "ca.pem", "authority", dates, ["-selfsign", "-keyfile", "ca-key.pem"]);
    return authority;
  }

  /** Issues a certificate; its files are called after the name. */
  async issue(request: CertificateRequest): Promise<Issued> {
    const name = `issued-${++this.#issued}`;
    const { subject, usage = "clientAuth", subjectAltName } = request;
    await this.#openssl("req", [
      ...["-new", ...keyOptions, "-keyout", `${name}-key.pem`, "-out", `${name}.csr`, "-subj", subject],
      ...(subjectAltName === undefined ? [] : ["-addext", `subjectAltName=${subjectAltName}`]),
    ]);
    await this.#sign(`${name}.csr`, `${name}.pem`, usage, request);
    return { cert: join(this.directory, `${name}.pem`), key: join(this.directory, `${name}-key.pem`) };
  }

  /** Issues a certificate for another authority, which takes it as its own. */
  async certify(other: Authority): Promise<void> {
    const request = join(other.directory, "ca.csr");
    await this.#sign(request, other.cert, "authority", {});
  }

  async revoke({ cert }: Issued): Promise<void> {
    await this.#openssl("ca", ["-config", "ca.cnf", "-revoke", cert]);
  }

  /** Writes the list of what has been revoked so far, and returns the file. */
  async revocationList({ from = inDays(-1), to = inDays(365) } = {}): Promise<string> {
    const file = join(this.directory, `crl-${++this.#issued}.pem`);
    const dates = ["-crl_lastupdate", from, "-crl_nextupdate", to];
    await this.#openssl("ca", ["-config", "ca.cnf", "-gencrl", ...dates, "-out", file]);
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  async #sign(
    request: string,
    out: string,
    extensions: string,
    { from = inDays(-1), to = inDays(365) }: Pick<CertificateRequest, "from" | "to">,
    more: readonly string[] = [],
  ): Promise<void> {
    await this.#openssl("ca", [
      ...["-config", "ca.cnf", "-batch", "-notext", "-extensions", extensions, ...more],
      ...["-startdate", from, "-enddate", to, "-in", request, "-out", out],
    ]);
  }

  #openssl(command: string, args: readonly string[]) {
    return run("openssl", [command, ...args], { cwd: this.directory });
  }
}
