import type { EventMessage } from "../../../protocol/procedure.js";
import type { Client } from "../../server/client.js";
import type { BodyOf, EventName, SubjectOf, WorldEvent } from "../events.js";

export type EventClass =
  | "domain"
  | "network"
  | "storagePool"
  | "nodeDevice"
  | "secret"
  | "qemu"
  | "connection";

/** How an event of one name is registered for and sent. */
export interface Kind {
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

export function kind<Name extends EventName, Body>(
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
