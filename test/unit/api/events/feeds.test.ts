import { describe, expect, test } from "vitest";
import type { Connection } from "../../../../src/api/connection.js";
import { Domain } from "../../../../src/api/domain.js";
import { eventNames } from "../../../../src/api/events/names.js";
import type { EventMap } from "../../../../src/api/events/types.js";
import { Network } from "../../../../src/api/network.js";
import { NodeDevice } from "../../../../src/api/node-device.js";
import { Secret } from "../../../../src/api/secret.js";
import { StoragePool } from "../../../../src/api/storage-pool.js";
import { UnsupportedError } from "../../../../src/errors.js";
import {
  ConnectCloseReason,
  DomainEventID,
  NetworkEventID,
  NodeDeviceEventID,
  SecretEventID,
  StoragePoolEventID,
} from "../../../../src/generated/constants.js";
import * as remote from "../../../../src/protocol/generated/remote.js";
import { settle } from "../../transport/recorder.js";
import { collector, dom, EventDaemon, firstID } from "./daemon.js";
import { type SentEvent, samples } from "./samples.js";

const names = Object.keys(samples) as SentEvent[];

describe("names", () => {
  /** The name after C's: `BLOCK_JOB_2` is `blockJob2`. */
  const camel = (name: string) =>
    name
      .replace(/^PM(?=[SW])/, "PM_")
      .toLowerCase()
      .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

  test.each([
    ["domain", DomainEventID],
    ["network", NetworkEventID],
    ["storagePool", StoragePoolEventID],
    ["nodeDevice", NodeDeviceEventID],
    ["secret", SecretEventID],
  ] as const)("of class %s are libvirt's, by number", (of, type) => {
    const wanted: string[] = [];
    for (const [name, value] of Object.entries(type)) wanted[value] = camel(name);
    expect(eventNames[of]).toEqual(wanted);
  });
});

describe.each(names)("%s", (name) => {
  test.each(samples[name])("comes as an object with its fields named", async (sample) => {
    const { connection, peer } = new EventDaemon();
    const events: unknown[] = [];
    await connection.on(name, (event) => events.push(event));
    peer.send(sample.numbered(firstID));
    await settle();
    expect(events.map((event) => ({ ...(event as object) }))).toEqual([sample.event]);
    const json = JSON.parse(JSON.stringify(events[0])) as Record<string, unknown>;
    expect(Object.keys(json)).toEqual(Object.keys(sample.event));
  });
});

describe("the objects of events", () => {
  test("are ours, and of the connection", async () => {
    const { connection, peer } = new EventDaemon();
    const objects: { readonly connection: Connection }[] = [];
    await connection.on("domain.reboot", ({ domain }) => objects.push(domain));
    await connection.on("network.lifecycle", ({ network }) => objects.push(network));
    await connection.on("storagePool.refresh", ({ pool }) => objects.push(pool));
    await connection.on("nodeDevice.update", ({ device }) => objects.push(device));
    await connection.on("secret.valueChanged", ({ secret }) => objects.push(secret));
    for (const [at, name] of [
      "domain.reboot",
      "network.lifecycle",
      "storagePool.refresh",
      "nodeDevice.update",
      "secret.valueChanged",
    ].entries()) {
      peer.send(samples[name as SentEvent][0]!.numbered(firstID + at));
    }
    await settle();
    expect(objects.map((object) => object.constructor)).toEqual([
      Domain,
      Network,
      StoragePool,
      NodeDevice,
      Secret,
    ]);
    expect(objects.every((object) => object.connection === connection)).toBe(true);
    expect(objects[0]).toMatchObject({ name: "domain 1", id: 1 });
    expect(objects[1]).toMatchObject({ name: "default", uuid: "11111111-1111-1111-1111-111111111101" });
    expect(objects[4]).toMatchObject({ usageID: "/disk" });
  });

  test("have texts even where the daemon's are no UTF-8", async () => {
    const { connection, peer } = new EventDaemon();
    const paths: string[] = [];
    await connection.on("domain.blockJob", ({ disk }) => paths.push(disk));
    const bytes = samples["domain.blockJob"][0]!.numbered(firstID);
    bytes[Buffer.from(bytes).indexOf("/disk")] = 0xff;
    peer.send(bytes);
    await settle();
    expect(paths).toEqual(["\udcffdisk"]);
  });
});

