import type { ApiFunction, Library } from "./model.js";

export interface Procedure {
  /** `remote`, `qemu`, `lxc` or `admin`. */
  readonly program: string;
  readonly number: number;
}

/** The procedures of all programs by their C enum names, such as `REMOTE_PROC_DOMAIN_CREATE`. */
export type Procedures = ReadonlyMap<string, Procedure>;

/** A library's program, and the word by which its functions' names tell it. */
const programs: Readonly<Record<Library, readonly [program: string, word: string]>> = {
  libvirt: ["remote", ""],
  qemu: ["qemu", "Qemu"],
  lxc: ["lxc", "Lxc"],
  admin: ["admin", "Adm"],
};

/**
 * Functions whose procedure bears another name: several entrances to one procedure, functions that the C library
 * composes of several procedures (here the one that does the work), and those that moved to a newer procedure.
 */
const irregular: Readonly<Record<string, string>> = {
  virConnectOpenAuth: "REMOTE_PROC_CONNECT_OPEN",
  virConnectOpenReadOnly: "REMOTE_PROC_CONNECT_OPEN",
  virConnectIsEncrypted: "REMOTE_PROC_CONNECT_IS_SECURE",

  virDomainCreateLinux: "REMOTE_PROC_DOMAIN_CREATE_XML",
  virDomainListGetStats: "REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS",
  virDomainMigrate: "REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3",
  virDomainMigrate2: "REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3",
  virDomainMigrate3: "REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3_PARAMS",
  virDomainMigrateToURI: "REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3",
  virDomainMigrateToURI2: "REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3",
  virDomainMigrateToURI3: "REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3_PARAMS",

  virDomainLookupByUUIDString: "REMOTE_PROC_DOMAIN_LOOKUP_BY_UUID",
  virNetworkLookupByUUIDString: "REMOTE_PROC_NETWORK_LOOKUP_BY_UUID",
  virNetworkPortLookupByUUIDString: "REMOTE_PROC_NETWORK_PORT_LOOKUP_BY_UUID",
  virNWFilterLookupByUUIDString: "REMOTE_PROC_NWFILTER_LOOKUP_BY_UUID",
  virSecretLookupByUUIDString: "REMOTE_PROC_SECRET_LOOKUP_BY_UUID",
  virStoragePoolLookupByUUIDString: "REMOTE_PROC_STORAGE_POOL_LOOKUP_BY_UUID",

  // Procedures of these very names exist too, for daemons that don't know callback IDs yet.
  virConnectDomainEventRegister: "REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
  virConnectDomainEventRegisterAny: "REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY",
  virConnectDomainEventDeregister: "REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
  virConnectDomainEventDeregisterAny: "REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY",
};

/** Gives the procedure that a function of the API calls, or undefined if there is none. */
export function procedureFinder<P extends Procedure>(
  procedures: ReadonlyMap<string, P>,
): (fn: ApiFunction) => P | undefined {
  const byPlainName = new Map([...procedures].map(([name, procedure]) => [plain(name), procedure]));
  return (fn) => byPlainName.get(plain(irregular[fn.name] ?? regularName(fn)));
}

/** libvirt's own generator maps the two names by rule, and the rule's odd cases all are in the underscores. */
function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/** `virDomainQemuAttach` -> `qemu_PROC_DomainAttach`: the program is named once, in front. */
function regularName(fn: ApiFunction): string {
  const [program, word] = programs[fn.library];
  return `${program}_PROC_${fn.name.replace(/^vir/, "").replace(word, "")}`;
}
