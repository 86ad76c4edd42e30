import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { chooseMechanism, mechanisms } from "../../../src/auth/mechanisms.js";
import { AuthenticationError } from "../../../src/errors.js";
import { context, knowing, type Outcome, perform } from "./sasl-server.js";

const known = (name: string) => mechanisms.find((mechanism) => mechanism.name === name)!;
const safe = context();
const inClear = context({ channel: { secure: false } });
const nameless = context({ credentials: knowing(undefined) });

describe("the choice of a mechanism", () => {
  test.each([
    [
      "the strongest first",
      "PLAIN SCRAM-SHA-1 DIGEST-MD5 SCRAM-SHA-512 SCRAM-SHA-256",
      safe,
      "SCRAM-SHA-512",
    ],
    ["no hash is worse", "ANONYMOUS LOGIN PLAIN CRAM-MD5", safe, "CRAM-MD5"],
    ["plain is worse still", "ANONYMOUS LOGIN PLAIN", safe, "PLAIN"],
    ["what is unknown does not count", "NTLM GS2-KRB5 LOGIN", safe, "LOGIN"],
    ["what encrypts, where nothing else does", "SCRAM-SHA-512 PLAIN DIGEST-MD5", inClear, "DIGEST-MD5"],
    ["not Kerberos, without a ticket", "PLAIN GSSAPI", safe, "PLAIN"],
    ["not Kerberos, without a ticket that could encrypt", "DIGEST-MD5 GSSAPI", inClear, "DIGEST-MD5"],
    ["what takes no password, without one", "SCRAM-SHA-512 PLAIN ANONYMOUS", nameless, "ANONYMOUS"],
    ["who we are already, without one", "ANONYMOUS EXTERNAL PLAIN", nameless, "EXTERNAL"],
  ])("is: %s", async (_, offered, where, choice) => {
    expect((await chooseMechanism(offered.split(" "), undefined, where)).name).toBe(choice);
  });

  test("is the URI's", async () => {
    expect((await chooseMechanism(["SCRAM-SHA-1", "PLAIN"], "PLAIN", safe)).name).toBe("PLAIN");
  });

  test.each([
    ["SCRAM-SHA-1", inClear, "SCRAM-SHA-1 (this client cannot encrypt by it what follows"],
    ["PLAIN", inClear, "PLAIN (it would be readable for everybody, as this connection is not encrypted"],
    ["ANONYMOUS", inClear, "ANONYMOUS (it would be readable"],
    [
      "PLAIN",
      nameless,
      "PLAIN (it takes a name and a password, and no auth.conf has a password for libvirt on host)",
    ],
    ["GSSAPI", inClear, "GSSAPI (there is no ticket for libvirt on host: "],
    ["GSSAPI", safe, "GSSAPI (there is no ticket for libvirt on host: "],
    ["X-NEW", safe, "X-NEW (this client does not know it)"],
  ])("cannot be %s everywhere", async (name, where, reason) => {
    for (const wanted of [name, undefined]) {
      const choice = chooseMechanism([name], wanted, where);
      await expect(choice).rejects.toThrow(AuthenticationError);
      await expect(choice).rejects.toThrow(`None of the daemon's SASL mechanisms can be used: ${reason}`);
    }
  });

  test("has a reason for each that is not used", async () => {
    const choice = chooseMechanism(["LOGIN", "NTLM"], undefined, inClear);
    await expect(choice).rejects.toThrow(/NTLM \(.*\); LOGIN \(.*\)$/);
  });

  test("can be watched, with the reasons against what was passed over", async () => {
    const seen: unknown[] = [];
    const observer = { mechanisms: (...facts: unknown[]) => seen.push(facts) };
    const offered = ["LOGIN", "SCRAM-SHA-1", "DIGEST-MD5", "NTLM"];
    await chooseMechanism(offered, undefined, inClear, observer);
    const refused = [
      { name: "NTLM", reason: "this client does not know it" },
      { name: "SCRAM-SHA-1", reason: expect.stringContaining("cannot encrypt") },
    ];
    expect(seen).toEqual([[offered, refused, "DIGEST-MD5"]]);
    await expect(chooseMechanism(["NTLM"], undefined, safe, observer)).rejects.toThrow();
    expect(seen[1]).toEqual([["NTLM"], [refused[0]], undefined]);
  });

  test("is not one that the daemon does not offer", async () => {
    await expect(chooseMechanism(["PLAIN", "LOGIN"], "SCRAM-SHA-1", safe)).rejects.toThrow(
      "The daemon does not offer the SASL mechanism SCRAM-SHA-1 of the URI's auth=, but PLAIN, LOGIN",
    );
  });
});

describe("the simple mechanisms", () => {
  const actingAs = { credentials: knowing({ username: "root", authname: "me", password: "geheím" }) };
  const challenge = "<1896.697170952@postoffice.reston.mci.net>";
  const cram = createHmac("md5", "geheím").update(challenge).digest("hex");

  test.each<[string, (string | null)[], Outcome["sent"]]>([
    ["PLAIN", [null], ["root\0me\0geheím"]],
    ["LOGIN", ["User Name\0", "Password\0", null], [null, "me", "geheím"]],
    ["CRAM-MD5", [challenge, null], [null, `me ${cram}`]],
    ["EXTERNAL", [null], ["root"]],
    ["ANONYMOUS", [null], ["anonymous"]],
  ])("say what is theirs: %s", async (name, replies, sent) => {
    expect(await perform(known(name), replies, actingAs)).toEqual({ sent, done: true, layer: undefined });
  });

  test("compute CRAM-MD5 as in RFC 2195", async () => {
    const credentials = knowing({ username: "tim", password: "tanstaaftanstaaf" });
    const { sent } = await perform(known("CRAM-MD5"), [challenge], { credentials });
    expect(sent[1]).toBe("tim b913a602c7eda7a495b4e6e7334d3890");
  });

  test("say nothing where there is nothing to say", async () => {
    expect((await perform(known("EXTERNAL"), [null])).sent).toEqual([""]);
    expect((await perform(known("PLAIN"), [null])).sent).toEqual(["\0user\0pencil"]);
  });

  test("do not let a name end early", async () => {
    const attempt = perform(known("PLAIN"), [], {
      credentials: knowing({ username: "a\0b", password: "x" }),
    });
    await expect(attempt).rejects.toThrow(AuthenticationError);
  });

  test.each([null, ""])("do not answer the challenge %j", async (empty) => {
    await expect(perform(known("CRAM-MD5"), [empty])).rejects.toThrow("it sends no challenge");
  });
});
