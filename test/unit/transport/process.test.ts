import { getEventListeners } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import { connectExternal } from "../../../src/transport/ext.js";
import { connectProcess, type ProcessOptions } from "../../../src/transport/process.js";
import { temporaryDirectory } from "./peers.js";
import { Recorder, settle } from "./recorder.js";

const peer = { peer: "test:far", secure: true, encrypted: true };

/** A shell script as the program. */
async function shell(script: string, options: ProcessOptions = {}) {
  const transport = await connectProcess("sh", ["-c", script], peer, options);
  onTestFinished(() => transport.destroy());
  return transport;
}

async function outcome(script: string): Promise<Recorder> {
  const recorder = Recorder.on(await shell(script));
  await recorder.untilClosed();
  return recorder;
}

async function failure(attempt: Promise<unknown>): Promise<ConnectionError> {
  const error = await attempt.then(
    () => new Error("it succeeded"),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ConnectionError);
  return error;
}

async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(5);
  }
}

describe("a program that leads to a daemon", () => {
  test("is what the caller says about its safety", async () => {
    const transport = await shell("cat");
    expect(transport).toMatchObject(peer);
  });

  test("carries bytes both ways, unchanged", async () => {
    const transport = await shell("cat");
    const recorder = Recorder.on(transport);
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    transport.write(all);
    await recorder.until(() => recorder.size === 256);
    expect(Buffer.concat(recorder.chunks).equals(all)).toBe(true);
  });

  test("gets its arguments as they are, with no shell to read them", async () => {
    const args = ["a b", "$HOME", "'\"`", "", "*"];
    const print = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";
    const transport = await connectProcess(process.execPath, ["-e", print, "--", ...args], peer);
    const recorder = Recorder.on(transport);
    await recorder.untilClosed();
    expect(JSON.parse(recorder.text)).toEqual(args);
  });

  test("gets no more of the environment than it needs", async () => {
    const before = { ...process.env };
    onTestFinished(() => {
      process.env = before;
    });
    process.env = { ...before, SECRET: "x", WANTED: "y", LC_ALL: "de_DE.UTF-8", HOME: "/home/someone" };
    const recorder = Recorder.on(await shell("env", { passOn: ["WANTED", "UNSET"] }));
    await recorder.untilClosed();
    const variables = recorder.text.split("\n");
    expect(variables).toEqual(expect.arrayContaining(["LC_ALL=C", "WANTED=y", "HOME=/home/someone"]));
    expect(variables).toContain(`PATH=${before["PATH"]}`);
    expect(recorder.text).not.toMatch(/SECRET|UNSET/);
  });

  test("that is not there: its name, and what to do", async () => {
    for (const command of ["no-such-program", "/nowhere/ssh", "/dev/null/ssh"]) {
      const { message, cause } = await failure(connectProcess(command, [], peer));
      expect(message).toContain(`Cannot run "${command}": there is no such program here`);
      expect(message).toContain("command=");
      expect(cause).toBeInstanceOf(Error);
    }
  });

  test("that may not be run", async () => {
    const command = join(await temporaryDirectory(), "ssh");
    await writeFile(command, "");
    expect((await failure(connectProcess(command, [], peer))).message).toContain("not executable");
  });

  test("whose name cannot be one is the caller's mistake", async () => {
    await expect(connectProcess("", [], peer)).rejects.toThrow(TypeError);
  });
});

describe("the end of a program", () => {
  test("in good order and silence is the peer's end", async () => {
    const recorder = await outcome("echo bye");
    expect(recorder.text).toBe("bye\n");
    expect(recorder.closings).toEqual([undefined]);
  });

  test("with a complaint tells the complaint", async () => {
    const recorder = await outcome('printf "Permission denied\\r\\n  (publickey).\\n" >&2; exit 255');
    const [error] = recorder.closings;
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error?.message).toBe(
      "The connection to test:far broke: sh exited with status 255, saying: Permission denied; (publickey).",
    );
    expect(recorder.closings).toHaveLength(1);
  });

  test("in seeming order, but with a complaint, tells the complaint", async () => {
    const [error] = (await outcome("echo no daemon >&2")).closings;
    expect(error?.message).toContain("exited with status 0, saying: no daemon");
  });

  test("by a failure in silence, or by a signal, tells how", async () => {
    const [failed] = (await outcome("exit 7")).closings;
    expect(failed?.message).toContain("sh exited with status 7, without saying why");
    const [killed] = (await outcome("kill -KILL $$")).closings;
    expect(killed?.message).toContain("sh was ended by SIGKILL");
  });

  test("after much complaining tells the last lines, and nothing that a terminal would obey", async () => {
    const script =
      'yes "all kinds of things" | head -n 100000 >&2; printf "\\033[2Jthe point\\a\\n" >&2; exit 1';
    const [error] = (await outcome(script)).closings;
    expect(error?.message).toMatch(/(all kinds of things; ){9}\[2Jthe point$/);
    const [endless] = (await outcome("head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1")).closings;
    expect(endless?.message.length).toBeLessThan(2200);
  });

  test("comes when it closes its output and stays, with what it said", async () => {
    const recorder = await outcome("echo going >&2; exec >&-; exec sleep 600");
    const [error] = recorder.closings;
    expect(error?.message).toContain("sh stopped talking, saying: going");
    expect((await outcome("exec >&-; exec sleep 600")).closings).toEqual([undefined]);
  });

  test("does not wait for a grandchild that holds its standard error open", async () => {
    const pidFile = join(await temporaryDirectory(), "pid");
    const recorder = await outcome(`sleep 600 >/dev/null & echo $! >${pidFile}; echo gone >&2; exit 1`);
    process.kill(Number(await readFile(pidFile, "utf8")));
    expect(recorder.closings[0]?.message).toContain("saying: gone");
  });

  test("is waited for while what it wrote is paused", async () => {
    const transport = await shell("echo last words; echo trouble >&2; exit 1");
    const recorder = Recorder.on(transport);
    transport.pause();
    await sleep(300);
    expect(recorder.size).toBe(0);
    expect(recorder.closings).toEqual([]);
    transport.resume();
    await recorder.untilClosed();
    expect(recorder.text).toBe("last words\n");
    expect(recorder.closings[0]?.message).toContain("saying: trouble");
  });
});

