import { describe, expect, test } from "vitest";
import { digestMd5, digestResponse } from "../../../src/auth/digest-md5.js";
import { AuthenticationError } from "../../../src/errors.js";
import { knowing, perform } from "./sasl-server.js";

// RFC 2831, section 4: a login by IMAP and one by ACAP.
const rfc = {
  username: "chris",
  realm: "elwood.innosoft.com",
  password: "secret",
  protection: "auth",
} as const;
const imap = {
  ...{ ...rfc, nonce: "OA6MG9tEQGm2hh", clientNonce: "OA6MHXh6VqTrRk", uri: "imap/elwood.innosoft.com" },
  response: "d388dad90d4bbd760a152321f2143af7",
  expected: "ea40f60335c427b5527b84dbabcdfffd",
};
const acap = {
  ...{ ...rfc, nonce: "OA9BSXrbuRhWay", clientNonce: "OA9BSuZWMSpW8m", uri: "acap/elwood.innosoft.com" },
  response: "6084c6db3fede7352c551284490fd0fc",
  expected: "2f0b3d7c3c2e486600ef710726aa2eae",
};

const challenge = 'realm="r",nonce="n",qop="auth",algorithm=md5-sess,charset=utf-8';
const login = { username: "user", password: "pencil" };
const own = {
  ...login,
  realm: "r",
  nonce: "n",
  clientNonce: "nonce",
  uri: "libvirt/host",
  protection: "auth",
} as const;
const rspauth = (changes = {}) => `rspauth=${digestResponse({ ...own, ...changes }).expected}`;

/** What the client answers to a challenge, directive by directive. */
async function answerTo(text: string, more?: Parameters<typeof perform>[2]): Promise<string[]> {
  const { sent } = await perform(digestMd5, [text], more);
  return sent[1]!.split(",");
}

