import { clients, entries } from "./clients.js";
import { compare, type Result } from "./compare.js";
import { startRealServer } from "./servers.js";
import { start, stop } from "./side.js";

const { virtwire, python } = clients;

/**
 * Events as they come from a daemon that another program keeps busy. How fast it makes them bounds them all: what
 * tells the clients apart is the CPU time that an event takes. go-libvirt is not among them: under this load it never
 * comes to the end of a subscription.
 */
export async function measureEvents(): Promise<Result[]> {
  await using server = await startRealServer();
  const producer = start(["event-producer.ts", server.uri]);
  try {
    const parts = [virtwire, python].map((client) => ({ client, work: "events", count: 1 }));
    const subject = { title: "lifecycle events of domains", item: "event", sliceMs: 250, seconds: 3 };
    return [await compare(subject, await entries(server, parts))];
  } finally {
    await stop(producer);
  }
}
