import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MessageError, type MessageHeader, MessageType } from "../../src/protocol/generated/net.js";
import * as qemu from "../../src/protocol/generated/qemu.js";
import * as remote from "../../src/protocol/generated/remote.js";
import type { Procedure } from "../../src/protocol/procedure.js";
import { decode, encode } from "../../src/protocol/xdr.js";
import { type Served, serve } from "../../src/testing/serve.js";
import { socketTransport } from "../../src/transport/socket.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { SaslAccounts } from "../support/sasl.js";
import { SmallDriver } from "../support/small-driver.js";
import { announce, type Frame, frame, Peer } from "../unit/rpc/peer.js";

let directory: string;
let accounts: SaslAccounts;
const daemons: Record<Door, Libvirtd> = {} as Record<Door, Libvirtd>;
const servers: Served[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-interop-"));
  accounts = await SaslAccounts.create("SCRAM-SHA-256 PLAIN");
  await accounts.add("alice", "pencil");
  const { env, settings: conf } = accounts;
  const { handlers } = new SmallDriver();
  const listen = (door: Door) => [`unix:${directory}/${door}`, `unix-ro:${directory}/${door}-ro`];
  daemons.open = await startLibvirtd();
  daemons.sasl = await startLibvirtd({ env, conf });
  servers.push(await serve({ handlers, listen: listen("open") }));
  const auth = { users: { alice: "pencil" }, mechanisms: ["SCRAM-SHA-256", "PLAIN"] } as const;
  servers.push(await serve({ handlers, listen: listen("sasl"), auth }));
});

