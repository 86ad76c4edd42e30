import { once } from "node:events";
import type { ServerChannel } from "ssh2";
import { expect, test } from "vitest";
import { ProtocolError } from "../../../../src/errors.js";
import type { SshOptions } from "../../../../src/transport/ssh/options.js";
import { connectSsh2 } from "../../../../src/transport/ssh2.js";
import type { Transport } from "../../../../src/transport/transport.js";
import { parseUri } from "../../../../src/transport/uri.js";
import { fakeHost } from "../fake-host.js";
import { Recorder, settle } from "../recorder.js";
import { type SshServer, serveSsh } from "../ssh-server.js";

function reach({ port, hostKey }: SshServer, ssh: SshOptions = {}): Promise<Transport> {
  const uri = parseUri(`test+libssh2://127.0.0.1:${port}/default`);
  return connectSsh2(uri, fakeHost({}), { ssh: { hostKey, ...ssh } });
}

test("a server that sends more than it has been given room for is dropped", async () => {
  const server = await serveSsh({
    execute: (channel) => {
      channel.on("error", () => {});
      (channel.outgoing as { window: number }).window = 2 ** 30;
      // Once the room is used up to the last byte the package ssh2 lets fall what comes, so this must not fit in exactly.
      for (let count = 0; count < 64; count++) channel.write(Buffer.alloc(1_000_003));
    },
  });
  const transport = await reach(server);
  const recorder = new Recorder(() => transport.pause());
  transport.start(recorder);
  await recorder.untilClosed();
  expect(recorder.closings).toEqual([expect.any(ProtocolError)]);
});

test.each([
  ["with no word of the command's end", (_: ServerChannel) => {}],
  ["after the command's end", (channel: ServerChannel) => channel.exit(0)],
])("a server that goes %s, while something is unread, ends all in good order", async (_, before) => {
  const server = await serveSsh({
    execute: (channel) => {
      channel.on("error", () => {});
      before(channel);
      channel.write(Buffer.alloc(1_500_000));
    },
  });
  const transport = await reach(server);
  const recorder = new Recorder();
  transport.pause();
  transport.start(recorder);
  await settle();
  const [socket] = server.sockets;
  socket?.end();
  await once(socket!, "close");
  for (let count = 0; count < 10; count++) transport.write(Buffer.alloc(100_000));
  transport.resume();
  transport.end();
  await recorder.untilClosed();
  await settle();
  expect(recorder.closings).toHaveLength(1);
});

test("a server that takes no password but a new one is no place to log in", async () => {
  const server = await serveSsh({
    authenticate: (context) => {
      if (context.method === "password") context.requestChange("A new one, please", () => {});
      else context.reject(["password"]);
    },
  });
  const uri = parseUri(`test+libssh2://127.0.0.1:${server.port}/default`);
  const failing = connectSsh2(uri, fakeHost({}), {
    ssh: { hostKey: server.hostKey },
    answers: { password: async () => "old", ask: undefined },
  });
  await expect(failing).rejects.toThrow(/which takes password: .*password: it has expired/);
});
