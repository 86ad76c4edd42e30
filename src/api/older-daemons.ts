/**
 * What newer procedures do, done by older ones, for daemons that do not know the newer. Loaded only when a daemon has
 * said so. What the older ones cannot do, such as flags, remains an error.
 */
import { LibvirtError, ProtocolError } from "../errors.js";
import {
  ConnectListAllDomainsFlags,
  ConnectListAllInterfacesFlags,
  ConnectListAllNetworksFlags,
  ConnectListAllStoragePoolsFlags,
  ErrorNumber,
} from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { Procedure } from "../protocol/procedure.js";
import { readUuid } from "../uuid.js";

/** Calls a procedure of the daemon's. */
export type Call = <Args, Ret>(procedure: Procedure<Args, Ret>, args: Args) => Promise<Ret>;

/** Does the same otherwise; undefined where that cannot be. */
type Detour<Args, Ret> = (call: Call, args: Args) => Promise<Ret> | undefined;

const detours = new Map<unknown, Detour<never, unknown>>();

/** The result of a procedure that the daemon lacks, by way of older ones; undefined where there is no such way. */
export function byOlderProcedures<Args, Ret>(
  call: Call,
  procedure: Procedure<Args, Ret>,
  args: Args,
): Promise<Ret> | undefined {
  return (detours.get(procedure) as Detour<Args, Ret> | undefined)?.(call, args);
}

function detour<Args, Ret>(procedure: Procedure<Args, Ret>, way: Detour<Args, Ret>): void {
  detours.set(procedure, way);
}

/** Without flags it is what its predecessor does, which has none. */
function withoutFlags<Rest, Args extends Rest & { readonly flags: number }, Ret>(
  newer: Procedure<Args, Ret>,
  older: Procedure<Rest, Ret>,
): void {
  detour(newer, (call, args) => (args.flags === 0 ? call(older, args) : undefined));
}

withoutFlags(remote.domainAbortJobFlags, remote.domainAbortJob);
withoutFlags(remote.domainAttachDeviceFlags, remote.domainAttachDevice);
withoutFlags(remote.domainDefineXmlFlags, remote.domainDefineXml);
withoutFlags(remote.domainDestroyFlags, remote.domainDestroy);
withoutFlags(remote.domainDetachDeviceFlags, remote.domainDetachDevice);
withoutFlags(remote.domainPinVcpuFlags, remote.domainPinVcpu);
withoutFlags(remote.domainSetMemoryFlags, remote.domainSetMemory);
withoutFlags(remote.domainSetSchedulerParametersFlags, remote.domainSetSchedulerParameters);
withoutFlags(remote.domainSetVcpusFlags, remote.domainSetVcpus);
withoutFlags(remote.domainShutdownFlags, remote.domainShutdown);
withoutFlags(remote.domainUndefineFlags, remote.domainUndefine);
withoutFlags(remote.networkCreateXmlFlags, remote.networkCreateXml);
withoutFlags(remote.networkDefineXmlFlags, remote.networkDefineXml);
withoutFlags(remote.nwfilterDefineXmlFlags, remote.nwfilterDefineXml);
withoutFlags(remote.storageVolGetInfoFlags, remote.storageVolGetInfo);

detour(remote.domainCreateWithFlags, (call, { dom, flags }) => {
  if (flags !== 0) return undefined;
  const lookUp = () => call(remote.domainLookupByUuid, { uuid: dom.uuid });
  return call(remote.domainCreate, { dom }).then(lookUp);
});
detour(remote.domainSaveFlags, (call, { dom, to, dxml, flags }) =>
  flags === 0 && dxml === null ? call(remote.domainSave, { dom, to }) : undefined,
);
detour(remote.domainRestoreFlags, (call, { from, dxml, flags }) =>
  flags === 0 && dxml === null ? call(remote.domainRestore, { from }) : undefined,
);
detour(remote.domainCoreDumpWithFormat, (call, { dom, to, dumpformat, flags }) =>
  dumpformat === 0 ? call(remote.domainCoreDump, { dom, to, flags }) : undefined,
);
detour(remote.nodeDeviceDetachFlags, (call, { name, driverName, flags }) =>
  flags === 0 && driverName === null ? call(remote.nodeDeviceDettach, { name }) : undefined,
);

/** What is said of things that are not there. */
const absences: readonly number[] = [
  ErrorNumber.NO_DOMAIN,
  ErrorNumber.NO_NETWORK,
  ErrorNumber.NO_STORAGE_POOL,
  ErrorNumber.NO_STORAGE_VOL,
  ErrorNumber.NO_INTERFACE,
  ErrorNumber.NO_NWFILTER,
  ErrorNumber.NO_SECRET,
];

/** Asks for each of several things; what has gone since they were listed is left out. */
async function lookUpEach<Key, Ret>(
  keys: readonly Key[],
  lookUp: (key: Key) => Promise<Ret>,
): Promise<Ret[]> {
  const found = keys.map(async (key) => {
    try {
      return [await lookUp(key)];
    } catch (error) {
      if (error instanceof LibvirtError && absences.includes(error.code)) return [];
      throw error;
    }
  });
  return (await Promise.all(found)).flat();
}

interface Names {
  readonly names: readonly string[];
}

/** Lists active things, or inactive ones, or both, by their names. Other filters there were none. */
async function byName<Ret>(
  call: Call,
  sources: readonly (readonly [wanted: boolean, Procedure<{ readonly maxnames: number }, Names>])[],
  maxnames: number,
  lookUp: Procedure<{ readonly name: string }, Ret>,
): Promise<Ret[]> {
  const lists = sources.flatMap(([wanted, list]) => (wanted ? [call(list, { maxnames })] : []));
  const names = (await Promise.all(lists)).flatMap((list) => list.names);
  return lookUpEach(names, (name) => call(lookUp, { name }));
}

