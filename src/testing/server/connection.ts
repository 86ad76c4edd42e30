import {
  MessageError,
  type MessageHeader,
  MessageStatus,
  MessageType,
} from "../../protocol/generated/net.js";
import { type EventMessage, programVersion } from "../../protocol/procedure.js";
import type { Codec } from "../../protocol/xdr.js";
import type { KeepAliveOptions } from "../../rpc/keepalive.js";
import type { Transport } from "../../transport/transport.js";
import { Login, type SaslOptions } from "./auth/login.js";
import type { ClientIdentity, OpenClient } from "./client.js";
import { DriverError } from "./driver-error.js";
import { Pipe, type PipeLimits } from "./pipe.js";
import { findProgram } from "./programs.js";
import { internalError } from "./refusals.js";
import { isTired, rest } from "./respite.js";
import { type StreamOpening, Streams } from "./streams.js";
import { Turns } from "./turns.js";

/** What a client came by. */
export interface Origin {
  /** Whether it may look and not touch. */
  readonly readonly?: boolean;
  /** The distinguished name of its certificate. */
  readonly x509Dname?: string;
  /** Who it is according to its certificate, or to the socket that it could open: what SASL's EXTERNAL goes by. */
  readonly externalName?: string;
}

export interface ConnectionLimits extends PipeLimits {
  /** How many calls of one client may be unanswered before it is read no more. */
  readonly maxClientRequests: number;
  readonly maxClientStreams: number;
}

/** What all connections of a server have in common. */
export interface ConnectionContext<State> {
  readonly auth: SaslOptions | undefined;
  readonly keepAlive: KeepAliveOptions | false;
  readonly limits: ConnectionLimits;
  /** Answers a call, one way or the other, and never rejects. */
  answer(client: Connection<State>, call: MessageHeader, payload: Uint8Array): Promise<void>;
  /** Told of what went wrong here and not at the client's end. */
  onError(error: unknown, procedure: string): void;
  closed(client: Connection<State>): void;
}

/** One client of the server. */
export class Connection<State> implements OpenClient<State> {
  readonly id: number;
  readonly login: Login;
  readonly #origin: Origin;
  readonly #context: ConnectionContext<State>;
  readonly #pipe: Pipe;
  readonly #turns = new Turns();
  readonly #streams: Streams;
  readonly #onClose = new Set<() => void>();
  #unanswered = 0;
  #opened: { readonly state: State; readonly readonly: boolean } | undefined;
  #lastAnswer: "behind" | "within" | undefined;
  #ending = false;
  #closed = false;

