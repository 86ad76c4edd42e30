import { defaultKeepAlive, openHypervisor, watchOver } from "../../api/open-hypervisor.js";
import * as remote from "../../protocol/generated/remote.js";
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
  details["type"] = (await session.call(remote.connectGetType, undefined, { signal })).type;
  details["version"] = version((await session.call(remote.connectGetVersion, undefined, { signal })).hvVer);
  details["uri"] = (await session.call(remote.connectGetUri, undefined, { signal })).uri;
  details["hostname"] = (await session.call(remote.connectGetHostname, undefined, { signal })).hostname;
}

export async function askLibrary(session: Session, { signal }: Within, { details }: Notes): Promise<void> {
  details["version"] = version(
    (await session.call(remote.connectGetLibVersion, undefined, { signal })).libVer,
  );
}

/** libvirt's one number for three. */
function version(number: bigint): string {
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
    await session.call(remote.connectGetLibVersion, undefined, { signal });
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
