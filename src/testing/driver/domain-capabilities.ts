import { ErrorNumber } from "../../generated/constants.js";
import { archs, domainTypes } from "./domain/words.js";
import { driverError } from "./errors.js";
import { element } from "./xml/element.js";
import { formatXml } from "./xml/format.js";

/** What domains can be made of; where nothing is given, those of the default kind. */
export interface DomainKind {
  readonly emulator: string | null;
  readonly arch: string | null;
  readonly machine: string | null;
  readonly type: string | null;
}

/** The test driver's answer: little, for it looks at little of what domains are made of. */
export function domainCapabilities({ emulator, arch, machine, type }: DomainKind): string {
  if (arch !== null && !archs.includes(arch)) {
    throw driverError(ErrorNumber.INVALID_ARG, `unknown architecture: ${arch}`);
  }
  if (type !== null && !domainTypes.includes(type)) {
    throw driverError(ErrorNumber.INVALID_ARG, `unknown virttype: ${type}`);
  }
  const modes = ["host-passthrough", "maximum", "host-model", "custom"];
  const devices = element("devices");
  devices.block = true;
  const root = element(
    "domainCapabilities",
    {},
    ...(emulator === null ? [] : [element("path", {}, emulator)]),
    element("domain", {}, type ?? "test"),
    ...(machine === null ? [] : [element("machine", {}, machine)]),
    element("arch", {}, arch ?? "i686"),
    element("cpu", {}, ...modes.map((name) => element("mode", { name, supported: "no" }))),
    devices,
    element("features", {}, element("sev", { supported: "no" }), element("sgx", { supported: "no" })),
  );
  return formatXml(root);
}
