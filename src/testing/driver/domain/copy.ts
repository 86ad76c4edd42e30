import type { DomainDefinition } from "./definition.js";
import { readBandwidth, removeDriversAlias } from "./read-devices.js";
import { readPins } from "./read-pins.js";

/** Copies a definition as libvirt does, by writing and reading it: what cannot be read again, cannot be copied. */
export function copyDefinition(definition: DomainDefinition): DomainDefinition {
  const copy = definition.clone();
  copy.id = -1;
  readPins(copy.xml);
  for (const device of copy.devices.children) {
    removeDriversAlias(device);
    if (device.name === "interface") readBandwidth(device);
  }
  return copy;
}