describe("DIGEST-MD5", () => {
  test.each([
    ["IMAP", imap],
    ["ACAP", acap],
  ])("computes what the RFC has for %s", (_, { response, expected, ...parts }) => {
    expect(digestResponse(parts)).toMatchObject({ response, expected });
  });

  test("waits for the challenge, answers it and checks the daemon's proof", async () => {
    const outcome = await perform(digestMd5, [challenge, rspauth()]);
    const { response } = digestResponse(own);
    expect(outcome).toEqual({
      sent: [
        null,
        `charset=utf-8,username="user",realm="r",nonce="n",nc=00000001,cnonce="nonce",digest-uri="libvirt/host",maxbuf=65536,qop=auth,response=${response}`,
      ],
      done: true,
      layer: undefined,
    });
  });

  test("quotes what would end a string, and says for whom it acts", async () => {
    const credentials = knowing({ username: "root", authname: 'a"b\\c', password: "x" });
    const answer = await answerTo('realm="a \\"b\\"",nonce="n\\\\",algorithm=md5-sess,charset=utf-8', {
      credentials,
    });
    expect(answer).toEqual(
      expect.arrayContaining([
        'username="a\\"b\\\\c"',
        'realm="a \\"b\\""',
        'nonce="n\\\\"',
        'authzid="root"',
      ]),
    );
  });

  test("hashes names in Latin-1 where that will do, and sends them in UTF-8", async () => {
    const { response } = digestResponse({ ...own, username: "jürgen" });
    expect(response).not.toBe(
      digestResponse({ ...own, username: Buffer.from("jürgen").toString("latin1") }).response,
    );
    const answer = await answerTo(challenge, { credentials: knowing({ ...login, username: "jürgen" }) });
    expect(answer).toContain('username="jürgen"');
    expect(answer).toContain(`response=${response}`);
  });

  test("takes the first of several realms, unless the caller wants another", async () => {
    const several = `realm="a",realm="b",${challenge.slice('realm="r",'.length)}`;
    expect(await answerTo(several)).toContain('realm="a"');
    const credentials = knowing({ ...login, realm: "b" });
    expect(await answerTo(several, { credentials })).toContain('realm="b"');
  });

  test.each([
    [true, 'qop="auth-conf,auth-int,auth",cipher="rc4"', "qop=auth"],
    [true, 'qop="auth-conf,auth-int",cipher="rc4"', "qop=auth-int"],
    [true, 'qop="auth-conf",cipher="rc4"', "qop=auth-conf"],
    [false, 'qop="auth,auth-int,auth-conf",cipher="3des,rc4-56,rc4"', "cipher=rc4"],
    [false, 'qop="auth-conf",cipher="rc4-56, 3des"', "cipher=3des"],
    [false, 'qop="auth-conf",cipher="des,rc4-40,rc4-56"', "cipher=rc4-56"],
  ])("chooses, where the pipe is secure: %s, of %s, %s", async (secure, offered, choice) => {
    const text = `nonce="n",algorithm=md5-sess,charset=utf-8,${offered}`;
    expect(await answerTo(text, { channel: { secure } })).toContain(choice);
  });

  test("reads directives with spaces around, and with nothing in them", async () => {
    const text = ' , realm = "r" ,nonce= "n",qop =auth ,, algorithm = md5-sess,charset=\tutf-8 , x = , y=';
    expect(await answerTo(text)).toEqual(await answerTo(challenge));
  });

  test("makes a layer where it was agreed on", async () => {
    const text = challenge.replace('qop="auth"', 'qop="auth-conf",cipher=rc4,maxbuf=4096');
    const replies = [text, rspauth({ protection: "auth-conf" })];
    const { layer } = await perform(digestMd5, replies, { channel: { secure: false } });
    expect(layer).toMatchObject({ encrypts: true, maxSealed: 65536 });
    expect(layer?.maxPlain).toBeLessThan(4096 - 20);
    const signed = [challenge.replace('"auth"', '"auth-int"'), rspauth({ protection: "auth-int" })];
    expect((await perform(digestMd5, signed)).layer).toMatchObject({ encrypts: false });
  });

  test.each([
    ["no message", [null], "no nonce"],
    ["no nonce", ["algorithm=md5-sess"], "no nonce"],
    ["two nonces", ['nonce="a",nonce="b",algorithm=md5-sess'], "no nonce"],
    ["another algorithm", ['nonce="a",algorithm=md5'], "no nonce"],
    ["a string without an end", ['nonce="a'], "cannot be read"],
    ["something else", ["hello there"], "cannot be read"],
    [
      "so many spaces that trying all ways to read them would take minutes",
      [`a=${" ".repeat(1e6)}b c`],
      "cannot be read",
    ],
    ["tiny buffers", [`${challenge},maxbuf=16`], "too small buffers"],
    ["endless buffers", [`${challenge},maxbuf=999999999`], "too small buffers"],
    ["an unknown protection", [challenge.replace('"auth"', '"auth-x"')], "the daemon offers auth-x"],
    ["no cipher", [challenge.replace('"auth"', '"auth-conf"')], "the daemon none"],
    ["a wrong proof", [challenge, "rspauth=00000000000000000000000000000000"], "did not prove"],
    ["a short proof", [challenge, "rspauth=0"], "did not prove"],
    ["a proof of as many letters and more bytes", [challenge, `rspauth=${"é".repeat(32)}`], "did not prove"],
    ["no proof", [challenge, null], "did not prove"],
    ["our own answer", [challenge, `rspauth=${digestResponse(own).response}`], "did not prove"],
  ])("does not accept %s of a daemon", async (_, replies, message) => {
    const attempt = perform(digestMd5, replies);
    await expect(attempt).rejects.toThrow(AuthenticationError);
    await expect(attempt).rejects.toThrow(message);
  });

  test("does not accept less than encryption on a pipe in clear", async () => {
    const text = challenge.replace('"auth"', '"auth,auth-int"');
    const attempt = perform(digestMd5, [text], { channel: { secure: false } });
    await expect(attempt).rejects.toThrow("on a pipe in clear this client accepts the protection auth-conf");
  });

  test("sends ASCII only to a daemon that does not know UTF-8", async () => {
    const old = challenge.replace(",charset=utf-8", "");
    expect(await answerTo(old)).not.toContain("charset=utf-8");
    const attempt = answerTo(old, { credentials: knowing({ ...login, password: "geheím" }) });
    await expect(attempt).rejects.toThrow("in ASCII only");
    await expect(attempt).rejects.not.toThrow("geheím");
  });

  test("says which realms there are, where the caller wants another", async () => {
    const attempt = answerTo(challenge, { credentials: knowing({ ...login, realm: "elsewhere" }) });
    await expect(attempt).rejects.toThrow('The daemon has no realm "elsewhere", only "r"');
  });
});
