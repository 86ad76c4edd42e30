import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { getEventListeners } from "node:events";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { AuthenticationError, ConnectionError, UnsupportedError } from "../../../src/errors.js";
import { thisHost } from "../../../src/transport/host.js";
import { isForHost } from "../../../src/transport/tls/certificate.js";
import { checkTlsOptions, type TlsOptions } from "../../../src/transport/tls/credentials.js";
import { tlsPolicy } from "../../../src/transport/tls/priority.js";
import { isRevoked, readRevocations } from "../../../src/transport/tls/revocation.js";
import { connectTls, type TlsConnectOptions } from "../../../src/transport/tls.js";
import { Authority, type Issued } from "../../support/certificates.js";
import { fakeHost } from "./fake-host.js";
import { listen, temporaryDirectory } from "./peers.js";
import { Recorder, settle } from "./recorder.js";
import { serveTls } from "./tls-server.js";

let authority: Authority;
let intermediate: Authority;
let server: Issued;
let client: Issued;
let tls: TlsOptions;

beforeAll(async () => {
  authority = await Authority.create("virtwire test CA");
  intermediate = await Authority.create("virtwire intermediate CA");
  await authority.certify(intermediate);
  server = await authority.issue({
    subject: "/O=virtwire/CN=localhost",
    usage: "serverAuth",
    subjectAltName: "DNS:localhost,IP:127.0.0.1",
  });
  client = await authority.issue({ subject: "/O=virtwire/CN=client" });
  tls = { ca: authority.cert, ...client };
});

afterAll(async () => {
  await authority[Symbol.asyncDispose]();
  await intermediate[Symbol.asyncDispose]();
});

const accept = Uint8Array.of(1);

function connect(port: number, options: TlsConnectOptions = {}) {
  return connectTls("127.0.0.1", port, thisHost(), { tls, ...options });
}

async function failure(attempt: Promise<unknown>): Promise<Error> {
  return attempt.then(
    () => new Error("it succeeded"),
    (reason) => reason,
  );
}

