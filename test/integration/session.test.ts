import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { ConnectionError, connect, LibvirtError, ProtocolError } from "../../src/index.js";
import { ping } from "../../src/protocol/generated/keepalive.js";
import { MessageType } from "../../src/protocol/generated/net.js";
import { connectClose, connectGetHostname } from "../../src/protocol/generated/remote.js";
import { daemons } from "../support/daemons.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { run } from "../unit/rpc/child.js";
import {
  announce,
  errorTo,
  eventFrame,
  type Frame,
  frame,
  joined,
  type Peer,
  replyTo,
} from "../unit/rpc/peer.js";
import { opening, type Server, serve } from "../unit/rpc/server.js";

const MiB = 1024 * 1024;
const GETHOSTNAME = connectGetHostname.number;

/** Has something expected that other processes will see to. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 30_000 });

/** A daemon that opens properly, and answers the first question for the host's name like this. */
function answering(answer: (call: Frame, peer: Peer) => void): Promise<Server> {
  return serve((call, peer) => {
    if (!opening(call, peer) && call.header.proc === GETHOSTNAME) answer(call, peer);
  });
}

const sending =
  (...parts: readonly ((call: Frame) => Uint8Array)[]) =>
  (call: Frame, peer: Peer) =>
    peer.send(...parts.map((part) => part(call)));

/** What a peer may do instead of answering, and what becomes of the call and, where it ends, the connection. */
const hostilities: [string, (call: Frame, peer: Peer) => void, string, string | undefined][] = [
  ["a length of 3", sending(() => announce(3, 100)), "ProtocolError", "error"],
  ["a length of 27", sending(() => announce(27, 100)), "ProtocolError", "error"],
  ["a length of 32 MiB and 5 bytes", sending(() => announce(33_554_437, 100)), "ProtocolError", "error"],
  ["a length of 4 GiB", sending(() => announce(0xffffffff, 100)), "ProtocolError", "error"],
  [
    "a reply from an unknown program",
    sending(({ header }) => frame({ ...header, type: MessageType.REPLY, prog: 0x12345678 })),
    "ProtocolError",
    "error",
  ],
  [
    "a reply to an unknown serial",
    sending(({ header }) => frame({ ...header, type: MessageType.REPLY, serial: 0x80000000 })),
    "ProtocolError",
    "error",
  ],
  [
    "a call of its own",
    sending(({ header }) => frame({ ...header, type: MessageType.CALL })),
    "ProtocolError",
    "error",
  ],
  [
    "half a message",
    (_, peer) => {
      peer.send(announce(1000, 100));
      peer.end();
    },
    "ConnectionError",
    "eof",
  ],
  ["nothing and goes", (_, peer) => peer.end(), "ConnectionError", "eof"],
  ["an error without a message", sending((call) => errorTo(call, { code: 1 })), "LibvirtError", undefined],
  [
    "a result that cannot be read",
    sending(({ header }) => frame({ ...header, type: MessageType.REPLY }, new Uint8Array(5))),
    "ProtocolError",
    undefined,
  ],
];

describe("a peer that answers a call with", () => {
  test.each(hostilities)("%s", async (_, hostility, name, reason) => {
    const server = await answering(hostility);
    const conn = await connect(server.uri);
    const [asked, unanswered] = [conn.getHostname(), conn.nodeGetInfo()];
    unanswered.catch(() => {});
    const error = await asked.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name });
    expect((error as Error).message).not.toBe("");
    if (reason) {
      expect(await conn.closed).toEqual({ reason, error });
      await expect(unanswered).rejects.toBe(error);
      await expect(conn.getHostname()).rejects.toBe(error);
      expect(conn.isAlive()).toBe(false);
    } else {
      expect(conn.isAlive()).toBe(true);
    }
    await conn.close();
    if (!reason) await expect(unanswered).rejects.toThrow(ConnectionError);
    await eventually(() => server.open.size).toBe(0);
  });
});

