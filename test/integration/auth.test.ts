import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect as connectTcp, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  AuthenticationError,
  type AuthOption,
  ConnectCredentialType,
  type Connection,
  connect,
  ErrorNumber,
  LibvirtError,
} from "../../src/index.js";
import { Authority, type Issued } from "../support/certificates.js";
import { KerberosRealm } from "../support/kerberos.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { SaslAccounts, seen, virsh } from "../support/sasl.js";

const everything = "DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512 PLAIN LOGIN CRAM-MD5 ANONYMOUS";
const mechanisms = everything.split(" ");
const safeTransports = ["unix", "tls"] as const;
const password = "geheim, =wie?";
const user1 = { username: "user1", password };

let authority: Authority;
let accounts: SaslAccounts;
let daemon: Libvirtd;
let serverFiles: Issued;
let pki: string;
let authFile: string;
let wrongAuthFile: string;

beforeAll(async () => {
  authority = await Authority.create("virtwire test CA");
  const issued = { usage: "serverAuth", subjectAltName: "DNS:localhost,IP:127.0.0.1" } as const;
  serverFiles = await authority.issue({ subject: "/CN=localhost", ...issued });
  pki = await mkdtemp(join(tmpdir(), "virtwire-pki-"));
  await copyFile(authority.cert, join(pki, "cacert.pem"));
  accounts = await SaslAccounts.create(everything);
  await accounts.add("user1", password);
  await accounts.add("jürgen", "pässwört");
  await accounts.add("user2", "zwei", "elsewhere");
  authFile = await accounts.authConf("auth.conf", { authname: "user1", password });
  wrongAuthFile = await accounts.authConf("wrong.conf", { authname: "user1", password: "wrong" });
  daemon = await startLibvirtd({
    tcp: true,
    tls: { ca: authority.cert, ...serverFiles },
    conf: { ...accounts.settings, tls_no_verify_certificate: 1 },
    env: accounts.env,
  });
});

