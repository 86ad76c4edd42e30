import { getEventListeners } from "node:events";
import { chmod, chown, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import { thisHost } from "../../../src/transport/host.js";
import { connectTcp } from "../../../src/transport/tcp.js";
import { connectUnix } from "../../../src/transport/unix.js";
import { fakeHost } from "./fake-host.js";
import { listen, temporaryDirectory } from "./peers.js";
import { Recorder, settle } from "./recorder.js";

function legacy(path: string, session = false) {
  return { path, daemon: "libvirtd", session };
}

async function failure(
  attempt: Promise<unknown>,
): Promise<ConnectionError & { cause: NodeJS.ErrnoException }> {
  const error = await attempt.then(
    () => new Error("it succeeded"),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ConnectionError);
  return error;
}

/** A port of this machine where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Sockets and pipes that keep this process running. */
function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Pipe|Connect/.test(name));
}

describe("a unix socket", () => {
  test("is the first of those that exist", async () => {
    const directory = await temporaryDirectory();
    const [direct, old] = [join(directory, "virtqemud-sock"), join(directory, "libvirt-sock")];
    const listener = await listen({ path: old });
    const first = await connectUnix([legacy(direct), legacy(old)], thisHost());
    expect(first.peer).toBe(`unix:${old}`);
    first.destroy();
    await listener.accept();

    await listen({ path: direct });
    const second = await connectUnix([legacy(direct), legacy(old)], thisHost());
    expect(second.peer).toBe(`unix:${direct}`);
    second.destroy();
  });

  test("may be an abstract one", async () => {
    const name = `virtwire-test-${process.pid}`;
    const listener = await listen({ path: `\0${name}` });
    const transport = await connectUnix([legacy(`@${name}`)], thisHost());
    (await listener.accept()).end("hello");
    const recorder = Recorder.on(transport);
    await recorder.untilClosed();
    expect(recorder.text).toBe("hello");
  });

  test("that is missing: where it should be and how to start what makes it", async () => {
    const path = join(await temporaryDirectory(), "libvirt-sock");
    const error = await failure(connectUnix([legacy(path)], thisHost()));
    expect(error.message).toContain(`Cannot connect to ${path}: there is no such socket`);
    expect(error.message).toContain("Start libvirtd");
    expect(error.message).toContain("libvirt-daemon-system");
    expect(error.cause.code).toBe("ENOENT");
  });

  test("that is missing under every name: all of them", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "file"), "");
    const paths = ["virtqemud-sock", "file/sock", "libvirt-sock"].map((name) => join(directory, name));
    const sockets = paths.map((path) => legacy(path, true));
    const error = await failure(connectUnix(sockets, fakeHost({ uid: 1234 })));
    expect(error.message).toContain(`none of its sockets exists (tried ${paths.join(", ")})`);
    expect(error.message).toContain("Start libvirtd as user 1234");
    expect(error.message).not.toContain("libvirt-daemon-system");
  });

  test("that the user named and is missing: to look at the name", async () => {
    const path = join(await temporaryDirectory(), "sock");
    const socket = { path, daemon: undefined, session: false };
    expect((await failure(connectUnix([socket], thisHost()))).message).toContain(
      "Check the socket= of the URI",
    );
  });

  test("that nobody listens on any more, before one that works", async () => {
    const directory = await temporaryDirectory();
    const [stale, old] = [join(directory, "virtqemud-sock"), join(directory, "libvirt-sock")];
    await writeFile(stale, "");
    await listen({ path: old });
    const error = await failure(connectUnix([legacy(stale), legacy(old)], thisHost()));
    expect(error.message).toContain(`Cannot connect to ${stale}: the socket is there, but nothing listens`);
    expect(error.cause.code).toBe("ECONNREFUSED");
  });

  test("that may not be used: whose it is, and which group to join", async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, "libvirt-sock");
    await listen({ path });
    await chmod(directory, 0o755);
    // Not root's group, which this process keeps.
    if (process.geteuid?.() === 0) await chown(path, 0, 54321);
    const { gid } = await stat(path);
    const groups = `first:x:1${gid}:\nlibvirt:x:${gid}:a,b\nlast:x:${gid}1:\n`;
    const host = fakeHost({ uid: 1234, files: { "/etc/group": groups } });

    await chmod(path, 0o060);
    const error = await asNobody(() => failure(connectUnix([legacy(path)], host)));
    expect(error.cause.code).toBe("EACCES");
    expect(error.message).toContain("permission denied for user 1234");
    expect(error.message).toMatch(
      /belongs to user \d+ and group libvirt, with mode 60\. Join the group libvirt and/,
    );

    await chmod(path, 0);
    const { message } = await asNobody(() => failure(connectUnix([legacy(path)], host)));
    expect(message).toMatch(/with mode 0\. Run as user \d+, or/);
  });

  test("behind a closed folder: that it is the folder", async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, "libvirt-sock");
    await listen({ path });
    await chmod(directory, 0);
    const attempt = (session: boolean) => failure(connectUnix([legacy(path, session)], thisHost()));
    const system = await asNobody(() => attempt(false));
    const session = await asNobody(() => attempt(true));
    await chmod(directory, 0o700);
    expect(system.cause.code).toBe("EACCES");
    expect(system.message).toMatch(/A folder on the way to it is closed to this user.*qemu:\/\/\/session/);
    expect(session.message).toMatch(/A folder on the way to it is closed to this user.*XDG_RUNTIME_DIR/);
  });

  test("with a path longer than the kernel takes", async () => {
    const path = `/tmp/${"ä".repeat(60)}`;
    expect((await failure(connectUnix([legacy(path)], thisHost()))).message).toMatch(/has at most \d+ bytes/);
  });
});

