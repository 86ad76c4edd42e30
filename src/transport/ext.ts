import { connectProcess } from "./process.js";
import type { ConnectOptions } from "./socket.js";
import type { Transport } from "./transport.js";

/**
 * Runs a program of the user's that leads to a daemon by its standard input and output. It gets no arguments, is
 * looked for in PATH, and no shell is involved. Nobody knows how it gets to the daemon, so it counts as unsafe.
 */
export function connectExternal(command: string, options: ConnectOptions = {}): Promise<Transport> {
  return connectProcess(command, [], { peer: `ext:${command}`, secure: false, encrypted: false }, options);
}
