import { ErrorDomain, ErrorNumber, NetworkEventLifecycleType } from "../../../generated/constants.js";
import {
  checkDescription,
  checkRequest,
  checkType,
  type DescribedKind,
  type Description,
  describe,
  redescribe,
} from "../descriptions.js";
import { checkExclusive, driverError, type NamedFlag } from "../errors.js";
import type { EventHub, NamedRef } from "../events.js";
import type { Uuid } from "../identity.js";
import type { NetworkDefinition } from "./definition.js";
import type { Networks } from "./networks.js";
import { networkOrder } from "./order.js";
import { type NetworkUpdate, updated } from "./update.js";

/** What a change is to: flags that the functions on networks share. */
export const affect = { LIVE: 1, CONFIG: 2 } as const;

const described: DescribedKind = {
  name: "Network",
  errors: ErrorDomain.NETWORK,
  missing: ErrorNumber.NO_NETWORK_METADATA,
  order: networkOrder,
};

/** Refuses what the C functions would not take, before anything else is looked at. */
export function checkNetworkRequest(type: number, uri: string | null, flags: number): void {
  const [live, config]: readonly [NamedFlag, NamedFlag] = [
    [affect.LIVE, "VIR_NETWORK_UPDATE_AFFECT_LIVE"],
    [affect.CONFIG, "VIR_NETWORK_UPDATE_AFFECT_CONFIG"],
  ];
  checkExclusive(flags, live, config, "virNetworkGetMetadata", ErrorDomain.NETWORK);
  checkRequest(described, type, uri);
}
export const checkNetworkDescription = (description: Description) => checkDescription(described, description);

/** A network. What is active has a definition of its own, where that is not the one to come. */
export class Network {
  readonly #networks: Networks;
  readonly #events: EventHub;
  isActive = false;
  isPersistent: boolean;
  autostart = false;
  #current: NetworkDefinition;
  #next: NetworkDefinition | undefined;

  constructor(networks: Networks, events: EventHub, definition: NetworkDefinition, isPersistent: boolean) {
    this.#networks = networks;
    this.#events = events;
    this.#current = definition;
    this.isPersistent = isPersistent;
  }

  get name(): string {
    return this.#current.name;
  }

  get uuid(): Uuid {
    return this.#current.uuid;
  }

  get definition(): NetworkDefinition {
    return this.#current;
  }

  get bridge(): string {
    const { bridge } = this.#current;
    if (bridge) return bridge;
    const detail = `network '${this.name}' does not have a bridge name.`;
    throw driverError(ErrorNumber.INTERNAL_ERROR, detail);
  }

  /** Takes a persistent definition, which an active network has only when it is started again. */
  define(definition: NetworkDefinition): void {
    if (this.isActive || !this.isPersistent) this.#next = definition;
    else {
      this.#current = definition;
      this.#next = undefined;
    }
    this.isPersistent = true;
    this.tell(NetworkEventLifecycleType.DEFINED);
  }

  /** Takes a definition to run with. */
  runWith(definition: NetworkDefinition): void {
    if (this.isActive) {
      const detail = `network is already active as '${this.name}'`;
      throw driverError(ErrorNumber.OPERATION_INVALID, detail, ErrorDomain.NETWORK);
    }
    if (this.isPersistent) this.#next ??= this.#current;
    this.#current = definition;
  }

  create(): void {
    if (this.isActive) this.#refuse(`Network '${this.name}' is already running`);
    this.start();
  }

  start(): void {
    this.isActive = true;
    this.tell(NetworkEventLifecycleType.STARTED);
  }

  /** Stops the network; as with libvirt, one that has stopped can be stopped again, and keeps its definition. */
  destroy(): void {
    this.isActive = false;
    this.tell(NetworkEventLifecycleType.STOPPED);
    if (!this.isPersistent) this.#networks.remove(this);
  }

  /** As with libvirt, it is told of as the caller knows it: by an older network's UUID, maybe. */
  undefine(known: NamedRef): void {
    if (this.isActive) this.#refuse(`Network '${this.name}' is still running`);
    this.tell(NetworkEventLifecycleType.UNDEFINED, known);
    this.#networks.remove(this);
  }

  /** Changes a part of the definition. */
  update(update: NetworkUpdate, flags: number): void {
    const { live, config } = this.#parts(flags);
    const newLive = live && updated(this.#current, update);
    const newConfig = config && updated(this.#persistent, update);
    if (newConfig) this.#persistent = newConfig;
    if (newLive) this.#current = newLive;
  }

  getDescription(type: number, uri: string | null, flags: number): string {
    checkType(described, type);
    const definition = this.#parts(flags).config ? this.#persistent : this.#current;
    return describe(described, definition.xml, type, uri);
  }

  setDescription(description: Description, flags: number): void {
    const { live, config } = this.#parts(flags);
    checkType(described, description.type);
    if (config && this.isActive) this.#next ??= this.#current.clone();
    if (live) redescribe(described, this.#current.xml, description);
    if (config) redescribe(described, this.#persistent.xml, description);
    const { type, uri: nsuri } = description;
    this.#events.emit("network.metadataChange", { name: this.name, uuid: this.uuid }, { type, nsuri });
  }

  tell(event: number, { name, uuid }: NamedRef = this): void {
    this.#events.emit("network.lifecycle", { name, uuid }, { event, detail: 0 });
  }

  get #persistent(): NetworkDefinition {
    return this.#next ?? this.#current;
  }

  set #persistent(definition: NetworkDefinition) {
    if (this.isActive) this.#next = definition;
    else this.#current = definition;
  }

  /** Which definitions a change is to: without flags, the one that counts now. */
  #parts(flags: number): { readonly live: boolean; readonly config: boolean } {
    const isNeither = (flags & (affect.LIVE | affect.CONFIG)) === 0;
    const live = isNeither ? this.isActive : (flags & affect.LIVE) !== 0;
    const config = isNeither ? !this.isActive : (flags & affect.CONFIG) !== 0;
    const refuseImpact = (detail: string): never => {
      throw driverError(ErrorNumber.OPERATION_INVALID, detail, ErrorDomain.NETWORK);
    };
    if (live && !this.isActive) refuseImpact("network is not running");
    if (config && !this.isPersistent) {
      refuseImpact("cannot change persistent config of a transient network");
    }
    return { live, config };
  }

  #refuse(detail: string): never {
    throw driverError(ErrorNumber.OPERATION_INVALID, detail);
  }
}