describe("a peer that is no daemon", () => {
  test.each<[string, (peer: Peer) => void, typeof ProtocolError | typeof ConnectionError, RegExp]>([
    [
      "speaks another protocol",
      (peer) => peer.send(Buffer.from("220 mail ESMTP\r\n")),
      ProtocolError,
      /announced/,
    ],
    ["hangs up", (peer) => peer.end(), ConnectionError, /closed the connection/],
    [
      "answers before it is asked",
      (peer) => peer.send(frame({ serial: 1, proc: 1 })),
      ProtocolError,
      /not made/,
    ],
  ])("but %s is named in the error", async (_, greet, kind, message) => {
    const server = await serve(() => {}, greet);
    const attempt = connect(server.uri);
    await expect(attempt).rejects.toThrow(kind);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toThrow(/^tcp:127\.0\.0\.1:\d+ /);
    await eventually(() => server.open.size).toBe(0);
  });

  test("a daemon that will not open tells why", async () => {
    const server = await serve((call, peer) => {
      if (call.header.proc === 1) peer.send(errorTo(call, { code: 38, message: "not here" }));
      else opening(call, peer);
    });
    const attempt = connect(server.uri);
    await expect(attempt).rejects.toThrow(LibvirtError);
    await expect(attempt).rejects.toMatchObject({ code: 38, message: "not here" });
    await eventually(() => server.open.size).toBe(0);
  });
});

