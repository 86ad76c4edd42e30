import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Cipher } from "../../../../src/auth/kerberos/encryption.js";
import { KerberosLayer } from "../../../../src/auth/kerberos/layer.js";
import { ProtocolError } from "../../../../src/errors.js";

const key = { type: 18, value: randomBytes(32) };
const message = Buffer.from("what was meant to be said");

const pair = (taking = 65536) =>
  [
    new KerberosLayer({ key, acceptorKey: true, sendNumber: 0xffffffff, receiveNumber: 7 }, taking),
    new KerberosLayer({ key, acceptorKey: true, sendNumber: 7, receiveNumber: 0xffffffff }, 65536, "server"),
  ] as const;

test("carries buffers of every length, in both directions", () => {
  const [client, server] = pair();
  for (const length of [0, 1, 16, 17, 100, client.maxPlain]) {
    const bytes = randomBytes(length);
    const sealed = client.seal(bytes);
    expect(sealed.length).toBeLessThanOrEqual(65536 - 4);
    expect(Buffer.from(server.open(sealed))).toEqual(bytes);
    expect(Buffer.from(client.open(server.seal(bytes)))).toEqual(bytes);
  }
});

test("sends no more at a time than the daemon takes", () => {
  const [client] = pair(1024);
  expect(client.seal(randomBytes(client.maxPlain)).length).toBeLessThanOrEqual(1024);
});

test("takes what was turned, and what was filled up", () => {
  const [client] = pair();
  const header = Buffer.from("050407ff000300000000000000000007", "hex");
  const body = new Cipher(key, 22).encrypt(Buffer.concat([message, Buffer.alloc(3, 0xff), header]));
  const by = 28;
  header.writeUInt16BE(by, 6);
  const turned = Buffer.concat([header, body.subarray(-by), body.subarray(0, -by)]);
  expect(Buffer.from(client.open(turned))).toEqual(message);
});

describe("what was not sent so", () => {
  const refused = (act: (client: KerberosLayer, server: KerberosLayer) => unknown) => {
    const [client, server] = pair();
    expect(() => act(client, server)).toThrow(ProtocolError);
  };

  test("is not taken: bytes changed or missing", () => {
    const { length } = pair()[1].seal(message);
    for (let at = 0; at < length; at++) {
      refused((client, server) => {
        const sealed = server.seal(message);
        sealed[at]! ^= 0x40;
        return client.open(sealed);
      });
      refused((client, server) => client.open(server.seal(message).subarray(0, at)));
    }
  });

  test("is not taken: a second time, in another order, or our own", () => {
    refused((client, server) => {
      const sealed = server.seal(message);
      client.open(sealed);
      return client.open(sealed);
    });
    refused((client, server) => {
      server.seal(message);
      return client.open(server.seal(message));
    });
    refused((client) => client.open(client.seal(message)));
  });

  test("is not taken: by another key than was agreed on", () => {
    const other = { key, acceptorKey: false, sendNumber: 7, receiveNumber: 0 };
    refused((client) => client.open(new KerberosLayer(other, 65536, "server").seal(message)));
  });

  test("is not taken: filled up with more than there is", () => {
    const header = Buffer.from("050407ffffff00000000000000000007", "hex");
    const body = new Cipher(key, 22).encrypt(Buffer.concat([message, header]));
    refused((client) => client.open(Buffer.concat([header, body])));
  });
});
