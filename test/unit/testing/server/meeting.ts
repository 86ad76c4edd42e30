import { onTestFinished } from "vitest";
import { MessageError, MessageStatus, MessageType } from "../../../../src/protocol/generated/net.js";
import { connectOpen } from "../../../../src/protocol/generated/remote.js";
import type { Procedure } from "../../../../src/protocol/procedure.js";
import { decode, encode } from "../../../../src/protocol/xdr.js";
import { Session } from "../../../../src/rpc/session.js";
import type { Origin } from "../../../../src/testing/server/connection.js";
import { Handlers } from "../../../../src/testing/server/handlers.js";
import { Server, type ServerOptions } from "../../../../src/testing/server/server.js";
import type { Transport } from "../../../../src/transport/transport.js";
import { type Frame, frame, Peer } from "../../rpc/peer.js";

/** A server, and a client of it that says what it is told to, right or wrong. */
export class Meeting<State> {
  readonly server: Server<State>;
  readonly transport: Transport;
  readonly client: Peer;
  /** What went wrong at the server's end. */
  readonly errors: unknown[] = [];
  #serial = 0;

  constructor(options: ServerOptions<State>, origin?: Origin) {
    this.server = new Server({ onError: (error) => this.errors.push(error), ...options });
    this.transport = this.server.connect(origin);
    this.client = new Peer(this.transport);
    onTestFinished(() => this.server.close());
  }

  /** Calls, and returns whatever comes next. */
  async ask<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args): Promise<Frame> {
    this.client.send(this.call(procedure, args));
    return this.client.next();
  }

  /** Calls, and returns the result. */
  async get<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args): Promise<Ret> {
    const answer = await this.ask(procedure, args);
    if (answer.header.status !== MessageStatus.OK) throw new Error(errorIn(answer).message ?? "");
    return decode(procedure.ret, answer.payload);
  }

  open(flags = 0): Promise<void> {
    return this.get(connectOpen, { name: "test:///default", flags });
  }

  /** The bytes of a call. */
  call<Args>({ program, number, args: codec }: Procedure<Args, unknown>, args: Args): Uint8Array {
    const ids = { prog: program, proc: number, serial: ++this.#serial };
    return frame({ ...ids, type: MessageType.CALL }, encode(codec, args));
  }
}

export const anyHandlers = () => new Handlers<undefined>(() => undefined);

/** A client that has met a server with these handlers and has opened the hypervisor. */
export async function meetOpen<State>(
  handlers: Handlers<State>,
  options: Partial<ServerOptions<State>> = {},
  origin?: Origin,
): Promise<Meeting<State>> {
  const meeting = new Meeting({ handlers, ...options }, origin);
  await meeting.open();
  return meeting;
}

/** Our own client's session with a server that has these handlers. */
export async function converseWith<State>(
  handlers: Handlers<State>,
  options: Partial<ServerOptions<State>> = {},
): Promise<{ readonly session: Session; readonly server: Server<State> }> {
  const server = new Server({ handlers, ...options });
  const session = new Session(server.connect());
  onTestFinished(async () => {
    await session.close();
    await server.close();
  });
  await session.call(connectOpen, { name: "test:///default", flags: 0 });
  return { session, server };
}

export function errorIn({ header, payload }: Frame): MessageError {
  if (header.status !== MessageStatus.ERROR) throw new Error(`status ${header.status} is no error`);
  return decode(MessageError, payload);
}
