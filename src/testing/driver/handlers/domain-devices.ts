import { DomainInterfaceAddressesSource, ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { checkAddressSource, interfaceAddresses } from "../domain/addresses.js";
import { attachDevice, detachDevice, updateDevice } from "../domain/hotplug.js";
import { checkFlags, driverError } from "../errors.js";
import type { ClientState, DriverHandlers } from "../state.js";
import { impact, live } from "./tunables.js";

/** Domains' devices: those that come and go while domains run, and the addresses of interfaces. */
export function domainDeviceHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainAttachDevice, ({ dom, xml }, { state }) => attach(state, dom, xml, 0))
    .on(remote.domainAttachDeviceFlags, ({ dom, xml, flags }, { state }) => attach(state, dom, xml, flags))
    .on(remote.domainDetachDeviceAlias, ({ dom, alias, flags }, { state }) => {
      const domain = state.world.domain(dom);
      checkFlags(domain.impactOf(flags), live, "testDomainDetachDeviceAliasLiveAndConfig");
      detachDevice(domain, alias);
    })
    .on(remote.domainUpdateDeviceFlags, ({ dom, xml, flags }, { state }) => {
      checkFlags(flags, impact, "testDomainUpdateDeviceFlags");
      updateDevice(state.world.domain(dom), xml, flags);
    })
    .on(remote.domainInterfaceAddresses, ({ dom, source, flags }, { state, readonly }) => {
      if (readonly && source === DomainInterfaceAddressesSource.AGENT) {
        const detail = "read only access prevents virDomainInterfaceAddresses";
        throw driverError(ErrorNumber.OPERATION_DENIED, detail, ErrorDomain.DOMAIN);
      }
      checkFlags(flags, 0, "testDomainInterfaceAddresses");
      checkAddressSource(source);
      const ifaces = interfaceAddresses(state.world.domain(dom), (name) => {
        const network = state.world.networks.byName(name);
        if (network) return network.definition;
        throw driverError(ErrorNumber.NO_NETWORK, `no network with matching name '${name}'`);
      });
      return { ifaces };
    });
}

/** What a domain will be at its next start cannot be changed so. */
function attach({ world }: ClientState, dom: remote.NonnullDomain, xml: string, flags: number): void {
  const domain = world.domain(dom);
  checkFlags(domain.impactOf(flags), live, "testDomainAttachDeviceLiveAndConfig");
  attachDevice(domain, xml);
}
