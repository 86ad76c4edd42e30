import { connect, type Socket } from "node:net";
import type { OpenSSHAgent } from "ssh2";
import type { Ssh2 } from "./package.js";

/** An ssh agent that can be let go of at any time, and that tells how many keys it has. */
export interface Agent extends OpenSSHAgent {
  /** Undefined as long as it has not said. */
  readonly keys: number | undefined;
  close(): void;
}

export function openAgent(ssh2: Ssh2, path: string): Agent {
  class ClosableAgent extends ssh2.OpenSSHAgent implements Agent {
    keys: number | undefined;
    readonly #sockets = new Set<Socket>();

    override getIdentities(callback: Parameters<OpenSSHAgent["getIdentities"]>[0]): void {
      super.getIdentities((error, keys) => {
        this.keys = keys?.length;
        callback(error ?? undefined, keys);
      });
    }

    override getStream(callback: Parameters<OpenSSHAgent["getStream"]>[0]): void {
      const socket = connect(path);
      this.#sockets.add(socket);
      socket.on("connect", () => callback(null, socket));
      socket.on("error", (error) => callback(error));
      socket.on("close", () => this.#sockets.delete(socket));
    }

    close(): void {
      for (const socket of this.#sockets) socket.destroy();
    }
  }
  return new ClosableAgent(path);
}
