import { ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { XmlElement } from "../xml/element.js";
import { diskOrder } from "./order.js";

const whats = ["total_bytes_sec", "read_bytes_sec", "write_bytes_sec"] as const;
const opsWhats = ["total_iops_sec", "read_iops_sec", "write_iops_sec"] as const;
const rates = [...whats, ...opsWhats];

/** The names of a disk's bounds, in libvirt's order; `group_name` is a word, the others are numbers. */
export const ioTuneNames: readonly string[] = [
  ...rates,
  ...rates.map((rate) => `${rate}_max`),
  ...["size_iops_sec", "group_name"],
  ...rates.map((rate) => `${rate}_max_length`),
];

/** How fast a disk may be, by {@link ioTuneNames}: its `<iotune>`. */
export type IoTune = Readonly<Record<string, string>>;

export function ioTune(disk: XmlElement): IoTune {
  const found = disk.child("iotune")?.children ?? [];
  return Object.fromEntries(found.map((each) => [each.name, each.text]));
}

/** More than this no bound can be. */
const most = 1_000_000_000_000_000n;

export function checkIoTuneValue(value: bigint): void {
  if (value <= most) return;
  const detail = `block I/O throttle limit value must be no more than ${most}`;
  throw driverError(ErrorNumber.ARGUMENT_UNSUPPORTED, detail);
}

/** Sets some bounds; the others stay as they are. */
export function setIoTune(disk: XmlElement, given: IoTune): void {
  const tune = { ...ioTune(disk), ...given };
  checkIoTune((name) => BigInt(tune[name] ?? 0));
  disk.removeNamed("iotune");
  const set = ioTuneNames.filter((name) => !["0", "", undefined].includes(tune[name]));
  if (set.length === 0) return;
  const iotune = disk.ensure("iotune", diskOrder);
  for (const name of set) iotune.ensure(name, ioTuneNames).text = tune[name] ?? "";
}

function checkIoTune(value: (name: string) => bigint): void {
  const refuse = (detail: string): never => {
    throw driverError(ErrorNumber.INVALID_ARG, detail);
  };
  for (const suffix of ["", "_max"]) {
    for (const unit of ["bytes", "iops"]) {
      const [total, read, write] = ["total", "read", "write"].map((way) =>
        value(`${way}_${unit}_sec${suffix}`),
      );
      if (total && (read || write)) {
        refuse(`total and read/write of ${unit}_sec${suffix} cannot be set at the same time`);
      }
    }
  }
  for (const rate of rates) {
    if (value(rate) > value(`${rate}_max`)) refuse(`${rate} cannot be set higher than ${rate}_max`);
  }
}
