import { ConnectListAllInterfacesFlags as Flag, InterfaceDefineFlags } from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { checkFlags } from "../errors.js";
import { type FilterGroup, flagsOf, passesFilter, yesOrNo } from "../filter.js";
import type { Interface } from "../interface/interfaces.js";
import { parseInterface } from "../interface/read.js";
import type { DriverHandlers } from "../state.js";
import { listed, namesUpTo } from "../wire.js";
import type { World } from "../world.js";
import { formatXml } from "../xml/format.js";

const filter: readonly FilterGroup<Interface>[] = [
  yesOrNo(Flag.ACTIVE, Flag.INACTIVE, ({ isActive }) => isActive),
];

/** The interfaces of the host, and changes to them that can be taken back. */
export function interfaceHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.interfaceLookupByName, ({ name }, { state }) => ({
      iface: toWire(state.world.interfaces.named(name)),
    }))
    .on(remote.interfaceLookupByMacString, ({ mac }, { state }) => ({
      iface: { name: state.world.interfaces.withMac(mac).name, mac },
    }))
    .on(remote.connectListAllInterfaces, ({ needResults, flags }, { state }) => {
      checkFlags(flags, flagsOf(filter), "testConnectListAllInterfaces");
      const passing = [...state.world.interfaces].filter((each) => passesFilter(each, flags, filter));
      const { items, ret } = listed(passing, needResults);
      return { ifaces: items.map(toWire), ret };
    })
    .on(remote.connectNumOfInterfaces, (_args, { state }) => ({ num: those(state.world, true).length }))
    .on(remote.connectListInterfaces, ({ maxnames }, { state }) => ({
      names: namesUpTo(those(state.world, true), maxnames),
    }))
    .on(remote.connectNumOfDefinedInterfaces, (_args, { state }) => ({
      num: those(state.world, false).length,
    }))
    .on(remote.connectListDefinedInterfaces, ({ maxnames }, { state }) => ({
      names: namesUpTo(those(state.world, false), maxnames),
    }))
    .on(remote.interfaceIsActive, ({ iface }, { state }) => ({
      active: state.world.interfaces.named(iface.name).isActive ? 1 : 0,
    }))
    .on(remote.interfaceGetXmlDesc, ({ iface, flags }, { state }) => {
      checkFlags(flags, 0, "testInterfaceGetXMLDesc");
      return { xml: formatXml(state.world.interfaces.named(iface.name).definition.xml) };
    })
    .on(remote.interfaceDefineXml, ({ xml, flags }, { state }) => {
      checkFlags(flags, InterfaceDefineFlags.VALIDATE, "testInterfaceDefineXML");
      return { iface: toWire(state.world.interfaces.define(parseInterface(xml))) };
    })
    .on(remote.interfaceUndefine, ({ iface }, { state }) => state.world.interfaces.undefine(iface.name))
    .on(remote.interfaceCreate, ({ iface, flags }, { state }) => {
      checkFlags(flags, 0, "testInterfaceCreate");
      state.world.interfaces.named(iface.name).create();
    })
    .on(remote.interfaceDestroy, ({ iface, flags }, { state }) => {
      checkFlags(flags, 0, "testInterfaceDestroy");
      state.world.interfaces.named(iface.name).destroy();
    })
    .on(remote.interfaceChangeBegin, ({ flags }, { state }) => {
      checkFlags(flags, 0, "testInterfaceChangeBegin");
      state.world.interfaces.beginChange();
    })
    .on(remote.interfaceChangeCommit, ({ flags }, { state }) => {
      checkFlags(flags, 0, "testInterfaceChangeCommit");
      state.world.interfaces.commitChange();
    })
    .on(remote.interfaceChangeRollback, ({ flags }, { state }) => {
      checkFlags(flags, 0, "testInterfaceChangeRollback");
      state.world.interfaces.rollBackChange();
    });
}

function toWire({ name, mac }: Interface): remote.NonnullInterface {
  return { name, mac };
}

function those({ interfaces }: World, active: boolean): Interface[] {
  return [...interfaces].filter(({ isActive }) => isActive === active);
}
