import { describe, expect, test } from "vitest";
import { type AuthenticationPlan, authenticate } from "../../../src/auth/authenticate.js";
import type { Call } from "../../../src/auth/call.js";
import { AuthenticationError, ConnectionError, LibvirtError } from "../../../src/errors.js";
import { ErrorNumber } from "../../../src/generated/constants.js";
import { AuthType, authList, authPolkit, authSaslInit } from "../../../src/protocol/generated/remote.js";
import { decode, encode } from "../../../src/protocol/xdr.js";
import { knowing } from "./sasl-server.js";

const peer = "tcp:host:16509";
const daemon = (call: Call) => ({ peer, secure: true, call });

const plan = (wanted?: string): AuthenticationPlan => ({
  wanted,
  hostname: "host",
  credentials: async () => knowing({ username: "user", password: "pencil" }),
});

/** A daemon that offers these; it notes what it is asked, and fails like this where it is asked for more. */
function offering(types: readonly number[], failure?: Error) {
  const asked: string[] = [];
  const call: Call = async (procedure) => {
    asked.push(procedure.name);
    if (procedure.name === authList.name) return decode(procedure.ret, encode(authList.ret, { types }));
    if (failure) throw failure;
    return decode(procedure.ret, encode(authPolkit.ret, { complete: 1 }));
  };
  return { asked, call };
}

function failing(error: Error): Call {
  return () => Promise.reject(error);
}

function libvirtError(code: number, procedure?: string): LibvirtError {
  const texts = { message: "authentication failed", str1: null, str2: null, str3: null };
  return new LibvirtError({ code, domain: 7, level: 2, int1: 0, int2: 0, ...texts }, procedure);
}

describe("authentication", () => {
  test.each([
    ["none", [AuthType.NONE]],
    ["nothing at all", []],
    ["none before others", [AuthType.NONE, AuthType.POLKIT]],
  ])("is done where the daemon asks for %s", async (_, types) => {
    const { asked, call } = offering(types);
    expect(await authenticate(daemon(call), plan())).toBeUndefined();
    expect(asked).toEqual([authList.name]);
  });

  test("leaves polkit to the daemon", async () => {
    const { asked, call } = offering([AuthType.POLKIT, AuthType.SASL]);
    expect(await authenticate(daemon(call), plan())).toBeUndefined();
    expect(asked).toEqual([authList.name, authPolkit.name]);
  });

  test.each([
    ["sasl", [AuthType.POLKIT, AuthType.SASL], authSaslInit.name],
    ["SASL.PLAIN", [AuthType.POLKIT, AuthType.SASL], authSaslInit.name],
    ["polkit", [AuthType.NONE, AuthType.SASL, AuthType.POLKIT], authPolkit.name],
  ])("goes by %s where the URI wants that", async (wanted, types, next) => {
    const { asked, call } = offering(types, new ConnectionError("lost"));
    await expect(authenticate(daemon(call), plan(wanted))).rejects.toThrow("lost");
    expect(asked).toEqual([authList.name, next]);
  });

  test.each([
    ["polkit", [AuthType.SASL], "sasl"],
    ["sasl.PLAIN", [AuthType.NONE, AuthType.POLKIT], "none, polkit"],
  ])("is not by %s where the daemon does not offer it", async (wanted, types, offered) => {
    const attempt = authenticate(daemon(offering(types).call), plan(wanted));
    await expect(attempt).rejects.toThrow(AuthenticationError);
    const [type] = wanted.split(".");
    await expect(attempt).rejects.toThrow(
      `${peer} does not offer authentication by ${type}, which the URI's auth= asks for, but ${offered}`,
    );
  });

  test("is none where the daemon offers nothing, whatever the URI wants", async () => {
    expect(await authenticate(daemon(offering([]).call), plan("polkit"))).toBeUndefined();
  });

  test("is impossible by what nobody has heard of", async () => {
    const attempt = authenticate(daemon(offering([7]).call), plan());
    await expect(attempt).rejects.toThrow(AuthenticationError);
    await expect(attempt).rejects.toThrow(`${peer} asks for authentication of type 7`);
  });

  test.each([
    [AuthType.SASL, ErrorNumber.AUTH_FAILED, authSaslInit.name, "The daemon has no SASL mechanism to offer"],
    [AuthType.SASL, ErrorNumber.AUTH_FAILED, "REMOTE_PROC_AUTH_SASL_STEP", "Check the name, the password"],
    [AuthType.POLKIT, ErrorNumber.AUTH_CANCELLED, authPolkit.name, "polkit on the daemon's host does not"],
    [AuthType.POLKIT, ErrorNumber.AUTH_UNAVAILABLE, authPolkit.name, "There is nobody who could be asked"],
  ])("says what to do about type %s refused with %s by %s", async (type, code, procedure, advice) => {
    const refusal = libvirtError(code, procedure);
    const error = await authenticate(daemon(offering([type], refusal).call), plan()).catch((error) => error);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toContain(`${peer}: authentication failed. ${advice}`);
    expect(error.cause).toBe(refusal);
  });

  test("passes on what else goes wrong with the daemon", async () => {
    const error = libvirtError(ErrorNumber.INTERNAL_ERROR);
    await expect(authenticate(daemon(offering([AuthType.POLKIT], error).call), plan())).rejects.toBe(error);
  });

  test("is not needed by a daemon that is too old to know the question", async () => {
    await authenticate(daemon(failing(libvirtError(ErrorNumber.NO_SUPPORT))), plan());
  });

  test.each([libvirtError(1), new ConnectionError("lost"), new Error("aborted")])(
    "fails with %s when the daemon cannot be asked",
    async (error) => {
      await expect(authenticate(daemon(failing(error)), plan())).rejects.toBe(error);
    },
  );
});
