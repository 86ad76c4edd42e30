import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createMemoryPair } from "../../../src/transport/memory.js";
import { connectProcess } from "../../../src/transport/process.js";
import { socketTransport } from "../../../src/transport/socket.js";
import { connectSsh2 } from "../../../src/transport/ssh2.js";
import { connectTcp } from "../../../src/transport/tcp.js";
import { connectTls } from "../../../src/transport/tls.js";
import type { Transport } from "../../../src/transport/transport.js";
import { connectUnix } from "../../../src/transport/unix.js";
import { parseUri } from "../../../src/transport/uri.js";
import { Authority, type Issued } from "../../support/certificates.js";
import { fakeHost } from "./fake-host.js";
import { listen, temporaryDirectory } from "./peers.js";
import { Recorder, settle } from "./recorder.js";
import { bridgeTo, serveSsh } from "./ssh-server.js";
import { serveTls } from "./tls-server.js";

async function unixPair(): Promise<[Transport, Transport]> {
  const path = join(await temporaryDirectory(), "sock");
  const listener = await listen({ path });
  const client = await connectUnix([{ path, daemon: undefined, session: false }], fakeHost({}));
  return [
    client,
    socketTransport(await listener.accept(), { peer: "client", secure: true, encrypted: false }),
  ];
}

async function tcpPair(): Promise<[Transport, Transport]> {
  const listener = await listen({ host: "127.0.0.1", port: 0 });
  const client = await connectTcp("127.0.0.1", listener.port);
  return [
    client,
    socketTransport(await listener.accept(), { peer: "client", secure: false, encrypted: false }),
  ];
}

/** Through a program that passes on to a socket what it reads, and back. */
async function processPair(): Promise<[Transport, Transport]> {
  const listener = await listen({ host: "127.0.0.1", port: 0 });
  const peer = { peer: "process", secure: true, encrypted: false };
  const bridge = `const s = require("net").connect(${listener.port}, "127.0.0.1", () => {
    process.stdin.pipe(s).pipe(process.stdout);
  });`;
  const client = await connectProcess(process.execPath, ["-e", bridge], peer);
  return [client, socketTransport(await listener.accept(), { ...peer, peer: "client" })];
}

let authority: Authority;
let issued: Issued;
beforeAll(async () => {
  authority = await Authority.create("virtwire test CA");
  issued = await authority.issue({
    subject: "/CN=localhost",
    usage: "serverAuth",
    subjectAltName: "IP:127.0.0.1",
  });
});
afterAll(() => authority[Symbol.asyncDispose]());

async function tlsPair(): Promise<[Transport, Transport]> {
  const server = await serveTls(issued, (session) => session.write(Uint8Array.of(1)));
  const options = { tls: { ca: await readFile(authority.cert) }, uri: { pkipath: authority.directory } };
  const client = await connectTls("127.0.0.1", server.port, fakeHost({}), options);
  const [session] = server.sessions;
  if (!session) throw new Error("no session came to be");
  return [client, socketTransport(session, { peer: "client", secure: true, encrypted: true })];
}

/** Through a command on an ssh server that passes on to a socket what it gets, and back. */
async function sshPair(): Promise<[Transport, Transport]> {
  const listener = await listen({ host: "127.0.0.1", port: 0 });
  const server = await serveSsh({ execute: bridgeTo(listener.port) });
  const uri = parseUri(`test+libssh2://127.0.0.1:${server.port}/default`);
  const client = await connectSsh2(uri, fakeHost({}), { ssh: { hostKey: server.hostKey } });
  return [
    client,
    socketTransport(await listener.accept(), { peer: "client", secure: true, encrypted: false }),
  ];
}

const bytes = (text: string) => Buffer.from(text);

