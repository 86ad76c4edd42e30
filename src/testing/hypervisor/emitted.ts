import type { BodyOf, DomainRef, EventName, NamedRef, SecretRef, SubjectOf } from "../driver/events.js";
import type { EventClass } from "../driver/handlers/event-kind.js";
import { eventKinds } from "../driver/handlers/event-kinds.js";
import { parseUuid, type Uuid } from "../driver/identity.js";
import type { World } from "../driver/world.js";

/** What an event calls the thing that it happened to. */
const keys = {
  domain: "domain",
  network: "network",
  storagePool: "pool",
  nodeDevice: "device",
  secret: "secret",
  qemu: "domain",
  // It happens to all that there are.
  connection: undefined,
} as const satisfies Readonly<Record<EventClass, string | undefined>>;

type ClassOf<Name extends EventName> = Name extends `${infer Class extends EventClass}.${string}`
  ? Class
  : never;
type SubjectKey<Name extends EventName> = Extract<(typeof keys)[ClassOf<Name>], string>;

/** What an event is about: something that is there, by its name, or whatever has these. */
export type EventSubject = string | { readonly name: string; readonly uuid?: string; readonly id?: number };

/** The secret that an event is about. This hypervisor keeps none. */
export interface SecretSubject {
  readonly uuid: string;
  /** What it is for: 0, nothing in particular, if left out. */
  readonly usageType?: number;
  readonly usageID?: string;
}

/**
 * An event to emit: as those have it who listen, but that a domain is told by its name (`{ domain: "web", event, detail }`)
 * and names of numbers are not wanted.
 */
export type EmittedEvent<Name extends EventName> = {
  readonly [Key in SubjectKey<Name>]: Key extends "secret" ? SecretSubject : EventSubject;
} & BodyOf<Name>;

/** Has a world tell of an event, and nothing else. */
export function emit<Name extends EventName>(world: World, name: Name, event: EmittedEvent<Name>): void {
  if (!Object.hasOwn(eventKinds, name)) {
    throw new TypeError(`${String(name)} is no event; there are ${Object.keys(eventKinds).join(", ")}`);
  }
  const { class: of } = eventKinds[name];
  const key = keys[of];
  const { [key ?? ""]: about, ...body } = event as Readonly<Record<string, unknown>>;
  const subject = key === undefined ? {} : subjectOf(world, of, key, about);
  world.events.emit(name, subject as unknown as SubjectOf<Name>, body as unknown as BodyOf<Name>);
}

function subjectOf(
  world: World,
  of: EventClass,
  key: string,
  about: unknown,
): NamedRef | SecretRef | { name: string } {
  if (of === "secret") return secretIn(about);
  if (typeof about === "object" && about !== null) {
    const { name, uuid, id = -1 } = about as Partial<DomainRef>;
    if (typeof name !== "string") throw new TypeError(`${key}: it has no name`);
    if (of === "nodeDevice") return { name };
    const known = knownUuid(uuid, `${key}: ${name}`);
    return key === "domain" ? ({ name, uuid: known, id } as NamedRef) : { name, uuid: known };
  }
  if (typeof about !== "string") throw new TypeError(`${key}: a name is wanted`);
  if (of === "nodeDevice") return { name: about };
  const found = key === "domain" ? world.domains.byName(about)?.ref : namedIn(world, of, about);
  if (found) return found;
  throw new TypeError(`${key}: there is no ${about} in this hypervisor`);
}

function secretIn(about: unknown): SecretRef {
  const { uuid, usageType = 0, usageID = "" } = (about ?? {}) as Partial<SecretSubject>;
  return { uuid: knownUuid(uuid, "secret: it"), usageType, usageID };
}

function knownUuid(uuid: unknown, what: string): Uuid {
  const known = typeof uuid === "string" ? parseUuid(uuid) : undefined;
  if (known === undefined) throw new TypeError(`${what} has no UUID`);
  return known;
}

function namedIn(world: World, of: EventClass, name: string): NamedRef | undefined {
  if (of === "network") return world.networks.byName(name);
  return of === "storagePool" ? world.storagePools.byName(name) : undefined;
}
