import { UnsupportedError } from "../../errors.js";
import {
  MIGRATE_PARAM_BANDWIDTH,
  MIGRATE_PARAM_DEST_NAME,
  MIGRATE_PARAM_DEST_XML,
  MIGRATE_PARAM_URI,
} from "../../generated/constants.js";
import { connectSupportsFeature, type TypedParam } from "../../protocol/generated/remote.js";
import { DriverFeature } from "../../rpc/feature.js";
import type { Connection } from "../connection.js";

/** The features that a migration may depend on, for people. */
const names = {
  [DriverFeature.MIGRATION_P2P]: "peer-to-peer migration",
  [DriverFeature.MIGRATION_DIRECT]: "direct migration",
  [DriverFeature.MIGRATION_V3]: "migration by version 3 of libvirt's protocol for it",
  [DriverFeature.MIGRATE_CHANGE_PROTECTION]: "protection of a migrating domain from changes",
  [DriverFeature.MIGRATION_OFFLINE]: "offline migration",
  [DriverFeature.MIGRATION_PARAMS]: "migration with parameters",
} as const;

type MigrationFeature = keyof typeof names;

/** The parameters that are arguments in the protocol from before there were parameters. */
const oldParameters: readonly string[] = [
  MIGRATE_PARAM_URI,
  MIGRATE_PARAM_DEST_NAME,
  MIGRATE_PARAM_DEST_XML,
  MIGRATE_PARAM_BANDWIDTH,
];

/** Whether the hypervisor at each of these connections has a feature. */
export async function allSupport(
  connections: readonly Connection[],
  feature: MigrationFeature,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const connection of connections) {
    const { supported } = await connection.call(connectSupportsFeature, { feature }, { signal });
    if (supported === 0) return false;
  }
  return true;
}

/** Rejects with an UnsupportedError unless the hypervisor at each of these connections has a feature. */
export async function requireSupport(
  connections: readonly Connection[],
  feature: MigrationFeature,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const connection of connections) {
    if (await allSupport([connection], feature, signal)) continue;
    throw new UnsupportedError(`the hypervisor at ${connection.peer} has no ${names[feature]}`);
  }
}

/**
 * Version 3 is the oldest protocol that we speak, and at first it had no more than a few of the parameters. What came
 * before is for libvirt older than 0.9.2, and for the ESX driver, which works in the C client and not in a daemon.
 */
export async function requireVersion3(
  connections: readonly Connection[],
  params: readonly TypedParam[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await requireSupport(connections, DriverFeature.MIGRATION_V3, signal);
  const unknown = params.map(({ field }) => field).filter((field) => !oldParameters.includes(field));
  if (unknown.length === 0) return;
  throw new UnsupportedError(
    `this migration cannot have ${unknown.join(", ")}: ${names[DriverFeature.MIGRATION_PARAMS]} is not supported`,
  );
}
