import type { Socket } from "node:net";
import { ConnectionError, ProtocolError, UnsupportedError } from "../errors.js";
import {
  MessageError,
  MessageStatus,
  MessageType,
  VIR_NET_MESSAGE_NUM_FDS_MAX,
} from "../protocol/generated/net.js";
import { connectGetLibVersion, REMOTE_STRING_MAX } from "../protocol/generated/remote.js";
import { beginFrame, endFrame, readFrameLength, readHeader } from "../protocol/message.js";
import { type Procedure, programVersion } from "../protocol/procedure.js";
import { XdrReader, XdrWriter } from "../protocol/xdr.js";
import { type Descriptor, type DescriptorPipe, release } from "../transport/descriptors.js";
import { type CallOptions, onAbort, withDeadline, within } from "./deadline.js";
import { connectionLost, notSent, perhapsDone, reported } from "./failures.js";

/** The longest reply that is waited for: a string as long as strings may be, and what is around it. */
const longestReply = REMOTE_STRING_MAX + 65536;

/** What a call that passes descriptors comes to. */
export interface DescriptorReply<Ret> {
  readonly result: Ret;
  readonly descriptors: readonly Socket[];
}

/** The one call that is under way. */
interface PendingCall {
  readonly procedure: Procedure<never, unknown>;
  readonly serial: number;
  resolve(reply: DescriptorReply<unknown>): void;
  reject(reason: unknown): void;
}

/**
 * A conversation beside a session, for the calls that pass file descriptors: one call after the other, since each is
 * followed by bytes outside of all frames, to which the descriptors are attached. It lasts as long as the session,
 * because the daemon forgets what it was given when the connection ends over which it came.
 */
export class DescriptorChannel {
  readonly peer: string;
  /** A unix socket is. */
  readonly secure = true;
  readonly #pipe: DescriptorPipe;
  #turn: Promise<unknown> = Promise.resolve();
  #pending: PendingCall | undefined;
  /** What has come and is no whole frame yet. */
  #bytes: Uint8Array = new Uint8Array(0);
  /** A reply whose descriptors have not all come yet, and how many bytes that carry them are still to come. */
  #reply: { readonly result: unknown; readonly announced: number; carriers: number } | undefined;
  #received: Socket[] = [];
  #serial = 0;
  #version = 0n;
  #over: Error | undefined;

