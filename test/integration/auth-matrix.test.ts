import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { AuthenticationError, connect } from "../../src/index.js";
import { Authority } from "../support/certificates.js";
import { clientsOf, type SeenClient, whileVirsh } from "../support/clients.js";
import { KerberosRealm } from "../support/kerberos.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { SaslAccounts, seen } from "../support/sasl.js";
import { type Sshd, startSshd } from "../support/sshd.js";

const transports = [
  "unix",
  "tcp",
  "tls",
  "ext to unix",
  "ext to tcp",
  "ssh+helper",
  "ssh+netcat",
  "libssh2",
] as const;
const ways = ["none", "SCRAM-SHA-256", "DIGEST-MD5", "PLAIN", "GSSAPI"] as const;
type TransportName = (typeof transports)[number];
type Way = (typeof ways)[number];

/** A daemon, an sshd beside it, and programs that lead to it. */
interface Site {
  readonly daemon: Libvirtd;
  readonly sshd: Sshd;
  readonly ssh: string;
}

let authority: Authority;
let realm: KerberosRealm;
let accounts: SaslAccounts;
let ticket: Readonly<Record<string, string>>;
let authfile: string;
let directory: string;
let open: Site;
let guarded: Site;

beforeAll(async () => {
  [authority, realm] = await Promise.all([Authority.create("virtwire test CA"), KerberosRealm.create()]);
  directory = await mkdtemp(join(tmpdir(), "virtwire-matrix-"));
  ticket = await realm.ticketFor("user1");
  accounts = await SaslAccounts.create(ways.slice(1).join(" "), realm.keytab);
  await accounts.add("user1", "geheim");
  authfile = await accounts.authConf("auth.conf", { authname: "user1", password: "geheim" });
  const server = await authority.issue({
    subject: "/CN=localhost",
    usage: "serverAuth",
    subjectAltName: "DNS:localhost,IP:127.0.0.1",
  });
  const client = await authority.issue({ subject: "/O=virtwire/CN=somebody", usage: "clientAuth" });
  await copyFile(authority.cert, join(directory, "cacert.pem"));
  await copyFile(client.cert, join(directory, "clientcert.pem"));
  await copyFile(client.key, join(directory, "clientkey.pem"));
  const options = { tcp: true, tls: { ca: authority.cert, ...server } };
  [open, guarded] = await Promise.all([
    site(startLibvirtd(options)),
    site(startLibvirtd({ ...options, conf: accounts.settings, env: { ...accounts.env, ...realm.env } })),
  ]);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  for (const { sshd, daemon } of [open, guarded].filter(Boolean)) {
    await sshd.stop();
    await daemon.stop();
  }
  await accounts?.[Symbol.asyncDispose]();
  await realm?.[Symbol.asyncDispose]();
  await authority?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function site(starting: Promise<Libvirtd>): Promise<Site> {
  const daemon = await starting;
  const sshd = await startSshd({ beside: daemon });
  const program = (name: string, command: string) =>
    writeFile(join(daemon.directory, name), `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 });
  await program("to-unix", `nc -U ${daemon.socketPath}`);
  await program("to-tcp", `nc 127.0.0.1 ${daemon.tcpPort}`);
  return { daemon, sshd, ssh: await sshd.client() };
}

function uri(transport: TransportName, way: Way): string {
  const { daemon, sshd, ssh } = way === "none" ? open : guarded;
  const by = (start: string, parameters: Record<string, string>) => {
    const auth = way === "none" ? {} : { auth: `sasl.${way}`, authfile };
    const query = Object.entries({ ...parameters, ...auth }).map(
      ([name, value]) => `${name}=${encodeURIComponent(value)}`,
    );
    return `test+${start}/default?${query.join("&")}`;
  };
  switch (transport) {
    case "unix":
      return by("unix://", { socket: daemon.socketPath });
    case "tcp":
      return by(`tcp://localhost:${daemon.tcpPort}`, {});
    case "tls":
      return by(`tls://localhost:${daemon.tlsPort}`, { pkipath: directory });
    case "ext to unix":
      return by("ext://", { command: join(daemon.directory, "to-unix") });
    case "ext to tcp":
      return by("ext://", { command: join(daemon.directory, "to-tcp") });
    case "ssh+helper":
      return by(`ssh://root@localhost:${sshd.port}`, { command: ssh, proxy: "native" });
    case "ssh+netcat":
      return by(`ssh://root@localhost:${sshd.port}`, { command: ssh, proxy: "netcat" });
    case "libssh2":
      return by(`libssh2://root@localhost:${sshd.port}`, {
        keyfile: sshd.keyfile,
        known_hosts: sshd.knownHosts,
        sshauth: "privkey",
      });
  }
}

/** Where libvirt lets nobody in, and why: what virsh says of it, and what we say. */
const refusals: Readonly<Record<string, readonly [theirs: RegExp, ours: RegExp]>> = {
  "not offered": [
    /: SASL mechanism \S+ not supported by server/,
    /^The daemon does not offer the SASL mechanism /,
  ],
  "no layer known": [/: no mechanism available: /, /connection is in clear|connection is not encrypted/],
  "no layer offered": [
    /: mechanism too weak for this user: /,
    /in clear this client accepts|does not offer to encrypt/,
  ],
};

/** Why a pair cannot be; undefined where it can. */
function obstacle(transport: TransportName, way: Way): string | undefined {
  const layered = way === "DIGEST-MD5" || way === "GSSAPI";
  if (way === "none") return undefined;
  switch (transport) {
    case "tcp":
    case "ext to tcp":
      return layered ? undefined : "not offered";
    // The daemon knows that the socket is safe and offers no layer; the client knows nothing, and wants one.
    case "ext to unix":
      return layered ? "no layer offered" : "no layer known";
    default:
      return undefined;
  }
}

const cells = transports.flatMap((transport) =>
  ways.map((way) => ({ transport, way, obstacle: obstacle(transport, way) })),
);

beforeEach(() => {
  for (const [name, value] of Object.entries(ticket)) vi.stubEnv(name, value);
});

/** The one client of a daemon, as that knows it. */
async function onlyClient(daemon: Libvirtd): Promise<SeenClient> {
  const [client, ...others] = await clientsOf(daemon);
  expect(others).toEqual([]);
  return client!;
}

/** What cannot be the same for two processes is left out: the process's ID, and the port that it came by. */
function lasting({ transport, info }: SeenClient) {
  const { unix_process_id: _, sock_addr, ...rest } = info;
  return {
    transport,
    ...rest,
    ...(sock_addr !== undefined && { from: String(sock_addr).replace(/:\d+$/, "") }),
  };
}

/** While virtwire is connected. */
async function whileConnected<T>(uri: string, act: () => Promise<T>, readonly = false): Promise<T> {
  await using connection = await connect(uri, { readonly });
  expect(await connection.getHostname()).not.toBe("");
  return await act();
}

const gone = (daemon: Libvirtd) => expect.poll(() => clientsOf(daemon), { timeout: 30_000 }).toEqual([]);

test.each(cells.filter((cell) => cell.obstacle === undefined))(
  "$transport with $way lets us in as it lets virsh in, and as the same",
  async ({ transport, way }) => {
    const { daemon } = way === "none" ? open : guarded;
    const target = uri(transport, way);
    const [theirLogin, theirs] = await seen(daemon, () =>
      whileVirsh(["--connect", target], ticket, async (pid) => ({ pid, client: await onlyClient(daemon) })),
    );
    if ("error" in theirs) throw new Error(theirs.error);
    await gone(daemon);
    const [ourLogin, ours] = await seen(daemon, () => whileConnected(target, () => onlyClient(daemon)));
    await gone(daemon);

    expect(lasting(ours)).toEqual(lasting(theirs.value.client));
    expect(ourLogin).toEqual(theirLogin);
    expect(ours.info["sasl_user_name"]).toBe(way === "none" ? undefined : "user1");
    expect(ours.info["tls_x509_dname"]).toBe(transport === "tls" ? "O=virtwire,CN=somebody" : undefined);
    if (transport === "unix") {
      expect([ours, theirs.value.client].map(({ info }) => info["unix_process_id"])).toEqual([
        process.pid,
        theirs.value.pid,
      ]);
    }
  },
);

test.each(cells.filter((cell) => cell.obstacle !== undefined))(
  "$transport with $way refuses us as it refuses virsh: $obstacle",
  async ({ transport, way, obstacle = "" }) => {
    const [pattern, message] = refusals[obstacle]!;
    const target = uri(transport, way);
    expect(await whileVirsh(["--connect", target], ticket, async () => {})).toEqual({
      error: expect.stringMatching(pattern),
    });
    const error = await whileConnected(target, async () => {}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain("geheim");
    await gone(guarded.daemon);
  },
);

test.each(["unix", "tcp", "ssh+helper", "libssh2"] as const)(
  "%s knows us as it knows virsh where both want to read only",
  async (transport) => {
    const { daemon } = open;
    const readonlySocket = daemon.uri("test", { readonly: true });
    const target = transport === "unix" ? readonlySocket : uri(transport, "none");
    const theirs = await whileVirsh(["--readonly", "--connect", target], {}, () => onlyClient(daemon));
    if ("error" in theirs) throw new Error(theirs.error);
    await gone(daemon);
    const ours = await whileConnected(target, () => onlyClient(daemon), true);
    await gone(daemon);
    expect(lasting(ours)).toEqual(lasting(theirs.value));
  },
);
