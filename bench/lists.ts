import { type Connection, connect } from "../src/index.js";
import { clients, entries, type Part, type Server } from "./clients.js";
import { compare, type Result } from "./compare.js";
import { startRealServer } from "./servers.js";

const { virtwire, raw, promises, python, perl, unraid, go, virsh } = clients;
const sizes = [100, 1_000, 10_000];

/** Lists of many domains, the XML of each, and their stats: on a daemon that has more and more of them. */
export async function measureLists(): Promise<Result[]> {
  await using server = await startRealServer();
  await using connection = await connect(server.uri);
  const results: Result[] = [];
  let defined = (await connection.numOfDefinedDomains()) + (await connection.numOfDomains());
  for (const size of sizes) {
    await define(connection, defined, size);
    defined = size;
    results.push(await list(server, size), await stats(server, size), await xml(server, size));
  }
  return results;
}

async function define(connection: Connection, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i);
  await Promise.all(
    numbers.map((number) =>
      connection.domainDefineXML(
        `<domain type='test'><name>guest-${String(number).padStart(5, "0")}</name><memory>8192</memory>
        <os><type>hvm</type></os></domain>`,
      ),
    ),
  );
}

const list = (server: Server, size: number) =>
  inTurn(server, `list ${count(size)}`, "list", size, [raw, python, perl, unraid, go, virsh]);

const stats = (server: Server, size: number) =>
  inTurn(server, `all-domain stats of ${count(size)}`, "stats", size, [raw, python, perl, go, virsh]);

async function xml(server: Server, size: number): Promise<Result> {
  const part = (client: Part["client"], count: number): Part => ({ client, work: "listXML", count });
  const parts = [
    part(virtwire, 64),
    part(virtwire, size),
    part(promises, 64),
    part(python, 1),
    part(python, 64),
    part(perl, 1),
    part(unraid, 64),
    part(go, 64),
    ...(size === 100 ? [part(virsh, 1)] : []), // more would take minutes
  ];
  const title = `list ${count(size)}, with the XML of each`;
  return compare(subject(title, size), await entries(server, parts));
}

async function inTurn(
  server: Server,
  title: string,
  work: string,
  size: number,
  others: readonly Part["client"][],
): Promise<Result> {
  const parts = [virtwire, ...others].map((client) => ({ client, work, count: 1 }));
  // What replies are worth hangs on what libvirtd does at the moment: half of ten rounds are a third slower than others.
  return compare({ ...subject(title, size), seconds: 3 }, await entries(server, parts));
}

const subject = (title: string, size: number) => ({
  title,
  item: "domain",
  sliceMs: 100,
  growth: { axis: title.replace(count(size), "domains"), size },
});

const count = (size: number) => `${size.toLocaleString("en")} domains`;
