import type { Uuid } from "./identity.js";

/** What can be looked up by either of two names that are its own alone. */
export interface Named {
  readonly name: string;
  readonly uuid: Uuid;
}

/** All things of one kind, in the order in which they came, found by name and by UUID. */
export class Collection<T extends Named> implements Iterable<T> {
  readonly #byUuid = new Map<Uuid, T>();
  readonly #byName = new Map<string, T>();

  get size(): number {
    return this.#byUuid.size;
  }

  byName(name: string): T | undefined {
    const found = this.namesake(name);
    return found && this.byUuid(found.uuid) === found ? found : undefined;
  }

  /**
   * What keeps others from having this name. It may be gone: what gets another name without being renamed leaves its
   * first one behind, as in libvirt.
   */
  protected namesake(name: string): T | undefined {
    return this.#byName.get(name);
  }

  byUuid(uuid: Uuid): T | undefined {
    return this.#byUuid.get(uuid);
  }

  /** Neither its name nor its UUID is taken. */
  add(item: T): void {
    this.#byUuid.set(item.uuid, item);
    this.#byName.set(item.name, item);
  }

  remove(item: T): void {
    this.#byUuid.delete(item.uuid);
    this.#byName.delete(item.name);
  }

  /** To be told when an item has another name than `from`. */
  renamed(item: T, from: string): void {
    this.#byName.delete(from);
    this.#byName.set(item.name, item);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#byUuid.values();
  }
}
