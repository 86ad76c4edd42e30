import { nameOf } from "../../enums.js";
import { DomainState } from "../../generated/constants.js";
import type { Domain } from "../driver/domain/domain.js";
import type { World } from "../driver/world.js";

/**
 * What runs in a domain, and does things by itself that nobody has called for. They change the domain and are told as
 * events, as by libvirt.
 */
export class TestGuest {
  readonly #world: World;
  readonly #name: string;

  /** @internal Made by a hypervisor. */
  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
    if (!world.domains.byName(name)) throw this.#missing();
  }

  /** The domain's state, by its name in `DomainState`. */
  get state(): keyof typeof DomainState {
    return nameOf(DomainState, this.#domain.state) as keyof typeof DomainState;
  }

  /** It crashes: the domain stops. */
  crash(): void {
    this.#running.stop("crashed");
  }

  /** It shuts itself down, and what the definition wants then happens. */
  shutdown(): void {
    this.#running.shutdown();
  }

  /** It reboots. */
  reboot(): void {
    const domain = this.#running;
    domain.reboot();
    if (domain.isActive) this.#world.events.emit("domain.reboot", domain.ref, {});
  }

  /** It lets go of a device, which is gone then from the domain that runs. The device is found by its `<alias name="…"/>`. */
  releaseDevice(alias: string): void {
    const { current, ref } = this.#running;
    const device = current.devices.children.find((each) => each.child("alias")?.attribute("name") === alias);
    if (!device) throw new TypeError(`${this.#name} has no device with the alias ${alias}`);
    current.devices.remove(device);
    this.#world.events.emit("domain.deviceRemoved", ref, { devAlias: alias });
  }

  get #domain(): Domain {
    const found = this.#world.domains.byName(this.#name);
    if (found) return found;
    throw this.#missing();
  }

  #missing(): TypeError {
    return new TypeError(`There is no domain ${this.#name} in this hypervisor`);
  }

  get #running(): Domain {
    const domain = this.#domain;
    if (!domain.isActive) throw new TypeError(`${this.#name} does not run`);
    return domain;
  }
}
