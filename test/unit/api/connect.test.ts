import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, connect as dial, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { connect, TimeoutError } from "../../../src/index.js";
import { createTestHypervisor } from "../../../src/testing/index.js";

test("a daemon that was reached is left again when the classes of objects cannot be loaded", async () => {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-connect-"));
  const [daemon, between] = [join(directory, "daemon"), join(directory, "between")];
  const hypervisor = await createTestHypervisor();
  const served = await hypervisor.serve({ listen: `unix:${daemon}` });
  const proxy = createServer((client) => client.pipe(dial(daemon)).pipe(client)).listen(between);
  vi.doMock("../../../src/api/connection.js", () => {
    throw new Error("no such file");
  });
  onTestFinished(async () => {
    vi.doUnmock("../../../src/api/connection.js");
    proxy.close();
    await served[Symbol.asyncDispose]();
    await hypervisor.close();
    await rm(directory, { recursive: true });
  });

  const accepted = once(proxy, "connection") as Promise<[Socket]>;
  const left = accepted.then(([client]) => once(client, "close"));
  await expect(connect(`test+unix:///default?socket=${between}`)).rejects.toThrow();
  await left;
});

test("a file system that does not answer takes no more time than there is", async () => {
  const directory = await mkdtemp(join(tmpdir(), "virtwire-connect-"));
  const ca = join(directory, "ca.pem");
  // To open it takes somebody who writes.
  execFileSync("mkfifo", [ca]);
  onTestFinished(async () => {
    await writeFile(ca, "");
    await rm(directory, { recursive: true });
  });
  const connecting = connect("test+tls://localhost/default", { tls: { ca }, timeoutMs: 50 });
  await expect(connecting).rejects.toThrow(TimeoutError);
});
