import { NWFilterBindingMethods } from "./generated/nwfilter-binding.js";

/** A network filter's use on one port. */
export class NWFilterBinding extends NWFilterBindingMethods {
  /** The network device that is filtered. */
  get portDev(): string {
    return this.ref.portdev;
  }

  get filterName(): string {
    return this.ref.filtername;
  }

  /**
   * Gives the name of the network device that is filtered, such as `vnet0`.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-nwfilter.html#virNWFilterBindingGetPortDev |
   * virNWFilterBindingGetPortDev}, since libvirt 4.5.0.
   */
  getPortDev(): string {
    return this.portDev;
  }

  /**
   * Gives the name of the filter that is bound.
   *
   * @see {@link https://libvirt.org/html/libvirt-libvirt-nwfilter.html#virNWFilterBindingGetFilterName |
   * virNWFilterBindingGetFilterName}, since libvirt 4.5.0.
   */
  getFilterName(): string {
    return this.filterName;
  }

  protected override identity(): Record<string, unknown> {
    return { portDev: this.portDev, filterName: this.filterName };
  }

  protected override identityKey(): string {
    return this.portDev;
  }
}
