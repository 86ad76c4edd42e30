import { describe, expect, expectTypeOf, test } from "vitest";
import type { Connection } from "../../../src/api/connection.js";
import { Domain } from "../../../src/api/domain.js";
import { type EventClass, eventNames } from "../../../src/api/events/names.js";
import type { EventFilter, EventMap } from "../../../src/api/events/types.js";
import { Network } from "../../../src/api/network.js";
import { NodeDevice } from "../../../src/api/node-device.js";
import { Secret } from "../../../src/api/secret.js";
import { StoragePool } from "../../../src/api/storage-pool.js";
import { ConnectionError, LibvirtError, TimeoutError } from "../../../src/errors.js";
import {
  ConnectDomainQemuMonitorEventRegisterFlags,
  DomainEventID,
  type DomainEventType,
  NetworkEventID,
  NodeDeviceEventID,
  SecretEventID,
  StoragePoolEventID,
} from "../../../src/generated/constants.js";
import * as qemu from "../../../src/protocol/generated/qemu.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import type { Procedure } from "../../../src/protocol/procedure.js";
import { settle } from "../transport/recorder.js";
import { collector, dom, EventDaemon, firstID, uuid } from "./events/daemon.js";
import { type SentEvent, samples } from "./events/samples.js";

/** For each class, how it is done in C's way, with an object or null. */
const inC = {
  domain: {
    event: DomainEventID.REBOOT,
    register: remote.connectDomainEventCallbackRegisterAny,
    deregister: remote.connectDomainEventCallbackDeregisterAny,
    object: (conn: Connection) => new Domain(conn, dom(1)),
    argument: "dom",
    call: (conn: Connection, object: never, callback: () => void) =>
      conn.domainEventRegisterAny(object, DomainEventID.REBOOT, callback),
    end: (conn: Connection, id: number) => conn.domainEventDeregisterAny(id),
  },
  network: {
    event: NetworkEventID.METADATA_CHANGE,
    register: remote.connectNetworkEventRegisterAny,
    deregister: remote.connectNetworkEventDeregisterAny,
    object: (conn: Connection) => new Network(conn, { name: "default", uuid: uuid(1) }),
    argument: "net",
    call: (conn: Connection, object: never, callback: () => void) =>
      conn.networkEventRegisterAny(object, NetworkEventID.METADATA_CHANGE, callback),
    end: (conn: Connection, id: number) => conn.networkEventDeregisterAny(id),
  },
  storagePool: {
    event: StoragePoolEventID.REFRESH,
    register: remote.connectStoragePoolEventRegisterAny,
    deregister: remote.connectStoragePoolEventDeregisterAny,
    object: (conn: Connection) => new StoragePool(conn, { name: "images", uuid: uuid(2) }),
    argument: "pool",
    call: (conn: Connection, object: never, callback: () => void) =>
      conn.storagePoolEventRegisterAny(object, StoragePoolEventID.REFRESH, callback),
    end: (conn: Connection, id: number) => conn.storagePoolEventDeregisterAny(id),
  },
  nodeDevice: {
    event: NodeDeviceEventID.UPDATE,
    register: remote.connectNodeDeviceEventRegisterAny,
    deregister: remote.connectNodeDeviceEventDeregisterAny,
    object: (conn: Connection) => new NodeDevice(conn, { name: "net_lo" }),
    argument: "dev",
    call: (conn: Connection, object: never, callback: () => void) =>
      conn.nodeDeviceEventRegisterAny(object, NodeDeviceEventID.UPDATE, callback),
    end: (conn: Connection, id: number) => conn.nodeDeviceEventDeregisterAny(id),
  },
  secret: {
    event: SecretEventID.VALUE_CHANGED,
    register: remote.connectSecretEventRegisterAny,
    deregister: remote.connectSecretEventDeregisterAny,
    object: (conn: Connection) => new Secret(conn, { uuid: uuid(3), usageType: 1, usageID: "/disk" }),
    argument: "secret",
    call: (conn: Connection, object: never, callback: () => void) =>
      conn.secretEventRegisterAny(object, SecretEventID.VALUE_CHANGED, callback),
    end: (conn: Connection, id: number) => conn.secretEventDeregisterAny(id),
  },
} satisfies { readonly [Class in EventClass]: object };

