/**
 * Serial consoles of guests as WebSockets, such as a terminal in a browser wants (xterm.js with its attach addon):
 *
 *     npx tsx examples/console-websocket.ts URI [PORT]
 *
 *     npx wscat -c ws://localhost:8081/console/web
 *
 * What the guest writes comes as binary messages, and what is sent, text or binary, is typed on its console. It asks
 * nobody for a password, so it listens on this machine alone, and refuses pages of other sites.
 */
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { connect, DomainConsoleFlags } from "virtwire";
import { createWebSocketStream, type WebSocket, WebSocketServer } from "ws";

/** What the WebSocket protocol calls an error of the server. */
const internalError = 1011;

async function bridge(webSocket: WebSocket, path: string): Promise<void> {
  const browser = createWebSocketStream(webSocket);
  // Until the console is there its errors are nobody's; afterwards they are the pipeline's.
  browser.on("error", () => {});
  try {
    const name = /^\/console\/([^/?]+)$/.exec(path)?.[1];
    if (name === undefined) throw new Error("the path is /console/NAME");
    const domain = await conn.domainLookupByName(decodeURIComponent(name));
    // Whoever has the console open already loses it: a browser's tab that was closed may not have let go of it yet.
    const guest = await domain.openConsole(null, DomainConsoleFlags.FORCE);
    // Either side's end is the other's, and neither can flood the other.
    await pipeline(browser, guest, browser);
    webSocket.close();
  } catch (error) {
    // A reason has room for 123 bytes.
    webSocket.close(
      internalError,
      Buffer.from((error as Error).message)
        .subarray(0, 120)
        .toString()
        .replace(/�$/, ""),
    );
  }
}

/** A browser lets every page open a WebSocket to anywhere, and says whose page it is. */
function fromHere({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || origin === `http://${host}`;
}

const [uri, port = "8081"] = process.argv.slice(2);
const conn = await connect(uri);
const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(port),
  verifyClient: ({ req }: { req: IncomingMessage }) => fromHere(req),
});
server.on("connection", (webSocket, request) => void bridge(webSocket, request.url ?? "/"));
server.on("listening", () => {
  console.log(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/console/NAME`);
});

async function stop(): Promise<void> {
  for (const client of server.clients) client.terminate();
  server.close();
  await conn.close();
}
process.once("SIGTERM", stop).once("SIGINT", stop);

const { reason, error } = await conn.closed;
if (reason !== "client") {
  console.error(error.message);
  process.exit(1);
}
