import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { ping, pong } from "../../../../src/protocol/generated/keepalive.js";
import * as remote from "../../../../src/protocol/generated/remote.js";
import { Session } from "../../../../src/rpc/session.js";
import { openEmbedded } from "../../../../src/testing/server/embedded.js";
import { Server, type ServerOptions } from "../../../../src/testing/server/server.js";
import { createMemoryPair } from "../../../../src/transport/memory.js";
import { eventFrame, type Frame, Peer } from "../../rpc/peer.js";
import { anyHandlers, Meeting, meetOpen } from "./meeting.js";

const dom = { name: "web", uuid: new Uint8Array(16), id: -1 };
const users = { user: "pencil" };

describe("keepalive", () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "hrtime", "setImmediate", "clearImmediate"],
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const isPing = ({ header }: Frame) => header.prog === ping.program && header.proc === ping.number;
  const pings = ({ client }: Meeting<undefined>) => client.frames.filter(isPing).length;
  const watched = (meeting: Meeting<undefined>) =>
    meeting.get(remote.connectSupportsFeature, { feature: 10 });

  test("answers a ping, even before anything else was said", async () => {
    const meeting = new Meeting({ handlers: anyHandlers() });
    meeting.client.send(eventFrame(ping, undefined));
    const answer = await meeting.client.next();
    expect(answer.header).toEqual({
      prog: pong.program,
      vers: 1,
      proc: pong.number,
      type: 2,
      serial: 0,
      status: 0,
    });
    expect(answer.payload).toHaveLength(0);
  });

  test("asks whoever said that it will answer, and drops it when it doesn't", async () => {
    const meeting = await meetOpen(anyHandlers(), { keepAlive: { interval: 2, count: 2 } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pings(meeting)).toBe(0);
    await watched(meeting);
    await vi.advanceTimersByTimeAsync(5900);
    expect(pings(meeting)).toBe(2);
    expect(meeting.server.clients).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(meeting.server.clients).toHaveLength(0);
    await meeting.client.closed;
  });

  test("asks after five seconds, if nobody says otherwise", async () => {
    const meeting = await meetOpen(anyHandlers());
    await watched(meeting);
    await watched(meeting);
    await vi.advanceTimersByTimeAsync(5100);
    expect(pings(meeting)).toBe(1);
  });

  test("keeps whoever answers", async () => {
    const meeting = await meetOpen(anyHandlers(), { keepAlive: { interval: 1, count: 1 } });
    await watched(meeting);
    for (let second = 0; second < 20; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      meeting.client.send(eventFrame(pong, undefined));
    }
    expect(pings(meeting)).toBeGreaterThan(5);
    expect(meeting.server.clients).toHaveLength(1);
  });

  test.each([false, { interval: 0, count: 5 }, { interval: -1, count: 5 }] as const)(
    "asks nobody where it is turned off by %j",
    async (keepAlive) => {
      const meeting = await meetOpen(anyHandlers(), { keepAlive });
      expect(await watched(meeting)).toEqual({ supported: 1 });
      await vi.advanceTimersByTimeAsync(120_000);
      expect(meeting.client.frames.filter(isPing)).toEqual([]);
      expect(meeting.server.clients).toHaveLength(1);
    },
  );

  test("does not blame a client for what is not read because a call takes long", async () => {
    let finish = () => {};
    const handlers = anyHandlers().on(
      remote.domainCreate,
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const meeting = await meetOpen(handlers, { keepAlive: { interval: 1, count: 1 }, maxClientRequests: 1 });
    await watched(meeting);
    meeting.client.send(meeting.call(remote.domainCreate, { dom }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(meeting.server.clients).toHaveLength(1);
    finish();
    await vi.advanceTimersByTimeAsync(2500);
    expect(meeting.server.clients).toHaveLength(0);
  });

  test("leaves no timer behind", async () => {
    const meeting = await meetOpen(anyHandlers());
    await watched(meeting);
    meeting.client.end();
    await meeting.client.closed;
    await vi.advanceTimersByTimeAsync(10);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("limits", () => {
  /** Whether a client is served, and not kept waiting. */
  async function isServed(peer: Peer): Promise<boolean> {
    const before = peer.frames.length;
    peer.send(eventFrame(ping, undefined));
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    return peer.frames.length > before;
  }

  const make = (options: Partial<ServerOptions<undefined>>) => {
    const server = new Server({ handlers: anyHandlers(), ...options });
    onTestFinished(() => server.close());
    return server;
  };

  test("let more clients wait until others have gone", async () => {
    const server = make({ maxClients: 2 });
    const peers = [1, 2, 3, 4].map(() => new Peer(server.connect()));
    expect(await Promise.all(peers.map(isServed))).toEqual([true, true, false, false]);
    peers[0]!.end();
    await peers[0]!.closed;
    await expect.poll(() => peers[2]!.frames.length).toBe(1);
    expect(await isServed(peers[3]!)).toBe(false);
    // Who has waited in vain takes nobody's place.
    peers[3]!.end();
    peers[1]!.end();
    const last = new Peer(server.connect());
    await expect.poll(() => isServed(last)).toBe(true);
  });

  test("turn away whoever may not even wait", async () => {
    const server = make({ maxClients: 1, maxQueuedClients: 1 });
    const [first, second, third] = [1, 2, 3].map(() => new Peer(server.connect()));
    await third!.closed;
    expect(await isServed(first!)).toBe(true);
    first!.end();
    await expect.poll(() => isServed(second!)).toBe(true);
  });

  test("let strangers wait until others have logged in", async () => {
    const server = make({ auth: { users, mechanisms: ["PLAIN"] }, maxAnonymousClients: 1 });
    const session = new Session(server.connect());
    onTestFinished(() => session.close());
    const stranger = new Peer(server.connect());
    await session.call(remote.authSaslInit, undefined);
    expect(await isServed(stranger)).toBe(false);
    const start = { mech: "PLAIN", nil: 0, data: Buffer.from("\0user\0pencil") };
    expect(await session.call(remote.authSaslStart, start)).toMatchObject({ complete: 1 });
    await expect.poll(() => stranger.frames.length).toBe(1);
    const other = new Peer(server.connect());
    expect(await isServed(other)).toBe(false);
  });

  test("take strangers in any number where nobody has to log in, or where they don't count", async () => {
    const open = make({ maxAnonymousClients: 1 });
    const uncounted = make({ auth: { users }, maxAnonymousClients: 0 });
    for (const server of [open, uncounted]) {
      const peers = Array.from({ length: 30 }, () => new Peer(server.connect()));
      expect(await Promise.all(peers.map(isServed))).not.toContain(false);
    }
  });

  test.each([
    [{ maxClients: 0 }, RangeError],
    [{ maxClientRequests: -1 }, RangeError],
    [{ maxAnonymousClients: -1 }, RangeError],
    [{ maxMessageBytes: 1.5 }, TypeError],
    [{ maxUnsentBytes: "1" as unknown as number }, TypeError],
    [{ keepAlive: { interval: "1" as unknown as number, count: 1 } }, TypeError],
  ])("cannot be %j", (limits, error) => {
    expect(() => new Server({ handlers: anyHandlers(), ...limits })).toThrow(error);
  });
});

test("what goes wrong here while something is received costs that client its connection, and is told", async () => {
  const errors: unknown[] = [];
  const server = new Server({
    handlers: anyHandlers(),
    maxClientRequests: 1,
    onError: (error, where) => errors.push([where, error]),
  });
  const [clientEnd, serverEnd] = createMemoryPair();
  const mistake = new Error("a mistake");
  serverEnd.pause = () => {
    throw mistake;
  };
  server.accept(serverEnd);
  const client = new Peer(clientEnd);
  client.send(new Meeting({ handlers: anyHandlers() }).call(remote.authList, undefined));
  await client.closed;
  expect(errors).toEqual([["receiving", mistake]]);
  expect(server.clients).toEqual([]);
});

describe("the end of a server", () => {
  test("comes behind the answers, and leaves nobody there", async () => {
    const meeting = await meetOpen(anyHandlers().on(remote.domainCreate, () => {}));
    expect(await meeting.get(remote.domainCreate, { dom })).toBeUndefined();
    await Promise.all([meeting.server.close(), meeting.server.close()]);
    expect(meeting.server.clients).toEqual([]);
    await meeting.client.closed;
    await meeting.server.close();
    await new Peer(meeting.server.connect()).closed;
  });

  test("does not wait for a client that does not read, nor for one that was never served", async () => {
    const server = new Server({
      handlers: anyHandlers().on(remote.connectGetCapabilities, () => ({
        capabilities: "x".repeat(200_000),
      })),
      maxClients: 1,
    });
    const transport = server.connect();
    const meeting = new Meeting({ handlers: anyHandlers() });
    transport.start({ received() {}, closed() {} });
    transport.write(meeting.call(remote.connectOpen, { name: null, flags: 0 }));
    transport.write(meeting.call(remote.connectGetCapabilities, undefined));
    transport.pause();
    const waiting = new Peer(server.connect());
    await server.close();
    await waiting.closed;
    expect(server.clients).toEqual([]);
  });
});

describe("an embedded server", () => {
  test("speaks the protocol with one client in this process", async () => {
    const handlers = anyHandlers().on(remote.connectGetType, () => ({ type: "SMALL" }));
    const session = new Session(openEmbedded({ handlers }));
    await session.call(remote.connectOpen, { name: null, flags: 0 });
    expect(await session.call(remote.connectGetType, undefined)).toEqual({ type: "SMALL" });
    await session.close();
  });

  test("warns of the driver's mistakes", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => void warnings.push(warning);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));
    const mistake = new Error("a mistake");
    const handlers = anyHandlers().on(remote.connectGetType, () => Promise.reject(mistake));
    const session = new Session(openEmbedded({ handlers }));
    onTestFinished(() => session.close());
    await session.call(remote.connectOpen, { name: null, flags: 0 });
    await expect(session.call(remote.connectGetType, undefined)).rejects.toThrow("failed in the driver");
    await expect
      .poll(() => warnings.map(({ message }) => message.split("\n")[0]))
      .toEqual(["REMOTE_PROC_CONNECT_GET_TYPE failed in the embedded hypervisor: Error: a mistake"]);
  });
});
