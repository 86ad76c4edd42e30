import { execFile, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { AuthenticationError, ConnectionError } from "../../src/errors.js";
import { connect } from "../../src/index.js";
import { thisHost } from "../../src/transport/host.js";
import { openTransport } from "../../src/transport/open.js";
import type { TlsFacts, TlsTransport } from "../../src/transport/tls.js";
import { parseUri } from "../../src/transport/uri.js";
import { Authority, type Issued, inDays } from "../support/certificates.js";
import { clientsOf } from "../support/clients.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

const run = promisify(execFile);

/** Whether virsh gets through. */
async function virsh(uri: string): Promise<boolean> {
  try {
    await run("virsh", ["--connect", uri, "hostname"]);
    return true;
  } catch {
    return false;
  }
}

/** What keeps virtwire from getting through, if anything does. */
async function failure(uri: string): Promise<unknown> {
  try {
    await using connection = await connect(uri);
    expect(await connection.getHostname()).not.toBe("");
    return undefined;
  } catch (error) {
    return error;
  }
}

let directory: string;
let authority: Authority;
const daemons: Record<string, Libvirtd> = {};
const authorities: Authority[] = [];

async function newAuthority(name: string, dates = {}): Promise<Authority> {
  const created = await Authority.create(name, dates);
  authorities.push(created);
  return created;
}

/** A folder as `pkipath=` names it. */
async function folder(name: string, ca: string, client?: Issued, crl?: string): Promise<void> {
  const path = join(directory, name);
  await mkdir(path);
  await copyFile(ca, join(path, "cacert.pem"));
  if (crl) await copyFile(crl, join(path, "cacrl.pem"));
  if (!client) return;
  await copyFile(client.cert, join(path, "clientcert.pem"));
  await copyFile(client.key, join(path, "clientkey.pem"));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-tls-"));
  authority = await newAuthority("virtwire test CA");
  const other = await newAuthority("another CA");
  const server = (subjectAltName: string | undefined, more = {}) =>
    authority.issue({
      subject: "/O=virtwire/CN=localhost",
      usage: "serverAuth",
      ...(subjectAltName && { subjectAltName }),
      ...more,
    });
  const client = (more = {}, by = authority) => by.issue({ subject: "/O=virtwire/CN=client", ...more });

  const usual = "DNS:localhost,IP:127.0.0.1";
  const good = await server(usual);
  const revokedServer = await server(usual);
  const goodClient = await client();
  const revokedClient = await client({ subject: "/O=virtwire/CN=revoked" });
  await authority.revoke(revokedServer);
  await authority.revoke(revokedClient);
  const crl = await authority.revocationList();
  const staleCrl = await authority.revocationList({ from: inDays(-30), to: inDays(-10) });
  const past = { from: inDays(-30), to: inDays(-10) };
  const future = { from: inDays(10), to: inDays(30) };

  const start = async (name: string, files: Issued, conf = {}, more: { crl?: string } = {}) => {
    daemons[name] = await startLibvirtd({
      tcp: name === "good",
      tls: { ca: authority.cert, ...files, ...more },
      conf: { tls_no_sanity_certificate: 1, ...conf },
    });
  };
  await Promise.all([
    start("good", good, {}, { crl }),
    start("name only", await server("DNS:localhost")),
    start("address only", await server("IP:127.0.0.1")),
    start("common name", await server(undefined)),
    start("address as name", await server("DNS:127.0.0.1")),
  ]);
  await Promise.all([
    start("elsewhere", await server("DNS:elsewhere.example")),
    start("expired", await server(usual, past)),
    start("not yet", await server(usual, future)),
    start(
      "unknown",
      await other.issue({ subject: "/CN=localhost", usage: "serverAuth", subjectAltName: usual }),
    ),
    start("revoked", revokedServer),
  ]);
  await Promise.all([
    start("careless", good, { tls_no_verify_certificate: 1 }),
    start("list", good, { tls_allowed_dn_list: ["*CN=somebody*"] }),
    start("1.2", good, { tls_priority: "NORMAL:-VERS-ALL:+VERS-TLS1.2" }),
    start("no server", await server(usual, { usage: "clientAuth" })),
  ]);

  await folder("client", authority.cert, goodClient);
  await folder("no client", authority.cert);
  await folder("expired client", authority.cert, await client(past));
  await folder("future client", authority.cert, await client(future));
  await folder("foreign client", authority.cert, await client({}, other));
  await folder("revoked client", authority.cert, revokedClient);
  await folder("server as client", authority.cert, good);
  await folder("other CA", other.cert, await client({}, other));
  await folder("expired CA", (await newAuthority("virtwire test CA", past)).cert);
  await folder("no CA certificate", goodClient.cert);
  await folder("with list", authority.cert, goodClient, crl);
  await folder("with stale list", authority.cert, goodClient, staleCrl);
  await folder("with foreign list", authority.cert, goodClient, await other.revocationList());
  await mkdir(join(directory, "empty"));
  await folder("CA as client", authority.cert, { cert: authority.cert, key: authority.key });
  await folder("wrong key", authority.cert, { cert: goodClient.cert, key: revokedClient.key });
  await folder("no key", authority.cert, { cert: goodClient.cert, key: goodClient.cert });
  await folder("no certificate", goodClient.key, goodClient);
});

