/**
 * A unix socket over which file descriptors travel.
 *
 * Node passes descriptors between its own processes only, by pipes whose internals can do more: they write a byte with
 * a descriptor attached, and accept descriptors that arrive. None of that is documented; so it is kept to this file and
 * to the program that receives, behind a test of what is there, and to connections that are made for descriptors alone.
 */
import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { ConnectionError, ProtocolError, UnsupportedError } from "../errors.js";
import { startReceiver } from "./descriptor-receiver.js";
import { keepRunning } from "./keep-running.js";
import { type ConnectOptions, whenConnected } from "./socket.js";

/** Node's own handle of a pipe, as far as it is needed here. */
interface PipeHandle {
  /** Takes over a descriptor. Returns an error's number, or 0. */
  open(descriptor: number): number | undefined;
  writeUtf8String(request: object, text: string, attached: PipeHandle): number;
  close(): void;
}

interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly constants: { readonly SOCKET: number; readonly IPC: number };
}

interface StreamBinding {
  readonly WriteWrap: new () => { oncomplete?: (status: number) => void };
}

type Binding = (name: string) => unknown;

interface Internals {
  readonly pipe: PipeBinding;
  readonly stream: StreamBinding;
}

/**
 * What of Node's internals is needed, or undefined where the runtime has none of it. Deno has all of it by name, but what
 * goes through that loses its descriptors.
 */
function internals(): Internals | undefined {
  if (process.versions["deno"] !== undefined) return undefined;
  const binding = (process as unknown as { binding?: Binding }).binding;
  if (process.platform === "win32" || typeof binding !== "function") return undefined;
  try {
    const pipe = binding.call(process, "pipe_wrap") as PipeBinding;
    const stream = binding.call(process, "stream_wrap") as StreamBinding;
    const isComplete =
      typeof pipe.Pipe === "function" &&
      typeof pipe.constants?.IPC === "number" &&
      typeof pipe.Pipe.prototype.writeUtf8String === "function" &&
      typeof stream.WriteWrap === "function";
    return isComplete ? { pipe, stream } : undefined;
  } catch {
    return undefined;
  }
}

/** Receives bytes, and the descriptor that came with them, if one did. */
export interface DescriptorHandler {
  received(bytes: Uint8Array, descriptor: Socket | undefined): void;
  closed(error?: Error): void;
}

/** Connects to a unix socket for the sake of descriptors. */
export async function connectForDescriptors(
  path: string,
  { signal }: ConnectOptions,
): Promise<DescriptorPipe> {
  const found = internals();
  if (!found)
    throw new UnsupportedError("this runtime cannot pass file descriptors: that takes Node on a Unix");
  signal?.throwIfAborted();
  const handle = new found.pipe.Pipe(found.pipe.constants.IPC);
  const socket = new Socket({ handle, manualStart: true } as object);
  // It is never read here, where Node would begin to by itself when it is connected.
  socket.pause();
  socket.connect(path.replace(/^@/, "\0"));
  await whenConnected(socket, () => {}, signal);
  const peer = `unix:${path}`;
  try {
    return new DescriptorPipe(socket, handle, found, await startReceiver(socket, peer), peer);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

export class DescriptorPipe {
  readonly peer: string;
  readonly #socket: Socket;
  readonly #handle: PipeHandle;
  readonly #internals: Internals;
  readonly #receiver: ChildProcess;
  #error: Error | undefined;

  constructor(socket: Socket, handle: PipeHandle, found: Internals, receiver: ChildProcess, peer: string) {
    this.peer = peer;
    this.#socket = socket;
    this.#handle = handle;
    this.#internals = found;
    this.#receiver = receiver;
    socket.on("error", (error) => this.#fail(error));
    receiver.on("error", (error) => this.#fail(error));
  }

  start(handler: DescriptorHandler): void {
    this.#receiver.on("message", (bytes, attached) => {
      handler.received(bytes as Uint8Array, attached && unread(attached));
    });
    this.#receiver.on("close", (_, signal) => {
      if (signal) this.#error ??= notReceived(this.peer, signal);
      this.#socket.destroy();
      handler.closed(this.#error);
    });
  }

  /** Sends bytes, and behind them one byte for each descriptor, to which that is attached. */
  async send(bytes: Uint8Array, descriptors: readonly Descriptor[]): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
    for (const descriptor of descriptors) await this.#attach(descriptor.handle as PipeHandle);
  }

  /**
   * Takes over descriptors, which are closed by `release` from now on. What is no open descriptor is an error at once.
   */
  adopt(numbers: readonly number[]): Descriptor[] {
    const adopted: Descriptor[] = [];
    for (const [index, number] of numbers.entries()) {
      const handle = new this.#internals.pipe.Pipe(this.#internals.pipe.constants.SOCKET);
      const failed = openDescriptor(handle, number);
      if (failed) {
        handle.close();
        release(adopted);
        throw new RangeError(`files[${index}]: ${number} is not an open file descriptor`);
      }
      adopted.push({ handle });
    }
    return adopted;
  }

  destroy(): void {
    this.#socket.destroy();
    this.#receiver.kill("SIGKILL");
  }

  ref(): void {
    keepRunning(this.#socket, true);
    this.#receiver.ref();
    this.#receiver.channel?.ref();
  }

  unref(): void {
    keepRunning(this.#socket, false);
    this.#receiver.unref();
    this.#receiver.channel?.unref();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.destroy();
  }

  #attach(attached: PipeHandle): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = new this.#internals.stream.WriteWrap();
      const settle = (status: number) => {
        if (status === 0) resolve();
        else reject(new ConnectionError(`a descriptor could not be sent to ${this.peer} (error ${status})`));
      };
      request.oncomplete = settle;
      const status = this.#handle.writeUtf8String(request, "\0", attached);
      if (status !== 0) settle(status);
    });
  }
}

/** Nothing is read before somebody listens, so that no failure comes before either. */
function unread(handle: unknown): Socket {
  return new Socket({ handle, manualStart: true } as object);
}

function notReceived(peer: string, signal: NodeJS.Signals): ProtocolError {
  return new ProtocolError(
    `the process that receives file descriptors from ${peer} was ended by ${signal}, as happens where one leads to a file or a terminal: Node takes those of stream sockets and pipes only`,
  );
}

/** A descriptor that is ours, until it is released. */
export interface Descriptor {
  readonly handle: unknown;
}

/** Closes descriptors. */
export function release(descriptors: readonly Descriptor[]): void {
  for (const { handle } of descriptors) (handle as PipeHandle).close();
}

/** Older versions of Node return the error, newer ones throw it. */
function openDescriptor(handle: PipeHandle, number: number): boolean {
  if (!Number.isInteger(number) || number < 0) return true;
  try {
    return (handle.open(number) ?? 0) !== 0;
  } catch {
    return true;
  }
}
