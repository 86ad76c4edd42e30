import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { element, type XmlElement } from "../xml/element.js";
import { readUnsigned } from "../xml/values.js";
import type { DomainDefinition } from "./definition.js";
import { blkiotuneOrder, domainOrder } from "./order.js";

/** A domain's share of the host's block devices: its definition's `<blkiotune>`. */

/** What can be set for each device: in typed parameters, and in XML. */
export const deviceTunables = {
  device_weight: "weight",
  device_read_iops_sec: "read_iops_sec",
  device_write_iops_sec: "write_iops_sec",
  device_read_bytes_sec: "read_bytes_sec",
  device_write_bytes_sec: "write_bytes_sec",
} as const;

export type DeviceTunable = keyof typeof deviceTunables;

export function blockWeight(definition: DomainDefinition): number {
  return Number(definition.xml.childText("blkiotune", "weight") ?? 0);
}

export function setBlockWeight(definition: DomainDefinition, weight: number): void {
  const blkiotune = definition.xml.ensure("blkiotune", domainOrder);
  if (weight === 0) blkiotune.removeNamed("weight");
  else blkiotune.ensure("weight", blkiotuneOrder).text = String(weight);
  tidy(definition, blkiotune);
}

/** Devices and their values in the form `/dev/sda,500,/dev/sdb,300`. */
export function deviceValues(definition: DomainDefinition, tunable: DeviceTunable): string {
  const devices = definition.xml.child("blkiotune")?.childrenNamed("device") ?? [];
  return devices
    .flatMap((device) => {
      const value = device.childText(deviceTunables[tunable]);
      return value === undefined || value === "0" ? [] : [device.childText("path") ?? "", value];
    })
    .join(",");
}

/** Sets a value for devices, of the same form; 0 takes it away. */
export function setDeviceValues(definition: DomainDefinition, tunable: DeviceTunable, text: string): void {
  const values = parseDeviceValues(tunable, text);
  const blkiotune = definition.xml.ensure("blkiotune", domainOrder);
  const name = deviceTunables[tunable];
  for (const [path, value] of values) {
    const isIt = (device: XmlElement) => device.childText("path") === path;
    let device = blkiotune.childrenNamed("device").find(isIt);
    if (!device) {
      if (value === 0n) continue;
      device = element("device", {}, element("path", {}, path));
      blkiotune.append(device);
    }
    if (value === 0n) device.removeNamed(name);
    else device.ensure(name, blkiotuneOrder).text = String(value);
    if (device.children.length === 1) blkiotune.remove(device);
  }
  tidy(definition, blkiotune);
}

function parseDeviceValues(tunable: DeviceTunable, text: string): [path: string, value: bigint][] {
  if (text === "") return [];
  const fields = text.split(",");
  if (fields.length % 2 !== 0) refuse(`unable to parse blkio device '${tunable}' '${text}'`);
  const most = tunable.endsWith("_bytes_sec") ? (1n << 64n) - 1n : 0xffff_ffffn;
  const values: [string, bigint][] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const [path = "", digits = ""] = fields.slice(at);
    const value = readUnsigned(digits, most);
    if (value === undefined) {
      const rest = fields.slice(at + 1).join(",");
      refuse(`invalid value '${rest}' for parameter '${tunable}' of device '${path}'`);
    }
    values.push([path, value]);
  }
  return values;
}

function refuse(detail: string): never {
  throw driverError(ErrorNumber.INVALID_ARG, detail, ErrorDomain.DOMAIN);
}

function tidy(definition: DomainDefinition, blkiotune: XmlElement): void {
  if (blkiotune.nodes.length === 0) definition.xml.remove(blkiotune);
}
