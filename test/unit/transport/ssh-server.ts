import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import ssh2, { type AuthContext, type ServerChannel } from "ssh2";
import { onTestFinished } from "vitest";
import { fingerprint } from "../../../src/transport/ssh/known-hosts.js";

export interface SshServer {
  readonly port: number;
  /** The fingerprint of its key. */
  readonly hostKey: string;
  /** The TCP connections that it has. */
  readonly sockets: readonly Socket[];
}

/**
 * An ssh server in this process, which goes when the test does: for what a real sshd cannot be made to do. `authenticate`
 * decides who gets in, everybody if it is left out; `execute` does what a command would.
 */
export async function serveSsh({
  authenticate = (context) => context.accept(),
  execute = () => {},
}: {
  readonly authenticate?: (context: AuthContext) => void;
  readonly execute?: (channel: ServerChannel, command: string) => void;
}): Promise<SshServer> {
  // Of the ed25519 keys that the package makes, three in a thousand cannot be read again.
  const key = ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 });
  const sockets: Socket[] = [];
  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", authenticate);
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _reject, { command }) => execute(acceptExec(), command));
    });
  });
  // The package's own connection listener is there already; a socket of a client that is gone may still break.
  (server as unknown as { _srv: NodeJS.EventEmitter })._srv.on("connection", (socket: Socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const parsed = ssh2.utils.parseKey(key.public);
  if (parsed instanceof Error) throw parsed;
  const hostKey = fingerprint(parsed.getPublicSSH());
  return { port: (server.address() as AddressInfo).port, hostKey, sockets };
}

/** A command that passes on to a socket what it gets, and back. */
export function bridgeTo(port: number): (channel: ServerChannel) => void {
  return (channel) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    channel.on("error", () => {});
    channel.pipe(socket);
    socket.on("data", (chunk) => {
      if (!channel.write(chunk)) {
        socket.pause();
        channel.once("drain", () => socket.resume());
      }
    });
    socket.on("close", () => {
      channel.exit(0);
      channel.end();
    });
    channel.on("close", () => socket.destroy());
  };
}
