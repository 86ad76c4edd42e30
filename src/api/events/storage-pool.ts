import { StoragePoolEventLifecycleType } from "../../generated/constants.js";
import * as remote from "../../protocol/generated/remote.js";
import { type Numbered, numberedSource } from "../../rpc/event-source.js";
import type { SessionEvents } from "../../rpc/events.js";
import type { Connection } from "../connection.js";
import { StoragePool } from "../storage-pool.js";
import { type Feed, type Kind, kind, ownObject, registrationKey } from "./feed.js";
import { eventNames, nameIn } from "./names.js";
import type { EventFilters, EventMap } from "./types.js";

type Name = (typeof eventNames)["storagePool"][number];

const kinds: { readonly [N in Name]: Kind<EventMap[`storagePool.${N}`]> } = {
  lifecycle: kind(remote.storagePoolEventLifecycle, ({ pool, event, detail }, connection) => ({
    pool: new StoragePool(connection, pool),
    event,
    eventName: nameIn(StoragePoolEventLifecycleType, event),
    detail,
  })),
  refresh: kind(remote.storagePoolEventRefresh, ({ pool }, connection) => ({
    pool: new StoragePool(connection, pool),
  })),
};

export function feed(
  connection: Connection,
  _events: SessionEvents,
  name: Name,
  { pool = null }: EventFilters["storagePool"],
): Feed<unknown, Numbered> {
  const only = ownObject(connection, "pool", StoragePool, pool);
  const { message, read }: Kind<unknown> = kinds[name];
  const source = numberedSource(
    registrationKey(message, only?.uuid),
    message,
    remote.connectStoragePoolEventRegisterAny,
    { eventID: eventNames.storagePool.indexOf(name), pool: only?.ref ?? null },
    remote.connectStoragePoolEventDeregisterAny,
  );
  return { source, read: (received) => read(received, connection) };
}