describe("a TLS session", () => {
  test("begins with a byte that is nobody else's", async () => {
    const { port, sessions } = await serveTls(server, (session) => session.write(Buffer.from("\x01frames")));
    const transport = await connect(port);
    expect(transport).toMatchObject({ peer: `tls:127.0.0.1:${port}`, secure: true, encrypted: true });
    await settle();
    const recorder = Recorder.on(transport);
    await recorder.until(() => recorder.text === "frames");
    sessions[0]?.write(" and more");
    await recorder.until(() => recorder.text === "frames and more");
    transport.destroy();
  });

  test("waits for that byte, even where the peer is slow", async () => {
    const { port, sessions } = await serveTls(server, () => {});
    let connected = false;
    const connecting = connect(port).then((transport) => {
      connected = true;
      transport.destroy();
    });
    while (sessions.length === 0) await settle();
    await settle();
    expect(connected).toBe(false);
    sessions[0]?.write(accept);
    await connecting;
  });

  test("tells who takes part, and what was negotiated", async () => {
    const { port } = await serveTls(server, (session) => session.write(accept));
    const transport = await connect(port);
    transport.destroy();
    expect(transport.tls).toMatchObject({
      protocol: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      verified: true,
      server: [
        { subject: "O=virtwire, CN=localhost", issuer: "CN=virtwire test CA" },
        { subject: "CN=virtwire test CA", issuer: "CN=virtwire test CA" },
      ],
      client: { subject: "O=virtwire, CN=client" },
    });
    const [leaf] = transport.tls.server;
    const certificate = new X509Certificate(await readFile(server.cert));
    expect(leaf).toEqual({
      subject: "O=virtwire, CN=localhost",
      issuer: "CN=virtwire test CA",
      subjectAltName: "DNS:localhost, IP Address:127.0.0.1",
      validFrom: new Date(certificate.validFrom),
      validTo: new Date(certificate.validTo),
      serialNumber: certificate.serialNumber,
      fingerprint: certificate.fingerprint256,
    });
  });

  test("is possible with a server that has no name but an address", async () => {
    const nameless = await authority.issue({
      subject: "/",
      usage: "serverAuth",
      subjectAltName: "IP:127.0.0.1",
    });
    const { port } = await serveTls(nameless, (session) => session.write(accept));
    const transport = await connect(port);
    transport.destroy();
    expect(transport.tls.server[0]?.subject).toBe("");
  });

  test("is refused by another byte", async () => {
    const { port } = await serveTls(server, (session) => session.write(Buffer.from("\0")));
    const error = await failure(connect(port));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toContain("answered with the byte 0, not 1. The server refused our certificate");
  });

  test("is refused by its end, whether we have a certificate or not", async () => {
    const { port } = await serveTls(server, (session) => session.end());
    const refused = await failure(connect(port));
    expect(refused).toBeInstanceOf(AuthenticationError);
    expect(refused.message).toContain("ended the session instead of confirming it. The server refused our");
    expect(refused.message).toContain("O=virtwire, CN=client, issued by CN=virtwire test CA, from tls.cert");
    const host = fakeHost({ uid: 0 });
    const lacking = await failure(
      connectTls("127.0.0.1", port, host, { tls: { ca: await readFile(authority.cert) } }),
    );
    expect(lacking).toBeInstanceOf(AuthenticationError);
    expect(lacking.message).toContain("we have none (tried /etc/pki/libvirt/clientcert.pem with");
  });

  test("is refused by a reset", async () => {
    const { port } = await serveTls(server, (session) => session.destroy(new Error("reset")));
    expect(await failure(connect(port))).toBeInstanceOf(AuthenticationError);
  });

  test.each(["tls1_2", "tls1_3"])("is refused by the alerts of OpenSSL's server (%s)", async (version) => {
    const stranger = await intermediate.issue({ subject: "/CN=stranger" });
    const port = await opensslServer(version, authority.cert);
    const refused = await failure(
      connect(port, { tls: { ...stranger, ca: authority.cert }, uri: { noSanity: true } }),
    );
    expect(refused).toBeInstanceOf(AuthenticationError);
    expect(refused.message).toMatch(
      /broke off with the alert "unknown ca"\. The server refused .*CN=stranger/,
    );
  });

  test("is refused by the alert that a certificate is required", async () => {
    const demands = { requestCert: true, ca: await readFile(authority.cert) };
    const { port } = await serveTls(server, (session) => session.write(accept), demands);
    const nobody = { tls: { ca: authority.cert }, uri: { pkipath: "/nowhere" } };
    const error = await failure(connect(port, nobody));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toContain(
      "we have none (tried /nowhere/clientcert.pem with /nowhere/clientkey.pem)",
    );
  });

  test("that breaks later says where it led", async () => {
    const { port, sessions } = await serveTls(server, (session) => session.write(accept));
    const transport = await connect(port);
    const recorder = Recorder.on(transport);
    sessions[0]?.end("bye");
    await recorder.untilClosed();
    expect(recorder.text).toBe("bye");
    expect(recorder.closings).toEqual([undefined]);
  });
});