describe("memory stays flat", () => {
  test("whatever length is announced", async () => {
    let announced = 0;
    const server = await answering((_, peer) => {
      peer.send(announce(32 * MiB, 100));
      announced++;
    });
    const connections = await Promise.all(Array.from({ length: 20 }, () => connect(server.uri)));
    const before = process.memoryUsage().arrayBuffers;
    const calls = Promise.allSettled(connections.map((conn) => conn.getHostname()));
    await eventually(() => announced).toBe(20);
    // What was sent has arrived when a later message of the same machine has.
    const other = await answering((call, peer) =>
      peer.send(replyTo(call, connectGetHostname, { hostname: "x" })),
    );
    await using conn = await connect(other.uri);
    await conn.getHostname();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MiB);
    await Promise.all(connections.map((each) => each.close()));
    expect((await calls).map(({ status }) => status)).toEqual(Array(20).fill("rejected"));
  });

  test("when a peer sends without end and reads nothing", async () => {
    const nothingWanted = [
      ...Array.from({ length: 20 }, () => eventFrame(ping, undefined)),
      frame({ type: MessageType.MESSAGE, proc: 107 }, new Uint8Array(64)),
      frame({ type: MessageType.STREAM, proc: 209, status: 2 }, new Uint8Array(64)),
    ];
    const flood = joined(...Array.from({ length: 500 }, () => joined(...nothingWanted)));
    const server = await serve((call, peer, socket) => {
      if (opening(call, peer)) return;
      socket.pause();
      const answer = replyTo(call, connectGetHostname, { hostname: "x" });
      let left = 64 * MiB;
      const pour = () => {
        while (left > 0) {
          left -= flood.length;
          if (!socket.write(flood)) return void socket.once("drain", pour);
        }
        socket.write(answer);
      };
      pour();
    });
    const child = run(
      `
      const conn = await connect(uri);
      collect();
      const before = process.memoryUsage();
      await conn.getHostname();
      await collect();
      const after = process.memoryUsage();
      say([after.arrayBuffers - before.arrayBuffers, after.heapUsed - before.heapUsed]);
      process.exit();
      `,
      server.uri,
    );
    const [arrayBuffers, heapUsed] = JSON.parse((await child.line()) ?? "[]");
    expect(arrayBuffers).toBeLessThan(8 * MiB);
    expect(heapUsed).toBeLessThan(8 * MiB);
    expect(await child.ended).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a process", () => {
  test("that meets them all ends by itself, with every rejection handled", async () => {
    const servers = await Promise.all(hostilities.map(([, hostility]) => answering(hostility)));
    const child = run(
      `
      for (const each of [uri, ...uris]) {
        const conn = await connect(each);
        await conn.getHostname().catch((error) => say(error.name));
      }
      `,
      ...servers.map(({ uri }) => uri),
    );
    const outcome = await child.ended;
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.lines.map((line) => JSON.parse(line))).toEqual(hostilities.map(([, , name]) => name));
  });

  test.each([
    ["only connects and closes", "await (await connect(uri)).close();"],
    ["disposes of its connection", "await (await connect(uri))[Symbol.asyncDispose]();"],
    ["forgets to close", "const conn = await connect(uri); await conn.getHostname();"],
    [
      "forgets to close, and waits for the end",
      "const conn = await connect(uri); conn.closed.then(() => {});",
    ],
    [
      "does not wait for closing",
      "const conn = await connect(uri); conn.close(); conn.close(); conn.getHostname().catch(() => {});",
    ],
    [
      "gives up a call",
      `const conn = await connect(uri);
       await conn.nodeGetInfo({ timeoutMs: 10 }).catch((error) => say(error.name));`,
    ],
    [
      "cannot connect",
      `await connect("test+tcp://127.0.0.1:1/").catch((error) => say(error.name));
       await connect(uri, { maxInFlight: 0 }).catch((error) => say(error.name));
       await connect(uri, { signal: AbortSignal.abort() }).catch((error) => say(error.name));`,
    ],
  ])("that %s ends by itself", async (_, program) => {
    const server = await answering((call, peer) =>
      peer.send(replyTo(call, connectGetHostname, { hostname: "x" })),
    );
    const outcome = await run(program, server.uri).ended;
    expect(outcome).toMatchObject({ code: 0, signal: null, stderr: "" });
    await eventually(() => server.open.size).toBe(0);
  });

  test("is kept running by a call, until its answer", async () => {
    let answer = () => {};
    const server = await answering((call, peer) => {
      answer = () => peer.send(replyTo(call, connectGetHostname, { hostname: "at last" }));
    });
    const child = run(
      `
      const conn = await connect(uri);
      const call = conn.getHostname();
      setTimeout(() => say("waiting"), 50);
      say(await call);
      `,
      server.uri,
    );
    expect(await child.line()).toBe('"waiting"');
    answer();
    expect(await child.ended).toMatchObject({ code: 0, lines: ['"waiting"', '"at last"'], stderr: "" });
  });
});

describe("a connection that is dropped without having been closed", () => {
  const farewells = ({ peers }: Server) =>
    peers.filter(({ frames }) => frames.some(({ header }) => header.proc === connectClose.number)).length;

  test.each(["{}", "{ reconnect: true }"])(
    "is closed when it is collected, with the options %s",
    async (options) => {
      const server = await serve(opening);
      const child = run(
        `
      for (let count = 0; count < 50; count++) await connect(uri, ${options});
      say("dropped");
      let ended = false;
      told().then(() => { ended = true; });
      while (!ended) await collect();
      `,
        server.uri,
      );
      expect(await child.line()).toBe('"dropped"');
      await eventually(() => server.open.size).toBe(0);
      expect(server.peers).toHaveLength(50);
      expect(farewells(server)).toBe(50);
      child.tell("enough");
      expect(await child.ended).toMatchObject({ code: 0, stderr: "" });
    },
  );

  test.each([
    [
      "a call of its own",
      "connect(uri).then((conn) => conn.call(remote.connectGetHostname, undefined)).then((r) => r.hostname)",
    ],
    ["a method's", "connect(uri).then((conn) => conn.getHostname())"],
  ])("but not before the answer to %s", async (_, expression) => {
    let answer = () => {};
    const server = await answering((call, peer) => {
      answer = () => peer.send(replyTo(call, connectGetHostname, { hostname: "here" }));
    });
    const child = run(
      `
      const call = ${expression};
      await new Promise((resolve) => setTimeout(resolve, 100));
      await collect();
      await collect();
      say("collected");
      say(await call);
      await collect();
      `,
      server.uri,
    );
    expect(await child.line()).toBe('"collected"');
    expect(farewells(server)).toBe(0);
    answer();
    expect(await child.ended).toMatchObject({ code: 0, lines: ['"collected"', '"here"'], stderr: "" });
  });

  test("is kept by what came from it", async () => {
    const server = await answering((call, peer) =>
      peer.send(replyTo(call, connectGetHostname, { hostname: "x" })),
    );
    const child = run(
      `
      const method = await (async () => { const conn = await connect(uri); return () => conn.getHostname(); })();
      await collect();
      await collect();
      say(await method());
      `,
      server.uri,
    );
    expect(await child.ended).toMatchObject({ code: 0, lines: ['"x"'], stderr: "" });
  });
});

