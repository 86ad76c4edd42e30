import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import {
  authList,
  connectClose,
  connectOpen,
  connectSupportsFeature,
} from "../../../src/protocol/generated/remote.js";
import { socketTransport } from "../../../src/transport/socket.js";
import { type Frame, Peer, replyTo } from "./peer.js";

/** A daemon of the tests on a TCP port of its own. */
export interface Server {
  readonly uri: string;
  /** All that have ever connected. */
  readonly peers: readonly Peer[];
  /** The sockets that are open still. */
  readonly open: ReadonlySet<Socket>;
  /** Drops all connections and takes no more. */
  stop(): Promise<void>;
}

/** Serves every connection with a {@link Peer} until the test is over. */
export async function serve(
  onFrame: (call: Frame, peer: Peer, socket: Socket) => void,
  onConnection?: (peer: Peer) => void,
): Promise<Server> {
  const peers: Peer[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    const pipe = socketTransport(socket, { peer: "client", secure: false, encrypted: false });
    const peer = new Peer(pipe, (call) => onFrame(call, peer, socket));
    peers.push(peer);
    onConnection?.(peer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  const { port } = server.address() as AddressInfo;
  return { uri: `test+tcp://127.0.0.1:${port}/default`, peers, open, stop };
}

/** Answers what a client asks when it comes and goes. Returns whether it was that. */
export function opening(call: Frame, peer: Peer): boolean {
  const answers: Readonly<Record<number, () => Uint8Array>> = {
    [authList.number]: () => replyTo(call, authList, { types: [0] }),
    [connectOpen.number]: () => replyTo(call, connectOpen, undefined),
    [connectClose.number]: () => replyTo(call, connectClose, undefined),
    [connectSupportsFeature.number]: () => replyTo(call, connectSupportsFeature, { supported: 0 }),
  };
  const answer = answers[call.header.proc];
  if (answer) peer.send(answer());
  return answer !== undefined;
}
