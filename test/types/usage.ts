/** Not run: `npm run types` checks it. Every class as a user would use it, with the types that results and flags have. */
import { expectTypeOf } from "expect-type";
import {
  type AdminClient,
  type AdminConnection,
  type AdminServer,
  type Connection,
  connect,
  connectAdmin,
  type Domain,
  type DomainCheckpoint,
  DomainCheckpointCreateFlags,
  DomainCreateFlags,
  type DomainInfo,
  type DomainSnapshot,
  DomainState,
  DomainXMLFlags,
  ErrorDomain,
  ErrorNumber,
  flagNames,
  type Interface,
  type Json,
  LibvirtError,
  type Network,
  type NetworkPort,
  NetworkUpdateCommand,
  NetworkUpdateSection,
  type NodeDevice,
  type NWFilter,
  type NWFilterBinding,
  nameOf,
  type Secret,
  type StoragePool,
  type StorageVol,
  type TypedParameters,
  typed,
  type VcpuInfo,
} from "../../src/index.js";
import { decode, encode, remote } from "../../src/protocol/index.js";

export async function connections(signal: AbortSignal): Promise<void> {
  await using conn = await connect("qemu:///system", {
    readonly: true,
    signal,
    timeoutMs: 5000,
    maxInFlight: 8,
  });
  expectTypeOf(conn).toEqualTypeOf<Connection>();
  expectTypeOf(await conn.getVersion({ signal })).toEqualTypeOf<bigint>();
  expectTypeOf(await conn.getHostname()).toEqualTypeOf<string>();
  expectTypeOf((await conn.nodeGetInfo()).memory).toEqualTypeOf<bigint>();
  expectTypeOf((await conn.nodeGetCPUMap()).cpumap).toEqualTypeOf<readonly boolean[]>();
  expectTypeOf(await conn.isSecure()).toEqualTypeOf<boolean>();
  expectTypeOf(conn.isAlive()).toEqualTypeOf<boolean>();
  expectTypeOf((await conn.closed).reason).toEqualTypeOf<"client" | "eof" | "error" | "keepalive">();
  expectTypeOf(await conn.listAllDomains()).toEqualTypeOf<Domain[]>();
  expectTypeOf(await conn.listDefinedDomains()).toEqualTypeOf<readonly string[]>();
  expectTypeOf((await conn.getAllDomainStats())[0]!.params).toEqualTypeOf<TypedParameters>();
  for await (const domain of conn.domains({ active: true, state: ["running", "paused"] })) {
    expectTypeOf(domain).toEqualTypeOf<Domain>();
  }
  // @ts-expect-error: no such property
  conn.domains({ activ: true });
  // @ts-expect-error: no such state
  conn.domains({ state: ["sleeping"] });
  // @ts-expect-error: a UUID's text, not a number
  await conn.domainLookupByUUIDString(7);
}

export async function domains(domain: Domain): Promise<void> {
  expectTypeOf(domain.name).toEqualTypeOf<string>();
  expectTypeOf(domain.uuid).toEqualTypeOf<string>();
  expectTypeOf(domain.id).toEqualTypeOf<number>();
  expectTypeOf(domain.getUUID()).toEqualTypeOf<Uint8Array>();
  expectTypeOf(await domain.create()).toEqualTypeOf<void>();
  await domain.createWithFlags(DomainCreateFlags.START_PAUSED | DomainCreateFlags.START_AUTODESTROY);
  expectTypeOf(domain.getXMLDesc).parameter(0).toEqualTypeOf<DomainXMLFlags | undefined>();
  await domain.getXMLDesc(DomainXMLFlags.INACTIVE, { timeoutMs: 100 });
  // @ts-expect-error: flags are numbers
  await domain.getXMLDesc("INACTIVE");

  const info = await domain.getInfo();
  expectTypeOf(info).toExtend<DomainInfo>();
  expectTypeOf(info.state).toEqualTypeOf<DomainState>();
  expectTypeOf(info.toJSON()).toEqualTypeOf<Json>();
  expectTypeOf(await domain.getState()).toExtend<{ readonly state: DomainState; readonly reason: number }>();
  if (info.state === DomainState.RUNNING) await domain.suspend();
  expectTypeOf(nameOf(DomainState, info.state)).toEqualTypeOf<string | undefined>();
  expectTypeOf(flagNames(DomainXMLFlags, 3)).toEqualTypeOf<string[]>();

  await domain.setAutostart(true);
  // @ts-expect-error: a boolean, not a number
  await domain.setAutostart(1);
  await domain.setMemory(1024n);
  // @ts-expect-error: 64 bits, hence a bigint
  await domain.setMemory(1024);
  await domain.setBlkioParameters({ weight: 500, device_weight: "/dev/sda,500", new_one: typed.ullong(5n) });
  await domain.pinVcpu(0, [true, false]);
  expectTypeOf((await domain.getVcpus())[0]!).toExtend<VcpuInfo>();
  expectTypeOf(await domain.getMetadata(0)).toEqualTypeOf<string>();
  expectTypeOf(await domain.getBlockJobInfo("vda")).toExtend<{ readonly cur: bigint } | null>();

  expectTypeOf(await domain.snapshotCreateXML("<domainsnapshot/>")).toEqualTypeOf<DomainSnapshot>();
  expectTypeOf(
    await domain.checkpointCreateXML("<domaincheckpoint/>", DomainCheckpointCreateFlags.QUIESCE),
  ).toEqualTypeOf<DomainCheckpoint>();
}

