import { SecretEventLifecycleType } from "../../generated/constants.js";
import * as remote from "../../protocol/generated/remote.js";
import { type Numbered, numberedSource } from "../../rpc/event-source.js";
import type { SessionEvents } from "../../rpc/events.js";
import type { Connection } from "../connection.js";
import { Secret } from "../secret.js";
import { type Feed, type Kind, kind, ownObject, registrationKey } from "./feed.js";
import { eventNames, nameIn } from "./names.js";
import type { EventFilters, EventMap } from "./types.js";

type Name = (typeof eventNames)["secret"][number];

const kinds: { readonly [N in Name]: Kind<EventMap[`secret.${N}`]> } = {
  lifecycle: kind(remote.secretEventLifecycle, ({ secret, event, detail }, connection) => ({
    secret: new Secret(connection, secret),
    event,
    eventName: nameIn(SecretEventLifecycleType, event),
    detail,
  })),
  valueChanged: kind(remote.secretEventValueChanged, ({ secret }, connection) => ({
    secret: new Secret(connection, secret),
  })),
};

export function feed(
  connection: Connection,
  _events: SessionEvents,
  name: Name,
  { secret = null }: EventFilters["secret"],
): Feed<unknown, Numbered> {
  const only = ownObject(connection, "secret", Secret, secret);
  const { message, read }: Kind<unknown> = kinds[name];
  const source = numberedSource(
    registrationKey(message, only?.uuid),
    message,
    remote.connectSecretEventRegisterAny,
    { eventID: eventNames.secret.indexOf(name), secret: only?.ref ?? null },
    remote.connectSecretEventDeregisterAny,
  );
  return { source, read: (received) => read(received, connection) };
}
