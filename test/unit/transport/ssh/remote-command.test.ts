import { execFile } from "node:child_process";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { remoteCommand } from "../../../../src/transport/ssh/remote-command.js";
import { parseUri } from "../../../../src/transport/uri.js";
import { joinUri } from "../../../../src/transport/uri-syntax.js";
import { fakeHost } from "../fake-host.js";
import { temporaryDirectory } from "../peers.js";

const run = promisify(execFile);

const root = fakeHost({ uid: 0 });
const user = fakeHost({ uid: 1000, env: { XDG_RUNTIME_DIR: "/run/user/1000" } });

const command = (uri: string, { readonly = false, host = root } = {}) =>
  remoteCommand(parseUri(uri), readonly, host);

/** A URI with parameters of whatever kind. */
function uriWith(query: Readonly<Record<string, string>>, path = "/system"): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const nothing = { user: undefined, port: undefined, fragment: undefined };
  return joinUri({ ...nothing, scheme: "qemu+ssh", host: "far", path, query: pairs.join("&") });
}

/** The script for nc, whose name and socket are as given within the single quotes around it. */
const nc = (program: string, socket: string) =>
  `if ${program} -q 2>&1 | grep "requires an argument" >/dev/null 2>&1; then ARG=-q0;else ARG=;fi;` +
  `${program} $ARG -U ${socket}`;
const socket = "/var/run/libvirt/libvirt-sock";

describe("the command for the far side", () => {
  test("prefers the helper, and falls back on nc", () => {
    const both = (helper: string, socket: string) =>
      "sh -c 'which virt-ssh-helper 1>/dev/null 2>&1; if test $? = 0; then     " +
      `${helper}; else    ${nc("'nc'", socket)}; fi'`;
    expect(command("qemu+ssh://far/system")).toBe(both("virt-ssh-helper 'qemu:///system'", socket));
    expect(command("qemu+ssh://far/system?proxy=auto")).toBe(command("qemu+ssh://far/system"));
    expect(command("qemu+ssh://far/system", { readonly: true })).toBe(
      both("virt-ssh-helper -r 'qemu:///system'", `${socket}-ro`),
    );
    expect(command("qemu+ssh://far/system?mode=legacy")).toBe(
      both("virt-ssh-helper '''\\''qemu:///system?mode=legacy'\\''''", socket),
    );
  });

  test.each([
    ["qemu+ssh://far/system?proxy=native", "qemu:///system"],
    ["qemu+libssh2://me@far:22/system?proxy=native", "qemu:///system"],
    ["lxc+ssh://far/?proxy=native&keyfile=/k&no_verify=1", "lxc:///"],
    ["remote+ssh://far/?proxy=native&name=test:///default", "test:///default"],
  ])("is the helper alone for %s", (uri, name) => {
    expect(command(uri)).toBe(`sh -c 'virt-ssh-helper '${name}''`);
    expect(command(uri, { readonly: true })).toBe(`sh -c 'virt-ssh-helper -r '${name}''`);
  });

  test("is the helper alone for the daemon of a user's own, wherever that has its socket", () => {
    expect(command("qemu+ssh://far/session", { host: user })).toBe(
      "sh -c 'virt-ssh-helper 'qemu:///session''",
    );
    expect(command("test+ssh://far/default", { host: user })).toBe(
      "sh -c 'virt-ssh-helper 'test:///default''",
    );
    expect(command("qemu+ssh://far/session")).toContain("else    if 'nc'");
  });

  test.each([
    ["qemu+ssh://far/system?proxy=netcat", "'nc'", socket],
    ["qemu+ssh://far/system?netcat=netcat", "'netcat'", socket],
    ["qemu+ssh://far/system?netcat=/usr/bin/nc.openbsd&proxy=auto", "'/usr/bin/nc.openbsd'", socket],
    ["qemu+ssh://far/system?socket=/tmp/socket", "'nc'", "/tmp/socket"],
    ["qemu+ssh://far/system?socket=/tmp/socket&netcat=nc", "'nc'", "/tmp/socket"],
    ["qemu+ssh://far/system?netcat=n%20c", "'''\\''n c'\\''''", socket],
    ["qemu+ssh://far/system?netcat=n%22c", "'''\\''n\"c'\\''''", socket],
    ["qemu+ssh://far/system?netcat=n'c", "'''\\''n'\\''\\'\\'''\\''c'\\''''", socket],
  ])("is nc alone for %s", (uri, program, path) => {
    expect(command(uri)).toBe(`sh -c '${nc(program, path)}'`);
  });

  test("lets nc look for a user's own daemon where it would be here", () => {
    expect(command("qemu+ssh://far/session?proxy=netcat", { host: user })).toBe(
      `sh -c '${nc("'nc'", "/run/user/1000/libvirt/libvirt-sock")}'`,
    );
  });

  test("tells the helper of mode and socket, which are its business", () => {
    const uri = "qemu+ssh://far/system?mode=direct&socket=/x&proxy=native";
    expect(command(uri)).toContain("qemu:///system?mode=direct&socket=%2Fx");
  });

  test("cannot be for what contradicts itself", () => {
    const helper = "qemu+ssh://far/system?proxy=native&netcat=nc";
    expect(() => command(helper)).toThrow(RangeError);
    expect(() => command(helper)).toThrow("netcat= has no use");
    expect(() => command("qemu+ssh://far/session?netcat=nc", { host: user })).toThrow("proxy=netcat");
    expect(() => command("qemu+ssh://far/system?mode=direct")).toThrow(RangeError);
    expect(() => command("qemu+ssh://far/system?mode=direct&proxy=netcat")).toThrow("proxy=native");
  });
});

