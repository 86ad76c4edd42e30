import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";

/** A point in a domain's life that has been kept: a snapshot or a checkpoint. */
export interface Moment {
  readonly name: string;
  /** The one that it came after; undefined for the first one, and where that is gone. */
  parentName: string | undefined;
}

/** Which of the tree are taken away with a moment. */
export interface Removal {
  /** All that came after it, too. */
  readonly children: boolean;
  /** All that came after it, and not the moment itself. */
  readonly childrenOnly: boolean;
}

/** The moments of one domain: a tree, or several, of which one moment can be the current one. */
export class Moments<T extends Moment> implements Iterable<T> {
  readonly #byName = new Map<string, T>();
  current: T | undefined;

  get size(): number {
    return this.#byName.size;
  }

  find(name: string | undefined): T | undefined {
    return name === undefined ? undefined : this.#byName.get(name);
  }

  add(moment: T): void {
    if (!this.#byName.has(moment.name)) this.put(moment);
    else {
      const detail = `domain moment ${moment.name} already exists`;
      throw driverError(ErrorNumber.OPERATION_FAILED, detail, ErrorDomain.DOMAIN);
    }
  }

  /** Adds a moment in place of the one with this name, if there is one. */
  put(moment: T): void {
    if (this.current?.name === moment.name) this.current = moment;
    this.#byName.set(moment.name, moment);
  }

  /** Those right after a moment, or those that came after none. */
  children(of: T | undefined): T[] {
    return [...this].filter(({ parentName }) => this.find(parentName) === of);
  }

  /** All that came after a moment, or all, every one of them behind its parent. */
  descendants(of: T | undefined): T[] {
    const byParent = new Map<T | undefined, T[]>();
    for (const moment of this) {
      const parent = this.find(moment.parentName);
      const siblings = byParent.get(parent);
      if (siblings) siblings.push(moment);
      else byParent.set(parent, [moment]);
    }
    const found: T[] = [];
    const waiting = [...(byParent.get(of) ?? [])];
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      found.push(next);
      waiting.push(...(byParent.get(next) ?? []));
    }
    return found;
  }

  /** Refuses a moment whose parent is not there, or that would come after itself. */
  checkParent({ name, parentName }: Moment): void {
    const refuse = (detail: string): never => {
      throw driverError(ErrorNumber.INVALID_ARG, detail, ErrorDomain.DOMAIN);
    };
    if (parentName === undefined) return;
    if (parentName === name) refuse(`cannot set moment ${name} as its own parent`);
    let other = this.find(parentName);
    if (!other) refuse(`parent ${parentName} for moment ${name} not found`);
    for (; other; other = this.find(other.parentName)) {
      if (other.parentName === name) refuse(`parent ${other.name} would create cycle to ${name}`);
    }
  }

  remove(moment: T, { children, childrenOnly }: Removal): void {
    if (children || childrenOnly) {
      for (const each of this.descendants(moment)) {
        if (each === this.current) this.current = moment;
        this.#byName.delete(each.name);
      }
    } else for (const each of this.children(moment)) each.parentName = moment.parentName;
    if (childrenOnly) return;
    if (moment === this.current) this.current = this.find(moment.parentName);
    this.#byName.delete(moment.name);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#byName.values();
  }
}
