import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { AuthenticationError, type AuthOption, connect } from "../../src/index.js";
import { serve } from "../../src/testing/serve.js";
import type { ClientIdentity } from "../../src/testing/server/client.js";
import { Handlers } from "../../src/testing/server/handlers.js";
import { Authority, type Issued } from "../support/certificates.js";
import { virsh } from "../support/sasl.js";
import { temporaryDirectory } from "../unit/transport/peers.js";

// libvirt's own daemons never offer EXTERNAL, so a server of ours does.

interface Scene {
  /** Whom the server took its clients for. */
  readonly seen: readonly ClientIdentity[];
  /** A URI that leads to the server, with EXTERNAL for the mechanism. */
  uri(transport: "unix" | "tls"): string;
}

let authority: Authority;
let server: Issued;
let client: Issued;

beforeAll(async () => {
  authority = await Authority.create("virtwire test CA");
  const names = { subject: "/CN=localhost", subjectAltName: "DNS:localhost" };
  server = await authority.issue({ ...names, usage: "serverAuth" });
  client = await authority.issue({ subject: "/O=virtwire/CN=somebody", usage: "clientAuth" });
});

afterAll(() => authority?.[Symbol.asyncDispose]());

async function scene(unixMode = 0o600): Promise<Scene> {
  const path = join(await temporaryDirectory(), "sock");
  const seen: ClientIdentity[] = [];
  const served = await serve({
    listen: [`unix:${path}`, "tls:127.0.0.1:0"],
    unixMode,
    tls: {
      cert: await readFile(server.cert),
      key: await readFile(server.key),
      ca: await readFile(authority.cert),
    },
    handlers: new Handlers((_args, { identity }) => void seen.push(identity)),
    auth: { users: { user: "pencil" } },
  });
  onTestFinished(() => served.close());
  const port = /\d+$/.exec(served.addresses[1]!)![0];
  const uris = {
    unix: `test+unix:///default?socket=${path}&auth=sasl.EXTERNAL`,
    tls: `test+tls://localhost:${port}/default?auth=sasl.EXTERNAL`,
  };
  return { seen, uri: (transport) => uris[transport] };
}

describe("EXTERNAL", () => {
  test("logs us in by the socket that we could open", async () => {
    const { uri, seen } = await scene();
    await using conn = await connect(uri("unix"));
    expect(conn.isAlive()).toBe(true);
    expect(seen).toEqual([{ saslUserName: userInfo().username }]);
  });

  test("logs us in by our certificate", async () => {
    const { uri, seen } = await scene();
    await using conn = await connect(uri("tls"), { tls: { ca: authority.cert, ...client } });
    expect(conn.isAlive()).toBe(true);
    const x509Dname = "O=virtwire,CN=somebody";
    expect(seen).toEqual([{ saslUserName: x509Dname, x509Dname }]);
  });

  test("is preferred to a password in clear, and comes after one that stays secret", async () => {
    const { uri, seen } = await scene();
    const unnamed = uri("unix").replace("&auth=sasl.EXTERNAL", "");
    for (const auth of [undefined, { username: "user", password: "pencil" }]) {
      await using conn = await connect(unnamed, { auth });
      expect(conn.isAlive()).toBe(true);
    }
    expect(seen.map(({ saslUserName }) => saslUserName)).toEqual([userInfo().username, "user"]);
  });

  test("lets nobody act as somebody else", async () => {
    const { uri, seen } = await scene();
    const auth: AuthOption = { username: "somebody else", authname: userInfo().username, password: "" };
    const error = await connect(uri("unix"), { auth }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect((error as Error).message).toContain(
      "authentication failed: authentication failed. Check the name",
    );
    expect(seen).toEqual([]);
  });

  test("is not there for who came by a socket that anybody can open, neither for us nor for virsh", async () => {
    const { uri, seen } = await scene(0o666);
    const error = await connect(uri("unix")).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect((error as Error).message).toBe(
      "The daemon does not offer the SASL mechanism EXTERNAL of the URI's auth=, but SCRAM-SHA-256, PLAIN",
    );
    expect(await virsh(uri("unix"))).toContain("SASL mechanism EXTERNAL not supported by server");
    expect(seen).toEqual([]);
  });
});
