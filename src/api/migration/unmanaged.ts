import {
  DomainMigrateFlags,
  MIGRATE_PARAM_DEST_NAME,
  MIGRATE_PARAM_DEST_XML,
  MIGRATE_PARAM_URI,
} from "../../generated/constants.js";
import * as remote from "../../protocol/generated/remote.js";
import { DriverFeature } from "../../rpc/feature.js";
import type { Domain } from "../domain.js";
import { abortable } from "./abortable.js";
import { allSupport, requireSupport, requireVersion3 } from "./features.js";
import { bandwidthParameter, type MigrationRequest, textParameter } from "./request.js";

/** No other step comes before. */
const noCookie = new Uint8Array(0);

/**
 * Has the source's daemon lead the migration: with PEER2PEER to the daemon at `dconnuri`, which it connects to itself,
 * and else directly to a hypervisor without a daemon. An abort ends the source's job.
 */
export async function migrateUnmanaged(
  domain: Domain,
  dconnuri: string | null,
  { flags, params }: MigrationRequest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { ref: dom, connection } = domain;
  const source = [connection];
  if (flags & DomainMigrateFlags.OFFLINE) {
    await requireSupport(source, DriverFeature.MIGRATION_OFFLINE, signal);
  }
  if (flags & DomainMigrateFlags.PEER2PEER) {
    await requireSupport(source, DriverFeature.MIGRATION_P2P, signal);
    if (await allSupport(source, DriverFeature.MIGRATION_PARAMS, signal)) {
      const args = { dom, dconnuri, params, cookieIn: noCookie, flags };
      await abortable(domain, signal, () => connection.call(remote.domainMigratePerform3Params, args));
      return;
    }
  } else {
    await requireSupport(source, DriverFeature.MIGRATION_DIRECT, signal);
  }

  await requireVersion3(source, params, signal);
  const args = {
    dom,
    xmlin: textParameter(params, MIGRATE_PARAM_DEST_XML),
    cookieIn: noCookie,
    dconnuri,
    uri: textParameter(params, MIGRATE_PARAM_URI),
    flags: BigInt(flags),
    dname: textParameter(params, MIGRATE_PARAM_DEST_NAME),
    resource: bandwidthParameter(params),
  };
  await abortable(domain, signal, () => connection.call(remote.domainMigratePerform3, args));
}
