import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Connection } from "../../../src/api/connection.js";
import { Domain } from "../../../src/api/domain.js";
import type { EventMap } from "../../../src/api/events/types.js";
import { Network } from "../../../src/api/network.js";
import { NodeDevice } from "../../../src/api/node-device.js";
import { endWithHypervisor } from "../../../src/api/reconnect.js";
import { Secret } from "../../../src/api/secret.js";
import { StoragePool } from "../../../src/api/storage-pool.js";
import { AuthenticationError, ConnectionError, LibvirtError } from "../../../src/errors.js";
import {
  DomainEventID,
  NetworkEventID,
  NodeDeviceEventID,
  SecretEventID,
  StoragePoolEventID,
} from "../../../src/generated/constants.js";
import * as qemu from "../../../src/protocol/generated/qemu.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import type { Procedure } from "../../../src/protocol/procedure.js";
import { type ReconnectOptions, reconnectPlan } from "../../../src/rpc/back-off.js";
import { LastingSession } from "../../../src/rpc/lasting-session.js";
import { fakeTime, plain } from "../rpc/lasting.js";
import { eventFrame } from "../rpc/peer.js";
import { settle } from "../transport/recorder.js";
import { collector, connectionOn, dom, EventDaemon, firstID, type Script, uuid } from "./events/daemon.js";
import { samples } from "./events/samples.js";

/** A connection that is made again, and the daemons that it has led to. */
class Restarted {
  readonly daemons: EventDaemon[] = [];
  readonly connection: Connection;
  /** How the daemons to come behave; there is none to connect to where it is an error. */
  readonly scripts: (Script | Error)[] = [];
  readonly told: [name: string, event: object][] = [];

  constructor(reconnect: ReconnectOptions = {}, script: Script = {}) {
    fakeTime();
    const establish = async () => {
      const next = this.scripts.shift() ?? script;
      if (next instanceof Error) throw next;
      const daemon = new EventDaemon(next);
      this.daemons.push(daemon);
      return daemon.session;
    };
    const first = new EventDaemon(script);
    this.daemons.push(first);
    this.connection = connectionOn(
      new LastingSession(first.session, establish, reconnectPlan({ ...plain, ...reconnect })),
    );
    onTestFinished(() => this.connection.close());
  }

  get now(): EventDaemon {
    return this.daemons.at(-1)!;
  }

  /** Keeps what the connection says of itself. */
  async listen(): Promise<void> {
    for (const name of ["lost", "attemptFailed", "reconnected", "close"] as const) {
      await this.connection.on(`connection.${name}`, (event) => this.told.push([name, { ...event }]));
    }
  }

  async lose(): Promise<void> {
    this.now.peer.end();
    await settle();
  }

  async pass(waits = 1): Promise<void> {
    for (let wait = 0; wait < waits; wait++) {
      await vi.advanceTimersByTimeAsync(100);
      await settle();
    }
  }

  async restart(): Promise<void> {
    await this.lose();
    await this.pass();
  }
}

