import type { SecurityLayer } from "../auth/security-layer.js";
import { ProtocolError } from "../errors.js";
import type { Transport, TransportHandler } from "../transport/transport.js";

const lengthWord = 4;

/** How many bytes that wait for the layer count as much, as with a socket. */
const room = 64 * 1024;

/**
 * A transport that can be told, in mid-conversation, to seal what it sends and to open what it receives. Sealed buffers
 * have lengths of their own: where they begin and end has nothing to do with messages. A layer may take its time; what
 * goes through it stays in order, and what is on its way through it when delivery is paused still arrives.
 */
export class SecuredTransport implements Transport {
  readonly peer: string;
  readonly #pipe: Transport;
  #handler!: TransportHandler;
  #layer: SecurityLayer | undefined;
  #sealing: Promise<void> = Promise.resolve();
  #opening: Promise<void> = Promise.resolve();
  /** The beginning of a sealed buffer whose end has not come yet. */
  #partial: Uint8Array = new Uint8Array(0);
  /** Bytes on their way through the layer. */
  #unsealed = 0;
  #unopened = 0;
  /** The pipe has no room, and somebody was told that there is none. */
  #pipeFull = false;
  #full = false;
  #paused = false;
  #dropped = false;

  constructor(pipe: Transport) {
    this.#pipe = pipe;
    this.peer = pipe.peer;
  }

  get secure(): boolean {
    return this.#pipe.secure || this.encrypted;
  }

  get encrypted(): boolean {
    return this.#pipe.encrypted || this.#layer?.encrypts === true;
  }

  /** Seals all that is written, and opens all that is received, from now on. */
  protect(layer: SecurityLayer): void {
    this.#layer = layer;
  }

  start(handler: TransportHandler): void {
    this.#handler = handler;
    this.#pipe.start({
      received: (bytes) => {
        if (this.#layer) this.#receivedSealed(this.#layer, bytes);
        else handler.received(bytes);
      },
      drained: () => {
        this.#pipeFull = false;
        if (this.#layer) this.#tellRoom();
        else handler.drained?.();
      },
      closed: (error) => {
        if (this.#layer) this.#opening.then(() => handler.closed(error));
        else handler.closed(error);
      },
    });
  }

  write(bytes: Uint8Array): boolean {
    const layer = this.#layer;
    if (!layer) return this.#pipe.write(bytes);
    this.#unsealed += bytes.length;
    this.#sealing = this.#sealing.then(() => this.#seal(layer, bytes)).catch((error) => this.destroy(error));
    this.#full ||= this.#pipeFull || this.#unsealed > room;
    return !this.#full;
  }

  pause(): void {
    this.#paused = true;
    this.#pipe.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#unopened <= room) this.#pipe.resume();
  }

  ref(): void {
    this.#pipe.ref();
  }

  unref(): void {
    this.#pipe.unref();
  }

  end(): void {
    if (this.#layer) this.#sealing.then(() => this.#pipe.end());
    else this.#pipe.end();
  }

  destroy(error?: Error): void {
    this.#dropped = true;
    this.#pipe.destroy(error);
  }

  async #seal(layer: SecurityLayer, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#dropped; at += layer.maxPlain) {
      const sealed = await layer.seal(bytes.subarray(at, at + layer.maxPlain));
      const buffer = Buffer.alloc(lengthWord + sealed.length);
      buffer.writeUInt32BE(sealed.length);
      buffer.set(sealed, lengthWord);
      this.#pipeFull = !this.#pipe.write(buffer);
    }
    this.#unsealed -= bytes.length;
    this.#tellRoom();
  }

  #tellRoom(): void {
    if (!this.#full || this.#pipeFull || this.#unsealed > 0 || this.#dropped) return;
    this.#full = false;
    this.#handler.drained?.();
  }

  #receivedSealed(layer: SecurityLayer, bytes: Uint8Array): void {
    const all = Buffer.concat([this.#partial, bytes]);
    let at = 0;
    while (!this.#dropped && all.length - at >= lengthWord) {
      const length = all.readUInt32BE(at);
      if (length > layer.maxSealed) {
        this.destroy(
          new ProtocolError(
            `${this.peer} sent a protected buffer of ${length} bytes; ${layer.maxSealed} were agreed on`,
          ),
        );
        return;
      }
      const end = at + lengthWord + length;
      if (all.length < end) break;
      this.#open(layer, all.subarray(at + lengthWord, end));
      at = end;
    }
    this.#partial = all.subarray(at);
  }

  #open(layer: SecurityLayer, sealed: Uint8Array): void {
    this.#unopened += sealed.length;
    if (this.#unopened > room) this.#pipe.pause();
    const open = async () => {
      if (this.#dropped) return;
      const plain = await layer.open(sealed);
      this.#unopened -= sealed.length;
      if (this.#unopened <= room && !this.#paused) this.#pipe.resume();
      if (!this.#dropped) this.#handler.received(plain);
    };
    this.#opening = this.#opening.then(open).catch((error) => this.destroy(error));
  }
}
