import {
  ErrorNumber,
  ConnectListAllNodeDeviceFlags as Flag,
  NodeDeviceCreateXMLFlags,
  NodeDeviceXMLFlags,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { checkFlags, driverError } from "../errors.js";
import { type FilterGroup, flagsOf, passesFilter, yesOrNo } from "../filter.js";
import type { NodeDevice } from "../node-device/node-devices.js";
import { capabilityTypes, parseNewDevice } from "../node-device/read.js";
import type { ClientState, DriverHandlers } from "../state.js";
import { listed, namesUpTo } from "../wire.js";

/** There is a flag for every type, in the order of the types. */
const filter: readonly FilterGroup<NodeDevice>[] = [
  capabilityTypes.map((type, at) => [1 << at, (device) => device.has(type)]),
  yesOrNo(Flag.PERSISTENT, Flag.TRANSIENT, ({ isPersistent }) => isPersistent),
  yesOrNo(Flag.ACTIVE, Flag.INACTIVE, ({ isActive }) => isActive),
];

/** The devices of the host. */
export function nodeDeviceHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.nodeDeviceLookupByName, ({ name }, { state }) => ({ dev: toWire(named(state, name)) }))
    .on(remote.connectListAllNodeDevices, ({ needResults, flags }, { state }) => {
      checkFlags(flags, flagsOf(filter), "testConnectListAllNodeDevices");
      const passing = [...state.world.nodeDevices].filter((each) => passesFilter(each, flags, filter));
      const { items, ret } = listed(passing, needResults);
      return { devices: items.map(toWire), ret };
    })
    .on(remote.nodeNumOfDevices, ({ cap, flags }, { state }) => {
      checkFlags(flags, 0, "testNodeNumOfDevices");
      return { num: those(state, cap).length };
    })
    .on(remote.nodeListDevices, ({ cap, maxnames, flags }, { state }) => {
      checkFlags(flags, 0, "testNodeListDevices");
      return { names: namesUpTo(those(state, cap), maxnames) };
    })
    .on(remote.nodeDeviceGetXmlDesc, ({ name, flags }, { state }) => {
      checkFlags(flags, NodeDeviceXMLFlags.INACTIVE, "testNodeDeviceGetXMLDesc");
      const device = named(state, name);
      if (flags & NodeDeviceXMLFlags.INACTIVE && !device.isPersistent) {
        throw driverError(ErrorNumber.OPERATION_INVALID, `node device '${name}' is not persistent`);
      }
      return { xml: device.format() };
    })
    .on(remote.nodeDeviceGetParent, ({ name }, { state }) => ({
      parentName: named(state, name).parent ?? null,
    }))
    .on(remote.nodeDeviceNumOfCaps, ({ name }, { state }) => ({ num: named(state, name).types.length }))
    .on(remote.nodeDeviceListCaps, ({ name, maxnames }, { state }) => ({
      names: named(state, name).types.slice(0, Math.max(0, maxnames)),
    }))
    .on(remote.nodeDeviceIsActive, ({ name }, { state }) => ({
      active: named(state, name).isActive ? 1 : 0,
    }))
    .on(remote.nodeDeviceIsPersistent, ({ name }, { state }) => ({
      persistent: named(state, name).isPersistent ? 1 : 0,
    }))
    .on(remote.nodeDeviceCreateXml, ({ xmlDesc, flags }, { state }) => {
      checkFlags(flags, NodeDeviceCreateXMLFlags.VALIDATE, "testNodeDeviceCreateXML");
      return { dev: toWire(state.world.nodeDevices.create(parseNewDevice(xmlDesc))) };
    })
    .on(remote.nodeDeviceDestroy, ({ name }, { state }) => state.world.nodeDevices.destroy(name));
}

function named({ world }: ClientState, name: string): NodeDevice {
  return world.nodeDevices.named(name);
}

function toWire({ name }: NodeDevice): remote.NonnullNodeDevice {
  return { name };
}

/** All of them, or those of one type. */
function those({ world }: ClientState, type: string | null): NodeDevice[] {
  return [...world.nodeDevices].filter((device) => type === null || device.has(type));
}
