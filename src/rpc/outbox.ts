import { type MessageHeader, MessageStatus, MessageType } from "../protocol/generated/net.js";
import { beginFrame, endFrame, headerLength } from "../protocol/message.js";
import { type EventMessage, programVersion } from "../protocol/procedure.js";
import { XdrWriter } from "../protocol/xdr.js";
import type { Transport } from "../transport/transport.js";
import { maxPacketBytes } from "./stream.js";

/** A Buffer: of other memory Node makes one, each time that some of it is sent. */
const writerBytes = 8192;

/** From this size on a packet is worth memory of its own that is used again. */
const largeBytes = 16 * 1024;

/** What a session sends: what one tick writes in one piece, and the packets of streams as there is room for them. */
export class Outbox {
  /** Takes whole messages, for which `schedule` is called. */
  readonly writer = new XdrWriter(Buffer.alloc(writerBytes));
  readonly #transport: Pick<Transport, "write">;
  readonly #flush = () => this.#send();
  #scheduled = false;
  /** The messages without content that are not sent yet: each answers, or asks, for all of its kind. */
  readonly #signals = new Set<EventMessage<void>>();
  /** Packets that wait for room in the pipe. */
  readonly #waiting: (() => void)[] = [];
  #room = true;
  /** Memory for a large packet: free, and on its way. */
  #spare: Buffer | undefined;
  #sent: Buffer | undefined;

  constructor(transport: Pick<Transport, "write">) {
    this.#transport = transport;
  }

  /** Sends what the writer holds when all that is ready to run has run. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#flush);
  }

  /**
   * Sends a message without content; once, however often it is called before the pipe has taken that. So a flood of PINGs
   * fills no memory, even if whoever sends them reads nothing.
   */
  signal(message: EventMessage<void>): void {
    if (this.#signals.has(message)) return;
    this.#signals.add(message);
    const { program: prog, number: proc } = message;
    const ids = { prog, vers: programVersion, proc, serial: 0 };
    const header = { ...ids, type: MessageType.MESSAGE, status: MessageStatus.OK };
    endFrame(this.writer, beginFrame(this.writer, header));
    this.schedule();
  }

  /** Sends a stream's packet, at once: so it shows whether there is room for the next. */
  packet(header: MessageHeader, payload: Uint8Array): void {
    this.#send();
    const length = headerLength + payload.length;
    this.writer.putUint("length", beginFrame(this.writer, header), length);
    const frame = this.#frame(length);
    frame.set(this.writer.take());
    frame.set(payload, headerLength);
    this.#write(frame.subarray(0, length));
    if (length <= largeBytes) return;
    if (this.#room) this.#spare = frame;
    else this.#sent = frame;
  }

  /** Runs something that sends a packet: at once, or when there is room and it is its turn. */
  whenRoom(send: () => void): void {
    if (this.#room && this.#waiting.length === 0) send();
    else this.#waiting.push(send);
  }

  /** The transport has room again. */
  drained(): void {
    this.#room = true;
    this.#signals.clear();
    this.#spare ??= this.#sent;
    this.#sent = undefined;
    while (this.#room && this.#waiting.length > 0) this.#waiting.shift()!();
  }

  #send(): void {
    this.#scheduled = false;
    if (this.writer.length > 0) this.#write(this.writer.take());
    if (this.#room) this.#signals.clear();
  }

  #write(bytes: Uint8Array): void {
    if (!this.#transport.write(bytes)) this.#room = false;
    else if (this.#room) this.writer.reuse();
  }

  #frame(length: number): Buffer {
    if (length <= largeBytes) return Buffer.allocUnsafe(length);
    const frame = this.#spare ?? Buffer.allocUnsafeSlow(headerLength + maxPacketBytes);
    this.#spare = undefined;
    return frame;
  }
}
