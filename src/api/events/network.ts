import { NetworkEventLifecycleType, NetworkMetadataType } from "../../generated/constants.js";
import * as remote from "../../protocol/generated/remote.js";
import { type Numbered, numberedSource } from "../../rpc/event-source.js";
import type { SessionEvents } from "../../rpc/events.js";
import type { Connection } from "../connection.js";
import { Network } from "../network.js";
import { type Feed, type Kind, kind, ownObject, registrationKey } from "./feed.js";
import { eventNames, nameIn } from "./names.js";
import type { EventFilters, EventMap } from "./types.js";

type Name = (typeof eventNames)["network"][number];

const kinds: { readonly [N in Name]: Kind<EventMap[`network.${N}`]> } = {
  lifecycle: kind(remote.networkEventLifecycle, ({ net, event, detail }, connection) => ({
    network: new Network(connection, net),
    event,
    eventName: nameIn(NetworkEventLifecycleType, event),
    detail,
  })),
  metadataChange: kind(remote.networkEventCallbackMetadataChange, ({ net, type, nsuri }, connection) => ({
    network: new Network(connection, net),
    type,
    typeName: nameIn(NetworkMetadataType, type),
    nsuri,
  })),
};

export function feed(
  connection: Connection,
  _events: SessionEvents,
  name: Name,
  { network = null }: EventFilters["network"],
): Feed<unknown, Numbered> {
  const only = ownObject(connection, "network", Network, network);
  const { message, read }: Kind<unknown> = kinds[name];
  const source = numberedSource(
    registrationKey(message, only?.uuid),
    message,
    remote.connectNetworkEventRegisterAny,
    { eventID: eventNames.network.indexOf(name), net: only?.ref ?? null },
    remote.connectNetworkEventDeregisterAny,
  );
  return { source, read: (received) => read(received, connection) };
}
