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

  getPortDev(): string {
    return this.portDev;
  }

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