describe("a TCP host", () => {
  test("that refuses: what listens there, and what makes it listen", async () => {
    const port = await closedPort();
    const error = await failure(connectTcp("127.0.0.1", port));
    expect(error.message).toContain(`Cannot connect to 127.0.0.1:${port}: nothing listens there`);
    expect(error.message).toContain("libvirtd-tcp.socket");
    expect(error.cause.code).toBe("ECONNREFUSED");
  });

  test("that refuses at an IPv6 address", async () => {
    const port = await closedPort();
    expect((await failure(connectTcp("::1", port))).message).toContain(`Cannot connect to [::1]:${port}: `);
  });

  test("that refuses at each of its addresses", async () => {
    const port = await closedPort();
    const { message } = await failure(connectTcp("localhost", port));
    expect(message).toContain(`Cannot connect to localhost:${port}: nothing listens there`);
    expect(message).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
  });

  test("that is unknown", async () => {
    // Too long a label for the DNS, so nobody is asked.
    const host = `${"x".repeat(64)}.invalid`;
    const error = await failure(connectTcp(host, 16509));
    expect(error.message).toContain(`Cannot connect to ${host}:16509: no such host`);
    expect(error.cause.code).toBe("ENOTFOUND");
  });
});

describe("a connection", () => {
  test("that the peer half closes is over, for nothing sent can be answered any more", async () => {
    const listener = await listen({ host: "127.0.0.1", port: 0 });
    const transport = await connectTcp("127.0.0.1", listener.port);
    const server = await listener.accept();
    const recorder = Recorder.on(transport);
    transport.write(Buffer.alloc(50_000_000));
    server.end("bye");
    await recorder.untilClosed();
    expect(recorder.text).toBe("bye");
    expect(recorder.closings).toEqual([undefined]);
    transport.write(Buffer.from("nobody reads this"));
    transport.end();
    await settle();
    expect(recorder.closings).toHaveLength(1);
  });

  test("that breaks: with which peer, and why", async () => {
    const listener = await listen({ host: "127.0.0.1", port: 0 });
    const transport = await connectTcp("127.0.0.1", listener.port);
    const server = await listener.accept();
    const recorder = Recorder.on(transport);
    server.write("x");
    await recorder.until(() => recorder.text === "x");
    server.resetAndDestroy();
    await recorder.untilClosed();
    const [error] = recorder.closings;
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error?.message).toBe(`The connection to tcp:127.0.0.1:${listener.port} broke: read ECONNRESET`);
    expect(recorder.closings).toHaveLength(1);
  });

  test.each(["resetAndDestroy", "end"] as const)(
    "that a TCP peer ends without a word (%s): that it may expect TLS",
    async (end) => {
      const listener = await listen({ host: "127.0.0.1", port: 0 });
      const transport = await connectTcp("127.0.0.1", listener.port);
      const server = await listener.accept();
      const recorder = Recorder.on(transport);
      server[end]();
      await recorder.untilClosed();
      const [error] = recorder.closings;
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error?.message).toContain(`tcp:127.0.0.1:${listener.port}`);
      expect(error?.message).toContain("If it expects TLS there, use +tls in the URI");
    },
  );

  test("slows the peer down while it is paused", async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, "sock");
    const listener = await listen({ path });
    const transport = await connectUnix([legacy(path)], thisHost());
    const server = await listener.accept();
    const recorder = Recorder.on(transport);
    const size = 64 * 1024 * 1024;
    transport.pause();
    let sent = false;
    server.write(Buffer.alloc(size), () => {
      sent = true;
    });
    await settle();
    expect(sent).toBe(false);
    expect(server.writableLength).toBe(size);
    expect(recorder.size).toBe(0);
    transport.resume();
    await recorder.until(() => recorder.size === size);
    expect(sent).toBe(true);
    transport.destroy();
    await recorder.untilClosed();
  });

  test("keeps the process running, or not, as told", async () => {
    const before = handles();
    const listener = await listen({ host: "127.0.0.1", port: 0 });
    const transport = await connectTcp("127.0.0.1", listener.port);
    const server = await listener.accept();
    const open = handles();
    transport.unref();
    expect(handles()).toHaveLength(open.length - 1);
    transport.ref();
    expect(handles()).toHaveLength(open.length);
    const recorder = Recorder.on(transport);
    transport.end();
    await recorder.untilClosed();
    server.destroy();
    await settle();
    // What is left over is the listener.
    expect(handles()).toHaveLength(before.length + 1);
  });
});

