import { describe, expect, test } from "vitest";
import type { Call } from "../../../src/auth/call.js";
import { authenticateSasl } from "../../../src/auth/sasl.js";
import { AuthenticationError, ConnectionError } from "../../../src/errors.js";
import { authSaslInit, authSaslStart, authSaslStep } from "../../../src/protocol/generated/remote.js";
import { decode, encode } from "../../../src/protocol/xdr.js";
import { context } from "./sasl-server.js";

/** What a daemon answers to a message: text or none, and whether it is content. */
type Answer = readonly [text: string | null, complete: boolean];

/** A daemon that offers these mechanisms and answers by turns; it notes each message as text, or null for none. */
function daemon(mechlist: string, answers: readonly Answer[]) {
  const heard: (string | null)[] = [];
  const mechs: string[] = [];
  const call: Call = async (procedure, args) => {
    if (procedure.name === authSaslInit.name)
      return decode(procedure.ret, encode(authSaslInit.ret, { mechlist }));
    // By way of the wire: a message that is not there and one that is empty look different on it.
    const bytes = encode(procedure.args, args);
    const { nil, data, mech } =
      procedure.name === authSaslStart.name
        ? decode(authSaslStart.args, bytes)
        : { ...decode(authSaslStep.args, bytes), mech: undefined };
    if (mech) mechs.push(mech);
    heard.push(nil ? null : Buffer.from(data).toString());
    const [text, complete] = answers[heard.length - 1] ?? [null, false];
    const reply = { complete: Number(complete), nil: Number(text === null), data: Buffer.from(text ?? "") };
    return decode(procedure.ret, encode(authSaslStart.ret, reply));
  };
  return { heard, mechs, call };
}

// The conversation of RFC 5802, section 5.
const nonce = () => "fyko+d2lbbFgONRv9qkxdawL";
const first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
const last = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=";

describe("a conversation by SASL", () => {
  test("is over when both sides say so at once", async () => {
    const { heard, mechs, call } = daemon("PLAIN", [[null, true]]);
    expect(await authenticateSasl(call, context(), undefined)).toBeUndefined();
    expect([mechs, heard]).toEqual([["PLAIN"], ["\0user\0pencil"]]);
  });

  test("lets the client check what the daemon says last", async () => {
    const { heard, call } = daemon("SCRAM-SHA-1", [
      [first, false],
      [last, true],
    ]);
    await authenticateSasl(call, context({ nonce }), undefined);
    expect(heard).toHaveLength(2);
  });

  test("goes on with nothing where the daemon wants another turn for its end", async () => {
    const { heard, call } = daemon("SCRAM-SHA-1", [
      [first, false],
      [last, false],
      [null, true],
    ]);
    await authenticateSasl(call, context({ nonce }), undefined);
    expect(heard).toHaveLength(3);
    expect(heard[2]).toBeNull();
  });

  test("tells no message from an empty one", async () => {
    const login = daemon("LOGIN", [
      ["User Name", false],
      ["Password", false],
      [null, true],
    ]);
    await authenticateSasl(login.call, context(), undefined);
    expect(login.heard).toEqual([null, "user", "pencil"]);
    const external = daemon("EXTERNAL", [[null, true]]);
    await authenticateSasl(external.call, context(), undefined);
    expect(external.heard).toEqual([""]);
  });

  test.each(["PLAIN,LOGIN", "PLAIN LOGIN", " PLAIN, LOGIN "])(
    "finds the mechanisms in %j",
    async (mechlist) => {
      const { mechs, call } = daemon(mechlist, [[null, true]]);
      await authenticateSasl(call, context(), "PLAIN");
      expect(mechs).toEqual(["PLAIN"]);
    },
  );

  test.each<[string, Answer[], string]>([
    ["is content before it has shown anything", [[null, true]], "its first message is no nonce"],
    [
      "is content before it has proved anything",
      [
        [first, true],
        [null, true],
      ],
      "has no signature",
    ],
    [
      "proves nothing",
      [
        [first, false],
        ["v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=", true],
      ],
      "did not prove",
    ],
    [
      "never ends",
      [
        [first, false],
        [last, false],
        [null, false],
        [null, false],
      ],
      "is over, but the daemon",
    ],
  ])("does not accept a daemon that %s", async (_, answers, message) => {
    const attempt = authenticateSasl(daemon("SCRAM-SHA-1", answers).call, context({ nonce }), undefined);
    await expect(attempt).rejects.toThrow(AuthenticationError);
    await expect(attempt).rejects.toThrow(message);
  });

  test("ends with the connection", async () => {
    const { call } = daemon("PLAIN", []);
    const lost = new ConnectionError("lost");
    const losing: Call = (procedure, args) =>
      procedure.name === authSaslStart.name ? Promise.reject(lost) : call(procedure, args);
    await expect(authenticateSasl(losing, context(), undefined)).rejects.toBe(lost);
  });
});
