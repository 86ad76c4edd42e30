import { ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { element } from "../xml/element.js";
import { formatXml } from "../xml/format.js";
import { parseSource } from "./read-source.js";

/** What pools of a type could be made of: always the same, as with libvirt's test driver. */
export function findSources(type: string, where: string | undefined): string {
  // libvirt takes the first of its types for none.
  if (type === "dir") throw driverError(ErrorNumber.INTERNAL_ERROR, `unknown storage pool type ${type}`);
  const source = where === undefined ? undefined : parseSource(where, type);
  if (type === "logical")
    return sources(volumeGroup("/dev/sda20", "testvg1"), volumeGroup("/dev/sda21", "testvg2"));
  if (type === "netfs") {
    const name = source?.child("host")?.attribute("name");
    if (!name) throw driverError(ErrorNumber.INVALID_ARG, "hostname must be specified for netfs sources");
    return sources([
      element("host", { name }),
      element("dir", { path: "/testshare" }),
      element("format", { type: "nfs" }),
    ]);
  }
  const detail = `pool type '${type}' does not support source discovery`;
  throw driverError(ErrorNumber.NO_SUPPORT, detail);
}

function volumeGroup(path: string, name: string) {
  return [element("device", { path }), element("name", {}, name), element("format", { type: "lvm2" })];
}

function sources(...all: ReturnType<typeof element>[][]): string {
  return formatXml(element("sources", {}, ...all.map((parts) => element("source", {}, ...parts))));
}
