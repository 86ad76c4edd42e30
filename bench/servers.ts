import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { LibvirtdOptions } from "../test/support/libvirtd.js";
import { startLibvirtd } from "../test/support/libvirtd.js";
import type { Server } from "./clients.js";
import { start, stop } from "./side.js";

/**
 * A server that costs next to nothing: what is left is the client. libvirt's own cannot talk to it. It shares one core
 * with its clients: what takes them no longer than the kernel takes to wake another core would be measured by whether
 * it does that, which it decides anew every few milliseconds.
 */
export async function startNullServer(): Promise<Server & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-bench-"));
  const socket = join(directory, "socket");
  const core = cpus().length - 1;
  const server = start(["null-server.ts", socket], core);
  await once(server.stdout, "data");
  return {
    core,
    name: "the null server",
    uri: `test+unix:///default?socket=${socket}`,
    socket,
    async [Symbol.asyncDispose]() {
      await stop(server);
      await rm(directory, { recursive: true });
    },
  };
}

/** A real daemon, by its test driver. */
export async function startRealServer(options?: LibvirtdOptions): Promise<Server & AsyncDisposable> {
  const daemon = await startLibvirtd(options);
  return {
    name: "libvirtd",
    uri: daemon.uri("test"),
    socket: daemon.socketPath,
    [Symbol.asyncDispose]: () => daemon.stop(),
  };
}
