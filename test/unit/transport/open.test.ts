import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConnectionError, UnsupportedError } from "../../../src/errors.js";
import { openTransport } from "../../../src/transport/open.js";
import { parseUri } from "../../../src/transport/uri.js";
import { fakeHost } from "./fake-host.js";
import { listen, temporaryDirectory } from "./peers.js";

function open(uri: string, options = {}) {
  return openTransport(parseUri(uri), options);
}

describe("opening a URI", () => {
  test("by a unix socket that it names", async () => {
    const path = join(await temporaryDirectory(), "a sock");
    await listen({ path });
    const transport = await open(`test+unix:///default?socket=${encodeURIComponent(path)}`);
    expect(transport).toMatchObject({ peer: `unix:${path}`, secure: true });
    transport.destroy();
  });

  test("by the session's own socket, where it is preferred to libvirtd's", async () => {
    const runtime = await temporaryDirectory();
    await mkdir(join(runtime, "libvirt"));
    const host = fakeHost({ uid: 1000, env: { XDG_RUNTIME_DIR: runtime, LIBVIRT_AUTOSTART: "0" } });
    await expect(open("qemu:///session", { host })).rejects.toThrow(ConnectionError);
    for (const name of ["libvirt-sock", "virtqemud-sock"]) {
      const path = join(runtime, "libvirt", name);
      await listen({ path });
      for (const readonly of [true, false]) {
        const transport = await open("qemu:///session", { host, readonly });
        expect(transport.peer).toBe(`unix:${path}`);
        transport.destroy();
      }
    }
    const legacy = await open("qemu:///session?mode=legacy", { host });
    expect(legacy.peer).toBe(`unix:${join(runtime, "libvirt", "libvirt-sock")}`);
    legacy.destroy();
  });

  test("by TCP", async () => {
    const { port } = await listen({ host: "127.0.0.1", port: 0 });
    const transport = await open(`test+tcp://127.0.0.1:${port}/default`);
    expect(transport).toMatchObject({ peer: `tcp:127.0.0.1:${port}`, secure: false });
    transport.destroy();
  });

  test("by TCP at this machine and the usual port, if it names neither", async () => {
    const signal = AbortSignal.timeout(5000);
    const outcome = await open("test+tcp:///default", { signal }).then(
      (transport) => {
        transport.destroy();
        return transport.peer;
      },
      (error: Error) => error.message,
    );
    // Whether a daemon listens there is this machine's affair.
    expect(outcome).toContain("localhost:16509");
  });

  test("by a program that it names", async () => {
    const transport = await open("test+ext:///default?command=cat");
    expect(transport).toMatchObject({ peer: "ext:cat", secure: false });
    transport.destroy();
  });

  test("by the system's ssh", async () => {
    const transport = await open("qemu+ssh://me@host/system?command=cat");
    expect(transport).toMatchObject({ peer: "ssh:me@host", secure: true });
    transport.destroy();
  });

  test.each(["libssh2", "libssh"])("by the package ssh2, for %s", async (name) => {
    const listener = await listen({ host: "127.0.0.1", port: 0 });
    const controller = new AbortController();
    const { signal } = controller;
    const opening = open(`test+${name}://127.0.0.1:${listener.port}/default`, { signal });
    const socket = await listener.accept();
    controller.abort("enough");
    await expect(opening).rejects.toBe("enough");
    socket.resume();
    await once(socket, "end");
  });

  test.each(["esx://host/", "hyperv://host/", "vmwareplayer:///session"])(
    "is not possible by %s, which no daemon serves",
    async (uri) => {
      await expect(open(uri)).rejects.toThrow(UnsupportedError);
      await expect(open(uri)).rejects.toThrow("no libvirt daemon");
    },
  );

  test("is not possible where the C library would be the hypervisor's driver itself", async () => {
    await expect(open("qemu:///embed?root=/x")).rejects.toThrow(UnsupportedError);
  });

  test("does not begin if it is aborted", async () => {
    const signal = AbortSignal.abort("no more");
    await expect(open("test+tcp://127.0.0.1:1/", { signal })).rejects.toBe("no more");
    await expect(open("qemu://host/", { signal })).rejects.toBe("no more");
  });
});
