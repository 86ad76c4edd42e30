import {
  MessageError,
  type MessageHeader,
  MessageStatus,
  MessageType,
} from "../../../src/protocol/generated/net.js";
import type { EventMessage, Procedure } from "../../../src/protocol/procedure.js";
import { type Codec, decode, encode } from "../../../src/protocol/xdr.js";
import type { Transport } from "../../../src/transport/transport.js";

/** One message, taken apart. */
export interface Frame {
  readonly header: MessageHeader;
  readonly payload: Uint8Array;
}

/** Puts a message together; whatever is not given is what a reply to the first call would have. */
export function frame(header: Partial<MessageHeader>, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const { prog = 0x20008086, vers = 1, proc = 1, type = MessageType.REPLY, serial = 1, status = 0 } = header;
  const bytes = Buffer.alloc(28 + payload.length);
  [bytes.length, prog, vers, proc, type, serial, status].forEach((word, index) => {
    bytes.writeUInt32BE(word >>> 0, 4 * index);
  });
  bytes.set(payload, 28);
  return new Uint8Array(bytes);
}

/** A length word by itself, and whatever is to follow it. */
export function announce(length: number, bytesAfter = 0): Uint8Array {
  const bytes = Buffer.alloc(4 + bytesAfter);
  bytes.writeUInt32BE(length);
  return new Uint8Array(bytes);
}

/** Bytes of several messages as one chunk. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function replyTo<Args, Ret>(call: Frame, procedure: Procedure<Args, Ret>, value: Ret): Uint8Array {
  return frame({ ...call.header, type: MessageType.REPLY }, encode(procedure.ret, value));
}

/** An error reply: the fields given, and zeros and nulls. */
export function errorTo(call: Frame, fields: Partial<MessageError>): Uint8Array {
  const none = { message: null, dom: null, str1: null, str2: null, str3: null, net: null };
  const error = { code: 0, domain: 0, level: 2, int1: 0, int2: 0, ...none, ...fields };
  const header = { ...call.header, type: MessageType.REPLY, status: MessageStatus.ERROR };
  return frame(header, encode(MessageError, error));
}

export function eventFrame<Message>(event: EventMessage<Message>, message: Message, serial = 0): Uint8Array {
  const header = { prog: event.program, proc: event.number, type: MessageType.MESSAGE, serial };
  return frame(header, encode(event.message, message));
}

export function argumentsOf<Args>(call: Frame, procedure: Procedure<Args, unknown>): Args {
  return decode(procedure.args as Codec<Args>, call.payload);
}

/**
 * A daemon of the tests: it reads what a session writes and answers only what it is told to, right or wrong. It takes
 * messages apart by itself, so that it does not repeat the mistakes of the code under test.
 */
export class Peer {
  /** Everything that came, in order. */
  readonly frames: Frame[] = [];
  /** Resolves when the pipe is gone. */
  readonly closed: Promise<void>;
  readonly #transport: Transport;
  readonly #onFrame: ((call: Frame, peer: Peer) => void) | undefined;
  #taken = 0;
  #pending: Uint8Array = new Uint8Array(0);
  #wake = () => {};

  constructor(transport: Transport, onFrame?: (call: Frame, peer: Peer) => void) {
    this.#transport = transport;
    this.#onFrame = onFrame;
    this.closed = new Promise((resolve) => {
      transport.start({ received: (bytes) => this.#received(bytes), closed: () => resolve() });
    });
  }

  /** The next message that no `next` has returned yet. */
  async next(): Promise<Frame> {
    while (this.frames.length === this.#taken) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.frames[this.#taken++]!;
  }

  /** Sends several messages as one chunk, and a single one as it is: uncopied. */
  send(...parts: readonly Uint8Array[]): void {
    const [first = joined(), ...more] = parts;
    this.#transport.write(more.length === 0 ? first : joined(...parts));
  }

  end(): void {
    this.#transport.end();
  }

  destroy(): void {
    this.#transport.destroy();
  }

  #received(bytes: Uint8Array): void {
    const all = Buffer.concat([this.#pending, bytes]);
    let at = 0;
    while (all.length - at >= 4 && all.length - at >= all.readUInt32BE(at)) {
      const length = all.readUInt32BE(at);
      const word = (index: number) => all.readUInt32BE(at + 4 * index);
      const [prog, vers, proc, type, serial, status] = [word(1), word(2), word(3), word(4), word(5), word(6)];
      const payload = new Uint8Array(all.subarray(at + 28, at + length));
      const received = { header: { prog, vers, proc, type, serial, status }, payload };
      this.frames.push(received);
      at += length;
      this.#onFrame?.(received, this);
    }
    this.#pending = all.subarray(at);
    this.#wake();
  }
}