afterAll(async () => {
  await Promise.all(Object.values(daemons).map((daemon) => daemon.stop()));
  await Promise.all(authorities.map((each) => each[Symbol.asyncDispose]()));
  await rm(directory, { recursive: true, force: true });
});

afterEach(async () => {
  // Whatever became of a connection, nothing of it stays.
  while (process.getActiveResourcesInfo().some((name) => /TCP|TLS/.test(name))) await sleep(10);
});

const unchecked = { query: "no_sanity=1" };

/** A priority string, encoded: no version but this. */
function only(version: string): string {
  return encodeURIComponent(`NORMAL:-VERS-ALL:+VERS-${version}`);
}

/** A URI of the daemon, with the files of the folder. */
function uri(daemon: string, pki: string, { host = "localhost", query = "" } = {}): string {
  const path = encodeURIComponent(join(directory, pki));
  return `test+tls://${host}:${daemons[daemon]?.tlsPort}/default?pkipath=${path}${query && `&${query}`}`;
}

type More = Parameters<typeof uri>[2];

describe("virsh and virtwire both get through", () => {
  test.each<[string, string, string, More?]>([
    ["by a name that the server's certificate has", "good", "client"],
    ["by an address that it has", "good", "client", { host: "127.0.0.1" }],
    ["by the name, if it has only that", "name only", "client"],
    ["by the address, if it has only that", "address only", "client", { host: "127.0.0.1" }],
    ["by the common name, if it has nothing else", "common name", "client"],
    ["without a certificate, if the server does not mind", "careless", "no client"],
    ["with one that is a server's", "good", "server as client"],
    ["to a server that is not on the list of revoked ones", "good", "with list"],
    ["to a server that was not on a list, now stale", "good", "with stale list"],
    ["to a server whose CA has given no list", "good", "with foreign list"],
    ["to a revoked server, if nobody says so", "revoked", "client"],
    ["to a server for another host, unverified", "elsewhere", "client", { query: "no_verify=1" }],
    ["to an expired server, unverified", "expired", "client", { query: "no_verify=1" }],
    ["to a server of an unknown CA, unverified", "unknown", "client", { query: "no_verify=1" }],
    ["to a revoked server, unverified", "revoked", "with list", { query: "no_verify=1" }],
    ["to a server that speaks TLS 1.2 only", "1.2", "client"],
    ["by TLS 1.2 only", "good", "client", { query: `tls_priority=${only("TLS1.2")}` }],
    ["by TLS 1.3 only", "good", "client", { query: `tls_priority=${only("TLS1.3")}` }],
  ])("%s", async (_, daemon, pki, more) => {
    const target = uri(daemon, pki, more);
    expect(await virsh(target)).toBe(true);
    expect(await failure(target)).toBe(undefined);
  });
});

