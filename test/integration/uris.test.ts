import { execFile } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AuthenticationError, ConnectionError, connect, LibvirtError } from "../../src/index.js";
import { outcome, PythonLibvirt } from "../support/differential.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { run } from "../support/program.js";

const runCommand = promisify(execFile);

/** libvirtd, in whose place a driver's own daemon may stand. */
let daemon: Libvirtd;
let qemud: Libvirtd;
let python: PythonLibvirt;

beforeAll(async () => {
  python = new PythonLibvirt();
  [daemon, qemud] = await Promise.all([
    startLibvirtd({ tcp: true, hostname: "libvirtd-host" }),
    startLibvirtd({ hostname: "virtqemud-host" }),
  ]);
  const script = `#!/bin/sh\nexec nc -U ${daemon.socketPath}\n`;
  await writeFile(join(daemon.directory, "forward"), script, { mode: 0o755 });
});

afterAll(async () => {
  await python?.close();
  await Promise.all([daemon?.stop(), qemud?.stop()]);
});

/** A URI as people write it, of this daemon. */
const here = (uri: string) =>
  uri
    .replace("PORT", String(daemon.tcpPort))
    .replace("SOCKET", daemon.socketPath)
    .replace("PROGRAM", join(daemon.directory, "forward"));

/** What a URI leads to: the connection's own URI, the hypervisor, or an error. */
async function ours(uri: string) {
  await using conn = await connect(uri, { timeoutMs: 30_000 });
  return [await conn.getURI(), await conn.getType()];
}

async function theirs(uri: string) {
  const conn = await python.open(uri);
  const found = [await conn.call("getURI"), await conn.call("getType")];
  await conn.call("close");
  return found;
}

describe("a URI leads where it leads the C client", () => {
  test.each([
    "test+tcp://127.0.0.1:PORT/default",
    "test+TCP://localhost:PORT/default",
    "test+tcp://LocalHost:PORT/default",
    "test+tcp://somebody@localhost:PORT/default",
    "test+tcp://some%40body:word@localhost:PORT/default",
    "test+tcp://[::ffff:127.0.0.1]:PORT/default",
    "test+tcp://%6cocalhost:PORT/def%61ult",
    "test+tcp://localhost:00PORT/default",
    "test+tcp://localhost:PORT/default?",
    "test+tcp://localhost:PORT/default?&&=x&",
    "test+tcp://localhost:PORT/default#",
    "test+tcp://localhost:PORT/default?a=b#part",
    "test+tcp://localhost:PORT/default?A=%41;b=c",
    "test+tcp://localhost:PORT/default?no_verify=%201&no_tty=-1",
    "test+tcp://localhost:PORT/default?mode=direct&proxy=netcat&socket=/x&netcat=y",
    "test+tcp://localhost:PORT/default?pkipath=/x&keyfile=/y&known_hosts=/z&tls_priority=none&authfile=/x",
    "qemu+tcp://localhost:PORT?name=test:///default",
    "qemu+tcp://localhost:PORT/?NAME=test%3A%2F%2F%2Fdefault",
    "qemu+tcp://localhost:PORT/session",
    "remote+tcp://localhost:PORT",
    "remote+tcp://localhost:PORT/anything?name",
    "qemu:///system?socket=SOCKET",
    "qemu:/system?socket=SOCKET",
    "qemu+unix:///system?Socket=/x&sockeT=SOCKET",
    "qemu:///system?socket=SOCKET&mode=direct",
    "qemu+unix:///system?socket=SOCKET&key=%c3%a9",
    "lxc+unix:///system?socket=SOCKET",
    "remote:?socket=SOCKET",
    "qemu+ext://somebody@host:99/system?command=PROGRAM",
  ])("%s", async (uri) => {
    const target = here(uri);
    expect(await ours(target)).toEqual(await theirs(target));
  });
});

describe("a URI that the daemon refuses is refused as it is for the C client", () => {
  test.each([
    "test+tcp://localhost:PORT",
    "test+tcp://localhost:PORT/",
    "test+tcp://localhost:PORT/default/",
    "test+tcp://localhost:PORT//default",
    "test+tcp://localhost:PORT/default%20",
    "TEST+tcp://localhost:PORT/default",
    "Remote+tcp://localhost:PORT/",
    "qemu+tcp://localhost:PORT",
    "qemu+tcp://localhost:PORT/System",
    "qemu+tcp://localhost:PORT/system/",
    "qemu+tcp://localhost:PORT/system;a=b",
    "QEMU:///system?socket=SOCKET",
    "qemu:?socket=SOCKET",
    "qemu:////system?socket=SOCKET",
    "qemu+unix:system?socket=SOCKET",
  ])("%s", async (uri) => {
    const target = here(uri);
    expect(await outcome(ours(target))).toEqual(await outcome(theirs(target)));
    await expect(ours(target)).rejects.toThrow(LibvirtError);
  });
});

