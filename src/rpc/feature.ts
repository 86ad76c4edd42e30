import { LibvirtError, UnsupportedError } from "../errors.js";
import { connectSupportsFeature } from "../protocol/generated/remote.js";
import type { CallOptions } from "./deadline.js";
import type { Callee } from "./link.js";

/** What a daemon can be asked whether it does. libvirt keeps these numbers out of its public API. */
export const DriverFeature = {
  MIGRATION_P2P: 4,
  MIGRATION_DIRECT: 5,
  MIGRATION_V3: 6,
  MIGRATE_CHANGE_PROTECTION: 7,
  FD_PASSING: 8,
  TYPED_PARAM_STRING: 9,
  PROGRAM_KEEPALIVE: 10,
  MIGRATION_OFFLINE: 12,
  MIGRATION_PARAMS: 13,
  REMOTE_EVENT_CALLBACK: 14,
  REMOTE_CLOSE_CALLBACK: 15,
  NETWORK_UPDATE_HAS_CORRECT_ORDER: 16,
} as const;

/** Asks whether the daemon has one of {@link DriverFeature}. One that has never heard of it has not. */
export async function supportsFeature(
  callee: Callee,
  feature: number,
  options?: CallOptions,
): Promise<boolean> {
  try {
    const { supported } = await callee.call(connectSupportsFeature, { feature }, options);
    return supported !== 0;
  } catch (error) {
    if (error instanceof LibvirtError || error instanceof UnsupportedError) return false;
    throw error;
  }
}
