import * as qemu from "../../protocol/generated/qemu.js";
import { type Numbered, numberedSource } from "../../rpc/event-source.js";
import type { SessionEvents } from "../../rpc/events.js";
import type { Connection } from "../connection.js";
import { Domain } from "../domain.js";
import { type Feed, type Kind, kind, ownObject } from "./feed.js";
import type { EventFilters, EventMap } from "./types.js";

const monitor: Kind<EventMap["qemu.monitor"]> = kind(
  qemu.domainMonitorEvent,
  ({ dom, event, seconds, micros, details }, connection) => ({
    domain: new Domain(connection, dom),
    event,
    seconds,
    micros,
    details,
  }),
);

export function feed(
  connection: Connection,
  _events: SessionEvents,
  _name: "monitor",
  { domain = null, event = null, flags = 0 }: EventFilters["qemu"],
): Feed<unknown, Numbered> {
  const only = ownObject(connection, "domain", Domain, domain);
  const { message, read }: Kind<unknown> = monitor;
  const source = numberedSource(
    JSON.stringify([message.name, only?.uuid, event, flags]),
    message,
    qemu.connectDomainMonitorEventRegister,
    { dom: only?.ref ?? null, event, flags },
    qemu.connectDomainMonitorEventDeregister,
  );
  return { source, read: (received) => read(received, connection) };
}