describe("a URI that the C client refuses is refused", () => {
  test.each([
    "test+tcp://[::1/default",
    "test+tcp://::1:PORT/default",
    "test+tcp://[127.0.0.1]:PORT/default",
    "test+tcp://localhost:/default",
    "test+tcp://localhost:999999/default",
    "test+tcp://localhost:PORT\\default",
    "test+tcp://local host:PORT/default",
    " test+tcp://localhost:PORT/default",
    "test+tcp://localhost:PORT/default ",
    "test+tcp://localhost:PORT/défaut",
    "test+tcp//localhost:PORT/default",
    "test+ tcp://localhost:PORT/default",
    "test+tcp+ssh://localhost:PORT/default",
    "qemu+ssh2://localhost/system",
    "qemu+tcp",
    "qemu+unix://localhost/system?socket=SOCKET",
    "qemu+unix:///system?socket=SOCKET&key=%zz",
    "qemu://system?socket=SOCKET",
    "qemu+ext:///system",
    "qemu+ext:///system?command=",
    "qemu+ext:///system?command=PROGRAM%20argument",
    "test+tcp://localhost:PORT/default?no_verify=yes",
    "test+tcp://localhost:PORT/default?no_verify=",
    "test+tcp://localhost:PORT/default?mode=turbo",
    "test+tcp://localhost:PORT/default?proxy=x",
    "test+tcp://localhost:PORT/default?auth=none",
    "test+tcp://localhost:PORT/default?auth=sasl",
    "test+tcp://localhost:PORT/default?auth=polkit",
  ])("%j", async (uri) => {
    const target = here(uri);
    expect(await outcome(theirs(target))).toHaveProperty("error");
    const error: unknown = await ours(target).catch((reason) => reason);
    const kinds = [TypeError, RangeError, ConnectionError, AuthenticationError];
    expect(kinds.some((kind) => error instanceof kind)).toBe(true);
  });
});

test("where a driver has a daemon of its own, mode decides as with virsh", async () => {
  // What libvirtd's own host name tells is which of the two has answered.
  for (const ending of ["sock", "sock-ro"]) {
    const from = join(qemud.directory, `run/libvirt-${ending}`);
    await symlink(from, join(daemon.directory, `run/virtqemud-${ending}`));
  }
  const beside = ["nsenter", `--mount=/proc/${daemon.pid}/ns/mnt`];
  const expected: readonly (readonly [uri: string, hostname: string])[] = [
    ["qemu:///system", "virtqemud-host"],
    ["qemu+unix:///system?mode=auto", "virtqemud-host"],
    ["qemu:///system?mode=direct", "virtqemud-host"],
    ["qemu:///system?mode=legacy", "libvirtd-host"],
    ["qemu:///session", "virtqemud-host"],
    ["lxc:///system", "libvirtd-host"],
    ["lxc:///system?mode=legacy", "libvirtd-host"],
  ];
  // For a virsh as Debian builds it nobody's choice is libvirtd's; libvirt's own default is to look for drivers here.
  const probed = ["", "virtqemud-host"];
  const uris = expected.map(([uri]) => uri);
  for (const readonly of [false, true]) {
    const theirs = await Promise.all(
      uris.map(async (uri) => {
        const args = [...(readonly ? ["--readonly"] : []), "--connect", uri, "hostname"];
        const [command = "", ...rest] = [...beside, "virsh", ...args];
        return [uri, (await runCommand(command, rest)).stdout.trim()];
      }),
    );
    expect(theirs).toEqual(expected);
    const args = [JSON.stringify({ readonly }), ...uris, ""];
    const { stdout, stderr } = await run("test/support/hostnames.ts", { beside: daemon, args });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([...expected, probed]);
  }
  const absent = [...beside, "virsh", "--connect", "lxc:///system?mode=direct", "hostname"];
  await expect(runCommand("nsenter", absent.slice(1))).rejects.toThrow("virtlxcd-sock");
  const args = ["{}", "lxc:///system?mode=direct"];
  const refused = await run("test/support/hostnames.ts", { beside: daemon, args });
  expect(refused.stderr).toContain(
    "Cannot connect to /var/run/libvirt/virtlxcd-sock: there is no such socket",
  );
});
