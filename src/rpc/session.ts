import type { SecurityLayer } from "../auth/security-layer.js";
import { ConnectionError, ProtocolError } from "../errors.js";
import { ping, pong } from "../protocol/generated/keepalive.js";
import { MessageError, type MessageHeader, MessageStatus, MessageType } from "../protocol/generated/net.js";
import {
  beginFrame,
  endFrame,
  headerLength,
  holdsStreamData,
  maxFrameLength,
  putSerial,
  readHeader,
} from "../protocol/message.js";
import { type EventMessage, type Procedure, programVersion } from "../protocol/procedure.js";
import { type Codec, XdrReader } from "../protocol/xdr.js";
import type { Transport } from "../transport/transport.js";
import { CallQueue, type Queued } from "./call-queue.js";
import { CallTable } from "./call-table.js";
import { type CallOptions, isBounded, watchDeadline } from "./deadline.js";
import {
  closedByUs,
  connectionLost,
  isRefusal,
  notSent,
  reported,
  silent,
  unintelligible,
} from "./failures.js";
import { Framer } from "./framer.js";
import { checkKeepAlive, KeepAlive, type KeepAliveOptions } from "./keepalive.js";
import type { Link } from "./link.js";
import { Outbox } from "./outbox.js";
import { SecuredTransport, type WireTap } from "./secured-transport.js";
import type { RpcStream, StreamOptions } from "./stream.js";
import { Streams } from "./streams.js";
import {
  type CallTrace,
  calls,
  events,
  isHeard,
  streams,
  traceCall,
  traceEvent,
  traceStream,
} from "./tracing.js";
import { Valve } from "./valve.js";

export interface SessionOptions {
  /**
   * How many calls may be with the daemon at once; others wait their turn here. libvirtd works on 5 calls of one
   * client at a time (`max_client_requests`) and stops reading beyond that.
   */
  readonly maxInFlight?: number | undefined;
  /** The longest message to accept, in bytes; at most, and by default, what libvirt itself sends (32 MiB). */
  readonly maxMessageBytes?: number | undefined;
}

/** Why a session is over. */
export interface Closed {
  /** `client`: we closed it. `eof`: the daemon did. `error`: the pipe broke, or what came through it made no sense. */
  readonly reason: "client" | "eof" | "error" | "keepalive";
  /** What pending calls were rejected with, or would have been. */
  readonly error: Error;
}

const defaultMaxInFlight = 64;

let sessions = 0;

/** One for all: a session reads a message at a time, and calls nobody before it has read it. */
const reader = new XdrReader();

/** How long the daemon may take to answer a farewell before the pipe is dropped all the same. */
const farewellMs = 1000;

/** A call from when it is made to its reply. */
interface PendingCall extends Queued<PendingCall> {
  readonly procedure: Procedure<never, unknown>;
  /** 0 until it is sent. */
  serial: number;
  /** What is to be sent, while it waits for its turn: what the caller does to the arguments changes nothing. */
  frame: Uint8Array | undefined;
  /** What makes the result of a reply, and of a refusal. */
  readonly read: ((ret: unknown) => unknown) | undefined;
  readonly refused: ((error: Error) => unknown) | undefined;
  /** What is told of it, where somebody listens. */
  readonly trace: CallTrace | undefined;
  /** Opens a stream under the call's serial, if that is what it is for. */
  readonly open: ((serial: number) => RpcStream) | undefined;
  /** What it opens: there as soon as it is sent, because the daemon may begin before it replies. */
  stream: RpcStream | undefined;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  /** Ends the watch over the caller's signal and time. */
  stopWatch: (() => void) | undefined;
  /** The caller has gone; the reply, when it comes, is dropped. Until then the serial stays taken. */
  abandoned: boolean;
}

type EventHandler = (message: unknown, bytes: number) => void;

/**
 * One connection's conversation: any number of calls over one pipe, told apart by their serials, and the events that
 * come in between. When the pipe goes away, for whatever reason, everything pending is rejected with that reason.
 */
