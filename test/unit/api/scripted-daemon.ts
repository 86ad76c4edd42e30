import { onTestFinished } from "vitest";
import { Connection } from "../../../src/api/connection.js";
import { DescriptorChannels } from "../../../src/api/descriptors.js";
import { LibvirtError } from "../../../src/errors.js";
import { MessageType } from "../../../src/protocol/generated/net.js";
import { connectClose } from "../../../src/protocol/generated/remote.js";
import type { Procedure } from "../../../src/protocol/procedure.js";
import { Session } from "../../../src/rpc/session.js";
import { createMemoryPair } from "../../../src/transport/memory.js";
import { argumentsOf, errorTo, type Frame, frame, Peer, replyTo } from "../rpc/peer.js";

/** A reply's payload as it is to go out, whatever the procedure's type says. */
export class RawReply {
  readonly payload: Uint8Array;

  constructor(payload: Uint8Array) {
    this.payload = payload;
  }
}

/** For an answer to say that the daemon goes away instead. */
export const hangUp = Symbol("hang up");

/** What a call gets: a value, an error that is thrown, bytes, or nothing any more. */
export type Answer<Ret> = Ret | RawReply | typeof hangUp;

/**
 * A daemon that answers each procedure as a test says, and a connection to it. Only the wire lies between: what the
 * daemon is asked has been encoded and what it answers is decoded.
 */
export class ScriptedDaemon {
  readonly connection: Connection;
  readonly #peer: Peer;
  readonly #answers = new Map<number, (call: Frame) => Promise<Uint8Array | typeof hangUp>>();

  constructor(uri: string) {
    const [ours, theirs] = createMemoryPair();
    this.#peer = new Peer(theirs, (call) => {
      this.#receive(call);
    });
    this.on(connectClose, () => undefined);
    const session = new Session(ours);
    this.connection = new Connection(session, uri, new DescriptorChannels(session, async () => {}));
    onTestFinished(() => this.connection.close());
  }

  /** Answers a procedure from now on. */
  on<Args, Ret>(
    procedure: Procedure<Args, Ret>,
    answer: (args: Args) => Answer<Ret> | Promise<Answer<Ret>>,
  ): this {
    this.#answers.set(procedure.number, async (call) => {
      try {
        const result = await answer(argumentsOf(call, procedure));
        if (result === hangUp) return hangUp;
        if (result instanceof RawReply) {
          return frame({ ...call.header, type: MessageType.REPLY }, result.payload);
        }
        return replyTo(call, procedure, result);
      } catch (error) {
        if (!(error instanceof LibvirtError)) throw error;
        const { code, domain, message } = error;
        return errorTo(call, { code, domain, message });
      }
    });
    return this;
  }

  async #receive(call: Frame): Promise<void> {
    const answer = this.#answers.get(call.header.proc);
    if (!answer) throw new Error(`nobody said what procedure ${call.header.proc} is to be answered with`);
    const reply = await answer(call);
    if (reply === hangUp) this.#peer.destroy();
    else this.#peer.send(reply);
  }
}

/** An error for an answer to throw. */
export function refusal(code: number, domain: number, message: string): LibvirtError {
  const none = { str1: null, str2: null, str3: null, int1: -1, int2: -1 };
  return new LibvirtError({ code, domain, level: 2, message, ...none });
}