/** For each class, how its events are registered for in C's way, for one object. */
const inC: readonly {
  readonly procedure: Procedure<unknown, unknown>;
  readonly register: (conn: Connection, callback: (event: object) => void) => Promise<number>;
  readonly deregister: (conn: Connection, id: number) => Promise<void>;
  readonly sample: (callbackID: number) => Uint8Array;
}[] = [
  {
    procedure: remote.connectDomainEventCallbackRegisterAny,
    register: (conn, callback) =>
      conn.domainEventRegisterAny(new Domain(conn, dom(1)), DomainEventID.REBOOT, callback),
    deregister: (conn, id) => conn.domainEventDeregisterAny(id),
    sample: samples["domain.reboot"][0]!.numbered,
  },
  {
    procedure: remote.connectNetworkEventRegisterAny,
    register: (conn, callback) =>
      conn.networkEventRegisterAny(
        new Network(conn, { name: "default", uuid: uuid(1) }),
        NetworkEventID.LIFECYCLE,
        callback,
      ),
    deregister: (conn, id) => conn.networkEventDeregisterAny(id),
    sample: samples["network.lifecycle"][0]!.numbered,
  },
  {
    procedure: remote.connectStoragePoolEventRegisterAny,
    register: (conn, callback) =>
      conn.storagePoolEventRegisterAny(
        new StoragePool(conn, { name: "images", uuid: uuid(2) }),
        StoragePoolEventID.REFRESH,
        callback,
      ),
    deregister: (conn, id) => conn.storagePoolEventDeregisterAny(id),
    sample: samples["storagePool.refresh"][0]!.numbered,
  },
  {
    procedure: remote.connectNodeDeviceEventRegisterAny,
    register: (conn, callback) =>
      conn.nodeDeviceEventRegisterAny(
        new NodeDevice(conn, { name: "net_lo" }),
        NodeDeviceEventID.UPDATE,
        callback,
      ),
    deregister: (conn, id) => conn.nodeDeviceEventDeregisterAny(id),
    sample: samples["nodeDevice.update"][0]!.numbered,
  },
  {
    procedure: remote.connectSecretEventRegisterAny,
    register: (conn, callback) =>
      conn.secretEventRegisterAny(
        new Secret(conn, { uuid: uuid(3), usageType: 1, usageID: "/disk" }),
        SecretEventID.VALUE_CHANGED,
        callback,
      ),
    deregister: (conn, id) => conn.secretEventDeregisterAny(id),
    sample: samples["secret.valueChanged"][0]!.numbered,
  },
  {
    procedure: qemu.connectDomainMonitorEventRegister,
    register: (conn, callback) =>
      conn.domainQemuMonitorEventRegister(new Domain(conn, dom(1)), "STOP", callback),
    deregister: (conn, id) => conn.domainQemuMonitorEventDeregister(id),
    sample: samples["qemu.monitor"][0]!.numbered,
  },
];

