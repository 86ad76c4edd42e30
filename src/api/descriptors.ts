import { UnsupportedError } from "../errors.js";
import { type CallOptions, within } from "../rpc/deadline.js";
import type { DescriptorChannel } from "../rpc/descriptor-channel.js";
import type { Callee, Link } from "../rpc/link.js";
import type { Session } from "../rpc/session.js";

/** Makes a session, or what stands beside it, ready for calls. */
export type Prepare = (
  partner: Callee & Pick<Session, "peer" | "secure" | "protect">,
  options: CallOptions,
) => Promise<void>;

/** The channel for descriptors that a connection opens when it first needs one. */
export class DescriptorChannels {
  readonly #link: Link;
  readonly #prepare: Prepare;
  #channel: Promise<DescriptorChannel> | undefined;

  /** `prepare` does what opening the connection took. */
  constructor(link: Link, prepare: Prepare) {
    this.#link = link;
    this.#prepare = prepare;
  }

  /** The channel, opened again if it has come to an end. It ends with the session that it stands beside. */
  async get(options: CallOptions): Promise<DescriptorChannel> {
    // Calls that come together share the one that the first of them opens; if that fails, the next tries for itself.
    for (let known = this.#channel; known; known = this.#channel) {
      const opened = known.catch(() => undefined);
      const channel = await within(options, "opening the connection for file descriptors", opened);
      if (channel?.isOpen) return channel;
      if (this.#channel === known) this.#channel = undefined;
    }
    this.#channel = this.#establish(options);
    return this.#channel;
  }

  async #establish(options: CallOptions): Promise<DescriptorChannel> {
    const session = await this.#link.whenOpen(options);
    const channel = await this.#open(session.peer, options);
    session.closed.then(({ error }) => channel.close(error));
    return channel;
  }

  async #open(peer: string, options: CallOptions): Promise<DescriptorChannel> {
    const [, path] = /^unix:(.*)$/s.exec(peer) ?? [];
    if (path === undefined) {
      throw new UnsupportedError(
        `file descriptors travel over unix sockets only, and this connection is to ${peer}`,
      );
    }
    const { connectForDescriptors } = await import("../transport/descriptors.js");
    const { DescriptorChannel } = await import("../rpc/descriptor-channel.js");
    const channel = new DescriptorChannel(await connectForDescriptors(path, { signal: options.signal }));
    try {
      await this.#prepare(channel, options);
      await channel.meet(options);
    } catch (error) {
      channel.close(error as Error);
      throw error;
    }
    return channel;
  }
}
