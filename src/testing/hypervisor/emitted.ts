import type { BodyOf, EventName, NamedRef, SubjectOf } from "../driver/events.js";
import { eventKinds } from "../driver/handlers/event-kinds.js";
import { parseUuid } from "../driver/identity.js";
import type { World } from "../driver/world.js";

/** What an event calls the thing that it happened to. */
interface SubjectKeys {
  readonly domain: "domain";
  readonly network: "network";
  readonly storagePool: "pool";
  readonly nodeDevice: "device";
}
type SubjectKey<Name extends EventName> = Name extends `${infer Class extends keyof SubjectKeys}.${string}`
  ? SubjectKeys[Class]
  : never;

/** What an event is about: something that is there, by its name, or whatever has these. */
export type EventSubject = string | { readonly name: string; readonly uuid?: string; readonly id?: number };

/**
 * An event to emit: as those have it who listen, but that a domain is told by its name (`{ domain: "web", event, detail }`)
 * and names of numbers are not wanted.
 */
export type EmittedEvent<Name extends EventName> = {
  readonly [Key in SubjectKey<Name>]: EventSubject;
} & BodyOf<Name>;

const keys: SubjectKeys = { domain: "domain", network: "network", storagePool: "pool", nodeDevice: "device" };

/** Has a world tell of an event, and nothing else. */
export function emit<Name extends EventName>(world: World, name: Name, event: EmittedEvent<Name>): void {
  if (!Object.hasOwn(eventKinds, name)) {
    throw new TypeError(`${String(name)} is no event; there are ${Object.keys(eventKinds).join(", ")}`);
  }
  const { class: of } = eventKinds[name];
  const { [keys[of]]: about, ...body } = event as Readonly<Record<string, unknown>>;
  const subject = subjectOf(world, of, about as EventSubject);
  world.events.emit(name, subject as unknown as SubjectOf<Name>, body as unknown as BodyOf<Name>);
}

function subjectOf(
  world: World,
  of: keyof SubjectKeys,
  about: EventSubject | undefined,
): NamedRef | { name: string } {
  if (typeof about === "object" && about !== null) {
    const { name, uuid, id = -1 } = about;
    if (typeof name !== "string") throw new TypeError(`${keys[of]}: it has no name`);
    if (of === "nodeDevice") return { name };
    const known = typeof uuid === "string" ? parseUuid(uuid) : undefined;
    if (known === undefined) throw new TypeError(`${keys[of]}: ${name} has no UUID`);
    return of === "domain" ? ({ name, uuid: known, id } as NamedRef) : { name, uuid: known };
  }
  if (typeof about !== "string") throw new TypeError(`${keys[of]}: a name is wanted`);
  if (of === "nodeDevice") return { name: about };
  const found = of === "domain" ? world.domains.byName(about)?.ref : namedIn(world, of, about);
  if (found) return found;
  throw new TypeError(`${keys[of]}: there is no ${about} in this hypervisor`);
}

function namedIn(world: World, of: "network" | "storagePool", name: string): NamedRef | undefined {
  return of === "network" ? world.networks.byName(name) : undefined;
}