/** Which of two halves the flags leave; undefined if they say more than that. */
function halves(flags: number, active: number, inactive: number) {
  if ((flags & ~(active | inactive)) !== 0) return undefined;
  const both = (flags & (active | inactive)) === 0;
  return { active: both || (flags & active) !== 0, inactive: both || (flags & inactive) !== 0 };
}

detour(remote.connectListAllDomains, (call, { flags }) => {
  const wanted = halves(flags, ConnectListAllDomainsFlags.ACTIVE, ConnectListAllDomainsFlags.INACTIVE);
  if (!wanted) return undefined;
  const max = remote.REMOTE_DOMAIN_LIST_MAX;
  const active = async () => {
    const { ids } = await call(remote.connectListDomains, { maxids: max });
    return lookUpEach(ids, (id) => call(remote.domainLookupById, { id }));
  };
  const defined = [[wanted.inactive, remote.connectListDefinedDomains]] as const;
  const inactive = byName(call, defined, max, remote.domainLookupByName);
  const found = Promise.all([wanted.active ? active() : [], inactive]).then((halves) => halves.flat());
  return listed("domains", found, ({ dom }) => dom);
});

detour(remote.connectListAllNetworks, (call, { flags }) => {
  const wanted = halves(flags, ConnectListAllNetworksFlags.ACTIVE, ConnectListAllNetworksFlags.INACTIVE);
  if (!wanted) return undefined;
  const sources = [
    [wanted.active, remote.connectListNetworks],
    [wanted.inactive, remote.connectListDefinedNetworks],
  ] as const;
  const found = byName(call, sources, remote.REMOTE_NETWORK_LIST_MAX, remote.networkLookupByName);
  return listed("nets", found, ({ net }) => net);
});

detour(remote.connectListAllStoragePools, (call, { flags }) => {
  const { ACTIVE, INACTIVE } = ConnectListAllStoragePoolsFlags;
  const wanted = halves(flags, ACTIVE, INACTIVE);
  if (!wanted) return undefined;
  const sources = [
    [wanted.active, remote.connectListStoragePools],
    [wanted.inactive, remote.connectListDefinedStoragePools],
  ] as const;
  const found = byName(call, sources, remote.REMOTE_STORAGE_POOL_LIST_MAX, remote.storagePoolLookupByName);
  return listed("pools", found, ({ pool }) => pool);
});

detour(remote.connectListAllInterfaces, (call, { flags }) => {
  const wanted = halves(flags, ConnectListAllInterfacesFlags.ACTIVE, ConnectListAllInterfacesFlags.INACTIVE);
  if (!wanted) return undefined;
  const sources = [
    [wanted.active, remote.connectListInterfaces],
    [wanted.inactive, remote.connectListDefinedInterfaces],
  ] as const;
  const found = byName(call, sources, remote.REMOTE_INTERFACE_LIST_MAX, remote.interfaceLookupByName);
  return listed("ifaces", found, ({ iface }) => iface);
});

detour(remote.connectListAllNwfilters, (call, { flags }) => {
  if (flags !== 0) return undefined;
  const sources = [[true, remote.connectListNwfilters]] as const;
  const found = byName(call, sources, remote.REMOTE_NWFILTER_LIST_MAX, remote.nwfilterLookupByName);
  return listed("filters", found, ({ nwfilter }) => nwfilter);
});

detour(remote.connectListAllNodeDevices, (call, { flags }) => {
  if (flags !== 0) return undefined;
  const args = { cap: null, maxnames: remote.REMOTE_NODE_DEVICE_LIST_MAX, flags: 0 };
  const found = call(remote.nodeListDevices, args).then(({ names }) => names);
  return listed("devices", found, (name) => ({ name }));
});

detour(remote.connectListAllSecrets, (call, { flags }) => {
  if (flags !== 0) return undefined;
  const uuids = call(remote.connectListSecrets, { maxuuids: remote.REMOTE_SECRET_LIST_MAX });
  const found = uuids.then((list) =>
    lookUpEach(list.uuids, (uuid) => call(remote.secretLookupByUuid, { uuid: uuidIn(uuid) })),
  );
  return listed("secrets", found, ({ secret }) => secret);
});

detour(remote.storagePoolListAllVolumes, (call, { pool, flags }) => {
  if (flags !== 0) return undefined;
  const names = call(remote.storagePoolListVolumes, { pool, maxnames: remote.REMOTE_STORAGE_VOL_LIST_MAX });
  const found = names.then((list) =>
    lookUpEach(list.names, (name) => call(remote.storageVolLookupByName, { pool, name })),
  );
  return listed("vols", found, ({ vol }) => vol);
});

/** A list as the newer procedures give it, of what each reply has. */
async function listed<Name extends string, Ret, T>(
  name: Name,
  replies: Promise<readonly Ret[]>,
  read: (reply: Ret) => T,
) {
  const items = (await replies).map(read);
  return { [name]: items, ret: items.length } as { readonly [N in Name]: readonly T[] } & {
    readonly ret: number;
  };
}

/** The UUID in a daemon's list. */
function uuidIn(text: string): Uint8Array {
  const uuid = readUuid(text);
  if (!uuid) throw new ProtocolError("the daemon lists a secret by what is no UUID");
  return uuid;
}
