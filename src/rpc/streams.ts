import {
  MessageError,
  type MessageHeader,
  MessageStatus,
  MessageType,
  StreamHole,
} from "../protocol/generated/net.js";
import { type Procedure, programVersion } from "../protocol/procedure.js";
import { decode } from "../protocol/xdr.js";
import { reported } from "./failures.js";
import { RpcStream, type StreamOptions } from "./stream.js";

/** What the streams of a session need of it. */
export interface StreamHost {
  /** Sends a packet, behind all that was written before. */
  send(header: MessageHeader, payload: Uint8Array): void;
  whenRoom(send: () => void): void;
  /** Somebody waits for a stream, or does no longer. */
  awaited(change: 1 | -1): void;
  lagging(change: 1 | -1, resumable: boolean): void;
}

/** What names a stream on the wire, and in errors. */
type Opener = Pick<Procedure<never, unknown>, "program" | "number" | "name" | "since">;

interface OpenStream {
  readonly procedure: Opener;
  readonly stream: RpcStream;
}

/** The streams that the daemon has open for a session, by the serials of the calls that opened them. */
export class Streams {
  readonly #host: StreamHost;
  readonly #open = new Map<number, OpenStream>();

  constructor(host: StreamHost) {
    this.#host = host;
  }

  /** Whether a serial is taken. */
  has(serial: number): boolean {
    return this.#open.has(serial);
  }

  /** Begins a stream: the call that opens it has been made. */
  open(procedure: Opener, serial: number, sparse: boolean, options: StreamOptions): RpcStream {
    const ids = { prog: procedure.program, vers: programVersion, proc: procedure.number, serial };
    const link = {
      send: (type: MessageType, status: MessageStatus, payload: Uint8Array) =>
        this.#host.send({ ...ids, type, status }, payload),
      whenRoom: (send: () => void) => this.#host.whenRoom(send),
      awaited: (change: 1 | -1) => this.#host.awaited(change),
      lagging: (change: 1 | -1) => this.#host.lagging(change, options.resumable ?? false),
      release: () => void this.#open.delete(serial),
    };
    const stream = new RpcStream(link, sparse, options);
    this.#open.set(serial, { procedure, stream });
    return stream;
  }

  /** Drops a stream that has not been opened after all. */
  forget(serial: number): void {
    this.#open.get(serial)?.stream.failed(notOpened);
  }

  /** Takes a packet, or an error reply, to the stream that it is for. Returns whether there is one. */
  received(header: MessageHeader, payload: Uint8Array): boolean {
    const open = this.#open.get(header.serial);
    if (open?.procedure.program !== header.prog || open.procedure.number !== header.proc) return false;
    const { procedure, stream } = open;
    if (header.status === MessageStatus.ERROR) stream.failed(errorIn(payload, procedure));
    else if (header.type === MessageType.REPLY) return false;
    else if (header.status === MessageStatus.OK) stream.confirmed();
    else if (header.status !== MessageStatus.CONTINUE) stream.violated(`a packet of status ${header.status}`);
    else if (header.type === MessageType.STREAM) stream.receivedData(payload);
    else receivedHole(stream, payload);
    return true;
  }

  /** The connection is over, or about to be: so are all streams. */
  failAll(error: Error): void {
    for (const { stream } of [...this.#open.values()]) stream.failed(error);
  }
}

/** Nobody ever sees it: nobody has the stream. */
const notOpened = new Error("the stream was not opened");

function receivedHole(stream: RpcStream, payload: Uint8Array): void {
  let hole: StreamHole;
  try {
    hole = decode(StreamHole, payload);
  } catch (error) {
    stream.violated(`a hole that cannot be understood: ${(error as Error).message}`);
    return;
  }
  stream.receivedHole(hole);
}

function errorIn(payload: Uint8Array, procedure: Opener): Error {
  try {
    return reported(decode(MessageError, payload), procedure);
  } catch (error) {
    return error as Error;
  }
}
