import { NodeDeviceEventLifecycleType } from "../../generated/constants.js";
import * as remote from "../../protocol/generated/remote.js";
import { type Numbered, numberedSource } from "../../rpc/event-source.js";
import type { SessionEvents } from "../../rpc/events.js";
import type { Connection } from "../connection.js";
import { NodeDevice } from "../node-device.js";
import { type Feed, type Kind, kind, ownObject, registrationKey } from "./feed.js";
import { eventNames, nameIn } from "./names.js";
import type { EventFilters, EventMap } from "./types.js";

type Name = (typeof eventNames)["nodeDevice"][number];

const kinds: { readonly [N in Name]: Kind<EventMap[`nodeDevice.${N}`]> } = {
  lifecycle: kind(remote.nodeDeviceEventLifecycle, ({ dev, event, detail }, connection) => ({
    device: new NodeDevice(connection, dev),
    event,
    eventName: nameIn(NodeDeviceEventLifecycleType, event),
    detail,
  })),
  update: kind(remote.nodeDeviceEventUpdate, ({ dev }, connection) => ({
    device: new NodeDevice(connection, dev),
  })),
};

export function feed(
  connection: Connection,
  _events: SessionEvents,
  name: Name,
  { device = null }: EventFilters["nodeDevice"],
): Feed<unknown, Numbered> {
  const only = ownObject(connection, "device", NodeDevice, device);
  const { message, read }: Kind<unknown> = kinds[name];
  const source = numberedSource(
    registrationKey(message, only?.name),
    message,
    remote.connectNodeDeviceEventRegisterAny,
    { eventID: eventNames.nodeDevice.indexOf(name), dev: only?.ref ?? null },
    remote.connectNodeDeviceEventDeregisterAny,
  );
  return { source, read: (received) => read(received, connection) };
}
