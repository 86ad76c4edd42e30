import type { Uuid } from "./identity.js";

/** Which domain, as it was when something happened to it. */
export interface DomainRef {
  readonly name: string;
  readonly uuid: Uuid;
  readonly id: number;
}

/** Which network or storage pool. */
export interface NamedRef {
  readonly name: string;
  readonly uuid: Uuid;
}

/** What each event says beside the thing that it happened to. The numbers are libvirt's. */
interface Bodies {
  readonly "domain.lifecycle": { readonly event: number; readonly detail: number };
  readonly "domain.metadataChange": { readonly type: number; readonly nsuri: string | null };
  readonly "domain.deviceAdded": { readonly devAlias: string };
  readonly "domain.deviceRemoved": { readonly devAlias: string };
  readonly "network.lifecycle": { readonly event: number; readonly detail: number };
  readonly "network.metadataChange": { readonly type: number; readonly nsuri: string | null };
  readonly "storagePool.lifecycle": { readonly event: number; readonly detail: number };
  readonly "storagePool.refresh": object;
  readonly "nodeDevice.lifecycle": { readonly event: number; readonly detail: number };
  readonly "nodeDevice.update": object;
}

interface Subjects {
  readonly domain: DomainRef;
  readonly network: NamedRef;
  readonly storagePool: NamedRef;
  readonly nodeDevice: { readonly name: string };
}

export type EventName = keyof Bodies;
/** The kind of thing that an event happens to: what stands before the dot. */
export type SubjectOf<Name extends EventName> = Name extends `${infer Class extends keyof Subjects}.${string}`
  ? Subjects[Class]
  : never;
export type BodyOf<Name extends EventName> = Bodies[Name];

/** Something that happened in a world. */
export interface WorldEvent<Name extends EventName = EventName> {
  readonly name: Name;
  readonly subject: SubjectOf<Name>;
  readonly body: BodyOf<Name>;
}

type Listener = (event: WorldEvent) => void;

/** Tells what happens in a world to whoever listens, in the order in which it happens. */
export class EventHub {
  readonly #listeners = new Set<Listener>();
  #lastNumber = -1;

  emit<Name extends EventName>(name: Name, subject: SubjectOf<Name>, body: BodyOf<Name>): void {
    const event = { name, subject, body } as WorldEvent;
    for (const listener of this.#listeners) listener(event);
  }

  /** Returns how to end it. */
  listen(listener: Listener): () => void {
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Numbers for registrations: one sequence for all who share the world, as in libvirt. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }
}
