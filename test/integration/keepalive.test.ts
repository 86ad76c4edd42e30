import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConnectionError, connect } from "../../src/index.js";
import { type Daemon, daemons } from "../support/daemons.js";
import { startLibvirtd } from "../support/libvirtd.js";

describe.each(daemons)("on %s", (_, start) => {
  let daemon: Daemon;

  beforeAll(async () => {
    // A daemon that drops whoever does not answer within 2 seconds.
    daemon = await start({ keepAlive: { interval: 1, count: 1 } });
  });

  afterAll(() => daemon.stop());

  /** Does something while the daemon hangs. */
  async function whileFrozen<T>(act: () => Promise<T>): Promise<T> {
    process.kill(daemon.pid, "SIGSTOP");
    try {
      return await act();
    } finally {
      process.kill(daemon.pid, "SIGCONT");
    }
  }

  test.each(["unix", "tcp"] as const)("a daemon that hangs is noticed, by %s", async (transport) => {
    const uri = daemon.uri("test", { transport });
    await using conn = await connect(uri, { keepAlive: { interval: 0.5, count: 2 } });
    // What the first connection loads may have taken its time since the daemon was last heard.
    await conn.getHostname();
    const silentMs = await whileFrozen(async () => {
      const before = performance.now();
      const calls = [conn.getHostname(), conn.listAllDomains(), conn.getCapabilities()];
      for (const call of calls) {
        await expect(call).rejects.toThrow(/silent for 1.5 seconds.*keepalive/);
        await expect(call).rejects.toBeInstanceOf(ConnectionError);
      }
      expect(await conn.closed).toMatchObject({ reason: "keepalive" });
      return performance.now() - before;
    });
    // Not before it had its three half seconds; the last message may have come just before it froze.
    expect(silentMs).toBeGreaterThan(1400);
    expect(conn.isAlive()).toBe(false);
  });

  test("a daemon that hangs for a moment is not given up", async () => {
    await using conn = await connect(daemon.uri("test"), { keepAlive: { interval: 0.5, count: 20 } });
    const calls: Promise<string>[] = [];
    await whileFrozen(async () => {
      calls.push(conn.getHostname());
      await sleep(1500);
    });
    expect(await calls[0]).toBe(await conn.getHostname());
  });

  test("an idle client answers the daemon, which would drop it", async () => {
    await using asked = await connect(daemon.uri("test"), { keepAlive: { interval: 0, count: 0 } });
    await using unasked = await connect(daemon.uri("test"), { keepAlive: false });
    await sleep(4000);
    expect(asked.isAlive()).toBe(true);
    expect(unasked.isAlive()).toBe(true);
    expect(await asked.getHostname()).toBe(await unasked.getHostname());
  });

  test("can be begun and ended later", async () => {
    await using conn = await connect(daemon.uri("test"), { keepAlive: false });
    expect(await conn.setKeepAlive(0.3, 1)).toBe(true);
    expect(await conn.setKeepAlive(-1, 1)).toBe(true);
    await whileFrozen(() => sleep(1500));
    expect(await conn.getHostname()).not.toBe("");
    expect(await conn.setKeepAlive(0.3, 1)).toBe(true);
    await whileFrozen(async () => expect(await conn.closed).toMatchObject({ reason: "keepalive" }));
    await expect(conn.setKeepAlive(1, 1)).rejects.toBeInstanceOf(ConnectionError);
  });

  test.each([
    { interval: "1", count: 1 },
    { interval: 1, count: -1 },
    { interval: 1e9, count: 1 },
  ])("cannot be %j", async (keepAlive) => {
    const options = { keepAlive: keepAlive as { interval: number; count: number } };
    await expect(connect("test:///nowhere", options)).rejects.toThrow(/^keepAlive: /);
    await using conn = await connect(daemon.uri("test"));
    await expect(conn.setKeepAlive(options.keepAlive.interval, options.keepAlive.count)).rejects.toThrow(
      /^keepAlive: /,
    );
  });
});

test("a download that nobody reads is no silence, on either side", async () => {
  await using libvirtd = await startLibvirtd({ conf: { keepalive_interval: 1, keepalive_count: 1 } });
  const folder = join(libvirtd.directory, "lib/pool");
  await mkdir(folder);
  await writeFile(join(folder, "large"), "");
  await truncate(join(folder, "large"), 64 * 2 ** 20);
  await using conn = await connect(libvirtd.uri("qemu"), { keepAlive: { interval: 0.5, count: 1 } });
  const pool = await conn.storagePoolCreateXML(
    `<pool type="dir"><name>p</name><target><path>/var/lib/libvirt/pool</path></target></pool>`,
  );
  const download = await (await pool.storageVolLookupByName("large")).download();
  await sleep(4000);
  let length = 0;
  for await (const chunk of download) length += chunk.length;
  expect(length).toBe(64 * 2 ** 20);
});