describe.each(Object.keys(inC) as EventClass[])("in C's way, events of class %s", (of) => {
  const { event, deregister, object, argument, call, end } = inC[of];
  const register: Procedure<unknown, unknown> = inC[of].register;
  const sample = samples[`${of}.${eventNames[of][event]}` as SentEvent][0]!;

  test("are registered for all objects or for one, and deregistered", async () => {
    const daemon = new EventDaemon();
    const { connection, peer } = daemon;
    const called: string[] = [];
    const all = await call(connection, null as never, () => called.push("all"));
    expect(daemon.lastArguments(register)).toEqual({ eventID: event, [argument]: null });
    const mine = object(connection);
    const one = await call(connection, mine as never, () => called.push("one"));
    expect(daemon.lastArguments(register)).toEqual({ eventID: event, [argument]: mine.ref });
    expect(all).not.toBe(one);

    peer.send(sample.numbered(firstID), sample.numbered(firstID + 1));
    await settle();
    await end(connection, all);
    expect(daemon.lastArguments(deregister)).toEqual({ callbackID: firstID });
    peer.send(sample.numbered(firstID), sample.numbered(firstID + 1));
    await settle();
    expect(called).toEqual(["all", "one", "one"]);
    await end(connection, one);
    expect(daemon.lastArguments(deregister)).toEqual({ callbackID: firstID + 1 });
    await expect(end(connection, one)).rejects.toThrow(RangeError);
    expect(daemon.calls()).toHaveLength(4);
  });

  test("are not registered for what is no such object, nor for another connection's", async () => {
    const daemon = new EventDaemon();
    const { connection } = daemon;
    const ignore = () => {};
    const another = of === "network" ? new Domain(connection, dom(1)) : inC.network.object(connection);
    await expect(call(connection, another as never, ignore)).rejects.toThrow(TypeError);
    await expect(call(connection, {} as never, ignore)).rejects.toThrow(TypeError);
    await expect(call(connection, undefined as never, ignore)).rejects.toThrow(
      /null is wanted, not undefined/,
    );
    const theirs = object(new EventDaemon().connection);
    await expect(call(connection, theirs as never, ignore)).rejects.toThrow(/another connection/);
    expect(daemon.calls()).toEqual([]);
  });

  test("are not deregistered by another class's method", async () => {
    const { connection } = new EventDaemon();
    const id = await call(connection, null as never, () => {});
    const other = of === "domain" ? inC.network : inC.domain;
    await expect(other.end(connection, id)).rejects.toThrow(RangeError);
    await end(connection, id);
  });
});

