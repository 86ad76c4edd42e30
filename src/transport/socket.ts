import type { NetConnectOpts, Socket } from "node:net";
import { ConnectionError } from "../errors.js";
import { keepRunning } from "./keep-running.js";
import type { TransportObserver } from "./observer.js";
import { Sender } from "./sender.js";
import type { Transport, TransportHandler } from "./transport.js";

export interface ConnectOptions {
  /** Aborting drops the attempt and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly observer?: TransportObserver | undefined;
}

/** What a socket leads to, and how safely. */
export interface Peer extends Pick<Transport, "peer" | "secure" | "encrypted"> {
  /** What may be wrong if it ends the connection without ever having said a word. */
  readonly ifSilent?: string;
}

/**
 * Where everything arrives that any of our sockets receives. Each handles what it has read before another reads, so one
 * is enough, and large reads cost no memory for each connection.
 */
let arrivals: Buffer | undefined;
const arrivalBytes = 256 * 1024;
/** As much of it as was read last: replies to one call after the other are often of one length. */
let arrived: Uint8Array = new Uint8Array(0);

/** Connects a transport by a socket. Rejects with the system's own error: the caller knows what to make of it. */
export function connectSocket(to: NetConnectOpts, peer: Peer, options: ConnectOptions): Promise<Transport> {
  let transport: SocketTransport | undefined;
  arrivals ??= Buffer.allocUnsafeSlow(arrivalBytes);
  const callback = (count: number, bytes: Uint8Array) => {
    if (arrived.length !== count) arrived = new Uint8Array(bytes.buffer, 0, count);
    transport?.received(arrived);
    return true;
  };
  const begin = (socket: Socket) => {
    transport = new SocketTransport(socket, peer);
    return transport;
  };
  return openSocket({ ...to, onread: { buffer: arrivals, callback } }, begin, options);
}

/** Connects a socket, and hands it at once to the one who is to take care of it, its errors included. */
export async function openSocket<T>(
  to: NetConnectOpts,
  begin: (socket: Socket) => T,
  { signal, observer }: ConnectOptions,
): Promise<T> {
  signal?.throwIfAborted();
  // Loaded now and not with this module: who only imports us, or goes by ssh, has no use for it.
  const socket = process.getBuiltinModule("node:net").connect(to);
  // Nothing is read before somebody wants it.
  socket.pause();
  const connected = () => {
    observer?.reached?.(socket.remoteAddress);
    return begin(socket);
  };
  return whenConnected(socket, connected, signal);
}

/** Waits until a socket is connected, and calls `begin` in that very moment. An abort drops it. */
export function whenConnected<T>(
  socket: Socket,
  begin: () => T,
  signal: AbortSignal | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      socket.off("connect", onConnect);
      socket.off("error", onError);
      signal?.removeEventListener("abort", onAbort);
    };
    const onConnect = () => {
      resolve(begin());
      settle();
    };
    const onError = (error: Error) => {
      settle();
      reject(error);
    };
    const onAbort = () => {
      settle();
      socket.destroy();
      reject(signal?.reason);
    };
    socket.on("connect", onConnect);
    socket.on("error", onError);
    signal?.addEventListener("abort", onAbort);
  });
}

/** Makes a transport of a connected socket, which from now on belongs to it. */
export function socketTransport(socket: Socket, peer: Peer): Transport {
  return new SocketTransport(socket, peer);
}

class SocketTransport implements Transport {
  readonly peer: string;
  readonly secure: boolean;
  readonly encrypted: boolean;
  readonly #socket: Socket;
  readonly #sender: Sender;
  #handler: TransportHandler | undefined;
  #error: Error | undefined;
  #paused = false;
  #ended = false;
  #dropped = false;
  #gone = false;

  constructor(socket: Socket, { peer, secure, encrypted, ifSilent }: Peer) {
    this.peer = peer;
    this.secure = secure;
    this.encrypted = encrypted;
    this.#socket = socket;
    socket.on("error", (cause) => {
      const hint = ifSilent !== undefined && socket.bytesRead === 0 ? `. ${ifSilent}` : "";
      this.#error ??= new ConnectionError(`The connection to ${peer} broke: ${cause.message}${hint}`, {
        cause,
      });
    });
    // There is no half-open conversation with a daemon: when it has ended, nothing we send can be answered, and
    // waiting for it to take what we still have to send could last for ever.
    socket.on("end", () => {
      if (ifSilent !== undefined && socket.bytesRead === 0 && !this.#ended) {
        this.#error ??= new ConnectionError(`${peer} closed the connection without a word. ${ifSilent}`);
      }
      socket.destroy();
    });
    this.#sender = new Sender(socket, () => {
      if (!this.#dropped) this.#handler?.drained?.();
    });
    socket.on("close", () => {
      this.#gone = true;
      this.#handler?.closed(this.#error);
    });
  }

  start(handler: TransportHandler): void {
    this.#handler = handler;
    if (this.#gone) {
      queueMicrotask(() => handler.closed(this.#error));
      return;
    }
    // Of a socket that we have not connected ourselves; the others call `received`.
    this.#socket.on("data", (chunk) => this.received(chunk));
    this.#socket.resume();
  }

  received(bytes: Uint8Array): void {
    // Node goes on with what it has buffered after destroy().
    if (!this.#dropped) this.#handler?.received(bytes);
  }

  write(bytes: Uint8Array): boolean {
    return this.#ended || this.#sender.send(bytes);
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
    // A resume() just before this puts off some of its work, which would undo it.
    process.nextTick(() => {
      if (this.#paused) this.#socket.pause();
    });
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
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
    this.#socket.destroySoon();
  }

  destroy(error?: Error): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#ended = true;
    this.#error ??= error;
    this.#socket.destroy();
  }
}
