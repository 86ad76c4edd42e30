import { Connection } from "../../../../src/api/connection.js";
import { DescriptorChannels } from "../../../../src/api/descriptors.js";
import type { EventMap } from "../../../../src/api/events/types.js";
import { DomainEventType } from "../../../../src/generated/constants.js";
import * as qemu from "../../../../src/protocol/generated/qemu.js";
import * as remote from "../../../../src/protocol/generated/remote.js";
import type { EventMessage, Procedure } from "../../../../src/protocol/procedure.js";
import type { Link } from "../../../../src/rpc/link.js";
import type { Session } from "../../../../src/rpc/session.js";
import { type Conversation, converse } from "../../rpc/conversation.js";
import { argumentsOf, errorTo, eventFrame, type Frame, replyTo } from "../../rpc/peer.js";

/** The first callback ID that a daemon gives out. */
export const firstID = 100;

export interface Script {
  /** The first callback ID that it gives out, if not the usual one. */
  readonly firstID?: number;
  /** The driver features that the daemon has: event callbacks and close callbacks if left out. */
  readonly features?: readonly number[];
  /** Answers no call to register until `release`. */
  readonly slow?: boolean;
  /** Refuses every call to register. */
  readonly refuses?: boolean;
}

const withID: readonly Procedure<unknown, { readonly callbackID: number }>[] = [
  remote.connectDomainEventCallbackRegisterAny,
  remote.connectNetworkEventRegisterAny,
  remote.connectStoragePoolEventRegisterAny,
  remote.connectNodeDeviceEventRegisterAny,
  remote.connectSecretEventRegisterAny,
  qemu.connectDomainMonitorEventRegister,
];

const counted: readonly Procedure<void, { readonly cbRegistered: number }>[] = [
  remote.connectDomainEventRegister,
  remote.connectDomainEventDeregister,
];

const silent: readonly Procedure<unknown, void>[] = [
  remote.connectClose,
  remote.connectDomainEventRegisterAny,
  remote.connectDomainEventDeregisterAny,
  remote.connectDomainEventCallbackDeregisterAny,
  remote.connectNetworkEventDeregisterAny,
  remote.connectStoragePoolEventDeregisterAny,
  remote.connectNodeDeviceEventDeregisterAny,
  remote.connectSecretEventDeregisterAny,
  qemu.connectDomainMonitorEventDeregister,
  remote.connectRegisterCloseCallback,
  remote.connectUnregisterCloseCallback,
];

export const uuid = (last: number) => Uint8Array.from({ length: 16 }, (_, at) => (at === 15 ? last : 0x11));

/** What the wire calls a domain; a number tells it from others. */
export const dom = (last: number) => ({ name: `domain ${last}`, uuid: uuid(last), id: last });

/** What `connect` would return for a session. */
export function connectionOn(session: Link): Connection {
  return new Connection(session, "test:///default", new DescriptorChannels(session, async () => {}));
}

/** A daemon that knows of events and of nothing else, and a connection to it. */
export class EventDaemon {
  readonly session: Session;
  readonly connection: Connection;
  readonly pipe: Conversation["pipe"];
  readonly peer: Conversation["peer"];
  readonly #script: Script;
  readonly #unanswered: (() => void)[] = [];
  #slow: boolean;
  #nextID: number;

  constructor(script: Script = {}) {
    this.#script = script;
    this.#slow = script.slow ?? false;
    this.#nextID = script.firstID ?? firstID;
    const { session, pipe, peer } = converse({}, (call) => this.#answer(call));
    this.pipe = pipe;
    this.peer = peer;
    this.session = session;
    this.connection = connectionOn(session);
  }

  /** Answers what has been asked, and all that is to come. */
  release(): void {
    this.#slow = false;
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  /** The names of the procedures that have been called, without their prefix, and without questions for features. */
  calls(): string[] {
    const known = [...withID, ...counted, ...silent];
    return this.peer.frames
      .filter(({ header }) => header.proc !== remote.connectSupportsFeature.number)
      .map(({ header }) => known.find((one) => one.program === header.prog && one.number === header.proc))
      .map((procedure) => procedure?.name.replace(/^(REMOTE|QEMU)_PROC_CONNECT_/, "") ?? "?");
  }

  /** The arguments of the last call of this kind. */
  lastArguments<Args>(procedure: Procedure<Args, unknown>): Args | undefined {
    const call = this.peer.frames.findLast(
      ({ header }) => header.prog === procedure.program && header.proc === procedure.number,
    );
    return call && argumentsOf(call, procedure);
  }

  send<Message>(event: EventMessage<Message>, message: Message): void {
    this.peer.send(eventFrame(event, message));
  }

  /** Sends lifecycle events of one registration: domains with these numbers have started. */
  started(callbackID: number, ...domains: readonly number[]): void {
    const messages = domains.map((last) => ({
      callbackID,
      msg: { dom: dom(last), event: DomainEventType.STARTED, detail: 0 },
    }));
    this.peer.send(...messages.map((message) => eventFrame(remote.domainEventCallbackLifecycle, message)));
  }

  #answer(call: Frame): void {
    const { prog, proc } = call.header;
    const is = ({ program, number }: Procedure<unknown, unknown>) => program === prog && number === proc;
    if (is(remote.connectSupportsFeature)) {
      const { feature } = argumentsOf(call, remote.connectSupportsFeature);
      const supported = (this.#script.features ?? [14, 15]).includes(feature) ? 1 : 0;
      this.peer.send(replyTo(call, remote.connectSupportsFeature, { supported }));
      return;
    }
    const numbered = withID.find(is);
    const answer = () => {
      const procedure = counted.find(is);
      if (this.#script.refuses && (numbered || procedure)) {
        this.peer.send(errorTo(call, { code: 1, domain: 7, message: "unsupported event" }));
      } else if (numbered) {
        this.peer.send(replyTo(call, numbered, { callbackID: this.#nextID++ }));
      } else if (procedure) {
        this.peer.send(replyTo(call, procedure, { cbRegistered: 1 }));
      } else {
        this.peer.send(replyTo(call, silent.find(is)!, undefined));
      }
    };
    if (this.#slow && proc !== remote.connectClose.number) this.#unanswered.push(answer);
    else answer();
  }
}

/** Keeps the numbers of the domains that it is told of. */
export function collector() {
  const seen: number[] = [];
  return { seen, handler: ({ domain }: EventMap["domain.lifecycle"]) => void seen.push(domain.id) };
}
