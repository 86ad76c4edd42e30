import { DomainMigrateFlags, MIGRATE_PARAM_DEST_NAME } from "../../generated/constants.js";
import { domainLookupByName, type NonnullDomain } from "../../protocol/generated/remote.js";
import { type CallOptions, withDeadline } from "../../rpc/deadline.js";
import { DriverFeature } from "../../rpc/feature.js";
import { unsignedFlags } from "../arguments.js";
import { Connection } from "../connection.js";
import type { Domain } from "../domain.js";
import type { TypedParametersInput } from "../typed-params.js";
import { allSupport, requireSupport, requireVersion3 } from "./features.js";
import { ManagedMigration } from "./managed.js";
import {
  checkDaemonUri,
  checkStepParameters,
  type MigrationArguments,
  type MigrationRequest,
  requestFromArguments,
  requestFromParameters,
  textParameter,
} from "./request.js";
import { ArgumentSteps, ParameterSteps } from "./steps.js";
import { migrateUnmanaged } from "./unmanaged.js";

const { PEER2PEER, OFFLINE, CHANGE_PROTECTION } = DomainMigrateFlags;

/** virDomainMigrate. Peer to peer the URI is that of the destination's daemon, and otherwise of its hypervisor. */
export async function migrate(
  domain: Domain,
  dconn: Connection,
  flags: number,
  { uri = null, ...others }: MigrationArguments,
  options: CallOptions | undefined,
): Promise<NonnullDomain> {
  return isPeerToPeer(flags)
    ? migrateByArguments(domain, dconn, flags, others, uri, options)
    : migrateByArguments(domain, dconn, flags, { uri, ...others }, null, options);
}

/** virDomainMigrate2. The URI is that of the hypervisor in all cases. */
export async function migrate2(
  domain: Domain,
  dconn: Connection,
  flags: number,
  args: MigrationArguments,
  options: CallOptions | undefined,
): Promise<NonnullDomain> {
  return migrateByArguments(domain, dconn, flags, args, null, options);
}

/** virDomainMigrate3 */
export async function migrate3(
  domain: Domain,
  dconn: Connection,
  input: TypedParametersInput,
  flags: number,
  options: CallOptions | undefined,
): Promise<NonnullDomain> {
  checkConnection(dconn);
  const request = requestFromParameters(flags, input);
  if (isPeerToPeer(flags)) throw new TypeError("flags: PEER2PEER is for migrateToURI3");
  checkStepParameters(request.params);
  return withSignal(domain, options, async (signal) => {
    const known = await allSupport([domain.connection, dconn], DriverFeature.MIGRATION_PARAMS, signal);
    return migrateManaged(domain, dconn, request, known ? ParameterSteps : ArgumentSteps, signal);
  });
}

/** virDomainMigrateToURI */
export async function migrateToURI(
  domain: Domain,
  duri: string,
  flags: number,
  args: MigrationArguments,
  options: CallOptions | undefined,
): Promise<void> {
  if (typeof duri !== "string") throw new TypeError(`duri: a string is wanted, not ${typeof duri}`);
  return isPeerToPeer(flags)
    ? migrateToURI2(domain, duri, flags, args, options)
    : migrateToURI2(domain, null, flags, { uri: duri, ...args }, options);
}

/** virDomainMigrateToURI2 */
export async function migrateToURI2(
  domain: Domain,
  dconnuri: string | null,
  flags: number,
  args: MigrationArguments,
  options: CallOptions | undefined,
): Promise<void> {
  return migrateToRequest(domain, dconnuri, requestFromArguments(flags, args), options);
}

/** virDomainMigrateToURI3 */
export async function migrateToURI3(
  domain: Domain,
  dconnuri: string | null,
  input: TypedParametersInput,
  flags: number,
  options: CallOptions | undefined,
): Promise<void> {
  return migrateToRequest(domain, dconnuri, requestFromParameters(flags, input), options);
}

/** Between two connections, by the functions that have arguments instead of parameters. */
async function migrateByArguments(
  domain: Domain,
  dconn: Connection,
  flags: number,
  args: MigrationArguments,
  dconnuri: string | null,
  options: CallOptions | undefined,
): Promise<NonnullDomain> {
  checkConnection(dconn);
  const request = requestFromArguments(flags, args);
  if (dconnuri !== null) checkDaemonUri(dconnuri);
  return withSignal(domain, options, async (signal) => {
    if (!isPeerToPeer(flags)) return migrateManaged(domain, dconn, request, ArgumentSteps, signal);
    const uri = dconnuri ?? (await dconn.getURI({ signal }));
    checkDaemonUri(uri);
    await migrateUnmanaged(domain, uri, request, signal);
    // Without the signal: the domain is there, and for an abort it is too late.
    const name = textParameter(request.params, MIGRATE_PARAM_DEST_NAME) ?? domain.name;
    const { dom } = await dconn.call(domainLookupByName, { name });
    return dom;
  });
}

async function migrateToRequest(
  domain: Domain,
  dconnuri: string | null,
  request: MigrationRequest,
  options: CallOptions | undefined,
): Promise<void> {
  const daemonUri = isPeerToPeer(request.flags) ? checkDaemonUri(dconnuri) : null;
  await withSignal(domain, options, (signal) => migrateUnmanaged(domain, daemonUri, request, signal));
}

async function migrateManaged(
  domain: Domain,
  dconn: Connection,
  { flags, params }: MigrationRequest,
  Steps: typeof ArgumentSteps | typeof ParameterSteps,
  signal: AbortSignal | undefined,
): Promise<NonnullDomain> {
  const source = domain.connection;
  if (flags & OFFLINE) await requireSupport([source, dconn], DriverFeature.MIGRATION_OFFLINE, signal);
  if (flags & CHANGE_PROTECTION) {
    await requireSupport([source], DriverFeature.MIGRATE_CHANGE_PROTECTION, signal);
  }
  if (Steps === ArgumentSteps) await requireVersion3([source, dconn], params, signal);
  const protect = await allSupport([source], DriverFeature.MIGRATE_CHANGE_PROTECTION, signal);
  // Where the source can it protects the domain unasked, and the destination may not know the flag.
  const options = { flags: flags & ~CHANGE_PROTECTION, protect, signal };
  return new ManagedMigration(domain, new Steps(domain, dconn, params), options).run();
}

/** Runs a migration with the caller's bounds as one signal. */
function withSignal<T>(
  domain: Domain,
  options: CallOptions | undefined,
  run: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  return withDeadline(options, `migrating ${domain.name}`, run);
}

function isPeerToPeer(flags: number): boolean {
  return (unsignedFlags(flags) & PEER2PEER) !== 0;
}

function checkConnection(dconn: Connection): void {
  if (!(dconn instanceof Connection)) throw new TypeError("dconn: a connection to the destination is wanted");
}
