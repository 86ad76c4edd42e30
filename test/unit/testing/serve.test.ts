import { existsSync, renameSync, statSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import { type ServeOptions, serve } from "../../../src/testing/serve.js";
import { Authority } from "../../support/certificates.js";
import { anyHandlers } from "./server/meeting.js";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "virtwire-serve-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

async function served(listen: string | string[], options: Partial<ServeOptions<undefined>> = {}) {
  const server = await serve({ handlers: anyHandlers(), ...options, listen });
  onTestFinished(() => server.close());
  return server;
}

describe("serving", () => {
  test("listens on all that it is told to, until it is closed", async () => {
    const path = join(await folder(), "sock");
    const server = await served([`unix:${path}`, `unix-ro:${path}-ro`, "tcp:127.0.0.1:0", "tcp:[::1]:0"]);
    const [unix, readonly, four, six] = server.addresses;
    expect([unix, readonly]).toEqual([`unix:${path}`, `unix-ro:${path}-ro`]);
    expect(four).toMatch(/^tcp:127\.0\.0\.1:[1-9]\d*$/);
    expect(six).toMatch(/^tcp:\[::1\]:[1-9]\d*$/);
    const sockets = [connect(path), connect(Number(four?.split(":").at(-1)), "127.0.0.1")];
    const closed = sockets.map((socket) => new Promise((resolve) => socket.on("close", resolve).resume()));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
    await server.close();
    await Promise.all(closed);
    expect(existsSync(path)).toBe(false);
    await server.close();
  });

  test("lets this user alone to its sockets, or whom it is told to", async () => {
    const path = join(await folder(), "sock");
    await served(`unix:${path}`);
    await served(`unix:${path}2`, { unixMode: 0o666 });
    expect([statSync(path).mode & 0o777, statSync(`${path}2`).mode & 0o777]).toEqual([0o600, 0o666]);
  });

  test("takes the place of a server that is gone, and of no other", async () => {
    const path = join(await folder(), "sock");
    const first = await served(`unix:${path}`);
    const refusal = new ConnectionError(`Cannot listen on unix:${path}: another server listens there`);
    await expect(served(`unix:${path}`)).rejects.toThrow(refusal);
    await first.close();
    // As a server leaves it that was killed: nobody listens, but the file is there.
    const killed = createServer().listen(`${path}.old`);
    await new Promise((resolve) => killed.on("listening", resolve));
    renameSync(`${path}.old`, path);
    await new Promise((resolve) => killed.close(resolve));
    expect(existsSync(path)).toBe(true);
    await served(`unix:${path}`);
  });

  test("leaves a file alone that is no socket, and listens nowhere if not everywhere", async () => {
    const path = join(await folder(), "sock");
    await writeFile(path, "text");
    const attempt = served([`unix:${path}-other`, `unix:${path}`]);
    await expect(attempt).rejects.toThrow(ConnectionError);
    await expect(attempt).rejects.toThrow(`Cannot listen on unix:${path}: `);
    expect([existsSync(path), existsSync(`${path}-other`)]).toEqual([true, false]);
  });

  test("says what is in the way of a port", async () => {
    const { addresses } = await served("tcp:127.0.0.1:0");
    await expect(served(addresses[0]!)).rejects.toThrow(
      /^Cannot listen on tcp:127\.0\.0\.1:\d+: .*EADDRINUSE/,
    );
  });

  test("listens on Linux's abstract sockets", async () => {
    const name = `virtwire-test-${process.pid}`;
    await served(`unix:@${name}`);
    const socket = connect(`\0${name}`);
    await new Promise((resolve) => socket.on("connect", resolve));
    socket.destroy();
  });

  test.each([
    [["http://host"], /^listen: http:\/\/host is none of unix:PATH/],
    [["tcp:host"], /is none of/],
    [["tcp:host:99999"], /is none of/],
    [["unix:"], /is none of/],
    [[], /nothing to listen on/],
    [["tls:127.0.0.1:0"], /takes the option tls/],
  ])("cannot be done on %j", async (listen, message) => {
    await expect(served(listen)).rejects.toThrow(TypeError);
    await expect(served(listen)).rejects.toThrow(message);
  });

  test("does not wait, when it is closed, for those who have not finished the handshake", async () => {
    await using authority = await Authority.create("virtwire serve");
    const { cert, key } = await authority.issue({ subject: "/CN=localhost", usage: "serverAuth" });
    const tls = { cert: await readFile(cert), key: await readFile(key) };
    const server = await served("tls:127.0.0.1:0", { tls });
    const socket = connect(Number(server.addresses[0]?.split(":").at(-1)), "127.0.0.1");
    const closed = new Promise((resolve) => socket.on("close", resolve).resume());
    socket.on("error", () => {});
    // The beginning of a handshake, and no more.
    socket.write(Uint8Array.of(22, 3, 1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await server.close();
    await closed;
  });

  test("lets nobody log in where anybody could listen", async () => {
    const attempt = served("tcp:127.0.0.1:0", { auth: { users: { user: "pencil" } } });
    await expect(attempt).rejects.toThrow(/^listen: over tcp: nobody can log in safely/);
  });
});
