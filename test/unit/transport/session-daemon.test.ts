import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import type { Host } from "../../../src/transport/host.js";
import { daemonSockets } from "../../../src/transport/sockets.js";
import { connectUnix } from "../../../src/transport/unix.js";
import { parseUri } from "../../../src/transport/uri.js";
import { fakeHost } from "./fake-host.js";
import { listen, temporaryDirectory } from "./peers.js";

let directory: string;
let host: Host;

beforeEach(async () => {
  directory = await temporaryDirectory();
  await mkdir(join(directory, "libvirt"));
  host = fakeHost({ uid: 1000, env: { XDG_RUNTIME_DIR: directory, VIRTD_PATH: directory } });
});

const file = (name: string) => join(directory, name);
const socket = () => file("libvirt/virtqemud-sock");

/** What is started as virtqemud: a shell script. Each of its runs leaves a line in a file. */
async function daemon(script: string): Promise<void> {
  await writeFile(file("virtqemud"), `#!/bin/sh\necho $$ >>${file("runs")}\n${script}\n`);
  await chmod(file("virtqemud"), 0o755);
}

const runs = async () => (await readFile(file("runs"), "utf8").catch(() => "")).split("\n").slice(0, -1);

/** A process that is there, and nothing else. */
async function somebody(): Promise<ChildProcess> {
  const child = spawn("sleep", ["1000"]);
  await once(child, "spawn");
  onTestFinished(() => void child.kill());
  return child;
}

function open(signal?: AbortSignal) {
  const sockets = daemonSockets(parseUri("qemu:///session"), false, host);
  return connectUnix(sockets, host, { signal, autostart: true });
}

describe("starting the user's daemon", () => {
  test("is given up when the caller has enough", async () => {
    await daemon("exec sleep 1000");
    const controller = new AbortController();
    const reason = new Error("enough");
    const attempt = open(controller.signal);
    await expect.poll(runs, { timeout: 30_000 }).toHaveLength(1);
    controller.abort(reason);
    await expect(attempt).rejects.toBe(reason);
    process.kill(Number((await runs())[0]));
  });

  test("goes on for one caller when another has enough, with one daemon for both", async () => {
    await daemon("exec sleep 1000");
    const controller = new AbortController();
    const attempts = [open(controller.signal), open()] as const;
    await expect.poll(runs, { timeout: 30_000 }).toHaveLength(1);
    controller.abort();
    await expect(attempts[0]).rejects.toBe(controller.signal.reason);
    await listen({ path: socket() });
    (await attempts[1]).destroy();
    expect(await runs()).toHaveLength(1);
    process.kill(Number((await runs())[0]));
  });

  test("that another starts at the same time waits for that one", async () => {
    await daemon("echo 'somebody has the PID file' >&2; exit 1");
    const other = await somebody();
    await writeFile(file("libvirt/virtqemud.pid"), `${other.pid}\n`);
    const attempt = open();
    await expect.poll(runs, { timeout: 30_000 }).toHaveLength(1);
    await listen({ path: socket() });
    (await attempt).destroy();
    expect(await runs()).toHaveLength(1);
  });

  test("while another is about to go comes after that", async () => {
    await daemon("echo 'somebody has the PID file' >&2; exit 1");
    const other = await somebody();
    await writeFile(file("libvirt/virtqemud.pid"), `${other.pid}\n`);
    const attempt = open();
    attempt.catch(() => {});
    await expect.poll(runs, { timeout: 30_000 }).toHaveLength(1);
    await daemon("echo 'nobody has it now, but I cannot' >&2; exit 2");
    other.kill();
    await expect(attempt).rejects.toThrow(ConnectionError);
    await expect(attempt).rejects.toThrow(/exited with status 2, saying: nobody has it now, but I cannot\./);
    expect(await runs()).toHaveLength(2);
  });

  test("looks for it from where the program is, and not from where the daemon will be", async () => {
    await daemon("echo 'here I am' >&2; exit 1");
    const { XDG_RUNTIME_DIR } = host.env;
    host = fakeHost({ uid: 1000, env: { XDG_RUNTIME_DIR, VIRTD_PATH: relative(process.cwd(), directory) } });
    await expect(open()).rejects.toThrow("saying: here I am.");
    host = fakeHost({ uid: 1000, env: { XDG_RUNTIME_DIR, VIRTD_PATH: "", LIBVIRTD_PATH: directory } });
    await expect(open()).rejects.toThrow("saying: here I am.");
  });

  test("that cannot be run says why", async () => {
    await writeFile(file("virtqemud"), "#!/no/such/interpreter\n");
    await chmod(file("virtqemud"), 0o755);
    await expect(open()).rejects.toThrow(/virtqemud, .* could not be run: .*ENOENT, without saying why/);
  });

  test("keeps what it says short, and free of what a terminal would act on", async () => {
    await daemon("for i in $(seq 5000); do printf 'line %s \\033[31m\\n' $i; done >&2; exit 1");
    const message = await open().then(String, String);
    expect(message).toContain("line 4999  [31m; line 5000  [31m. Start it yourself");
    expect(message).not.toContain("\x1b");
    expect(message.length).toBeLessThan(1000);
  });

  test("that is there but for somebody else's eyes does not start it", async () => {
    await daemon("exit 1");
    await listen({ path: file("libvirt/libvirt-sock") });
    (await open()).destroy();
    expect(await runs()).toEqual([]);
  });
});
