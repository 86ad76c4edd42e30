import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { LibvirtError, ProtocolError } from "../../../src/errors.js";
import { ping, pong } from "../../../src/protocol/generated/keepalive.js";
import { MessageType } from "../../../src/protocol/generated/net.js";
import {
  domainEventLifecycle,
  domainFsfreeze,
  domainLookupByName,
  domainSetMemory,
  domainSetVcpus,
} from "../../../src/protocol/generated/remote.js";
import type { Procedure } from "../../../src/protocol/procedure.js";
import type { CallOptions } from "../../../src/rpc/deadline.js";
import { Session } from "../../../src/rpc/session.js";
import { createMemoryPair } from "../../../src/transport/memory.js";
import { settle } from "../transport/recorder.js";
import { asked, domain, found, lookUp, nameIn, uuid } from "./calls.js";
import { type Conversation, converse, exchange } from "./conversation.js";
import { collectGarbage } from "./garbage.js";
import { argumentsOf, errorTo, eventFrame, type Frame, frame, replyTo } from "./peer.js";

async function nextCalls({ peer }: Conversation, count: number): Promise<Frame[]> {
  const calls: Frame[] = [];
  while (calls.length < count) calls.push(await peer.next());
  return calls;
}

describe("calls", () => {
  test("say what they are", async () => {
    const { session, peer } = converse();
    const call = lookUp(session, "žluťoučký");
    const sent = await peer.next();
    const { serial } = sent.header;
    expect(sent.header).toEqual({ prog: 0x20008086, vers: 1, proc: 23, type: 0, serial, status: 0 });
    expect(nameIn(sent)).toBe("žluťoučký");
    peer.send(found(sent));
    expect(await call).toEqual(domain("žluťoučký"));
  });

  test("get their own replies, in whatever order these come", async () => {
    const both = converse();
    const { session, peer } = both;
    const names = Array.from({ length: 20 }, (_, index) => `domain ${index}`);
    const order: string[] = [];
    const results = names.map(async (name) => {
      const { dom } = await lookUp(session, name);
      order.push(dom.name);
      return dom.name;
    });
    const calls = await nextCalls(both, 20);
    expect(new Set(calls.map(({ header }) => header.serial)).size).toBe(20);
    const mixed = calls.map((_, index) => calls[(index * 7) % 20]!);
    peer.send(...mixed.slice(0, 10).map(found));
    for (const call of mixed.slice(10)) peer.send(found(call));
    expect(await Promise.all(results)).toEqual(names);
    expect(order).toEqual(mixed.map(nameIn));
  });

  test("get replies that come in pieces", async () => {
    const { session, peer } = converse();
    const call = lookUp(session, "x");
    for (const byte of found(await peer.next())) peer.send(Uint8Array.of(byte));
    expect(await call).toEqual(domain("x"));
  });

  test("of one tick go out in one write", async () => {
    const both = converse();
    const { session, pipe } = both;
    const results = [lookUp(session, "a"), lookUp(session, "b")];
    await Promise.resolve();
    results.push(lookUp(session, "c"));
    expect(pipe.writes).toEqual([]);
    await nextTurn();
    results.push(lookUp(session, "d"));
    both.peer.send(...(await nextCalls(both, 4)).map(found));
    await Promise.all(results);
    expect(pipe.writes).toEqual([3 * 36, 36]);
    expect(asked(both.peer)).toEqual(["a", "b", "c", "d"]);
  });

  test("take their arguments as they are now, whatever becomes of them", async () => {
    const both = converse({ maxInFlight: 1 });
    const { session, peer } = both;
    const args = { name: "before" };
    const mountpoints = ["/one"];
    const sent = session.call(domainLookupByName, args);
    const queued = session.call(domainFsfreeze, { ...domain("x"), mountpoints, flags: 0 });
    args.name = "after";
    mountpoints.push("/two");
    peer.send(found(await peer.next()));
    expect(await sent).toEqual(domain("before"));
    const second = await peer.next();
    expect(argumentsOf(second, domainFsfreeze).mountpoints).toEqual(["/one"]);
    peer.send(replyTo(second, domainFsfreeze, { filesystems: 1 }));
    await queued;
  });

  test("keep what they return, whatever becomes of the memory that it arrived in", async () => {
    const { session, peer } = converse();
    const call = lookUp(session, "kept");
    const reply = found(await peer.next());
    peer.send(reply);
    const result = await call;
    reply.fill(0xff);
    expect(result).toEqual(domain("kept"));
  });

  test("do not keep the memory that their replies arrived in", async () => {
    const { session, peer } = converse();
    const call = lookUp(session, "x");
    const sent = await peer.next();
    const answer = () => {
      const reply = found(sent);
      peer.send(reply);
      return new WeakRef(reply);
    };
    const reply = answer();
    await call;
    await collectGarbage();
    expect(reply.deref()).toBeUndefined();
    expect(session.isOpen).toBe(true);
  });
});

