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
    return this.#autostart && this.isPersistent;
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
    return BigInt.asUintN(64, capacity - this.#allocation);
  }

  /**
   * Takes a definition. As with libvirt, an active pool goes on with the one that it has, even when it has stopped; and
   * what its volumes take is not counted any more.
   */
  assign(definition: PoolDefinition): void {
    if (!this.isActive) this.#definition = definition;
    this.#allocation = 0n;
  }

  create(): void {
    this.checkActive(false);
    this.start();
  }

  start(): void {
    this.isActive = true;
    this.tell(Event.STARTED);
  }

  destroy(): void {
    this.checkActive(true);
    this.isActive = false;
    if (this.hasAdapter) this.#pools.adapters.destroyAdapter();
    this.tell(Event.STOPPED);
    if (!this.isPersistent) this.#pools.remove(this);
  }

  /** Whether an adapter is made for it while it runs. */
  get hasAdapter(): boolean {
    return this.adapter?.attribute("type") === "fc_host";
  }

  get adapter(): XmlElement | undefined {
    return this.#definition.xml.child("source", "adapter");
  }

  undefine(): void {
    this.checkActive(false);
    this.tell(Event.UNDEFINED);
    this.#pools.remove(this);
  }

  /** There is nothing to build, and nothing to delete: it is only told of. */
  build(): void {
    this.checkActive(false);
    this.tell(Event.CREATED);
  }

  delete(): void {
    this.checkActive(false);
    this.tell(Event.DELETED);
  }

  refresh(): void {
    this.checkActive(true);
    this.#events.emit("storagePool.refresh", this.#ref, {});
  }

  tell(event: number): void {
    this.#events.emit("storagePool.lifecycle", this.#ref, { event, detail: 0 });
  }

  get #ref(): NamedRef {
    return { name: this.name, uuid: this.uuid };
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
    if (this.#allocation + allocation > capacity) {
      const detail = `Not enough free space in pool for volume '${name}'`;
      throw driverError(ErrorNumber.INTERNAL_ERROR, detail);
    }
    const contents = original?.contents.clone();
    return this.#add(new Volume(definition, this.#definition.path, contents && { contents }));
  }

  /** Puts a volume there as a world's file has it. */
  loadVolume(definition: VolumeDefinition): void {
    this.#add(new Volume(definition, this.#definition.path, { isLoaded: true }));
  }

  #add(volume: Volume): Volume {
    this.#volumes.set(volume.name, volume);
    this.#allocation += volume.definition.allocation;
    return volume;
  }

  deleteVolume(name: string): void {
    const volume = this.volume(name);
    this.#volumes.delete(name);
    // In C it is an unsigned number.
    this.#allocation = BigInt.asUintN(64, this.#allocation - volume.definition.allocation);
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
