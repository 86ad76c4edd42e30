import { describe, expect, onTestFinished, test } from "vitest";
import type { SaslContext } from "../../../../../src/auth/mechanism.js";
import { authenticateSasl } from "../../../../../src/auth/sasl.js";
import { LibvirtError } from "../../../../../src/errors.js";
import { ErrorDomain, ErrorNumber } from "../../../../../src/generated/constants.js";
import {
  AuthType,
  authList,
  authPolkit,
  authSaslInit,
  authSaslStart,
  authSaslStep,
  connectClose,
  connectOpen,
} from "../../../../../src/protocol/generated/remote.js";
import { Session } from "../../../../../src/rpc/session.js";
import type { SaslOptions } from "../../../../../src/testing/server/auth/login.js";
import type { ClientIdentity } from "../../../../../src/testing/server/client.js";
import type { Origin } from "../../../../../src/testing/server/connection.js";
import { Handlers } from "../../../../../src/testing/server/handlers.js";
import { Server } from "../../../../../src/testing/server/server.js";
import { createMemoryPair } from "../../../../../src/transport/memory.js";
import { context, knowing } from "../../../auth/sasl-server.js";

const users = { user: "pencil", "a,b=c": "e\u0301" };

/** A session with a server that wants a login, and whom the server took the client for when it opened the hypervisor. */
function visit(auth: SaslOptions = { users }, origin: Origin = {}, secure = true) {
  const seen: ClientIdentity[] = [];
  const mistakes: unknown[] = [];
  const server = new Server({
    handlers: new Handlers((_args, { identity }) => void seen.push(identity)),
    onError: (error, procedure) => mistakes.push([procedure, error]),
    auth,
  });
  const [clientEnd, serverEnd] = createMemoryPair();
  Object.defineProperty(serverEnd, "secure", { value: secure });
  server.accept(serverEnd, origin);
  const session = new Session(clientEnd);
  onTestFinished(async () => {
    await session.close();
    await server.close();
  });
  const logIn = (mechanism?: string, more?: Partial<SaslContext>) =>
    authenticateSasl((procedure, args) => session.call(procedure, args), context(more), mechanism);
  const open = () => session.call(connectOpen, { name: null, flags: 0 });
  return { session, server, seen, mistakes, logIn, open };
}

const refused = {
  code: ErrorNumber.AUTH_FAILED,
  domain: ErrorDomain.RPC,
  message: "authentication failed: authentication failed",
};

