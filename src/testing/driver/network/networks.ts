import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { Collection } from "../collection.js";
import { driverError } from "../errors.js";
import type { EventHub } from "../events.js";
import type { Uuid } from "../identity.js";
import type { NetworkDefinition } from "./definition.js";
import { Network } from "./network.js";

/** All networks of a world. */
export class Networks extends Collection<Network> {
  readonly #events: EventHub;

  constructor(events: EventHub) {
    super();
    this.#events = events;
  }

  named(name: string): Network {
    const found = this.byName(name);
    if (found) return found;
    throw driverError(ErrorNumber.NO_NETWORK, `no network with matching name '${name}'`);
  }

  withUuid(uuid: Uuid): Network {
    const found = this.byUuid(uuid);
    if (found) return found;
    throw driverError(ErrorNumber.NO_NETWORK, `no network with matching uuid '${uuid}'`);
  }

  /** Defines a network, or the one with this name and UUID anew. */
  define(definition: NetworkDefinition): Network {
    const network = this.#existing(definition) ?? this.#insert(definition, true);
    network.define(definition);
    return network;
  }

  /** Starts a network from its definition, which it keeps only until it stops. */
  create(definition: NetworkDefinition): Network {
    const existing = this.#existing(definition);
    existing?.runWith(definition);
    const network = existing ?? this.#insert(definition, false);
    network.start();
    return network;
  }

  /** Puts a network there as a world's file has it, without a word about it. */
  load(definition: NetworkDefinition): void {
    const network = this.#existing(definition) ?? this.#insert(definition, true);
    network.isActive = true;
  }

  #insert(definition: NetworkDefinition, isPersistent: boolean): Network {
    const network = new Network(this, this.#events, definition, isPersistent);
    this.add(network);
    return network;
  }

  /** The network with this name and UUID. Where only one of them is taken, the definition is refused. */
  #existing({ name, uuid }: NetworkDefinition): Network | undefined {
    const existing = this.byUuid(uuid);
    const namesake = this.byName(name);
    const refuse = (detail: string): never => {
      throw driverError(ErrorNumber.OPERATION_FAILED, detail, ErrorDomain.NETWORK);
    };
    if (existing && existing.name !== name) {
      refuse(`network '${existing.name}' is already defined with uuid ${uuid}`);
    }
    if (!existing && namesake) refuse(`network '${name}' already exists with uuid ${namesake.uuid}`);
    return existing;
  }
}
