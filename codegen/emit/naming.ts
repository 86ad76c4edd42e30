import type { ApiEnum, ApiFunction, EnumMember } from "../api/model.js";

/** `cpu_time` -> `cpuTime`; what is camel case already (`maxMem`, `oldMAC`) stays. */
export function lowerCamel(name: string): string {
  return lowerFirst(name.replace(/_+([A-Za-z0-9])/g, (_match, first: string) => first.toUpperCase()));
}

export interface FunctionName {
  /** Null for a function of the package itself (`connect`). */
  readonly className: string | null;
  readonly method: string;
}

/** Our classes by the C types of their handles. */
const classes: Readonly<Record<string, string>> = {
  virConnectPtr: "Connection",
  virDomainPtr: "Domain",
  virDomainCheckpointPtr: "DomainCheckpoint",
  virDomainSnapshotPtr: "DomainSnapshot",
  virInterfacePtr: "Interface",
  virNetworkPtr: "Network",
  virNetworkPortPtr: "NetworkPort",
  virNodeDevicePtr: "NodeDevice",
  virNWFilterPtr: "NWFilter",
  virNWFilterBindingPtr: "NWFilterBinding",
  virSecretPtr: "Secret",
  virStoragePoolPtr: "StoragePool",
  virStorageVolPtr: "StorageVol",
  virStreamPtr: "Stream",
  virAdmConnectPtr: "AdminConnection",
  virAdmServerPtr: "AdminServer",
  virAdmClientPtr: "AdminClient",
};

/** Functions that don't start with an object of theirs. */
const ownerless: Readonly<Record<string, FunctionName>> = {
  virConnectOpen: { className: null, method: "connect" },
  virConnectOpenAuth: { className: null, method: "connect" },
  virConnectOpenReadOnly: { className: null, method: "connect" },
  virAdmConnectOpen: { className: null, method: "connectAdmin" },
  virDomainListGetStats: { className: "Connection", method: "domainListGetStats" },
};

/**
 * A function becomes a method of the class of its first argument, called like the C function less `vir` (`virAdm`)
 * and less that class's C name if it starts with it. Undefined if nothing of ours could bear the method.
 */
export function functionName(fn: ApiFunction): FunctionName | undefined {
  const handle = fn.args[0]?.type ?? "";
  const className = classes[handle];
  if (className === undefined) return ownerless[fn.name];
  const owner = handle.replace(/Ptr$/, "");
  const rest = fn.name.startsWith(owner) ? fn.name.slice(owner.length) : fn.name.replace(/^vir(Adm)?/, "");
  return { className, method: lowerFirst(rest) };
}

/** `virDomainCreateFlags` -> `DomainCreateFlags`. */
export function enumName(type: string): string {
  return type.replace(/^vir/, "");
}

/** `VIR_DOMAIN_JOB_TIME_ELAPSED` -> `DOMAIN_JOB_TIME_ELAPSED`. */
export function macroName(macro: string): string {
  return macro.replace(/^VIR_/, "");
}

/**
 * The members of an enum that mean something. libvirt closes most enums with a `…_LAST` that counts the others for
 * the sake of C arrays; it moves with every release, so no program may rely on it. Not every `…_LAST` is one of
 * these (VIR_NETWORK_UPDATE_COMMAND_ADD_LAST), and one enum calls the same bound by a second name.
 */
export function meaningfulMembers(type: ApiEnum): readonly EnumMember[] {
  const highest = Math.max(...type.members.map((member) => member.value));
  const closed = type.members.some((member) => member.value === highest && member.name.endsWith("_LAST"));
  return closed ? type.members.filter((member) => member.value !== highest) : type.members;
}

/** The members' exported names by their C names: less the prefix that all of them share. */
export function memberNames(type: ApiEnum): Map<string, string> {
  const names = meaningfulMembers(type).map((member) => member.name);
  const prefix = prefixes[type.name] ?? commonPrefix(type.name, names);
  return new Map(
    names.map((name) => [name, name.startsWith(prefix) ? name.slice(prefix.length) : macroName(name)]),
  );
}

/** Where the members alone don't say what is prefix and what is name. */
const prefixes: Readonly<Record<string, string>> = {
  virErrorNumber: "VIR_ERR_", // beside a few VIR_WAR_
  virNodeGetCPUStatsAllCPUs: "VIR_NODE_CPU_STATS_",
  virNodeGetMemoryStatsAllCells: "VIR_NODE_MEMORY_STATS_",
};

function commonPrefix(type: string, names: readonly string[]): string {
  const words = names.map((name) => name.split("_"));
  const first = words[0] ?? [];
  let length = names.length === 1 ? sharedWithType(type, first) : sharedByAll(words);
  // A member needs at least one word of its own, and no identifier starts with a digit.
  while (words.some((each) => each.length <= length || /^\d/.test(each[length]!))) length--;
  return first
    .slice(0, length)
    .map((word) => `${word}_`)
    .join("");
}

function sharedByAll([first = [], ...others]: readonly (readonly string[])[]): number {
  const length = first.findIndex((word, index) => others.some((words) => words[index] !== word));
  return length < 0 ? first.length : length;
}

/** An only member shares a prefix with nobody but its type: as many words as occur there in the same order. */
function sharedWithType(type: string, words: readonly string[]): number {
  const letters = type.toUpperCase();
  let position = 0;
  let length = 0;
  for (const word of words) {
    const found = letters.indexOf(word, position);
    if (found < 0) break;
    position = found + word.length;
    length++;
  }
  return length;
}

/** Lowers the first letter, or the whole of a leading acronym: `PMWakeup` -> `pmWakeup`. */
function lowerFirst(name: string): string {
  return name.replace(/^([A-Z]+(?=[A-Z][a-z]|$)|[A-Z])/, (head) => head.toLowerCase());
}
