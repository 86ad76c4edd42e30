import { maxFrameLength } from "../../protocol/message.js";
import { checkKeepAlive, type KeepAliveOptions } from "../../rpc/keepalive.js";
import { createMemoryPair } from "../../transport/memory.js";
import type { Transport } from "../../transport/transport.js";
import { checkSaslOptions, type SaslOptions } from "./auth/login.js";
import type { Client } from "./client.js";
import { Connection, type ConnectionContext, type Origin } from "./connection.js";
import { Dispatcher } from "./dispatch.js";
import type { Handlers } from "./handlers.js";

/** How many there may be of what clients can have, by libvirtd's names and with its defaults. */
export interface ServerLimits {
  /** How many clients are served at once; more have to wait. 5000 if left out. */
  readonly maxClients?: number;
  /** How many clients may be there that have not logged in; more have to wait. 0 means any number; 20 if left out. */
  readonly maxAnonymousClients?: number;
  /** How many clients may wait; more are turned away. 1000 if left out. */
  readonly maxQueuedClients?: number;
  /** How many calls of a client may be unanswered before nothing more is read from it. 5 if left out. */
  readonly maxClientRequests?: number;
  /** How many streams a client may have open. 100 if left out. */
  readonly maxClientStreams?: number;
  /** How many bytes a client's message may have. What libvirtd takes, 32 MiB and a little, if left out. */
  readonly maxMessageBytes?: number;
  /** How many bytes may wait for a client that does not read before it is dropped. 64 MiB if left out. */
  readonly maxUnsentBytes?: number;
}

export interface ServerOptions<State> extends ServerLimits {
  /** What calls are answered by. */
  readonly handlers: Handlers<State>;
  /** Who may log in, and how. Everybody may enter if left out. */
  readonly auth?: SaslOptions;
  /**
   * After how many seconds of silence a client is asked whether it is there, and how often in vain, if it has told that
   * it will answer. Every 5 seconds and 5 times if left out.
   */
  readonly keepAlive?: KeepAliveOptions | false;
  /**
   * Told what a handler has thrown that is no `DriverError`, or returned that is no reply, and what the function has thrown
   * that looks passwords up: mistakes in the driver. The client learns of them no more than that there was one.
   */
  readonly onError?: (error: unknown, procedure: string) => void;
}

const defaults = {
  maxClients: 5000,
  maxAnonymousClients: 20,
  maxQueuedClients: 1000,
  maxClientRequests: 5,
  maxClientStreams: 100,
  maxMessageBytes: maxFrameLength,
  maxUnsentBytes: 64 * 1024 * 1024,
} satisfies Required<ServerLimits>;

/** How long a client may take to receive what was sent to it when the server closes. */
const farewellMs = 1000;

interface Arrival {
  readonly transport: Transport;
  readonly origin: Origin;
}

/** Serves clients by whatever they come: speaks the protocol with each of them, and has the handlers do the rest. */
export class Server<State> {
  readonly #context: ConnectionContext<State>;
  readonly #limits: Required<ServerLimits>;
  readonly #clients = new Set<Connection<State>>();
  readonly #queue: Arrival[] = [];
  #lastId = 0;
  #closing = false;
  #empty: (() => void) | undefined;

  constructor(options: ServerOptions<State>) {
    const { handlers, auth, keepAlive = { interval: 5, count: 5 }, onError = () => {} } = options;
    this.#limits = checkedLimits(options);
    if (auth) checkSaslOptions(auth);
    if (keepAlive) checkKeepAlive(keepAlive);
    const dispatcher = new Dispatcher(handlers, onError, () => this.#admit());
    this.#context = {
      auth,
      keepAlive: keepAlive && keepAlive.interval > 0 ? keepAlive : false,
      limits: this.#limits,
      onError,
      answer: (client, call, payload) => dispatcher.answer(client, call, payload),
      closed: (client) => this.#closed(client),
    };
  }

  /** Who is there now. */
  get clients(): readonly Client[] {
    return [...this.#clients];
  }

  /** Serves whoever is at the other end of this, as soon as there is room. */
  accept(transport: Transport, origin: Origin = {}): void {
    if (this.#closing || this.#queue.length >= this.#limits.maxQueuedClients) {
      transport.destroy();
      return;
    }
    this.#queue.push({ transport, origin });
    this.#admit();
  }

  /** A pipe that leads here, and that a client can be connected to: nothing of it leaves the process. */
  connect(origin: Origin = {}): Transport {
    const [client, server] = createMemoryPair();
    this.accept(server, origin);
    return client;
  }

  /** Takes no more clients, sends those that are there what has been answered, and lets go of them. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const { transport } of this.#queue.splice(0)) transport.destroy();
    for (const client of this.#clients) client.end();
    if (this.#clients.size === 0) return;
    const timer = setTimeout(() => {
      for (const client of this.#clients) client.drop();
    }, farewellMs);
    await new Promise<void>((resolve) => {
      const earlier = this.#empty;
      this.#empty = () => {
        earlier?.();
        resolve();
      };
    });
    clearTimeout(timer);
  }

  #admit(): void {
    while (this.#queue.length > 0 && this.#hasRoom()) {
      const { transport, origin } = this.#queue.shift()!;
      this.#clients.add(new Connection(++this.#lastId, transport, origin, this.#context));
    }
  }

  #hasRoom(): boolean {
    const { maxClients, maxAnonymousClients } = this.#limits;
    if (this.#clients.size >= maxClients) return false;
    if (maxAnonymousClients === 0 || !this.#context.auth) return true;
    return [...this.#clients].filter(({ login }) => !login.done).length < maxAnonymousClients;
  }

  #closed(client: Connection<State>): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.#empty?.();
    this.#admit();
  }
}

function checkedLimits(options: ServerLimits): Required<ServerLimits> {
  const limits = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof ServerLimits)[]) {
    const value = options[name] ?? defaults[name];
    if (!Number.isSafeInteger(value)) throw new TypeError(`${name}: ${value} is no integer`);
    if (value < (name === "maxAnonymousClients" ? 0 : 1))
      throw new RangeError(`${name}: ${value} is too small`);
    limits[name] = value;
  }
  return { ...limits, maxMessageBytes: Math.min(limits.maxMessageBytes, maxFrameLength) };
}
