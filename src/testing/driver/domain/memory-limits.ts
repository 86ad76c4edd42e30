import { DOMAIN_MEMORY_PARAM_UNLIMITED, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { readKiB } from "../xml/values.js";
import type { DomainDefinition } from "./definition.js";
import { domainOrder, memtuneOrder } from "./order.js";

/** How much of the host's memory a domain may take, in KiB: its definition's `<memtune>`. */
export interface MemoryLimits {
  readonly hard_limit: bigint;
  readonly soft_limit: bigint;
  readonly swap_hard_limit: bigint;
}

const names = ["hard_limit", "soft_limit", "swap_hard_limit"] as const;

export function memoryLimits(definition: DomainDefinition): MemoryLimits {
  const memtune = definition.xml.child("memtune");
  const limit = (name: (typeof names)[number]) => {
    const found = memtune?.child(name);
    return found ? readKiB(found, `./memtune/${name}[1]`) : DOMAIN_MEMORY_PARAM_UNLIMITED;
  };
  return {
    hard_limit: limit("hard_limit"),
    soft_limit: limit("soft_limit"),
    swap_hard_limit: limit("swap_hard_limit"),
  };
}

/** Sets some limits. They are checked beside those that `current`, what runs, has. */
export function setMemoryLimits(
  definition: DomainDefinition,
  limits: Partial<MemoryLimits>,
  current: DomainDefinition,
): void {
  if (limits.hard_limit !== undefined || limits.swap_hard_limit !== undefined) {
    const { hard_limit, swap_hard_limit } = { ...memoryLimits(current), ...limits };
    if (hard_limit > swap_hard_limit) {
      const detail = "memory hard_limit tunable value must be lower than or equal to swap_hard_limit";
      throw driverError(ErrorNumber.INVALID_ARG, detail);
    }
  }
  const memtune = definition.xml.ensure("memtune", domainOrder);
  for (const name of names) {
    const kib = limits[name];
    if (kib === undefined) continue;
    memtune.removeNamed(name);
    if (kib >= DOMAIN_MEMORY_PARAM_UNLIMITED) continue;
    const limit = memtune.ensure(name, memtuneOrder);
    limit.setAttribute("unit", "KiB");
    limit.text = String(kib);
  }
  if (memtune.nodes.length === 0) definition.xml.remove(memtune);
}
