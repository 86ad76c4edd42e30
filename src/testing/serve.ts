import { type Listener, listen, parseAddress, type ServerTlsOptions } from "./server/listen.js";
import { Server, type ServerOptions } from "./server/server.js";

export interface ServeOptions<State> extends ServerOptions<State> {
  /**
   * Where to listen: `unix:PATH`, `unix-ro:PATH` for clients that may look and not touch, `tcp:HOST:PORT`,
   * `tls:HOST:PORT`; port 0 means any that is free. Several, if wanted.
   */
  readonly listen: string | readonly string[];
  /** For `tls:` addresses. */
  readonly tls?: ServerTlsOptions;
  /**
   * Who may open the unix sockets, as in chmod; this user alone, 0o600, if left out. Only then SASL's EXTERNAL knows by
   * the socket who a client is.
   */
  readonly unixMode?: number;
}

/** A server that listens. */
export interface Served extends AsyncDisposable {
  /** Where it listens, each in the form of `listen`, with the ports that it has got. */
  readonly addresses: readonly string[];
  /** Takes no more clients, lets go of those that are there, and removes the sockets. */
  close(): Promise<void>;
}

/**
 * Serves a driver to any client of libvirt's.
 *
 * @throws TypeError where an option cannot be meant, before anything listens.
 * @throws ConnectionError where it cannot listen, and then it listens nowhere.
 */
export async function serve<State>(options: ServeOptions<State>): Promise<Served> {
  const addresses = [options.listen].flat().map(parseAddress);
  if (addresses.length === 0) throw new TypeError("listen: there is nothing to listen on");
  if (options.auth && addresses.some(({ kind }) => kind === "tcp")) {
    throw new TypeError("listen: over tcp: nobody can log in safely, for want of encryption; take tls:");
  }
  if (!options.tls && addresses.some(({ kind }) => kind === "tls")) {
    throw new TypeError("listen: an address with tls: takes the option tls");
  }
  const server = new Server(options);
  const { tls, unixMode = 0o600 } = options;
  const listeners: Listener[] = [];
  const close = async () => {
    for (const listener of listeners) listener.close();
    await server.close();
  };
  try {
    for (const address of addresses) {
      const accept = server.accept.bind(server);
      listeners.push(await listen(address, { tls, unixMode, accept }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses: listeners.map(({ address }) => address), close, [Symbol.asyncDispose]: close };
}
