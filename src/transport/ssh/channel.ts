import type { Socket } from "node:net";
import { Writable } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { ConnectionError, ProtocolError } from "../../errors.js";
import { Complaints } from "../complaints.js";
import { keepRunning } from "../keep-running.js";
import { Sender } from "../sender.js";
import type { Peer } from "../socket.js";
import type { Transport, TransportHandler } from "../transport.js";

/** How long the server may take to go, once there is nothing left to do for it, before it is made to. */
const patience = 1000;

/** More than the package ssh2 ever lets a server send before we have read: it does not hold servers to that itself. */
const mostUnread = 8 * 1024 * 1024;

/** What a command leads to, and what it means how it ended and what it said, where that does not speak for itself. */
export interface CommandPeer extends Peer {
  explain(status: number | null, words: string): Error | undefined;
}

/** Makes a transport of a command that runs on a server, by the connection that is its alone. */
export class ChannelTransport implements Transport {
  readonly peer: string;
  readonly secure: boolean;
  readonly encrypted: boolean;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #channel: ClientChannel;
  readonly #explain: CommandPeer["explain"];
  readonly #outgoing: Writable;
  readonly #sender: Sender;
  readonly #complaints = new Complaints();
  #handler: TransportHandler | undefined;
  #error: Error | undefined;
  #ended = false;
  #dropped = false;
  /** All that the command wrote has been delivered. */
  #read = false;
  #gone = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Client, socket: Socket, channel: ClientChannel, to: CommandPeer) {
    const { peer, secure, encrypted, explain } = to;
    this.peer = peer;
    this.secure = secure;
    this.encrypted = encrypted;
    this.#client = client;
    this.#socket = socket;
    this.#channel = channel;
    this.#explain = explain;
    this.#outgoing = paced(channel, socket);
    this.#sender = new Sender(this.#outgoing, () => {
      if (!this.#dropped) this.#handler?.drained?.();
    });
    channel.stderr.setEncoding("utf8").on("data", (text: string) => this.#complaints.add(text));
    channel.on("error", () => {}); // the command does not read any more: how it ends tells why
    channel.on("close", (status?: number | null, signal?: string) => {
      this.#read = true;
      // Where there is none, the connection broke first.
      if (!this.#ended && status !== undefined) this.#error ??= this.#failure(status, signal);
      this.#leave();
    });
    client.on("error", (cause) => this.#fail(cause));
    socket.on("data", () => {
      if (channel.readableLength <= mostUnread) return;
      this.destroy(new ProtocolError(`${peer} sends more than it may before we have read it`));
    });
    socket.on("close", () => {
      clearTimeout(this.#timer);
      this.#gone = true;
      if (!this.#ended && !this.#read) this.#error ??= new ConnectionError(`${peer} ended the connection`);
      this.#finish();
    });
  }

  start(handler: TransportHandler): void {
    this.#handler = handler;
    if (this.#gone && (this.#read || this.#dropped)) {
      queueMicrotask(() => handler.closed(this.#error));
      return;
    }
    this.#channel.on("data", (chunk: Buffer) => {
      if (!this.#dropped) handler.received(chunk);
    });
  }

  write(bytes: Uint8Array): boolean {
    return this.#ended || this.#sender.send(bytes);
  }

  pause(): void {
    this.#channel.pause();
  }

  resume(): void {
    this.#channel.resume();
  }

  ref(): void {
    keepRunning(this.#socket, true);
  }

  unref(): void {
    keepRunning(this.#socket, false);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    // A command that has passed on all it got, and hears that nothing more comes, ends by itself.
    this.#outgoing.end(() => {
      this.#channel.end();
      this.#dropSoon();
    });
  }

  destroy(error?: Error): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#ended = true;
    this.#error ??= error;
    this.#socket.destroy();
    if (this.#gone) this.#finish();
  }

  /** The command is over, and nothing else is wanted of the server. */
  #leave(): void {
    if (this.#gone) {
      this.#finish();
      return;
    }
    this.#client.end();
    this.#socket.destroySoon();
    this.#dropSoon();
  }

  #dropSoon(): void {
    if (!this.#gone) this.#timer ??= setTimeout(() => this.#socket.destroy(), patience);
  }

  #fail(cause: Error): void {
    if (this.#ended) return;
    this.destroy(new ConnectionError(`The connection to ${this.peer} broke: ${cause.message}`, { cause }));
  }

  #finish(): void {
    if (!this.#read && !this.#dropped && !this.#ended) return;
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.closed(this.#error);
  }

  /** Why the command ended, unless it did in good order and without a word. */
  #failure(status: number | null, signal: string | undefined): Error | undefined {
    const words = this.#complaints.toString();
    if (words === "" && status === 0) return undefined;
    const explained = this.#explain(status, words);
    if (explained) return explained;
    const end = signal === undefined ? `exited with status ${status}` : `was ended by ${signal}`;
    const saying = words === "" ? "without saying why" : `saying: ${words}`;
    return new ConnectionError(`The connection to ${this.peer} broke: the command there ${end}, ${saying}`);
  }
}

/**
 * The way out by a channel. The package ssh2 writes to the socket all that the server has room for, however slow the
 * network is; what goes this way waits for the socket too.
 */
function paced(channel: ClientChannel, socket: Socket): Writable {
  const outgoing = new Writable({
    write(bytes, _encoding, done) {
      const taken = (error?: Error | null) => {
        if (error || !socket.writableNeedDrain) done(error);
        else socket.once("drain", done);
      };
      channel.write(bytes, (error) => {
        if (!atOnce) taken(error);
      });
      // Node tells a moment later, and there would be something left after each write.
      const atOnce = channel.writableLength === 0;
      if (atOnce) taken();
    },
  });
  outgoing.on("error", () => {});
  return outgoing;
}
