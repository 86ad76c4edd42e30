/** Calls as a program makes them: virtwire.ts WORK COUNT URI, with COUNT of them in flight. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connect } from "../../src/index.js";
import { callers, chosen, repeatAsync, serve, type Work } from "../worker.js";

const count = Number(process.argv[3]);
const uri = process.argv[4];

async function connectAndCall(): Promise<number> {
  await using connection = await connect(uri);
  await connection.getLibVersion();
  return 1;
}

async function allXml(connection: Connection): Promise<number> {
  const domains = await connection.listAllDomains();
  let next = 0;
  const caller = async () => {
    while (next < domains.length) await domains[next++]!.getXMLDesc();
  };
  await Promise.all(Array.from({ length: count }, caller));
  return domains.length;
}

function events(connection: Connection): Work {
  return async (_, ms) => {
    let came = 0;
    const subscription = new AbortController();
    await connection.on("domain.lifecycle", () => came++, subscription);
    await sleep(ms);
    subscription.abort();
    return came;
  };
}

const onConnection = (work: (connection: Connection) => Work | Promise<Work>) => async () =>
  work(await connect(uri));

const works: Readonly<Record<string, () => Promise<Work>>> = {
  connect: async () => repeatAsync(connectAndCall),
  getLibVersion: onConnection((connection) => callers(count, () => connection.getLibVersion())),
  getInfo: onConnection(async (connection) => {
    const domain = await connection.domainLookupByName("test");
    return callers(count, () => domain.getInfo());
  }),
  list: onConnection((connection) => repeatAsync(async () => (await connection.listAllDomains()).length)),
  listXML: onConnection((connection) => repeatAsync(() => allXml(connection))),
  stats: onConnection((connection) => repeatAsync(async () => (await connection.getAllDomainStats()).length)),
  events: onConnection(events),
};
await serve(await chosen(works)());
process.exit();
