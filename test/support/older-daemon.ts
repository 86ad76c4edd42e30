import { createServer, connect as dial, type Socket } from "node:net";
import { join } from "node:path";
import { ErrorDomain, ErrorLevel, ErrorNumber } from "../../src/generated/constants.js";
import { MessageError, MessageStatus, MessageType } from "../../src/protocol/generated/net.js";
import { beginFrame, endFrame, maxFrameLength, readHeader } from "../../src/protocol/message.js";
import type { Procedure } from "../../src/protocol/procedure.js";
import { XdrReader, XdrWriter } from "../../src/protocol/xdr.js";
import { Framer } from "../../src/rpc/framer.js";
import type { Libvirtd } from "./libvirtd.js";

/** A daemon's socket, behind which it knows some procedures no more: as its older releases did not know them yet. */
export class OlderDaemon implements AsyncDisposable {
  readonly path: string;
  /** The numbers of the procedures that were asked for, known or not. */
  readonly asked: number[] = [];
  readonly #daemon: Libvirtd;
  readonly #unknown: ReadonlySet<number>;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#serve(client));

  constructor(daemon: Libvirtd, unknown: readonly Pick<Procedure<never, never>, "number">[]) {
    this.#daemon = daemon;
    this.#unknown = new Set(unknown.map(({ number }) => number));
    this.path = join(daemon.directory, "run", "older-sock");
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.path, resolve));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket): void {
    const daemon = dial(this.#daemon.socketPath);
    for (const [socket, other] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => other.destroy());
    }
    const framer = new Framer(maxFrameLength, (bytes, start, end) => {
      const frame = bytes.slice(start, end);
      const header = readHeader(new XdrReader(frame.subarray(4)));
      this.asked.push(header.proc);
      if (this.#unknown.has(header.proc))
        client.write(unknownProcedure(header.prog, header.proc, header.serial));
      else daemon.write(frame);
    });
    client.on("data", (bytes) => framer.push(bytes));
    daemon.on("data", (bytes) => client.write(bytes));
  }
}

/** What libvirtd answers to a procedure that it has never heard of. */
function unknownProcedure(prog: number, proc: number, serial: number): Uint8Array {
  const to = new XdrWriter();
  const start = beginFrame(to, {
    ...{ prog, vers: 1, proc, serial },
    ...{ type: MessageType.REPLY, status: MessageStatus.ERROR },
  });
  MessageError.encode(to, "error", {
    ...{ code: ErrorNumber.RPC, domain: ErrorDomain.RPC, level: ErrorLevel.ERROR, int1: -1, int2: -1 },
    ...{ message: `unknown procedure: ${proc}`, str1: null, str2: null, str3: null, dom: null, net: null },
  });
  endFrame(to, start);
  return to.take();
}
