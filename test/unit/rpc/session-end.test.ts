import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ConnectionError, ProtocolError } from "../../../src/errors.js";
import { MessageType } from "../../../src/protocol/generated/net.js";
import { connectClose } from "../../../src/protocol/generated/remote.js";
import { settle } from "../transport/recorder.js";
import { domain, found, lookUp } from "./calls.js";
import { type Conversation, converse, exchange } from "./conversation.js";
import { announce, frame, joined, replyTo } from "./peer.js";

const { MESSAGE } = MessageType;

/** Two calls with the daemon and one that waits for its turn. */
async function threeCalls(both: Conversation): Promise<Promise<unknown>[]> {
  const calls = ["first", "second", "third"].map((name) => lookUp(both.session, name));
  // The tests look at them later; until then nobody has to.
  for (const call of calls) call.catch(() => {});
  await both.peer.next();
  await both.peer.next();
  return calls;
}

/** What each call rejected with; for one that was not sent, what its error says kept it. */
async function reasons(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(calls);
  return outcomes.map((outcome) => {
    const reason: unknown = outcome.status === "rejected" ? outcome.reason : undefined;
    return reason instanceof ConnectionError && reason.sent === false ? reason.cause : reason;
  });
}

/** The session is over: it says so, lets go of the pipe, and refuses further calls with the same error. */
async function expectOver({ session, pipe }: Conversation, reason: string, error: unknown): Promise<void> {
  expect(await session.closed).toEqual({ reason, error });
  expect((await session.closed).error).toBe(error);
  expect(session.isOpen).toBe(false);
  expect(pipe.destroyed).toBe(true);
  expect(pipe.keepsRunning).toBe(false);
  await expect(lookUp(session, "late")).rejects.toBe(error);
  await session.close(connectClose);
}

