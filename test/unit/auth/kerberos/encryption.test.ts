import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  Cipher,
  decryptStealing,
  encryptStealing,
  fold,
  isUsable,
  longestOverhead,
} from "../../../../src/auth/kerberos/encryption.js";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const keys = [
  ["aes128-cts-hmac-sha1-96", 17, 16],
  ["aes256-cts-hmac-sha1-96", 18, 32],
  ["aes128-cts-hmac-sha256-128", 19, 16],
  ["aes256-cts-hmac-sha384-192", 20, 32],
] as const;

describe("folding", () => {
  // RFC 3961, A.1.
  test.each([
    ["012345", 8, "be072631276b1955"],
    ["password", 7, "78a07b6caf85fa"],
    ["Rough Consensus, and Running Code", 8, "bb6ed30870b7f0e0"],
    ["Q", 21, "518a54a2 15a8452a 518a54a2 15a8452a 518a54a2 15"],
    ["kerberos", 16, "6b657262 65726f73 7b9b5b2b 93132b93"],
  ])("%j to %i bytes is as in the RFC", (text, length, folded) => {
    expect(fold(Buffer.from(text), length)).toEqual(hex(folded));
  });
});

describe("stealing from the ciphertext", () => {
  const key = Buffer.from("chicken teriyaki");
  const text = "I would like the General Gau's Chicken, please, and wonton soup.";

  // RFC 3962, B.
  test.each([
    [17, "c6353568f2bf8cb4d8a580362da7ff7f97"],
    [31, "fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5"],
    [32, "39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584"],
    [47, "97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5"],
  ])("of %i bytes is as in the RFC", (length, cipher) => {
    const plain = Buffer.from(text.slice(0, length));
    expect(encryptStealing(key, plain)).toEqual(hex(cipher));
    expect(decryptStealing(key, hex(cipher))).toEqual(plain);
  });
});

// RFC 8009, A: what the authors encrypted, with the numbers they drew.
test.each([
  [
    19,
    "3705D96080C17728A0E800EAB6E0D23C",
    "000102030405",
    "84D7F30754ED987BAB0BF3506BEB09CFB55402CEF7E6877CE99E247E52D16ED4421DFDF8976C",
  ],
  [
    20,
    "6D404D37FAF79F9DF0D33568D320669800EB4836472EA8A026D16B7182460C52",
    "000102030405060708090a0b0c0d0e0f",
    "BC47FFEC7998EB91E8115CF8D19DAC4BBBE2E163E87DD37F49BECA92027764F68CF51F14D798C2273F35DF574D1F932E40C4FF255B36A266",
  ],
])("the encryption type %i opens what the RFC has sealed", (type, key, plain, sealed) => {
  expect(new Cipher({ type, value: hex(key) }, 2).decrypt(hex(sealed))).toEqual(hex(plain));
});

describe.each(keys)("%s", (_, type, length) => {
  const key = { type, value: randomBytes(length) };

  test("gives back what it took, of every length, and adds no more than it says", () => {
    const cipher = new Cipher(key, 24);
    for (const size of [0, 1, 15, 16, 17, 31, 32, 33, 1000]) {
      const plain = randomBytes(size);
      const sealed = cipher.encrypt(plain);
      expect(sealed.length).toBeLessThanOrEqual(size + longestOverhead);
      expect(cipher.decrypt(sealed)).toEqual(plain);
    }
  });

  test("opens nothing that was changed, cut, or meant for another use", () => {
    const sealed = new Cipher(key, 24).encrypt(Buffer.from("what was meant to be said"));
    const cipher = new Cipher(key, 24);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(cipher.decrypt(changed)).toBeUndefined();
      expect(cipher.decrypt(sealed.subarray(0, at))).toBeUndefined();
    }
    expect(new Cipher(key, 22).decrypt(sealed)).toBeUndefined();
  });

  test("is for keys of its own length", () => {
    expect(isUsable(key)).toBe(true);
    const short = { type, value: key.value.subarray(1) };
    expect(isUsable(short)).toBe(false);
    expect(() => new Cipher(short, 24)).toThrow(TypeError);
  });
});

test("older encryption types are not used", () => {
  expect(isUsable({ type: 23, value: Buffer.alloc(16) })).toBe(false);
});
