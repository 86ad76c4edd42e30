/**
 * Backs up the disks of a running guest, as they are at one moment, to files here, while the guest goes on:
 *
 *     npx tsx examples/backup.ts URI DOMAIN POOL DIRECTORY
 *
 * The hypervisor writes the copies into volumes of its storage pool POOL, and from there they come here as raw images:
 * the host may be anywhere. The volumes are removed again.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Connection,
  connect,
  type Domain,
  DomainBackupBeginFlags,
  type DomainParametersEvent,
  DomainStatsTypes,
  type EventStream,
  LibvirtError,
  receiveFile,
  type StoragePool,
  type StorageVol,
  StorageVolDownloadFlags,
} from "virtwire";

const usage = "usage: backup.ts URI DOMAIN POOL DIRECTORY";

interface Disk {
  /** As the guest's XML has it: `vda`. */
  readonly name: string;
  /** In bytes. */
  readonly capacity: bigint;
}

async function main(uri: string, domainName: string, poolName: string, directory: string): Promise<void> {
  const interrupted = interruption();
  await using conn = await connect(uri, { signal: interrupted });
  const domain = await conn.domainLookupByName(domainName);
  const pool = await conn.storagePoolLookupByName(poolName);
  const disks = await disksOf(conn, domain);
  if (disks.length === 0) throw new Error(`${domain.name} has no disks`);
  await mkdir(directory, { recursive: true });

  const volumes: StorageVol[] = [];
  try {
    for (const disk of disks) volumes.push(await createVolume(pool, domain, disk));
    await backUp(conn, domain, disks, volumes, interrupted);
    for (const [index, volume] of volumes.entries()) {
      const file = join(directory, `${domain.name.replaceAll("/", "_")}-${disks[index]?.name}.img`);
      await download(volume, disks[index]?.capacity ?? 0n, file, interrupted);
    }
  } finally {
    for (const volume of volumes) await volume.delete();
  }
}

/** The disks that have something in them. */
async function disksOf(conn: Connection, domain: Domain): Promise<Disk[]> {
  const [record] = await conn.domainListGetStats([domain], DomainStatsTypes.BLOCK);
  const { params = {} } = record ?? {};
  return Array.from({ length: Number(params["block.count"] ?? 0) }, (_, index) => ({
    name: String(params[`block.${index}.name`]),
    capacity: BigInt(String(params[`block.${index}.capacity`] ?? 0)),
  })).filter(({ capacity }) => capacity > 0n);
}

function createVolume(pool: StoragePool, domain: Domain, disk: Disk): Promise<StorageVol> {
  return pool.storageVolCreateXML(`
    <volume>
      <name>backup-${domain.uuid}-${disk.name}-${Date.now()}</name>
      <capacity unit="bytes">${disk.capacity}</capacity>
      <allocation>0</allocation>
      <target><format type="raw"/></target>
    </volume>`);
}

async function backUp(
  conn: Connection,
  domain: Domain,
  disks: readonly Disk[],
  volumes: readonly StorageVol[],
  signal: AbortSignal,
): Promise<void> {
  const targets = await Promise.all(
    volumes.map(async (volume, index) => {
      const path = escapeXML(await volume.getPath());
      return `<disk name="${disks[index]?.name}" type="file"><target file="${path}"/><driver type="raw"/></disk>`;
    }),
  );
  const xml = `<domainbackup mode="push"><disks>${targets.join("")}</disks></domainbackup>`;
  // Before the backup begins, or a fast one would be over before anybody listens.
  const ends = conn.events("domain.jobCompleted", { domain, signal });
  await ends.ready;
  // The volumes are there already, which is what the flag says.
  await domain.backupBegin(xml, null, DomainBackupBeginFlags.REUSE_EXTERNAL);
  const reports = setInterval(() => void report(domain), 500);
  try {
    await success(ends);
    show("Backing up", 1);
  } catch (error) {
    await domain.abortJob().catch(() => {}); // it may be over, or the guest
    throw error;
  } finally {
    clearInterval(reports);
    process.stdout.write("\n");
  }
}

async function success(ends: EventStream<DomainParametersEvent>): Promise<void> {
  for await (const { params } of ends) {
    if (params["success"] !== true)
      throw new Error(`the backup failed: ${params["errmsg"] ?? "no reason given"}`);
    return;
  }
}

async function report(domain: Domain): Promise<void> {
  try {
    const { params } = await domain.getJobStats();
    const total = Number(params["disk_total"] ?? 0);
    if (total > 0) show("Backing up", Number(params["disk_processed"] ?? 0) / total);
  } catch (error) {
    // What ended the guest or the connection is told elsewhere.
    if (!(error instanceof LibvirtError)) return;
  }
}

async function download(
  volume: StorageVol,
  capacity: bigint,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  let shown = -1;
  const onProgress = (bytes: bigint) => {
    const percent = Number((bytes * 100n) / capacity);
    if (percent > shown) show(`Saving ${file}`, percent / 100);
    shown = percent;
  };
  await receiveFile(
    await volume.download(0n, 0n, StorageVolDownloadFlags.SPARSE_STREAM, { signal, onProgress }),
    file,
  );
  process.stdout.write("\n");
}

/** On a terminal a line that changes; elsewhere, as in a log, how it ends is enough. */
function show(what: string, share: number): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${what} ${Math.floor(share * 100)} %`);
  else if (share === 1) process.stdout.write(`${what} 100 %`);
}

function escapeXML(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => controller.abort(new Error(`Ended by ${signal}.`)));
  }
  return controller.signal;
}

const [uri, domain, pool, directory] = process.argv.slice(2);
if (directory === undefined || !uri || !domain || !pool) {
  console.error(usage);
  process.exitCode = 2;
} else {
  try {
    await main(uri, domain, pool, directory);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
