import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ciphers, DigestMd5Layer } from "../../../src/auth/digest-md5-layer.js";
import type { SecurityLayer } from "../../../src/auth/security-layer.js";
import { ProtocolError } from "../../../src/errors.js";
import { connectGetHostname } from "../../../src/protocol/generated/remote.js";
import { SecuredTransport } from "../../../src/rpc/secured-transport.js";
import { createMemoryPair } from "../../../src/transport/memory.js";
import type { Transport } from "../../../src/transport/transport.js";
import { Recorder, settle } from "../transport/recorder.js";
import { converse } from "./conversation.js";
import { announce, replyTo } from "./peer.js";

const secret = createHash("md5").update("secret").digest();
const layer = (side: "client" | "server", taking = 65536) =>
  new DigestMd5Layer(secret, ciphers[0], taking, side);

interface Pair {
  readonly client: SecuredTransport;
  /** What the client has at its other end: a pipe in clear. */
  readonly pipe: Transport;
  readonly heard: Recorder;
  readonly atPipe: Recorder;
}

function pair(protection?: SecurityLayer): Pair {
  const [ours, pipe] = createMemoryPair();
  const client = new SecuredTransport(ours);
  const [heard, atPipe] = [Recorder.on(client), Recorder.on(pipe)];
  if (protection) client.protect(protection);
  return { client, pipe, heard, atPipe };
}

/** A sealed buffer as it travels. */
function framed(bytes: Uint8Array): Buffer {
  return Buffer.concat([announce(bytes.length), bytes]);
}

const sealed = (by: DigestMd5Layer, text: string) => framed(by.seal(Buffer.from(text)));

describe("a secured transport", () => {
  test("passes everything on in clear until it is told otherwise", async () => {
    const { client, pipe, heard, atPipe } = pair();
    expect([client.peer, client.secure, client.encrypted]).toEqual(["memory", true, false]);
    expect(client.write(Buffer.from("out"))).toBe(true);
    pipe.write(Buffer.from("in"));
    await settle();
    expect([atPipe.text, heard.text]).toEqual(["out", "in"]);
    client.end();
    await heard.untilClosed();
    expect(heard.closings).toEqual([undefined]);
  });

  test("hides everything from then on", async () => {
    const { client, atPipe } = pair(layer("client"));
    expect(client.encrypted).toBe(true);
    client.write(Buffer.from("secret"));
    await settle();
    const bytes = Buffer.concat(atPipe.chunks);
    expect(bytes.readUInt32BE()).toBe(bytes.length - 4);
    expect(bytes.includes("secret")).toBe(false);
    expect(Buffer.from(layer("server").open(bytes.subarray(4))).toString()).toBe("secret");
  });

  test("is not encrypted by a layer that only signs", () => {
    const signing = new DigestMd5Layer(secret, undefined, 65536);
    expect(pair(signing).client.encrypted).toBe(false);
  });

  test("cuts what is too much for one buffer", async () => {
    const { client, atPipe } = pair(layer("client", 1000));
    const message = Buffer.alloc(5000, "0123456789");
    client.write(message);
    await settle();
    const bytes = Buffer.concat(atPipe.chunks);
    const [server, opened] = [layer("server"), [] as Uint8Array[]];
    for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
      const length = bytes.readUInt32BE(at);
      expect(length).toBeLessThanOrEqual(1000);
      opened.push(server.open(bytes.subarray(at + 4, at + 4 + length)));
    }
    expect(Buffer.concat(opened).equals(message)).toBe(true);
  });

  test.each([1, 3, 4, 5, 19, 1000])("takes buffers that come in pieces of %i bytes", async (size) => {
    const { pipe, heard } = pair(layer("client"));
    const server = layer("server");
    const bytes = Buffer.concat(["one", "", "two", "three".repeat(50)].map((text) => sealed(server, text)));
    for (let at = 0; at < bytes.length; at += size) pipe.write(bytes.subarray(at, at + size));
    await settle();
    expect(heard.text).toBe(`onetwo${"three".repeat(50)}`);
  });

  test("delivers what came before the end", async () => {
    const { pipe, heard } = pair(layer("client"));
    pipe.write(sealed(layer("server"), "farewell"));
    pipe.end();
    await heard.untilClosed();
    expect([heard.text, heard.closings]).toEqual(["farewell", [undefined]]);
  });

  test("has no room while the pipe has none, and says when it has again", async () => {
    const { client, heard } = pair(layer("client"));
    expect(client.write(new Uint8Array(10))).toBe(true);
    expect(client.write(new Uint8Array(200_000))).toBe(false);
    await heard.until(() => heard.drains > 0);
    expect(client.write(new Uint8Array(10))).toBe(true);
  });

  test("delivers nothing while it is paused", async () => {
    const { client, pipe, heard } = pair(layer("client"));
    client.pause();
    pipe.write(sealed(layer("server"), "later"));
    await settle();
    expect(heard.text).toBe("");
    client.resume();
    await settle();
    expect(heard.text).toBe("later");
  });

  test.each([
    ["a buffer of 65537 bytes", () => announce(65537), "a buffer of 65537 bytes, where 65536 were"],
    ["a buffer of 4 GiB", () => announce(0xffffffff), "a buffer of 4294967295 bytes"],
    ["an empty buffer", () => announce(0), "is not what was sent"],
    ["something else", () => sealed(layer("client"), "reflected"), "is not what was sent"],
    ["clear text", () => Buffer.from("\0\0\0\x1eclear text, as if nothing were"), "is not what was sent"],
  ])("breaks with one who sends %s", async (_, bytes, message) => {
    const { pipe, heard } = pair(layer("client"));
    pipe.write(bytes());
    pipe.write(sealed(layer("server"), "more"));
    await heard.untilClosed();
    await settle();
    expect(heard.closings).toEqual([expect.any(ProtocolError)]);
    expect(heard.closings[0]?.message).toContain(message);
    expect(heard.text).toBe("");
  });

  test("delivers nothing after it was dropped, though it has come", async () => {
    const [ours, pipe] = createMemoryPair();
    const client = new SecuredTransport(ours);
    const heard: Recorder = new Recorder(() => client.destroy());
    client.start(heard);
    client.protect(layer("client"));
    const server = layer("server");
    pipe.write(Buffer.concat([sealed(server, "one"), sealed(server, "two")]));
    await heard.untilClosed();
    expect([heard.text, heard.closings]).toEqual(["one", [undefined]]);
  });
});

describe("a session", () => {
  test("does not take a layer in the middle of a message that began in clear", async () => {
    const { session, peer } = converse();
    const call = session.call(connectGetHostname, undefined);
    const reply = replyTo(await peer.next(), connectGetHostname, { hostname: "here" });
    peer.send(reply, reply.subarray(0, 10));
    await call;
    expect(() => session.protect(layer("client"))).toThrow(ProtocolError);
  });
});
