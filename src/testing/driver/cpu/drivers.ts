import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { archs } from "../domain/words.js";
import { driverError, invalidArgument } from "../errors.js";
import { formatGuestCpu, type GuestCpu, type HostCpu, readHostCpu } from "./definition.js";
import { ppc64, x86 } from "./generated/maps.js";
import { PowerCpus } from "./power.js";
import { X86Cpus } from "./x86.js";

/** What libvirt can say about the CPUs of an architecture. */
export interface CpuDriver {
  readonly models: readonly string[];
  /** The best CPU that guests can have on each of these hosts. */
  baseline?(cpus: readonly [HostCpu, ...HostCpu[]]): GuestCpu;
  /** The same CPU with the features of its model named, too. */
  expand?(cpu: GuestCpu): GuestCpu;
}

/** Of ARM libvirt leaves the models to others. */
const arm: CpuDriver = {
  models: [],
  baseline: ([{ model }]) => ({ model, vendor: undefined, fallback: "allow", features: [] }),
};

/** Of these it knows no more than that there are CPUs. */
const others: CpuDriver = { models: [] };

const drivers: Readonly<Record<string, () => CpuDriver>> = {
  ...forEach(["i686", "x86_64"], () => new X86Cpus(x86)),
  ...forEach(["ppc64", "ppc64le"], () => new PowerCpus(ppc64)),
  ...forEach(["armv6l", "armv7b", "armv7l", "aarch64"], () => arm),
  ...forEach(["s390", "s390x", "riscv64", "loongarch64"], () => others),
};

function forEach(archs: readonly string[], driver: () => CpuDriver): Record<string, () => CpuDriver> {
  return Object.fromEntries(archs.map((arch) => [arch, driver]));
}

export function cpuModelNames(arch: string): readonly string[] {
  if (!archs.includes(arch)) {
    throw driverError(ErrorNumber.INVALID_ARG, `cannot find architecture ${arch}`);
  }
  return cpuDriver(arch).models;
}

/** From the CPUs of several hosts, as their capabilities describe them, one that guests can have on each of them. */
export function baselineCpu(xmls: readonly string[], options: { readonly expand: boolean }): string {
  const [first, ...rest] = xmls.map(readHostCpu);
  if (!first) {
    const cFunction = "virConnectBaselineCPU";
    throw invalidArgument(cFunction, "xmlCPUs", `xmlCPUs in ${cFunction} must not be NULL`);
  }
  const driver = cpuDriver(first.arch);
  if (!driver.baseline) throw unsupported(`cannot compute baseline CPU of ${first.arch} architecture`);
  const baseline = driver.baseline([first, ...rest]);
  if (!options.expand) return formatGuestCpu(baseline);
  const { features, ...cpu } = driver.expand?.(baseline) ?? baseline;
  return formatGuestCpu({ ...cpu, features: features.toSorted((a, b) => (a.name < b.name ? -1 : 1)) });
}

function cpuDriver(arch: string): CpuDriver {
  const driver = drivers[arch];
  if (driver) return driver();
  throw unsupported(`'${arch}' architecture is not supported by CPU driver`);
}

function unsupported(detail: string): Error {
  return driverError(ErrorNumber.NO_SUPPORT, detail, ErrorDomain.CPU);
}
