import { defaultKeepAlive, openHypervisor, watchOver } from "../../api/open-hypervisor.js";
import { LibvirtError, UnsupportedError } from "../../errors.js";
import { ErrorNumber } from "../../generated/constants.js";
import * as remote from "../../protocol/generated/remote.js";
import type { Procedure } from "../../protocol/procedure.js";
import { DriverFeature, supportsFeature } from "../../rpc/feature.js";
import type { Session } from "../../rpc/session.js";
import type { LibvirtUri } from "../../transport/uri.js";
import type { Notes } from "./diagnosis.js";
import type { Circumstances } from "./reaching.js";

type Within = Pick<Circumstances, "signal">;

/** Has the daemon open the hypervisor. */
export async function open(
  session: Session,
  uri: LibvirtUri,
  { readonly, signal }: Circumstances,
  { details }: Notes,
): Promise<void> {
  details["name"] = uri.nameForDaemon;
  details["readonly"] = readonly;
  details["keepAlive"] = await watchOver(session, defaultKeepAlive, signal);
  await openHypervisor(session, uri, readonly, { signal });
}

/** Who is at the other end. */
export async function askHypervisor(session: Session, { signal }: Within, { details }: Notes): Promise<void> {
  const ask = <Ret>(procedure: Procedure<void, Ret>) => ifSupported(session, procedure, signal);
  details["type"] = (await ask(remote.connectGetType))?.type ?? null;
  details["version"] = version((await ask(remote.connectGetVersion))?.hvVer);
  details["uri"] = (await ask(remote.connectGetUri))?.uri ?? null;
  details["hostname"] = (await ask(remote.connectGetHostname))?.hostname ?? null;
}

export async function askLibrary(session: Session, { signal }: Within, { details }: Notes): Promise<void> {
  details["version"] = version((await ifSupported(session, remote.connectGetLibVersion, signal))?.libVer);
}

/** Not every driver has an answer to everything, and nothing is wrong with that. */
async function ifSupported<Ret>(
  session: Session,
  procedure: Procedure<void, Ret>,
  signal: AbortSignal | undefined,
): Promise<Ret | undefined> {
  try {
    return await session.call(procedure, undefined, { signal });
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    if (error instanceof LibvirtError && error.code === ErrorNumber.NO_SUPPORT) return undefined;
    throw error;
  }
}

/** libvirt's one number for three. */
function version(number: bigint | undefined): string | null {
  if (number === undefined) return null;
  return `${number / 1_000_000n}.${(number / 1000n) % 1000n}.${number % 1000n}`;
}

const roundTrips = 10;

/** How long a call takes for which the daemon has nothing to do. */
export async function measureRoundTrip(
  session: Session,
  { signal }: Within,
  { details }: Notes,
): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < roundTrips; i++) {
    const start = performance.now();
    await ifSupported(session, remote.connectGetLibVersion, signal);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  details["calls"] = roundTrips;
  details["minMs"] = milliseconds(times[0]!);
  details["medianMs"] = milliseconds((times[roundTrips / 2 - 1]! + times[roundTrips / 2]!) / 2);
}

const milliseconds = (time: number) => Math.round(time * 1000) / 1000;

/** What this daemon can do that others may not. */
export async function askFeatures(session: Session, { signal }: Within, { details }: Notes): Promise<void> {
  const has = (feature: number) => supportsFeature(session, feature, { signal });
  details["keepAlive"] = await has(DriverFeature.PROGRAM_KEEPALIVE);
  details["eventCallbacks"] = await has(DriverFeature.REMOTE_EVENT_CALLBACK);
  details["closeCallback"] = await has(DriverFeature.REMOTE_CLOSE_CALLBACK);
}
