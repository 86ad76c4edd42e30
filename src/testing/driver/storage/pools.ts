import {
  ErrorDomain,
  ErrorNumber,
  StoragePoolEventLifecycleType as Event,
} from "../../../generated/constants.js";
import { Collection } from "../collection.js";
import { driverError } from "../errors.js";
import type { EventHub } from "../events.js";
import type { Uuid } from "../identity.js";
import type { NodeDevices } from "../node-device/node-devices.js";
import { isSameSource } from "./conflict.js";
import { StoragePool } from "./pool.js";
import type { PoolDefinition } from "./read-pool.js";
import type { Volume } from "./volume.js";

/** All storage pools of a world. */
export class StoragePools extends Collection<StoragePool> {
  readonly #events: EventHub;
  /** Where the adapters are made that some pools are reached by. */
  readonly adapters: NodeDevices;

  constructor(events: EventHub, adapters: NodeDevices) {
    super();
    this.#events = events;
    this.adapters = adapters;
  }

  named(name: string): StoragePool {
    const found = this.byName(name);
    if (found) return found;
    throw driverError(ErrorNumber.NO_STORAGE_POOL, `no storage pool with matching name '${name}'`);
  }

  withUuid(uuid: Uuid): StoragePool {
    const found = this.byUuid(uuid);
    if (found) return found;
    throw driverError(ErrorNumber.NO_STORAGE_POOL, `no storage pool with matching uuid '${uuid}'`);
  }

  /** Those whose volumes can be reached. */
  activeNamed(name: string): StoragePool {
    const pool = this.named(name);
    pool.checkActive(true);
    return pool;
  }

  /** The volume with this key or path, and its pool. */
  volumeBy(what: "key" | "path", value: string): { readonly pool: StoragePool; readonly volume: Volume } {
    for (const pool of this) {
      const volume = pool.isActive ? pool.volumes.find((each) => each[what] === value) : undefined;
      if (volume) return { pool, volume };
    }
    throw driverError(ErrorNumber.NO_STORAGE_VOL, `no storage vol with matching ${what} '${value}'`);
  }

  define(definition: PoolDefinition): StoragePool {
    const pool = this.#put(definition);
    pool.isPersistent = true;
    pool.tell(Event.DEFINED);
    return pool;
  }

  /** Starts a pool from its definition, which it keeps only until it stops. */
  create(definition: PoolDefinition): StoragePool {
    const existing = this.byUuid(definition.uuid);
    const pool = this.#put(definition, () => {
      if (!existing?.isActive) return;
      const detail = `pool is already active as '${existing.name}'`;
      throw driverError(ErrorNumber.OPERATION_INVALID, detail, ErrorDomain.STORAGE);
    });
    this.#makeAdapter(pool);
    pool.isPersistent = false;
    pool.start();
    return pool;
  }

  /** Makes the adapter that a pool is reached by; without it the pool is gone, even if it has been there before. */
  #makeAdapter(pool: StoragePool): void {
    const { adapter } = pool.definition;
    if (!adapter) return;
    try {
      this.adapters.createAdapter(adapter.attribute("wwnn"), adapter.attribute("wwpn"));
    } catch (error) {
      this.remove(pool);
      throw error;
    }
  }

  /** Puts a pool there as a world's file has it, without a word about it. */
  load(definition: PoolDefinition): StoragePool {
    const pool = this.#put(definition);
    pool.isPersistent = true;
    pool.isActive = true;
    return pool;
  }

  /** The pool with this name and UUID, with this definition. Where only one of them is taken, that is refused. */
  #put(definition: PoolDefinition, check = () => {}): StoragePool {
    const { name, uuid } = definition;
    const refuse = (detail: string): never => {
      throw driverError(ErrorNumber.OPERATION_FAILED, detail, ErrorDomain.STORAGE);
    };
    const rival = [...this].find((each) => each.name !== name && isSameSource(each.definition, definition));
    if (rival) refuse(`Storage source conflict with pool: '${rival.name}'`);
    const existing = this.byUuid(uuid);
    const namesake = this.byName(name);
    if (existing && existing.name !== name)
      refuse(`pool '${existing.name}' is already defined with uuid ${uuid}`);
    if (!existing && namesake) refuse(`pool '${name}' already exists with uuid ${namesake.uuid}`);
    check();
    existing?.assign(definition);
    if (existing) return existing;
    const pool = new StoragePool(this, this.#events, definition);
    this.add(pool);
    return pool;
  }
}
