/**
 * A hypervisor's domains over HTTP, with what happens to them live as server-sent events:
 *
 *     npx tsx examples/http-service.ts URI [PORT]
 *
 *     curl localhost:8080/domains
 *     curl -X POST localhost:8080/domains/web/start      (or shutdown, or destroy)
 *     curl -N localhost:8080/events
 *
 * A daemon that goes away is connected to again when it is back; until then requests wait, and fail with 504.
 *
 * It asks nobody for a password, so it listens on this machine alone, and refuses what another site's page sends.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Connection,
  ConnectionError,
  type ConnectionReconnectedEvent,
  connect,
  type Domain,
  DomainState,
  ErrorNumber,
  LibvirtError,
  nameOf,
  OverflowError,
  TimeoutError,
} from "virtwire";

const timeoutMs = 10_000;

const actions: Readonly<Record<string, (domain: Domain) => Promise<void>>> = {
  start: (domain) => domain.create({ timeoutMs }),
  shutdown: (domain) => domain.shutdown({ timeoutMs }),
  destroy: (domain) => domain.destroy({ timeoutMs }),
};

async function answer(conn: Connection, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, collection, name, action] = new URL(request.url ?? "/", "http://localhost").pathname.split("/");
  const { method } = request;
  if (method === "GET" && collection === "domains" && name === undefined) {
    send(response, 200, await describeDomains(conn));
  } else if (method === "GET" && collection === "events" && name === undefined) {
    await sendEvents(conn, response);
  } else if (
    method === "POST" &&
    collection === "domains" &&
    name &&
    action &&
    Object.hasOwn(actions, action)
  ) {
    if (!fromHere(request)) return send(response, 403, { error: "this comes from another site's page" });
    const domain = await conn.domainLookupByName(decodeURIComponent(name), { timeoutMs });
    await actions[action]?.(domain);
    send(response, 200, await describe(domain));
  } else {
    send(response, 404, { error: "there is no such thing here" });
  }
}

/** A browser says which site's page it acts for; other programs say nothing. */
function fromHere({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || origin === `http://${host}`;
}

async function describeDomains(conn: Connection) {
  const domains = await conn.listAllDomains(0, { timeoutMs });
  return Promise.all(domains.map(describe));
}

async function describe(domain: Domain) {
  const { state, memory, nrVirtCpu } = await domain.getInfo({ timeoutMs });
  // A 64-bit number is a bigint here, and has to become text for JSON.
  return {
    name: domain.name,
    uuid: domain.uuid,
    state: nameOf(DomainState, state),
    vcpus: nrVirtCpu,
    memoryKiB: memory.toString(),
  };
}

/**
 * Sends events for as long as somebody reads them. A reader who is too slow is cut off, and begins anew. One who gets
 * `reconnected` may have missed some, and asks for all domains again.
 */
async function sendEvents(conn: Connection, response: ServerResponse): Promise<void> {
  const left = new AbortController();
  response.on("close", () => left.abort());
  const events = conn.events("domain.lifecycle", { signal: left.signal, limit: 1000 });
  await events.ready;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": listening\n\n");
  const reconnected = ({ missedMs }: ConnectionReconnectedEvent) => {
    response.write(`event: reconnected\ndata: ${JSON.stringify({ missedMs })}\n\n`);
  };
  await conn.on("connection.reconnected", reconnected, { signal: left.signal });
  try {
    for await (const event of events) {
      const data = { domain: event.domain.name, event: event.eventName, detail: event.detailName };
      const room = response.write(`event: lifecycle\ndata: ${JSON.stringify(data)}\n\n`);
      if (!room) await once(response, "drain", { signal: left.signal });
    }
  } catch (error) {
    if (left.signal.aborted) return;
    // The browser connects again by itself; then it should ask for all domains again too.
    response.end(`event: ${error instanceof OverflowError ? "overflow" : "lost"}\ndata:\n\n`);
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function statusOf(error: unknown): number {
  if (error instanceof URIError) return 400;
  if (error instanceof TimeoutError) return 504;
  if (error instanceof ConnectionError) return 503;
  if (!(error instanceof LibvirtError)) return 500;
  if (error.code === ErrorNumber.NO_DOMAIN) return 404;
  return error.code === ErrorNumber.OPERATION_INVALID ? 409 : 502;
}

const [uri, port = "8080"] = process.argv.slice(2);
const conn = await connect(uri, { timeoutMs, reconnect: true });
const server = createServer((request, response) => {
  answer(conn, request, response).catch((error: Error) => {
    if (response.headersSent) response.destroy();
    else send(response, statusOf(error), { error: error.message });
  });
});
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

async function stop(): Promise<void> {
  server.close();
  server.closeAllConnections();
  await conn.close();
}
process.once("SIGTERM", stop).once("SIGINT", stop);

// A daemon that comes back is waited for. One that lets us in no more makes the service useless: whoever runs it looks.
const { reason, error } = await conn.closed;
if (reason !== "client") {
  console.error(error.message);
  process.exit(1);
}
