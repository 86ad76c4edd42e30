import { expect, test } from "vitest";
import { MessageStatus, MessageType } from "../../../src/protocol/generated/net.js";
import { domainEventCallbackLifecycle } from "../../../src/protocol/generated/remote.js";
import { WireTrace } from "../../../src/rpc/wire-trace.js";
import { domain, found, lookUp } from "./calls.js";
import { converse, exchange } from "./conversation.js";
import { data, hole, openDownload, sparse } from "./packets.js";
import { announce, errorTo, eventFrame, frame } from "./peer.js";

/** A conversation, and what is printed of it: without the time, a line for each message. */
function traced() {
  const both = converse();
  const printed: string[] = [];
  both.session.show(
    new WireTrace(7, (text) =>
      printed.push(
        text
          .replace(/\n */g, " ")
          .replace(/^virtwire \S{12} #7 /, "")
          .trim(),
      ),
    ),
  );
  return { ...both, printed };
}

test("calls, replies, errors and events are shown", async () => {
  const { session, peer, printed } = traced();
  const calls = [lookUp(session, "web"), lookUp(session, "nobody")];
  peer.send(
    found(await peer.next()),
    errorTo(await peer.next(), { code: 42, message: "no //me:geheim@host" }),
  );
  peer.send(
    eventFrame(domainEventCallbackLifecycle, {
      callbackID: 1,
      msg: { ...domain("web"), event: 2, detail: 0 },
    }),
  );
  await Promise.allSettled(calls);
  expect(printed).toEqual([
    "> call 1 remote.domainLookupByName, 36 bytes { name: 'web' }",
    "> call 2 remote.domainLookupByName, 40 bytes { name: 'nobody' }",
    `< reply 1 remote.domainLookupByName, 56 bytes { dom: { name: 'web', uuid: ${"07".repeat(16)}, id: 1 } }`,
    expect.stringMatching(
      /^< reply 2 remote.domainLookupByName error, \d+ bytes { code: 42, .*'no \/\/me:\*\*\*@host'/,
    ),
    expect.stringMatching(
      /^< event remote.domainEventCallbackLifecycle, \d+ bytes { callbackID: 1, msg: .*event: 2/,
    ),
  ]);
});

test("of a stream only sizes are shown, even of packets that come in parts", async () => {
  const both = traced();
  const { stream, call } = await openDownload(both, {}, sparse);
  both.printed.length = 0;
  const packet = data(call, "geheim".repeat(1000));
  both.peer.send(packet.subarray(0, 100));
  both.peer.send(packet.subarray(100));
  both.peer.send(hole(call, 5000n));
  await stream.next();
  await stream.next();
  await stream.next();
  stream.abort();
  expect(both.printed).toEqual([
    "< stream 1 remote.storageVolDownload, 6028 bytes",
    "< hole 1 remote.storageVolDownload, 40 bytes { length: 5000n, flags: 0 }",
    "> stream 1 remote.storageVolDownload error, 28 bytes",
  ]);
});

test("what is unknown or garbage is shown as such, and changes nothing", async () => {
  const both = traced();
  const header = { type: MessageType.MESSAGE, status: MessageStatus.OK, serial: 0 };
  both.peer.send(frame({ ...header, prog: 5, proc: 6 }, new TextEncoder().encode("geheim")));
  both.peer.send(frame({ ...header, proc: domainEventCallbackLifecycle.number }, new Uint8Array(2)));
  await exchange(both);
  expect(both.printed.slice(0, 4)).toEqual([
    "< event procedure 6 of program 0x5, 34 bytes",
    expect.stringMatching(/^< event remote.domainEventCallbackLifecycle, 30 bytes: .*callbackID/),
    "> call 1 remote.connectGetHostname, 28 bytes",
    "< reply 1 remote.connectGetHostname, 36 bytes { hostname: 'here' }",
  ]);
  both.peer.send(announce(3));
  expect(await both.session.closed).toMatchObject({ reason: "error" });
  expect(both.printed.at(-1)).toMatch(/^the trace ends: the peer announced a message of 3 bytes/);
});
