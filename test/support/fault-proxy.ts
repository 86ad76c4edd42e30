import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";

/**
 * What befalls the bytes that travel one way: takes them as they come, and yields what arrives. Where it ends, so does
 * this way, and the other one stays; where it throws, the connection is cut.
 */
export type Fault = (bytes: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array>;

export interface Faults {
  readonly toDaemon?: Fault;
  readonly toClient?: Fault;
}

/** Stands between a client and a daemon, and spoils their conversation. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** How many bytes have come from either side, over all connections. */
  readonly fromClient: number;
  readonly fromDaemon: number;
}

/** Listens on a TCP port of 127.0.0.1 and takes each connection on to a daemon's unix socket. */
export async function startFaultProxy(socketPath: string, faults: Faults = {}): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const open = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // An error comes out of the loop that reads, or shows in the other way's.
    return socket.on("error", () => {});
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (accepted) => {
    const client = open(accepted);
    const daemon = open(connect({ path: socketPath, allowHalfOpen: true }));
    const { toDaemon = intact, toClient = intact } = faults;
    const ways = [
      carry(client, daemon, toDaemon, (count) => {
        proxy.fromClient += count;
      }),
      carry(daemon, client, toClient, (count) => {
        proxy.fromDaemon += count;
      }),
    ];
    Promise.all(ways).then(() => {
      client.destroy();
      daemon.destroy();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const proxy = {
    port: (server.address() as AddressInfo).port,
    fromClient: 0,
    fromDaemon: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), "close");
    },
  };
  return proxy;
}

async function carry(from: Socket, to: Socket, fault: Fault, count: (bytes: number) => void): Promise<void> {
  async function* counted() {
    for await (const chunk of from.iterator({ destroyOnReturn: false })) {
      count(chunk.length);
      yield chunk as Buffer;
    }
  }
  try {
    for await (const bytes of fault(counted())) {
      if (!to.write(bytes)) await once(to, "drain");
    }
    to.end();
  } catch {
    from.destroy();
    to.destroy();
  }
}

export const intact: Fault = (bytes) => bytes;

/** What comes, arrives later; and in one piece with all that comes meanwhile. */
export const delayed = (ms: number): Fault =>
  async function* (bytes) {
    for await (const chunk of bytes) {
      await sleep(ms);
      yield chunk;
    }
  };

/** Every byte arrives by itself. */
export const bytewise: Fault = async function* (bytes) {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at++) {
      yield chunk.subarray(at, at + 1);
      await turn();
    }
  }
};

/** So many bytes arrive, and then nothing. */
export const frozenAfter = (count: number): Fault => upTo(count, () => new Promise(() => {}));

/** So many bytes arrive, and then an end. */
export const endedAfter = (count: number): Fault => upTo(count, async () => {});

/** So many bytes arrive, and then the connection is gone, both ways. */
export const cutAfter = (count: number): Fault =>
  upTo(count, () => Promise.reject(new Error("cut by the test")));

/** Nothing arrives any more from the moment that the signal aborts. */
export const frozenBy = (signal: AbortSignal): Fault =>
  async function* (bytes) {
    for await (const chunk of bytes) {
      if (signal.aborted) await new Promise(() => {});
      yield chunk;
    }
  };

/** Some bytes arrive as others, one in `every` on average. */
export const corrupted = (random: () => number, every: number): Fault =>
  async function* (bytes) {
    for await (const chunk of bytes) {
      yield chunk.map((byte) => (random() * every < 1 ? Math.floor(random() * 256) : byte));
    }
  };

/** Some bytes do not arrive, one in `every` on average. */
export const lossy = (random: () => number, every: number): Fault =>
  async function* (bytes) {
    for await (const chunk of bytes) yield chunk.filter(() => random() * every >= 1);
  };

function upTo(count: number, then: () => Promise<void>): Fault {
  return async function* (bytes) {
    let left = count;
    if (left === 0) return await then();
    for await (const chunk of bytes) {
      yield chunk.subarray(0, left);
      left -= Math.min(left, chunk.length);
      if (left === 0) return await then();
    }
  };
}

/** Numbers within 0 and 1 that the seed determines (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