describe("no TLS session", () => {
  test("where nothing listens: what to start", async () => {
    const { port } = await listen({ host: "127.0.0.1", port: 0 });
    const error = await failure(connectTls("127.0.0.2", port, thisHost(), { tls }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain(`Cannot connect to 127.0.0.2:${port}: nothing listens there`);
    expect(error.message).toContain("libvirtd-tls.socket");
  });

  test("where no version is common", async () => {
    const { port } = await serveTls(server, () => {}, { minVersion: "TLSv1.3" });
    const uri = { tlsPriority: "NORMAL:-VERS-ALL:+VERS-TLS1.2" };
    const error = await failure(connect(port, { uri }));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toMatch(
      /the alert "protocol version" says that there is no protocol version and cipher/,
    );
  });

  test.each([
    ["another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["a frame of libvirt's", "\0\0\0\x1c\x20\0\x80\x86\0\0\0\x01"],
  ])("with %s", async (_, words) => {
    const listener = await listen({ host: "127.0.0.1", port: 0 });
    const connecting = failure(connect(listener.port));
    (await listener.accept()).end(words);
    const error = await connecting;
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toMatch(/what listens there does not speak TLS \(wrong version number\): .*16514/);
  });

  test("with a peer that leaves", async () => {
    const listener = await listen({ host: "127.0.0.1", port: 0 });
    const connecting = failure(connect(listener.port));
    (await listener.accept()).end();
    const error = await connecting;
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain("ended the connection during the handshake. It may not speak TLS");
  });
});

describe("an abort", () => {
  const reason = new Error("changed my mind");

  test("before the attempt means none", async () => {
    await expect(connect(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("ends an attempt at every stage, and leaves nothing open", async () => {
    const silent = await listen({ host: "127.0.0.1", port: 0 });
    const undecided = await serveTls(server, () => {});
    for (const [port, reached] of [
      [silent.port, () => silent.accepted.length],
      [undecided.port, () => undecided.sessions.length],
    ] as const) {
      const controller = new AbortController();
      const { signal } = controller;
      const connecting = failure(connect(port, { signal }));
      while (reached() === 0) await settle();
      controller.abort(reason);
      expect(await connecting).toBe(reason);
      expect(getEventListeners(signal, "abort")).toEqual([]);
    }
    await Promise.all([...silent.accepted, ...undecided.sessions].map(gone));
  });

  test("does not concern a session that stands, or has failed", async () => {
    const { port } = await serveTls(server, (session) => session.write(accept));
    const { signal } = new AbortController();
    const transport = await connect(port, { signal });
    transport.destroy();
    await failure(connect(port, { signal, tls: { ca: intermediate.cert } }));
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

/** OpenSSL's own server, which insists on a certificate from this CA. */
async function opensslServer(version: string, ca: string): Promise<number> {
  const files = ["-cert", server.cert, "-key", server.key, "-CAfile", ca];
  const demands = ["-Verify", "2", "-verify_return_error", `-${version}`];
  const child = spawn("openssl", ["s_server", "-accept", "127.0.0.1:0", ...files, ...demands]);
  onTestFinished(() => void child.kill());
  for await (const line of createInterface({ input: child.stdout })) {
    const [, port] = /^ACCEPT .*:(\d+)/.exec(line) ?? [];
    if (port !== undefined) {
      child.stdout.resume();
      return Number(port);
    }
  }
  throw new Error("openssl does not listen");
}

/** The other side has closed its end. */
function gone(socket: {
  resume(): unknown;
  destroyed: boolean;
  once(event: string, done: () => void): unknown;
}) {
  return new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    socket.once("end", resolve);
    socket.once("close", resolve);
    socket.resume();
  });
}

describe("certificates in options", () => {
  test("are taken as paths, as text and as bytes", async () => {
    const { port } = await serveTls(server, (session) => session.write(accept));
    const read = (file: string) => readFile(file);
    const bytes = {
      ca: await read(authority.cert),
      cert: await read(client.cert),
      key: await read(client.key),
    };
    const texts = { ca: String(bytes.ca), cert: String(bytes.cert), key: String(bytes.key) };
    for (const each of [tls, bytes, texts, { ...bytes, ca: new Uint8Array(bytes.ca) }]) {
      const transport = await connect(port, { tls: each });
      expect(transport.tls.client?.subject).toBe("O=virtwire, CN=client");
      transport.destroy();
    }
  });

  test("keep to the name that is asked for", async () => {
    const { port } = await serveTls(server, (session) => session.write(accept));
    const named = await connect(port, { tls: { ...tls, servername: "localhost" } });
    named.destroy();
    const error = await failure(connect(port, { tls: { ...tls, servername: "host.example" } }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toContain("is for DNS:localhost, IP Address:127.0.0.1, not for host.example");
    const careless = await connect(port, {
      tls: { ca: intermediate.cert, servername: "host.example", rejectUnauthorized: false },
    });
    expect(careless.tls.verified).toBe(false);
    careless.destroy();
  });

  test("know what was revoked", async () => {
    await authority.revoke(server);
    const crl = await readFile(await authority.revocationList());
    const { port } = await serveTls(server, (session) => session.write(accept));
    const error = await failure(connect(port, { tls: { ...tls, crl } }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toContain("has been revoked, as tls.crl says");
  });

  test("never show a key", async () => {
    const directory = await temporaryDirectory();
    const key = await readFile(client.key, "utf8");
    const secret = key.split("\n")[3] ?? "";
    expect(secret).toHaveLength(64);
    const damaged = join(directory, "damaged.pem");
    await writeFile(damaged, key.replace("PRIVATE KEY-----\n", "PRIVATE KEY-----\nAAAA"));
    const keys = [
      key.replace(/-----[^-]+-----/g, ""),
      key.replaceAll("\n", "\\n"),
      key.slice(0, 500),
      key.replace(/BEGIN|END/g, "BEGIN ENCRYPTED"),
      damaged,
      Buffer.from(key.slice(100)),
      directory,
    ];
    for (const each of keys) {
      const error = await failure(connect(1, { tls: { ...tls, key: each } }));
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error.message).toContain("tls.key");
      const shown = JSON.stringify([error.message, String(error.cause), error.stack]);
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(key.slice(40, 70));
    }
  });

  test.each([
    [{ cert: "x" }, "cert and key are of use only together"],
    [{ key: "x" }, "cert and key are of use only together"],
    [{ crl: "x" }, "crl is of use only together with ca"],
    [{ ca: 1 }, "tls.ca: a path, PEM text or bytes are wanted, not number"],
    [{ servername: true }, "tls.servername: a string is wanted, not boolean"],
    [{ rejectUnauthorized: "no" }, "tls.rejectUnauthorized: a boolean is wanted, not string"],
    [null, "tls: an object is wanted"],
    ["x", "tls: an object is wanted"],
  ])("cannot be %j", (options, message) => {
    const check = () => checkTlsOptions(options as TlsOptions);
    expect(check).toThrow(TypeError);
    expect(check).toThrow(message);
  });

  test("may be left out", () => {
    expect(() => checkTlsOptions(undefined)).not.toThrow();
    expect(() => checkTlsOptions({})).not.toThrow();
  });
});

describe("authorities between the root and the leaves", () => {
  test("may come with the server's certificate, and be trusted alone", async () => {
    const leaf = await intermediate.issue({
      subject: "/CN=localhost",
      usage: "serverAuth",
      subjectAltName: "IP:127.0.0.1",
    });
    await appendFile(leaf.cert, await readFile(intermediate.cert));
    const { port } = await serveTls(leaf, (session) => session.write(accept));
    for (const ca of [authority.cert, intermediate.cert]) {
      const transport = await connect(port, { tls: { ca }, uri: { pkipath: "/nowhere" } });
      transport.destroy();
      expect(transport.tls.server.map(({ subject }) => subject)).toContain("CN=virtwire intermediate CA");
    }
  });

  test("may come with the client's certificate", async () => {
    const leaf = await intermediate.issue({ subject: "/CN=far client" });
    const { port } = await serveTls(server, (session) => session.write(accept));
    const lacking = await failure(connect(port, { tls: { ...leaf, ca: authority.cert } }));
    expect(lacking.message).toContain("not issued by the CA in tls.ca, but by CN=virtwire intermediate CA");
    await appendFile(leaf.cert, await readFile(intermediate.cert));
    const transport = await connect(port, { tls: { ...leaf, ca: authority.cert } });
    transport.destroy();
  });
});

describe("a certificate is for a host", () => {
  test.each([
    ["DNS:host.example", "host.example", true],
    ["DNS:host.example", "HOST.example", true],
    ["DNS:host.example", "other.example", false],
    ["DNS:*.host.example", "a.host.example", true],
    ["DNS:*.host.example", "a.b.host.example", false],
    ["DNS:a*.host.example", "ab.host.example", false],
    ["DNS:host.example,IP:192.0.2.1", "192.0.2.1", true],
    ["IP:192.0.2.1", "192.0.2.2", false],
    ["IP:192.0.2.1", "common.example", false],
    ["IP:fe80::1", "fe80:0:0::1", true],
    ["IP:fe80::1", "fe80::1%eth0", true],
    ["DNS:192.0.2.1", "192.0.2.1", false],
    ["URI:libvirt://host", "common.example", false],
    [undefined, "common.example", true],
    [undefined, "other.example", false],
    [undefined, "192.0.2.1", false],
  ])("with %s: %s %s", async (subjectAltName, host, is) => {
    const more = subjectAltName === undefined ? {} : { subjectAltName };
    const { cert } = await authority.issue({ subject: "/O=x/CN=common.example", ...more });
    expect(isForHost(new X509Certificate(await readFile(cert)), host)).toBe(is);
  });
});

describe("a list of revoked certificates", () => {
  async function lists(...files: string[]) {
    const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
    return readRevocations({ text: texts.join("some text in between\n"), source: "crl.pem" });
  }

  test("has those that were revoked, of its issuer", async () => {
    const subject = "/CN=same";
    const first = await intermediate.issue({ subject });
    const second = await intermediate.issue({ subject });
    const third = await intermediate.issue({ subject });
    const certificates = await Promise.all(
      [first, second, third].map(async ({ cert }) => new X509Certificate(await readFile(cert))),
    );
    const empty = await intermediate.revocationList();
    await intermediate.revoke(first);
    await intermediate.revoke(third);
    const full = await intermediate.revocationList();
    const revoked = async (...files: string[]) => {
      const revocations = await lists(...files);
      return certificates.map((certificate) => isRevoked(certificate, revocations));
    };
    expect(await revoked(empty)).toEqual([false, false, false]);
    expect(await revoked(full)).toEqual([true, false, true]);
    expect(await revoked(empty, full)).toEqual([true, false, true]);
    expect(await revoked(await authority.revocationList())).toEqual([false, false, false]);
  });

  test("that is none, or broken, is told by its file", async () => {
    expect(() => readRevocations({ text: "", source: "/x.pem" })).toThrow(
      "/x.pem holds no certificate revoc",
    );
    const text = await readFile(await authority.revocationList(), "utf8");
    const base64 = text.replace(/-----.*?-----|\s/g, "");
    const whole = Buffer.from(base64, "base64");
    const broken = [
      Buffer.alloc(0),
      Buffer.from([0x30]),
      Buffer.from([0x30, 0x89, 1]),
      Buffer.from([0x02, 1, 1]),
    ];
    for (let length = 0; length < whole.length; length += 7) broken.push(whole.subarray(0, length));
    for (const bytes of broken) {
      const pem = `-----BEGIN X509 CRL-----\n${bytes.toString("base64")}\n-----END X509 CRL-----\n`;
      expect(() => readRevocations({ text: pem, source: "/x.pem" })).toThrow(ConnectionError);
    }
  });
});

describe("a GnuTLS priority string", () => {
  test.each([
    "NORMAL",
    "normal",
    "SECURE128",
    "PERFORMANCE",
    "LEGACY",
    "@SYSTEM",
    "@LIBVIRT,SYSTEM",
    "NORMAL:%SERVER_PRECEDENCE:%COMPAT",
    "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:!VERS-SSL3.0:-ARCFOUR-128:-3DES-CBC:+COMP-NULL:+CTYPE-X509",
    "NORMAL:-VERS-TLS1.3:+VERS-TLS1.3",
  ])("%s changes nothing", (priority) => {
    expect(tlsPolicy(priority)).toEqual({});
  });

  test.each([
    ["NORMAL:-VERS-ALL:+VERS-TLS1.3", { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" }],
    ["NORMAL:-VERS-TLS-ALL:+VERS-TLS1.2", { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }],
    ["NORMAL:!VERS-TLS1.2", { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" }],
    ["@SYSTEM:-VERS-TLS1.3", { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }],
    ["NORMAL:-GROUP-ALL:+GROUP-X25519", { ecdhCurve: "X25519" }],
    ["NORMAL:-CURVE-ALL:+CURVE-SECP384R1:-GROUP-DH-ALL", { ecdhCurve: "P-384" }],
    [
      "NORMAL:-CIPHER-ALL:+AES-128-GCM:-KX-ALL:+ECDHE-RSA",
      { ciphers: "TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256" },
    ],
    [
      "NONE:+VERS-TLS1.3:+AES-256-GCM:+CHACHA20-POLY1305:+AEAD:+GROUP-SECP256R1",
      {
        minVersion: "TLSv1.3",
        maxVersion: "TLSv1.3",
        ciphers: "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
        ecdhCurve: "P-256",
      },
    ],
    [
      "NONE:+VERS-TLS1.2:+AES-256-CBC:+RSA:+SHA1:+SHA256:+GROUP-ALL",
      { minVersion: "TLSv1.2", maxVersion: "TLSv1.2", ciphers: "AES256-SHA:AES256-SHA256" },
    ],
    [
      "SECURE192:-VERS-TLS1.2",
      {
        minVersion: "TLSv1.3",
        maxVersion: "TLSv1.3",
        ciphers: "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:@SECLEVEL=3",
        ecdhCurve: "P-384:P-521:ffdhe8192",
      },
    ],
    [
      "SUITEB192",
      {
        minVersion: "TLSv1.2",
        maxVersion: "TLSv1.2",
        ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384:@SECLEVEL=4",
        ecdhCurve: "P-384",
      },
    ],
  ])("%s", (priority, policy) => {
    expect(tlsPolicy(priority)).toEqual(policy);
  });

  test("that asks for forward secrecy gets no other exchange", () => {
    const { ciphers = "" } = tlsPolicy("PFS");
    expect(ciphers).toContain("ECDHE-RSA-AES256-GCM-SHA384");
    expect(ciphers.split(":").filter((suite) => !/^(TLS_|ECDHE-|DHE-)/.test(suite))).toEqual([]);
  });

  test.each([
    ["", '""'],
    ["TOP-SECRET", '"TOP-SECRET"'],
    ["NORMAL:+FOO", '"+FOO"'],
    ["NORMAL:AES-256-GCM", '"AES-256-GCM"'],
    ["NORMAL:+GROUP-FOO", '"+GROUP-FOO"'],
    ["NORMAL:%VERIFY_ALLOW_SIGN_RSA_MD5", '"%VERIFY_ALLOW_SIGN_RSA_MD5"'],
    ["NORMAL:-SIGN-ALL:+SIGN-RSA-SHA512", '"-SIGN-ALL"'],
  ])("%j cannot be obeyed, and the part is named", (priority, part) => {
    expect(() => tlsPolicy(priority)).toThrow(UnsupportedError);
    expect(() => tlsPolicy(priority)).toThrow(`${part} cannot be obeyed`);
  });

  test.each([
    "NONE",
    "NORMAL:-VERS-ALL",
    "NORMAL:-VERS-ALL:+VERS-TLS1.1",
    "NORMAL:-CIPHER-ALL",
    "NORMAL:-MAC-ALL",
    "NORMAL:-GROUP-ALL",
    "NORMAL:-VERS-TLS1.2:-CIPHER-ALL:+AES-256-CBC",
  ])("%s leaves nothing", (priority) => {
    expect(() => tlsPolicy(priority)).toThrow(UnsupportedError);
    expect(() => tlsPolicy(priority)).toThrow("leaves no protocol version");
  });

  test.each([
    "PFS",
    "SECURE128:-VERS-TLS1.3",
    "NORMAL:-CIPHER-ALL:+CHACHA20-POLY1305",
    "NORMAL:-GROUP-EC-ALL",
  ])("%s is understood by OpenSSL", async (tlsPriority) => {
    const { port } = await serveTls(server, (session) => session.write(accept), { dhparam: "auto" });
    const transport = await connect(port, { uri: { tlsPriority } });
    transport.destroy();
    expect(transport.tls.protocol).toBe(tlsPriority.includes("-VERS") ? "TLSv1.2" : "TLSv1.3");
  });
});
