import type { SecurityLayer } from "../auth/security-layer.js";
import { ProtocolError } from "../errors.js";
import type { Transport, TransportHandler } from "../transport/transport.js";

const lengthWord = 4;

/** Sees what is sent and received, in clear. It must neither throw nor keep the memory. */
export interface WireTap {
  sent(bytes: Uint8Array): void;
  received(bytes: Uint8Array): void;
}

/**
 * A transport that can be told, in mid-conversation, to seal what it sends and to open what it receives. Sealed buffers
 * have lengths of their own: where they begin and end has nothing to do with messages.
 */
export class SecuredTransport implements Transport {
  readonly peer: string;
  readonly #pipe: Transport;
  #layer: SecurityLayer | undefined;
  /** The beginning of a sealed buffer whose end has not come yet. */
  #partial: Uint8Array = new Uint8Array(0);
  #dropped = false;
  /** Somebody who looks on. */
  tap: WireTap | undefined;

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
    this.#pipe.start({
      received: (bytes) => {
        if (this.#layer) this.#open(this.#layer, bytes, handler);
        else this.#deliver(bytes, handler);
      },
      drained: () => handler.drained?.(),
      closed: (error) => handler.closed(error),
    });
  }

  write(bytes: Uint8Array): boolean {
    this.tap?.sent(bytes);
    return this.#pipe.write(this.#layer ? seal(this.#layer, bytes) : bytes);
  }

  pause(): void {
    this.#pipe.pause();
  }

  resume(): void {
    this.#pipe.resume();
  }

  ref(): void {
    this.#pipe.ref();
  }

  unref(): void {
    this.#pipe.unref();
  }

  end(): void {
    this.#pipe.end();
  }

  destroy(error?: Error): void {
    this.#dropped = true;
    this.#pipe.destroy(error);
  }

  #deliver(bytes: Uint8Array, handler: TransportHandler): void {
    this.tap?.received(bytes);
    handler.received(bytes);
  }

  #open(layer: SecurityLayer, bytes: Uint8Array, handler: TransportHandler): void {
    const all = Buffer.concat([this.#partial, bytes]);
    let at = 0;
    try {
      while (!this.#dropped && all.length - at >= lengthWord) {
        const length = all.readUInt32BE(at);
        if (length > layer.maxSealed) {
          throw new ProtocolError(`a buffer of ${length} bytes, where ${layer.maxSealed} were agreed on`);
        }
        const end = at + lengthWord + length;
        if (all.length < end) break;
        const plain = layer.open(all.subarray(at + lengthWord, end));
        at = end;
        this.#deliver(plain, handler);
      }
    } catch (cause) {
      const why = (cause as Error).message;
      this.destroy(new ProtocolError(`${this.peer} does not keep to what protects it: ${why}`, { cause }));
    }
    this.#partial = all.subarray(at);
  }
}

/** Cuts bytes into what the daemon takes at a time, and seals each piece. */
function seal(layer: SecurityLayer, bytes: Uint8Array): Uint8Array {
  const buffers: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += layer.maxPlain) {
    const sealed = layer.seal(bytes.subarray(at, at + layer.maxPlain));
    const length = Buffer.alloc(lengthWord);
    length.writeUInt32BE(sealed.length);
    buffers.push(length, sealed);
  }
  return Buffer.concat(buffers);
}
