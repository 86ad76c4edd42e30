import { ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { InterfaceDefinition } from "./read.js";

/** An interface of the host. */
export class Interface {
  definition: InterfaceDefinition;
  isActive = false;

  constructor(definition: InterfaceDefinition) {
    this.definition = definition;
  }

  get name(): string {
    return this.definition.name;
  }

  get mac(): string {
    return this.definition.mac;
  }

  create(): void {
    this.#checkActive(false);
    this.isActive = true;
  }

  destroy(): void {
    this.#checkActive(true);
    this.isActive = false;
  }

  #checkActive(wanted: boolean): void {
    if (this.isActive !== wanted) throw driverError(ErrorNumber.OPERATION_INVALID);
  }
}

/** The interfaces of the host, and the one change to all of them that can be under way. */
export class Interfaces implements Iterable<Interface> {
  #byName = new Map<string, Interface>();
  /** How they were before the change. */
  #before: readonly InterfaceDefinition[] | undefined;

  [Symbol.iterator](): IterableIterator<Interface> {
    return this.#byName.values();
  }

  named(name: string): Interface {
    const found = this.#byName.get(name);
    if (found) return found;
    throw driverError(ErrorNumber.NO_INTERFACE, `no interface with matching name '${name}'`);
  }

  withMac(mac: string): Interface {
    const [found, another] = [...this].filter((each) => each.mac.toLowerCase() === mac.toLowerCase());
    if (!found) throw driverError(ErrorNumber.NO_INTERFACE, `no interface with matching mac '${mac}'`);
    if (another) throw driverError(ErrorNumber.MULTIPLE_INTERFACES);
    return found;
  }

  /** Defines an interface, or the one of that name anew; whether it is active stays as it is. */
  define(definition: InterfaceDefinition): Interface {
    const existing = this.#byName.get(definition.name);
    const defined = existing ?? new Interface(definition);
    defined.definition = definition;
    this.#byName.set(definition.name, defined);
    return defined;
  }

  undefine(name: string): void {
    this.#byName.delete(this.named(name).name);
  }

  beginChange(): void {
    if (this.#before) {
      throw driverError(ErrorNumber.OPERATION_INVALID, "there is another transaction running.");
    }
    this.#before = [...this].map(({ definition }) => definition);
  }

  commitChange(): void {
    this.#endChange("committed");
  }

  /** As with libvirt, interfaces that have been brought back are not active. */
  rollBackChange(): void {
    const before = this.#endChange("rollback");
    this.#byName = new Map(before.map((each) => [each.name, new Interface(each)]));
  }

  #endChange(how: "committed" | "rollback"): readonly InterfaceDefinition[] {
    const before = this.#before;
    this.#before = undefined;
    if (before) return before;
    const what = how === "committed" ? "be committed" : how;
    throw driverError(ErrorNumber.OPERATION_INVALID, `no transaction running, nothing to ${what}.`);
  }
}
