import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import type { Client } from "../../server/client.js";
import { driverError } from "../errors.js";
import type { EventHub, WorldEvent } from "../events.js";
import type { EventClass } from "./event-kind.js";
import { eventKinds } from "./event-kinds.js";

/** What a client wants to hear of. */
interface Registration {
  readonly class: EventClass;
  readonly eventId: number;
  /** Only of the thing that this is the UUID or the name of. */
  readonly only: string | undefined;
  /** As clients from before there were callback IDs register. */
  readonly isLegacy: boolean;
  /** Of the events themselves, only some. */
  readonly filter?: EventFilter;
}

interface EventFilter {
  /** Two with the same are the same. */
  readonly key: string;
  passes(event: WorldEvent): boolean;
}

/** The events that one client has registered for: what happens in the world is sent to it accordingly. */
export class Registrations {
  readonly #client: Client;
  readonly #hub: EventHub;
  readonly #registered = new Map<number, Registration>();
  readonly #stop: () => void;

  constructor(client: Client, hub: EventHub) {
    this.#client = client;
    this.#hub = hub;
    this.#stop = hub.listen((event) => this.#deliver(event));
  }

  /** Returns the callback's ID. */
  add(registration: Registration): number {
    for (const other of this.#registered.values()) {
      if (isSame(other, registration)) {
        throw driverError(ErrorNumber.INVALID_ARG, "event callback already tracked", ErrorDomain.NONE);
      }
    }
    const id = this.#hub.nextNumber();
    this.#registered.set(id, registration);
    return id;
  }

  /** Whether there was one with this ID. */
  remove(of: EventClass, id: number): boolean {
    const found = this.#registered.get(id);
    return found?.class === of && this.#registered.delete(id);
  }

  /** Whether there was one for this event of domains': like libvirtd, takes the first, however that was registered. */
  removeFirst(eventId: number): boolean {
    for (const [id, each] of this.#registered) {
      if (each.class === "domain" && each.eventId === eventId) return this.#registered.delete(id);
    }
    return false;
  }

  /** Takes away all of a class. */
  removeClass(of: EventClass): void {
    for (const [id, each] of this.#registered) if (each.class === of) this.#registered.delete(id);
  }

  /** Nothing is sent any more. */
  end(): void {
    this.#registered.clear();
    this.#stop();
  }

  #deliver(event: WorldEvent): void {
    const kind = eventKinds[event.name];
    const { uuid, name }: { uuid?: string; name?: string } = event.subject;
    const key = uuid ?? name;
    for (const [id, { class: of, eventId, only, isLegacy, filter }] of this.#registered) {
      if (of !== kind.class || eventId !== kind.eventId || (only !== undefined && only !== key)) continue;
      if (filter && !filter.passes(event)) continue;
      kind.send(this.#client, isLegacy ? undefined : id, event);
    }
  }
}

function isSame(a: Registration, b: Registration): boolean {
  return (
    a.class === b.class && a.eventId === b.eventId && a.only === b.only && a.filter?.key === b.filter?.key
  );
}
