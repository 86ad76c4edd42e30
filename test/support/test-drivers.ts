import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDriver } from "../../src/testing/driver/driver.js";
import { serve } from "../../src/testing/serve.js";
import { type Libvirtd, startLibvirtd } from "./libvirtd.js";

/** Something that has a test driver, and where. */
export type TestDriver = Pick<Libvirtd, "uri" | "stop">;

type Row = readonly [what: string, start: () => Promise<TestDriver>];

/** What listens on sockets, and so can be used by other processes; rows of `describe.each`. */
export const servers: readonly Row[] = [
  ["libvirtd", () => startLibvirtd({ tcp: true })],
  ["our server", startOurServer],
];

/** All that tests of the API can run on. */
export const testDrivers: readonly Row[] = [
  ...servers,
  ["the embedded hypervisor", async () => ({ uri: () => "test:///default", stop: async () => {} })],
];

/** Serves our test driver. A handler that fails in another way than libvirt's do is told of when it stops. */
export async function startOurServer(): Promise<TestDriver> {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-server-"));
  const errors: unknown[] = [];
  const server = await serve({
    handlers: createDriver(),
    listen: [`unix:${directory}/sock`, `unix-ro:${directory}/sock-ro`, "tcp:127.0.0.1:0"],
    onError: (error) => errors.push(error),
  });
  return {
    uri(_driver, { transport = "unix", readonly = false } = {}) {
      if (transport === "unix")
        return `test+unix:///default?socket=${directory}/sock${readonly ? "-ro" : ""}`;
      return `test+${server.addresses.at(-1)?.replace(":", "://")}/default`;
    },
    async stop() {
      await server.close();
      await rm(directory, { recursive: true });
      if (errors.length > 0) throw new AggregateError(errors, "handlers have failed");
    },
  };
}
