import {
  DomainEventID,
  ErrorDomain,
  ErrorNumber,
  NetworkEventID,
  NodeDeviceEventID,
  StoragePoolEventID,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { formatUuid } from "../../../uuid.js";
import { driverError } from "../errors.js";
import type { DriverHandlers } from "../state.js";

/** Events up to this one can be registered for without a callback's ID. */
const lastLegacy = DomainEventID.DEVICE_REMOVED;

/** Registering for events, by all the ways that there have been. */
export function eventHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.connectDomainEventRegister, (_args, { state }) => {
      addLegacy(state, DomainEventID.LIFECYCLE);
      return { cbRegistered: 0 };
    })
    .on(remote.connectDomainEventDeregister, (_args, { state }) => {
      removeLegacy(state, DomainEventID.LIFECYCLE);
      return { cbRegistered: 0 };
    })
    .on(remote.connectDomainEventRegisterAny, ({ eventID }, { state }) => {
      checkEvent(eventID, lastLegacy, "event ID");
      addLegacy(state, eventID);
    })
    .on(remote.connectDomainEventDeregisterAny, ({ eventID }, { state }) => {
      checkEvent(eventID, lastLegacy, "event ID");
      removeLegacy(state, eventID);
    })
    .on(remote.connectDomainEventCallbackRegisterAny, ({ eventID, dom }, { state }) => {
      checkEvent(eventID, last(DomainEventID), "event ID");
      return { callbackID: add(state, "domain", eventID, dom && formatUuid(dom.uuid)) };
    })
    .on(remote.connectDomainEventCallbackDeregisterAny, ({ callbackID }, { state }) => {
      remove(state, "domain", callbackID, "domain event");
    })
    .on(remote.connectNetworkEventRegisterAny, ({ eventID, net }, { state }) => {
      checkEvent(eventID, last(NetworkEventID), "network event ID");
      return { callbackID: add(state, "network", eventID, net && formatUuid(net.uuid)) };
    })
    .on(remote.connectNetworkEventDeregisterAny, ({ callbackID }, { state }) => {
      remove(state, "network", callbackID, "network event");
    })
    .on(remote.connectStoragePoolEventRegisterAny, ({ eventID, pool }, { state }) => {
      checkEvent(eventID, last(StoragePoolEventID), "storage pool event ID");
      return { callbackID: add(state, "storagePool", eventID, pool && formatUuid(pool.uuid)) };
    })
    .on(remote.connectStoragePoolEventDeregisterAny, ({ callbackID }, { state }) => {
      remove(state, "storagePool", callbackID, "storage pool event");
    })
    .on(remote.connectNodeDeviceEventRegisterAny, ({ eventID, dev }, { state }) => {
      checkEvent(eventID, last(NodeDeviceEventID), "node device event ID");
      return { callbackID: add(state, "nodeDevice", eventID, dev?.name ?? null) };
    })
    .on(remote.connectNodeDeviceEventDeregisterAny, ({ callbackID }, { state }) => {
      remove(state, "nodeDevice", callbackID, "node device event");
    })
    // It tells that the hypervisor is gone, which this one never is before the connection, unless a test says so.
    .on(remote.connectRegisterCloseCallback, (_args, { state }) => {
      state.registrations.add({ class: "connection", eventId: 0, only: undefined, isLegacy: false });
    })
    .on(remote.connectUnregisterCloseCallback, (_args, { state }) => {
      state.registrations.removeClass("connection");
    });
}

type State = Parameters<Parameters<DriverHandlers["on"]>[1]>[1]["state"];
type Class = Parameters<State["registrations"]["remove"]>[0];

function add({ registrations }: State, of: Class, eventId: number, only: string | null): number {
  return registrations.add({ class: of, eventId, only: only ?? undefined, isLegacy: false });
}

function addLegacy({ registrations }: State, eventId: number): void {
  registrations.add({ class: "domain", eventId, only: undefined, isLegacy: true });
}

function remove({ registrations }: State, of: Class, callbackID: number, what: string): void {
  if (!registrations.remove(of, callbackID)) refuse(`${what} callback ${callbackID} not registered`);
}

function removeLegacy({ registrations }: State, eventId: number): void {
  if (!registrations.removeFirst(eventId)) refuse(`domain event ${eventId} not registered`);
}

function checkEvent(eventID: number, lastKnown: number, what: string): void {
  if (eventID < 0 || eventID > lastKnown) refuse(`unsupported ${what} ${eventID}`);
}

function last(ids: Readonly<Record<string, number>>): number {
  return Math.max(...Object.values(ids));
}

/** These are the daemon's own to refuse. */
function refuse(detail: string): never {
  throw driverError(ErrorNumber.INTERNAL_ERROR, detail, ErrorDomain.RPC);
}
