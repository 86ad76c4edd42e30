import { connect, type NetConnectOpts, type Socket } from "node:net";
import { ConnectionError } from "../errors.js";
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

/** Connects a socket. Rejects with the system's own error: the caller knows what to make of it. */
export function connectSocket(
  to: NetConnectOpts,
  peer: Peer,
  { signal, observer }: ConnectOptions,
): Promise<Transport> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connect(to);
    const settle = () => {
      socket.off("connect", onConnect);
      socket.off("error", onError);
      signal?.removeEventListener("abort", onAbort);
    };
    const onConnect = () => {
      observer?.reached?.(socket.remoteAddress);
      resolve(socketTransport(socket, peer));
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
    this.#socket.on("data", (chunk) => {
      // Node goes on emitting what it has buffered after destroy().
      if (!this.#dropped) handler.received(chunk);
    });
    this.#socket.resume();
  }

  write(bytes: Uint8Array): boolean {
    return this.#ended || this.#sender.send(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
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
