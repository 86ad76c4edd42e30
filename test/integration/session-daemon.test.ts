import { existsSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seenProcess, UserSession } from "../support/session.js";

let user: UserSession;
let socket: string;

beforeEach(async () => {
  user = await UserSession.create();
  socket = join(user.runtimeDirectory, "libvirt/libvirt-sock");
});

afterEach(() => user[Symbol.asyncDispose]());

describe("the user's own daemon", () => {
  test("is started as virsh starts it, and outlives who has started it", async () => {
    const { stdout } = await user.connect(["qemu:///session"]);
    expect(stdout).toBe(`qemu:///session at unix:${socket}\n`);
    const [ours, ...others] = await user.daemons();
    expect(others).toEqual([]);
    expect(await user.virsh("-c", "qemu:///session", "uri")).toBe("qemu:///session");
    expect(await user.daemons()).toEqual([ours]);

    const seen = await seenProcess(ours!);
    await user.end();
    await user.virsh("-c", "qemu:///session", "uri");
    const [theirs] = await user.daemons();
    expect(seen).toEqual(await seenProcess(theirs!));
    expect((await user.connect(["qemu:///session"])).stdout).toBe(stdout);
    expect(await user.daemons()).toEqual([theirs]);
  });

  test.each(["test+unix:///default", "", "qemu:///session?mode=legacy"])("is started for %j", async (uri) => {
    const { stdout } = await user.connect([uri]);
    expect(stdout).toMatch(/^(test\+unix|qemu):\/\/\/(default|session)\S* at unix:/);
    expect(await user.daemons()).toHaveLength(1);
  });

  test("is started once, however many want it", async () => {
    const uris = Array.from({ length: 5 }, () => "test+unix:///default");
    const clients = await Promise.all([
      ...[1, 2, 3].map(async () => (await user.connect(uris)).stdout.trim().split("\n")),
      user.virsh("-c", "test+unix:///default", "uri"),
    ]);
    const ours = `test+unix:///default at unix:${socket}`;
    expect(clients).toEqual([...[1, 2, 3].map(() => uris.map(() => ours)), "test+unix:///default"]);
    expect(await user.daemons()).toHaveLength(1);
  });

  test("is started anew where one was killed and has left its socket", async () => {
    await user.connect(["qemu:///session"]);
    await user.end("SIGKILL");
    expect(existsSync(socket)).toBe(true);
    expect((await user.connect(["qemu:///session"])).stdout).toContain(`at unix:${socket}`);
  });
});

describe("the user's own daemon is not started", () => {
  test("where LIBVIRT_AUTOSTART is 0", async () => {
    const { stdout } = await user.connect(["qemu:///session"], { LIBVIRT_AUTOSTART: "0" });
    expect(stdout).toContain(
      "ConnectionError: No libvirt daemon is running here: none of its sockets exists",
    );
    expect(await user.daemons()).toEqual([]);
  });

  test("for the system's URI, nor for a socket that the user named", async () => {
    const named = `test+unix:///default?socket=${user.directory}/none`;
    const system = "qemu:///system?mode=direct";
    const { stdout } = await user.connect([system, named]);
    expect(stdout.match(/^ConnectionError: Cannot connect to .*: there is no such socket/gm)).toHaveLength(2);
    expect(await user.daemons()).toEqual([]);
  });

  test.each([
    ["", "virtqemud or libvirtd"],
    ["?mode=direct", "virtqemud"],
    ["?mode=legacy", "libvirtd"],
  ])(
    "where none is installed for qemu:///session%s, and the error says what was looked for",
    async (query, names) => {
      const { stdout } = await user.connect([`qemu:///session${query}`], { VIRTD_PATH: user.directory });
      expect(stdout).toContain(`there is no ${names} in ${user.directory} that could be started. Install it`);
    },
  );

  test("by its configuration: what it says about that is in the error", async () => {
    const folder = join(user.directory, "home/.config/libvirt");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "libvirtd.conf"), "max_clients = banana\n");
    const { stdout } = await user.connect(["qemu:///session"]);
    expect(stdout).toMatch(
      /ConnectionError: .* \S+\/libvirtd, .* exited with status \d+, saying: .*libvirtd\.conf:1/,
    );
    await rm(join(folder, "libvirtd.conf"));
    expect((await user.connect(["qemu:///session"])).stdout).toContain(`at unix:${socket}`);
  });

  test("by another program than LIBVIRTD_PATH leads to, and VIRTD_PATH before that", async () => {
    const daemon = async (folder: string, words: string) => {
      const path = join(user.directory, folder);
      await mkdir(path);
      await writeFile(join(path, "virtqemud"), `#!/bin/sh\necho "${words} $*" >&2\nexit 3\n`);
      await chmod(join(path, "virtqemud"), 0o755);
      return path;
    };
    const LIBVIRTD_PATH = await daemon("first", "I am the first");
    const VIRTD_PATH = await daemon("second", "I am the second");
    const first = await user.connect(["qemu:///session"], { LIBVIRTD_PATH });
    expect(first.stdout).toContain("exited with status 3, saying: I am the first --timeout=120.");
    const second = await user.connect(["qemu:///session"], { LIBVIRTD_PATH, VIRTD_PATH });
    expect(second.stdout).toContain("exited with status 3, saying: I am the second --timeout=120.");
  });
});
