import { AsyncLocalStorage } from "node:async_hooks";
import { tracingChannel } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { TimeoutError } from "../../../src/errors.js";
import {
  domainEventCallbackLifecycle,
  domainLookupByName,
  secretGetValue,
  secretSetValue,
} from "../../../src/protocol/generated/remote.js";
import { reached, traceConnects } from "../../../src/rpc/tracing.js";
import { watchEvents, watchTraces } from "../../support/traces.js";
import { settle } from "../transport/recorder.js";
import { domain, found, lookUp, uuid } from "./calls.js";
import { converse } from "./conversation.js";
import { confirmation, data, openDownload, openUpload } from "./packets.js";
import { errorTo, eventFrame, replyTo } from "./peer.js";

const phases = (told: readonly (readonly [string, unknown])[]) => told.map(([phase]) => phase);

describe("a call", () => {
  test("is told from its start to its end, with names and sizes", async () => {
    const told = watchTraces("call");
    const { session, peer } = converse();
    const call = lookUp(session, "web");
    const frame = await peer.next();
    expect(phases(told)).toEqual(["start", "end"]);
    const reply = found(frame);
    peer.send(reply);
    await call;
    expect(phases(told)).toEqual(["start", "end", "asyncStart", "asyncEnd"]);
    expect(told[3]![1]).toEqual({
      connection: session.connection,
      peer: session.peer,
      program: "remote",
      procedure: "REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME",
      number: 23,
      serial: frame.header.serial,
      bytesSent: 28 + frame.payload.length,
      bytesReceived: reply.length,
      durationMs: expect.any(Number),
      result: undefined,
    });
  });

  test("that fails is told with its error", async () => {
    const told = watchTraces("call");
    const { session, peer } = converse();
    const call = lookUp(session, "nobody");
    const error = errorTo(await peer.next(), { code: 42, domain: 10, message: "no such domain" });
    peer.send(error);
    const reason = await call.catch((error: unknown) => error);
    await settle();
    expect(phases(told)).toEqual(["start", "end", "error", "asyncStart", "asyncEnd"]);
    expect(told[4]![1]).toMatchObject({ error: reason, bytesReceived: error.length });
  });

  test("that is refused is told as that, whatever is made of the refusal", async () => {
    const told = watchTraces("call");
    const { session, peer } = converse();
    const args = { name: "nobody" };
    const call = session.call(
      domainLookupByName,
      args,
      {},
      () => "found",
      async () => "not found",
    );
    peer.send(errorTo(await peer.next(), { code: 42, domain: 10, message: "no such domain" }));
    expect(await call).toBe("not found");
    expect(phases(told)).toEqual(["start", "end", "error", "asyncStart", "asyncEnd"]);
    const late = session.call(domainLookupByName, args, { timeoutMs: 1 }, undefined, () => {
      throw new Error("nobody has refused it");
    });
    await expect(late).rejects.toThrow(TimeoutError);
  });

  test("that takes too long, or cannot be made, is told with its error", async () => {
    const told = watchTraces("call");
    const { session } = converse();
    await expect(lookUp(session, "web", { timeoutMs: 1 })).rejects.toBeInstanceOf(TimeoutError);
    await expect(lookUp(session, 5 as unknown as string)).rejects.toBeInstanceOf(TypeError);
    await settle();
    const errors = told
      .filter(([phase]) => phase === "error")
      .map(([, { error, serial }]) => [error, serial]);
    expect(errors).toEqual([
      [expect.any(TimeoutError), 1],
      [expect.any(TypeError), 0],
    ]);
  });

  test("is told without what it says, and what it is answered", async () => {
    const told = watchTraces("call");
    const { session, peer } = converse();
    const secret = { uuid, usageType: 0, usageID: "" };
    const value = new TextEncoder().encode("geheim");
    const calls = [
      session.call(secretSetValue, { secret, value, flags: 0 }),
      session.call(secretGetValue, { secret, flags: 0 }),
    ];
    peer.send(replyTo(await peer.next(), secretSetValue, undefined));
    peer.send(replyTo(await peer.next(), secretGetValue, { value }));
    await Promise.all(calls);
    await settle();
    expect(told).toHaveLength(8);
    expect(inspect(told, { depth: null, showHidden: true })).not.toMatch(/geheim|67, *65|67 65/);
  });

  test("is made in the context that a subscriber binds", async () => {
    const spans = new AsyncLocalStorage<string>();
    const { start } = tracingChannel("virtwire:connect");
    start.bindStore(spans, () => "connecting");
    onTestFinished(() => void start.unbindStore(spans));
    const connect = traceConnects("test:///default", async () => spans.getStore());
    expect(await connect(undefined)).toBe("connecting");
    expect(spans.getStore()).toBeUndefined();
  });
});

