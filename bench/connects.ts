import { clients, entries, type Server } from "./clients.js";
import { compare, type Result } from "./compare.js";
import { startNullServer, startRealServer } from "./servers.js";

const { virtwire, promises, python, perl, unraid, go, virsh } = clients;

/** Connecting, one call and closing, in a program that goes on. */
export async function measureConnects(): Promise<Result[]> {
  await using real = await startRealServer();
  await using none = await startNullServer();
  const parts = (others: readonly (typeof clients)[keyof typeof clients][]) =>
    [virtwire, promises, ...others].map((client) => ({ client, work: "connect", count: 1 }));
  const subject = ({ name, core }: Server) => ({
    title: `connect, one call and close, ${name}`,
    item: "connection",
    sliceMs: 100,
    core,
  });
  return [
    await compare(subject(real), await entries(real, parts([python, perl, unraid, go, virsh]))),
    await compare(subject(none), await entries(none, parts([]))),
  ];
}