describe("what has to happen with a reply", () => {
  const event = { ...domain("x"), event: 2, detail: 0 };

  test("can be done before anything is read that came behind it", async () => {
    const { session, peer } = converse();
    const log: string[] = [];
    session.onEvent(domainEventLifecycle, () => log.push("event"));
    const read = ({ dom }: { dom: { name: string } }) => {
      log.push(dom.name);
      return dom.name.length;
    };
    const call = session.call(domainLookupByName, { name: "x" }, {}, read);
    peer.send(found(await peer.next()), eventFrame(domainEventLifecycle, event));
    expect(await call).toBe(1);
    expect(log).toEqual(["x", "event"]);
  });

  test("is not done where there is none", async () => {
    const both = converse();
    const { session, peer } = both;
    const controller = new AbortController();
    const { signal } = controller;
    const results: unknown[] = [];
    const names = ["refused", "garbled", "aborted"];
    const calls = names.map((name) =>
      session.call(domainLookupByName, { name }, { signal }, (result) => results.push(result)),
    );
    const outcomes = Promise.allSettled(calls);
    const [refused, garbled, aborted] = await nextCalls(both, 3);
    peer.send(errorTo(refused!, { code: 42 }), frame({ ...garbled!.header, type: MessageType.REPLY }));
    await expect(calls[1]).rejects.toThrow(ProtocolError);
    controller.abort();
    peer.send(found(aborted!));
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await settle();
    expect(results).toEqual([]);
  });

  test("fails the call when it fails itself, and nothing else", async () => {
    const both = converse();
    const call = both.session.call(domainLookupByName, { name: "x" }, {}, () => {
      throw new Error("not today");
    });
    both.peer.send(found(await both.peer.next()));
    await expect(call).rejects.toThrow("not today");
    expect(await exchange(both)).toBe("here");
  });
});

describe("what is made of a refusal", () => {
  const nameOf = (session: Session, refused: (error: Error) => Promise<string>, options: CallOptions = {}) =>
    session.call(domainLookupByName, { name: "x" }, options, ({ dom }) => dom.name, refused);

  test("is what comes of the call", async () => {
    const { session, peer } = converse();
    const call = nameOf(session, async (error) => (error instanceof LibvirtError ? `no ${error.code}` : ""));
    peer.send(errorTo(await peer.next(), { code: 42 }));
    expect(await call).toBe("no 42");
  });

  test("may be another error", async () => {
    const { session, peer } = converse();
    const call = nameOf(session, () => Promise.reject(new Error("more about it")));
    peer.send(errorTo(await peer.next(), { code: 42 }));
    await expect(call).rejects.toThrow("more about it");
  });

  test("is made only of the daemon's own", async () => {
    const both = converse();
    const { session, peer } = both;
    const controller = new AbortController();
    const { signal } = controller;
    const refused = vi.fn(async () => "refused");
    const calls = [nameOf(session, refused), nameOf(session, refused, { signal }), nameOf(session, refused)];
    const outcomes = Promise.allSettled(calls);
    const [garbled] = await nextCalls(both, 3);
    peer.send(frame({ ...garbled!.header, type: MessageType.REPLY }));
    controller.abort();
    await session.close();
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(refused).not.toHaveBeenCalled();
  });
});

