import { describe, expect, test, vi } from "vitest";
import {
  AuthenticationError,
  ConnectionError,
  LibvirtError,
  ProtocolError,
  TimeoutError,
  UnsupportedError,
} from "../../../src/errors.js";
import { ping } from "../../../src/protocol/generated/keepalive.js";
import {
  connectClose,
  domainCreate,
  domainEventLifecycle,
  domainGetInfo,
  secretSetValue,
  storageVolDownload,
} from "../../../src/protocol/generated/remote.js";
import type { Session } from "../../../src/rpc/session.js";
import { settle } from "../transport/recorder.js";
import { asked, domain, found, lookUp, nameIn, uuid } from "./calls.js";
import { fakeTime, Lasting } from "./lasting.js";
import { argumentsOf, errorTo, eventFrame, frame } from "./peer.js";

const start = (lasting: Lasting) => lasting.link.call(domainCreate, domain("x"));

/** Has an error looked at later than it comes. */
function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

describe("a session that is lost", () => {
  test("is replaced after a wait, by somebody else's doing", async () => {
    fakeTime();
    const lasting = new Lasting();
    const { link } = lasting;
    expect(link.session).toBe(lasting.now.session);
    await lasting.lose();
    expect(link.session).toBeUndefined();
    expect(link.isOpen).toBe(true);
    await vi.advanceTimersByTimeAsync(99);
    expect(lasting.attempts).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(lasting.attempts).toBe(1);
    await settle();
    expect(lasting.conversations).toHaveLength(2);
    expect(link.session).toBe(lasting.now.session);
    expect(lasting.losses).toMatchObject([{ reason: "eof" }]);
    expect(lasting.reconnections).toMatchObject([{ loss: lasting.losses[0], attempts: 1, missedMs: 100 }]);
    expect(lasting.failures).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is replaced by whatever attempt succeeds, and as often as it is lost", async () => {
    fakeTime();
    const lasting = new Lasting();
    const error = new ConnectionError("nobody listens");
    for (let round = 1; round <= 3; round++) {
      lasting.outcomes.push(error, new LibvirtError({ ...noFields, message: "not yet" }));
      await lasting.lose();
      await lasting.pass(3);
      expect(lasting.reconnections).toHaveLength(round);
      expect(lasting.reconnections.at(-1)).toMatchObject({ attempts: 3, missedMs: 300 });
    }
    expect(lasting.failures.slice(0, 2)).toEqual([
      { attempt: 1, error, delayMs: 100 },
      { attempt: 2, error: expect.any(LibvirtError), delayMs: 100 },
    ]);
  });

  test.each([
    ["what makes no sense", (lasting: Lasting) => lasting.now.peer.send(frame({ vers: 9 })), "error"],
    ["a broken pipe", (lasting: Lasting) => lasting.now.pipe.destroy(new Error("EPIPE")), "error"],
  ])("is replaced when it ends by %s", async (_, lose, reason) => {
    fakeTime();
    const lasting = new Lasting();
    lose(lasting);
    await settle();
    await lasting.pass();
    expect(lasting.reconnections).toMatchObject([{ loss: { reason } }]);
  });

  test("has missed events since the daemon was last heard of, unless that closed it", async () => {
    fakeTime();
    const lasting = new Lasting();
    lasting.link.setKeepAlive({ interval: 1, count: 1 });
    await vi.advanceTimersByTimeAsync(500);
    lasting.now.peer.send(eventFrame(ping, undefined));
    await settle();
    // It is asked a second later, and given up another second later.
    await vi.advanceTimersByTimeAsync(2000);
    await settle();
    expect(lasting.losses).toMatchObject([{ reason: "keepalive" }]);
    await lasting.pass();
    expect(lasting.reconnections).toMatchObject([{ missedMs: 2100 }]);
    await lasting.lose();
    await lasting.pass();
    expect(lasting.reconnections[1]).toMatchObject({ loss: { reason: "eof" }, missedMs: 100 });
  });

  test("leaves what is set and subscribed to with the next one", async () => {
    fakeTime();
    const lasting = new Lasting();
    const { link } = lasting;
    const names: string[] = [];
    link.onEvent(domainEventLifecycle, ({ dom }) => names.push(dom.name));
    link.setKeepAlive({ interval: 7, count: 2 });
    const release = link.hold();
    await lasting.lose();
    await lasting.pass();
    expect(lasting.now.pipe.keepsRunning).toBe(true);
    const event = (name: string) =>
      eventFrame(domainEventLifecycle, { ...domain(name), event: 2, detail: 0 });
    lasting.now.peer.send(event("seen"));
    await settle();
    expect(names).toEqual(["seen"]);
    await vi.advanceTimersByTimeAsync(7000);
    expect(lasting.now.peer.frames.at(-1)?.header.prog).toBe(ping.program);
    release();
    release();
    expect(lasting.now.pipe.keepsRunning).toBe(false);
  });

  test("is in use when its watchers are done with it, and not before", async () => {
    fakeTime();
    const lasting = new Lasting();
    let finish = () => {};
    let given: Session | undefined;
    lasting.renewing = (session) => {
      given = session;
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    await lasting.lose();
    const call = lookUp(lasting.link, "x");
    await lasting.pass();
    expect(given).toBe(lasting.now.session);
    expect(lasting.now.peer.frames).toEqual([]);
    expect(lasting.reconnections).toEqual([]);
    finish();
    lasting.now.peer.send(found(await lasting.now.peer.next()));
    expect(await call).toEqual(domain("x"));
  });

  test("is lost again while its watchers work on the next one, which is one more attempt", async () => {
    fakeTime();
    const lasting = new Lasting();
    const renewed: Session[] = [];
    lasting.renewing = async (session) => {
      renewed.push(session);
      if (renewed.length === 1) lasting.now.peer.end();
      await settle();
    };
    await lasting.lose();
    await lasting.pass(2);
    expect(renewed).toHaveLength(2);
    expect(lasting.reconnections).toMatchObject([{ attempts: 2 }]);
    expect(lasting.losses).toHaveLength(1);
  });
});

const noFields = {
  ...{ code: 38, domain: 7, level: 2, int1: 0, int2: 0 },
  ...{ str1: null, str2: null, str3: null },
};

describe("a call", () => {
  test("that is made meanwhile waits, in its turn, as it was made", async () => {
    fakeTime();
    const lasting = new Lasting();
    await lasting.lose();
    const value = new Uint8Array([1, 2, 3]);
    const secret = { uuid, usageType: 0, usageID: "" };
    const calls = ["a", "b"].map((name) => lookUp(lasting.link, name));
    const setting = lasting.link.call(secretSetValue, { secret, value, flags: 0 });
    value.fill(9);
    await lasting.pass();
    const { peer } = lasting.now;
    const frames = [await peer.next(), await peer.next(), await peer.next()];
    expect(frames.slice(0, 2).map(nameIn)).toEqual(["a", "b"]);
    expect(argumentsOf(frames[2]!, secretSetValue).value).toEqual(new Uint8Array([1, 2, 3]));
    peer.send(
      found(frames[0]!),
      found(frames[1]!),
      frame(frames[2]!.header.serial ? { ...frames[2]!.header, type: 1 } : {}),
    );
    expect(await Promise.all(calls)).toEqual([domain("a"), domain("b")]);
    await setting;
  });

  test("with wrong arguments does not wait", async () => {
    fakeTime();
    const lasting = new Lasting();
    await lasting.lose();
    await expect(lookUp(lasting.link, 5 as unknown as string)).rejects.toThrow(TypeError);
    await expect(lookUp(lasting.link, "x", { timeoutMs: -1 })).rejects.toThrow(RangeError);
    const over = AbortSignal.abort(new Error("not now"));
    await expect(lookUp(lasting.link, "x", { signal: over })).rejects.toThrow("not now");
  });

  test("waits no longer than its caller, and is not sent later", async () => {
    fakeTime();
    const lasting = new Lasting();
    await lasting.lose();
    const late = later(lookUp(lasting.link, "late", { timeoutMs: 60 }));
    const controller = new AbortController();
    const aborted = later(lookUp(lasting.link, "aborted", { signal: controller.signal }));
    controller.abort(new Error("no more"));
    await expect(aborted).rejects.toThrow("no more");
    await vi.advanceTimersByTimeAsync(60);
    await expect(late).rejects.toThrow(TimeoutError);
    await expect(late).rejects.toThrow(
      "no answer within 60 ms: there is no connection to memory at the moment (memory closed the connection",
    );
    await lasting.pass();
    expect(lasting.now.peer.frames).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("has one deadline for waiting and for its answer", async () => {
    fakeTime();
    const lasting = new Lasting();
    await lasting.lose();
    const call = later(lookUp(lasting.link, "x", { timeoutMs: 150 }));
    await lasting.pass();
    expect(asked(lasting.now.peer)).toEqual(["x"]);
    await vi.advanceTimersByTimeAsync(50);
    await expect(call).rejects.toThrow("REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME: no answer within 150 ms");
  });

  test("finds no room where many wait already", async () => {
    fakeTime();
    const lasting = new Lasting({ reconnect: { maxWaiting: 2 } });
    await lasting.lose();
    const calls = ["a", "b"].map((name) => lookUp(lasting.link, name));
    const refused = lookUp(lasting.link, "c");
    await expect(refused).rejects.toMatchObject({ name: "ConnectionError", sent: false });
    await expect(refused).rejects.toThrow("2 calls wait for one already");
    await lasting.pass();
    lasting.now.peer.send(...lasting.now.peer.frames.map(found));
    expect(await Promise.all(calls)).toHaveLength(2);
  });

  test("that was with the daemon fails, and says that it may have been done", async () => {
    fakeTime();
    const lasting = new Lasting({ reconnect: { retry: "idempotent" } });
    const call = later(start(lasting));
    await lasting.now.peer.next();
    await lasting.lose();
    await expect(call).rejects.toMatchObject({
      name: "ConnectionError",
      sent: true,
      cause: lasting.losses[0]!.error,
    });
    await expect(call).rejects.toThrow("REMOTE_PROC_DOMAIN_CREATE may or may not have been done");
    await lasting.pass();
    expect(lasting.now.peer.frames).toEqual([]);
  });

  test("that only tells of something is made again where that is wanted", async () => {
    fakeTime();
    const lasting = new Lasting({ reconnect: { retry: "idempotent" } });
    const call = lookUp(lasting.link, "x");
    for (let round = 0; round < 3; round++) {
      await lasting.now.peer.next();
      await lasting.lose();
      await lasting.pass();
    }
    lasting.now.peer.send(found(await lasting.now.peer.next()));
    expect(await call).toEqual(domain("x"));
  });

  test("that only tells of something fails as all do where nothing is said", async () => {
    fakeTime();
    const lasting = new Lasting();
    const call = later(lookUp(lasting.link, "x"));
    await lasting.now.peer.next();
    await lasting.lose();
    await expect(call).rejects.toMatchObject({ sent: true });
  });

  test("that waited for its turn has not been sent, and is", async () => {
    fakeTime();
    const lasting = new Lasting({ session: { maxInFlight: 1 } });
    const [first, second] = [later(start(lasting)), start(lasting)];
    await lasting.now.peer.next();
    await lasting.lose();
    await expect(first).rejects.toMatchObject({ sent: true });
    await lasting.pass();
    const { header } = await lasting.now.peer.next();
    lasting.now.peer.send(frame({ ...header, type: 1 }));
    await second;
  });

  test("is made again neither for the daemon's error nor for an answer that makes no sense", async () => {
    fakeTime();
    const lasting = new Lasting({ reconnect: { retry: "idempotent" } });
    const refused = later(lookUp(lasting.link, "x"));
    const garbled = later(lasting.link.call(domainGetInfo, domain("x")));
    const { peer } = lasting.now;
    const [first, second] = [await peer.next(), await peer.next()];
    peer.send(errorTo(first, { code: 42, domain: 10, message: "no domain" }));
    peer.send(frame({ ...second.header, type: 1 }, new Uint8Array(3)));
    await expect(refused).rejects.toThrow("no domain");
    await expect(garbled).rejects.toThrow(ProtocolError);
    expect(lasting.losses).toEqual([]);
    expect(peer.frames).toHaveLength(2);
  });

  test("that opens a stream waits like others, and the stream ends with its session", async () => {
    fakeTime();
    const lasting = new Lasting();
    await lasting.lose();
    const vol = { pool: "images", name: "disk", key: "/disk" };
    const args = { vol, offset: 0n, length: 0n, flags: 0 };
    const opening = lasting.link.openStream(storageVolDownload, args);
    await lasting.pass();
    const { header } = await lasting.now.peer.next();
    lasting.now.peer.send(frame({ ...header, type: 1 }));
    const { stream } = await opening;
    const reading = later(stream.next());
    await lasting.lose();
    await expect(reading).rejects.toBe(lasting.losses[1]!.error);
    await lasting.pass();
    expect(lasting.now.peer.frames).toEqual([]);
  });
});

describe("it is over", () => {
  test("when as many attempts have failed as were wanted", async () => {
    fakeTime();
    const lasting = new Lasting({ reconnect: { maxAttempts: 2 } });
    const cause = new ConnectionError("nobody listens");
    lasting.outcomes.push(new ConnectionError("at first"), cause);
    await lasting.lose();
    const call = later(lookUp(lasting.link, "x"));
    await lasting.pass(2);
    const closed = await lasting.link.closed;
    expect(closed).toMatchObject({ reason: "eof", error: { name: "ConnectionError", cause } });
    expect(closed.error.message).toMatch(
      /^the connection to memory is given up after 2 attempts to make it again: nobody listens \(it was lost because memory closed/,
    );
    await expect(call).rejects.toBe(closed.error);
    await expect(lookUp(lasting.link, "x")).rejects.toBe(closed.error);
    expect(lasting.link.isOpen).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    await lasting.link.close();
    expect(await lasting.link.closed).toBe(closed);
  });

  test("when the daemon refuses us twice in a row", async () => {
    fakeTime();
    const lasting = new Lasting();
    const refusal = new AuthenticationError("who are you?");
    const gone = new ConnectionError("nobody listens");
    lasting.outcomes.push(refusal, gone, refusal, refusal);
    await lasting.lose();
    await lasting.pass(4);
    expect(lasting.failures.map(({ error }) => error)).toEqual([refusal, gone, refusal]);
    expect(await lasting.link.closed).toEqual({ reason: "eof", error: refusal });
  });

  test.each([new UnsupportedError("no such transport"), new TypeError("auth: a string is wanted")])(
    "at once when it cannot get better: %s",
    async (error) => {
      fakeTime();
      const lasting = new Lasting();
      lasting.outcomes.push(error);
      await lasting.lose();
      await lasting.pass();
      expect(await lasting.link.closed).toEqual({ reason: "eof", error });
      expect(lasting.failures).toEqual([]);
    },
  );

  test("when it is closed, with a farewell, and nothing is made again", async () => {
    fakeTime();
    const lasting = new Lasting();
    const closing = lasting.link.close(connectClose);
    const { header } = await lasting.now.peer.next();
    expect(header.proc).toBe(connectClose.number);
    expect(lasting.link.isOpen).toBe(false);
    await expect(lookUp(lasting.link, "x")).rejects.toThrow("closed by this program");
    lasting.now.peer.send(frame({ ...header, type: 1 }));
    await closing;
    expect(await lasting.link.closed).toMatchObject({ reason: "client" });
    await lasting.pass(3);
    expect(lasting.attempts).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("when it is closed between two attempts, at once", async () => {
    fakeTime();
    const lasting = new Lasting();
    await lasting.lose();
    const call = later(lookUp(lasting.link, "x"));
    await lasting.link.close(connectClose);
    expect(vi.getTimerCount()).toBe(0);
    expect(await lasting.link.closed).toMatchObject({ reason: "client" });
    await expect(call).rejects.toThrow("closed by this program");
    await lasting.pass();
    expect(lasting.attempts).toBe(0);
  });

  test.each(["lost", "attemptFailed"] as const)("when it is closed by who is told: %s", async (told) => {
    fakeTime();
    const lasting = new Lasting();
    lasting[told] = () => void lasting.link.close();
    lasting.outcomes.push(new ConnectionError("nobody listens"));
    await lasting.lose();
    await lasting.pass();
    expect(await lasting.link.closed).toMatchObject({ reason: "client" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("when it is closed during an attempt, even one that hears no signal and comes to a session", async () => {
    fakeTime();
    const lasting = new Lasting();
    let arrive = () => {};
    lasting.outcomes.push(
      () =>
        new Promise((resolve) => {
          arrive = () => resolve(lasting.open());
        }),
    );
    await lasting.lose();
    await lasting.pass();
    await lasting.link.close();
    expect(vi.getTimerCount()).toBe(0);
    arrive();
    await settle();
    expect(lasting.conversations).toHaveLength(2);
    expect(lasting.now.session.isOpen).toBe(false);
    expect(lasting.reconnections).toEqual([]);
  });

  test("when it is closed by a watcher that works on the next session", async () => {
    fakeTime();
    const lasting = new Lasting();
    lasting.renewing = async () => void lasting.link.close();
    await lasting.lose();
    await lasting.pass();
    expect(await lasting.link.closed).toMatchObject({ reason: "client" });
    expect(lasting.now.session.isOpen).toBe(false);
    expect(lasting.reconnections).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("an attempt", () => {
  test("that takes too long is given up, and what comes of it later is closed", async () => {
    fakeTime();
    const lasting = new Lasting({ reconnect: { attemptTimeoutMs: 500 } });
    let arrive = () => {};
    let signal: AbortSignal | undefined;
    lasting.outcomes.push((within) => {
      signal = within;
      return new Promise((resolve) => {
        arrive = () => resolve(lasting.open());
      });
    });
    await lasting.lose();
    await lasting.pass(6);
    expect(signal?.aborted).toBe(true);
    expect(lasting.failures).toMatchObject([{ attempt: 1, error: { name: "TimeoutError" } }]);
    await lasting.pass();
    expect(lasting.reconnections).toMatchObject([{ attempts: 2 }]);
    const inUse = lasting.link.session;
    arrive();
    await settle();
    expect(lasting.now.session.isOpen).toBe(false);
    expect(lasting.link.session).toBe(inUse);
  });

  test("that gets stuck while its watchers work is given up, too", async () => {
    fakeTime();
    const lasting = new Lasting({ reconnect: { attemptTimeoutMs: 500 } });
    let stuck: Session | undefined;
    lasting.renewing = async (session) => {
      if (stuck) return;
      stuck = session;
      await lookUp(session, "no answer");
    };
    await lasting.lose();
    await lasting.pass(7);
    expect(stuck?.isOpen).toBe(false);
    expect(lasting.reconnections).toMatchObject([{ attempts: 2 }]);
  });
});
