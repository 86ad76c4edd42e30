import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connect } from "../../src/index.js";
import { createDriver } from "../../src/testing/driver/driver.js";
import { type Served, serve } from "../../src/testing/serve.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

// What libvirt's own clients print of our test driver has to be what they print of libvirtd's.

/** virsh's commands, the programs, and the definitions that they use. */
const folder = fileURLToPath(new URL("test-driver", import.meta.url));

/** The answers to these differ for libvirt 9, and why. */
const newer: readonly (readonly [commands: RegExp, reason: string])[] = [
  [/^freepages /, "its test driver forgets to say how many numbers it answers with"],
  [/^cpu-models /, "it knows fewer models"],
  [/^domcapabilities /, "its test driver has none"],
  [/^(attach|update)-(device|disk) /, "its test driver has none"],
  [/^nodedev-list /, "its test driver does not know virsh's flag for active ones"],
];

let libvirtd: Libvirtd;
let server: Served;
let directory: string;
const errors: unknown[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-interop-"));
  libvirtd = await startLibvirtd({ tcp: true, conf: { keepalive_interval: 1, keepalive_count: 3 } });
  server = await serve({
    handlers: createDriver(),
    listen: [`unix:${directory}/sock`, "tcp:127.0.0.1:0"],
    keepAlive: { interval: 1, count: 3 },
    onError: (error) => errors.push(error),
  });
});

afterAll(async () => {
  await server.close();
  await libvirtd.stop();
  await rm(directory, { recursive: true });
  // Whatever these clients do, no handler has failed.
  expect(errors).toEqual([]);
});

type Way = "unix" | "tcp";

function uris(transport: Way): { theirs: string; ours: string } {
  const [, tcp = ""] = server.addresses;
  const ours = {
    unix: `test+unix:///default?socket=${directory}/sock`,
    tcp: `test+${tcp.replace(":", "://")}/default`,
  };
  return { theirs: libvirtd.uri("test", { transport }), ours: ours[transport] };
}

/** Lets a client work with both drivers, each time in a folder that has the definitions and takes what it saves. */
async function onBoth<T>(transport: Way, work: (uri: string, cwd: string) => Promise<T>) {
  const { theirs, ours } = uris(transport);
  const play = async (uri: string) => {
    const cwd = await mkdtemp(join(directory, "cwd-"));
    await cp(folder, cwd, { recursive: true });
    return work(uri, cwd);
  };
  const [expected, actual] = await Promise.all([play(theirs), play(ours)]);
  return { expected, actual };
}

/** What a client prints, errors included. */
async function output(cwd: string, uri: string, command: readonly string[]): Promise<string> {
  // The file is for those who pass descriptors.
  const argv = ["-c", 'exec "$0" "$@" 2>&1 3</dev/null', ...command];
  const { stdout } = await promisify(execFile)("sh", argv, { cwd, env: environment, timeout: 30_000 });
  return stdout.replaceAll(uri, "URI");
}

const environment = { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", HOME: "/proc/nonexistent" };

const virsh = (uri: string) => ["virsh", "--quiet", "-k", "1", "-K", "3", "-c", uri];

/** The commands with what each prints. */
async function conversation(cwd: string, uri: string, commands: readonly string[]) {
  const script = commands.map((command, i) => `echo '<${i}>'; ${command}`).join("; ");
  const parts = (await output(cwd, uri, [...virsh(uri), script])).split(/<(\d+)>/).slice(1);
  return commands.map((command, i) => {
    expect(parts[2 * i]).toBe(String(i));
    return [command, withoutTime(command, parts[2 * i + 1] ?? "")];
  });
}

/** Much of what domains do is what the clock says. */
function withoutTime(command: string, text: string): string {
  const printed = text.replace(/[ \t]+$/gm, "").trim();
  return /^(dominfo|domblkstat|domifstat) /.test(command)
    ? printed.replace(/\d{9,}(\.\d+)?/g, "TIME")
    : printed;
}

/** Has virsh print all events of domains meanwhile. */
async function watched<T>(cwd: string, uri: string, act: () => Promise<T>) {
  const [command = "", ...args] = [...virsh(uri), "event", "--all", "--loop"];
  const watcher = spawn(command, args, { cwd, env: environment, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void watcher.kill("SIGKILL"));
  let printed = "";
  watcher.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  await using conn = await connect(uri);
  await expect
    .poll(async () => {
      const domain = await conn.domainLookupByName("test");
      await domain.suspend();
      await domain.resume();
      return printed;
    })
    .toContain("'test'");
  const result = await act();
  await expect.poll(() => printed).toContain("'the-last-one'");
  watcher.kill("SIGINT");
  await once(watcher, "close");
  // libvirt 9's test driver has no devices that come.
  return {
    result,
    events: printed.split("\n").filter((line) => /^event '(?!device).*(?<!'test'): /.test(line)),
  };
}

describe.each(["unix", "tcp"] as const)("over %s, of both test drivers", (transport) => {
  test("virsh prints the same", async () => {
    const lines = (await readFile(join(folder, "commands"), "utf8")).split("\n");
    const commands = lines.filter((line) => line !== "" && !line.startsWith("#"));
    const { expected, actual } = await onBoth(transport, (uri, cwd) =>
      watched(cwd, uri, () => conversation(cwd, uri, commands)),
    );
    const comparable = (result: string[][]) =>
      result.filter(([command = ""]) => !newer.some(([pattern]) => pattern.test(command)));
    expect(comparable(actual.result)).toEqual(comparable(expected.result));
    expect(actual.events).toEqual(expected.events);
    expect(actual.events).toContain("event 'lifecycle' for domain 'web': Started Booted");
  });

  test.each([
    ["libvirt-python", ["/usr/bin/python3", "client.py"]],
    ["Sys::Virt", ["/usr/bin/perl", "client.pl"]],
  ])("a program with %s prints the same", async (_, program) => {
    const { expected, actual } = await onBoth(transport, (uri, cwd) => output(cwd, uri, [...program, uri]));
    expect(actual).toBe(expected);
    expect(actual).toMatch(/^device scsi_host12 0 0$/m);
    expect(actual).toMatch(/^still there: 1$/m);
  });
});