describe("after the connection was made again", () => {
  test.each(inC)("$procedure.name has been called again, for the ID that the user has", async (one) => {
    const restarted = new Restarted();
    const { connection } = restarted;
    const events: object[] = [];
    const id = await one.register(connection, (event) => events.push(event));
    const wanted = restarted.now.lastArguments(one.procedure);
    restarted.scripts.push({ firstID: 500 });
    await restarted.restart();
    expect(restarted.now.lastArguments(one.procedure)).toEqual(wanted);
    restarted.now.peer.send(one.sample(firstID), one.sample(500));
    await settle();
    expect(events).toHaveLength(1);
    await one.deregister(connection, id);
    expect(restarted.now.calls()).toHaveLength(2);
    restarted.now.peer.send(one.sample(500));
    await settle();
    expect(events).toHaveLength(1);
    await expect(one.deregister(connection, id)).rejects.toThrow(RangeError);
  });

  test("handlers and loops go on, and share a registration as before", async () => {
    const restarted = new Restarted();
    const { connection } = restarted;
    const { seen, handler } = collector();
    await connection.on("domain.lifecycle", handler);
    const stream = connection.events("domain.lifecycle");
    await stream.ready;
    restarted.now.started(firstID, 1);
    await restarted.restart();
    expect(restarted.now.calls()).toEqual(["DOMAIN_EVENT_CALLBACK_REGISTER_ANY"]);
    restarted.now.started(firstID, 2);
    await settle();
    expect(seen).toEqual([1, 2]);
    const taken = [await stream.next(), await stream.next()];
    expect(taken.map(({ value }) => value?.domain.id)).toEqual([1, 2]);
    connection.off("domain.lifecycle", handler);
    await stream.return();
    expect(restarted.now.calls()).toHaveLength(2);
    await restarted.restart();
    expect(restarted.now.calls()).toEqual([]);
  });

  test("an old daemon's events, which bear no ID, come again", async () => {
    const restarted = new Restarted({}, { features: [] });
    const { seen, handler } = collector();
    await restarted.connection.on("domain.lifecycle", handler);
    await restarted.restart();
    restarted.now.send(remote.domainEventLifecycle, { dom: dom(7), event: 2, detail: 0 });
    await settle();
    expect(seen).toEqual([7]);
  });

  test("an ID that meant something else before misleads nobody", async () => {
    const restarted = new Restarted();
    const reboots: number[] = [];
    const { seen, handler } = collector();
    const onReboot = ({ domain }: EventMap["domain.reboot"]) => void reboots.push(domain.id);
    await restarted.connection.on("domain.reboot", onReboot);
    await restarted.connection.on("domain.lifecycle", handler);
    restarted.connection.off("domain.reboot", onReboot);
    await settle();
    await restarted.restart();
    restarted.now.started(firstID, 1);
    await settle();
    expect([seen, reboots]).toEqual([[1], []]);
  });

  test("the connection says for how long events may have been missed, and why", async () => {
    const restarted = new Restarted();
    await restarted.listen();
    const error = new ConnectionError("nobody listens");
    restarted.scripts.push(error);
    await restarted.lose();
    expect(restarted.connection.isAlive()).toBe(false);
    await restarted.pass(2);
    expect(restarted.connection.isAlive()).toBe(true);
    const why = { reason: 1, reasonName: "EOF", error: expect.any(ConnectionError) };
    expect(restarted.told).toEqual([
      ["lost", why],
      ["attemptFailed", { attempt: 1, error, delayMs: 100 }],
      ["reconnected", { ...why, attempts: 2, missedMs: 200, refused: [] }],
    ]);
  });

  test("its events become JSON", async () => {
    const restarted = new Restarted();
    const texts: string[] = [];
    await restarted.connection.on("connection.reconnected", (event) => texts.push(JSON.stringify(event)));
    await restarted.restart();
    const error = { name: "ConnectionError", message: "memory closed the connection without saying why" };
    const rest = { attempts: 1, missedMs: 100, refused: [] };
    expect(texts.map((text) => JSON.parse(text))).toEqual([{ reason: 1, reasonName: "EOF", error, ...rest }]);
  });

  test("what the daemon refuses now ends with its error, and the rest goes on", async () => {
    const restarted = new Restarted();
    await restarted.listen();
    const { seen, handler } = collector();
    await restarted.connection.on("domain.lifecycle", handler);
    const stream = restarted.connection.events("network.lifecycle");
    await stream.ready;
    restarted.scripts.push({ refuses: true });
    await restarted.restart();
    await expect(stream.next()).rejects.toThrow(LibvirtError);
    expect(restarted.told.at(-1)).toMatchObject([
      "reconnected",
      { refused: [{ message: "unsupported event" }, { message: "unsupported event" }] },
    ]);
    await restarted.restart();
    expect(restarted.now.calls()).toEqual([]);
    await restarted.connection.on("domain.lifecycle", handler);
    restarted.now.started(firstID, 3);
    await settle();
    expect(seen).toEqual([3]);
  });
});

describe("while there is no connection", () => {
  test("who subscribes is registered with the next daemon", async () => {
    const restarted = new Restarted();
    await restarted.lose();
    const { seen, handler } = collector();
    const on = restarted.connection.on("domain.lifecycle", handler);
    const id = restarted.connection.domainEventRegisterAny(null, DomainEventID.LIFECYCLE, handler);
    await restarted.pass();
    await on;
    restarted.now.started(firstID, 1);
    await settle();
    expect(seen).toEqual([1, 1]);
    await restarted.connection.domainEventDeregisterAny(await id);
  });

  test("who listens to the connection need not wait for one", async () => {
    const restarted = new Restarted();
    await restarted.lose();
    await restarted.listen();
    await restarted.pass();
    expect(restarted.told).toMatchObject([["reconnected", { missedMs: 100 }]]);
  });

  test("who unsubscribes need not wait for one, and is not registered again", async () => {
    const restarted = new Restarted();
    const { connection } = restarted;
    const { handler } = collector();
    const id = await connection.domainEventRegisterAny(null, DomainEventID.LIFECYCLE, handler);
    const stream = connection.events("network.lifecycle");
    await stream.ready;
    await restarted.lose();
    await connection.domainEventDeregisterAny(id);
    await stream.return();
    await restarted.pass();
    expect(restarted.now.calls()).toEqual([]);
  });

  test("who has subscribed and gone again is not registered either", async () => {
    const restarted = new Restarted();
    await restarted.lose();
    const controller = new AbortController();
    const { handler } = collector();
    const on = restarted.connection.on("domain.lifecycle", handler, { signal: controller.signal });
    await settle();
    controller.abort();
    await on;
    await restarted.pass();
    expect(restarted.now.calls()).toEqual([]);
  });
});