describe("a server that wants a login", () => {
  test("says so, and answers nothing else before", async () => {
    const { session, open } = visit();
    expect(await session.call(authList, undefined)).toEqual({ types: [AuthType.SASL] });
    const required = { code: ErrorNumber.RPC, message: "authentication required" };
    await expect(open()).rejects.toMatchObject(required);
    await expect(session.call(connectClose, undefined)).rejects.toMatchObject(required);
  });

  test.each(["SCRAM-SHA-256", "PLAIN"])("lets in by %s who knows the password", async (mechanism) => {
    const { logIn, open, seen } = visit();
    await logIn(mechanism);
    await open();
    expect(seen).toEqual([{ saslUserName: "user" }]);
  });

  test.each(["SCRAM-SHA-256", "PLAIN"])(
    "takes names and passwords by %s in all letters",
    async (mechanism) => {
      const { logIn, open, seen } = visit();
      // As one letter, and not as two as above.
      await logIn(mechanism, { credentials: knowing({ username: "a,b=c", password: "\u00e9" }) });
      await open();
      expect(seen).toEqual([{ saslUserName: "a,b=c" }]);
    },
  );

  test.each([
    ["SCRAM-SHA-256", "user", "pen"],
    ["SCRAM-SHA-256", "nobody", "pencil"],
    ["SCRAM-SHA-256", "toString", "pencil"],
    ["PLAIN", "user", "pen"],
    ["PLAIN", "user", ""],
    ["PLAIN", "nobody", ""],
  ])(
    "refuses by %s the name %s with the password %j, and lets try again",
    async (mechanism, username, password) => {
      const { logIn, open } = visit();
      const wrong = { credentials: knowing({ username, password }) };
      for (let attempt = 0; attempt < 3; attempt++) {
        await expect(logIn(mechanism, wrong)).rejects.toMatchObject(refused);
        await expect(open()).rejects.toBeInstanceOf(LibvirtError);
      }
      await logIn(mechanism);
      await open();
    },
  );

  test.each(["SCRAM-SHA-256", "PLAIN"])("lets nobody act as somebody else by %s", async (mechanism) => {
    const { logIn } = visit();
    const credentials = knowing({ username: "a,b=c", authname: "user", password: "pencil" });
    await expect(logIn(mechanism, { credentials })).rejects.toMatchObject(refused);
  });

  test("takes EXTERNAL for what the transport says, and offers it nowhere else", async () => {
    const known = visit({}, { x509Dname: "O=virtwire,CN=client", externalName: "O=virtwire,CN=client" });
    await known.logIn("EXTERNAL");
    await known.open();
    expect(known.seen).toEqual([{ saslUserName: "O=virtwire,CN=client", x509Dname: "O=virtwire,CN=client" }]);
    const actsAs = (username: string) => ({
      credentials: knowing({ username, authname: "whoever", password: "" }),
    });
    const other = visit({}, { externalName: "root" });
    await expect(other.logIn("EXTERNAL", actsAs("user"))).rejects.toMatchObject(refused);
    await other.logIn("EXTERNAL", actsAs("root"));
    const unknown = visit();
    const { mechlist } = await unknown.session.call(authSaslInit, undefined);
    expect(mechlist).toBe("SCRAM-SHA-256,PLAIN");
  });

  test("asks the function for the password, if it was given one", async () => {
    const { logIn, seen, open } = visit({ users: async (name) => (name === "user" ? "pencil" : undefined) });
    await logIn();
    await open();
    expect(seen).toEqual([{ saslUserName: "user" }]);
    const mistake = new Error("a mistake");
    const broken = visit({
      users: () => {
        throw mistake;
      },
    });
    await expect(broken.logIn()).rejects.toMatchObject(refused);
    expect(broken.mistakes).toEqual([["auth.users", mistake]]);
  });

  test("offers only what it was told to", async () => {
    const { session } = visit({ users, mechanisms: ["PLAIN"] });
    expect(await session.call(authSaslInit, undefined)).toEqual({ mechlist: "PLAIN" });
    const start = { mech: "SCRAM-SHA-256", nil: 1, data: new Uint8Array(0) };
    await expect(session.call(authSaslStart, start)).rejects.toMatchObject(refused);
  });

  test("offers nothing where anybody could listen", async () => {
    const { session } = visit({ users }, {}, false);
    await expect(session.call(authSaslInit, undefined)).rejects.toMatchObject(refused);
  });

  test("takes the steps in no other order", async () => {
    const { session, logIn } = visit();
    const step = { nil: 0, data: new Uint8Array(0) };
    await expect(session.call(authSaslStep, step)).rejects.toMatchObject(refused);
    await expect(session.call(authSaslStart, { mech: "PLAIN", ...step })).rejects.toMatchObject(refused);
    await session.call(authSaslInit, undefined);
    await expect(session.call(authSaslInit, undefined)).rejects.toMatchObject(refused);
    await expect(session.call(authSaslStart, { mech: "NONE", ...step })).rejects.toMatchObject(refused);
    await logIn("PLAIN");
    await expect(session.call(authSaslInit, undefined)).rejects.toMatchObject(refused);
    await expect(session.call(authSaslStep, step)).rejects.toMatchObject(refused);
  });

  test("takes a first message that comes with the choice, and one that comes when it is asked for", async () => {
    const { session } = visit();
    await session.call(authSaslInit, undefined);
    const asked = await session.call(authSaslStart, { mech: "PLAIN", nil: 1, data: new Uint8Array(0) });
    expect(asked).toMatchObject({ complete: 0, nil: 0, data: new Uint8Array(0) });
    const done = await session.call(authSaslStep, { nil: 0, data: Buffer.from("\0user\0pencil") });
    expect(done).toMatchObject({ complete: 1, nil: 1 });
  });

  test.each([
    ["PLAIN", "\0user"],
    ["PLAIN", "\0\0pencil"],
    ["PLAIN", "\0user\0pencil\0"],
    ["PLAIN", "\xff\xfe"],
    ["SCRAM-SHA-256", ""],
    ["SCRAM-SHA-256", "p=tls-unique,,n=user,r=nonce"],
    ["SCRAM-SHA-256", "n,,n=us=er,r=nonce"],
    ["SCRAM-SHA-256", "n,,m=extension,n=user,r=nonce"],
    ["SCRAM-SHA-256", "n,,n=user"],
  ])("refuses what is no message of %s: %j", async (mech, text) => {
    const { session } = visit();
    await session.call(authSaslInit, undefined);
    const start = { mech, nil: 0, data: Buffer.from(text, "latin1") };
    await expect(session.call(authSaslStart, start)).rejects.toMatchObject(refused);
  });

  test.each([
    ["another nonce", (first: string) => `c=biws,r=x${first}`],
    ["no proof", (first: string) => `c=biws,r=${first}`],
    ["another header", (first: string) => `c=eSws,r=${first},p=${"A".repeat(43)}=`],
    ["a proof that is too short", (first: string) => `c=biws,r=${first},p=AAAA`],
    ["a proof of nothing", (first: string) => `c=biws,r=${first},p=${"A".repeat(43)}=`],
  ])("refuses a last message of SCRAM with %s", async (_what, last) => {
    const { session } = visit();
    await session.call(authSaslInit, undefined);
    const start = { mech: "SCRAM-SHA-256", nil: 0, data: Buffer.from("n,,n=user,r=nonce") };
    const { data } = await session.call(authSaslStart, start);
    const nonce = /^r=(nonce[^,]+),/.exec(Buffer.from(data).toString())?.[1] ?? "";
    expect(nonce.length).toBeGreaterThan(20);
    const step = session.call(authSaslStep, { nil: 0, data: Buffer.from(last(nonce)) });
    await expect(step).rejects.toMatchObject(refused);
  });

  test("salts the same for the same name, there or not", async () => {
    const salt = async (name: string) => {
      const { session } = visit();
      await session.call(authSaslInit, undefined);
      const start = { mech: "SCRAM-SHA-256", nil: 0, data: Buffer.from(`n,,n=${name},r=nonce`) };
      return /s=([^,]+)/.exec(Buffer.from((await session.call(authSaslStart, start)).data).toString())?.[1];
    };
    expect(await salt("nobody")).toBe(await salt("nobody"));
    expect(await salt("nobody")).not.toBe(await salt("user"));
  });

  test("knows nothing of polkit", async () => {
    const { session } = visit();
    await expect(session.call(authPolkit, undefined)).rejects.toMatchObject(refused);
  });
});

test("a server that wants none refuses SASL", async () => {
  const server = new Server({ handlers: new Handlers(() => undefined) });
  const session = new Session(server.connect());
  onTestFinished(() => session.close());
  await expect(session.call(authSaslInit, undefined)).rejects.toMatchObject(refused);
  await session.call(connectOpen, { name: null, flags: 0 });
});

test("options that cannot be meant are refused", () => {
  const make = (auth: unknown) => () =>
    new Server({ handlers: new Handlers(() => undefined), auth: auth as SaslOptions });
  expect(make({ mechanisms: ["GSSAPI"] })).toThrow(
    new TypeError("auth.mechanisms: GSSAPI is none of SCRAM-SHA-256, PLAIN, EXTERNAL"),
  );
  expect(make({ users: { user: 5 } })).toThrow(new TypeError("auth.users: a password must be a string"));
});