afterAll(async () => {
  await daemon?.stop();
  await accounts?.[Symbol.asyncDispose]();
  await authority?.[Symbol.asyncDispose]();
  await rm(pki, { recursive: true });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

type Transport = "unix" | "tcp" | "tls";

/** A URI of the test daemon with these parameters. */
function uri(transport: Transport, parameters: Record<string, string> = {}, of = daemon): string {
  const query = new URLSearchParams({ ...parameters, ...(transport === "tls" && { pkipath: pki }) });
  const plain = of.uri("test", { transport });
  return query.size === 0 ? plain : `${plain}${plain.includes("?") ? "&" : "?"}${query}`;
}

/** Nothing where we get through, and otherwise the error. */
async function failure(uri: string, auth?: AuthOption): Promise<unknown> {
  try {
    const connection = await connect(uri, { auth });
    expect(await connection.getHostname()).not.toBe("");
    await connection.close();
    return undefined;
  } catch (error) {
    return error;
  }
}

const sasl = (mechanism: string) => ({ auth: `sasl.${mechanism}` });

describe("a daemon sees us as it sees virsh", () => {
  const cells = safeTransports.flatMap((transport) => mechanisms.map((name) => [transport, name] as const));

  test.each([...cells, ["tcp", "DIGEST-MD5"] as const])("on %s with %s", async (transport, mechanism) => {
    const target = uri(transport, { ...sasl(mechanism), authfile: authFile });
    const [theirs, theirFailure] = await seen(daemon, () => virsh(target));
    expect(theirFailure).toBeUndefined();
    const [ours, ourFailure] = await seen(daemon, () => failure(target));
    expect(ourFailure).toBeUndefined();
    expect(ours).toEqual(theirs);
    const identity = mechanism === "ANONYMOUS" ? "anonymous" : "user1";
    expect(ours).toEqual({ mechanism, identity, ssf: transport === "tcp" ? "128" : undefined });
  });

  test.each(["unix", "tcp", "tls"] as const)("on %s, where nobody names a mechanism", async (transport) => {
    const target = uri(transport, { authfile: authFile });
    const [theirs] = await seen(daemon, () => virsh(target));
    const [ours, ourFailure] = await seen(daemon, () => failure(target));
    expect(ourFailure).toBeUndefined();
    expect(ours).toEqual(theirs);
    expect(ours.mechanism).toBe(transport === "tcp" ? "DIGEST-MD5" : "SCRAM-SHA-512");
  });

  test.each(mechanisms.filter((name) => name !== "DIGEST-MD5"))(
    "on tcp with %s: not at all",
    async (mechanism) => {
      const target = uri("tcp", { ...sasl(mechanism), authfile: authFile });
      expect(await virsh(target)).toContain(`SASL mechanism ${mechanism} not supported by server`);
      const error = await failure(target);
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({
        message: `The daemon does not offer the SASL mechanism ${mechanism} of the URI's auth=, but DIGEST-MD5`,
      });
    },
  );
});

describe("a login", () => {
  const identityOf = async (target: string, auth?: AuthOption) => {
    const [{ identity }, error] = await seen(daemon, () => failure(target, auth));
    return error ?? identity;
  };

  test.each(mechanisms.filter((name) => name !== "ANONYMOUS"))(
    "by %s takes names and passwords in all letters, in realms, and for oneself",
    async (mechanism) => {
      const target = uri("unix", sasl(mechanism));
      expect(await identityOf(target, { username: "jürgen", password: "pässwört" })).toBe("jürgen");
      expect(await identityOf(target, { username: "user2@elsewhere", password: "zwei" })).toBe(
        "user2@elsewhere",
      );
      expect(await identityOf(target, { ...user1, authname: "user1" })).toBe("user1");
    },
  );

  test.each([
    ...mechanisms.filter((name) => name !== "ANONYMOUS").map((name) => ["unix", name] as const),
    ["tcp", "DIGEST-MD5"] as const,
  ])("on %s by %s with a wrong password is refused, as virsh is", async (transport, mechanism) => {
    const target = uri(transport, { ...sasl(mechanism), authfile: wrongAuthFile });
    expect(await virsh(target)).toContain("error: authentication failed: authentication failed");
    for (const auth of [undefined, { username: "nobody", password }]) {
      const error = await failure(target, auth);
      expect(error).toBeInstanceOf(AuthenticationError);
      const { message, cause } = error as AuthenticationError;
      expect(message).toContain("authentication failed: authentication failed. Check the name, the password");
      expect(cause).toBeInstanceOf(LibvirtError);
      expect(cause).toMatchObject({ code: ErrorNumber.AUTH_FAILED });
      expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/geheim|wrong/);
    }
  });

  test("asks the callback, once, for what nobody else knows", async () => {
    const callback = vi.fn((wanted: readonly { type: number }[]) =>
      wanted.map(({ type }) => (type === ConnectCredentialType.AUTHNAME ? "user1" : password)),
    );
    expect(await identityOf(uri("tcp"), callback)).toBe("user1");
    expect(callback.mock.calls.map(([wanted]) => wanted.map(({ type }) => type))).toEqual([
      [ConnectCredentialType.AUTHNAME, ConnectCredentialType.PASSPHRASE],
    ]);
  });

  test("finds the environment's auth.conf before the URI's, as virsh does", async () => {
    const target = uri("unix", { authfile: wrongAuthFile });
    expect(await virsh(target, { LIBVIRT_AUTH_FILE: authFile })).toBeUndefined();
    vi.stubEnv("LIBVIRT_AUTH_FILE", authFile);
    expect(await identityOf(target)).toBe("user1");
  });

  test("in another realm than the daemon's is refused with a word on realms", async () => {
    const error = await failure(uri("tcp"), { ...user1, realm: "nowhere" });
    expect(error).toBeInstanceOf(AuthenticationError);
    expect((error as Error).message).toContain('The daemon has no realm "nowhere", only "');
  });

  test("without a password takes what takes none", async () => {
    expect(await identityOf(uri("unix"))).toBe("anonymous");
  });

  test("without a password says what there was, and why not", async () => {
    const error = await failure(uri("tcp"));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect((error as Error).message).toBe(
      "None of the daemon's SASL mechanisms can be used: DIGEST-MD5 (it takes a name and a password, and no auth.conf has a password for libvirt on 127.0.0.1)",
    );
  });

  test("ends when the caller's time is over, whoever is thinking", async () => {
    const attempt = connect(uri("unix"), { auth: () => new Promise(() => {}), timeoutMs: 200 });
    await expect(attempt).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("leaves no secret where somebody might look", async () => {
    await using connection = await connect(uri("tcp"), { auth: user1 });
    expect(inspect(connection, { depth: null, showHidden: true })).not.toContain("geheim");
  });

  test("by polkit or without a word is what this daemon does not offer", async () => {
    const target = uri("unix", { auth: "polkit" });
    expect(await virsh(target)).toContain("requested authentication type polkit rejected");
    const error = await failure(target, user1);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect((error as Error).message).toContain("does not offer authentication by polkit");
  });
});

describe("a daemon that offers nothing", () => {
  test("is said to, by us as by virsh", async () => {
    await using few = await SaslAccounts.create("SCRAM-SHA-256 PLAIN");
    await few.add("user1", password);
    const conf = few.settings;
    await using poor = await startLibvirtd({ tcp: true, conf, env: few.env });
    expect(await failure(uri("unix", {}, poor), user1)).toBeUndefined();
    const target = uri("tcp", { authfile: authFile }, poor);
    expect(await virsh(target)).toContain("authentication failed");
    const error = await failure(target);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect((error as Error).message).toContain(
      "The daemon has no SASL mechanism to offer on this connection",
    );
    expect((error as Error).cause).toMatchObject({ code: ErrorNumber.AUTH_FAILED });
  });
});

/** The list of ciphers in DIGEST-MD5's challenge, as it travels: four bytes for each character. */
const onTheWire = (text: string) => Buffer.from([...text].map((letter) => `\0\0\0${letter}`).join(""));
const offer = "rc4-56,rc4,3des";

/** A way to the daemon on which it seems to know this cipher alone, so that each is met in earnest. */
async function knowingOnly(cipher: string): Promise<string> {
  const server = createServer(async (client) => {
    const upstream = connectTcp(daemon.tcpPort!, "127.0.0.1");
    client.pipe(upstream);
    let replaced = false;
    upstream.on("data", (chunk) => {
      const at = replaced ? -1 : chunk.indexOf(onTheWire(offer));
      if (at >= 0) onTheWire(cipher.padEnd(offer.length)).copy(chunk, at);
      replaced ||= at >= 0;
      client.write(chunk);
    });
    upstream.on("end", () => client.end());
    for (const socket of [client, upstream]) socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each([
  ["rc4", "128"],
  ["rc4-56", "56"],
])("through DIGEST-MD5's layer with %s", (cipher, ssf) => {
  async function open(path: string): Promise<Connection> {
    const [login, connection] = await seen(daemon, async () =>
      connect(`${path.replace("HOST", await knowingOnly(cipher))}`, { auth: user1 }),
    );
    onTestFinished(() => connection.close());
    expect(login).toEqual({ mechanism: "DIGEST-MD5", identity: "user1", ssf });
    return connection;
  }

  test("calls, events and a megabyte of XML come whole", async () => {
    const connection = await open("test+tcp://HOST/default");
    expect([await connection.isSecure(), await connection.isEncrypted()]).toEqual([true, true]);
    const events: string[] = [];
    const stream = connection.events("domain.lifecycle");
    await stream.ready;
    const description = "ä€x".repeat(256 * 1024);
    const name = `big-${cipher}`;
    const xml = `<domain type='test'><name>${name}</name><description>${description}</description><memory>1024</memory><os><type>hvm</type></os></domain>`;
    const domain = await connection.domainDefineXML(xml);
    await domain.create();
    for await (const event of stream) {
      events.push(event.domain.name);
      if (events.length === 2) break;
    }
    expect(events).toEqual([name, name]);
    const copies = await Promise.all(Array.from({ length: 8 }, () => domain.getXMLDesc(0)));
    for (const copy of copies) expect(copy).toContain(description);
    await domain.destroy();
    await domain.undefine();
  });

  test("a volume goes there and back", async () => {
    const connection = await open("qemu+tcp://HOST/system");
    const target = `${daemon.directory}/pool-${cipher}`;
    const xml = `<pool type='dir'><name>${cipher}</name><target><path>${target}</path></target></pool>`;
    const pool = await connection.storagePoolDefineXML(xml);
    await pool.build();
    await pool.create();
    const bytes = Buffer.alloc(8 * 1024 * 1024 + 1, "0123456789abcdef!");
    const capacity = `<capacity>${bytes.length}</capacity>`;
    const volume = await pool.storageVolCreateXML(`<volume><name>v</name>${capacity}</volume>`);
    await pipeline([bytes], await volume.upload(0n, 0n));
    const received: Buffer[] = [];
    for await (const chunk of await volume.download(0n, 0n)) received.push(chunk);
    expect(Buffer.concat(received).equals(bytes)).toBe(true);
    await pool.destroy();
  });
});

describe("Kerberos", () => {
  let realm: KerberosRealm;
  let kerberized: Libvirtd;
  let ticket: Readonly<Record<string, string>>;
  let keys: SaslAccounts;

  beforeAll(async () => {
    realm = await KerberosRealm.create();
    ticket = await realm.ticketFor("user1");
    keys = await SaslAccounts.create(`GSSAPI ${everything}`, realm.keytab);
    await keys.add("user1", password);
    kerberized = await startLibvirtd({
      tcp: true,
      tls: { ca: authority.cert, ...serverFiles },
      conf: { ...keys.settings, tls_no_verify_certificate: 1 },
      env: { ...keys.env, ...realm.env },
    });
  });

  afterAll(async () => {
    await kerberized?.stop();
    await keys?.[Symbol.asyncDispose]();
    await realm?.[Symbol.asyncDispose]();
  });

  const target = (transport: Transport, auth?: string) =>
    uri(transport, auth ? { auth } : {}, kerberized).replace("127.0.0.1", "localhost");

  function haveTicket(env = ticket): void {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  }

  test.each([
    ["unix", undefined],
    ["unix", "sasl.GSSAPI"],
    ["tls", undefined],
    ["tls", "sasl.GSSAPI"],
    ["tcp", undefined],
    ["tcp", "sasl.GSSAPI"],
  ] as const)("lets us in on %s with auth=%s as it lets virsh", async (transport, auth) => {
    haveTicket();
    const path = target(transport, auth);
    const [theirs, theirFailure] = await seen(kerberized, () => virsh(path, ticket));
    expect(theirFailure).toBeUndefined();
    const [ours, ourFailure] = await seen(kerberized, () => failure(path));
    expect(ourFailure).toBeUndefined();
    expect(ours).toEqual(theirs);
    expect(ours).toMatchObject({ mechanism: "GSSAPI", identity: expect.stringMatching(/^user1/) });
  });

  test("needs the ticket's key for a connection in clear, or else a password is taken", async () => {
    // Where no file is, the library would have to tell the key.
    haveTicket({ ...ticket, KRB5CCNAME: "MEMORY:" });
    const error = await failure(target("tcp", "sasl.GSSAPI"));
    expect(error).toBeInstanceOf(AuthenticationError);
    const [ours] = await seen(kerberized, () => failure(target("tcp"), user1));
    expect(ours).toEqual({ mechanism: "DIGEST-MD5", identity: "user1", ssf: "128" });
  });

  test("is passed over without a ticket, or says where to get one", async () => {
    haveTicket({ ...ticket, KRB5CCNAME: "FILE:/nonexistent" });
    const [ours] = await seen(kerberized, () => failure(target("unix"), user1));
    expect(ours.mechanism).toBe("SCRAM-SHA-512");
    const error = await failure(target("unix", "sasl.GSSAPI"), user1);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect((error as Error).message).toMatch(/GSSAPI \(there is no ticket for libvirt on localhost: .*kinit/);
  });
});

describe.each([
  "aes128-cts-hmac-sha1-96",
  "aes256-cts-hmac-sha1-96",
  "aes128-cts-hmac-sha256-128",
  "aes256-cts-hmac-sha384-192",
])("what Kerberos encrypts by %s", (encryption) => {
  test("goes there and back as it is", async () => {
    await using realm = await KerberosRealm.create(encryption);
    for (const [name, value] of Object.entries(await realm.ticketFor("user1"))) vi.stubEnv(name, value);
    await using keys = await SaslAccounts.create("GSSAPI", realm.keytab);
    await using kerberized = await startLibvirtd({
      tcp: true,
      conf: keys.settings,
      env: { ...keys.env, ...realm.env },
    });
    await using connection = await connect(uri("tcp", {}, kerberized).replace("127.0.0.1", "localhost"));
    expect(await connection.isEncrypted()).toBe(true);
    const description = "ä€x".repeat(256 * 1024);
    const xml = `<domain type='test'><name>big</name><description>${description}</description><memory>1024</memory><os><type>hvm</type></os></domain>`;
    const domain = await connection.domainDefineXML(xml);
    const copies = await Promise.all(Array.from({ length: 8 }, () => domain.getXMLDesc(0)));
    for (const copy of copies) expect(copy).toContain(description);
  });
});
