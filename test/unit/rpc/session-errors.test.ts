import { describe, expect, test } from "vitest";
import { LibvirtError, ProtocolError } from "../../../src/errors.js";
import { MessageError, MessageType } from "../../../src/protocol/generated/net.js";
import { encode } from "../../../src/protocol/xdr.js";
import { lookUp, uuid } from "./calls.js";
import { type Conversation, converse, exchange } from "./conversation.js";
import { errorTo, type Frame, frame } from "./peer.js";

const NO_DOMAIN = 42;
const QEMU = 10;

/** What a call rejects with when it is answered like that. The session has to survive it. */
async function rejection(both: Conversation, answer: (call: Frame) => Uint8Array): Promise<unknown> {
  const call = lookUp(both.session, "x");
  both.peer.send(answer(await both.peer.next()));
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(await exchange(both)).toBe("here");
  return error;
}

describe("an error reply", () => {
  test("is told with all its fields", async () => {
    const fields = {
      code: NO_DOMAIN,
      domain: QEMU,
      level: 2,
      message: "Domain not found: žluťoučký",
      str1: "one",
      str2: "two",
      str3: "three",
      int1: -1,
      int2: 0x7fffffff,
    };
    const extras = { dom: { name: "x", uuid, id: -1 }, net: { name: "y", uuid } };
    const error = await rejection(converse(), (call) => errorTo(call, { ...fields, ...extras }));
    expect(error).toBeInstanceOf(LibvirtError);
    expect(error).toMatchObject({
      ...fields,
      codeName: "NO_DOMAIN",
      domainName: "QEMU",
      levelName: "ERROR",
      procedure: "REMOTE_PROC_DOMAIN_LOOKUP_BY_NAME",
    });
  });

  test("without a message still says what it is", async () => {
    const error = await rejection(converse(), (call) => errorTo(call, { code: NO_DOMAIN, domain: QEMU }));
    expect(error).toMatchObject({
      code: NO_DOMAIN,
      domain: QEMU,
      str1: null,
      str2: null,
      str3: null,
      message: expect.stringContaining(String(NO_DOMAIN)),
    });
  });

  test("with numbers that nobody knows is an error all the same", async () => {
    const error = await rejection(converse(), (call) => errorTo(call, { code: -7, domain: 9999, level: 77 }));
    expect(error).toMatchObject({ code: -7, domain: 9999, level: 77 });
    expect(error).toMatchObject({ codeName: undefined, domainName: undefined, levelName: undefined });
  });

  test("in another encoding than UTF-8 keeps its code", async () => {
    const error = await rejection(converse(), (call) => {
      const reply = errorTo(call, { code: NO_DOMAIN, message: "Dom\u00e4ne nicht gefunden", str1: "\u00e4" });
      // ISO 8859-1 has one byte where UTF-8 has two: overwrite these by two such letters.
      const bytes = Buffer.from(reply.buffer);
      for (let at = bytes.indexOf("\u00e4"); at >= 0; at = bytes.indexOf("\u00e4"))
        bytes.set([0xe4, 0xe4], at);
      return reply;
    });
    expect(error).toMatchObject({
      code: NO_DOMAIN,
      message: "Dom\udce4\udce4ne nicht gefunden",
      str1: "\udce4\udce4",
    });
  });
});

describe("a reply that cannot be read is the loss of its call alone", () => {
  const reply = (call: Frame, status: number, payload: Uint8Array) =>
    frame({ ...call.header, type: MessageType.REPLY, status }, payload);
  const anError = encode(MessageError, {
    code: NO_DOMAIN,
    domain: QEMU,
    message: "no such thing",
    level: 2,
    dom: null,
    str1: null,
    str2: null,
    str3: null,
    int1: 0,
    int2: 0,
    net: null,
  });

  test.each([
    [
      "a result that ends too early",
      0,
      new Uint8Array(3),
      /^remote_domain_lookup_by_name_ret\.dom\.name: 4 bytes/,
    ],
    [
      "no result where there should be one",
      0,
      new Uint8Array(0),
      /^remote_domain_lookup_by_name_ret\.dom\.name: /,
    ],
    [
      "a result that goes on too long",
      0,
      new Uint8Array(28),
      /^remote_domain_lookup_by_name_ret: 4 bytes more/,
    ],
    ["a string that is longer than allowed", 0, Uint8Array.of(0xff, 0xff, 0xff, 0xff), /4294967295 bytes/],
    ["an error that ends too early", 1, anError.slice(0, -1), /^virNetMessageError\.net: /],
    ["no error at all", 1, new Uint8Array(0), /^virNetMessageError\.code: /],
    [
      "an error that goes on too long",
      1,
      new Uint8Array([...anError, 0, 0, 0, 0]),
      /^virNetMessageError: 4 bytes/,
    ],
    ["a status that only streams have", 2, new Uint8Array(0), /^virNetMessageError\.code: /],
    ["a status that nothing has", 77, new Uint8Array(3), /^virNetMessageError\.code: /],
  ])("%s", async (_, status, payload, message) => {
    const both = converse();
    const error = await rejection(both, (call) => reply(call, status, payload));
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toMatch(message);
    expect(both.session.isOpen).toBe(true);
  });
});