describe("libvirtd", () => {
  /** How many clients the daemon has, by its own account. */
  async function clients({ adminSocketPath }: Libvirtd): Promise<number> {
    const uri = `libvirtd:///system?socket=${adminSocketPath}`;
    const { stdout } = await promisify(execFile)("virt-admin", ["--connect", uri, "client-list", "libvirtd"]);
    return stdout.match(/^ *\d+ /gm)?.length ?? 0;
  }

  test("has no client left, however connections end", async () => {
    await using libvirtd = await startLibvirtd({ tcp: true });
    const uris = [libvirtd.uri("test"), libvirtd.uri("test", { transport: "tcp" })];
    for (const uri of uris) {
      const connections = await Promise.all(Array.from({ length: 50 }, () => connect(uri)));
      expect(await clients(libvirtd)).toBe(50);
      const calls = connections.map((conn) => conn.getCapabilities());
      const outcomes = Promise.allSettled(calls);
      await Promise.all(connections.map((conn) => conn.close()));
      for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: "rejected" });
      await eventually(() => clients(libvirtd)).toBe(0);
    }

    const dropped = run(
      `
      for (const each of [uri, ...uris]) for (let count = 0; count < 25; count++) await connect(each);
      say("dropped");
      let ended = false;
      told().then(() => { ended = true; });
      while (!ended) await collect();
      `,
      ...uris,
    );
    expect(await dropped.line()).toBe('"dropped"');
    await eventually(() => clients(libvirtd)).toBe(0);
    dropped.tell("enough");
    expect(await dropped.ended).toMatchObject({ code: 0, stderr: "" });

    const forgotten = run(
      "for (const each of [uri, ...uris]) await (await connect(each)).getHostname();",
      ...uris,
    );
    expect(await forgotten.ended).toMatchObject({ code: 0, stderr: "" });
    await eventually(() => clients(libvirtd)).toBe(0);
  });
});

describe.each(daemons)("a process of %s", (_, start) => {
  test("that is killed takes its calls and its connections with it, and no more", async () => {
    const daemon = await start();
    onTestFinished(() => daemon.stop());
    const connections = await Promise.all([
      connect(daemon.uri("test")),
      connect(daemon.uri("test", { transport: "tcp" })),
    ]);
    process.kill(daemon.pid, "SIGSTOP");
    const calls = connections.map((conn) => conn.getHostname());
    const outcomes = Promise.allSettled(calls);
    await daemon.kill();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { name: "ConnectionError" } });
    }
    for (const conn of connections) {
      expect((await conn.closed).reason).not.toBe("client");
      await expect(conn.getHostname()).rejects.toThrow(conn.peer);
      await conn.close();
    }
    await daemon.start();
    await using again = await connect(daemon.uri("test"));
    expect(await again.getHostname()).not.toBe("");
  });
});
