import { ProtocolError } from "../../errors.js";
import { ping, pong } from "../../protocol/generated/keepalive.js";
import {
  type MessageHeader,
  MessageType,
  VIR_NET_MESSAGE_NUM_FDS_MAX,
} from "../../protocol/generated/net.js";
import { beginFrame, endFrame, readHeader } from "../../protocol/message.js";
import { programVersion } from "../../protocol/procedure.js";
import { type Codec, XdrReader } from "../../protocol/xdr.js";
import { Framer } from "../../rpc/framer.js";
import { KeepAlive, type KeepAliveOptions } from "../../rpc/keepalive.js";
import { Outbox } from "../../rpc/outbox.js";
import type { Transport } from "../../transport/transport.js";

export interface PipeHandler {
  received(header: MessageHeader, payload: Uint8Array): void;
  /** It is over. Called exactly once. */
  closed(): void;
  /** The client is dropped because of a mistake that is not its own. */
  failed(error: unknown): void;
}

export interface PipeLimits {
  /** The longest message to take. */
  readonly maxMessageBytes: number;
  /** How much may wait for a client that does not read before it is dropped. */
  readonly maxUnsentBytes: number;
}

/** Why nothing more is read for a while. */
export type Hold = "calls" | "streams" | "sending";

const noBytes = new Uint8Array(0);

/** What is missing of a message that is cut: less than any message has. */
const cutBytes = 12;

/** Messages to and from a client: cuts, counts and bounds what comes, and answers pings. */
export class Pipe {
  readonly #transport: Transport;
  readonly #handler: PipeHandler;
  readonly #limits: PipeLimits;
  readonly #framer: Framer;
  readonly #reader = new XdrReader(noBytes);
  readonly #outbox: Outbox;
  readonly #holds = new Set<Hold>();
  #keepAliveOptions: KeepAliveOptions | undefined;
  #keepAlive: KeepAlive | undefined;
  #unsentBytes = 0;
  #cut = false;

  constructor(transport: Transport, handler: PipeHandler, limits: PipeLimits) {
    this.#transport = transport;
    this.#handler = handler;
    this.#limits = limits;
    this.#framer = new Framer(limits.maxMessageBytes, (bytes, start, end) =>
      this.#received(bytes, start, end),
    );
    this.#outbox = new Outbox({ write: (bytes) => this.#write(bytes) });
    transport.start({
      received: (bytes) => this.#take(bytes),
      drained: () => this.#drained(),
      closed: () => this.#closed(),
    });
  }

  /** Sends a message. Throws a TypeError or RangeError, and sends nothing, for a value that it cannot hold. */
  send<T>(header: MessageHeader, codec: Codec<T>, value: T): void {
    if (this.#cut) return;
    const { writer } = this.#outbox;
    const start = beginFrame(writer, header);
    try {
      codec.encode(writer, codec.name, value);
      endFrame(writer, start);
    } catch (error) {
      writer.truncate(start);
      throw error;
    }
    this.#outbox.schedule();
  }

  /** Sends a stream's packet, at once. */
  packet(header: MessageHeader, payload: Uint8Array): void {
    this.#outbox.packet(header, payload);
  }

  /** Runs something that sends a packet: at once, or when there is room and it is its turn. */
  whenRoom(send: () => void): void {
    this.#outbox.whenRoom(send);
  }

  /** Reads nothing more, or no longer so, for this reason. */
  hold(reason: Hold, on: boolean): void {
    if (on === this.#holds.has(reason)) return;
    if (on) this.#holds.add(reason);
    else this.#holds.delete(reason);
    if (this.#holds.size === 0) this.#transport.resume();
    else if (on && this.#holds.size === 1) this.#transport.pause();
    if (reason !== "sending") this.#watch();
  }

  /** From now on a client that is silent is asked whether it is there, and dropped when it doesn't say so. */
  startKeepAlive(options: KeepAliveOptions): void {
    if (this.#keepAliveOptions) return;
    this.#keepAliveOptions = options;
    this.#watch();
  }

  /** Leaves the end of what has been sent last unsent, and sends nothing more. */
  cut(): void {
    this.#cut = true;
  }

  /** Ends it when all is sent that has been written up to now. */
  end(): void {
    // Behind the outbox, which has its tick already.
    process.nextTick(() => this.#transport.end());
  }

  /** Drops it at once. */
  drop(): void {
    this.#framer.stop();
    this.#transport.destroy();
  }

  #take(bytes: Uint8Array): void {
    this.#keepAlive?.heard();
    try {
      this.#framer.push(bytes);
    } catch (error) {
      // As libvirtd does with a length that cannot be: there is nobody to talk to in this language.
      this.drop();
      if (!(error instanceof ProtocolError)) this.#handler.failed(error);
    }
    this.#reader.reset(noBytes);
  }

  #received(bytes: Uint8Array, start: number, end: number): void {
    this.#reader.reset(bytes, start + 4, end);
    const header = readHeader(this.#reader);
    if (isKeepAlive(header)) {
      if (header.proc === ping.number) this.#outbox.signal(pong);
      return;
    }
    const descriptors = header.type === MessageType.CALL_WITH_FDS ? this.#reader.uint("nfds") : 0;
    const payload = bytes.subarray(end - this.#reader.remaining, end);
    if (descriptors === 0) this.#handler.received(header, payload);
    else this.#skipDescriptors(descriptors, () => this.#handler.received(header, payload));
  }

  /** Node receives no descriptors here, and none is missed: the bytes come that they were attached to, one each. */
  #skipDescriptors(count: number, whenSkipped: () => void): void {
    if (count > VIR_NET_MESSAGE_NUM_FDS_MAX) throw new ProtocolError(`a client sends ${count} descriptors`);
    this.#framer.skip(count, whenSkipped);
  }

  /** Whoever is not read because of us cannot show that he is there; whoever does not read is to be found out. */
  #watch(): void {
    this.#keepAlive?.stop();
    this.#keepAlive = undefined;
    if (!this.#keepAliveOptions || this.#holds.has("calls") || this.#holds.has("streams")) return;
    this.#keepAlive = new KeepAlive(
      this.#keepAliveOptions,
      () => this.#outbox.signal(ping),
      () => this.drop(),
    );
  }

  #write(bytes: Uint8Array): boolean {
    if (this.#transport.write(this.#cut ? bytes.subarray(0, -cutBytes) : bytes)) return true;
    this.#unsentBytes += bytes.length;
    if (this.#unsentBytes > this.#limits.maxUnsentBytes) this.drop();
    else this.hold("sending", true);
    return false;
  }

  #drained(): void {
    this.#unsentBytes = 0;
    this.hold("sending", false);
    this.#outbox.drained();
  }

  #closed(): void {
    this.#keepAliveOptions = undefined;
    this.#watch();
    this.#framer.stop();
    this.#handler.closed();
  }
}

function isKeepAlive({ prog, vers, type }: MessageHeader): boolean {
  return prog === ping.program && vers === programVersion && type === MessageType.MESSAGE;
}