  constructor(pipe: DescriptorPipe) {
    this.#pipe = pipe;
    this.peer = pipe.peer;
    pipe.unref();
    pipe.start({
      received: (bytes, descriptor) => this.#arrived(bytes, descriptor),
      closed: (error) =>
        this.#end(
          error
            ? connectionLost(this.peer, error)
            : new ConnectionError(`${this.peer} closed the connection`),
        ),
    });
  }

  /** Whether it can be called. */
  get isOpen(): boolean {
    return this.#over === undefined;
  }

  /** Finds out which libvirt answers. An older one sends files back when it refuses a call, and Node cannot take those. */
  async meet(options?: CallOptions): Promise<void> {
    this.#version = (await this.call(connectGetLibVersion, undefined, options)).libVer;
  }

  /** Whether the daemon is of the release that brought a procedure, or a newer one. */
  knows({ since }: Pick<Procedure<never, unknown>, "since">): boolean {
    if (since === undefined) return true;
    const [major = 0, minor = 0, release = 0] = since.split(".").map(Number);
    return this.#version >= major * 1_000_000 + minor * 1000 + release;
  }

  /** Calls a procedure that passes no descriptors. */
  async call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args, options?: CallOptions): Promise<Ret> {
    return (await this.callWith(procedure, args, [], options)).result;
  }

  /**
   * Calls a procedure with descriptors, which are taken over and closed, whatever comes of the call. Once a call has
   * been sent, aborting it ends the channel: what is still to come belongs to nobody.
   */
  async callWith<Args, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    files: readonly number[],
    options: CallOptions = {},
  ): Promise<DescriptorReply<Ret>> {
    const adopted = this.#pipe.adopt(files);
    try {
      return await withDeadline(options, procedure.name, (signal) => {
        const before = this.#turn;
        const turn = within({ signal }, procedure.name, before);
        const done = turn.then(() => this.#exchange(procedure, args, adopted, signal));
        // Whoever gives up while he waits is passed over, and those behind him go on waiting.
        this.#turn = Promise.allSettled([before, done]);
        return done;
      });
    } finally {
      release(adopted);
    }
  }

  /** A descriptor's byte has no place in what a security layer wraps. */
  protect(): never {
    throw new UnsupportedError("file descriptors cannot be passed where SASL encrypts what is sent");
  }

  /** Ends the channel, for a reason that the calls fail with. */
  close(why: Error): void {
    this.#end(why);
  }

  #exchange<Args, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    descriptors: readonly Descriptor[],
    signal: AbortSignal | undefined,
  ): Promise<DescriptorReply<Ret>> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#over) throw notSent(this.#over);
      const serial = ++this.#serial;
      const frame = encode(procedure, args, serial, descriptors.length);
      const stopWatch = signal && onAbort(signal, () => this.#giveUp(signal.reason));
      this.#pipe.ref();
      const settle = () => {
        stopWatch?.();
        this.#pipe.unref();
        this.#pending = undefined;
      };
      this.#pending = {
        procedure: procedure as Procedure<never, unknown>,
        serial,
        resolve: (reply) => {
          settle();
          resolve(reply as DescriptorReply<Ret>);
        },
        reject: (reason) => {
          settle();
          reject(reason);
        },
      };
      this.#pipe.send(frame, descriptors).catch((error) => this.#end(connectionLost(this.peer, error)));
    });
  }

  #arrived(bytes: Uint8Array, descriptor: Socket | undefined): void {
    if (this.#over) {
      descriptor?.destroy();
      return;
    }
    if (descriptor) this.#received.push(descriptor);
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    try {
      if (this.#received.length > VIR_NET_MESSAGE_NUM_FDS_MAX) {
        throw new ProtocolError(`${this.peer} sent descriptors that no reply announced`);
      }
      while (this.#takeCarriers() || this.#takeFrame());
    } catch (error) {
      this.#end(error as Error);
    }
  }

  /** The bytes that carry descriptors are outside of all frames. Returns whether there is more to look at. */
  #takeCarriers(): boolean {
    if (!this.#reply) return false;
    const count = Math.min(this.#reply.carriers, this.#bytes.length);
    this.#reply.carriers -= count;
    this.#bytes = this.#bytes.subarray(count);
    if (this.#reply.carriers > 0) return false;
    const { result, announced } = this.#reply;
    const descriptors = this.#received;
    if (descriptors.length !== announced) {
      throw new ProtocolError(
        `${this.peer} announced ${announced} descriptors, of which Node can take ${descriptors.length}: it takes those of stream sockets and pipes only`,
      );
    }
    this.#reply = undefined;
    this.#received = [];
    this.#pending?.resolve({ result, descriptors });
    return true;
  }

  #takeFrame(): boolean {
    if (this.#over || this.#reply || this.#bytes.length < 4) return false;
    const length = readFrameLength(this.#bytes, 0, longestReply);
    if (this.#bytes.length < length) return false;
    const frame = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    this.#frame(new XdrReader(frame.subarray(4)));
    return true;
  }

  #frame(reader: XdrReader): void {
    const { type, serial, status } = readHeader(reader);
    // Nothing was subscribed to here, but a PING may come.
    if (type === MessageType.MESSAGE) return;
    const call = this.#pending;
    const withDescriptors = type === MessageType.REPLY_WITH_FDS;
    if (!call || call.serial !== serial || !(withDescriptors || type === MessageType.REPLY)) {
      throw new ProtocolError(`${this.peer} answered a call that was not made`);
    }
    const carriers = withDescriptors ? reader.uint("nfds") : 0;
    if (carriers > VIR_NET_MESSAGE_NUM_FDS_MAX) {
      throw new ProtocolError(`${this.peer} announced ${carriers} descriptors`);
    }
    if (status !== MessageStatus.OK) {
      call.reject(reported(MessageError.decode(reader, MessageError.name), call.procedure));
      return;
    }
    const result = call.procedure.ret.decode(reader, call.procedure.ret.name);
    this.#reply = { result, announced: carriers, carriers };
  }

  /** The call that is under way is given up, and the channel with it. */
  #giveUp(reason: unknown): void {
    this.#pending?.reject(reason);
    this.#end(
      new ConnectionError("the call before it was given up, and with that what descriptors go through"),
    );
  }

  #end(why: Error): void {
    this.#over ??= why;
    for (const socket of this.#received) socket.destroy();
    this.#received = [];
    this.#pipe.destroy();
    if (this.#pending) this.#pending.reject(perhapsDone(this.#pending.procedure.name, why));
  }
}

function encode<Args>(
  procedure: Procedure<Args, unknown>,
  args: Args,
  serial: number,
  descriptors: number,
): Uint8Array {
  const to = new XdrWriter();
  const start = beginFrame(to, {
    prog: procedure.program,
    vers: programVersion,
    proc: procedure.number,
    type: descriptors > 0 ? MessageType.CALL_WITH_FDS : MessageType.CALL,
    serial,
    status: MessageStatus.OK,
  });
  if (descriptors > 0) to.uint("nfds", descriptors);
  procedure.args.encode(to, procedure.args.name, args);
  endFrame(to, start);
  return to.take();
}
