import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { formatCpuSet, parseCpuSet } from "./cpu-set.js";
import type { DomainDefinition } from "./definition.js";
import { domainOrder } from "./order.js";

/** libvirt's numbers for them are their places. */
const modes: readonly string[] = ["strict", "preferred", "interleave", "restrictive"];

/** From which of the host's nodes a domain takes memory, and how: its definition's `<numatune>`. */
export interface NumaTuning {
  readonly mode: number;
  readonly nodeset: string;
}

export function numaTuning(definition: DomainDefinition): NumaTuning {
  const memory = definition.xml.child("numatune", "memory");
  const nodeset = memory?.attribute("nodeset");
  return {
    mode: Math.max(0, modes.indexOf(memory?.attribute("mode") ?? "strict")),
    nodeset: nodeset ? formatCpuSet(parseCpuSet(nodeset)) : "",
  };
}

/** Sets what is given. While the domain runs, how it takes memory cannot be changed. */
export function setNumaTuning(
  definition: DomainDefinition,
  { mode, nodeset }: Partial<NumaTuning>,
  isLive: boolean,
): void {
  if (mode !== undefined && modes[mode] === undefined) {
    throw driverError(ErrorNumber.INVALID_ARG, `unsupported numatune mode: '${mode}'`);
  }
  const nodes = nodeset === undefined ? undefined : parseNodes(nodeset);
  const existing = definition.xml.child("numatune", "memory");
  if (isLive && mode !== undefined && existing && numaTuning(definition).mode !== mode) {
    throw driverError(ErrorNumber.OPERATION_INVALID, "can't change numatune mode for running domain");
  }
  if (mode === undefined && nodes === undefined) return;
  const isStatic = definition.xml.child("vcpu")?.attribute("placement") !== "auto";
  const placement = existing?.attribute("placement") ?? (existing || isStatic ? "static" : "auto");
  if (nodes === undefined && placement === "static" && !existing?.attribute("nodeset")) {
    const detail = "nodeset for NUMA memory tuning must be set if 'placement' is 'static'";
    throw driverError(ErrorNumber.CONFIG_UNSUPPORTED, detail, ErrorDomain.DOMAIN);
  }
  const memory = definition.xml.ensure("numatune", domainOrder).ensure("memory", ["memory", "memnode"]);
  const word = mode === undefined ? (memory.attribute("mode") ?? "strict") : modes[mode];
  memory.setAttribute("mode", word);
  if (nodes === undefined) {
    if (placement === "auto") memory.setAttribute("placement", placement);
  } else {
    memory.setAttribute("placement", undefined);
    memory.setAttribute("nodeset", formatCpuSet(nodes));
  }
}

function parseNodes(nodeset: string): ReadonlySet<number> {
  if (nodeset !== "") return parseCpuSet(nodeset);
  const detail = `Invalid nodeset of 'numatune': ${nodeset}`;
  throw driverError(ErrorNumber.OPERATION_INVALID, detail);
}
