import {
  ErrorNumber,
  StoragePoolEventLifecycleType as Event,
  StoragePoolState,
} from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { EventHub, NamedRef } from "../events.js";
import type { Uuid } from "../identity.js";
import { XmlElement } from "../xml/element.js";
import { formatXml } from "../xml/format.js";
import type { StoragePools } from "./pools.js";
import { bytes } from "./read-parts.js";
import type { PoolDefinition } from "./read-pool.js";
import type { VolumeDefinition } from "./read-volume.js";
import { Volume } from "./volume.js";

/** What every pool has: 100 GiB. */
const capacity = 100n * 1024n ** 3n;

/** A storage pool. */
export class StoragePool {
  readonly #pools: StoragePools;
  readonly #events: EventHub;
  readonly #volumes = new Map<string, Volume>();
  #definition: PoolDefinition;
  #allocation = 0n;
  isActive = false;
  isPersistent = false;
  #autostart = false;

  constructor(pools: StoragePools, events: EventHub, definition: PoolDefinition) {
    this.#pools = pools;
    this.#events = events;
    this.#definition = definition;
  }

  get name(): string {
    return this.#definition.name;
  }

  get uuid(): Uuid {
    return this.#definition.uuid;
  }

  get definition(): PoolDefinition {
    return this.#definition;
  }

  get autostart(): boolean {
    return this.isMarked && this.isPersistent;
  }

  /** As with libvirt, a pool that is not persistent any more is still listed with those that start with the host. */
  get isMarked(): boolean {
    return this.#autostart;
  }

  set autostart(autostart: boolean) {
    if (!this.isPersistent) throw driverError(ErrorNumber.INVALID_ARG, "pool has no config file");
    this.#autostart = autostart;
  }

  get info() {
    const state = this.isActive ? StoragePoolState.RUNNING : StoragePoolState.INACTIVE;
    return { state, capacity, allocation: this.#allocation, available: this.#available };
  }

  get #available(): bigint {
    return unsigned(capacity - this.#allocation);
  }

  /**
   * Takes a definition. As with libvirt, an active pool goes on with the one that it has, even when it has stopped; and
   * what its volumes take is not counted any more.
   */
  assign(definition: PoolDefinition): void {
    if (!this.isActive) this.#definition = definition;
    this.#allocation = 0n;
  }

  /** As with libvirt, most of what happens to a pool is told of it as the caller knows it: an older pool's UUID, maybe. */
  create(known: NamedRef): void {
    this.checkActive(false);
    this.start(known);
  }

  start(known: NamedRef = this): void {
    this.isActive = true;
    this.tell(Event.STARTED, known);
  }

  destroy(): void {
    this.checkActive(true);
    this.isActive = false;
    if (this.#definition.adapter) this.#pools.adapters.destroyAdapter();
    this.tell(Event.STOPPED);
    if (!this.isPersistent) this.#pools.remove(this);
  }

  undefine(known: NamedRef): void {
    this.checkActive(false);
    this.tell(Event.UNDEFINED, known);
    this.#pools.remove(this);
  }

  /** There is nothing to build, and nothing to delete: it is only told of. */
  build(known: NamedRef): void {
    this.checkActive(false);
    this.tell(Event.CREATED, known);
  }

  delete(known: NamedRef): void {
    this.checkActive(false);
    this.tell(Event.DELETED, known);
  }

  refresh({ name, uuid }: NamedRef): void {
    this.checkActive(true);
    this.#events.emit("storagePool.refresh", { name, uuid }, {});
  }

  tell(event: number, { name, uuid }: NamedRef = this): void {
    this.#events.emit("storagePool.lifecycle", { name, uuid }, { event, detail: 0 });
  }

  checkActive(wanted: boolean): void {
    if (this.isActive === wanted) return;
    const detail = `storage pool '${this.name}' is ${wanted ? "not active" : "active"}`;
    throw driverError(ErrorNumber.OPERATION_INVALID, detail);
  }

  get volumes(): readonly Volume[] {
    return [...this.#volumes.values()];
  }

  volume(name: string): Volume {
    const found = this.#volumes.get(name);
    if (found) return found;
    throw driverError(ErrorNumber.NO_STORAGE_VOL, `no storage vol with matching name '${name}'`);
  }

  /** Makes a volume, with what another one of this pool holds if that is named. */
  createVolume(definition: VolumeDefinition, from?: string): Volume {
    const { name, allocation } = definition;
    if (this.#volumes.has(name))
      throw driverError(ErrorNumber.OPERATION_FAILED, "storage vol already exists");
    const original = from === undefined ? undefined : this.volume(from);
    if (unsigned(this.#allocation + allocation) > capacity) {
      const detail = `Not enough free space in pool for volume '${name}'`;
      throw driverError(ErrorNumber.INTERNAL_ERROR, detail);
    }
    const contents = original?.contents.clone();
    return this.#add(new Volume(definition, this.#definition.path, contents && { contents }));
  }

  /** Puts a volume there as a world's file has it. */
  loadVolume(definition: VolumeDefinition): Volume {
    return this.#add(new Volume(definition, this.#definition.path, { isLoaded: true }));
  }

  #add(volume: Volume): Volume {
    this.#volumes.set(volume.name, volume);
    this.#allocation = unsigned(this.#allocation + volume.definition.allocation);
    return volume;
  }

  deleteVolume(name: string): void {
    const volume = this.volume(name);
    this.#volumes.delete(name);
    this.#allocation = unsigned(this.#allocation - volume.definition.allocation);
  }

  format(): string {
    const { xml } = this.#definition;
    const sizes = [
      bytes("capacity", capacity),
      bytes("allocation", this.#allocation),
      bytes("available", this.#available),
    ];
    const [name, uuid, ...others] = xml.children;
    return formatXml(new XmlElement("pool", xml.attributes, [name!, uuid!, ...sizes, ...others]));
  }
}

/** As C counts: what is below zero is a lot. */
function unsigned(bytes: bigint): bigint {
  return BigInt.asUintN(64, bytes);
}