const hostile = [
  "plain",
  "two words",
  " spaces  around ",
  "it's",
  "''",
  "'; touch pwned; '",
  "'\\''; touch pwned #",
  '"; touch pwned; "',
  "$(touch pwned)",
  "`touch pwned`",
  "$HOME $PATH $$ $?",
  "a;touch pwned",
  "a&touch pwned&",
  "a|touch pwned",
  "a\ntouch pwned\n",
  "\ta\rb",
  "back\\slash \\' \\\\",
  "\\",
  "*",
  "~",
  "~root",
  "{a,b}",
  "[a-z]?",
  "<in >out",
  "#comment",
  "!history !! !$",
  "%percent %20",
  "A=b",
  "-dash",
  "--help",
  "ünïcödé 名前 🖥",
  "\u00a0\u2028\ufeff",
  "\x07\x1b[2J",
];

/** The shells that a user may have, and what the command asks of the far side besides nc and the helper. */
const shells = ["/bin/sh", "/bin/bash"];
const tools = ["sh", "which", "grep"];

let paths: string[];
beforeAll(async () => {
  paths = (await run("which", tools)).stdout.trim().split("\n");
});

/** Runs a command as sshd would, on a far side with one program, and returns the arguments that this got. */
async function argumentsOf(program: string, shell: string, line: string): Promise<string[]> {
  const bin = await temporaryDirectory();
  const home = await temporaryDirectory();
  await Promise.all(paths.map((path) => symlink(path, join(bin, basename(path)))));
  // Like nc.openbsd it says that -q takes a number.
  const script = `#!/bin/sh
[ "$*" = -q ] && { echo "nc: option requires an argument -- 'q'" >&2; exit 1; }
printf '%s\\0' "$@" >>'${home}/arguments'
`;
  await writeFile(join(bin, program), script, { mode: 0o755 });
  await run(shell, ["-c", line], { cwd: home, env: { PATH: bin, HOME: home } });
  expect(await readdir(home)).toEqual(["arguments"]);
  return (await readFile(join(home, "arguments"), "utf8")).split("\0").slice(0, -1);
}

describe.each(shells)("through %s as the login shell", (shell) => {
  test("the helper gets any name as it is", async () => {
    for (const name of hostile) {
      const line = command(uriWith({ name }));
      expect(await argumentsOf("virt-ssh-helper", shell, line), name).toEqual([name]);
    }
  });

  test("nc gets any socket as it is, if not for an option", async () => {
    for (const name of hostile) {
      const path = name.startsWith("-") ? `./${name}` : name;
      const line = command(uriWith({ socket: name, proxy: "auto" }));
      expect(await argumentsOf("nc", shell, line), name).toEqual(["-q0", "-U", path]);
    }
  });

  test("nc may have any name", async () => {
    for (const netcat of hostile) {
      const line = command(uriWith({ netcat }));
      expect(await argumentsOf(netcat, shell, line), netcat).toEqual(["-q0", "-U", socket]);
    }
  });
});
