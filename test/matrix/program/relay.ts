import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";

let relays = 0;

/** A socket that leads to the daemon's, and can be cut or held up as a network can. */
export class Relay implements AsyncDisposable {
  readonly path: string;
  #held = false;
  readonly #sockets = new Set<Socket>();
  readonly #server;

  constructor(daemon: string, directory: string) {
    this.path = join(directory, `relay-${process.pid}-${relays++}`);
    this.#server = createServer((client) => {
      const server = connect(daemon);
      this.#forward(client, server);
      this.#forward(server, client);
    });
  }

  async start(): Promise<this> {
    this.#server.listen(this.path);
    await once(this.#server, "listening");
    return this;
  }

  /** Ends all connections. New ones get through. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on nothing gets through, and nothing ends. */
  hold(): void {
    this.#held = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
  }

  #forward(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (bytes) => {
      if (!this.#held) to.write(bytes);
    });
    from.on("error", () => {});
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
