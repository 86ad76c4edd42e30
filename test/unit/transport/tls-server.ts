import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { onTestFinished } from "vitest";
import type { Issued } from "../../support/certificates.js";

export interface TlsServer {
  readonly port: number;
  /** The sessions it has had, in their order. */
  readonly sessions: readonly TLSSocket[];
}

/** A server on 127.0.0.1 that does this with each session. It goes when the test does. */
export async function serveTls(
  { cert, key }: Issued,
  meet: (session: TLSSocket) => void,
  options: TlsOptions = {},
): Promise<TlsServer> {
  const sessions: TLSSocket[] = [];
  const files = { cert: readFileSync(cert), key: readFileSync(key) };
  const server = createServer({ ...files, pauseOnConnect: true, ...options }, (session) => {
    session.on("error", () => {});
    sessions.push(session);
    meet(session);
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, sessions };
}
