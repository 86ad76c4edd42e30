import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { DomainDefinition } from "./definition.js";
import { readBandwidth, removeDriversAlias } from "./read-devices.js";

/** Copies a definition as libvirt does, by writing and reading it: what cannot be read again, cannot be copied. */
export function copyDefinition(definition: DomainDefinition): DomainDefinition {
  const copy = definition.clone();
  copy.id = -1;
  for (const pin of copy.xml.child("cputune")?.children ?? []) {
    if (pin.attribute("cpuset") !== "") continue;
    throw driverError(ErrorNumber.INVALID_ARG, "Failed to parse bitmap ''", ErrorDomain.NONE);
  }
  for (const device of copy.devices.children) {
    removeDriversAlias(device);
    if (device.name === "interface") readBandwidth(device);
  }
  return copy;
}