afterAll(async () => {
  for (const server of servers) await server.close();
  for (const daemon of Object.values(daemons)) await daemon.stop();
  await accounts[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

type Side = "libvirtd" | "ours";

/** Whether one has to log in. */
type Door = "open" | "sasl";

interface Entrance {
  readonly readonly?: boolean;
  readonly door?: Door;
}

async function meet(side: Side, { readonly = false, door = "open" }: Entrance): Promise<Peer> {
  const theirs = readonly ? daemons[door].readonlySocketPath : daemons[door].socketPath;
  const path = side === "libvirtd" ? theirs : `${directory}/${door}${readonly ? "-ro" : ""}`;
  const socket = connectSocket(path);
  await new Promise((resolve) => socket.on("connect", resolve));
  return new Peer(socketTransport(socket, { peer: side, secure: true, encrypted: false }));
}

let lastSerial = 0;

function call<Args>({ program, number, args: codec }: Procedure<Args, unknown>, args: Args): Uint8Array {
  return frame(
    { prog: program, proc: number, type: MessageType.CALL, serial: ++lastSerial },
    encode(codec, args),
  );
}

const raw = (header: Partial<MessageHeader>, payload?: Uint8Array) =>
  frame({ type: MessageType.CALL, serial: ++lastSerial, ...header }, payload);

const open = (flags = 0) => call(remote.connectOpen, { name: "test:///default", flags });

/** What one side makes of some messages: its answers, and whether it has dropped the connection. */
async function answers(side: Side, messages: readonly Uint8Array[], entrance: Entrance) {
  const peer = await meet(side, entrance);
  let isClosed = false;
  void peer.closed.then(() => {
    isClosed = true;
  });
  const seen: unknown[] = [];
  for (const message of messages) {
    peer.send(message);
    const answer = await Promise.race([peer.next(), peer.closed]);
    if (isClosed) break;
    seen.push(understood(answer as Frame));
  }
  peer.destroy();
  return { seen, isClosed };
}

function understood({ header, payload }: Frame): unknown {
  if (header.status !== 1) return { header, payload: Buffer.from(payload).toString("hex") };
  const { str1, ...error } = decode(MessageError, payload);
  // Newer releases number the places for arguments.
  return { header, error: { ...error, str1: str1?.replaceAll("%1$s", "%s") } };
}

async function expectSame(messages: readonly Uint8Array[], entrance: Entrance = {}): Promise<unknown> {
  const theirs = await answers("libvirtd", messages, entrance);
  expect(await answers("ours", messages, entrance)).toEqual(theirs);
  return theirs;
}

const web = {
  name: "test",
  uuid: Buffer.from("6695eb01f6a48304 79aa97f2502e193f".replace(" ", ""), "hex"),
  id: 1,
};
const nothing = new Uint8Array(0);

describe("what libvirtd refuses is refused in its words:", () => {
  test.each<[what: string, messages: () => Uint8Array[]]>([
    ["a program that there is not", () => [raw({ prog: 0x12345678, proc: 3 })]],
    ["a program with a high number", () => [raw({ prog: 0xfffffff0, vers: 0xffffffff, proc: 3 })]],
    ["a version that there is not", () => [raw({ vers: 2, proc: 3 })]],
    ["a procedure that there is not", () => [raw({ proc: 99_999 })]],
    ["a procedure below nothing", () => [raw({ proc: -1 })]],
    ["an event that is called", () => [raw({ proc: remote.domainEventLifecycle.number })]],
    ["a call with a status", () => [raw({ proc: 3, status: 1 })]],
    ["a call with a status that there is not", () => [raw({ proc: 3, status: 77 })]],
    ["arguments that are none", () => [open(), raw({ proc: remote.domainLookupByName.number }, nothing)]],
    [
      "a text longer than it is",
      () => [open(), raw({ proc: remote.domainLookupByName.number }, Uint8Array.of(0, 0, 0, 99, 0, 0, 0, 0))],
    ],
    [
      "a text longer than texts may be",
      () => [open(), raw({ proc: remote.domainLookupByName.number }, new Uint8Array(4_194_312).fill(0x40))],
    ],
    ["a call before the hypervisor is open", () => [call(remote.connectGetType, undefined)]],
    ["a feature before the hypervisor is open", () => [call(remote.connectSupportsFeature, { feature: 14 })]],
    ["to open it twice", () => [open(), open()]],
    ["SASL where there is none", () => [call(remote.authSaslInit, undefined)]],
    ["a step of SASL", () => [call(remote.authSaslStep, { nil: 1, data: nothing })]],
    [
      "what the driver does not do",
      () => [
        open(),
        call(remote.domainMigrateGetMaxDowntime, { dom: web, flags: 0 }),
        call(remote.nodeGetSevInfo, { nparams: 0, flags: 0 }),
        call(remote.secretGetXmlDesc, { secret: { uuid: web.uuid, usageType: 0, usageID: "" }, flags: 0 }),
        call(qemu.domainMonitorCommand, { dom: web, cmd: "help", flags: 0 }),
      ],
    ],
    [
      "changes, to one who only wants to look",
      () => [
        open(1),
        call(remote.domainCreate, { dom: web }),
        call(remote.domainMigrateSetMaxDowntime, { dom: web, downtime: 1n, flags: 0 }),
        call(remote.domainSetMaxMemory, { dom: web, memory: 1n }),
      ],
    ],
  ])("%s", async (_what, messages) => {
    const { seen } = (await expectSame(messages())) as { seen: unknown[] };
    expect(JSON.stringify(seen.at(-1))).toContain('"code":');
  });

  test("changes, to one who came by the socket for those who look", async () => {
    const messages = [open(), call(remote.domainCreate, { dom: web })];
    expect(JSON.stringify(await expectSame(messages, { readonly: true }))).toContain(
      "read only access prevents",
    );
  });
});

describe("what libvirtd drops is dropped:", () => {
  test.each([0, 3, 27, 33_554_437])("who announces a message of %i bytes", async (length) => {
    expect(await expectSame([announce(length, 23)])).toEqual({ seen: [], isClosed: true });
  });

  test("who takes leave, behind the answer", async () => {
    const messages = [open(), call(remote.connectClose, undefined), call(remote.connectGetType, undefined)];
    expect(await expectSame(messages)).toMatchObject({ isClosed: true, seen: { length: 2 } });
  });
});

test("what libvirtd says of itself is said", async () => {
  await expectSame([
    call(remote.authList, undefined),
    call(remote.connectSupportsFeature, { feature: 10 }),
    open(),
    call(remote.connectSupportsFeature, { feature: 14 }),
    call(remote.connectSupportsFeature, { feature: 15 }),
  ]);
});

describe("a login is taken and refused in libvirtd's words:", () => {
  const start = (mech: string, text: string) =>
    call(remote.authSaslStart, { mech, nil: 0, data: Buffer.from(text) });
  const step = (text: string) => call(remote.authSaslStep, { nil: 0, data: Buffer.from(text) });
  const begin = () => call(remote.authSaslInit, undefined);

  test.each<[what: string, messages: () => Uint8Array[]]>([
    [
      "nobody comes in without",
      () => [call(remote.authList, undefined), open(), call(remote.connectClose, undefined)],
    ],
    ["nobody is watched without", () => [call(remote.connectSupportsFeature, { feature: 10 })]],
    ["nothing is there that there is not", () => [raw({ proc: 99_999 }), raw({ vers: 7, proc: 1 })]],
    ["it begins at the beginning", () => [start("PLAIN", "\0alice\0pencil"), step("x")]],
    ["there is such a mechanism", () => [begin(), start("CRAM-MD5", "x"), begin()]],
    ["it begins once", () => [begin(), begin()]],
    ["the password is right", () => [begin(), start("PLAIN", "\0alice\0pen"), open(), begin()]],
    ["there is such a user", () => [begin(), start("PLAIN", "\0bob\0pencil")]],
    ["it is a name and a password", () => [begin(), start("PLAIN", "alice")]],
    ["a first message is one", () => [begin(), start("SCRAM-SHA-256", "x")]],
  ])("%s", async (_what, messages) => {
    expect(JSON.stringify(await expectSame(messages(), { door: "sasl" }))).toMatch(/"code":(39|45),/);
  });
});
