import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { AuthenticationError, ConnectionError } from "../../../src/errors.js";
import { connectSsh, sshArguments, sshPeer } from "../../../src/transport/ssh.js";
import { parseUri } from "../../../src/transport/uri.js";
import { fakeHost } from "./fake-host.js";
import { temporaryDirectory } from "./peers.js";
import { Recorder } from "./recorder.js";

const host = fakeHost({ uid: 0 });

afterEach(() => void vi.unstubAllEnvs());

/** A program in ssh's place, which runs this script. */
async function fakeSsh(script: string): Promise<string> {
  const path = join(await temporaryDirectory(), "ssh");
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

describe("the command line of ssh", () => {
  const fixed = ["-T", "-e", "none"];
  test.each<[uri: string, args: string[], host: string]>([
    ["test+ssh:///default", fixed, "localhost"],
    ["qemu+ssh://somehost/system", fixed, "somehost"],
    ["qemu+ssh://somehost:9000/system", ["-p", "9000", ...fixed], "somehost"],
    ["qemu+ssh://fred@somehost:0/system", ["-l", "fred", ...fixed], "somehost"],
    [
      "qemu+ssh://fred@somehost:9000/system?no_tty=1&netcat=netcat",
      ["-p", "9000", "-l", "fred", ...fixed, "-o", "BatchMode=yes"],
      "somehost",
    ],
    [
      "qemu+ssh://fred@somehost:9000/system?no_verify=1",
      ["-p", "9000", "-l", "fred", ...fixed, "-o", "StrictHostKeyChecking=no"],
      "somehost",
    ],
    [
      "qemu+ssh://h/?NO_VERIFY=2&No_Tty=-1",
      [...fixed, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"],
      "h",
    ],
    ["qemu+ssh://h/?no_verify=0&no_tty=0", fixed, "h"],
    [
      "qemu+ssh://example.com/system?keyfile=/root/.ssh/example_key&no_verify=1",
      ["-i", "/root/.ssh/example_key", ...fixed, "-o", "StrictHostKeyChecking=no"],
      "example.com",
    ],
    ["qemu+ssh://[fe80::1]:22/system", ["-p", "22", ...fixed], "fe80::1"],
    ["qemu+ssh://-oProxyCommand=reboot/system", fixed, "-oProxyCommand=reboot"],
    ["qemu+ssh://-lroot@h/?keyfile=-E/x", ["-l", "-lroot", "-i", "-E/x", ...fixed], "h"],
    ["qemu+ssh://h/?known_hosts=/k&sshauth=agent&pkipath=/p", fixed, "h"],
  ])("for %s", (uri, args, name) => {
    expect(sshArguments(parseUri(uri), "the command")).toEqual([...args, "--", name, "the command"]);
  });

  test.each([
    ["qemu+ssh://h/system", "ssh:h"],
    ["qemu+ssh:///system", "ssh:localhost"],
    ["qemu+ssh://me@h:22/system", "ssh:me@h:22"],
    ["qemu+ssh://[fe80::1]:22/system", "ssh:[fe80::1]:22"],
    ["qemu+libssh2://[fe80::1]/system", "libssh2:fe80::1"],
    ["qemu+ssh://me:geheim@h/system", "ssh:me:***@h"],
  ])("leads from %s to the peer %s", (uri, peer) => {
    expect(sshPeer(parseUri(uri))).toBe(peer);
  });
});

describe("a connection by ssh", () => {
  test("runs the program that the URI names, and counts as safe", async () => {
    const command = await fakeSsh("printf '%s\\n' \"$@\"");
    const uri = parseUri(`qemu+ssh://me@far:44/system?proxy=native&command=${command}`);
    const transport = await connectSsh(uri, true, host);
    expect(transport).toMatchObject({ peer: "ssh:me@far:44", secure: true, encrypted: false });
    const recorder = Recorder.on(transport);
    await recorder.untilClosed();
    const args = ["-p", "44", "-l", "me", "-T", "-e", "none", "--", "far"];
    expect(recorder.text.split("\n")).toEqual([...args, "sh -c 'virt-ssh-helper -r 'qemu:///system''", ""]);
  });

  test("passes on what ssh needs of the environment, and nothing else", async () => {
    const wanted = {
      ...{ XDG_RUNTIME_DIR: "/run/me", KRB5CCNAME: "cc", SSH_AUTH_SOCK: "/agent", SSH_ASKPASS: "ask" },
      ...{ SSH_ASKPASS_REQUIRE: "force", OPENSSL_CONF: "conf", DISPLAY: ":1", WAYLAND_DISPLAY: "wayland-1" },
      XAUTHORITY: "/xauth",
    };
    const terminal = { GPG_TTY: "/dev/pts/1", TERM: "vt100" };
    const unwanted = { LIBVIRT_DEFAULT_URI: "x", SSH_CONNECTION: "y", SECRET: "z" };
    for (const [name, value] of Object.entries({ ...wanted, ...terminal, ...unwanted })) {
      vi.stubEnv(name, value);
    }
    const environment = async (query: string) => {
      const uri = parseUri(`qemu+ssh://far/system?command=${await fakeSsh("env")}${query}`);
      const recorder = Recorder.on(await connectSsh(uri, false, host));
      await recorder.untilClosed();
      return Object.fromEntries(recorder.text.split("\n").map((line) => line.split("=", 2)));
    };
    const usual = await environment("");
    expect(usual).toMatchObject({ ...wanted, ...terminal, LC_ALL: "C", PATH: process.env["PATH"] });
    for (const name of Object.keys(unwanted)) expect(usual).not.toHaveProperty(name);
    const silent = await environment("&no_tty=1");
    expect(silent).toMatchObject(wanted);
    for (const name of Object.keys(terminal)) expect(silent).not.toHaveProperty(name);
  });

  test("does not begin where the URI contradicts itself", async () => {
    const log = join(await temporaryDirectory(), "log");
    const command = await fakeSsh(`touch ${log}`);
    const uri = parseUri(`qemu+ssh://far/system?proxy=native&netcat=nc&command=${command}`);
    await expect(connectSsh(uri, false, host)).rejects.toThrow(RangeError);
    await expect(readFile(log)).rejects.toThrow("ENOENT");
  });
});

/** What becomes of a connection whose ssh says this on standard error, and ends with this status. */
async function failure(words: string, status: number, query = "", user = "me"): Promise<Error> {
  const command = await fakeSsh(`cat <<'END' >&2\n${words}\nEND\nexit ${status}`);
  const uri = parseUri(`qemu+ssh://${user}@far:44/system?command=${command}${query}`);
  const recorder = Recorder.on(await connectSsh(uri, false, host));
  await recorder.untilClosed();
  const [error] = recorder.closings;
  if (!error) throw new Error("it did not fail");
  return error;
}

describe("a failure of ssh itself tells what to do", () => {
  test.each<[what: string, words: string, kind: typeof ConnectionError | typeof AuthenticationError, RegExp]>(
    [
      [
        "an unknown host key",
        "Host key verification failed.",
        AuthenticationError,
        /not known here.*no_verify=1/,
      ],
      [
        "an unknown host key, in other words",
        "No ED25519 host key is known for far and you have requested strict checking.",
        AuthenticationError,
        /not known here/,
      ],
      [
        "another host key than before",
        "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
        AuthenticationError,
        /another server than you think.*ssh-keygen -R '\[far\]:44'/,
      ],
      ["a key refused", "me@far: Permission denied (publickey).", AuthenticationError, /let me in.*keyfile=/],
      [
        "too many keys",
        "Received disconnect from 10.0.0.1 port 44:2: Too many authentication failures",
        AuthenticationError,
        /let me in/,
      ],
      [
        "no such name",
        "ssh: Could not resolve hostname far: Name or service not known",
        ConnectionError,
        /no such host/,
      ],
      [
        "nothing that listens",
        "ssh: connect to host far port 44: Connection refused",
        ConnectionError,
        /nothing listens there.*sshd/,
      ],
      [
        "no way",
        "ssh: connect to host far port 44: No route to host",
        ConnectionError,
        /no way to that host/,
      ],
      [
        "no answer",
        "ssh: connect to host far port 44: Connection timed out",
        ConnectionError,
        /no way to that host/,
      ],
      [
        "no SSH server",
        "kex_exchange_identification: Connection closed by remote host\nConnection closed by 10.0.0.1 port 44",
        ConnectionError,
        /no SSH server.*MaxStartups/,
      ],
      [
        "a jump host that is the cause",
        "ssh: connect to host jump port 22: Connection refused\nConnection closed by UNKNOWN port 65535",
        ConnectionError,
        /nothing listens there/,
      ],
      [
        "a name that is none",
        "hostname contains invalid characters",
        ConnectionError,
        /no host has a name like "far"/,
      ],
    ],
  )("%s", async (_, words, kind, advice) => {
    const error = await failure(words, 255);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(/^Cannot connect to ssh:me@far:44: /);
    expect(error.message).toMatch(advice);
    expect(error.message).toContain(words.split("\n").at(-1));
  });

  test.each(["me:geheim@far: Permission denied (publickey).", "me:geheim is nobody"])(
    "and shows no password that the URI has beside the name: %s",
    async (words) => {
      const { message } = await failure(words, 255, "", "me:geheim");
      expect(message).not.toContain("geheim");
      expect(message).toContain(words.replace("geheim", "***"));
      expect(message).toContain("ssh:me:***@far:44");
    },
  );

  test("unless what ssh says is enough", async () => {
    const error = await failure("Bad configuration option: foo", 255);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toMatch(/^The connection to ssh:me@far:44 broke: .*Bad configuration option: foo$/);
  });

  test("unless it had got through before", async () => {
    const { message } = await failure("Connection to far closed by remote host.", 255);
    expect(message).toMatch(/^The connection to ssh:me@far:44 broke/);
    const lost = await failure("Read from remote host far: Connection reset by peer", 255);
    expect(lost.message).toMatch(/^The connection to ssh:me@far:44 broke/);
  });
});

describe("a failure on the far side tells what to do", () => {
  const none = "no daemon listens on the far side";
  test.each([
    ["sh: 1: nc: not found", 127, "", "neither virt-ssh-helper nor nc"],
    ["sh: line 1: virt-ssh-helper: command not found", 127, "&proxy=native", "use nc by proxy=netcat"],
    ["sh: nocat: not found", 127, "&netcat=nocat", 'no program "nocat"'],
    ["nc: /var/run/libvirt/libvirt-sock: No such file or directory", 1, "", none],
    ["nc.openbsd: /x/y: No such file or directory", 1, "&socket=/x/y", "Check socket="],
    ["nc: unix connect failed: No such file or directory", 1, "", none],
    ["Ncat: No such file or directory.", 1, "", none],
    ["netcat: /var/run/libvirt/libvirt-sock: Connection refused", 1, "", "Start the daemon again"],
    ["nc: /var/run/libvirt/libvirt-sock: Permission denied", 1, "", "me may not use"],
    ["virt-ssh-helper: cannot parse URI transport '': missing scheme for URI", 1, "", "names a driver"],
    ["virt-ssh-helper: unexpected URI transport 'qemu+tcp://h/'", 1, "&name=qemu%2Btcp://h/", "mend name="],
    ["nc: invalid option -- 'U'", 1, "", "knows nothing of unix sockets"],
    ["BusyBox v1.35.0\n\nnc: unrecognized option: U", 1, "", "knows nothing of unix sockets"],
    [
      "virt-ssh-helper: cannot connect to '/var/run/libvirt/libvirt-sock': Failed to connect socket to " +
        "'/var/run/libvirt/libvirt-sock': Permission denied",
      1,
      "",
      "me may not use",
    ],
  ])("%s", async (words, status, query, advice) => {
    const error = await failure(words, status, query);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toMatch(/^Cannot connect to ssh:me@far:44: /);
    expect(error.message).toContain(advice);
    expect(error.message).toContain(words.split("\n").at(-1));
  });

  test("and does not take a shell's other complaints for it", async () => {
    const { message } = await failure(
      "/etc/profile: /usr/games/fortune: No such file or directory\nhelper: killed",
      137,
    );
    expect(message).toMatch(/^The connection to ssh:me@far:44 broke: .* exited with status 137, saying/);
  });
});