export class Session implements Link {
  /** A number that no other session of this process has. */
  readonly connection = ++sessions;
  /** Resolves, and never rejects, when the session is over. */
  readonly closed: Promise<Closed>;
  readonly #transport: SecuredTransport;
  readonly #maxInFlight: number;
  readonly #framer: Framer;
  readonly #outbox: Outbox;
  readonly #calls = new CallTable<PendingCall>();
  readonly #queue = new CallQueue<PendingCall>();
  readonly #events = new Map<number, Map<number, [EventMessage<unknown>, EventHandler]>>();
  readonly #streams = new Streams({
    send: (header, payload) => this.#outbox.packet(header, payload),
    whenRoom: (send) => this.#outbox.whenRoom(send),
    awaited: (change) => this.#await(change),
    lagging: (change, resumable) => this.#valve.lagging(change, resumable),
  });
  readonly #valve: Valve;
  #keepAlive: KeepAlive | undefined;
  #lastPacket: MessageHeader | undefined;
  /** How many there are whose outcome somebody waits for: only these keep the process running. */
  #awaited = 0;
  /** How many of these wait for nothing in particular, such as events. */
  #held = 0;
  #over: Closed | undefined;
  #closing = false;
  #resolveClosed!: (closed: Closed) => void;

  constructor(pipe: Transport, options: SessionOptions = {}) {
    checkSessionOptions(options);
    const { maxInFlight = defaultMaxInFlight, maxMessageBytes = maxFrameLength } = options;
    const transport = new SecuredTransport(pipe);
    this.#transport = transport;
    this.#valve = new Valve(transport);
    this.#outbox = new Outbox(transport);
    this.#maxInFlight = maxInFlight;
    this.#framer = new Framer(
      Math.min(maxMessageBytes, maxFrameLength),
      (bytes, start, end) => this.#received(bytes, start, end),
      // A packet's bytes go to its stream as they come: a packet has no meaning beyond that.
      {
        divisible: holdsStreamData,
        more: (bytes, start, end) => this.#streams.received(this.#lastPacket!, bytes.subarray(start, end)),
      },
    );
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    transport.unref();
    transport.start({
      received: (bytes) => {
        this.#keepAlive?.heard();
        try {
          this.#framer.push(bytes);
        } catch (error) {
          this.#end({ reason: "error", error: unintelligible(this.peer, error as Error) });
        }
        // What has been read may have been 32 MiB.
        reader.release();
        if (this.#awaited === this.#held) this.#valve.throttle(this.#held > 0);
      },
      drained: () => this.#outbox.drained(),
      closed: (error) => this.#pipeClosed(error),
    });
  }

  /** Where the daemon is, for people. */
  get peer(): string {
    return this.#transport.peer;
  }

  /** Whether what is said is safe from listeners. */
  get secure(): boolean {
    return this.#transport.secure;
  }

  /** Whether it is safe because it is encrypted. */
  get encrypted(): boolean {
    return this.#transport.encrypted;
  }

  get session(): this {
    return this;
  }

  /** When the daemon was last heard of, by the clock of `now()`; undefined where nobody watches over it. */
  get heardAt(): number | undefined {
    return this.#keepAlive?.heardAt;
  }

  whenOpen(): Promise<this> {
    return this.isOpen ? Promise.resolve(this) : this.#refuse();
  }

  /** Whether calls can be made: false from the moment that closing begins. */
  get isOpen(): boolean {
    return this.#over === undefined && !this.#closing;
  }

  /**
   * Calls a procedure. Rejects with a {@link LibvirtError} when the daemon says no. Arguments are encoded before this
   * returns; wrong ones reject with a TypeError or RangeError and nothing is sent.
   *
   * `read` makes the result of what the daemon replied, before anything is read that came behind that. A reaction to
   * the promise is too late for this: it runs when all has been read that came in one piece. It is dearer as well, and
   * so `refused` makes here what comes of a refusal.
   */
  call<Args, Ret, Result = Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions = {},
    read?: (ret: Ret) => Result,
    refused?: (error: Error) => Promise<Result>,
  ): Promise<Result> {
    if (procedure.stream) {
      return Promise.reject(
        new TypeError(`${procedure.name} opens a stream, which a mere call would leave open`),
      );
    }
    return this.isOpen ? this.#call(procedure, args, options, read, refused) : this.#refuse();
  }

  /**
   * Calls a procedure that opens a stream, and resolves with that and the result. The stream outlives the call and
   * its deadline: whoever has got it finishes or aborts it. A stream that is opened too late for its caller is
   * aborted here.
   */
  async openStream<Args extends { readonly flags: number }, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions & StreamOptions = {},
  ): Promise<{ readonly stream: RpcStream; readonly result: Ret }> {
    const sparse = (args.flags & (procedure.sparseFlag ?? 0)) !== 0;
    let stream!: RpcStream;
    let serial!: number;
    const open = (own: number) => {
      serial = own;
      stream = this.#streams.open(procedure, serial, sparse, options);
      return stream;
    };
    if (!this.isOpen) return this.#refuse();
    const result = await this.#call<Args, Ret, Ret>(procedure, args, options, undefined, undefined, open);
    if (isHeard(streams)) traceStream(this, procedure, serial, stream);
    return { stream, result };
  }

  /** Has everything from now on go through a layer that authentication agreed on. */
  protect(layer: SecurityLayer): void {
    // What came in clear must not become part of a message that looks protected.
    if (this.#framer.midFrame) {
      throw new ProtocolError(`${this.peer} sent in clear what should have been protected`);
    }
    this.#transport.protect(layer);
  }

  /** Shows to somebody all that is sent and received from now on. */
  show(tap: WireTap): void {
    this.#transport.tap = tap;
  }

  /** Begins to watch whether the daemon is there, or watches in another way. An interval of 0 or less ends that. */
  setKeepAlive(options: KeepAliveOptions): void {
    checkKeepAlive(options);
    this.#keepAlive?.stop();
    this.#keepAlive = undefined;
    if (!this.isOpen || options.interval <= 0) return;
    const dead = () => this.#end({ reason: "keepalive", error: silent(this.peer, options) });
    this.#keepAlive = new KeepAlive(options, () => this.#outbox.signal(ping), dead);
  }

  /** Keeps the process running, as a call in flight does, until the function that it returns is called. */
  hold(): () => void {
    let held = true;
    const change = (by: 1 | -1) => {
      this.#held += by;
      this.#await(by);
    };
    change(1);
    return () => {
      if (held) change(-1);
      held = false;
    };
  }

  /**
   * Has `handler` called with each message of one kind, and with how long it was; what the daemon sends of other kinds is
   * ignored.
   */
  onEvent<Message>(event: EventMessage<Message>, handler: (message: Message, bytes: number) => void): void {
    const ofProgram = this.#events.get(event.program) ?? new Map();
    ofProgram.set(event.number, [event, handler]);
    this.#events.set(event.program, ofProgram);
  }

  /** Gives the session up because it is of no more use. */
  fail(closed: Closed): void {
    this.#end(closed);
  }

  /** Rejects what is pending, says farewell to the daemon by the procedure given, and drops the pipe. Never rejects. */
  async close(farewell?: Procedure<void, void>): Promise<void> {
    if (this.isOpen) {
      this.#closing = true;
      const error = closedByUs();
      this.#rejectAll(error);
      if (farewell) await this.#send(farewell, undefined, { timeoutMs: farewellMs }).catch(() => {});
      this.#end({ reason: "client", error });
    }
    await this.closed;
  }

  #refuse(): Promise<never> {
    return Promise.reject(this.#over?.error ?? closedByUs());
  }

  /** Sends a call, and tells of it where somebody listens. */
  #call<Args, Ret, Result>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions,
    read?: (ret: Ret) => Result,
    refused?: (error: Error) => Promise<Result>,
    open?: (serial: number) => RpcStream,
  ): Promise<Result> {
    if (!isHeard(calls)) return this.#send(procedure, args, options, read, refused, open);
    // What is told is the daemon's answer, and not what is made of a refusal.
    const send = (trace: CallTrace) => this.#send(procedure, args, options, read, undefined, open, trace);
    return traceCall(this, procedure, send).catch((error: unknown) => {
      if (refused && isRefusal(error)) return refused(error);
      throw error;
    });
  }

  #send<Args, Ret, Result = Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions,
    read?: (ret: Ret) => Result,
    refused?: (error: Error) => Promise<Result>,
    open?: (serial: number) => RpcStream,
    trace?: CallTrace,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const start = this.#encode(procedure, args);
      const call: PendingCall = {
        procedure: procedure as Procedure<never, unknown>,
        serial: 0,
        frame: undefined,
        before: undefined,
        after: undefined,
        read: read as PendingCall["read"],
        refused,
        trace,
        open,
        stream: undefined,
        resolve: resolve as (value: unknown) => void,
        reject,
        stopWatch: undefined,
        abandoned: false,
      };
      const { writer } = this.#outbox;
      try {
        this.#watch(call, options);
      } catch (error) {
        writer.truncate(start);
        throw error;
      }
      if (trace) trace.bytesSent = writer.length - start;
      this.#await(1);
      // A farewell does not wait for its turn: nobody waits any more for what is before it.
      if (this.#calls.size < this.#maxInFlight || this.#closing) {
        this.#begin(call, start);
      } else {
        // Memory that Node gives out in pieces: some for this call alone would take longer than the rest of it.
        call.frame = Buffer.allocUnsafe(writer.length - start);
        writer.copyTo(call.frame, start);
        writer.truncate(start);
        this.#queue.push(call);
      }
    });
  }

  /** Appends a call to what the next flush sends; returns where it begins. Leaves nothing behind when it throws. */
  #encode<Args>(procedure: Procedure<Args, unknown>, args: Args): number {
    const start = this.#outbox.writer.length;
    try {
      // In full and not spread: V8 takes longer for the spread than for all the rest of a call.
      beginFrame(this.#outbox.writer, {
        prog: procedure.program,
        vers: programVersion,
        proc: procedure.number,
        type: MessageType.CALL,
        serial: 0,
        status: MessageStatus.OK,
      });
      procedure.args.encode(this.#outbox.writer, procedure.args.name, args);
      endFrame(this.#outbox.writer, start);
      return start;
    } catch (error) {
      this.#outbox.writer.truncate(start);
      throw error;
    }
  }

  #watch(call: PendingCall, options: CallOptions): void {
    if (!isBounded(options)) return;
    call.stopWatch = watchDeadline(options, call.procedure.name, (reason) => this.#abandon(call, reason));
  }

  /** Has a call sent, which begins at `start` of what the next flush sends. */
  #begin(call: PendingCall, start: number): void {
    call.serial = this.#calls.nextSerial(this.#streams);
    putSerial(this.#outbox.writer, start, call.serial);
    this.#calls.add(call);
    call.stream = call.open?.(call.serial);
    if (call.trace) call.trace.serial = call.serial;
    this.#outbox.schedule();
  }

  #await(change: 1 | -1): void {
    if (this.#awaited === 0) this.#transport.ref();
    this.#awaited += change;
    if (this.#awaited > this.#held) this.#valve.open();
    if (this.#awaited === 0) this.#transport.unref();
  }

  /** libvirt cannot take a call back: what has been sent keeps its place until the reply comes. */
  #abandon(call: PendingCall, reason: unknown): void {
    this.#await(-1);
    call.abandoned = true;
    if (call.frame) this.#queue.remove(call);
    call.reject(reason);
  }

  #received(bytes: Uint8Array, start: number, end: number): void {
    reader.reset(bytes, start + 4, end);
    const header = readHeader(reader);
    if (header.vers !== programVersion) {
      throw new ProtocolError(`the peer speaks version ${header.vers} of program ${hex(header.prog)}`);
    }
    // By type first: the serial of an event may be anything, even that of a call in flight.
    switch (header.type) {
      case MessageType.REPLY:
        this.#reply(header, bytes, start, end);
        break;
      case MessageType.MESSAGE:
        this.#message(header, end - start);
        break;
      case MessageType.STREAM:
      case MessageType.STREAM_HOLE:
        this.#lastPacket = header;
        // What finds no stream are the last packets of one that is closed already.
        this.#streams.received(header, bytes.subarray(start + headerLength, end));
        break;
      default:
        throw new ProtocolError(
          `the peer sent a message of type ${header.type}, which is no reply, event or stream packet`,
        );
    }
  }

  #reply(header: MessageHeader, bytes: Uint8Array, start: number, end: number): void {
    const call = this.#calls.get(header.serial);
    // An open stream's errors may come as replies.
    if (!call && this.#streams.received(header, bytes.subarray(start + headerLength, end))) return;
    if (!call || call.procedure.program !== header.prog || call.procedure.number !== header.proc) {
      throw new ProtocolError(
        `the peer answered a call that was not made: serial ${header.serial}, procedure ${header.proc} of program ${hex(header.prog)}`,
      );
    }
    this.#calls.delete(call);
    this.#sendQueued();
    const { stream } = call;
    if (stream && header.status !== MessageStatus.OK) this.#streams.forget(header.serial);
    if (call.abandoned) {
      stream?.abort();
      return;
    }
    this.#await(-1);
    call.stopWatch?.();
    if (call.trace) call.trace.bytesReceived = end - start;
    try {
      if (header.status === MessageStatus.OK) {
        const result = this.#payload(call.procedure.ret);
        call.resolve(call.read ? call.read(result) : result);
      } else {
        const error = reported(this.#payload(MessageError), call.procedure);
        if (call.refused) call.resolve(call.refused(error));
        else call.reject(error);
      }
    } catch (error) {
      // The frame was whole, so only this call is lost.
      stream?.abort();
      call.reject(error);
    }
  }

  #payload<T>(codec: Codec<T>): T {
    const value = codec.decode(reader, codec.name);
    reader.finish(codec.name);
    return value;
  }

  #message(header: MessageHeader, length: number): void {
    if (header.prog === ping.program) {
      if (header.proc === ping.number) this.#outbox.signal(pong);
      return;
    }
    const handled = this.#events.get(header.prog)?.get(header.proc);
    if (!handled) return;
    if (events.hasSubscribers) traceEvent(this, handled[0], length);
    handled[1](this.#payload(handled[0].message), length);
  }

  #sendQueued(): void {
    if (this.#calls.size >= this.#maxInFlight) return;
    const call = this.#queue.shift();
    if (!call?.frame) return;
    const start = this.#outbox.writer.length;
    this.#outbox.writer.raw(call.frame);
    call.frame = undefined;
    this.#begin(call, start);
  }

  #pipeClosed(error: Error | undefined): void {
    if (this.#closing) {
      // The daemon may hang up before it has answered our farewell.
      this.#end({ reason: "client", error: closedByUs() });
    } else if (error) {
      this.#end({ reason: "error", error: connectionLost(this.peer, error) });
    } else {
      const where = this.#framer.midFrame ? "in the middle of a message" : "without saying why";
      this.#end({ reason: "eof", error: new ConnectionError(`${this.peer} closed the connection ${where}`) });
    }
  }

  #end(closed: Closed): void {
    if (this.#over) return;
    this.#over = closed;
    this.#framer.stop();
    this.#keepAlive?.stop();
    this.#valve.open();
    this.#rejectAll(closed.error);
    this.#calls.clear();
    this.#transport.destroy();
    this.#resolveClosed(closed);
  }

  #rejectAll(error: Error): void {
    this.#streams.failAll(error);
    for (const call of this.#calls.all()) this.#rejectCall(call, error);
    for (let call = this.#queue.shift(); call; call = this.#queue.shift()) {
      this.#rejectCall(call, notSent(error));
    }
  }

  #rejectCall(call: PendingCall, error: Error): void {
    if (call.abandoned) return;
    call.abandoned = true;
    call.stopWatch?.();
    this.#await(-1);
    call.reject(error);
  }
}

const hex = (program: number) => `0x${program.toString(16)}`;

/** Throws a RangeError for options that no session can have. Worth knowing before a pipe is opened for it. */
export function checkSessionOptions({ maxInFlight, maxMessageBytes }: SessionOptions): void {
  positiveInteger("maxInFlight", maxInFlight);
  positiveInteger("maxMessageBytes", maxMessageBytes);
}

function positiveInteger(name: string, value: number | undefined): void {
  if (value !== undefined && (!Number.isInteger(value) || value < 1))
    throw new RangeError(`${name}: ${value} is not a positive integer`);
}
