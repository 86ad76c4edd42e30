import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { completeContext, readRequest } from "../../../../src/auth/kerberos/context.js";
import { keyOfTicket } from "../../../../src/auth/kerberos/credential-cache.js";
import { Cipher, type EncryptionKey } from "../../../../src/auth/kerberos/encryption.js";
import { AuthenticationError, VirtwireError } from "../../../../src/errors.js";

const sessionKey: EncryptionKey = { type: 18, value: Buffer.alloc(32, 1) };
const subkey: EncryptionKey = { type: 17, value: Buffer.alloc(16, 2) };
const acceptorSubkey: EncryptionKey = { type: 18, value: Buffer.alloc(32, 3) };

/** A value in DER. */
function der(tag: number, ...contents: Buffer[]): Buffer {
  const all = Buffer.concat(contents);
  const length = all.length < 0x80 ? [all.length] : [0x82, all.length >> 8, all.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), all]);
}

const sequence = (fields: Readonly<Record<number, Buffer>>) =>
  der(0x30, ...Object.entries(fields).map(([number, value]) => der(0xa0 | Number(number), value)));
const integer = (...bytes: number[]) => der(0x02, Buffer.of(...bytes));
const keyDer = ({ type, value }: EncryptionKey) => sequence({ 0: integer(type), 1: der(0x04, value) });
const encrypted = (use: number, plain: Buffer) =>
  sequence({ 0: integer(18), 2: der(0x04, new Cipher(sessionKey, use).encrypt(plain)) });
const token = (id: string, message: Buffer) =>
  der(0x60, Buffer.from("06092a864886f712010202", "hex"), Buffer.from(id, "hex"), message);

const ticket = der(0x61, der(0x30, Buffer.from("a ticket that only the daemon can read")));
const authenticator = der(0x62, sequence({ 0: integer(5), 6: keyDer(subkey), 7: integer(0, 255, 0, 0, 1) }));
const request = token(
  "0100",
  der(
    0x6e,
    sequence({ 0: integer(5), 1: integer(14), 2: der(3), 3: ticket, 4: encrypted(11, authenticator) }),
  ),
);
const replyWith = (fields: Readonly<Record<number, Buffer>>) =>
  token(
    "0200",
    der(0x6f, sequence({ 0: integer(5), 1: integer(15), 2: encrypted(12, der(0x7b, sequence(fields))) })),
  );

/** Text or bytes behind their length. */
const counted = (value: string | Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value as string)]);
};
const uint32 = (value: number) => Buffer.of(value >> 24, value >> 16, value >> 8, value);
const principal = (...parts: string[]) =>
  Buffer.concat([uint32(1), uint32(parts.length), counted("REALM"), ...parts.map(counted)]);
const credential = ({ type, value }: EncryptionKey, of: Buffer) =>
  Buffer.concat([
    principal("user"),
    principal("libvirt", "host"),
    Buffer.of(0, type),
    counted(value),
    Buffer.alloc(16 + 1 + 4),
    uint32(1),
    Buffer.of(0, 2),
    counted("address"),
    uint32(0),
    counted(of),
    counted(""),
  ]);
const cache = Buffer.concat([
  Buffer.from("0504000c00010008ffffffff00000000", "hex"),
  principal("user"),
  credential({ type: 18, value: Buffer.alloc(32, 9) }, Buffer.from("another ticket")),
  credential(sessionKey, ticket),
]);

let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-cache-"));
  file = join(directory, "cache");
  await writeFile(file, cache);
  vi.stubEnv("KRB5CCNAME", `FILE:${file}`);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

describe("the credential cache", () => {
  test("has the key of each ticket", async () => {
    expect(await keyOfTicket(ticket)).toEqual(sessionKey);
    expect(await keyOfTicket(Buffer.from("another ticket"))).toMatchObject({ value: Buffer.alloc(32, 9) });
    expect(await keyOfTicket(Buffer.from("a third"))).toBeUndefined();
  });

  test("may be named without its kind, but not be of another", async () => {
    const found = async (name: string) => {
      vi.stubEnv("KRB5CCNAME", name);
      return keyOfTicket(ticket).finally(() => vi.stubEnv("KRB5CCNAME", `FILE:${file}`));
    };
    expect(await found(file)).toEqual(sessionKey);
    expect(await found("KCM:0")).toBeUndefined();
    expect(await found(`${file}-missing`)).toBeUndefined();
  });

  test("may be cut off anywhere, or be anything", async () => {
    for (let length = 0; length < cache.length; length++) {
      await writeFile(file, cache.subarray(0, length));
      expect(await keyOfTicket(ticket)).toBeUndefined();
    }
    await writeFile(file, Buffer.concat([cache.subarray(0, 20), Buffer.alloc(100, 0xff)]));
    expect(await keyOfTicket(ticket)).toBeUndefined();
    await writeFile(file, cache);
  });
});

describe("the context", () => {
  test("has the daemon's key, or ours where it has none, and both sides' numbers", async () => {
    const own = await readRequest(request);
    expect(own).toEqual({ sessionKey, subkey, sendNumber: 0xff000001 });
    expect(completeContext(own, replyWith({ 2: keyDer(acceptorSubkey), 3: integer(5) }))).toEqual({
      key: acceptorSubkey,
      acceptorKey: true,
      sendNumber: 0xff000001,
      receiveNumber: 5,
    });
    expect(completeContext(own, replyWith({ 3: integer(0xff, 0, 0, 0) }))).toMatchObject({
      key: subkey,
      acceptorKey: false,
      receiveNumber: 0xff000000,
    });
    expect(completeContext({ ...own, subkey: undefined }, replyWith({}))).toMatchObject({ key: sessionKey });
  });

  test("cannot be had by a key that is too old to be used", async () => {
    const rc4 = { type: 23, value: Buffer.alloc(16) };
    await writeFile(file, Buffer.concat([cache.subarray(0, 16), principal("user"), credential(rc4, ticket)]));
    await expect(readRequest(request)).rejects.toThrow(/encryption type 23.*AES/);
    await writeFile(file, cache);
    const own = await readRequest(request);
    expect(() => completeContext(own, replyWith({ 2: keyDer(rc4) }))).toThrow(AuthenticationError);
  });

  test("is not made of anything that is cut off, changed, or of another kind", async () => {
    const own = await readRequest(request);
    const reply = replyWith({ 2: keyDer(acceptorSubkey), 3: integer(5) });
    for (let at = 0; at < reply.length; at++) {
      expect(() => completeContext(own, reply.subarray(0, at))).toThrow(VirtwireError);
    }
    for (let at = 0; at < request.length; at++) {
      await expect(readRequest(request.subarray(0, at))).rejects.toThrow(VirtwireError);
    }
    expect(() => completeContext(own, request)).toThrow(AuthenticationError);
    await expect(readRequest(reply)).rejects.toThrow(AuthenticationError);
    expect(() => completeContext({ ...own, sessionKey: acceptorSubkey }, reply)).toThrow(/ticket's key/);
  });
});
