import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { type AuthOption, type CredentialsCallback, checkAuth } from "../../../src/auth/credentials.js";
import { AuthenticationError } from "../../../src/errors.js";
import { ConnectCredentialType } from "../../../src/generated/constants.js";
import { knowing } from "./sasl-server.js";

const secret = "geheim";
const stored = (values: object) => ({ stored: { file: "/auth.conf", ...values } });

/** Answers by type. */
const answering = (answers: Record<number, string | null>): CredentialsCallback =>
  vi.fn<CredentialsCallback>((wanted) => wanted.map(({ type }) => answers[type] ?? null));

describe("credentials", () => {
  test.each<[string, AuthOption | undefined, object, object]>([
    ["the caller", { username: "me", password: secret }, {}, { authname: "me", actAs: undefined }],
    [
      "the caller, for somebody else",
      { username: "root", authname: "me", password: secret },
      {},
      { authname: "me", actAs: "root" },
    ],
    [
      "the caller before auth.conf",
      { username: "me", password: secret },
      stored({ authname: "x", password: "y" }),
      { authname: "me" },
    ],
    [
      "auth.conf",
      undefined,
      stored({ authname: "me", username: "other", password: secret }),
      { authname: "me", actAs: undefined },
    ],
    [
      "auth.conf without authname",
      undefined,
      stored({ username: "me", password: secret }),
      { authname: "me" },
    ],
    ["a callback", answering({ 2: "me", 5: secret }), {}, { authname: "me" }],
    [
      "auth.conf and a callback",
      answering({ 2: "x", 5: secret }),
      stored({ authname: "me" }),
      { authname: "me" },
    ],
  ])("come from %s", async (_, auth, more, login) => {
    expect(await knowing(auth, more).login("PLAIN")).toMatchObject({ password: secret, ...login });
  });

  test("ask for what is missing and no more, in one go", async () => {
    const callback = answering({ 2: "me", 5: secret });
    await knowing(callback).login("PLAIN");
    const none = { challenge: "host", defaultResult: null };
    const [name, password] = [
      { type: ConnectCredentialType.AUTHNAME, prompt: "Name for libvirt on host", ...none },
      { type: ConnectCredentialType.PASSPHRASE, prompt: "Password for libvirt on host", ...none },
    ];
    expect(callback).toHaveBeenCalledExactlyOnceWith([name, password], { signal: undefined });
    await knowing(callback, stored({ authname: "me" })).login("PLAIN");
    expect(callback).toHaveBeenLastCalledWith([password], { signal: undefined });
    await knowing(callback, stored({ authname: "me", password: "x" })).login("PLAIN");
    expect(callback).toHaveBeenCalledTimes(2);
  });

  test("wait for people who think", async () => {
    expect(await knowing(async () => ["me", secret]).login("PLAIN")).toMatchObject({ authname: "me" });
  });

  test("do not wait longer than the caller", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const login = knowing(() => new Promise(() => {}), { signal }).login("PLAIN");
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(login).rejects.toBe(reason);
    await expect(knowing(answering({}), { signal }).login("PLAIN")).rejects.toBe(reason);
  });

  test("leave no error behind of a callback that gives up by the caller's own signal", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error("enough");
    const login = knowing(
      async () => {
        controller.abort(reason);
        throw new Error("nobody is there");
      },
      { signal },
    ).login("PLAIN");
    await expect(login).rejects.toBe(reason);
  });

  test("pass on the callback's own error", async () => {
    const error = new Error("cancelled");
    await expect(knowing(() => Promise.reject(error)).login("PLAIN")).rejects.toBe(error);
  });

  test.each<[string, AuthOption | undefined, object]>([
    ["nobody", undefined, {}],
    ["a callback that does not know", answering({ 2: "me" }), {}],
    ["half an auth.conf", undefined, stored({ authname: "me" })],
  ])("say how to give them where %s has them", async (_, auth, more) => {
    const login = knowing(auth, more).login("PLAIN");
    await expect(login).rejects.toThrow(AuthenticationError);
    await expect(login).rejects.toThrow("PLAIN takes a name and a password. Give connect() the option auth");
  });

  test.each([
    ["nothing", undefined],
    ["too few answers", [secret]],
    ["a number", ["me", 7]],
    ["an object", [{ secret }, "x"]],
  ])("are no %s of a callback", async (_, result) => {
    const callback = (() => result) as unknown as CredentialsCallback;
    const error = await knowing(callback)
      .login("PLAIN")
      .catch((error) => error);
    expect(error).toBeInstanceOf(TypeError);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(secret);
  });

  test.each<[string, AuthOption | undefined, object, string[], string]>([
    ["the only one", undefined, {}, ["a"], "a"],
    ["the only one, whatever auth.conf says", undefined, stored({ realm: "b" }), ["a"], "a"],
    ["auth.conf's", undefined, stored({ realm: "b" }), ["a", "b"], "b"],
    ["the callback's", answering({ 8: "b" }), {}, ["a", "b"], "b"],
    ["the first", answering({}), {}, ["a", "b"], "a"],
    ["the caller's", { username: "x", password: "x", realm: "b" }, {}, ["a", "b"], "b"],
    ["the caller's, where there is none", { username: "x", password: "x", realm: "b" }, {}, [], "b"],
    ["none", undefined, {}, [], ""],
  ])("are for the realm: %s", async (_, auth, more, offered, realm) => {
    expect(await knowing(auth, more).realm(offered)).toBe(realm);
  });

  test("show their secrets to nobody who looks", () => {
    const credentials = knowing({ username: "me", password: secret }, stored({ password: secret }));
    expect(inspect(credentials, { depth: null, showHidden: true })).not.toContain(secret);
    expect(JSON.stringify(credentials)).not.toContain(secret);
  });

  test("say what they lack", () => {
    expect(knowing(undefined).lackOfPassword).toContain("no auth.conf has a password for libvirt on host");
    expect(knowing(undefined, stored({ authname: "me" })).lackOfPassword).toContain(
      "/auth.conf has no password",
    );
    expect(knowing(answering({})).lackOfPassword).toBeUndefined();
    expect(knowing(undefined, stored({ password: secret })).lackOfPassword).toBeUndefined();
  });

  test.each([
    ["null", null, "credentials or a function"],
    ["text", secret, "credentials or a function"],
    ["no name", { password: secret }, "auth.username: a string is wanted, not undefined"],
    ["no password", { username: "me" }, "auth.password: a string is wanted, not undefined"],
    [
      "a password in an object",
      { username: "me", password: { secret } },
      "auth.password: a string is wanted, not object",
    ],
    [
      "a number for a realm",
      { username: "me", password: secret, realm: 1 },
      "auth.realm: a string is wanted",
    ],
  ])("are not %s", (_, auth, message) => {
    const check = () => checkAuth(auth as AuthOption);
    expect(check).toThrow(TypeError);
    expect(check).toThrow(message);
    expect(check).not.toThrow(secret);
  });

  test.each([undefined, () => [], { username: "me", password: secret, authname: undefined }])(
    "may be %o",
    (auth) => {
      checkAuth(auth);
    },
  );
});