describe("a peer that sends", () => {
  const lookup = { proc: 23, serial: 1 };

  test.each([
    ["a length of 3", announce(3), "message of 3 bytes"],
    ["a length of 27", announce(27, 100), "message of 27 bytes"],
    ["a length of 32 MiB and 5 bytes", announce(33_554_437, 100), "message of 33554437 bytes"],
    ["a length of 4 GiB", announce(0xffffffff, 100), "message of 4294967295 bytes"],
    ["HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), 'began with the text "HTTP"'],
    [
      "a reply to nobody",
      frame({ ...lookup, serial: 99 }),
      "not made: serial 99, procedure 23 of program 0x20008086",
    ],
    ["a reply to serial 0", frame({ ...lookup, serial: 0 }), "serial 0, "],
    ["a reply to a call that waits here", frame({ ...lookup, serial: 3 }), "serial 3, "],
    ["a reply from another procedure", frame({ ...lookup, proc: 24 }), "serial 1, procedure 24 "],
    [
      "a reply from another program",
      frame({ ...lookup, prog: 0x20008087 }),
      "procedure 23 of program 0x20008087",
    ],
    ["a reply from no program", frame({ ...lookup, prog: 0 }), "program 0x0"],
    ["a reply of another version", frame({ ...lookup, vers: 2 }), "version 2 of program 0x20008086"],
    [
      "an event of another version",
      frame({ ...lookup, type: MESSAGE, vers: 0 }),
      "version 0 of program 0x20008086",
    ],
    ["a call", frame({ ...lookup, type: MessageType.CALL }), "message of type 0"],
    ["a call with descriptors", frame({ ...lookup, type: MessageType.CALL_WITH_FDS }), "message of type 4"],
    ["descriptors unasked", frame({ ...lookup, type: MessageType.REPLY_WITH_FDS }), "message of type 5"],
    ["a type that does not exist", frame({ ...lookup, type: 7 }), "message of type 7"],
    ["a negative type", frame({ ...lookup, type: -1 }), "message of type -1"],
  ])("%s gets nothing more, and every call a ProtocolError", async (_, nonsense, message) => {
    const both = converse({ maxInFlight: 2 });
    const calls = await threeCalls(both);
    both.peer.send(nonsense, frame({ ...lookup, serial: 98 }));
    const [error, ...others] = await reasons(calls);
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toContain("memory does not keep to libvirt's protocol: ");
    expect((error as Error).message).toContain(message);
    expect(others).toEqual([error, error]);
    await expectOver(both, "error", error);
    await both.peer.closed;
    expect(both.peer.frames).toHaveLength(2);
  });

  test("two replies to one call spoils the rest, not that call", async () => {
    const both = converse();
    const first = lookUp(both.session, "first");
    const second = lookUp(both.session, "second");
    const reply = found(await both.peer.next());
    both.peer.send(reply, reply);
    await expect(second).rejects.toThrow("a call that was not made");
    expect(await first).toEqual(domain("first"));
  });

  test("sense and nonsense in one chunk is understood as far as it goes", async () => {
    const both = converse();
    const [first, second, third] = ["first", "second", "third"].map((name) => lookUp(both.session, name));
    const calls = [await both.peer.next(), await both.peer.next(), await both.peer.next()];
    both.peer.send(found(calls[0]!), announce(3), found(calls[1]!));
    const [error] = await reasons([second!, third!]);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(await first).toEqual(domain("first"));
    both.peer.send(found(calls[2]!));
    await expectOver(both, "error", error);
  });
});

describe("a peer that goes away", () => {
  test("between messages", async () => {
    const both = converse({ maxInFlight: 2 });
    const calls = await threeCalls(both);
    both.peer.end();
    const [error, ...others] = await reasons(calls);
    expect(error).toBeInstanceOf(ConnectionError);
    expect((error as Error).message).toMatch(/^memory closed the connection/);
    expect((error as Error).message).not.toContain("middle");
    expect(others).toEqual([error, error]);
    await expectOver(both, "eof", error);
  });

  test.each([1, 4, 27, 40])("after %d bytes of a message", async (length) => {
    const both = converse({ maxInFlight: 2 });
    const calls = await threeCalls(both);
    both.peer.send(frame({ proc: 23, serial: 1 }, new Uint8Array(100)).slice(0, length));
    both.peer.end();
    const [error, ...others] = await reasons(calls);
    expect(error).toBeInstanceOf(ConnectionError);
    expect((error as Error).message).toMatch(/^memory closed the connection in the middle of a message/);
    expect(others).toEqual([error, error]);
    await expectOver(both, "eof", error);
  });

  test("when nobody waits for anything", async () => {
    const both = converse();
    both.peer.end();
    const { error } = await both.session.closed;
    await expectOver(both, "eof", error);
  });

  test("after its last replies, which still count", async () => {
    const both = converse();
    const call = lookUp(both.session, "x");
    both.peer.send(found(await both.peer.next()));
    both.peer.end();
    expect(await call).toEqual(domain("x"));
    expect((await both.session.closed).reason).toBe("eof");
  });

  test("because the pipe broke", async () => {
    const both = converse({ maxInFlight: 2 });
    const calls = await threeCalls(both);
    const cause = new Error("write EPIPE");
    both.pipe.destroy(cause);
    const [error, ...others] = await reasons(calls);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ message: "the connection to memory was lost: write EPIPE", cause });
    expect(others).toEqual([error, error]);
    await expectOver(both, "error", error);
  });

  test("and says of a call that waited for its turn that it was not sent", async () => {
    const both = converse({ maxInFlight: 2 });
    const [first, , third] = await threeCalls(both);
    both.pipe.destroy(new Error("write EPIPE"));
    await expect(third).rejects.toThrow("not sent: the connection to memory was lost: write EPIPE");
    await expect(third).rejects.toMatchObject({ name: "ConnectionError", sent: false });
    await expect(first).rejects.not.toHaveProperty("sent");
  });

  test.each([new ConnectionError("it broke"), new ProtocolError("it is mad")])(
    "because of %s, which is told as it is",
    async (error) => {
      const both = converse({ maxInFlight: 2 });
      const calls = await threeCalls(both);
      both.pipe.destroy(error);
      expect(await reasons(calls)).toEqual([error, error, error]);
      await expectOver(both, "error", error);
    },
  );

  test("takes watches over signals and time with it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { session, peer } = converse({ maxInFlight: 1 });
    const { signal } = new AbortController();
    const calls = ["a", "b"].map((name) => lookUp(session, name, { signal, timeoutMs: 5000 }));
    peer.end();
    expect(await reasons(calls)).toEqual([expect.any(ConnectionError), expect.any(ConnectionError)]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("finds nobody who was not interested: an abandoned call is not rejected twice", async () => {
    const { session, peer } = converse();
    const controller = new AbortController();
    const call = lookUp(session, "x", { signal: controller.signal });
    await peer.next();
    controller.abort(new Error("enough"));
    peer.end();
    await expect(call).rejects.toThrow("enough");
    expect((await session.closed).reason).toBe("eof");
  });
});

describe("closing", () => {
  const farewell = (peer: Conversation["peer"]) => peer.frames.filter(({ header }) => header.proc === 2);

  test("says farewell, waits for the answer, and drops the pipe", async () => {
    const both = converse();
    const closing = both.session.close(connectClose);
    expect(both.session.isOpen).toBe(false);
    expect(both.pipe.keepsRunning).toBe(true);
    await expect(lookUp(both.session, "late")).rejects.toThrow("closed by this program");
    const call = await both.peer.next();
    expect(call.header).toMatchObject({ prog: 0x20008086, proc: 2, type: 0 });
    expect(both.pipe.destroyed).toBe(false);
    both.peer.send(replyTo(call, connectClose, undefined));
    await closing;
    const { error } = await both.session.closed;
    expect(error).toBeInstanceOf(ConnectionError);
    await expectOver(both, "client", error);
    await both.peer.closed;
    expect(both.peer.frames).toHaveLength(1);
  });

  test("without a farewell drops the pipe at once", async () => {
    const both = converse();
    await both.session.close();
    await both.peer.closed;
    expect(both.peer.frames).toEqual([]);
    await expectOver(both, "client", (await both.session.closed).error);
  });

  test("does not wait for ever for the answer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const both = converse();
    const closing = both.session.close(connectClose);
    await both.peer.next();
    await vi.advanceTimersByTimeAsync(60_000);
    await closing;
    await expectOver(both, "client", (await both.session.closed).error);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("rejects the calls in flight, and drops their late replies", async () => {
    const both = converse({ maxInFlight: 3 });
    const calls = await threeCalls(both);
    const waiting = lookUp(both.session, "fourth");
    const closing = both.session.close(connectClose);
    const errors = await reasons([...calls, waiting]);
    expect(errors).toEqual(errors.map(() => expect.any(ConnectionError)));
    expect(errors).toEqual(
      errors.map(() => expect.objectContaining({ message: "the connection was closed by this program" })),
    );
    // The farewell does not wait for its turn, which may never come.
    await settle();
    const [last] = farewell(both.peer);
    both.peer.send(found(both.peer.frames[1]!), replyTo(last!, connectClose, undefined));
    await closing;
    expect(both.peer.frames).toHaveLength(4);
    await expectOver(both, "client", (await both.session.closed).error);
  });

  test("at the same time, or again and again, is harmless", async () => {
    const both = converse();
    const closings = [1, 2, 3].map(() => both.session.close(connectClose));
    both.peer.send(replyTo(await both.peer.next(), connectClose, undefined));
    await Promise.all(closings);
    await both.session.close();
    await both.session.close(connectClose);
    await settle();
    expect(farewell(both.peer)).toHaveLength(1);
    await expectOver(both, "client", (await both.session.closed).error);
  });

  test("is done when the peer hangs up instead of answering", async () => {
    const both = converse();
    const closing = both.session.close(connectClose);
    await both.peer.next();
    both.peer.end();
    await closing;
    await expectOver(both, "client", (await both.session.closed).error);
  });

  test("is done when the pipe breaks meanwhile", async () => {
    const both = converse();
    const closing = both.session.close(connectClose);
    both.pipe.destroy(new Error("write EPIPE"));
    await closing;
    await expectOver(both, "client", (await both.session.closed).error);
  });

  test.each([
    ["refuses", (serial: number) => frame({ proc: 2, serial, status: 1 }, new Uint8Array(44))],
    ["answers with rubbish", (serial: number) => frame({ proc: 2, serial }, new Uint8Array(44))],
  ])("is done when the peer %s", async (_, answer) => {
    const both = converse();
    const closing = both.session.close(connectClose);
    both.peer.send(answer((await both.peer.next()).header.serial));
    await closing;
    await expectOver(both, "client", (await both.session.closed).error);
  });

  test("after the peer has gone keeps the first reason", async () => {
    const both = converse();
    both.peer.end();
    const { error } = await both.session.closed;
    await both.session.close(connectClose);
    await expectOver(both, "eof", error);
  });

  test("tells the peer even of calls of the same tick", async () => {
    const both = converse();
    const call = lookUp(both.session, "x");
    const closing = both.session.close(connectClose);
    await expect(call).rejects.toThrow("closed by this program");
    await both.peer.next();
    both.peer.send(replyTo(await both.peer.next(), connectClose, undefined));
    await closing;
  });
});

describe("the process", () => {
  test("is kept running by calls whose outcome somebody waits for, and by nothing else", async () => {
    const { session, peer, pipe } = converse({ maxInFlight: 1 });
    expect(pipe.keepsRunning).toBe(false);
    const first = lookUp(session, "first");
    const second = lookUp(session, "second");
    expect(pipe.keepsRunning).toBe(true);
    peer.send(found(await peer.next()));
    await first;
    expect(pipe.keepsRunning).toBe(true);
    peer.send(joined(found(await peer.next())));
    await second;
    expect(pipe.keepsRunning).toBe(false);
  });

  test("is kept running by who holds the session, until let go", async () => {
    const both = converse();
    const [one, other] = [both.session.hold(), both.session.hold()];
    expect(both.pipe.keepsRunning).toBe(true);
    expect(await exchange(both)).toBe("here");
    one();
    one();
    expect(both.pipe.keepsRunning).toBe(true);
    other();
    expect(both.pipe.keepsRunning).toBe(false);
  });
});
