import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ErrorDomain, ErrorNumber } from "../../../../src/generated/constants.js";
import { MessageStatus, MessageType } from "../../../../src/protocol/generated/net.js";
import * as remote from "../../../../src/protocol/generated/remote.js";
import { Server } from "../../../../src/testing/server/server.js";
import { createMemoryPair } from "../../../../src/transport/memory.js";
import { announce, frame } from "../../rpc/peer.js";
import { anyHandlers, errorIn, Meeting, meetOpen } from "./meeting.js";

const dom = { name: "web", uuid: new Uint8Array(16), id: -1 };

const handlers = () =>
  anyHandlers()
    .on(remote.connectGetType, () => ({ type: "SMALL" }))
    .on(remote.domainCreate, () => {});

/** Shows that the server still talks to a client. */
async function expectAnswer(meeting: Meeting<undefined>): Promise<void> {
  expect(await meeting.get(remote.connectGetType, undefined)).toEqual({ type: "SMALL" });
  expect(meeting.errors).toEqual([]);
}

describe("is dropped without a word:", () => {
  test.each([0, 3, 27, 32 * 1024 * 1024 + 5, 0xffffffff])(
    "who announces a message of %i bytes",
    async (length) => {
      const meeting = await meetOpen(handlers());
      meeting.client.send(announce(length, 24));
      await meeting.client.closed;
      expect(meeting.client.frames).toHaveLength(1);
      expect(meeting.server.clients).toEqual([]);
    },
  );

  test("who announces more than this server takes", async () => {
    const meeting = await meetOpen(handlers(), { maxMessageBytes: 1000 });
    meeting.client.send(announce(1001, 24));
    await meeting.client.closed;
  });

  test.each([
    ["more descriptors than there may be", Uint8Array.of(0, 0, 0, 33)],
    ["he does not know how many descriptors", new Uint8Array(0)],
  ])("who wants to hand over %s", async (_, payload) => {
    const meeting = await meetOpen(handlers());
    meeting.client.send(frame({ type: MessageType.CALL_WITH_FDS, proc: 1, serial: 5 }, payload));
    await meeting.client.closed;
    expect(meeting.client.frames).toHaveLength(1);
  });
});

describe("is answered with libvirtd's error, and lives on:", () => {
  const refused = async (header: Parameters<typeof frame>[0], payload?: Uint8Array) => {
    const meeting = await meetOpen(handlers());
    meeting.client.send(frame({ type: MessageType.CALL, serial: 77, ...header }, payload));
    const answer = await meeting.client.next();
    expect(answer.header).toMatchObject({ type: MessageType.REPLY, serial: 77, status: MessageStatus.ERROR });
    await expectAnswer(meeting);
    const { code, domain, message } = errorIn(answer);
    expect([code, domain]).toEqual([ErrorNumber.RPC, ErrorDomain.RPC]);
    return message;
  };

  test("who calls what there is not", async () => {
    expect(await refused({ prog: 0x12345678, proc: 3 })).toBe("Cannot find program 305419896 version 1");
    expect(await refused({ prog: 0x20008086, vers: 2 })).toBe("Cannot find program 536903814 version 2");
    expect(await refused({ prog: 0xffffffff, vers: 0xffffffff })).toBe("Cannot find program -1 version -1");
    expect(await refused({ proc: 9999 })).toBe("unknown procedure: 9999");
    expect(await refused({ proc: -1 })).toBe("unknown procedure: -1");
    expect(await refused({ proc: remote.domainEventLifecycle.number })).toBe("unknown procedure: 107");
  });

  test("who calls with arguments that are none", async () => {
    const proc = remote.domainCreate.number;
    expect(await refused({ proc })).toBe("Unable to decode message payload");
    expect(await refused({ proc }, new Uint8Array(7))).toBe("Unable to decode message payload");
    // A name of 2 GiB.
    expect(await refused({ proc }, Uint8Array.of(0x7f, 255, 255, 255))).toBe(
      "Unable to decode message payload",
    );
  });
});

describe("is not answered at all:", () => {
  test.each([
    ["a reply", { type: MessageType.REPLY }],
    ["an event", { type: MessageType.MESSAGE, proc: 107 }],
    ["a message of no known type", { type: 99 }],
    ["an event of no known program", { type: MessageType.MESSAGE, prog: 5 }],
    ["an unknown word of the keepalive program", { type: MessageType.MESSAGE, prog: 0x6b656570, proc: 3 }],
    ["a PONG nobody asked for", { type: MessageType.MESSAGE, prog: 0x6b656570, proc: 2 }],
    ["stream data of no stream", { type: MessageType.STREAM, proc: 209, status: MessageStatus.CONTINUE }],
    ["the end of no stream", { type: MessageType.STREAM, proc: 209, status: MessageStatus.OK }],
    ["the abort of no stream", { type: MessageType.STREAM, proc: 209, status: MessageStatus.ERROR }],
    ["a hole in no stream", { type: MessageType.STREAM_HOLE, proc: 209, status: MessageStatus.CONTINUE }],
  ])("%s", async (_what, header) => {
    const meeting = await meetOpen(handlers());
    meeting.client.send(frame({ serial: 50, ...header }, new Uint8Array(12)));
    await expectAnswer(meeting);
    expect(meeting.client.frames).toHaveLength(2);
  });
});

