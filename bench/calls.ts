import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLibvirtd } from "../test/support/libvirtd.js";
import { compare, type Entry, type Result, type Subject } from "./compare.js";
import { start, stop } from "./side.js";

/** Where the calls go to. */
interface Server {
  readonly name: string;
  readonly uri: string;
  readonly socket: string;
  /** Whether libvirt's own client can talk to it. */
  readonly real: boolean;
}

/** Against a server that costs next to nothing: what is left is the client. */
export async function measureNullServer(): Promise<Result[]> {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-bench-"));
  const socket = join(directory, "socket");
  const server = start(["null-server.ts", socket]);
  try {
    await once(server.stdout, "data");
    const uri = `test+unix:///default?socket=${socket}`;
    return await measure({ name: "the null server", uri, socket, real: false });
  } finally {
    await stop(server);
    await rm(directory, { recursive: true });
  }
}

/** Against a real daemon's test driver, beside the C client. */
export async function measureLibvirtd(): Promise<Result[]> {
  await using daemon = await startLibvirtd();
  return await measure({
    name: "libvirtd",
    uri: daemon.uri("test"),
    socket: daemon.socketPath,
    real: true,
  });
}

async function measure(server: Server): Promise<Result[]> {
  const results: Result[] = [];
  for (const call of ["getLibVersion", "getInfo"]) {
    results.push(await single(server, call), await many(server, call));
  }
  return results;
}

function single(server: Server, call: string): Promise<Result> {
  const python: Entry = { label: "python3-libvirt", program: ["calls-python.py", call, server.uri] };
  return compare(subject(server, call, 1), [
    virtwire(server, call, 1),
    ...(server.real ? [python] : []),
    raw(server, call, 1),
  ]);
}

function many(server: Server, call: string): Promise<Result> {
  return compare(subject(server, call, 64), [
    virtwire(server, call, 64),
    virtwire(server, call, 1),
    raw(server, call, 64),
  ]);
}

const subject = ({ name }: Server, call: string, count: number): Subject => ({
  title: `${call}, ${manner(count)}, ${name}`,
  item: "call",
  sliceMs: 30,
});

const virtwire = ({ uri }: Server, call: string, count: number): Entry => ({
  label: `virtwire, ${manner(count)}`,
  program: ["calls-virtwire.ts", call, String(count), uri],
});

const raw = ({ socket }: Server, call: string, count: number): Entry => ({
  label: `raw socket loop, ${manner(count)}`,
  program: ["calls-raw.ts", call, String(count), socket],
});

const manner = (count: number) => (count === 1 ? "1 at a time" : `${count} in flight`);
