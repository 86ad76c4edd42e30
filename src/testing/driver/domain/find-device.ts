import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { parseMac } from "../identity.js";
import type { XmlElement } from "../xml/element.js";
import type { DomainDefinition } from "./definition.js";

/** How functions name devices: a disk by its target or its source, an interface by its name or its MAC address. */

/** What a disk is called inside the guest. */
export function diskTarget(disk: XmlElement): string {
  return disk.child("target")?.attribute("dev") ?? "";
}

/** Where a disk's contents are. */
export function diskSource(disk: XmlElement): string | undefined {
  const source = disk.child("source");
  return source?.attribute("file") ?? source?.attribute("dev") ?? source?.attribute("dir");
}

/**
 * The disk with this target, or with this source if the name is a path. Where several disks have the source, it is the
 * first one of them or, unless that will do, none.
 */
export function findDisk(
  definition: DomainDefinition,
  name: string,
  firstWillDo = false,
): XmlElement | undefined {
  const disks = definition.devices.childrenNamed("disk");
  if (!name.startsWith("/")) return disks.find((disk) => diskTarget(disk) === name);
  const found = disks.filter((disk) => diskSource(disk) === name);
  return found.length === 1 || firstWillDo ? found[0] : undefined;
}

export function findInterface(definition: DomainDefinition, name: string): XmlElement {
  const mac = parseMac(name);
  const found = definition.devices
    .childrenNamed("interface")
    .find((each) =>
      mac === undefined
        ? each.child("target")?.attribute("dev") === name
        : each.child("mac")?.attribute("address") === mac,
    );
  if (found) return found;
  throw driverError(ErrorNumber.INVALID_ARG, `'${name}' is not a known interface`, ErrorDomain.DOMAIN);
}