describe("an aborted connection attempt", () => {
  const reason = new Error("changed my mind");

  test("is none if it was aborted before", async () => {
    const signal = AbortSignal.abort(reason);
    await expect(connectTcp("127.0.0.1", 1, { signal })).rejects.toBe(reason);
    await expect(connectUnix([legacy("/nowhere")], thisHost(), { signal })).rejects.toBe(reason);
  });

  test("ends with the signal's reason and leaves nothing open", async () => {
    const path = join(await temporaryDirectory(), "sock");
    const tcp = await listen({ host: "127.0.0.1", port: 0 });
    const unix = await listen({ path });
    const before = handles();
    const attempts = [
      (signal: AbortSignal) => connectTcp("127.0.0.1", tcp.port, { signal }),
      (signal: AbortSignal) => connectTcp("localhost", tcp.port, { signal }),
      (signal: AbortSignal) => connectUnix([legacy(path)], thisHost(), { signal }),
    ];
    for (const attempt of attempts) {
      const controller = new AbortController();
      const connecting = attempt(controller.signal);
      controller.abort(reason);
      await expect(connecting).rejects.toBe(reason);
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    }
    await settle();
    // Whether an attempt got as far as the server is a race; this side of it is gone in any case.
    expect(handles()).toHaveLength(before.length + tcp.accepted.length + unix.accepted.length);
  });

  test("does not concern a connection that stands", async () => {
    const listener = await listen({ host: "127.0.0.1", port: 0 });
    const controller = new AbortController();
    const transport = await connectTcp("127.0.0.1", listener.port, { signal: controller.signal });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    controller.abort(reason);
    const recorder = Recorder.on(transport);
    (await listener.accept()).end("still here");
    await recorder.untilClosed();
    expect(recorder.text).toBe("still here");
  });

  test("or a failed one leaves no listener on the signal", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    await failure(connectTcp("127.0.0.1", await closedPort(), { signal }));
    await failure(connectUnix([legacy("/nowhere/sock")], thisHost(), { signal }));
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

/** Runs as a user without rights: root is let through everywhere. */
async function asNobody<T>(body: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return body();
  process.seteuid?.(65534);
  try {
    return await body();
  } finally {
    process.seteuid?.(0);
  }
}
