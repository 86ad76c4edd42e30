import * as remote from "../../../protocol/generated/remote.js";
import { maxVcpus } from "../domain/vcpus.js";
import type { DriverHandlers } from "../state.js";

/** The libvirt that this driver does what that one's does, as libvirt counts: 12.8.0. */
const libVersion = 12_008_000n;

/** What the server itself has, and then the driver: libvirt's numbers of features. */
const features: ReadonlySet<number> = new Set([
  8, // file descriptors of a remote program: every libvirt says so
  9, // strings in typed parameters
  10, // keepalive
  14, // callbacks of events by their IDs
  15, // callbacks when the hypervisor goes
  16, // the order of a network update's arguments
]);

/** The connection itself: what it is to, and what can be done over it. */
export function connectionHandlers(handlers: DriverHandlers): void {
  handlers
    // What was kept for the client is given up when the connection ends, which follows.
    .on(remote.connectClose, () => {})
    .on(remote.connectGetUri, (_args, { state }) => ({ uri: state.uri }))
    .on(remote.connectGetType, () => ({ type: "TEST" }))
    .on(remote.connectGetVersion, () => ({ hvVer: 2n }))
    .on(remote.connectGetLibVersion, () => ({ libVer: libVersion }))
    .on(remote.connectGetHostname, (_args, { state }) => ({ hostname: state.world.host.hostname }))
    .on(remote.connectSupportsFeature, ({ feature }) => ({ supported: features.has(feature) ? 1 : 0 }))
    .on(remote.connectIsSecure, () => ({ secure: 1 }))
    .on(remote.connectGetMaxVcpus, () => ({ maxVcpus }))
    .on(remote.connectSetIdentity, () => {});
}
