import { onTestFinished } from "vitest";
import { connectGetHostname } from "../../../src/protocol/generated/remote.js";
import { Session, type SessionOptions } from "../../../src/rpc/session.js";
import { createMemoryPair } from "../../../src/transport/memory.js";
import type { Transport, TransportHandler } from "../../../src/transport/transport.js";
import { type Frame, Peer, replyTo } from "./peer.js";

/** Passes everything on, and keeps count. */
class WatchedTransport implements Transport {
  readonly peer: string;
  readonly secure: boolean;
  readonly encrypted: boolean;
  readonly #inner: Transport;
  /** How many bytes each write had. */
  readonly writes: number[] = [];
  /** Whether it keeps the process running. A transport does at first. */
  keepsRunning = true;
  destroyed = false;
  /** Whether nothing is let in. */
  paused = false;

  constructor(inner: Transport) {
    this.peer = inner.peer;
    this.secure = inner.secure;
    this.encrypted = inner.encrypted;
    this.#inner = inner;
  }

  start(handler: TransportHandler): void {
    this.#inner.start(handler);
  }

  write(bytes: Uint8Array): boolean {
    this.writes.push(bytes.length);
    return this.#inner.write(bytes);
  }

  pause(): void {
    this.paused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.paused = false;
    this.#inner.resume();
  }

  ref(): void {
    this.keepsRunning = true;
  }

  unref(): void {
    this.keepsRunning = false;
  }

  end(): void {
    this.#inner.end();
  }

  destroy(error?: Error): void {
    this.destroyed = true;
    this.#inner.destroy(error);
  }
}

/** A session, the pipe it uses, and who is at the other end of it. */
export interface Conversation {
  readonly session: Session;
  readonly pipe: WatchedTransport;
  readonly peer: Peer;
  /** The pipe's other end, by which the peer can be made slow. */
  readonly theirs: Transport;
}

export function converse(
  options?: SessionOptions,
  onFrame?: (call: Frame, peer: Peer) => void,
): Conversation {
  const [ours, theirs] = createMemoryPair();
  const pipe = new WatchedTransport(ours);
  const peer = new Peer(theirs, onFrame);
  const session = new Session(pipe, options);
  onTestFinished(() => session.close());
  return { session, pipe, peer, theirs };
}

/** Shows that a call still works. */
export async function exchange({ session, peer }: Conversation): Promise<string> {
  const call = session.call(connectGetHostname, undefined);
  peer.send(replyTo(await peer.next(), connectGetHostname, { hostname: "here" }));
  return (await call).hostname;
}
