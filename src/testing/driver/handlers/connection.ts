import { ConnectBaselineCPUFlags } from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { DriverFeature } from "../../../rpc/feature.js";
import { maxVcpus } from "../domain/vcpus.js";
import { domainCapabilities } from "../domain-capabilities.js";
import { checkFlags } from "../errors.js";
import type { DriverHandlers } from "../state.js";
import { listed } from "../wire.js";

/** The libvirt that this driver does what that one's does, as libvirt counts: 12.8.0. */
const libVersion = 12_008_000n;

const { EXPAND_FEATURES } = ConnectBaselineCPUFlags;

/** What this driver can do; the server answers for itself. */
const features: ReadonlySet<number> = new Set([
  DriverFeature.TYPED_PARAM_STRING,
  DriverFeature.NETWORK_UPDATE_HAS_CORRECT_ORDER,
]);

/** The connection itself: what it is to, and what can be done over it. */
export function connectionHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.connectGetUri, (_args, { state }) => ({ uri: state.uri }))
    .on(remote.connectGetType, () => ({ type: "TEST" }))
    .on(remote.connectGetVersion, () => ({ hvVer: 2n }))
    .on(remote.connectGetLibVersion, () => ({ libVer: libVersion }))
    .on(remote.connectGetHostname, (_args, { state }) => ({ hostname: state.world.host.hostname }))
    .on(remote.connectSupportsFeature, ({ feature }) => ({ supported: features.has(feature) ? 1 : 0 }))
    .on(remote.connectIsSecure, () => ({ secure: 1 }))
    .on(remote.connectGetMaxVcpus, () => ({ maxVcpus }))
    .on(remote.connectGetCpuModelNames, async ({ arch, needResults, flags }) => {
      checkFlags(flags, 0, "testConnectGetCPUModelNames");
      const { cpuModelNames } = await import("../cpu/drivers.js");
      const { items, ret } = listed(cpuModelNames(arch), needResults);
      return { models: items, ret };
    })
    .on(remote.connectBaselineCpu, async ({ xmlCPUs, flags }) => {
      const { baselineCpu } = await import("../cpu/drivers.js");
      if (xmlCPUs.length > 0) checkFlags(flags, EXPAND_FEATURES, "testConnectBaselineCPU");
      return { cpu: baselineCpu(xmlCPUs, { expand: (flags & EXPAND_FEATURES) !== 0 }) };
    })
    .on(remote.connectGetDomainCapabilities, ({ emulatorbin, arch, machine, virttype, flags }) => {
      checkFlags(flags, 0, "testConnectGetDomainCapabilities");
      return { capabilities: domainCapabilities({ emulator: emulatorbin, arch, machine, type: virttype }) };
    })
    .on(remote.connectSetIdentity, () => {});
}
