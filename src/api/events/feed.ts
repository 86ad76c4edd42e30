import type { EventMessage } from "../../protocol/procedure.js";
import type { EventSource, Numbered } from "../../rpc/event-source.js";
import type { SessionEvents } from "../../rpc/events.js";
import type { Closed } from "../../rpc/session.js";
import type { Connection } from "../connection.js";
import { withJson } from "../json.js";
import type { EventFilter, EventMap, EventName } from "./types.js";

/** Where a subscriber's events come from, and what becomes of a message. */
export interface Feed<Event, Message = unknown> {
  readonly source: EventSource<Message>;
  /** The event that a message tells of; undefined for one that the subscriber has not asked for. */
  read(message: Message): Event | undefined;
  /** The event that the end of the connection is, if it is one. */
  last?(closed: Closed): Event | undefined;
}

/** Makes the feed for an event of one class, named without the class. */
type FeedOpener = (
  connection: Connection,
  events: SessionEvents,
  name: never,
  filter: never,
) => Feed<unknown> | Promise<Feed<unknown>>;

/**
 * What makes the feeds of each class. A module comes with the class whose objects are in its events, and so is loaded
 * before the daemon is asked for any: when one comes, nothing has to be waited for.
 */
const openers: Readonly<Record<string, () => Promise<{ readonly feed: FeedOpener }>>> = {
  domain: () => import("./domain.js"),
  network: () => import("./network.js"),
  storagePool: () => import("./storage-pool.js"),
  nodeDevice: () => import("./node-device.js"),
  secret: () => import("./secret.js"),
  qemu: () => import("./qemu.js"),
  connection: () => import("./connection.js"),
};

export async function openFeed<Name extends EventName>(
  connection: Connection,
  events: SessionEvents,
  name: Name,
  filter: EventFilter<Name>,
): Promise<Feed<EventMap[Name]>> {
  const [className = "", what] = name.split(".");
  const { feed } = await openers[className]!();
  return feed(connection, events, what as never, filter as never) as Promise<Feed<EventMap[Name]>>;
}

interface Owned {
  readonly connection: unknown;
}

/** An object to filter by: of the right class, and of this connection. */
export function ownObject<T extends Owned>(
  connection: Connection,
  what: string,
  type: abstract new (...args: never) => T,
  object: unknown,
): T | null {
  if (object === null) return null;
  if (!(object instanceof type)) throw new TypeError(`${what}: the value is no ${what}`);
  if (object.connection !== connection) throw new TypeError(`${what}: it belongs to another connection`);
  return object;
}

/** A message that bears a callback ID, and the event that it tells of. */
export interface Kind<Event, Message = Numbered> {
  readonly message: EventMessage<Message>;
  read(message: Message, connection: Connection): Event;
}

export function kind<Event, Message extends Numbered>(
  message: EventMessage<Message>,
  read: (message: Message, connection: Connection) => Omit<Event, "toJSON">,
): Kind<Event, Message> {
  return { message, read: (received, connection) => withJson(read(received, connection)) as Event };
}

/** The key of a registration for all objects, or for the one that is known by `object`. */
export function registrationKey(message: { readonly name: string }, object: string | undefined): string {
  return object === undefined ? message.name : `${message.name} ${object}`;
}
