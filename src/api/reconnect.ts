import { ConnectionError, LibvirtError, UnsupportedError } from "../errors.js";
import { ConnectCloseReason } from "../generated/constants.js";
import * as remote from "../protocol/generated/remote.js";
import { type ReconnectOptions, reconnectPlan } from "../rpc/back-off.js";
import { DriverFeature, supportsFeature } from "../rpc/feature.js";
import { type Establish, LastingSession } from "../rpc/lasting-session.js";
import type { Link } from "../rpc/link.js";
import type { Closed, Session } from "../rpc/session.js";

/** What replaces sessions, by the caller's wishes, or a TypeError or RangeError. */
export function reconnecting(
  options: ReconnectOptions | boolean,
): (first: Session, establish: Establish) => Link {
  const plan = reconnectPlan(options);
  return (first, establish) => new LastingSession(first, establish, plan);
}

/** Has a session end when the daemon says that it has lost its hypervisor: another session may find that again. */
export async function endWithHypervisor(session: Session, signal: AbortSignal | undefined): Promise<void> {
  if (!(await supportsFeature(session, DriverFeature.REMOTE_CLOSE_CALLBACK, { signal }))) return;
  session.onEvent(remote.connectEventConnectionClosed, ({ reason }) => {
    const error = new ConnectionError(`${session.peer} has lost its connection to the hypervisor`);
    session.fail({ reason: reasons.get(reason) ?? "error", error });
  });
  try {
    await session.call(remote.connectRegisterCloseCallback, undefined, { signal });
  } catch (error) {
    // Most hypervisors cannot be lost apart from their daemon.
    if (!(error instanceof LibvirtError || error instanceof UnsupportedError)) throw error;
  }
}

/** Which hypervisor the daemon has chosen where none was named: it must not choose another one the next time. */
export async function chosenName(session: Session, signal: AbortSignal | undefined): Promise<string> {
  const { uri } = await session.call(remote.connectGetUri, undefined, { signal });
  return uri;
}

const reasons: ReadonlyMap<number, Closed["reason"]> = new Map([
  [ConnectCloseReason.EOF, "eof"],
  [ConnectCloseReason.KEEPALIVE, "keepalive"],
]);
