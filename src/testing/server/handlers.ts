import type { ConnectOpenArgs } from "../../protocol/generated/remote.js";
import type { Procedure } from "../../protocol/procedure.js";
import type { Segment } from "../../rpc/backlog.js";
import type { Client, OpenClient } from "./client.js";

/** Opens the hypervisor for a client. What it returns is the client's `state` in all other handlers. */
export type OpenHandler<State> = (args: ConnectOpenArgs, client: Client) => State | Promise<State>;

/** Answers a call: with what it returns, or with the `DriverError` that it throws. */
export type Handler<State, Args, Ret> = (args: Args, client: OpenClient<State>) => Ret | Promise<Ret>;

/** What a handler may return instead of the answer, so that the client's next calls need not wait for it. */
export class LateAnswer {
  readonly value: Promise<unknown>;

  constructor(value: Promise<unknown>) {
    this.value = value;
  }
}

/** Answers a call that opens a stream. */
export type StreamHandler<State, Args, Ret> = (
  args: Args,
  client: OpenClient<State>,
) => OpenedStream<Ret> | Promise<OpenedStream<Ret>>;

/** What comes of a call that opens a stream. */
export interface OpenedStream<Ret> {
  readonly reply: Ret;
  /**
   * The stream's life, which begins when the reply is on its way. When it resolves, all is well: the client has been
   * sent everything, and everything it sent is where it belongs. What it throws becomes the stream's error.
   */
  run(stream: ServerStream): void | Promise<void>;
}

/**
 * The server's end of a stream. To iterate over it is to receive: the pieces that the client sends, until it says that
 * these were all. Receiving and sending both fail when the client has aborted the stream or is gone.
 */
export interface ServerStream extends AsyncIterable<Segment> {
  /** Whether holes travel in it. */
  readonly sparse: boolean;
  /** Aborts when the client has aborted the stream, or is gone. */
  readonly signal: AbortSignal;
  /** Sends bytes, of any number; resolves when the pipe has taken them. */
  write(bytes: Uint8Array): Promise<void>;
  /** Sends a hole; as zeros, where the client has not asked for holes. */
  writeHole(length: bigint): Promise<void>;
}

/** How to answer one procedure. */
export interface Answer<State> {
  readonly procedure: Procedure<unknown, unknown>;
  readonly handle: Handler<State, unknown, unknown> | StreamHandler<State, unknown, unknown>;
}

/**
 * What a server can do beyond the protocol itself: one function for each procedure. The server decodes the arguments,
 * refuses calls that come before the client is logged in and has opened the hypervisor, and those that change something
 * from clients that may only look. It calls one handler after the other for each client, in the order in which the calls
 * came; only procedures of high priority overtake others. A call that has no handler is answered `NO_SUPPORT`.
 *
 * What is refused to clients that may only look because of a flag, such as the secrets in a domain's XML, is the handler's
 * to refuse.
 */
export class Handlers<State> {
  readonly open: OpenHandler<State>;
  readonly #answers = new Map<string, Answer<State>>();

  constructor(open: OpenHandler<State>) {
    this.open = open;
  }

  on<Args, Ret>(procedure: Procedure<Args, Ret>, handler: Handler<State, Args, Ret>): this {
    if (procedure.stream) throw new TypeError(`${procedure.name} opens a stream: it takes onStream`);
    return this.#add(procedure, handler);
  }

  /** For a procedure that opens a stream. */
  onStream<Args, Ret>(procedure: Procedure<Args, Ret>, handler: StreamHandler<State, Args, Ret>): this {
    if (!procedure.stream) throw new TypeError(`${procedure.name} opens no stream: it takes on`);
    return this.#add(procedure, handler);
  }

  /** @internal For the server. */
  find(program: number, procedure: number): Answer<State> | undefined {
    return this.#answers.get(key(program, procedure));
  }

  #add<Args, Ret>(
    procedure: Procedure<Args, Ret>,
    handle: Handler<State, Args, Ret> | StreamHandler<State, Args, Ret>,
  ): this {
    const at = key(procedure.program, procedure.number);
    if (this.#answers.has(at)) throw new TypeError(`${procedure.name} has a handler already`);
    // A handler is only ever called with what its own procedure's codec has read.
    this.#answers.set(at, { procedure, handle } as unknown as Answer<State>);
    return this;
  }
}

const key = (program: number, procedure: number) => `${program}/${procedure}`;
