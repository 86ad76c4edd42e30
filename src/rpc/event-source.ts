import type { EventMessage, Procedure } from "../protocol/procedure.js";
import type { Session } from "./session.js";

/** A kind of events, and how the daemon is made to send them. */
export interface EventSource<Message> {
  /** Subscriptions to sources with the same key share one registration with the daemon. */
  readonly key: string;
  /** What the daemon sends; nothing for events that are known here without it. */
  readonly message?: EventMessage<Message>;
  /** Subscribers that merely look on, and do not keep the process running. */
  readonly passive?: boolean;
  /** The ID of the registration that a message was sent for. */
  callbackID(message: Message): number;
  /** Asks the daemon for the events, and calls `bind` as soon as it is known which ID they will bear. */
  register(session: Session, bind: (callbackID: number) => void): Promise<unknown>;
  deregister(session: Session, callbackID: number): Promise<unknown>;
}

/** A message, or a reply, with the ID of a registration. */
export interface Numbered {
  readonly callbackID: number;
}

/** Events that bear the ID of their registration, which the daemon gives out. */
export function numberedSource<Message extends Numbered, Args>(
  key: string,
  message: EventMessage<Message>,
  register: Procedure<Args, Numbered>,
  args: Args,
  deregister: Procedure<Numbered, void>,
): EventSource<Message> {
  return {
    key,
    message,
    callbackID: (received) => received.callbackID,
    register: (session, bind) => session.call(register, args, {}, ({ callbackID }) => bind(callbackID)),
    deregister: (session, callbackID) => session.call(deregister, { callbackID }),
  };
}

/** Events that bear no ID: there is one registration for all of their kind. */
export function unnumberedSource<Message, Args>(
  message: EventMessage<Message>,
  register: Procedure<Args, unknown>,
  deregister: Procedure<Args, unknown>,
  args: Args,
): EventSource<Message> {
  const onlyID = 0;
  return {
    key: message.name,
    message,
    callbackID: () => onlyID,
    register: (session, bind) => {
      bind(onlyID);
      return session.call(register, args);
    },
    deregister: (session) => session.call(deregister, args),
  };
}

/** Events that the daemon is not asked for: it does not have them. */
export function ownSource<Message>(key: string): EventSource<Message> {
  return { key, passive: true, callbackID: () => 0, register: async () => {}, deregister: async () => {} };
}
