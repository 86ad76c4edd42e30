import { domainLookupByName } from "../../../src/protocol/generated/remote.js";
import type { CallOptions } from "../../../src/rpc/deadline.js";
import type { Session } from "../../../src/rpc/session.js";
import { argumentsOf, type Frame, type Peer, replyTo } from "./peer.js";

// The call that most tests make: it takes a name and gives it back.

export const uuid = new Uint8Array(16).fill(7);

export const domain = (name: string) => ({ dom: { name, uuid, id: 1 } });

export const lookUp = (session: Pick<Session, "call">, name: string, options?: CallOptions) =>
  session.call(domainLookupByName, { name }, options);

/** The name that a call asks for. */
export const nameIn = (call: Frame) => argumentsOf(call, domainLookupByName).name;

/** The answer that it gets. */
export const found = (call: Frame) => replyTo(call, domainLookupByName, domain(nameIn(call)));

/** The names that a peer has been asked for so far. */
export const asked = (peer: Peer) => peer.frames.map(nameIn);
