import {
  NetworkEventID,
  NodeDeviceEventID,
  SecretEventID,
  StoragePoolEventID,
} from "../../../generated/constants.js";
import * as qemu from "../../../protocol/generated/qemu.js";
import * as remote from "../../../protocol/generated/remote.js";
import type { BodyOf, EventName } from "../events.js";
import { domainToWire, namedToWire, secretToWire } from "../wire.js";
import { domainEventKinds } from "./domain-event-kinds.js";
import { type Kind, kind } from "./event-kind.js";

/** For each event that can happen in a world: its number, and how it travels. */
export const eventKinds: { readonly [Name in EventName]: Kind } = {
  ...domainEventKinds,
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
  "secret.lifecycle": kind<"secret.lifecycle", Omit<remote.SecretEventLifecycleMsg, "callbackID">>(
    "secret",
    SecretEventID.LIFECYCLE,
    {
      numbered: remote.secretEventLifecycle,
      body: (secret, body) => ({ secret: secretToWire(secret), ...body }),
    },
  ),
  "secret.valueChanged": kind<"secret.valueChanged", Omit<remote.SecretEventValueChangedMsg, "callbackID">>(
    "secret",
    SecretEventID.VALUE_CHANGED,
    { numbered: remote.secretEventValueChanged, body: (secret) => ({ secret: secretToWire(secret) }) },
  ),
  // It is the only one of its class.
  "qemu.monitor": kind<"qemu.monitor", Omit<qemu.DomainMonitorEventMsg, "callbackID">>("qemu", 0, {
    numbered: qemu.domainMonitorEvent,
    body: (domain, body) => ({ dom: domainToWire(domain), ...body }),
  }),
  "connection.close": {
    class: "connection",
    eventId: 0,
    send(client, _callbackID, { body }) {
      client.send(remote.connectEventConnectionClosed, body as BodyOf<"connection.close">);
    },
  },
};
