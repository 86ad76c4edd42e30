import { ConnectionError } from "../errors.js";
import { createDriver } from "../testing/driver/driver.js";
import { type OpenedWorld, Worlds } from "../testing/driver/worlds.js";
import { serve } from "../testing/serve.js";
import { DriverError } from "../testing/server/driver-error.js";
import { noSuchDriver } from "../testing/server/refusals.js";
import { type Command, parsed, UsageError } from "./command.js";
import { printable, withoutPasswords } from "./safe-text.js";

const usage = `usage: virtwire serve URI [--unix PATH] [--unix-ro PATH] [--tcp [HOST:]PORT] ...

Serves a hypervisor that is only for tests to virsh and to any other client of libvirt's, until it is interrupted. The
URI is test:///default, which stays as its clients leave it, or test:///PATH for what a file describes, in the form of
libvirt's test driver, anew for each client. Nobody has to log in, so whoever can reach it can use it.

  --unix PATH          listens on a unix socket, which this user alone may open
  --unix-ro PATH       the same for clients that may look and not touch
  --tcp [HOST:]PORT    listens on TCP, on 127.0.0.1 if no host is given; with port 0, on any that is free

Each may be given several times. The exit status is 0 where it was interrupted, 1 where it could not serve, and 2 for a
command line that makes no sense.
`;

export const command: Command = {
  usage,
  async run(args, { write }) {
    const { uri, listen } = options(args);
    const worlds = new OneWorld(uri);
    try {
      // Held open, so that the world outlives its clients.
      await worlds.open(uri);
      await using server = await serve({ handlers: createDriver(worlds), listen, onError: report });
      for (const address of server.addresses) write(`${printable(clientUri(uri, address))}\n`);
      await interrupted();
      return 0;
    } catch (error) {
      if (!(error instanceof DriverError) && !(error instanceof ConnectionError)) throw error;
      process.stderr.write(`virtwire serve: ${printable(error.message)}\n`);
      return 1;
    }
  },
};

/** Lets nobody have other files of this machine read to them. */
class OneWorld extends Worlds {
  readonly #uri: string;

  constructor(uri: string) {
    super();
    this.#uri = uri;
  }

  override async open(name: string): Promise<OpenedWorld> {
    if (name !== "" && name !== this.#uri) throw noSuchDriver(name);
    return super.open(this.#uri);
  }
}

function options(args: readonly string[]) {
  const several = { type: "string", multiple: true, default: [] as string[] } as const;
  const { values, positionals } = parsed({
    args: [...args],
    allowPositionals: true,
    options: { unix: several, "unix-ro": several, tcp: several },
  });
  const [uri, ...more] = positionals;
  if (uri === undefined || more.length > 0)
    throw new UsageError("one URI is wanted, such as test:///default");
  if (!uri.startsWith("test:///")) {
    throw new UsageError(`only test:///… can be served, not ${printable(withoutPasswords(uri))}`);
  }
  const listen = [
    ...values.unix.map((path) => `unix:${path}`),
    ...values["unix-ro"].map((path) => `unix-ro:${path}`),
    ...values.tcp.map(tcpAddress),
  ];
  if (listen.length === 0) throw new UsageError("--unix PATH or --tcp PORT is missing: where to listen");
  return { uri, listen };
}

function tcpAddress(text: string): string {
  const address = /^\d+$/.test(text) ? `127.0.0.1:${text}` : text;
  if (/^(\[[^\]]+\]|[^:]+):\d+$/.test(address) && Number(/\d+$/.exec(address)?.[0]) < 65_536)
    return `tcp:${address}`;
  throw new UsageError(`--tcp takes a port, or a host and a port, not ${JSON.stringify(text)}`);
}

/** What to give to a client. */
function clientUri(uri: string, address: string): string {
  const path = uri.slice("test://".length);
  const [, kind, rest = ""] = /^([\w-]+):(.*)$/.exec(address) ?? [];
  if (kind === "tcp") return `test+tcp://${rest}${path}`;
  return `test+unix://${path}?socket=${encodeURIComponent(rest).replaceAll("%2F", "/")}`;
}

function report(error: unknown, procedure: string): void {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`virtwire serve: ${procedure} failed: ${why}\n`);
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
