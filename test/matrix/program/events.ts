import { deepEqual, equal, ok } from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect, DomainEventID } from "virtwire";
import type { Check, Scene } from "./check.js";
import { uniqueName } from "./domains.js";
import { Relay } from "./relay.js";

const quick = { initialDelayMs: 20, maxDelayMs: 50 };

/** Has a network defined and undefined, which the daemon tells of. */
async function defineAndUndefine(conn: Connection, name: string): Promise<void> {
  await (await conn.networkDefineXML(`<network><name>${name}</name></network>`)).undefine();
}

function domainXML(name: string): string {
  return `<domain type="qemu"><name>${name}</name><memory>8192</memory><os><type>hvm</type></os></domain>`;
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) await sleep(5);
}

async function relayed(scene: Scene): Promise<[Relay, string]> {
  const relay = await new Relay(scene.socket, scene.directory).start();
  return [relay, `qemu+unix:///system?socket=${relay.path}`];
}

export const events: readonly Check[] = [
  {
    name: "events, in a loop",
    async run({ uris }) {
      await using conn = await connect(uris.unix);
      const name = uniqueName("net");
      const stream = conn.events("network.lifecycle");
      await stream.ready;
      await defineAndUndefine(conn, name);
      const heard: string[] = [];
      for await (const { network, eventName } of stream) {
        if (network.name === name) heard.push(eventName!);
        if (heard.length === 2) break;
      }
      deepEqual(heard, ["DEFINED", "UNDEFINED"]);
    },
  },
  {
    name: "events, by callbacks",
    async run({ uris }) {
      await using conn = await connect(uris.unix);
      const name = uniqueName("guest");
      const heard: string[] = [];
      const id = await conn.domainEventRegisterAny(null, DomainEventID.LIFECYCLE, ({ domain, eventName }) => {
        if (domain.name === name) heard.push(eventName!);
      });
      await (await conn.domainDefineXML(domainXML(name))).undefine();
      await until(() => heard.length === 2);
      await conn.domainEventDeregisterAny(id);
      deepEqual(heard, ["DEFINED", "UNDEFINED"]);
    },
  },
  {
    name: "events, by the function of libvirt 0.5 (domainEventRegister)",
    async run({ uris }) {
      await using conn = await connect(uris.unix);
      const name = uniqueName("guest");
      let count = 0;
      const callback = ({ domain }: { readonly domain: { readonly name: string } }) => {
        if (domain.name === name) count++;
      };
      await conn.domainEventRegister(callback);
      await (await conn.domainDefineXML(domainXML(name))).undefine();
      await until(() => count === 2);
      await conn.domainEventDeregister(callback);
    },
  },
  {
    name: "keepalive: a daemon that answers is kept, one that is silent is noticed",
    async run(scene) {
      const [relay, uri] = await relayed(scene);
      await using _ = relay;
      await using conn = await connect(uri, { keepAlive: { interval: 0.2, count: 1 } });
      await sleep(800);
      ok(conn.isAlive());
      relay.hold();
      equal((await conn.closed).reason, "keepalive");
    },
  },
  {
    name: "reconnection, with the subscriptions to events",
    async run(scene) {
      const [relay, uri] = await relayed(scene);
      await using _ = relay;
      await using conn = await connect(uri, { reconnect: quick });
      const name = uniqueName("net");
      const heard: string[] = [];
      await conn.on("network.lifecycle", ({ network, eventName }) => {
        if (network.name === name) heard.push(eventName!);
      });
      let reconnections = 0;
      await conn.on("connection.reconnected", () => reconnections++);
      relay.cut();
      await until(() => reconnections > 0);
      await defineAndUndefine(conn, name);
      await until(() => heard.length === 2);
    },
  },
  {
    name: "a lost connection ends calls and loops, and says why",
    async run(scene) {
      const [relay, uri] = await relayed(scene);
      await using _ = relay;
      await using conn = await connect(uri);
      relay.hold();
      const call = conn.getHostname().catch((error: unknown) => error);
      await sleep(20);
      relay.cut();
      equal(((await call) as Error).name, "ConnectionError");
      ok((await conn.closed).reason !== "client");
    },
  },
  {
    name: "time-outs and signals",
    async run(scene) {
      const [relay, uri] = await relayed(scene);
      await using _ = relay;
      await using conn = await connect(uri);
      relay.hold();
      const late = await conn.getHostname({ timeoutMs: 20 }).catch((error: unknown) => error);
      equal((late as Error).name, "TimeoutError");
      const aborted = await conn
        .getHostname({ signal: AbortSignal.timeout(20) })
        .catch((error: unknown) => error);
      equal((aborted as Error).name, "TimeoutError");
      const reason = new Error("enough");
      const before = await conn
        .getHostname({ signal: AbortSignal.abort(reason) })
        .catch((error: unknown) => error);
      equal(before, reason);
    },
  },
  {
    name: "tracing by diagnostics_channel",
    async run({ uris }) {
      const seen: unknown[] = [];
      const listen = (message: unknown) => void seen.push(message);
      const calls = channel("tracing:virtwire:call:start");
      calls.subscribe(listen);
      try {
        await using conn = await connect(uris.unix);
        await conn.getHostname();
      } finally {
        calls.unsubscribe(listen);
      }
      ok(seen.length > 0);
    },
  },
];