test("connecting is told with where to, but without a password and parameters", async () => {
  const told = watchTraces("connect");
  const uri = "test://me:geheim@host/default?key=geheim";
  const identity = { connection: 5, peer: "tcp:host:16509" };
  await traceConnects(uri, async (trace) => reached(trace, identity))(undefined);
  const failing = traceConnects("", () => Promise.reject(new Error("no")));
  await expect(failing(undefined)).rejects.toThrow("no");
  expect(told.map(([phase, { durationMs, ...message }]) => [phase, message])).toMatchObject([
    ["start", { uri: "test://me:***@host/default" }],
    ["end", identity],
    ["asyncStart", identity],
    ["asyncEnd", identity],
    ["start", { uri: "" }],
    ["end", {}],
    ["error", { error: new Error("no") }],
    ["asyncStart", { error: new Error("no") }],
    ["asyncEnd", { error: new Error("no") }],
  ]);
});

describe("a stream", () => {
  test("is told with what it has carried and how it ended", async () => {
    const told = watchTraces("stream");
    const both = converse();
    const { stream, call } = await openUpload(both);
    await stream.send(new Uint8Array(300_000));
    await stream.sendHole(1000n, 0);
    const finished = stream.finish();
    both.peer.send(confirmation(call));
    await finished;
    await settle();
    expect(phases(told)).toEqual(["start", "end", "asyncStart", "asyncEnd"]);
    expect(told[3]![1]).toMatchObject({
      procedure: "REMOTE_PROC_STORAGE_VOL_UPLOAD",
      serial: call.header.serial,
      outcome: "finished",
      bytesSent: 300_000,
      bytesReceived: 0,
    });
  });

  test("that is aborted has not failed; one whose connection is lost has", async () => {
    const told = watchTraces("stream");
    const both = converse();
    const first = await openDownload(both);
    both.peer.send(data(first.call, "bytes"));
    await first.stream.next();
    first.stream.abort();
    await both.peer.next();
    await openDownload(both);
    both.peer.destroy();
    await both.session.closed;
    await settle();
    const ends = told.filter(([phase]) => phase === "asyncEnd").map(([, message]) => message);
    expect(ends).toEqual([
      expect.objectContaining({ outcome: "aborted", bytesReceived: 5 }),
      expect.objectContaining({ outcome: "failed", error: expect.any(Error) }),
    ]);
    expect(ends[0]).not.toHaveProperty("error");
  });
});

test("an event is told with its name and size, if somebody wants it", async () => {
  const told = watchEvents();
  const { session, peer } = converse();
  const message = { callbackID: 1, msg: { ...domain("web"), event: 2, detail: 0 } };
  const event = eventFrame(domainEventCallbackLifecycle, message);
  peer.send(event);
  await settle();
  expect(told).toEqual([]);
  session.onEvent(domainEventCallbackLifecycle, () => {});
  peer.send(event);
  await settle();
  expect(told).toEqual([
    {
      connection: session.connection,
      peer: session.peer,
      program: "remote",
      procedure: "REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE",
      number: 318,
      bytes: event.length,
    },
  ]);
});