describe("a message", () => {
  test("may come byte by byte", async () => {
    const meeting = await meetOpen(handlers());
    for (const byte of meeting.call(remote.connectGetType, undefined))
      meeting.client.send(Uint8Array.of(byte));
    expect((await meeting.client.next()).header.status).toBe(MessageStatus.OK);
  });

  test("that ends in the middle is forgotten with its sender", async () => {
    let calls = 0;
    const counting = anyHandlers().on(remote.domainCreate, () => void calls++);
    const meeting = await meetOpen(counting);
    meeting.client.send(meeting.call(remote.domainCreate, { dom }).subarray(0, -1));
    meeting.client.end();
    await meeting.client.closed;
    await expect.poll(() => meeting.server.clients).toEqual([]);
    expect(calls).toBe(0);
  });

  test("may have something behind the arguments, as libvirtd has it", async () => {
    const meeting = await meetOpen(handlers());
    meeting.client.send(frame({ type: MessageType.CALL, proc: 3, serial: 4 }, new Uint8Array(5)));
    expect((await meeting.client.next()).header).toMatchObject({ serial: 4, status: MessageStatus.OK });
  });
});

describe("a client with many calls", () => {
  test("is read no more while as many as are allowed are unanswered", async () => {
    let started = 0;
    const waiting: (() => void)[] = [];
    const slow = anyHandlers().on(remote.domainCreate, () => {
      started++;
      return new Promise<void>((resolve) => waiting.push(resolve));
    });
    const [clientEnd, serverEnd] = createMemoryPair();
    let pauses = 0;
    let resumes = 0;
    const { pause, resume } = serverEnd;
    serverEnd.pause = () => {
      pauses++;
      pause.call(serverEnd);
    };
    serverEnd.resume = () => {
      resumes++;
      resume.call(serverEnd);
    };
    const server = new Server({ handlers: slow, maxClientRequests: 2 });
    server.accept(serverEnd);
    const meeting = await meetOpen(slow);
    clientEnd.start({ received() {}, closed() {} });
    clientEnd.write(meeting.call(remote.connectOpen, { name: null, flags: 0 }));
    for (let i = 0; i < 5; i++) clientEnd.write(meeting.call(remote.domainCreate, { dom }));
    await expect.poll(() => [started, pauses, resumes]).toEqual([1, 2, 1]);
    for (let done = 1; done <= 5; done++) {
      await expect.poll(() => waiting.length).toBe(done);
      waiting[done - 1]?.();
    }
    await expect.poll(() => pauses - resumes).toBe(0);
    await server.close();
  });

  test("is answered all of them", async () => {
    const meeting = await meetOpen(handlers());
    const calls = Array.from({ length: 200 }, () => meeting.call(remote.connectGetType, undefined));
    meeting.client.send(...calls);
    for (let serial = 2; serial <= 201; serial++) {
      expect((await meeting.client.next()).header).toMatchObject({ serial, status: MessageStatus.OK });
    }
  });
});

describe("a client that does not read", () => {
  test("is dropped when too much waits for it", async () => {
    const [clientEnd, serverEnd] = createMemoryPair();
    const closed: string[] = [];
    const watched = anyHandlers().on(remote.domainCreate, (_args, client) => {
      client.onClose(() => closed.push("watched"));
      const tick = () => {
        if (closed.length > 0) return;
        client.send(remote.domainEventLifecycle, {
          dom: { ...dom, name: "x".repeat(10_000) },
          event: 0,
          detail: 0,
        });
        setImmediate(tick);
      };
      tick();
    });
    const server = new Server({ handlers: watched, maxUnsentBytes: 200_000 });
    server.accept(serverEnd);
    const meeting = await meetOpen(watched);
    clientEnd.start({ received() {}, closed() {} });
    clientEnd.write(meeting.call(remote.connectOpen, { name: null, flags: 0 }));
    clientEnd.write(meeting.call(remote.domainCreate, { dom }));
    clientEnd.pause();
    await expect.poll(() => closed).toEqual(["watched"]);
    await server.close();
  });

  test("is read no more itself, until it reads", async () => {
    const [clientEnd, serverEnd] = createMemoryPair();
    let calls = 0;
    const large = anyHandlers().on(remote.connectGetCapabilities, () => {
      calls++;
      return { capabilities: "x".repeat(100_000) };
    });
    const server = new Server({ handlers: large });
    server.accept(serverEnd);
    const meeting = await meetOpen(large);
    clientEnd.start({ received() {}, closed() {} });
    clientEnd.pause();
    clientEnd.write(meeting.call(remote.connectOpen, { name: null, flags: 0 }));
    for (let i = 0; i < 20; i++) {
      clientEnd.write(meeting.call(remote.connectGetCapabilities, undefined));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(calls).toBeLessThan(10);
    clientEnd.resume();
    await expect.poll(() => calls).toBe(20);
    await server.close();
  });
});

test("no message does anything to the other clients, or to the server", async () => {
  const meeting = await meetOpen(handlers());
  const word = fc.record({
    prog: fc.constantFrom(remote.REMOTE_PROGRAM, 0x20008087, 0x6b656570, 5),
    vers: fc.constantFrom(1, 1, 1, 2),
    proc: fc.integer({ min: -2, max: 460 }),
    type: fc.integer({ min: 0, max: 7 }),
    serial: fc.integer({ min: 0, max: 3 }),
    status: fc.constantFrom(0, 0, 0, 1, 2, 3),
  });
  const messages = fc.array(fc.tuple(word, fc.uint8Array({ maxLength: 64 })), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(messages, async (sent) => {
      const hostile = new Meeting({ handlers: handlers() });
      for (const [header, payload] of sent) hostile.client.send(frame(header, payload));
      hostile.client.send(announce(0));
      await hostile.client.closed;
      expect(hostile.errors).toEqual([]);
      expect(hostile.server.clients).toEqual([]);
    }),
  );
  await expectAnswer(meeting);
});
