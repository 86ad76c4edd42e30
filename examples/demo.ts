/**
 * Lists the domains of a hypervisor, then defines one, starts it, shows it, and takes it away again:
 *
 *     npm run demo [-- URI]
 *
 * Without a URI it uses the hypervisor that is part of this package, so that nothing has to be installed or running.
 * What it did not create it does not touch.
 */
import { randomUUID } from "node:crypto";
import { type Connection, connect, type Domain, DomainState, ErrorNumber, LibvirtError } from "virtwire";
import { columns, memory, printable, table, time, version } from "./format.js";

const usage = "usage: npm run demo [-- URI]";

/** Long enough for a daemon that has to find out first what its QEMU can do. */
const timeoutMs = 60_000;

async function main(uri: string): Promise<void> {
  await using conn = await connect(uri, { timeoutMs });
  await showHypervisor(conn);
  await showDomains(conn);

  const interrupted = interruption();
  const domain = await define(conn);
  try {
    console.log(`\nDefined ${domain.name}.`);
    interrupted.throwIfAborted();
    await domain.create({ timeoutMs });
    console.log("Started it:\n");
    await showDomain(domain);
    interrupted.throwIfAborted();
  } finally {
    await remove(domain);
  }
}

async function showHypervisor(conn: Connection): Promise<void> {
  const [type, hypervisor, libvirt, uri, name, node] = await Promise.all([
    conn.getType(),
    conn.getVersion(),
    conn.getLibVersion(),
    conn.getURI(),
    conn.getHostname(),
    conn.nodeGetInfo(),
  ]);
  const facts = [
    ["Hypervisor", `${type} ${version(hypervisor)}, by libvirt ${version(libvirt)}`],
    ["URI", uri],
    ["Host", `${name}: ${node.model}, ${node.cpus} CPUs, ${memory(node.memory)}`],
  ];
  console.log(columns("ll", facts).join("\n"));
}

async function showDomains(conn: Connection): Promise<void> {
  const domains = (await conn.listAllDomains()).sort(runningFirst);
  // All these calls are under way at once, over the one connection.
  const rows = await Promise.all(domains.map(row));
  const present = rows.filter((each) => each !== undefined);
  if (present.length === 0) {
    console.log("\nIt has no domains.");
    return;
  }
  const header = ["ID", "Name", "State", "vCPUs", "Memory", "CPU time"];
  console.log(`\n${table("rllrrr", header, present)}`);
}

/** The daemon lists them in no order. */
function runningFirst(a: Domain, b: Domain): number {
  return Number(b.id !== -1) - Number(a.id !== -1) || a.id - b.id || a.name.localeCompare(b.name);
}

async function row(domain: Domain): Promise<string[] | undefined> {
  try {
    const info = await domain.getInfo();
    const id = domain.id === -1 ? "-" : String(domain.id);
    const { nrVirtCpu, memory: used, cpuTime } = info;
    return [id, domain.name, stateName(info.state), String(nrVirtCpu), memory(used), time(cpuTime)];
  } catch (error) {
    // Somebody removed it since it was listed.
    if (error instanceof LibvirtError && error.code === ErrorNumber.NO_DOMAIN) return undefined;
    throw error;
  }
}

async function showDomain(domain: Domain): Promise<void> {
  const { state } = await domain.getState();
  const info = await domain.getInfo();
  const facts = [
    ["Name", domain.name],
    ["UUID", domain.uuid],
    ["ID", String(domain.id)],
    ["State", stateName(state)],
    ["vCPUs", String(info.nrVirtCpu)],
    ["Memory", `${memory(info.memory)} of ${memory(info.maxMem)}`],
    ["CPU time", time(info.cpuTime)],
  ];
  console.log(columns("ll", facts).join("\n"));
}

/** Defines a domain that needs nothing: no disk, no network, no display, and a processor that QEMU emulates. */
async function define(conn: Connection): Promise<Domain> {
  const capabilities = await conn.getCapabilities();
  const type = ["qemu", "test"].find((each) => new RegExp(`<domain type=['"]${each}['"]`).test(capabilities));
  if (type === undefined) {
    throw new Error(
      `${await conn.getURI()} can run neither QEMU's domains nor the test driver's, and the demo has no others: ` +
        "install QEMU there (Debian, Ubuntu: apt install qemu-system-x86), or give another URI",
    );
  }
  const uuid = randomUUID();
  // With a name and a UUID that nobody has, this cannot redefine a domain of somebody else's.
  return conn.domainDefineXML(`
    <domain type="${type}">
      <name>virtwire-demo-${uuid.slice(0, 8)}</name>
      <uuid>${uuid}</uuid>
      <memory unit="MiB">64</memory>
      <vcpu>1</vcpu>
      <os><type>hvm</type></os>
    </domain>`);
}

async function remove(domain: Domain): Promise<void> {
  try {
    if (await domain.isActive()) {
      await domain.destroy({ timeoutMs });
      console.log("\nStopped it.");
    }
    await domain.undefine({ timeoutMs });
    console.log("Removed it.");
  } catch (error) {
    throw new Error(
      `${domain.name} is left behind and has to be removed by hand, because this failed: ${(error as Error).message}`,
    );
  }
}

function stateName(state: DomainState): string {
  return stateNames.get(state) ?? `state ${state}`;
}

const stateNames: ReadonlyMap<DomainState, string> = new Map([
  [DomainState.NOSTATE, "no state"],
  [DomainState.RUNNING, "running"],
  [DomainState.BLOCKED, "blocked"],
  [DomainState.PAUSED, "paused"],
  [DomainState.SHUTDOWN, "shutting down"],
  [DomainState.SHUTOFF, "shut off"],
  [DomainState.CRASHED, "crashed"],
  [DomainState.PMSUSPENDED, "suspended"],
]);

/** From here on, being ended means to clean up first; who asks twice means at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => controller.abort(new Error(`Ended by ${signal}.`)));
  }
  return controller.signal;
}

// A reader who has seen enough (`| head`) must not keep us from cleaning up.
process.stdout.on("error", () => {});

const args = process.argv.slice(2);
if (args.length > 1 || args[0]?.startsWith("-")) {
  console.error(usage);
  process.exitCode = 2;
} else {
  try {
    await main(args[0] ?? "test:///default");
  } catch (error) {
    console.error(printable(error instanceof Error ? error.message : String(error)));
    process.exitCode = 1;
  }
}