export async function snapshots(snapshot: DomainSnapshot, checkpoint: DomainCheckpoint): Promise<void> {
  expectTypeOf(snapshot.domain).toEqualTypeOf<Domain>();
  expectTypeOf(await snapshot.listAllChildren()).toEqualTypeOf<DomainSnapshot[]>();
  expectTypeOf(await snapshot.isCurrent()).toEqualTypeOf<boolean>();
  await snapshot.domainRevertToSnapshot();
  expectTypeOf(await checkpoint.getParent()).toEqualTypeOf<DomainCheckpoint>();
}

export async function networks(conn: Connection, network: Network, port: NetworkPort): Promise<void> {
  await network.update(NetworkUpdateCommand.MODIFY, NetworkUpdateSection.DNS_HOST, -1, "<host/>");
  expectTypeOf((await network.getDHCPLeases())[0]!.hostname).toEqualTypeOf<string | null>();
  expectTypeOf(await network.listAllPorts()).toEqualTypeOf<NetworkPort[]>();
  expectTypeOf(port.network).toEqualTypeOf<Network>();
  expectTypeOf(await conn.nwFilterLookupByName("clean-traffic")).toEqualTypeOf<NWFilter>();
  expectTypeOf(await conn.listAllNWFilterBindings()).toEqualTypeOf<NWFilterBinding[]>();
  expectTypeOf(await conn.interfaceLookupByName("eth0")).toEqualTypeOf<Interface>();
}

export async function storage(pool: StoragePool, vol: StorageVol): Promise<void> {
  expectTypeOf(await pool.getInfo()).toExtend<{ readonly capacity: bigint }>();
  expectTypeOf(await pool.storageVolCreateXMLFrom("<volume/>", vol)).toEqualTypeOf<StorageVol>();
  expectTypeOf(await vol.storagePoolLookupByVolume()).toEqualTypeOf<StoragePool>();
  await vol.resize(1n << 40n);
}

export async function others(device: NodeDevice, secret: Secret): Promise<void> {
  expectTypeOf(await device.getParent()).toEqualTypeOf<string | null>();
  expectTypeOf(await secret.getValue()).toEqualTypeOf<Uint8Array>();
  await secret.setValue(new Uint8Array([1, 2, 3]));
}

export async function administration(): Promise<void> {
  await using conn = await connectAdmin();
  expectTypeOf(conn).toEqualTypeOf<AdminConnection>();
  const server = await conn.lookupServer("libvirtd");
  expectTypeOf(server).toEqualTypeOf<AdminServer>();
  await server.setClientLimits({ nclients_max: 100 });
  expectTypeOf(await server.listClients()).toEqualTypeOf<AdminClient[]>();
}

export function errors(error: unknown): string | undefined {
  if (!(error instanceof LibvirtError)) return undefined;
  expectTypeOf(error.code).toEqualTypeOf<number>();
  expectTypeOf(error.str1).toEqualTypeOf<string | null>();
  if (error.code === ErrorNumber.NO_DOMAIN && error.domain === ErrorDomain.QEMU) return error.codeName;
  return error.message;
}

export function protocol(): void {
  const bytes = encode(remote.NonnullDomain, { name: "a", uuid: new Uint8Array(16), id: -1 });
  expectTypeOf(decode(remote.NonnullDomain, bytes)).toEqualTypeOf<remote.NonnullDomain>();
}