describe("wrong arguments", () => {
  const tooMuch = Array.from({ length: 9 }, () => "x".repeat(4_194_304));

  const x = domain("x");
  const calling =
    <Args>(procedure: Procedure<Args, unknown>) =>
    (args: unknown) =>
    (session: Session) =>
      session.call(procedure, args as Args);
  const lookUpBy = calling(domainLookupByName);
  const setMemory = calling(domainSetMemory);
  const setVcpus = calling(domainSetVcpus);
  const freeze = calling(domainFsfreeze);

  test.each([
    ["a wrong type", lookUpBy({ name: 5 }), TypeError, "lookup_by_name_args.name: a string is wanted"],
    ["no arguments", lookUpBy(undefined), TypeError, "lookup_by_name_args: an object is wanted"],
    ["a NUL", lookUpBy({ name: "a\0b" }), RangeError, "lookup_by_name_args.name: "],
    ["no bigint", setMemory({ ...x, memory: 5 }), TypeError, "set_memory_args.memory: a bigint is wanted"],
    ["a wrong type deep inside", setMemory({ dom: { name: "x", uuid } }), TypeError, "memory_args.dom.id: "],
    ["a wrong sign", setVcpus({ ...x, nvcpus: -1 }), RangeError, "set_vcpus_args.nvcpus: "],
    ["half a number", setVcpus({ ...x, nvcpus: 1.5 }), RangeError, "set_vcpus_args.nvcpus: "],
    ["more than a message holds", freeze({ ...x, mountpoints: tooMuch, flags: 0 }), RangeError, "too long"],
  ])(
    "%s: the call is refused, nothing is sent, and the session goes on",
    async (_, refused, kind, message) => {
      const both = converse();
      const call = refused(both.session);
      await expect(call).rejects.toThrow(kind);
      await expect(call).rejects.toThrow(message);
      await settle();
      expect(both.pipe.writes).toEqual([]);
      expect(both.pipe.keepsRunning).toBe(false);
      expect(await exchange(both)).toBe("here");
    },
  );

  test("leave the other calls of the tick alone", async () => {
    const both = converse({ maxInFlight: 2 });
    const { session, peer } = both;
    const names = ["a", 1, "b", 2, "c", 3];
    const results = names.map((name) => lookUp(session, name as string));
    const outcomes = Promise.allSettled(results);
    peer.send(...(await nextCalls(both, 2)).map(found));
    peer.send(found(await peer.next()));
    expect((await outcomes).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
    ]);
    expect(asked(both.peer)).toEqual(["a", "b", "c"]);
  });
});

