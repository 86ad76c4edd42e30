import type { Transport } from "../../transport/transport.js";
import { Server, type ServerOptions } from "./server.js";

/**
 * A pipe to a server in this process, of which nothing leaves it: what goes through is the real protocol. The server is
 * there for this one client. What goes wrong in a handler becomes a process warning, unless `onError` is told.
 */
export function openEmbedded<State>(options: ServerOptions<State>): Transport {
  return new Server({ onError: warn, ...options }).connect();
}

/** Makes a process warning of a mistake in a handler. */
export function warn(error: unknown, procedure: string): void {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(`${procedure} failed in the embedded hypervisor: ${why}`, "VirtwireWarning");
}
