import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that goes when the test does. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A listening server, and the connections it gets, one by one. It goes when the test does. */
export interface Listener {
  readonly port: number;
  accept(): Promise<Socket>;
  /** All it got so far. */
  readonly accepted: readonly Socket[];
}

export async function listen(at: { path: string } | { host: string; port: number }): Promise<Listener> {
  const accepted: Socket[] = [];
  const arrivals: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on("error", () => {});
    accepted.push(socket);
    const taker = waiting.shift();
    if (taker) taker(socket);
    else arrivals.push(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, resolve);
  });
  onTestFinished(async () => {
    for (const socket of accepted) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: "path" in at ? 0 : (server.address() as AddressInfo).port,
    accepted,
    accept: async () => arrivals.shift() ?? (await new Promise((resolve) => waiting.push(resolve))),
  };
}
