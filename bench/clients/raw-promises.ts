/**
 * The least that a client has to do whose calls are told apart: a promise a call, its reply found by its serial, and
 * what is written in one tick written at once. Nothing is decoded: raw-promises.ts WORK COUNT SOCKET
 */
import { connect, type Socket } from "node:net";
import { decode, remote } from "../../src/protocol/index.js";
import { callFrame } from "../frames.js";
import { callers, chosen, repeatAsync, serve, type Work } from "../worker.js";

const serialAt = 20;
const headerEnd = 28;

class RawConnection {
  readonly #socket: Socket;
  readonly #pending = new Map<number, (reply: Buffer) => void>();
  #serial = 0;
  #outgoing: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on("end", () => process.exit(1));
    this.#socket.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  call(prepared: Uint8Array): Promise<Buffer> {
    const frame = Buffer.from(prepared);
    const serial = ++this.#serial;
    frame.writeUInt32BE(serial, serialAt);
    if (this.#outgoing.push(frame) === 1) process.nextTick(() => this.#flush());
    return new Promise((resolve) => this.#pending.set(serial, resolve));
  }

  close(): void {
    this.#socket.removeAllListeners("end").destroy();
  }

  #flush(): void {
    this.#socket.write(this.#outgoing.length === 1 ? this.#outgoing[0]! : Buffer.concat(this.#outgoing));
    this.#outgoing = [];
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= headerEnd) {
      const end = at + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      const serial = bytes.readUInt32BE(at + serialAt);
      this.#pending.get(serial)!(bytes.subarray(at, end));
      this.#pending.delete(serial);
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }
}

const count = Number(process.argv[3]);
const path = process.argv[4]!;
const frames = {
  authList: callFrame(remote.authList, undefined),
  open: callFrame(remote.connectOpen, { name: "test:///default", flags: 0 }),
  close: callFrame(remote.connectClose, undefined),
  version: callFrame(remote.connectGetLibVersion, undefined),
  list: callFrame(remote.connectListAllDomains, { needResults: 1, flags: 0 }),
};

async function open(): Promise<RawConnection> {
  const connection = new RawConnection(path);
  await connection.call(frames.authList);
  await connection.call(frames.open);
  return connection;
}

async function connectAndCall(): Promise<number> {
  const connection = await open();
  await connection.call(frames.version);
  await connection.call(frames.close);
  connection.close();
  return 1;
}

/** The domains are known: what to ask for is prepared, as everything else here. */
async function listXml(connection: RawConnection): Promise<Work> {
  const reply = await connection.call(frames.list);
  const { domains } = decode(remote.connectListAllDomains.ret, reply.subarray(headerEnd));
  const wanted = domains.map((dom) => callFrame(remote.domainGetXmlDesc, { dom, flags: 0 }));
  return repeatAsync(async () => {
    await connection.call(frames.list);
    let next = 0;
    const caller = async () => {
      while (next < wanted.length) await connection.call(wanted[next++]!);
    };
    await Promise.all(Array.from({ length: count }, caller));
    return wanted.length;
  });
}

const works: Readonly<Record<string, () => Promise<Work>>> = {
  connect: async () => repeatAsync(connectAndCall),
  async getLibVersion() {
    const connection = await open();
    return callers(count, () => connection.call(frames.version));
  },
  async getInfo() {
    const connection = await open();
    const found = await connection.call(callFrame(remote.domainLookupByName, { name: "test" }));
    const { dom } = decode(remote.domainLookupByName.ret, found.subarray(headerEnd));
    const frame = callFrame(remote.domainGetInfo, { dom });
    return callers(count, () => connection.call(frame));
  },
  listXML: async () => listXml(await open()),
};
await serve(await chosen(works)());
process.exit();
