import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  AuthenticationError,
  ConnectionError,
  connect,
  TimeoutError,
  UnsupportedError,
} from "../../src/index.js";
import { authList } from "../../src/protocol/generated/remote.js";
import { outcome, PythonLibvirt } from "../support/differential.js";
import { testDomainXML } from "../support/fixtures.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { replyTo } from "../unit/rpc/peer.js";
import { opening, serve } from "../unit/rpc/server.js";

const OPERATION_DENIED = 29;
const nobody = 65534;

let libvirtd: Libvirtd;
let python: PythonLibvirt;

beforeAll(async () => {
  python = new PythonLibvirt();
  libvirtd = await startLibvirtd({ tcp: true });
});

afterAll(async () => {
  await python.close();
  await libvirtd.stop();
});

afterEach(() => void vi.unstubAllEnvs());

/** The error that an attempt to connect ends with. */
async function failure(...args: Parameters<typeof connect>): Promise<Error> {
  const error = await connect(...args).then(
    async (conn) => {
      await conn.close();
      return undefined;
    },
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

/** Runs something without root's rights: as a user, and in a group, that owns nothing. */
async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  const groups = process.getgroups!();
  process.setgroups!([]);
  process.setegid!(nobody);
  process.seteuid!(nobody);
  try {
    return await run();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
    process.setgroups!(groups);
  }
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

describe("a URI that cannot be", () => {
  test.each([
    ["no URI", "what?", TypeError, /^Not a libvirt URI: "what": it does not begin with a driver, as qemu:/],
    ["a driver alone", "qemu", TypeError, /^Not a libvirt URI: "qemu"/],
    [
      "a slash too few",
      "qemu://system",
      RangeError,
      /A slash is missing in "qemu:\/\/system": qemu:\/\/\/system is/,
    ],
    [
      "no transport",
      "qemu+turbo:///system",
      RangeError,
      /no transport "turbo", only unix, tcp, .*: "qemu\+turbo:/,
    ],
    [
      "a host for a unix socket",
      "qemu+unix://host/system",
      RangeError,
      /has no host: "qemu\+unix:\/\/host\/system"/,
    ],
    ["no port", "test+tcp://127.0.0.1:99999/", RangeError, /There is no port 99999: "test\+tcp:/],
    [
      "a bad parameter",
      "qemu:///system?mode=turbo",
      RangeError,
      /mode is one of auto, direct, legacy, not "turbo"/,
    ],
    ["a hypervisor without a daemon", "esx://host/", UnsupportedError, /no libvirt daemon.*use esx\+tcp:/],
    ["no string", 5, TypeError, /The URI has to be a string/],
    ["nothing", null, TypeError, /The URI has to be a string/],
  ])("%s: the error says what is wrong with it", async (_, uri, kind, message) => {
    const error = await failure(uri as string);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(message);
  });

  test.each([
    "test+tcp://user:s3cret@127.0.0.1:1/default",
    "test+tcp://user:s3cret@127.0.0.1:99999/default",
    "test+tcp://user:s3cr\u00e9t@127.0.0.1/?name=s3cret",
    "//user:s3cret@host",
  ])("or that leads nowhere keeps its secrets: %s", async (uri) => {
    expect((await failure(uri)).message).not.toMatch(/s3cr.t/);
  });

  test("is not taken for one when the environment has it", async () => {
    vi.stubEnv("LIBVIRT_DEFAULT_URI", "qemu://system");
    expect((await failure()).message).toContain("qemu:///system");
  });
});

test("a parameter that looks misspelt is warned of once, and travels on as in C", async () => {
  const warnings: NodeJS.ErrnoException[] = [];
  const listener = (warning: Error) => void warnings.push(warning);
  process.on("warning", listener);
  onTestFinished(() => void process.off("warning", listener));
  const uri = `${libvirtd.uri("test")}&pki_path=/s3cret&other=1`;
  const theirs = await python.open(uri);
  for (const _ of [1, 2]) {
    await using conn = await connect(uri);
    expect(await conn.getURI()).toBe(await theirs.call("getURI"));
  }
  await theirs.call("close");
  expect(warnings.map(({ code, message }) => ({ code, message }))).toEqual([
    { code: "VIRTWIRE_URI_PARAMETER", message: expect.stringMatching(/"pki_path".* is pkipath meant\?$/) },
  ]);
});

describe("options that cannot be", () => {
  test.each([
    [{ maxInFlight: 0 }, RangeError, "maxInFlight: 0"],
    [{ maxMessageBytes: 1.5 }, RangeError, "maxMessageBytes: 1.5"],
    [{ timeoutMs: -1 }, RangeError, "timeoutMs: -1"],
    [{ timeoutMs: "5" as unknown as number }, TypeError, "timeoutMs: "],
  ])("%o are refused before anything is opened", async (options, kind, message) => {
    const server = await serve(opening);
    const error = await failure(server.uri, options);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
    // One that does connect comes after all that might have.
    await (await connect(server.uri)).close();
    expect(server.peers).toHaveLength(1);
  });
});

describe("a unix socket", () => {
  const at = (socket: string) => `test+unix:///default?socket=${socket}`;

  test("that does not exist is named, with what to do", async () => {
    const path = join(await temporaryDirectory(), "libvirt-sock");
    const error = await failure(at(path));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain(
      `Cannot connect to ${path}: there is no such socket, so no daemon listens`,
    );
    expect(error.message).toContain("Check the socket= of the URI");
    expect(error.cause).toMatchObject({ code: "ENOENT" });
  });

  test("of the user's own daemon: all that were tried are named", async () => {
    const directory = await temporaryDirectory();
    await chmod(directory, 0o755);
    vi.stubEnv("XDG_RUNTIME_DIR", directory);
    vi.stubEnv("LIBVIRT_AUTOSTART", "0");
    const error = await asNobody(() => failure("qemu:///session"));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain("No libvirt daemon is running here");
    expect(error.message).toContain(
      `tried ${directory}/libvirt/virtqemud-sock, ${directory}/libvirt/libvirt-sock`,
    );
    expect(error.message).toContain(`Start libvirtd as user ${nobody}`);
  });

  test("that a daemon has left behind", async () => {
    await using dead = await startLibvirtd();
    await dead.kill();
    const error = await failure(dead.uri("test"));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain(
      `${dead.socketPath}: the socket is there, but nothing listens on it any more`,
    );
    expect(error.message).toContain("start the daemon");
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
  });

  test("that we may not use: who may is named, with what to do", async () => {
    await using closed = await startLibvirtd();
    const { directory, socketPath } = closed;
    const denied = (why: string) =>
      `Cannot connect to ${socketPath}: permission denied for user ${nobody}. ${why}`;
    const attempt = () => asNobody(() => failure(closed.uri("test")));

    const shut = await attempt();
    expect(shut).toBeInstanceOf(ConnectionError);
    expect(shut.message).toContain(denied("A folder on the way to it is closed to this user"));
    expect(shut.cause).toMatchObject({ code: "EACCES" });

    await chmod(directory, 0o755);
    await chmod(socketPath, 0o700);
    const mine = await attempt();
    expect(mine).toBeInstanceOf(ConnectionError);
    expect(mine.message).toContain(
      denied("It belongs to user 0 and group root, with mode 700. Run as user 0, or "),
    );

    await chmod(socketPath, 0o770);
    expect((await attempt()).message).toContain("with mode 770. Join the group root and log in again, or ");

    await chmod(socketPath, 0o777);
    const conn = await asNobody(() => connect(closed.uri("test")));
    expect(await conn.getHostname()).not.toBe("");
    await conn.close();
  });
});

describe("a TCP port", () => {
  test("where nothing listens is named, with what to do", async () => {
    const server = await serve(opening);
    const [, address] = /\/\/(.*)\//.exec(server.uri) ?? [];
    await server.stop();
    const error = await failure(server.uri);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain(
      `Cannot connect to ${address}: nothing listens there. Start the daemon's TCP`,
    );
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
  });

  test("whose daemon asks for a password says so, and what to do", async () => {
    await using strict = await startLibvirtd({ tcp: true, conf: { auth_tcp: "sasl" } });
    const error = await failure(strict.uri("test", { transport: "tcp" }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toMatch(
      /DIGEST-MD5 \(it takes a name and a password, and no auth\.conf has a password/,
    );
    await using conn = await connect(strict.uri("test"));
    expect(conn.isAlive()).toBe(true);
  });
});

test.each([
  ["the driver", "test+unix:///nowhere"],
  ["a file for the driver", "test+unix:///no/such/file.xml"],
  ["the path", "qemu+unix:///nowhere"],
  ["the hypervisor", "nonesuch+unix:///"],
])("a daemon that does not know %s refuses, as it does the C client", async (_, start) => {
  const uri = `${start}?socket=${libvirtd.socketPath}`;
  expect(await outcome(connect(uri))).toEqual(await outcome(python.open(uri)));
  expect(await outcome(connect(uri))).toMatchObject({ error: { level: 2 } });
});

describe("connecting", () => {
  test.each(["test", "qemu"])("to %s by each transport", async (driver) => {
    for (const transport of ["unix", "tcp"] as const) {
      const uri = libvirtd.uri(driver, { transport });
      await using conn = await connect(uri);
      const theirs = await python.open(uri);
      const { socketPath, tcpPort } = libvirtd;
      expect(conn.peer).toBe(transport === "unix" ? `unix:${socketPath}` : `tcp:127.0.0.1:${tcpPort}`);
      expect(conn.isAlive()).toBe(true);
      expect(await conn.getURI()).toBe(await theirs.call("getURI"));
      expect(await conn.getHostname()).toBe(await theirs.call("getHostname"));
      expect(await conn.getType()).toBe(await theirs.call("getType"));
      await theirs.call("close");
    }
  });

  test("where the environment says", async () => {
    vi.stubEnv("LIBVIRT_DEFAULT_URI", libvirtd.uri("test"));
    for (const uri of [undefined, ""]) {
      await using conn = await connect(uri);
      expect(await conn.getURI()).toBe(libvirtd.uri("test"));
      expect(await conn.getType()).toBe("TEST");
    }
    await using conn = await connect(libvirtd.uri("qemu"));
    expect(await conn.getType()).toBe("QEMU");
  });

  test("where an alias leads, unless none is wanted", async () => {
    const directory = await temporaryDirectory();
    await chmod(directory, 0o755);
    await mkdir(join(directory, "libvirt"));
    const uri = libvirtd.uri("test", { transport: "tcp" });
    await writeFile(join(directory, "libvirt/libvirt.conf"), `uri_aliases = [ "hail=${uri}" ]`);
    vi.stubEnv("XDG_CONFIG_HOME", directory);
    // Root has the system's file.
    const conn = await asNobody(() => connect("hail"));
    expect(await conn.getURI()).toBe(uri);
    await conn.close();
    const error = await asNobody(() => failure("hail", { aliases: false }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^Not a libvirt URI: "hail"/);
  });

  test.each([
    ["by another name than the URI's", "qemu+unix:///system", "name=test:///default", "TEST"],
    ["with a name of the query's spelling", "qemu+unix:///system", "NAME=test%3A///default", "TEST"],
    ["to whatever the daemon has", "remote+unix:///", "", undefined],
  ])("%s, as in C", async (_, start, query, type) => {
    const uri = `${start}?socket=${libvirtd.socketPath}&${query}`;
    await using conn = await connect(uri);
    const theirs = await python.open(uri);
    expect(await conn.getType()).toBe(type ?? (await theirs.call("getType")));
    expect(await conn.getType()).toBe(await theirs.call("getType"));
    expect(await conn.getURI()).toBe(await theirs.call("getURI"));
    await theirs.call("close");
  });

  test.each([
    ["on the socket for readers", { readonly: true } as const],
    ["on the other socket", {}],
    ["by TCP", { transport: "tcp" } as const],
  ])("to read only, %s: what changes something is refused, as in C", async (_, options) => {
    const uri = libvirtd.uri("test", options);
    await using conn = await connect(uri, { readonly: true });
    const theirs = await python.open(uri, { readonly: true });
    const domain = await conn.domainLookupByName("test");
    const theirDomain = await theirs.object("lookupByName", "test");
    expect(await outcome(Promise.resolve(domain))).toEqual(await outcome(Promise.resolve(theirDomain)));

    const xml = testDomainXML({ name: "new" });
    const define = await outcome(conn.domainDefineXML(xml));
    expect(define).toMatchObject({ error: { code: OPERATION_DENIED } });
    expect(define).toEqual(await outcome(theirs.call("defineXML", xml)));
    const destroy = await outcome(domain.destroy());
    expect(destroy).toMatchObject({ error: { code: OPERATION_DENIED } });
    expect(destroy).toEqual(await outcome(theirDomain.call("destroy")));
    expect(await domain.isActive()).toBe(true);
    await theirs.call("close");
  });

  test("on the socket for readers, without saying that one only reads", async () => {
    const uri = libvirtd.uri("test", { readonly: true });
    await using conn = await connect(uri);
    const define = conn.domainDefineXML(testDomainXML({ name: "new" }));
    await expect(define).rejects.toMatchObject({ code: OPERATION_DENIED });
  });
});

describe("a server that never answers", () => {
  test.each([
    ["its first call", () => serve(() => {})],
    [
      "the opening",
      () =>
        serve((call, peer) => {
          if (call.header.proc === authList.number) peer.send(replyTo(call, authList, { types: [0] }));
        }),
    ],
  ])("%s is given up in time", async (_, start) => {
    const server = await start();
    const error = await failure(server.uri, { timeoutMs: 100 });
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toBe(`connecting to "${server.uri}": no answer within 100 ms`);
    await expect.poll(() => server.open.size, { timeout: 30_000 }).toBe(0);

    const controller = new AbortController();
    const attempt = failure(server.uri, { signal: controller.signal });
    const reason = new Error("enough");
    await expect.poll(() => server.peers[1]?.frames.length, { timeout: 30_000 }).toBeGreaterThan(0);
    controller.abort(reason);
    expect(await attempt).toBe(reason);
    await expect.poll(() => server.open.size, { timeout: 30_000 }).toBe(0);
  });

  test("is not even tried after an abort", async () => {
    const server = await serve(opening);
    const reason = new Error("enough");
    expect(await failure(server.uri, { signal: AbortSignal.abort(reason) })).toBe(reason);
    await (await connect(server.uri)).close();
    expect(server.peers).toHaveLength(1);
  });

  test("keeps its secrets when the time is over", async () => {
    const server = await serve(() => {});
    const uri = server.uri.replace("//", "//user:s3cret@");
    const error = await failure(uri, { timeoutMs: 1 });
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toContain("user:***@127.0.0.1");
  });
});

test("a deadline for connecting is none for the connection", async () => {
  const controller = new AbortController();
  await using conn = await connect(libvirtd.uri("test"), { timeoutMs: 20_000, signal: controller.signal });
  controller.abort();
  expect(await conn.getHostname()).not.toBe("");
});
