import { readFile } from "node:fs/promises";
import type { ServeOptions } from "../testing/serve.js";
import { parsed, UsageError } from "./command.js";
import { printable, withoutPasswords } from "./safe-text.js";

/** What `virtwire serve` was asked for. */
export interface ServeRequest {
  readonly uri: string;
  readonly listen: readonly string[];
  /** Paths of PEM files. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string | undefined } | undefined;
  /** The path of the file of users. */
  readonly users: string | undefined;
}

/** A file that is needed and cannot be used. Its message has nothing of what is in the file. */
export class FileError extends Error {
  override readonly name = "FileError";
}

/** Takes the command line apart. */
export function serveRequest(args: readonly string[]): ServeRequest {
  const several = { type: "string", multiple: true, default: [] as string[] } as const;
  const one = { type: "string" } as const;
  const { values, positionals } = parsed({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ unix: several, "unix-ro": several, tcp: several, tls: several },
      ...{ cert: one, key: one, ca: one, users: one },
    },
  });
  const { unix, "unix-ro": readonly, tcp, tls, cert, key, ca, users } = values;
  const listen = [
    ...unix.map((path) => `unix:${path}`),
    ...readonly.map((path) => `unix-ro:${path}`),
    ...tcp.map((text) => `tcp:${portAddress("--tcp", text)}`),
    ...tls.map((text) => `tls:${portAddress("--tls", text)}`),
  ];
  const uri = servedUri(positionals);
  if (listen.length === 0) {
    throw new UsageError("--unix PATH, --tcp PORT or --tls PORT is missing: where to listen");
  }
  if (users !== undefined && tcp.length > 0) {
    throw new UsageError("--users and --tcp do not go together: anybody could listen; take --tls");
  }
  return { uri, listen, tls: tlsFiles(tls.length > 0, cert, key, ca), users };
}

/** Reads the files that were named. */
export async function security({
  tls,
  users,
}: ServeRequest): Promise<Pick<ServeOptions<unknown>, "tls" | "auth">> {
  return {
    ...(tls && {
      tls: {
        cert: await read(tls.cert),
        key: await read(tls.key),
        ...(tls.ca !== undefined && { ca: await read(tls.ca) }),
      },
    }),
    // Whoever has the socket or a certificate has to know a password all the same: there is no EXTERNAL.
    ...(users !== undefined && {
      auth: { users: usersOf(await read(users), users), mechanisms: ["SCRAM-SHA-256", "PLAIN"] },
    }),
  };
}

function servedUri([uri, ...more]: readonly string[]): string {
  if (uri === undefined || more.length > 0)
    throw new UsageError("one URI is wanted, such as test:///default");
  if (uri.startsWith("test:///")) return uri;
  throw new UsageError(`only test:///… can be served, not ${printable(withoutPasswords(uri))}`);
}

function portAddress(option: string, text: string): string {
  const address = /^\d+$/.test(text) ? `127.0.0.1:${text}` : text;
  if (/^(\[[^\]]+\]|[^:]+):\d+$/.test(address) && Number(/\d+$/.exec(address)?.[0]) < 65_536) return address;
  throw new UsageError(`${option} takes a port, or a host and a port, not ${JSON.stringify(text)}`);
}

function tlsFiles(
  wanted: boolean,
  cert: string | undefined,
  key: string | undefined,
  ca: string | undefined,
): ServeRequest["tls"] {
  if (!wanted) {
    if ((cert ?? key ?? ca) === undefined) return undefined;
    throw new UsageError("--cert, --key and --ca are for --tls, which is missing");
  }
  if (cert === undefined || key === undefined) throw new UsageError("--tls takes --cert and --key, too");
  return { cert, key, ca };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new FileError((error as Error).message);
  }
}

function usersOf(text: string, path: string): Record<string, string> {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line, number: i + 1 }));
  const users = lines
    .filter(({ line }) => line !== "" && !line.startsWith("#"))
    .map(({ line, number }) => {
      const [, name, password] = /^([^:]+):(.+)$/.exec(line) ?? [];
      if (name !== undefined && password !== undefined) return [name, password] as const;
      throw new FileError(`line ${number} of ${path} is not NAME:PASSWORD`);
    });
  if (users.length === 0) throw new FileError(`${path} has no users`);
  return Object.fromEntries(users);
}