describe("ending a connection", () => {
  test("lets the program pass on what it got, and is no failure whatever it says", async () => {
    const file = join(await temporaryDirectory(), "got");
    const transport = await shell(`cat >${file}; echo complaint >&2; exit 1`);
    const recorder = Recorder.on(transport);
    transport.write(Buffer.alloc(3_000_000));
    transport.end();
    await recorder.untilClosed();
    expect(recorder.closings).toEqual([undefined]);
    expect(await readFile(file)).toHaveLength(3_000_000);
  });

  test.each([
    ["stays", "echo $$; exec 0<&-; exec sleep 600"],
    ["ignores the wish that it go", "trap '' TERM; echo $$; while :; do sleep 0.05; done"],
  ])("makes a program go that %s", async (_, script) => {
    const transport = await shell(script);
    const recorder = Recorder.on(transport);
    await recorder.until(() => recorder.text.endsWith("\n"));
    transport.end();
    await recorder.untilClosed();
    expect(recorder.closings).toEqual([undefined]);
    await ended(Number(recorder.text));
  });

  test("by dropping it ends the program at once", async () => {
    const transport = await shell("echo $$; exec sleep 600");
    const recorder = Recorder.on(transport);
    await recorder.until(() => recorder.text.endsWith("\n"));
    const error = new Error("enough");
    transport.destroy(error);
    await recorder.untilClosed();
    expect(recorder.closings).toEqual([error]);
    await ended(Number(recorder.text));
  });

  test("by dropping it ends what the program has started, too", async () => {
    const transport = await shell("sleep 600 & sh -c 'sleep 600 & echo $!; wait' & echo $!; wait");
    const recorder = Recorder.on(transport);
    await recorder.until(() => recorder.text.split("\n").length === 3);
    transport.destroy();
    await recorder.untilClosed();
    for (const pid of recorder.text.trim().split("\n")) await ended(Number(pid));
  });

  test("does not stop a program that has ended from being told of", async () => {
    const transport = await shell("exit 3");
    await sleep(300);
    const recorder = Recorder.on(transport);
    transport.write(Buffer.from("x"));
    await recorder.untilClosed();
    expect(recorder.closings[0]?.message).toContain("status 3");
  });
});

describe("keeping the process running", () => {
  const handles = () => process.getActiveResourcesInfo().filter((name) => /Pipe|Process/.test(name));

  test("is as told", async () => {
    const before = handles();
    const transport = await shell("cat");
    const open = handles();
    transport.unref();
    expect(handles()).toEqual(before);
    transport.ref();
    expect(handles()).toEqual(open);
    const recorder = Recorder.on(transport);
    transport.end();
    await recorder.untilClosed();
    await settle();
    expect(handles()).toEqual(before);
  });

  test("is not done by what failed", async () => {
    const before = handles();
    await failure(connectProcess("no-such-program", [], peer));
    await settle();
    expect(handles()).toEqual(before);
  });
});

describe("an abort", () => {
  const reason = new Error("changed my mind");

  test("before the start means none", async () => {
    const signal = AbortSignal.abort(reason);
    await expect(connectProcess("sh", [], peer, { signal })).rejects.toBe(reason);
  });

  test("during the start ends it", async () => {
    const pidFile = join(await temporaryDirectory(), "pid");
    const controller = new AbortController();
    const { signal } = controller;
    const starting = connectProcess("sh", ["-c", `echo $$ >${pidFile}; exec sleep 600`], peer, { signal });
    controller.abort(reason);
    await expect(starting).rejects.toBe(reason);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    const pid = await readFile(pidFile, "utf8").catch(() => "");
    if (pid !== "") await ended(Number(pid));
  });

  test("after it is of no concern", async () => {
    const controller = new AbortController();
    const transport = await shell("cat", { signal: controller.signal });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    controller.abort(reason);
    const recorder = Recorder.on(transport);
    transport.write(Buffer.from("still here"));
    await recorder.until(() => recorder.text === "still here");
  });
});

test("a URI's own program runs without arguments, and counts as unsafe", async () => {
  const command = join(await temporaryDirectory(), "my program");
  await writeFile(command, '#!/bin/sh\necho "$#"\n');
  await chmod(command, 0o755);
  const transport = await connectExternal(command);
  expect(transport).toMatchObject({ peer: `ext:${command}`, secure: false, encrypted: false });
  const recorder = Recorder.on(transport);
  await recorder.untilClosed();
  expect(recorder.text).toBe("0\n");
});
