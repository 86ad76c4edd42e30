import { describe, expect, test } from "vitest";
import { authenticate, type Call } from "../../../src/auth/authenticate.js";
import { AuthenticationError, ConnectionError, LibvirtError } from "../../../src/errors.js";
import { AuthType, authList } from "../../../src/protocol/generated/remote.js";
import { decode, encode } from "../../../src/protocol/xdr.js";

const NO_SUPPORT = 3;

/** A daemon that offers these; it notes what it is asked. */
function offering(types: readonly number[]) {
  const asked: string[] = [];
  const call: Call = async (procedure) => {
    asked.push(procedure.name);
    return decode(procedure.ret, encode(authList.ret, { types }));
  };
  return { asked, call };
}

function failing(error: Error): Call {
  return () => Promise.reject(error);
}

function libvirtError(code: number): LibvirtError {
  const texts = { message: "no", str1: null, str2: null, str3: null };
  return new LibvirtError({ code, domain: 7, level: 2, int1: 0, int2: 0, ...texts });
}

describe("authentication", () => {
  test.each([
    ["none", [AuthType.NONE]],
    ["nothing at all", []],
    ["none before others", [AuthType.NONE, AuthType.POLKIT]],
  ])("is done where the daemon asks for %s", async (_, types) => {
    const { asked, call } = offering(types);
    await authenticate("unix:/sock", call);
    expect(asked).toEqual(["REMOTE_PROC_AUTH_LIST"]);
  });

  test.each([
    ["SASL", [AuthType.SASL]],
    ["polkit", [AuthType.POLKIT]],
    ["SASL, none", [AuthType.SASL, AuthType.NONE]],
    ["type 7", [7]],
  ])("says that it cannot do %s, for whom, and what to do", async (names, types) => {
    const { asked, call } = offering(types);
    const attempt = authenticate("tcp:host:16509", call);
    await expect(attempt).rejects.toThrow(AuthenticationError);
    await expect(attempt).rejects.toThrow(
      `tcp:host:16509 asks for authentication by ${names}, which is not built in yet. Connect where `,
    );
    expect(asked).toEqual(["REMOTE_PROC_AUTH_LIST"]);
  });

  test("is not needed by a daemon that is too old to know the question", async () => {
    await authenticate("unix:/sock", failing(libvirtError(NO_SUPPORT)));
  });

  test.each([libvirtError(1), new ConnectionError("lost"), new Error("aborted")])(
    "fails with %s when the daemon cannot be asked",
    async (error) => {
      await expect(authenticate("unix:/sock", failing(error))).rejects.toBe(error);
    },
  );
});
