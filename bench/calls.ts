import { type Client, clients, entries, manner, type Part, type Server } from "./clients.js";
import { compare, type Result } from "./compare.js";
import { startNullServer, startRealServer } from "./servers.js";

const { virtwire, raw, promises, python, perl, unraid, go, virsh } = clients;
const inFlight = [8, 64, 512];

/** Against a server that costs next to nothing: what is left is the client. */
export async function measureNullServer(): Promise<Result[]> {
  await using server = await startNullServer();
  const results: Result[] = [];
  for (const call of ["getLibVersion", "getInfo"]) {
    results.push(await calls(server, call, 1, [raw, promises]));
    for (const count of call === "getInfo" ? inFlight : [64]) {
      results.push(await calls(server, call, count, [raw, promises]));
    }
  }
  return results;
}

/** Against a real daemon's test driver, beside the others that can be had. */
export async function measureLibvirtd(): Promise<Result[]> {
  await using server = await startRealServer();
  // The native binding has no getLibVersion.
  const results = [
    await calls(server, "getLibVersion", 1, [raw, python, perl, go]),
    await calls(server, "getInfo", 1, [raw, python, perl, unraid, go, virsh]),
  ];
  for (const count of inFlight) {
    results.push(await calls(server, "getInfo", count, [raw, python, unraid, go], [1]));
  }
  return results;
}

async function calls(
  server: Server,
  call: string,
  count: number,
  others: readonly Client[],
  oursToo: readonly number[] = [],
): Promise<Result> {
  const part = (client: Client, count: number): Part => ({ client, work: call, count });
  const parts = [
    ...[count, ...oursToo].map((ours) => part(virtwire, ours)),
    ...others.map((client) => part(client, count)),
  ];
  const subject = {
    title: `${call}, ${manner(count)}, ${server.name}`,
    item: "call",
    sliceMs: count < 512 ? 30 : 100,
    seconds: 2,
    core: server.core,
    growth: { axis: `calls at once, ${call}, ${server.name}`, size: count },
  };
  return compare(subject, await entries(server, parts));
}