describe("in C's way", () => {
  test("a deregistration that its caller does not wait for may fail, and nobody hears of it", async () => {
    const daemon = new EventDaemon();
    const { connection } = daemon;
    const id = await connection.domainEventRegisterAny(null, DomainEventID.LIFECYCLE, () => {});
    const reason = new Error("enough");
    const ended = connection.domainEventDeregisterAny(id, { signal: AbortSignal.abort(reason) });
    const closed = connection.close();
    await expect(ended).rejects.toBe(reason);
    await closed;
  });

  test("an event that there is none of is refused here", async () => {
    const daemon = new EventDaemon();
    for (const eventID of [-1, 30, 1.5, Number.NaN]) {
      await expect(daemon.connection.domainEventRegisterAny(null, eventID, () => {})).rejects.toThrow(
        RangeError,
      );
    }
    await expect(daemon.connection.networkEventRegisterAny(null, 2, () => {})).rejects.toThrow(RangeError);
    await expect(daemon.connection.domainEventRegisterAny(null, 0, "f" as never)).rejects.toThrow(TypeError);
    expect(daemon.calls()).toEqual([]);
  });

  test("one that the daemon does not know is refused there", async () => {
    const { connection } = new EventDaemon({ refuses: true });
    const registered = connection.domainEventRegisterAny(null, DomainEventID.VCPU_REMOVED, () => {});
    await expect(registered).rejects.toThrow(LibvirtError);
    await expect(registered).rejects.toMatchObject({ code: 1, domain: 7 });
  });

  test("life-cycle events are registered by function", async () => {
    const daemon = new EventDaemon();
    const { connection } = daemon;
    const { seen, handler } = collector();
    await connection.domainEventRegister(handler);
    await expect(connection.domainEventRegister(handler)).rejects.toThrow(/registered already/);
    const another = collector();
    await connection.domainEventRegister(another.handler);
    daemon.started(firstID, 1, 2);
    await settle();
    await connection.domainEventDeregister(handler);
    await expect(connection.domainEventDeregister(handler)).rejects.toThrow(/not registered/);
    daemon.started(firstID, 3);
    await settle();
    expect([seen, another.seen]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
    await connection.domainEventDeregister(another.handler);
    expect(daemon.calls()).toEqual([
      "DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
    ]);
  });

  test("QEMU's events are registered by domain, name and flags", async () => {
    const daemon = new EventDaemon();
    const { connection, peer } = daemon;
    const called: string[] = [];
    const all = await connection.domainQemuMonitorEventRegister(null, null, () => called.push("all"));
    expect(daemon.lastArguments(qemu.connectDomainMonitorEventRegister)).toEqual({
      dom: null,
      event: null,
      flags: 0,
    });
    const { REGEX, NOCASE } = ConnectDomainQemuMonitorEventRegisterFlags;
    const domain = new Domain(connection, dom(1));
    const some = await connection.domainQemuMonitorEventRegister(
      domain,
      "^s",
      () => called.push("some"),
      REGEX | NOCASE,
    );
    expect(daemon.lastArguments(qemu.connectDomainMonitorEventRegister)).toEqual({
      dom: dom(1),
      event: "^s",
      flags: 3,
    });
    const [sample] = samples["qemu.monitor"];
    peer.send(sample!.numbered(firstID), sample!.numbered(firstID + 1), sample!.numbered(firstID));
    await settle();
    expect(called).toEqual(["all", "some", "all"]);
    await connection.domainQemuMonitorEventDeregister(some);
    expect(daemon.lastArguments(qemu.connectDomainMonitorEventDeregister)).toEqual({
      callbackID: firstID + 1,
    });
    await connection.domainQemuMonitorEventDeregister(all);
    const wrong = connection.domainQemuMonitorEventRegister(null, 7 as never, () => {});
    await expect(wrong).rejects.toThrow(TypeError);
    expect(daemon.calls()).toHaveLength(4);
  });

  test("a registration can be given up", async () => {
    const daemon = new EventDaemon({ slow: true });
    const { connection } = daemon;
    const controller = new AbortController();
    const { signal } = controller;
    const { seen, handler } = collector();
    const aborted = connection.domainEventRegisterAny(null, DomainEventID.LIFECYCLE, handler, { signal });
    const late = connection.domainEventRegisterAny(null, DomainEventID.REBOOT, () => {}, { timeoutMs: 5 });
    await expect(late).rejects.toThrow(TimeoutError);
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    daemon.release();
    await settle();
    daemon.started(firstID, 1);
    await settle();
    expect(seen).toEqual([]);
    expect(daemon.calls().sort()).toEqual([
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
      "DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
    ]);
    const before = connection.domainEventRegisterAny(null, 0, handler, { signal });
    await expect(before).rejects.toThrow("enough");
    await expect(connection.domainEventRegisterAny(null, 0, handler, { timeoutMs: -1 })).rejects.toThrow(
      RangeError,
    );
  });

  test("a connection that is closed registers and deregisters nothing", async () => {
    const { connection } = new EventDaemon({ slow: true });
    const meanwhile = connection.domainEventRegisterAny(null, DomainEventID.LIFECYCLE, () => {});
    await settle();
    const closing = connection.close();
    await expect(meanwhile).rejects.toThrow(/closed by this program/);
    await closing;
    const after = connection.domainEventRegisterAny(null, DomainEventID.LIFECYCLE, () => {});
    await expect(after).rejects.toThrow(ConnectionError);
    await expect(connection.domainEventDeregisterAny(1)).rejects.toThrow(ConnectionError);
    await expect(connection.on("domain.lifecycle", () => {})).rejects.toThrow(ConnectionError);
  });
});

test("types follow names and numbers", () => {
  // Never called: only its types matter.
  const typed = (conn: Connection, domain: Domain, network: Network) => {
    conn.on("domain.lifecycle", (event) => {
      expectTypeOf(event.domain).toEqualTypeOf<Domain>();
      expectTypeOf(event.event).toEqualTypeOf<DomainEventType>();
      expectTypeOf<"STARTED">().toExtend<typeof event.eventName>();
      expectTypeOf<"BOOTED">().toExtend<typeof event.detailName>();
    });
    conn.domainEventRegisterAny(domain, DomainEventID.BALLOON_CHANGE, (event) => {
      expectTypeOf(event.actual).toEqualTypeOf<bigint>();
    });
    conn.secretEventRegisterAny(null, SecretEventID.VALUE_CHANGED, (event) => {
      expectTypeOf(event).toEqualTypeOf<EventMap["secret.valueChanged"]>();
    });
    conn.on("network.metadataChange", ({ nsuri }) => expectTypeOf(nsuri).toEqualTypeOf<string | null>(), {
      network,
    });
    // @ts-expect-error a network is no filter for domains
    conn.on("domain.reboot", () => {}, { network });
    // @ts-expect-error no such event
    conn.events("domain.nothing");
    expectTypeOf(conn.events("qemu.monitor", { domain, event: "STOP", limit: 5 }).next()).resolves.toExtend<
      IteratorResult<EventMap["qemu.monitor"], undefined>
    >();
    expectTypeOf<keyof EventFilter<"storagePool.refresh">>().toEqualTypeOf<"pool">();
  };
  expect(typed).toBeTypeOf("function");
});
