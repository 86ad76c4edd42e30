import { ConnectFlags } from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import type { CallOptions } from "../rpc/deadline.js";
import { DriverFeature, supportsFeature } from "../rpc/feature.js";
import type { KeepAliveOptions } from "../rpc/keepalive.js";
import type { Callee } from "../rpc/link.js";
import type { Session } from "../rpc/session.js";
import type { LibvirtUri } from "../transport/uri.js";

/**
 * How a daemon that has gone is noticed: within 30 seconds, as with virsh. An interval longer than the 5 seconds of
 * daemons lets them ask first, which tells as much: otherwise both ask in the same moment, always.
 */
export const defaultKeepAlive: KeepAliveOptions = { interval: 6, count: 4 };

/**
 * Watches over the daemon from now on, if it can answer. That has to be asked, and asking has the daemon send PINGs,
 * and drop who doesn't answer them. Returns whether it is watched.
 */
export async function watchOver(
  session: Session,
  keepAlive: KeepAliveOptions,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const watched = await supportsFeature(session, DriverFeature.PROGRAM_KEEPALIVE, { signal });
  if (watched) session.setKeepAlive(keepAlive);
  return watched;
}

/** Has the daemon open the hypervisor that the URI means. */
export async function openHypervisor(
  callee: Callee,
  target: LibvirtUri,
  readonly: boolean,
  within: CallOptions,
): Promise<void> {
  const args = { name: target.nameForDaemon, flags: readonly ? ConnectFlags.RO : 0 };
  await callee.call(remote.connectOpen, args, within);
}
