import { describe, expect, test } from "vitest";
import { scram } from "../../../src/auth/scram.js";
import { AuthenticationError } from "../../../src/errors.js";
import { context, knowing, perform } from "./sasl-server.js";

const sha1 = scram("SCRAM-SHA-1", "sha1");

// RFC 5802, section 5; RFC 7677, section 3. Both log "user" in with "pencil".
const vectors = [
  {
    mechanism: sha1,
    nonce: "fyko+d2lbbFgONRv9qkxdawL",
    serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    clientFinal: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    serverFinal: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
  },
  {
    mechanism: scram("SCRAM-SHA-256", "sha256"),
    nonce: "rOprNGfwEbeRWgbNEkqO",
    serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    clientFinal:
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  },
];
const [rfc5802] = vectors as [(typeof vectors)[0]];

/** The first message of a client that logs in with these. */
async function firstMessage(auth: { username: string; password: string; authname?: string }) {
  const { sent } = await perform(sha1, [], { credentials: knowing(auth) });
  return sent[0];
}

describe("SCRAM", () => {
  test.each(vectors)("goes as in the RFC: $mechanism.name", async (vector) => {
    const { mechanism, nonce, serverFirst, clientFinal, serverFinal } = vector;
    const outcome = await perform(mechanism, [serverFirst, serverFinal], { nonce: () => nonce });
    expect(outcome).toEqual({ sent: [`n,,n=user,r=${nonce}`, clientFinal], done: true, layer: undefined });
  });

  test("escapes what would end a name, and says for whom it acts", async () => {
    expect(await firstMessage({ username: "a=b,c", password: "x" })).toBe("n,,n=a=3Db=2Cc,r=nonce");
    expect(await firstMessage({ username: "root", authname: "me", password: "x" })).toBe(
      "n,a=root,n=me,r=nonce",
    );
    expect(await firstMessage({ username: "me", authname: "me", password: "x" })).toBe("n,,n=me,r=nonce");
  });

  test("prepares what is not ASCII", async () => {
    // A soft hyphen is nothing, a ligature its letters.
    expect(await firstMessage({ username: "u\u00adſer", password: "ﬁn" })).toBe("n,,n=user,r=nonce");
    const { nonce, serverFirst, clientFinal } = rfc5802;
    const credentials = knowing({ username: "user", password: "pen\u00adcil" });
    const { sent } = await perform(sha1, [serverFirst], { nonce: () => nonce, credentials });
    expect(sent[1]).toBe(clientFinal);
  });

  test.each([
    ["a name", { username: "us\u0007er", password: "x" }],
    ["a password", { username: "user", password: "geheim\u0000" }],
  ])("takes no control character in %s", async (_, auth) => {
    const error = await firstMessage(auth).catch((error) => error);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toMatch(/^The (name|password) has characters that SASL does not allow/);
    expect(error.message).not.toContain("geheim");
  });

  const first = (more: string) => [`r=${rfc5802.nonce}server,s=QSXCR+Q6sek8bf92,${more}`];

  test.each([
    ["no message", [null], "its first message is no nonce"],
    ["nothing", [""], "its first message is no nonce"],
    ["no salt", [`r=${rfc5802.nonce}x,s=,i=4096`], "its first message is no nonce"],
    ["another nonce", ["r=other,s=QSXCR+Q6sek8bf92,i=4096"], "its nonce does not continue ours"],
    ["our nonce alone", [`r=${rfc5802.nonce},s=QSXCR+Q6sek8bf92,i=4096`], "its nonce does not continue ours"],
    ["an extension", [`m=1,r=${rfc5802.nonce}x,s=QSXCR+Q6sek8bf92,i=4096`], "it wants an extension"],
    ["too little work", first("i=4095"), "wants the password hashed 4095 times"],
    ["no work", first("i=0"), "its first message is no nonce"],
    ["too much work", first("i=1000001"), "wants the password hashed 1000001 times"],
    ["endless work", first("i=99999999999"), "its first message is no nonce"],
    ["a wrong signature", [rfc5802.serverFirst, "v=AAAAAAAAAAAAAAAAAAAAAAAAAAA="], "did not prove"],
    ["a short signature", [rfc5802.serverFirst, "v=rmF9"], "did not prove"],
    ["no signature", [rfc5802.serverFirst, ""], "its last message has no signature"],
    ["no last message", [rfc5802.serverFirst, null], "its last message has no signature"],
    ["an error", [rfc5802.serverFirst, "e=invalid-proof"], "the daemon refuses the login: invalid-proof"],
  ])("does not accept %s of a daemon", async (_, replies, message) => {
    const attempt = perform(sha1, replies, { nonce: () => rfc5802.nonce });
    await expect(attempt).rejects.toThrow(AuthenticationError);
    await expect(attempt).rejects.toThrow(message);
  });

  test("does not accept text that is not UTF-8", async () => {
    const exchange = sha1.exchange(context());
    await exchange.next();
    await expect(exchange.next(Uint8Array.of(0xff))).rejects.toThrow("not UTF-8");
  });
});