describe("a daemon without callback IDs", () => {
  const oldNames = names.filter((name) => samples[name][0]!.unnumbered);

  test("is one from before the sixteenth event", () => {
    expect(oldNames).toEqual(eventNames.domain.slice(0, 16).map((name) => `domain.${name}`));
  });

  test.each(oldNames)("sends %s all the same", async (name) => {
    const daemon = new EventDaemon({ features: [] });
    const { connection, peer } = daemon;
    const events: object[] = [];
    const handler = (event: object) => void events.push({ ...event });
    await connection.on(name, handler);
    peer.send(...samples[name].map(({ unnumbered }) => unnumbered!));
    await settle();
    expect(events).toEqual(samples[name].map(({ event }) => event));
    connection.off(name, handler);
    await settle();
    const eventID = eventNames.domain.findIndex((one) => name === `domain.${one}`);
    if (name === "domain.lifecycle") {
      expect(daemon.calls()).toEqual(["DOMAIN_EVENT_REGISTER", "DOMAIN_EVENT_DEREGISTER"]);
    } else {
      expect(daemon.calls()).toEqual(["DOMAIN_EVENT_REGISTER_ANY", "DOMAIN_EVENT_DEREGISTER_ANY"]);
      expect(daemon.lastArguments(remote.connectDomainEventRegisterAny)).toEqual({ eventID });
      expect(daemon.lastArguments(remote.connectDomainEventDeregisterAny)).toEqual({ eventID });
    }
  });

  test("cannot send what is newer", async () => {
    const daemon = new EventDaemon({ features: [] });
    for (const name of eventNames.domain.slice(16)) {
      const asked = daemon.connection.on(`domain.${name}`, () => {});
      await expect(asked).rejects.toThrow(UnsupportedError);
      await expect(asked).rejects.toThrow(/libvirt 1\.2\.1/);
    }
    expect(daemon.calls()).toEqual([]);
  });

  test("sends the events of all domains, which are filtered here", async () => {
    const daemon = new EventDaemon({ features: [] });
    const { connection, peer } = daemon;
    const [all, one] = [collector(), collector()];
    await connection.on("domain.lifecycle", all.handler);
    await connection.on("domain.lifecycle", one.handler, { domain: new Domain(connection, dom(2)) });
    const event = { event: 2, detail: 0 };
    for (const last of [1, 2, 3, 2]) {
      daemon.send(remote.domainEventLifecycle, { dom: dom(last), ...event });
    }
    await settle();
    expect([all.seen, one.seen]).toEqual([
      [1, 2, 3, 2],
      [2, 2],
    ]);
    connection.off("domain.lifecycle", all.handler);
    await settle();
    expect(daemon.calls()).toEqual(["DOMAIN_EVENT_REGISTER"]);
    connection.off("domain.lifecycle", one.handler);
    await settle();
    expect(daemon.calls()).toEqual(["DOMAIN_EVENT_REGISTER", "DOMAIN_EVENT_DEREGISTER"]);
    expect(
      peer.frames.filter(({ header }) => header.proc === remote.connectSupportsFeature.number),
    ).toHaveLength(1);
  });
});

describe("connection.close", () => {
  test("tells that the daemon has lost its hypervisor, and that the connection is lost", async () => {
    const daemon = new EventDaemon();
    const { connection, peer, pipe } = daemon;
    const reasons: (string | undefined)[] = [];
    await connection.on("connection.close", ({ reasonName }) => reasons.push(reasonName));
    expect(daemon.calls()).toEqual(["REGISTER_CLOSE_CALLBACK"]);
    expect(pipe.keepsRunning).toBe(false);
    daemon.send(remote.connectEventConnectionClosed, { reason: ConnectCloseReason.KEEPALIVE });
    await settle();
    peer.end();
    await connection.closed;
    await settle();
    expect(reasons).toEqual(["KEEPALIVE", "EOF"]);
  });

  test("is local where the daemon does not tell", async () => {
    const daemon = new EventDaemon({ features: [14] });
    const { connection, peer } = daemon;
    const reasons: number[] = [];
    const stream = connection.events("connection.close");
    await connection.on("connection.close", ({ reason }) => reasons.push(reason));
    expect(daemon.calls()).toEqual([]);
    peer.send(new Uint8Array(64));
    await connection.closed;
    await settle();
    expect(reasons).toEqual([ConnectCloseReason.ERROR]);
    expect((await stream.next()).value?.reason).toBe(ConnectCloseReason.ERROR);
    await expect(stream.next()).rejects.toThrow(/64|length|message/);
  });

  test("is no event when this program closes the connection", async () => {
    const { connection } = new EventDaemon();
    const reasons: number[] = [];
    await connection.on("connection.close", ({ reason }) => reasons.push(reason));
    await connection.close();
    await settle();
    expect(reasons).toEqual([]);
  });

  test("is registered by function in C's way", async () => {
    const daemon = new EventDaemon();
    const { connection, peer } = daemon;
    const reasons: string[] = [];
    const first = ({ reasonName }: EventMap["connection.close"]) => void reasons.push(`first ${reasonName}`);
    const second = ({ reasonName }: EventMap["connection.close"]) =>
      void reasons.push(`second ${reasonName}`);
    await connection.registerCloseCallback(first);
    await connection.registerCloseCallback(second);
    await expect(connection.registerCloseCallback(first)).rejects.toThrow(RangeError);
    await connection.unregisterCloseCallback(first);
    await expect(connection.unregisterCloseCallback(first)).rejects.toThrow(RangeError);
    peer.end();
    await connection.closed;
    await settle();
    expect(reasons).toEqual(["second EOF"]);
    expect(daemon.calls()).toEqual(["REGISTER_CLOSE_CALLBACK"]);
  });

  test("is unregistered with the daemon by the last one", async () => {
    const daemon = new EventDaemon();
    const { connection } = daemon;
    const callback = () => {};
    await connection.registerCloseCallback(callback);
    await connection.unregisterCloseCallback(callback);
    expect(daemon.calls()).toEqual(["REGISTER_CLOSE_CALLBACK", "UNREGISTER_CLOSE_CALLBACK"]);
  });
});