describe.each([
  ["unix", unixPair],
  ["tcp", tcpPair],
  ["tls", tlsPair],
  ["process", processPair],
  ["ssh2", sshPair],
  ["ssh2, the other way round", async () => (await sshPair()).reverse() as [Transport, Transport]],
  ["memory", async () => createMemoryPair()],
] as const)("every transport's promises, kept by %s", (_, connect) => {
  async function pair(): Promise<[Transport, Transport]> {
    const both = await connect();
    onTestFinished(() => both.forEach((transport) => void transport.destroy()));
    return both;
  }

  test("bytes arrive in order, both ways", async () => {
    const [one, two] = await pair();
    const [left, right] = [Recorder.on(one), Recorder.on(two)];
    for (const word of ["a", "bc", "def"]) {
      one.write(bytes(word));
      two.write(bytes(word.toUpperCase()));
    }
    await right.until(() => right.text === "abcdef");
    await left.until(() => left.text === "ABCDEF");
  });

  test("a large write arrives whole", async () => {
    const [one, two] = await pair();
    const right = Recorder.on(two);
    const large = Buffer.alloc(33_554_436, "0123456789abcdef!");
    one.write(large.subarray(0, 20_000_000));
    one.write(large.subarray(20_000_000));
    await right.until(() => right.size === large.length);
    expect(Buffer.concat(right.chunks).equals(large)).toBe(true);
  });

  test("says whether all has been sent, and if not, once when it has", async () => {
    const [one, two] = await pair();
    const [left, right] = [Recorder.on(one), Recorder.on(two)];
    let size = 0;
    // There may be nothing left in a moment, as where what is sent is encrypted first: so often is it told.
    let leftovers = 0;
    const write = (bytes: number) => {
      if (!one.write(Buffer.alloc(bytes))) leftovers++;
      size += bytes;
    };
    write(1);
    await right.until(() => right.size === 1);
    await left.until(() => left.drains === leftovers);
    two.pause();
    while (left.drains === leftovers) {
      write(100_000);
      for (let turn = 0; turn < 3; turn++) await settle();
    }
    expect(left.drains).toBe(leftovers - 1);
    two.resume();
    await left.until(() => left.drains === leftovers);
    await right.until(() => right.size === size);
    write(1);
    await left.until(() => left.drains === leftovers);
    await settle();
    expect(left.drains).toBe(leftovers);
    expect(right.drains).toBe(0);
  });

  test("uses no memory that has been sent", async () => {
    const [one, two] = await pair();
    const [left, right] = [Recorder.on(one), Recorder.on(two)];
    const memory = Buffer.alloc(100_000);
    for (let round = 1; round <= 20; round++) {
      const drains = left.drains;
      memory.fill(round);
      if (!one.write(memory)) await left.until(() => left.drains > drains);
    }
    memory.fill(0);
    await right.until(() => right.size === 2_000_000);
    const received = Buffer.concat(right.chunks);
    for (let round = 1; round <= 20; round++) {
      const part = received.subarray((round - 1) * memory.length, round * memory.length);
      expect(part.equals(Buffer.alloc(memory.length, round))).toBe(true);
    }
  });

  test("does not tell of what will never be sent", async () => {
    const [one, two] = await pair();
    const left = Recorder.on(one);
    two.pause();
    while (one.write(Buffer.alloc(100_000))) await settle();
    one.destroy();
    expect(one.write(bytes("too late"))).toBe(true);
    two.resume();
    await left.untilClosed();
    await settle();
    expect(left.drains).toBe(0);
  });

  test("what arrives before the start waits for it", async () => {
    const [one, two] = await pair();
    one.write(bytes("early"));
    await settle();
    const right = Recorder.on(two);
    expect(right.size).toBe(0);
    await right.until(() => right.text === "early");
  });

  test("nobody is called back from within their own call", async () => {
    const [one, two] = await pair();
    let writing = false;
    let reentered = false;
    const right = new Recorder(() => {
      reentered ||= writing;
      writing = true;
      two.write(bytes("x"));
      writing = false;
    });
    const left = new Recorder(() => {
      reentered ||= writing;
      writing = true;
      if (left.size < 10) one.write(bytes("x"));
      writing = false;
    });
    one.start(left);
    two.start(right);
    one.write(bytes("x"));
    await left.until(() => left.size === 10);
    expect(reentered).toBe(false);

    one.destroy();
    expect(left.closings).toEqual([]);
    await left.untilClosed();
  });

  test("a pause holds back all that comes, and resuming lets it go", async () => {
    const [one, two] = await pair();
    const right = Recorder.on(two);
    two.pause();
    one.write(bytes("held"));
    await settle();
    expect(right.size).toBe(0);
    two.resume();
    await right.until(() => right.text === "held");
  });

  test("a pause from within a delivery holds back the next", async () => {
    const [one, two] = await pair();
    const right = new Recorder(() => two.pause());
    two.start(right);
    // More than one read can bring.
    one.write(Buffer.alloc(1_000_000));
    one.write(Buffer.alloc(1_000_000));
    await right.until(() => right.chunks.length === 1);
    await settle();
    expect(right.chunks).toHaveLength(1);
    while (right.size < 2_000_000) {
      const before = right.size;
      two.resume();
      await right.until(() => right.size > before);
    }
  });

  test("an end sends what was written before it, and closes both sides", async () => {
    const [one, two] = await pair();
    const [left, right] = [Recorder.on(one), Recorder.on(two)];
    one.write(Buffer.alloc(5_000_000));
    one.write(bytes("last"));
    one.end();
    one.end();
    one.write(bytes("too late"));
    await Promise.all([left.untilClosed(), right.untilClosed()]);
    expect(right.size).toBe(5_000_004);
    await settle();
    expect(left.closings).toEqual([undefined]);
    expect(right.closings).toEqual([undefined]);
  });

  test("a paused side learns of the end when it resumes", async () => {
    const [one, two] = await pair();
    const right = Recorder.on(two);
    two.pause();
    one.write(bytes("last"));
    one.end();
    await settle();
    expect(right.closings).toEqual([]);
    two.resume();
    await right.untilClosed();
    expect(right.text).toBe("last");
    expect(right.closings).toEqual([undefined]);
  });

  test("destroying gives the first error given, once, and lets the other side know", async () => {
    const [one, two] = await pair();
    const [left, right] = [Recorder.on(one), Recorder.on(two)];
    const error = new Error("enough");
    one.destroy(error);
    one.destroy(new Error("more than enough"));
    one.end();
    one.write(bytes("too late"));
    await Promise.all([left.untilClosed(), right.untilClosed()]);
    await settle();
    expect(left.closings).toEqual([error]);
    expect(right.closings).toHaveLength(1);
    expect(right.size).toBe(0);
    two.destroy(new Error("long over"));
    one.pause();
    one.resume();
    await settle();
    expect(right.closings).toHaveLength(1);
  });

  test("destroying after an end does not wait for it", async () => {
    const [one, two] = await pair();
    const left = Recorder.on(one);
    two.pause();
    one.write(Buffer.alloc(20_000_000));
    one.end();
    one.destroy();
    await left.untilClosed();
    expect(left.closings).toEqual([undefined]);
  });

  test("nothing more is delivered once it is destroyed", async () => {
    const [one, two] = await pair();
    const right = new Recorder(() => two.destroy());
    two.start(right);
    two.pause();
    for (const word of ["first", "second", "third"]) {
      one.write(Buffer.alloc(100_000, word));
      await settle();
    }
    two.resume();
    await right.untilClosed();
    await settle();
    expect(right.chunks).toHaveLength(1);
    expect(right.size).toBeLessThan(300_000);
    expect(right.closings).toEqual([undefined]);
  });

  test("what is over before the start is told after it", async () => {
    const [one] = await pair();
    const error = new Error("never mind");
    one.destroy(error);
    await settle();
    const left = Recorder.on(one);
    expect(left.closings).toEqual([]);
    await left.untilClosed();
    expect(left.closings).toEqual([error]);
  });

  test("may be said to keep the process running, or not, also when it is gone", async () => {
    const warnings: Error[] = [];
    const noted = (warning: Error) => warnings.push(warning);
    process.on("warning", noted);
    onTestFinished(() => void process.off("warning", noted));
    const [one] = await pair();
    const left = Recorder.on(one);
    one.destroy();
    for (let times = 0; times < 20; times++) {
      one.ref();
      one.unref();
    }
    await left.untilClosed();
    await settle();
    expect(warnings).toEqual([]);
  });

  test("names its peer", async () => {
    const [one] = await pair();
    expect(one.peer).toMatch(/^(unix:\/.*sock|(tcp|tls|libssh2):127\.0\.0\.1:\d+|process|memory|client)$/);
    expect(one.secure).toBe(!one.peer.startsWith("tcp:"));
    expect(one.encrypted).toBe(one.peer.startsWith("tls:"));
  });
});
