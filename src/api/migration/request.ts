import {
  DomainMigrateFlags,
  MIGRATE_PARAM_BANDWIDTH,
  MIGRATE_PARAM_DEST_NAME,
  MIGRATE_PARAM_DEST_XML,
  MIGRATE_PARAM_URI,
  TypedParameterType,
} from "../../generated/constants.js";
import { REMOTE_DOMAIN_MIGRATE_PARAM_LIST_MAX, type TypedParam } from "../../protocol/generated/remote.js";
import { quoteUri, splitQuery, splitUri } from "../../transport/uri-syntax.js";
import { unsignedFlags } from "../arguments.js";
import { migrateParameters } from "../parameter-types.js";
import { type TypedParametersInput, toTypedParams } from "../typed-params.js";

/** What a migration is to be like, whichever function asks for it. What is not possible has been refused. */
export interface MigrationRequest {
  readonly flags: number;
  readonly params: readonly TypedParam[];
}

/** The arguments of the functions that came before parameters. */
export interface MigrationArguments {
  readonly uri?: string | null;
  readonly dname?: string | null;
  readonly dxml?: string | null;
  readonly bandwidth?: bigint;
}

/** A request out of separate arguments; those that are null, and no limit of bandwidth, are left out. */
export function requestFromArguments(
  flags: number,
  { uri = null, dname = null, dxml = null, bandwidth = 0n }: MigrationArguments,
): MigrationRequest {
  checkText("uri", uri);
  checkText("dname", dname);
  checkText("dxml", dxml);
  if (typeof bandwidth !== "bigint") {
    throw new TypeError(`bandwidth: a bigint is wanted, not ${typeof bandwidth}`);
  }
  if (dname === "") throw emptyName("dname");
  const input = {
    [MIGRATE_PARAM_URI]: uri ?? undefined,
    [MIGRATE_PARAM_DEST_NAME]: dname ?? undefined,
    [MIGRATE_PARAM_DEST_XML]: dxml ?? undefined,
    [MIGRATE_PARAM_BANDWIDTH]: bandwidth === 0n ? undefined : bandwidth,
  };
  return { flags: checkFlags(flags), params: toTypedParams(input, migrateParameters, "arguments") };
}

/** A request out of a caller's parameters. */
export function requestFromParameters(flags: number, input: TypedParametersInput): MigrationRequest {
  const params = toTypedParams(input, migrateParameters, "params");
  // `typed` may have given these, which are read here too, another type.
  for (const field of [MIGRATE_PARAM_URI, MIGRATE_PARAM_DEST_NAME, MIGRATE_PARAM_DEST_XML]) {
    checkType(params, field, TypedParameterType.STRING, "a string");
  }
  checkType(params, MIGRATE_PARAM_BANDWIDTH, TypedParameterType.ULLONG, "a ullong");
  if (textParameter(params, MIGRATE_PARAM_DEST_NAME) === "") {
    throw emptyName(`params.${MIGRATE_PARAM_DEST_NAME}`);
  }
  return { flags: checkFlags(flags), params };
}

/** The value of a parameter that is text; null where there is none. */
export function textParameter(params: readonly TypedParam[], field: string): string | null {
  const value = params.find((param) => param.field === field)?.value;
  return value?.type === TypedParameterType.STRING ? value.value : null;
}

/** The bandwidth in MiB/s; 0 leaves it to the hypervisor. */
export function bandwidthParameter(params: readonly TypedParam[]): bigint {
  const value = params.find((param) => param.field === MIGRATE_PARAM_BANDWIDTH)?.value;
  return value?.type === TypedParameterType.ULLONG ? value.value : 0n;
}

/** The parameters with this value, and no other, for a name. */
export function withText(params: readonly TypedParam[], field: string, value: string): readonly TypedParam[] {
  const others = params.filter((param) => param.field !== field);
  return [...others, { field, value: { type: TypedParameterType.STRING, value } }];
}

/** Refuses more parameters than the later steps of a managed migration, which add to them, could send. */
export function checkStepParameters(params: readonly TypedParam[]): void {
  const added = [MIGRATE_PARAM_URI, MIGRATE_PARAM_DEST_NAME, MIGRATE_PARAM_DEST_XML];
  const most = added.reduce((all, field) => withText(all, field, ""), params).length;
  const surplus = most - REMOTE_DOMAIN_MIGRATE_PARAM_LIST_MAX;
  if (surplus > 0) {
    throw new RangeError(`params: ${params.length} values, at most ${params.length - surplus} can be sent`);
  }
}

/** Refuses the URI of the very host that it is used on; returns any other. */
export function checkDaemonUri(uri: string | null): string {
  if (typeof uri !== "string") throw new TypeError("peer to peer, the destination's libvirt URI is wanted");
  const { scheme, host, query } = splitUri(uri);
  // A socket that is not the daemon's own may lead anywhere.
  const hasSocket = () => splitQuery(query, uri).some(([name]) => name.toLowerCase() === "socket");
  const isLocal =
    host === undefined ? !(scheme.endsWith("+unix") && hasSocket()) : host.startsWith("localhost");
  if (isLocal) throw new RangeError(`${quoteUri(uri)} leads the source back to its own host`);
  return uri;
}

/** Throws for flags that exclude each other. Returns them without a sign. */
function checkFlags(given: number): number {
  const flags = unsignedFlags(given);
  const { NON_SHARED_DISK, NON_SHARED_INC, NON_SHARED_SYNCHRONOUS_WRITES } = DomainMigrateFlags;
  const { TUNNELLED, PEER2PEER, PARALLEL } = DomainMigrateFlags;
  const has = (flag: number) => (flags & flag) !== 0;
  if (has(NON_SHARED_DISK) && has(NON_SHARED_INC)) {
    throw new TypeError("flags: NON_SHARED_DISK and NON_SHARED_INC exclude each other");
  }
  if (has(NON_SHARED_SYNCHRONOUS_WRITES) && !has(NON_SHARED_DISK | NON_SHARED_INC)) {
    throw new TypeError(
      "flags: NON_SHARED_SYNCHRONOUS_WRITES takes NON_SHARED_DISK or NON_SHARED_INC as well",
    );
  }
  if (has(TUNNELLED) && !has(PEER2PEER)) {
    throw new TypeError("flags: TUNNELLED takes PEER2PEER as well: the tunnel is between the two daemons");
  }
  if (has(TUNNELLED) && has(PARALLEL)) {
    throw new TypeError("flags: TUNNELLED and PARALLEL exclude each other");
  }
  return flags >>> 0;
}

function checkText(name: string, value: string | null): void {
  if (value !== null && typeof value !== "string") {
    throw new TypeError(`${name}: a string or null is wanted, not ${typeof value}`);
  }
}

function checkType(params: readonly TypedParam[], field: string, type: number, wanted: string): void {
  if (params.some((param) => param.field === field && param.value.type !== type)) {
    throw new TypeError(`params.${field}: ${wanted} is wanted`);
  }
}

function emptyName(where: string): RangeError {
  return new RangeError(`${where}: a domain's name cannot be empty`);
}
