import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ciphers, DigestMd5Layer } from "../../../src/auth/digest-md5-layer.js";
import { Rc4 } from "../../../src/auth/rc4.js";
import { ProtocolError } from "../../../src/errors.js";

const hash = createHash("md5").update("a secret that both know").digest();
const kinds = [...ciphers.map((cipher) => [cipher.name, cipher] as const), ["none", undefined] as const];

describe("RC4", () => {
  // RFC 6229.
  test.each([
    ["0102030405", "b2396305f03dc027ccc3524a0a1118a8"],
    ["0102030405060708090a0b0c0d0e0f10", "9ac7cc9a609d1ef7b2932899cde41b97"],
  ])("has the key stream of the RFC for the key %s, in pieces too", (key, stream) => {
    const rc4 = new Rc4(Buffer.from(key, "hex"));
    const pieces = [5, 11].map((length) => rc4.update(new Uint8Array(length)));
    expect(Buffer.concat(pieces).toString("hex")).toBe(stream);
  });
});

describe.each(kinds)("DIGEST-MD5's layer with the cipher %s", (_, cipher) => {
  const pair = (taking = 65536) =>
    [
      new DigestMd5Layer(hash, cipher, taking, "client"),
      new DigestMd5Layer(hash, cipher, 65536, "server"),
    ] as const;
  const message = Buffer.from("what was meant to be said");

  test("carries buffers of every length, in both directions", () => {
    const [client, server] = pair();
    for (const length of [0, 1, 5, 6, 7, 8, 9, 100, client.maxPlain]) {
      const bytes = Buffer.alloc(length, length);
      const sealed = client.seal(bytes);
      expect(sealed.length).toBeLessThanOrEqual(65536 - 4);
      expect(Buffer.from(server.open(sealed))).toEqual(bytes);
      expect(Buffer.from(client.open(server.seal(bytes)))).toEqual(bytes);
    }
  });

  test("hides what it carries, if it encrypts, and never says it twice alike", () => {
    const [client] = pair();
    const [one, two] = [client.seal(message), client.seal(message)];
    expect(client.encrypts).toBe(cipher !== undefined);
    expect(Buffer.from(one).includes(message)).toBe(cipher === undefined);
    expect(one).not.toEqual(two);
  });

  test("keeps to what the other side takes", () => {
    const [client] = pair(1000);
    expect(client.seal(Buffer.alloc(client.maxPlain)).length).toBeLessThanOrEqual(1000 - 4);
  });

  test.each([
    ["a bit has changed", (sealed: Uint8Array) => sealed.map((byte, at) => (at === 3 ? byte ^ 1 : byte))],
    [
      "the number has changed",
      (sealed: Uint8Array) => sealed.map((byte, at, all) => (at === all.length - 1 ? byte ^ 1 : byte)),
    ],
    [
      "the version has changed",
      (sealed: Uint8Array) => sealed.map((byte, at, all) => (at === all.length - 5 ? byte ^ 1 : byte)),
    ],
    ["the end is missing", (sealed: Uint8Array) => sealed.subarray(0, -1)],
    ["nearly all is missing", (sealed: Uint8Array) => sealed.subarray(0, 15)],
    ["all is missing", () => new Uint8Array(0)],
    ["it is noise", () => Buffer.alloc(54, 0x55)],
  ])("does not take a buffer of which %s", (_, change) => {
    const [client, server] = pair();
    const sealed = server.seal(message);
    expect(() => client.open(change(sealed))).toThrow(ProtocolError);
  });

  test("takes nothing twice, out of order, or of what we said ourselves", () => {
    const [client, server] = pair();
    const [one, two] = [server.seal(message), server.seal(message)];
    expect(() => pair()[0].open(two)).toThrow(ProtocolError);
    client.open(one);
    expect(() => client.open(one)).toThrow(ProtocolError);
    const [reflecting] = pair();
    expect(() => reflecting.open(reflecting.seal(message))).toThrow(ProtocolError);
  });
});
