import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Connection } from "../../../../src/api/connection.js";
import { Domain } from "../../../../src/api/domain.js";
import { ConnectionError, LibvirtError } from "../../../../src/errors.js";
import { DomainEventID } from "../../../../src/generated/constants.js";
import { collectGarbage } from "../../rpc/garbage.js";
import { settle } from "../../transport/recorder.js";
import { collector, connectionOn, dom, EventDaemon, firstID } from "./daemon.js";
import { type SentEvent, samples } from "./samples.js";

const names = Object.keys(samples) as SentEvent[];

/** What is thrown from no call of ours: in Node the process would end. */
function uncaught(): unknown[] {
  const errors: unknown[] = [];
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => errors.push(error));
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException");
    for (const other of others) process.on("uncaughtException", other);
  });
  return errors;
}

describe("on and off", () => {
  test("share one registration among all who want the same", async () => {
    const daemon = new EventDaemon();
    const { connection } = daemon;
    const [one, two, three] = [collector(), collector(), collector()];
    await Promise.all([
      connection.on("domain.lifecycle", one.handler),
      connection.on("domain.lifecycle", two.handler),
      connection.on("domain.lifecycle", two.handler),
    ]);
    const id = await connection.domainEventRegisterAny(null, DomainEventID.LIFECYCLE, three.handler);
    const stream = connection.events("domain.lifecycle");
    await stream.ready;
    daemon.started(firstID, 1, 2);
    await settle();
    expect([one.seen, two.seen, three.seen]).toEqual([
      [1, 2],
      [1, 1, 2, 2],
      [1, 2],
    ]);
    connection.off("domain.lifecycle", two.handler);
    connection.off("domain.lifecycle", one.handler);
    connection.off("domain.lifecycle", three.handler);
    await stream.return();
    daemon.started(firstID, 3);
    await settle();
    expect([one.seen.length, two.seen.length, three.seen.length]).toEqual([2, 4, 3]);
    expect(daemon.calls()).toEqual(["DOMAIN_EVENT_CALLBACK_REGISTER_ANY"]);
    await connection.domainEventDeregisterAny(id);
    expect(daemon.calls()).toEqual([
      "DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
    ]);
  });

  test("off ends what on has begun and the daemon has not yet granted", async () => {
    const daemon = new EventDaemon({ slow: true });
    const { connection } = daemon;
    const { seen, handler } = collector();
    const standing = connection.on("domain.lifecycle", handler);
    await settle();
    connection.off("domain.lifecycle", handler);
    await standing;
    daemon.release();
    daemon.started(firstID, 1);
    await settle();
    expect(seen).toEqual([]);
    expect(daemon.calls()).toEqual([
      "DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
    ]);
    expect(daemon.pipe.keepsRunning).toBe(false);
  });

  test("off in the same breath as on asks the daemon for nothing", async () => {
    const daemon = new EventDaemon();
    const { handler } = collector();
    const standing = daemon.connection.on("domain.lifecycle", handler);
    daemon.connection.off("domain.lifecycle", handler);
    await standing;
    await settle();
    expect(daemon.calls()).toEqual([]);
  });

  test("off takes a handler from all objects, and another name's stays", async () => {
    const daemon = new EventDaemon();
    const { connection } = daemon;
    const called: string[] = [];
    const handler = () => void called.push("x");
    await connection.on("domain.reboot", handler);
    await connection.on("domain.reboot", handler, { domain: new Domain(connection, dom(1)) });
    await connection.on("domain.controlError", handler);
    connection.off("domain.reboot", handler);
    await settle();
    expect(daemon.calls().slice(3)).toEqual([
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
    ]);
    daemon.peer.send(samples["domain.controlError"][0]!.numbered(firstID + 2));
    await settle();
    expect(called).toEqual(["x"]);
  });

  test("a signal ends a subscription: before, during and after the registration", async () => {
    const daemon = new EventDaemon({ slow: true });
    const { connection } = daemon;
    const { seen, handler } = collector();
    await connection.on("domain.lifecycle", handler, { signal: AbortSignal.abort() });
    await settle();
    expect(daemon.calls()).toEqual([]);

    const during = new AbortController();
    const standing = connection.on("domain.lifecycle", handler, { signal: during.signal });
    await settle();
    during.abort();
    await standing;
    daemon.release();
    await settle();

    const after = new AbortController();
    await connection.on("domain.lifecycle", handler, { signal: after.signal });
    daemon.started(firstID + 1, 1);
    await settle();
    after.abort();
    daemon.started(firstID + 1, 2);
    await settle();
    expect(seen).toEqual([1]);
    expect(daemon.calls()).toEqual([
      "DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
    ]);
  });

  test("any number of subscriptions may share a signal", async () => {
    const { connection } = new EventDaemon();
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on("warning", onWarning);
    onTestFinished(() => void process.off("warning", onWarning));
    const shutdown = new AbortController();
    const { signal } = shutdown;
    for (let i = 0; i < 20; i++) {
      connection.events("domain.lifecycle", { signal });
      await connection.on("domain.lifecycle", () => {}, { signal });
    }
    await settle();
    shutdown.abort();
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("a daemon that does not agree in time is told, when it does, that nobody listens any more", async () => {
    const daemon = new EventDaemon({ slow: true });
    const { connection, pipe } = daemon;
    const { seen, handler } = collector();
    await expect(connection.on("domain.lifecycle", handler, { timeoutMs: 10 })).rejects.toThrow(
      /^registering for domain.lifecycle: no answer within 10 ms$/,
    );
    daemon.release();
    await settle();
    daemon.started(firstID, 1);
    await settle();
    expect(seen).toEqual([]);
    expect(daemon.calls()).toEqual([
      "DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
    ]);
    expect(pipe.keepsRunning).toBe(false);
    await expect(connection.on("domain.lifecycle", handler, { timeoutMs: -1 })).rejects.toThrow(RangeError);
    await connection.on("domain.lifecycle", handler, { timeoutMs: 60_000 });
  });

  test("refusals and losses reject, and closing does not", async () => {
    const refusing = new EventDaemon({ refuses: true });
    await expect(refusing.connection.on("domain.lifecycle", () => {})).rejects.toThrow(LibvirtError);
    expect(refusing.pipe.keepsRunning).toBe(false);

    const losing = new EventDaemon({ slow: true });
    const lost = losing.connection.on("domain.lifecycle", () => {});
    await settle();
    losing.peer.end();
    await expect(lost).rejects.toThrow(ConnectionError);

    const closing = new EventDaemon({ slow: true });
    const asked = closing.connection.on("domain.lifecycle", () => {});
    await settle();
    const other = closing.connection.on("network.lifecycle", () => {});
    await closing.connection.close();
    await Promise.all([asked, other]);
  });

  test("what is asked for in vain and looked at by nobody goes unnoticed when the connection is closed", async () => {
    const { connection } = new EventDaemon({ slow: true });
    for (const name of names) connection.on(name, () => {});
    const stream = connection.events("domain.lifecycle");
    await connection.close();
    await settle();
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test("handlers that throw are uncaught exceptions, and everyone else goes on", async () => {
    const errors = uncaught();
    const daemon = new EventDaemon();
    const { connection } = daemon;
    const { seen, handler } = collector();
    const mistake = new Error("my own mistake");
    await connection.on("domain.lifecycle", () => {
      throw mistake;
    });
    await connection.on("domain.lifecycle", handler);
    const stream = connection.events("domain.lifecycle");
    await stream.ready;
    daemon.started(firstID, 1, 2);
    await settle();
    expect(errors).toEqual([mistake, mistake]);
    expect(seen).toEqual([1, 2]);
    expect((await stream.next()).value?.domain.id).toBe(1);
    expect(connection.isAlive()).toBe(true);
  });

  test("handlers may subscribe, unsubscribe and close", async () => {
    const daemon = new EventDaemon();
    const { connection } = daemon;
    const { seen, handler } = collector();
    const later = collector();
    await connection.on("domain.lifecycle", ({ domain }) => {
      if (domain.id === 1) connection.on("domain.lifecycle", later.handler);
      if (domain.id === 2) connection.off("domain.lifecycle", handler);
      if (domain.id === 3) connection.close();
    });
    await connection.on("domain.lifecycle", handler);
    daemon.started(firstID, 1, 2);
    await settle();
    daemon.started(firstID, 3, 4);
    expect(await connection.closed).toMatchObject({ reason: "client" });
    expect(seen).toEqual([1]);
    expect(later.seen[0]).toBeGreaterThan(1);
  });

  test("keep the process running as long as somebody listens", async () => {
    const daemon = new EventDaemon();
    const { connection, pipe } = daemon;
    const { handler } = collector();
    await settle();
    expect(pipe.keepsRunning).toBe(false);
    await connection.on("domain.lifecycle", handler);
    expect(pipe.keepsRunning).toBe(true);
    connection.off("domain.lifecycle", handler);
    await settle();
    expect(pipe.keepsRunning).toBe(false);
  });

  test("what is no event, no handler and no filter is refused before anything is sent", async () => {
    const daemon = new EventDaemon();
    const { connection } = daemon;
    const on = connection.on.bind(connection) as (...args: unknown[]) => Promise<void>;
    const events = connection.events.bind(connection) as (...args: unknown[]) => unknown;
    const domain = new Domain(connection, dom(1));
    const ignore = () => {};
    for (const name of [
      "domain",
      "domain.",
      "domain.x",
      "toString.x",
      "__proto__.x",
      "qemu.x",
      "",
      7,
      undefined,
    ]) {
      await expect(on(name, ignore)).rejects.toThrow(RangeError);
      expect(() => events(name)).toThrow(RangeError);
    }
    await expect(on("domain.lifecycle")).rejects.toThrow(TypeError);
    // A filter that were ignored would let all events through.
    await expect(on("network.lifecycle", ignore, { domain })).rejects.toThrow("domain: network.lifecycle");
    await expect(on("connection.close", ignore, { domain })).rejects.toThrow(RangeError);
    await expect(on("domain.lifecycle", ignore, { dom: domain })).rejects.toThrow(RangeError);
    await expect(on("domain.lifecycle", ignore, { domain: "one" })).rejects.toThrow(TypeError);
    expect(() => events("domain.lifecycle", { network: domain })).toThrow(RangeError);
    expect(daemon.calls()).toEqual([]);
  });
});

describe("a connection that nobody holds", () => {
  async function dropped(use: (connection: Connection) => Promise<void>): Promise<WeakRef<Connection>> {
    // One that not even the test's daemon holds.
    const connection = connectionOn(new EventDaemon().session);
    await use(connection);
    await settle();
    return new WeakRef(connection);
  }

  test("is kept while somebody listens, and collected afterwards", async () => {
    const { handler } = collector();
    const listening = await dropped((connection) => connection.on("domain.lifecycle", handler));
    const done = await dropped(async (connection) => {
      await connection.on("domain.lifecycle", handler);
      connection.off("domain.lifecycle", handler);
      await connection.events("network.lifecycle").return();
    });
    await collectGarbage();
    expect(listening.deref()).toBeDefined();
    expect(done.deref()).toBeUndefined();
  });
});