describe("virsh and virtwire both fail, and virtwire says why", () => {
  test.each<[string, string, string, More, RegExp]>([
    [
      "by a name",
      "address only",
      "client",
      {},
      /certificate is for IP Address:127\.0\.0\.1, not for localhost\. C/,
    ],
    [
      "by an address",
      "name only",
      "client",
      { host: "127.0.0.1" },
      /is for DNS:localhost, not for 127\.0\.0\.1/,
    ],
    [
      "by an address that it has as a name",
      "address as name",
      "client",
      { host: "127.0.0.1" },
      /is for DNS:127/,
    ],
    [
      "by an address and a common name",
      "common name",
      "client",
      { host: "127.0.0.1" },
      /is for O=virt.*, CN=local/,
    ],
    [
      "with a server for another host",
      "elsewhere",
      "client",
      {},
      /is for DNS:elsewhere\.example, not for localhost/,
    ],
    [
      "with an expired server",
      "expired",
      "client",
      {},
      /Cannot trust localhost:\d+: .*CN=localhost\) has expired, on/,
    ],
    ["with a server of the future", "not yet", "client", {}, /Cannot trust .* is not valid before .* clock/],
    [
      "with a server of an unknown CA",
      "unknown",
      "client",
      {},
      /not issued by the CA in .*; its issuer is CN=another/,
    ],
    [
      "with the wrong CA",
      "good",
      "other CA",
      {},
      /not issued by the CA in .*other CA\/cacert\.pem; its issuer/,
    ],
    ["with a revoked server", "revoked", "with list", {}, /revoked, as .*with list\/cacrl\.pem says/],
    ["with a server revoked long ago", "revoked", "with stale list", {}, /revoked, as .*stale list\/cacrl/],
    [
      "with an expired CA",
      "good",
      "expired CA",
      {},
      /The CA certificate in .*cacert\.pem .* has expired, on/,
    ],
    [
      "with a CA that is none",
      "good",
      "no CA certificate",
      {},
      /\(O=virtwire, CN=client\) that is not a CA's: put/,
    ],
    [
      "without a certificate",
      "good",
      "no client",
      {},
      /wants a client certificate, and we have none \(tried .*clientcert/,
    ],
    [
      "with an expired one",
      "good",
      "expired client",
      {},
      /^The client certificate in .* has expired, on .*renewed/,
    ],
    [
      "with an expired one, unverified",
      "good",
      "expired client",
      { query: "no_verify=1" },
      /^The client.*has expired/,
    ],
    [
      "with an expired one, unchecked",
      "good",
      "expired client",
      unchecked,
      /The server refused our certificate .*CN=c/,
    ],
    [
      "with one of the future",
      "good",
      "future client",
      {},
      /^The client certificate in .* is not valid before/,
    ],
    [
      "with one of the future, unchecked",
      "good",
      "future client",
      unchecked,
      /The server refused our certificate/,
    ],
    [
      "with another CA's",
      "good",
      "foreign client",
      {},
      /not issued by the CA in .*, but by CN=another CA\. Put/,
    ],
    [
      "with another CA's, unchecked",
      "good",
      "foreign client",
      unchecked,
      /refused our certificate .*by CN=another CA/,
    ],
    [
      "with a CA's own",
      "good",
      "CA as client",
      {},
      /client certificate in .* is a CA's: have that authority issue one/,
    ],
    [
      "with a revoked one",
      "good",
      "revoked client",
      {},
      /refused our certificate \(O=virtwire, CN=revoked, .*log/,
    ],
    [
      "with one that is not on the server's list",
      "list",
      "client",
      {},
      /refused our certificate .*tls_allowed_dn_list/,
    ],
  ])("%s", async (_, daemon, pki, more, reason) => {
    const target = uri(daemon, pki, more);
    expect(await virsh(target)).toBe(false);
    const error = await failure(target);
    expect((error as Error).message).toMatch(reason);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect((error as Error).message).not.toContain("PRIVATE");
  });

  test.each<[string, string, string, More, RegExp]>([
    [
      "without a CA",
      "good",
      "empty",
      {},
      /no CA certificate .*\(tried .*empty\/cacert\.pem\).* pkipath=.* tls\.ca/,
    ],
    [
      "with another's key",
      "good",
      "wrong key",
      {},
      /private key in .*clientkey\.pem is not that of .*clientcert\.pem/,
    ],
    [
      "with what is no key",
      "good",
      "no key",
      {},
      /clientkey\.pem holds no private key in PEM form that can be read$/,
    ],
    [
      "with what is no certificate",
      "good",
      "no certificate",
      {},
      /cacert\.pem holds no certificate in PEM form/,
    ],
    [
      "where certificates are too weak",
      "good",
      "client",
      { query: "tls_priority=SECURE256" },
      /too small|KEY_TOO_SMALL/,
    ],
    [
      "in no common version",
      "1.2",
      "client",
      { query: `tls_priority=${only("TLS1.3")}` },
      /no protocol version and/,
    ],
  ])("%s", async (_, daemon, pki, more, reason) => {
    const target = uri(daemon, pki, more);
    expect(await virsh(target)).toBe(false);
    const error = await failure(target);
    expect((error as Error).message).toMatch(reason);
    expect(error).toBeInstanceOf(ConnectionError);
  });
});

describe("virtwire alone", () => {
  test("takes its certificates from the options, so that it needs no files", async () => {
    const [ca, cert, key] = await Promise.all(
      ["cacert.pem", "clientcert.pem", "clientkey.pem"].map((name) =>
        readFile(join(directory, "client", name)),
      ),
    );
    await using connection = await connect(uri("good", "empty"), { tls: { ca, cert, key } });
    expect(await connection.getHostname()).not.toBe("");
    await expect(connect(uri("good", "empty"), { tls: { ca, cert } })).rejects.toThrow(TypeError);
  });

  test("is known to the daemon by its certificate, as virsh is", async () => {
    const target = uri("good", "client");
    const names = async () => (await clientsOf(daemons["good"]!)).map(({ info }) => info["tls_x509_dname"]);
    await using connection = await connect(target);
    expect(await connection.getHostname()).not.toBe("");
    const theirs = spawn("virsh", ["--connect", target], { stdio: "pipe" });
    onTestFinished(() => void theirs.kill());
    theirs.stdin.write("hostname\n");
    // Read to its end: virsh would end with the first thing that it says to nobody.
    let said = "";
    theirs.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const hostname = await connection.getHostname();
    await vi.waitFor(() => expect(said).toContain(hostname), 5000);
    // Those of earlier tests may not have been noticed to be gone.
    const [ours, others] = await vi.waitFor(async () => {
      const [first, ...more] = await names();
      expect(more).toHaveLength(1);
      return [first, more];
    }, 5000);
    expect(ours).toMatch(/CN=client/);
    expect(others).toEqual([ours]);
  });

  test("needs no CA where nothing is verified", async () => {
    const target = uri("careless", "empty", { query: "no_verify=1" });
    expect(await virsh(target)).toBe(false);
    expect(await failure(target)).toBe(undefined);
  });

  test("wants a server's certificate to be meant for a server, as OpenSSL does", async () => {
    const target = uri("no server", "client");
    expect(await virsh(target)).toBe(true);
    expect(String(await failure(target))).toMatch(/not meant for a server.*serverAuth/);
  });

  test("wants no weaker certificates than tls_priority allows", async () => {
    const target = uri("careless", "no client", { query: "tls_priority=SECURE192" });
    expect(await virsh(target)).toBe(false);
    expect(String(await failure(target))).toContain("It may be too weak for tls_priority");
  });

  test("says what is wrong with TLS on a TCP port, and TCP on a TLS port", async () => {
    const { tcpPort, tlsPort } = daemons["good"] ?? {};
    const pki = `pkipath=${encodeURIComponent(join(directory, "client"))}`;
    const tls = await failure(`test+tls://localhost:${tcpPort}/default?${pki}`);
    expect(tls).toBeInstanceOf(ConnectionError);
    expect(String(tls)).toMatch(/may not speak TLS.*16514 is usual for TLS/);
    const tcp = await failure(`test+tcp://localhost:${tlsPort}/default`);
    expect(tcp).toBeInstanceOf(ConnectionError);
    expect(String(tcp)).toContain("If it expects TLS there, use +tls in the URI");
  });
});

describe("the usual files", () => {
  /** What virsh, as this user, makes of a URI where these are the machine's and the user's files. */
  async function virshAs(uid: number, root: string, home: string, target: string): Promise<boolean> {
    const become = `setpriv --reuid=${uid} --regid=${uid} --clear-groups`;
    const script = `mount -t overlay -o lowerdir="$0"/etc:/etc overlay /etc && exec ${become} virsh -c "$1" hostname`;
    try {
      const env = { ...process.env, HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home };
      await run("unshare", ["--mount", "sh", "-c", script, root, target], { env });
      return true;
    } catch {
      return false;
    }
  }

  /** The same with virtwire; the peer's and our own certificates if it gets through. */
  async function oursAs(uid: number, root: string, home: string, target: string): Promise<TlsFacts | Error> {
    const machine = thisHost();
    const host = {
      ...machine,
      uid,
      env: { HOME: home },
      readFile: (path: string) => machine.readFile(path.startsWith("/etc/") ? root + path : path),
    };
    try {
      const transport = (await openTransport(parseUri(target), { host })) as TlsTransport;
      transport.destroy();
      return transport.tls;
    } catch (error) {
      return error as Error;
    }
  }

  /** What a machine, or its user, has: certificates from these folders. */
  interface Files {
    readonly system?: { readonly ca?: string; readonly client?: string };
    readonly user?: { readonly ca?: string; readonly client?: string };
  }

  async function machineWith({ system = {}, user = {} }: Files): Promise<{ root: string; home: string }> {
    const root = await mkdtemp(join(directory, "machine-"));
    const home = join(root, "home");
    const own = join(home, ".pki/libvirt");
    await mkdir(join(root, "etc/pki/CA"), { recursive: true });
    await mkdir(join(root, "etc/pki/libvirt/private"), { recursive: true });
    await mkdir(own, { recursive: true });
    const copy = (from: string, name: string, to: string) => copyFile(join(directory, from, name), to);
    if (system.ca) await copy(system.ca, "cacert.pem", join(root, "etc/pki/CA/cacert.pem"));
    if (system.client) {
      await copy(system.client, "clientcert.pem", join(root, "etc/pki/libvirt/clientcert.pem"));
      await copy(system.client, "clientkey.pem", join(root, "etc/pki/libvirt/private/clientkey.pem"));
    }
    if (user.ca) await copy(user.ca, "cacert.pem", join(own, "cacert.pem"));
    if (user.client) {
      await copy(user.client, "clientcert.pem", join(own, "clientcert.pem"));
      await copy(user.client, "clientkey.pem", join(own, "clientkey.pem"));
    }
    await run("chmod", ["-R", "a+rX", directory]);
    return { root, home };
  }

  test.each<[string, number, Files, string | undefined]>([
    ["of root are the system's", 0, { system: { ca: "client", client: "client" } }, "CN=client"],
    ["of root are not the user's", 0, { user: { ca: "client", client: "client" } }, undefined],
    ["of a user are the user's own", 65534, { user: { ca: "client", client: "client" } }, "CN=client"],
    ["of a user may be the system's", 65534, { system: { ca: "client", client: "client" } }, "CN=client"],
    [
      "of a user may be the system's CA and an own certificate",
      65534,
      { system: { ca: "client", client: "expired client" }, user: { client: "client" } },
      "CN=client",
    ],
    [
      "of a user may be an own CA and the system's certificate",
      65534,
      { system: { ca: "other CA", client: "client" }, user: { ca: "client" } },
      "CN=client",
    ],
    ["of a user need a CA somewhere", 65534, { user: { client: "client" } }, undefined],
  ])("%s", async (_, uid, files, subject) => {
    const { root, home } = await machineWith(files);
    const target = `test+tls://localhost:${daemons["good"]?.tlsPort}/default`;
    expect(await virshAs(uid, root, home, target)).toBe(subject !== undefined);
    const facts = await oursAs(uid, root, home, target);
    if (subject === undefined) expect(facts).toBeInstanceOf(ConnectionError);
    else expect(facts).toMatchObject({ client: { subject: `O=virtwire, ${subject}` } });
  });

  test("that a user lacks are named, every one", async () => {
    const { root, home } = await machineWith({});
    const target = `test+tls://localhost:${daemons["good"]?.tlsPort}/default`;
    expect(String(await oursAs(65534, root, home, target))).toContain(
      `(tried ${home}/.pki/libvirt/cacert.pem, /etc/pki/CA/cacert.pem)`,
    );
    const { root: other } = await machineWith({ system: { ca: "client" } });
    expect(String(await oursAs(65534, other, home, target))).toContain(
      `(tried ${home}/.pki/libvirt/clientcert.pem with ${home}/.pki/libvirt/clientkey.pem, ` +
        "/etc/pki/libvirt/clientcert.pem with /etc/pki/libvirt/private/clientkey.pem)",
    );
  });
});
