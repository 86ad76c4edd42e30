import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { GuestCpu, HostCpu } from "./definition.js";
import type { CpuDriver } from "./drivers.js";
import { type CpuMap, type Model, resolveModels } from "./map.js";

/** The CPUs of POWER, of which two have something in common where they are of one model. */
export class PowerCpus implements CpuDriver {
  readonly #vendors: readonly string[];
  readonly #models: ReadonlyMap<string, Model>;

  constructor(map: CpuMap) {
    this.#vendors = map.vendors;
    this.#models = resolveModels(map);
  }

  get models(): string[] {
    return [...this.#models.keys()];
  }

  baseline(cpus: readonly [HostCpu, ...HostCpu[]]): GuestCpu {
    const name = cpus[0].model;
    const model = this.#models.get(name);
    if (!model) throw driverError(ErrorNumber.INTERNAL_ERROR, `Unknown CPU model ${name}`, ErrorDomain.CPU);
    for (const cpu of cpus) {
      if (cpu.model !== name) throw failed("CPUs are incompatible");
      if (cpu.vendor === undefined) continue;
      if (!this.#vendors.includes(cpu.vendor)) throw failed(`Unknown CPU vendor ${cpu.vendor}`);
      if (cpu.vendor !== model.vendor) {
        throw failed(`CPU vendor ${model.vendor} of model ${name} differs from vendor ${cpu.vendor}`);
      }
    }
    return { model: name, vendor: undefined, fallback: "forbid", features: [] };
  }
}

function failed(detail: string): Error {
  return driverError(ErrorNumber.OPERATION_FAILED, detail, ErrorDomain.CPU);
}
