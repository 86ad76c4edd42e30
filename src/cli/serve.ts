import { ConnectionError } from "../errors.js";
import { createDriver } from "../testing/driver/driver.js";
import { type OpenedWorld, Worlds } from "../testing/driver/worlds.js";
import { serve } from "../testing/serve.js";
import { DriverError } from "../testing/server/driver-error.js";
import { noSuchDriver } from "../testing/server/refusals.js";
import type { Command } from "./command.js";
import { printable } from "./safe-text.js";
import { FileError, security, serveRequest } from "./serve-options.js";

const usage = `usage: virtwire serve URI [--unix PATH] [--unix-ro PATH] [--tcp [HOST:]PORT] [--tls [HOST:]PORT] ...

Serves a hypervisor that is only for tests to virsh and to any other client of libvirt's, until it is interrupted. The
URI is test:///default, which stays as its clients leave it, or test:///PATH for what a file describes, in the form of
libvirt's test driver, anew for each client. Whoever can reach it can use it, if there is neither --ca nor --users.

  --unix PATH          listens on a unix socket, which this user alone may open
  --unix-ro PATH       the same for clients that may look and not touch
  --tcp [HOST:]PORT    listens on TCP, on 127.0.0.1 if no host is given; with port 0, on any that is free
  --tls [HOST:]PORT    the same with TLS, which takes --cert and --key

Each of these may be given several times. The following name files:

  --cert FILE          the server's certificate and those between it and the authority's, in PEM
  --key FILE           the key of the certificate, in PEM
  --ca FILE            turns away whoever has no certificate of these authorities, in PEM
  --users FILE         wants everybody to log in by SASL, as one of the users in the file: a line NAME:PASSWORD for
                       each; lines that begin with # are comments. Not with --tcp, where anybody could listen

The exit status is 0 where it was interrupted, 1 where it could not serve, and 2 for a command line that makes no sense.
`;

export const command: Command = {
  usage,
  async run(args, { write }) {
    const request = serveRequest(args);
    const { uri, listen } = request;
    const worlds = new OneWorld(uri);
    try {
      // Held open, so that the world outlives its clients.
      await worlds.open(uri);
      const handlers = createDriver(worlds);
      await using server = await serve({ handlers, listen, ...(await security(request)), onError: report });
      for (const address of server.addresses) write(`${printable(clientUri(uri, address))}\n`);
      await interrupted();
      return 0;
    } catch (error) {
      if (![DriverError, ConnectionError, FileError].some((type) => error instanceof type)) throw error;
      process.stderr.write(`virtwire serve: ${printable((error as Error).message)}\n`);
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

/** What to give to a client. */
function clientUri(uri: string, address: string): string {
  const path = uri.slice("test://".length);
  const [, kind, rest = ""] = /^([\w-]+):(.*)$/.exec(address) ?? [];
  if (kind === "tcp" || kind === "tls") return `test+${kind}://${rest}${path}`;
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
