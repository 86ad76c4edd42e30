import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Program } from "../support/program.js";

const support = (file: string) => fileURLToPath(new URL(`../support/${file}`, import.meta.url));

const usable = ["stream", "tcp", "fifo"];
const aborting = ["file", "memfd", "null", "terminal"];
const unknown = ["directory", "eventfd", "timerfd", "epoll", "pidfd", "udp", "datagram", "netlink"];
const unasked = ["file-at-once", "eventfd-at-once", "stream-at-once"];

test("no kind of descriptor that a daemon may send ends the program", async () => {
  const kinds = [...usable, ...aborting, ...unknown, ...unasked];
  const folder = await mkdtemp(join(tmpdir(), "virtwire-odd-"));
  const peer = spawn("python3", [support("odd_descriptors.py"), folder, ...kinds], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    await once(peer.stdout, "data");
    const args = kinds.map((kind) => join(folder, kind));
    const { status, stdout, stderr } = await new Program(support("descriptor-client.ts"), { args }).outcome;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.trim().split("\n");
    const outcomes = new Map(kinds.map((kind, index) => [kind, JSON.parse(lines[index] ?? "null")]));
    for (const kind of usable) expect(outcomes.get(kind), kind).toEqual({ taken: 1 });
    for (const kind of [...aborting, ...unknown, ...unasked]) {
      expect(outcomes.get(kind), kind).toMatchObject({ name: "ConnectionError" });
    }
    for (const kind of [...aborting, ...unknown]) {
      expect(outcomes.get(kind).message, kind).toMatch(/stream sockets and pipes only/);
    }
  } finally {
    peer.stdin.end();
    await once(peer, "exit");
    await rm(folder, { recursive: true });
  }
});
