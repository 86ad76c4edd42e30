import { UnsupportedError } from "../errors.js";
import type { CallOptions } from "../rpc/deadline.js";
import { DescriptorChannel } from "../rpc/descriptor-channel.js";
import type { Session } from "../rpc/session.js";

/** Makes a session, or what stands beside it, ready for calls. */
export type Prepare = (
  partner: Pick<Session, "peer" | "secure" | "call" | "protect">,
  options: CallOptions,
) => Promise<void>;

/** The channel for descriptors that a connection opens when it first needs one. */
export class DescriptorChannels {
  readonly #peer: string;
  readonly #prepare: Prepare;
  #channel: Promise<DescriptorChannel> | undefined;
  #isOver = false;

  /** `peer` is where the connection leads, and `prepare` does what opening it took. */
  constructor(session: Session, prepare: Prepare) {
    this.#peer = session.peer;
    this.#prepare = prepare;
    session.closed.then(() => {
      this.#isOver = true;
      this.#channel?.then((channel) => channel.close()).catch(() => {});
    });
  }

  /** The channel, opened again if it has come to an end. */
  async get(options: CallOptions): Promise<DescriptorChannel> {
    const current = await this.#channel?.catch(() => undefined);
    if (current?.isOpen) return current;
    const opening = this.#open(options);
    this.#channel = opening;
    const channel = await opening;
    if (this.#isOver) channel.close();
    return channel;
  }

  async #open(options: CallOptions): Promise<DescriptorChannel> {
    const [, path] = /^unix:(.*)$/s.exec(this.#peer) ?? [];
    if (path === undefined) {
      throw new UnsupportedError(
        `file descriptors travel over unix sockets only, and this connection is to ${this.#peer}`,
      );
    }
    const { connectForDescriptors } = await import("../transport/descriptors.js");
    const channel = new DescriptorChannel(await connectForDescriptors(path, { signal: options.signal }));
    try {
      await this.#prepare(channel, options);
    } catch (error) {
      channel.close();
      throw error;
    }
    return channel;
  }
}