describe("a connection that is lost", () => {
  test("while somebody subscribes has them registered with the next daemon", async () => {
    const restarted = new Restarted({}, { slow: true });
    const { seen, handler } = collector();
    const on = restarted.connection.on("domain.lifecycle", handler);
    await settle();
    restarted.now.release();
    await settle();
    restarted.scripts.push({ slow: true }, {});
    const other = restarted.connection.on("domain.reboot", () => {});
    await settle();
    await restarted.lose();
    await restarted.pass();
    // This daemon goes before it has answered.
    await restarted.restart();
    await Promise.all([on, other]);
    expect(restarted.daemons).toHaveLength(3);
    restarted.now.started(firstID, 1);
    await settle();
    expect(seen).toEqual([1]);
  });

  test("while somebody unsubscribes has nothing more to be told", async () => {
    const restarted = new Restarted();
    const id = await restarted.connection.domainEventRegisterAny(null, DomainEventID.REBOOT, () => {});
    restarted.now.peer.end();
    await restarted.connection.domainEventDeregisterAny(id);
    await settle();
    await restarted.pass();
    expect(restarted.now.calls()).toEqual([]);
  });

  test("for good ends loops with the reason, and is closed only then", async () => {
    const restarted = new Restarted({ maxAttempts: 2 });
    await restarted.listen();
    const stream = restarted.connection.events("domain.lifecycle");
    await stream.ready;
    const next = stream.next();
    next.catch(() => {});
    restarted.scripts.push(new ConnectionError("nobody"), new ConnectionError("nobody"));
    await restarted.lose();
    await restarted.pass(2);
    const { reason, error } = await restarted.connection.closed;
    expect(reason).toBe("eof");
    await expect(next).rejects.toBe(error);
    expect(restarted.told.map(([name]) => name)).toEqual(["lost", "attemptFailed", "close"]);
    expect(restarted.told.at(-1)).toEqual(["close", { reason: 1, reasonName: "EOF" }]);
    await expect(restarted.connection.on("domain.lifecycle", () => {})).rejects.toBe(error);
    await expect(restarted.connection.getHostname()).rejects.toBe(error);
  });

  test("and closed then ends loops without an error, and tells nobody", async () => {
    const restarted = new Restarted();
    await restarted.listen();
    const stream = restarted.connection.events("domain.lifecycle");
    await stream.ready;
    await restarted.lose();
    const waiting = restarted.connection.on("domain.reboot", () => {});
    await restarted.connection.close();
    await waiting;
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    expect(restarted.told.map(([name]) => name)).toEqual(["lost"]);
    expect(await restarted.connection.closed).toMatchObject({ reason: "client" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("to a daemon that does not let us in any more ends with that", async () => {
    const restarted = new Restarted();
    const refusal = new AuthenticationError("who are you?");
    restarted.scripts.push(refusal, refusal);
    await restarted.lose();
    await restarted.pass(2);
    expect(await restarted.connection.closed).toEqual({ reason: "eof", error: refusal });
  });
});

describe("a daemon that loses its hypervisor", () => {
  test.each([
    [0, "error"],
    [1, "eof"],
    [2, "keepalive"],
    [99, "error"],
  ])("for reason %i ends the session for that", async (reason, ours) => {
    const { session, ...daemon } = new EventDaemon();
    await endWithHypervisor(session, undefined);
    const call = session.call(remote.connectGetHostname, undefined);
    daemon.peer.send(eventFrame(remote.connectEventConnectionClosed, { reason }));
    await expect(call).rejects.toThrow("memory has lost its connection to the hypervisor");
    expect(await session.closed).toMatchObject({ reason: ours });
    expect(daemon.pipe.destroyed).toBe(true);
  });

  test("is not asked to tell where it cannot", async () => {
    const daemon = new EventDaemon({ features: [] });
    await endWithHypervisor(daemon.session, undefined);
    expect(daemon.calls()).toEqual([]);
  });
});