  constructor(id: number, transport: Transport, origin: Origin, context: ConnectionContext<State>) {
    this.id = id;
    this.#origin = origin;
    this.#context = context;
    this.login = new Login(context.auth, {
      secure: transport.secure,
      externalName: origin.externalName,
      onError: (error) => context.onError(error, "auth.users"),
    });
    const handler = {
      received: (header: MessageHeader, payload: Uint8Array) => this.#received(header, payload),
      closed: () => this.#lost(),
      failed: (error: unknown) => context.onError(error, "receiving"),
    };
    this.#pipe = new Pipe(transport, handler, context.limits);
    this.#streams = new Streams({
      packet: (header, payload) => this.#pipe.packet(header, payload),
      fail: (header, error) => this.#sendError(header, error),
      whenRoom: (send) => this.#pipe.whenRoom(send),
      lagging: (on) => this.#pipe.hold("streams", on),
    });
  }

  get readonly(): boolean {
    return this.#opened?.readonly ?? this.#origin.readonly ?? false;
  }

  get identity(): ClientIdentity {
    const { userName } = this.login;
    const { x509Dname } = this.#origin;
    return {
      ...(userName === undefined ? {} : { saslUserName: userName }),
      ...(x509Dname === undefined ? {} : { x509Dname }),
    };
  }

  /** Whether the client has opened the hypervisor. */
  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  get state(): State {
    if (!this.#opened) throw new TypeError(`client ${this.id} has not opened the hypervisor`);
    return this.#opened.state;
  }

  /** Whether it can have another stream, for this call. */
  hasRoomForStream(call: MessageHeader): boolean {
    return this.#streams.size < this.#context.limits.maxClientStreams && !this.#streams.has(call);
  }

  /** The client has opened the hypervisor. */
  opened(state: State, readonly: boolean): void {
    this.#opened = { state, readonly };
  }

  startKeepAlive(): void {
    const { keepAlive } = this.#context;
    if (keepAlive && !this.#closed) this.#pipe.startKeepAlive(keepAlive);
  }

  reply<Ret>(call: MessageHeader, codec: Codec<Ret>, value: Ret): void {
    if (this.#closed) return;
    this.#pipe.send({ ...call, type: MessageType.REPLY, status: MessageStatus.OK }, codec, value);
    this.#answered();
  }

  /** Begins the stream that a call has opened, behind the reply. */
  openStream(call: MessageHeader, opening: StreamOpening): void {
    if (!this.#closed) this.#streams.open(call, opening);
  }

  /** Answers a call with an error. */
  refuse(call: MessageHeader, error: unknown): void {
    this.#sendError({ ...call, type: MessageType.REPLY, status: MessageStatus.ERROR }, error);
    this.#answered();
  }

  send<Message>({ program, number, message: codec }: EventMessage<Message>, message: Message): void {
    if (this.#closed) return;
    const ids = { prog: program, vers: programVersion, proc: number, serial: 0 };
    this.#pipe.send({ ...ids, type: MessageType.MESSAGE, status: MessageStatus.OK }, codec, message);
  }

  onClose(callback: () => void): void {
    if (this.#closed) callback();
    else this.#onClose.add(callback);
  }

  drop(): void {
    this.#pipe.drop();
  }

  endWithAnswer(where: "behind" | "within"): void {
    this.#lastAnswer = where;
  }

  #answered(): void {
    if (!this.#lastAnswer) return;
    if (this.#lastAnswer === "within") this.#pipe.cut();
    this.end();
  }

  /** Ends the connection when what has been answered is sent. Nothing more is answered. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#pipe.end();
  }

  #received(header: MessageHeader, payload: Uint8Array): void {
    switch (header.type) {
      case MessageType.CALL:
      case MessageType.CALL_WITH_FDS:
        this.#receivedCall(header, payload);
        return;
      case MessageType.STREAM:
      case MessageType.STREAM_HOLE:
        if (!this.#streams.received(header, payload)) this.drop();
        return;
      default:
      // As with libvirtd: nothing else is answered.
    }
  }

  #receivedCall(call: MessageHeader, payload: Uint8Array): void {
    this.#count(1);
    const isUrgent = findProgram(call.prog)?.get(call.proc)?.priority === "high";
    this.#turns.take(isUrgent, async () => {
      if (isTired()) await rest();
      if (!this.#ending && !this.#closed) await this.#context.answer(this, call, payload);
      this.#count(-1);
    });
  }

  #count(change: 1 | -1): void {
    this.#unanswered += change;
    this.#pipe.hold("calls", this.#unanswered >= this.#context.limits.maxClientRequests);
  }

  #sendError(header: MessageHeader, error: unknown): void {
    if (this.#closed) return;
    const name = findProgram(header.prog)?.get(header.proc)?.name ?? `procedure ${header.proc}`;
    if (!(error instanceof DriverError)) this.#context.onError(error, name);
    const reported = error instanceof DriverError ? error : internalError(`${name} failed in the driver`);
    try {
      this.#pipe.send(header, MessageError, reported.toWire());
    } catch (cause) {
      this.#context.onError(cause, name);
      this.#pipe.send(header, MessageError, internalError(`${name} failed in the driver`).toWire());
    }
  }

  #lost(): void {
    this.#closed = true;
    this.#streams.lost();
    for (const callback of this.#onClose) this.#tell(callback);
    this.#onClose.clear();
    this.#context.closed(this);
  }

  #tell(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#context.onError(error, "onClose");
    }
  }
}
