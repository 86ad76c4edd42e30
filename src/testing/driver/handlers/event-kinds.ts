import {
  DomainEventID,
  NetworkEventID,
  NodeDeviceEventID,
  StoragePoolEventID,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import type { EventMessage } from "../../../protocol/procedure.js";
import type { Client } from "../../server/client.js";
import type { BodyOf, EventName, SubjectOf, WorldEvent } from "../events.js";
import { domainToWire, namedToWire } from "../wire.js";

export type EventClass = "domain" | "network" | "storagePool" | "nodeDevice";

/** How an event of one name is registered for and sent. */
interface Kind {
  readonly class: EventClass;
  readonly eventId: number;
  /** Without a callback ID: the way it was before there were any. */
  send(client: Client, callbackID: number | undefined, event: WorldEvent): void;
}

/** The messages that an event travels in: with a callback's ID, and without one if it is that old. */
interface Messages<Name extends EventName, Body> {
  readonly numbered: EventMessage<{ readonly callbackID: number } & Body>;
  readonly legacy?: EventMessage<unknown>;
  body(subject: SubjectOf<Name>, body: BodyOf<Name>): Body;
  /** What the message without a number holds, where it is not the same. */
  legacyBody?(body: Body): unknown;
}

function kind<Name extends EventName, Body>(
  of: EventClass,
  eventId: number,
  { numbered, legacy, body, legacyBody }: Messages<Name, Body>,
): Kind {
  return {
    class: of,
    eventId,
    send(client, callbackID, event) {
      const { subject, body: given } = event as WorldEvent<Name>;
      const content = body(subject, given);
      if (callbackID !== undefined) client.send(numbered, { callbackID, ...content });
      else if (legacy) client.send(legacy, legacyBody ? legacyBody(content) : content);
    },
  };
}

/** Older domain events travel within the message of the time before callback IDs. */
function olderDomainKind<Name extends EventName & `domain.${string}`, Old>(
  eventId: number,
  numbered: EventMessage<{ readonly callbackID: number; readonly msg: Old }>,
  legacy: EventMessage<Old>,
  body: (subject: SubjectOf<Name>, body: BodyOf<Name>) => Old,
): Kind {
  return kind<Name, { readonly msg: Old }>("domain", eventId, {
    numbered,
    legacy: legacy as EventMessage<unknown>,
    body: (subject, given) => ({ msg: body(subject, given) }),
    legacyBody: ({ msg }) => msg,
  });
}

/** For each event that can happen in a world: its number, and how it travels. */
export const eventKinds: { readonly [Name in EventName]: Kind } = {
  "domain.lifecycle": olderDomainKind<"domain.lifecycle", remote.DomainEventLifecycleMsg>(
    DomainEventID.LIFECYCLE,
    remote.domainEventCallbackLifecycle,
    remote.domainEventLifecycle,
    (domain, body) => ({ dom: domainToWire(domain), ...body }),
  ),
  "domain.deviceRemoved": olderDomainKind<"domain.deviceRemoved", remote.DomainEventDeviceRemovedMsg>(
    DomainEventID.DEVICE_REMOVED,
    remote.domainEventCallbackDeviceRemoved,
    remote.domainEventDeviceRemoved,
    (domain, body) => ({ dom: domainToWire(domain), ...body }),
  ),
  "domain.deviceAdded": kind<
    "domain.deviceAdded",
    Omit<remote.DomainEventCallbackDeviceAddedMsg, "callbackID">
  >("domain", DomainEventID.DEVICE_ADDED, {
    numbered: remote.domainEventCallbackDeviceAdded,
    body: (domain, body) => ({ dom: domainToWire(domain), ...body }),
  }),
  "domain.metadataChange": kind<
    "domain.metadataChange",
    Omit<remote.DomainEventCallbackMetadataChangeMsg, "callbackID">
  >("domain", DomainEventID.METADATA_CHANGE, {
    numbered: remote.domainEventCallbackMetadataChange,
    body: (domain, body) => ({ dom: domainToWire(domain), ...body }),
  }),
  "network.lifecycle": kind<"network.lifecycle", Omit<remote.NetworkEventLifecycleMsg, "callbackID">>(
    "network",
    NetworkEventID.LIFECYCLE,
    {
      numbered: remote.networkEventLifecycle,
      body: (network, body) => ({ net: namedToWire(network), ...body }),
    },
  ),
  "network.metadataChange": kind<
    "network.metadataChange",
    Omit<remote.NetworkEventCallbackMetadataChangeMsg, "callbackID">
  >("network", NetworkEventID.METADATA_CHANGE, {
    numbered: remote.networkEventCallbackMetadataChange,
    body: (network, body) => ({ net: namedToWire(network), ...body }),
  }),
  "storagePool.lifecycle": kind<
    "storagePool.lifecycle",
    Omit<remote.StoragePoolEventLifecycleMsg, "callbackID">
  >("storagePool", StoragePoolEventID.LIFECYCLE, {
    numbered: remote.storagePoolEventLifecycle,
    body: (pool, body) => ({ pool: namedToWire(pool), ...body }),
  }),
  "storagePool.refresh": kind<"storagePool.refresh", Omit<remote.StoragePoolEventRefreshMsg, "callbackID">>(
    "storagePool",
    StoragePoolEventID.REFRESH,
    { numbered: remote.storagePoolEventRefresh, body: (pool) => ({ pool: namedToWire(pool) }) },
  ),
  "nodeDevice.lifecycle": kind<
    "nodeDevice.lifecycle",
    Omit<remote.NodeDeviceEventLifecycleMsg, "callbackID">
  >("nodeDevice", NodeDeviceEventID.LIFECYCLE, {
    numbered: remote.nodeDeviceEventLifecycle,
    body: ({ name }, body) => ({ dev: { name }, ...body }),
  }),
  "nodeDevice.update": kind<"nodeDevice.update", Omit<remote.NodeDeviceEventUpdateMsg, "callbackID">>(
    "nodeDevice",
    NodeDeviceEventID.UPDATE,
    { numbered: remote.nodeDeviceEventUpdate, body: ({ name }) => ({ dev: { name } }) },
  ),
};
