import { ErrorNumber, VcpuState } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { element, type XmlElement } from "../xml/element.js";
import { firstCpus } from "./cpu-map.js";
import { formatCpuSet, parseCpuSet } from "./cpu-set.js";
import type { DomainDefinition } from "./definition.js";
import type { Domain } from "./domain.js";
import { domainOrder } from "./order.js";
import { orderPins } from "./read-pins.js";

/** Which of the host's CPUs the parts of a domain may run on: its definition's `<cputune>` says so. */
type CpuSet = ReadonlySet<number>;

export function pinVcpu(domain: Domain, vcpu: number, cpus: CpuSet): void {
  if (!domain.isActive) {
    throw driverError(ErrorNumber.OPERATION_INVALID, "cannot pin vcpus on an inactive domain");
  }
  if (vcpu >= domain.current.vcpus) {
    const detail = `requested vcpu '${vcpu}' is not present in the domain`;
    throw driverError(ErrorNumber.INVALID_ARG, detail);
  }
  setPin(domain.current, "vcpupin", { vcpu }, cpus);
}

export function pinEmulator(definition: DomainDefinition, cpus: CpuSet): void {
  if (cpus.size === 0) throw driverError(ErrorNumber.INVALID_ARG, "Empty cpu list for pinning");
  setPin(definition, "emulatorpin", {}, cpus);
}

/** Where each virtual CPU that there can be may run, of a host with so many CPUs. */
export function vcpuPins(definition: DomainDefinition, hostCpus: number): CpuSet[] {
  const others = definedCpus(definition) ?? firstCpus(hostCpus);
  return Array.from(
    { length: definition.maxVcpus },
    (_, vcpu) => getPin(definition, "vcpupin", { vcpu }) ?? others,
  );
}

export function emulatorPin(definition: DomainDefinition, hostCpus: number): CpuSet {
  return getPin(definition, "emulatorpin", {}) ?? definedCpus(definition) ?? firstCpus(hostCpus);
}

export interface RunningVcpu {
  readonly number: number;
  readonly state: number;
  readonly cpu: number;
  readonly cpus: CpuSet;
}

/** What the virtual CPUs do that are there. */
export function runningVcpus(domain: Domain, hostCpus: number): RunningVcpu[] {
  if (!domain.isActive) {
    throw driverError(ErrorNumber.OPERATION_INVALID, "cannot list vcpus for an inactive domain");
  }
  return vcpuPins(domain.current, hostCpus)
    .slice(0, domain.current.vcpus)
    .map((cpus, number) => ({ number, state: VcpuState.RUNNING, cpu: Math.max(-1, ...cpus), cpus }));
}

/** Where all may run of which nothing else is said. */
export function definedCpus(definition: DomainDefinition): CpuSet | undefined {
  const cpuset = definition.xml.child("vcpu")?.attribute("cpuset");
  return cpuset === undefined ? undefined : parseCpuSet(cpuset);
}

type PinName = "vcpupin" | "emulatorpin" | "iothreadpin";
/** Of several, which one. */
type PinKey = Readonly<Record<string, number>>;

function findPin(definition: DomainDefinition, name: PinName, key: PinKey): XmlElement | undefined {
  const wanted = Object.entries(key);
  return definition.xml
    .child("cputune")
    ?.childrenNamed(name)
    .find((pin) => wanted.every(([attribute, value]) => Number(pin.attribute(attribute)) === value));
}

export function getPin(definition: DomainDefinition, name: PinName, key: PinKey): CpuSet | undefined {
  const cpuset = findPin(definition, name, key)?.attribute("cpuset");
  // Nobody would define it so, but pinning to no CPU is let pass.
  if (cpuset === "") return new Set();
  return cpuset === undefined ? undefined : parseCpuSet(cpuset);
}

export function setPin(definition: DomainDefinition, name: PinName, key: PinKey, cpus: CpuSet): void {
  const cputune = definition.xml.ensure("cputune", domainOrder);
  const cpuset = formatCpuSet(cpus);
  const pin = findPin(definition, name, key);
  if (pin) {
    pin.setAttribute("cpuset", cpuset);
    return;
  }
  cputune.append(element(name, { ...key, cpuset }));
  orderPins(cputune);
}

export function removePin(definition: DomainDefinition, name: PinName, key: PinKey): void {
  const cputune = definition.xml.child("cputune");
  const pin = findPin(definition, name, key);
  if (!cputune || !pin) return;
  cputune.remove(pin);
  if (cputune.nodes.length === 0) definition.xml.remove(cputune);
}
