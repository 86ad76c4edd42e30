import {
  ConnectListAllNetworksFlags as Flag,
  NetworkCreateFlags,
  NetworkDefineFlags,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { formatUuid } from "../../../uuid.js";
import { checkFlags } from "../errors.js";
import { type FilterGroup, flagsOf, passesFilter, yesOrNo } from "../filter.js";
import { affect, checkNetworkDescription, checkNetworkRequest, type Network } from "../network/network.js";
import { parseNetwork } from "../network/read.js";
import type { ClientState, DriverHandlers } from "../state.js";
import { listed, namedOf, namedToWire, namesUpTo } from "../wire.js";
import type { World } from "../world.js";

const filter: readonly FilterGroup<Network>[] = [
  yesOrNo(Flag.ACTIVE, Flag.INACTIVE, ({ isActive }) => isActive),
  yesOrNo(Flag.PERSISTENT, Flag.TRANSIENT, ({ isPersistent }) => isPersistent),
  yesOrNo(Flag.AUTOSTART, Flag.NO_AUTOSTART, ({ autostart }) => autostart),
];

const impact = affect.LIVE | affect.CONFIG;

/** Virtual networks. Of a call's network some functions of libvirt's go by the name, and some by the UUID. */
export function networkHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.networkLookupByName, ({ name }, { state }) => ({
      net: namedToWire(state.world.networks.named(name)),
    }))
    .on(remote.networkLookupByUuid, ({ uuid }, { state }) => ({
      net: namedToWire(state.world.networks.withUuid(formatUuid(uuid))),
    }))
    .on(remote.connectListAllNetworks, ({ needResults, flags }, { state }) => {
      checkFlags(flags, flagsOf(filter), "testConnectListAllNetworks");
      const passing = [...state.world.networks].filter((each) => passesFilter(each, flags, filter));
      const { items, ret } = listed(passing, needResults);
      return { nets: items.map(namedToWire), ret };
    })
    .on(remote.connectNumOfNetworks, (_args, { state }) => ({ num: those(state.world, true).length }))
    .on(remote.connectListNetworks, ({ maxnames }, { state }) => ({
      names: namesUpTo(those(state.world, true), maxnames),
    }))
    .on(remote.connectNumOfDefinedNetworks, (_args, { state }) => ({
      num: those(state.world, false).length,
    }))
    .on(remote.connectListDefinedNetworks, ({ maxnames }, { state }) => ({
      names: namesUpTo(those(state.world, false), maxnames),
    }))
    .on(remote.networkDefineXml, ({ xml }, { state }) => define(state, xml, 0))
    .on(remote.networkDefineXmlFlags, ({ xml, flags }, { state }) => define(state, xml, flags))
    .on(remote.networkCreateXml, ({ xml }, { state }) => createXml(state, xml, 0))
    .on(remote.networkCreateXmlFlags, ({ xml, flags }, { state }) => createXml(state, xml, flags))
    .on(remote.networkCreate, ({ net }, { state }) => state.world.networks.named(net.name).create())
    .on(remote.networkDestroy, ({ net }, { state }) => state.world.networks.named(net.name).destroy())
    .on(remote.networkUndefine, ({ net }, { state }) =>
      state.world.networks.named(net.name).undefine(namedOf(net)),
    )
    .on(remote.networkGetXmlDesc, ({ net, flags }, { state }) => {
      checkFlags(flags, 0, "testNetworkGetXMLDesc");
      return { xml: state.world.networks.named(net.name).definition.format() };
    })
    .on(remote.networkGetBridgeName, ({ net }, { state }) => ({
      name: state.world.networks.named(net.name).bridge,
    }))
    .on(remote.networkGetAutostart, ({ net }, { state }) => ({
      autostart: state.world.networks.named(net.name).autostart ? 1 : 0,
    }))
    .on(remote.networkSetAutostart, ({ net, autostart }, { state }) => {
      state.world.networks.named(net.name).autostart = autostart !== 0;
    })
    .on(remote.networkIsActive, ({ net }, { state }) => ({
      active: state.world.networks.withUuid(formatUuid(net.uuid)).isActive ? 1 : 0,
    }))
    .on(remote.networkIsPersistent, ({ net }, { state }) => ({
      persistent: state.world.networks.withUuid(formatUuid(net.uuid)).isPersistent ? 1 : 0,
    }))
    .on(remote.networkUpdate, ({ net, flags, ...update }, { state }) => {
      checkFlags(flags, impact, "testNetworkUpdate");
      state.world.networks.withUuid(formatUuid(net.uuid)).update(update, flags);
    })
    .on(remote.networkGetMetadata, ({ network, type, uri, flags }, { state }) => {
      checkNetworkRequest(type, uri, flags);
      checkFlags(flags, impact, "testNetworkGetMetadata");
      return { metadata: state.world.network(network).getDescription(type, uri, flags) };
    })
    .on(remote.networkSetMetadata, ({ network, flags, ...description }, { state }) => {
      checkNetworkDescription(description);
      checkFlags(flags, impact, "testNetworkSetMetadata");
      state.world.network(network).setDescription(description, flags);
    });
}

function define({ world }: ClientState, xml: string, flags: number) {
  checkFlags(flags, NetworkDefineFlags.VALIDATE, "testNetworkDefineXMLFlags");
  return { net: namedToWire(world.networks.define(parseNetwork(xml))) };
}

function createXml({ world }: ClientState, xml: string, flags: number) {
  checkFlags(flags, NetworkCreateFlags.VALIDATE, "testNetworkCreateXMLFlags");
  return { net: namedToWire(world.networks.create(parseNetwork(xml))) };
}

function those({ networks }: World, active: boolean): Network[] {
  return [...networks].filter(({ isActive }) => isActive === active);
}
