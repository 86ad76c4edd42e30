import { DomainState, ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { Collection } from "../collection.js";
import { driverError } from "../errors.js";
import type { EventHub } from "../events.js";
import type { DomainDefinition } from "./definition.js";
import { Domain } from "./domain.js";
import { nameInterfaces } from "./read-devices.js";

/** All domains of a world. */
export class Domains extends Collection<Domain> {
  readonly #events: EventHub;
  #lastId = 0;

  constructor(events: EventHub) {
    super();
    this.#events = events;
  }

  /** IDs are given out in turn and never again. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  byId(id: number): Domain | undefined {
    for (const domain of this) if (domain.id === id && domain.isActive) return domain;
    return undefined;
  }

  /** Defines a domain, or the one with this name and UUID anew. */
  define(definition: DomainDefinition): Domain {
    nameInterfaces(definition.xml);
    const existing = this.#existing(definition);
    if (existing) {
      existing.define(definition);
      return existing;
    }
    const domain = this.#insert(definition);
    domain.isPersistent = true;
    domain.defined(false);
    return domain;
  }

  /** Starts a domain from its definition, which it keeps only until it stops. */
  create(definition: DomainDefinition, how: "booted" | "restored"): Domain {
    nameInterfaces(definition.xml);
    const existing = this.#existing(definition);
    // A revert can leave a transient domain behind that is off: libvirt takes it for one that is about to run.
    if (existing && (existing.isActive || !existing.isPersistent)) {
      const detail = `domain '${existing.name}' is already ${existing.isActive ? "active" : "being started"}`;
      throw driverError(ErrorNumber.OPERATION_INVALID, detail, ErrorDomain.DOMAIN);
    }
    existing?.runWith(definition);
    const domain = existing ?? this.#insert(definition);
    domain.start(how);
    return domain;
  }

  /** Puts a domain there as a world's file has it, without a word about it. */
  load(definition: DomainDefinition, state: DomainState, isTransient: boolean): Domain {
    nameInterfaces(definition.xml);
    if (this.#existing(definition)) {
      const detail = `domain '${definition.name}' is there twice`;
      throw driverError(ErrorNumber.OPERATION_FAILED, detail, ErrorDomain.DOMAIN);
    }
    const domain = this.#insert(definition);
    domain.isPersistent = !isTransient;
    if (state !== DomainState.SHUTOFF) domain.run(state, 0);
    return domain;
  }

  #insert(definition: DomainDefinition): Domain {
    const domain = new Domain(this, this.#events, definition);
    this.add(domain);
    return domain;
  }

  /** The domain with this name and UUID. Where only one of them is taken, the definition is refused. */
  #existing({ name, uuid }: DomainDefinition): Domain | undefined {
    const existing = this.byUuid(uuid);
    const namesake = this.namesake(name);
    if (existing && existing.name !== name) {
      const detail = `domain '${existing.name}' is already defined with uuid ${uuid}`;
      throw driverError(ErrorNumber.OPERATION_FAILED, detail, ErrorDomain.DOMAIN);
    }
    if (!existing && namesake) {
      const detail = `domain '${name}' already exists with uuid ${namesake.uuid}`;
      throw driverError(ErrorNumber.OPERATION_FAILED, detail, ErrorDomain.DOMAIN);
    }
    return existing;
  }
}