describe("the window", () => {
  test("lets in so many calls at once, and the others in their order", async () => {
    const both = converse({ maxInFlight: 3 });
    const { session, peer } = both;
    const names = [..."abcdefgh"];
    const results = Promise.all(names.map((name) => lookUp(session, name)));
    await settle();
    expect(asked(both.peer)).toEqual(["a", "b", "c"]);
    const [first, second, third] = await nextCalls(both, 3);
    peer.send(found(second!));
    await settle();
    expect(asked(both.peer)).toEqual(["a", "b", "c", "d"]);
    // One that comes late stands behind those that wait.
    const late = lookUp(session, "i");
    peer.send(found(third!), found(first!));
    await settle();
    expect(asked(both.peer)).toEqual([..."abcdef"]);
    for (let answered = 3; answered < 9; answered++) peer.send(found(await peer.next()));
    expect((await results).map(({ dom }) => dom.name)).toEqual(names);
    expect((await late).dom.name).toBe("i");
    expect(asked(both.peer)).toEqual([..."abcdefghi"]);
  });

  test("holds 64 calls where nobody says how many", async () => {
    const both = converse();
    const results = Promise.all(
      Array.from({ length: 70 }, (_, index) => lookUp(both.session, String(index))),
    );
    await settle();
    expect(both.peer.frames).toHaveLength(64);
    for (let answered = 0; answered < 70; answered++) both.peer.send(found(await both.peer.next()));
    expect(await results).toHaveLength(70);
  });

  test("is left by a call that failed, too", async () => {
    const both = converse({ maxInFlight: 1 });
    const { session, peer } = both;
    const results = Promise.allSettled([lookUp(session, "a"), lookUp(session, "b"), lookUp(session, "c")]);
    peer.send(errorTo(await peer.next(), { code: 42 }));
    const second = await peer.next();
    peer.send(frame({ ...second.header, type: MessageType.REPLY }, new Uint8Array(3)));
    peer.send(found(await peer.next()));
    expect((await results).map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5"])("of %s is no window", (maxInFlight) => {
    const [ours] = createMemoryPair();
    expect(() => new Session(ours, { maxInFlight: maxInFlight as number })).toThrow(RangeError);
    expect(() => new Session(ours, { maxMessageBytes: maxInFlight as number })).toThrow("maxMessageBytes: ");
  });
});

describe("the longest message to accept", () => {
  test("can be set", async () => {
    const both = converse({ maxMessageBytes: 1000 });
    const call = lookUp(both.session, "x");
    const { header } = await both.peer.next();
    both.peer.send(frame({ ...header, type: MessageType.REPLY }, new Uint8Array(973)));
    await expect(call).rejects.toThrow("message of 1001 bytes");
    expect((await both.session.closed).error).toBeInstanceOf(ProtocolError);
  });

  test("cannot be set beyond what libvirt allows", async () => {
    const { session, peer } = converse({ maxMessageBytes: 2 ** 32 });
    const call = lookUp(session, "x");
    await peer.next();
    peer.send(Uint8Array.of(2, 0, 0, 5));
    await expect(call).rejects.toThrow("message of 33554437 bytes");
  });
});

describe("events", () => {
  const event = (name: string) => ({ ...domain(name), event: 2, detail: 0 });

  test("go to their handlers, whatever their serials, and not to a call in flight", async () => {
    const { session, peer } = converse();
    const log: string[] = [];
    session.onEvent(domainEventLifecycle, ({ dom }) => log.push(dom.name));
    const call = lookUp(session, "reply").then(({ dom }) => log.push(dom.name));
    const sent = await peer.next();
    peer.send(eventFrame(domainEventLifecycle, event("first"), sent.header.serial));
    // The same procedure as the call, too.
    peer.send(frame({ ...sent.header, type: MessageType.MESSAGE }, new Uint8Array(3)));
    await settle();
    expect(log).toEqual(["first"]);
    peer.send(
      eventFrame(domainEventLifecycle, event("second"), 0xffffffff),
      found(sent),
      eventFrame(domainEventLifecycle, event("third"), sent.header.serial),
    );
    await call;
    expect(log).toEqual(["first", "second", "third", "reply"]);
  });

  test("that nobody wants are passed over, and so is what is left of a stream", async () => {
    const both = converse();
    both.session.onEvent(domainEventLifecycle, () => {});
    both.peer.send(
      eventFrame(domainEventLifecycle, event("x")),
      frame({ type: MessageType.MESSAGE, proc: 108 }, new Uint8Array(5)),
      frame({ type: MessageType.MESSAGE, prog: 0x12345678 }, new Uint8Array(5)),
      frame({ type: MessageType.STREAM, proc: 209, serial: 1, status: 2 }, new Uint8Array(100)),
      frame({ type: MessageType.STREAM_HOLE, proc: 209, serial: 1, status: 2 }, new Uint8Array(12)),
    );
    expect(await exchange(both)).toBe("here");
  });

  test("that make no sense end the session", async () => {
    const { session, peer } = converse();
    session.onEvent(domainEventLifecycle, () => {});
    const call = lookUp(session, "x");
    await peer.next();
    peer.send(frame({ type: MessageType.MESSAGE, proc: domainEventLifecycle.number }, new Uint8Array(12)));
    await expect(call).rejects.toThrow("remote_domain_event_lifecycle_msg.dom.uuid: ");
    expect(await session.closed).toMatchObject({ reason: "error", error: { name: "ProtocolError" } });
  });
});

describe("keepalive", () => {
  const pingFrame = eventFrame(ping, undefined);
  const pongs = ({ peer }: Conversation) => peer.frames.filter(({ header }) => header.prog === pong.program);

  test("a PING is answered with a PONG", async () => {
    const both = converse();
    for (let sent = 0; sent < 3; sent++) {
      both.peer.send(pingFrame);
      const { header, payload } = await both.peer.next();
      expect(header).toEqual({ prog: 0x6b656570, vers: 1, proc: 2, type: 2, serial: 0, status: 0 });
      expect(payload).toHaveLength(0);
    }
    expect(await exchange(both)).toBe("here");
  });

  test("nothing else of its program is", async () => {
    const both = converse();
    both.peer.send(
      eventFrame(pong, undefined),
      frame({ prog: ping.program, proc: 3, type: MessageType.MESSAGE }),
    );
    expect(await exchange(both)).toBe("here");
    expect(pongs(both)).toEqual([]);
  });

  test("a flood of PINGs is answered once a turn, so that it cannot fill the memory", async () => {
    const both = converse();
    both.peer.send(...Array.from({ length: 5000 }, () => pingFrame));
    await settle();
    expect(pongs(both)).toHaveLength(1);
    both.peer.send(pingFrame);
    await settle();
    expect(pongs(both)).toHaveLength(2);
  });

  test("does not keep the process running", async () => {
    const both = converse();
    both.peer.send(pingFrame);
    await settle();
    expect(pongs(both)).toHaveLength(1);
    expect(both.pipe.keepsRunning).toBe(false);
  });
});
