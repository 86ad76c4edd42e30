import { element } from "../xml/element.js";
import type { DomainDefinition } from "./definition.js";
import { domainOrder } from "./order.js";

/** What can be counted of a domain's performance. */
export const perfEventNames: readonly string[] = [
  ...["cmt", "mbmt", "mbml", "cpu_cycles", "instructions", "cache_references", "cache_misses"],
  ...["branch_instructions", "branch_misses", "bus_cycles", "stalled_cycles_frontend"],
  ...["stalled_cycles_backend", "ref_cpu_cycles", "cpu_clock", "task_clock", "page_faults"],
  ...["context_switches", "cpu_migrations", "page_faults_min", "page_faults_maj", "alignment_faults"],
  "emulation_faults",
];

export function isPerfEventOn(definition: DomainDefinition, name: string): boolean {
  const events = definition.xml.child("perf")?.childrenNamed("event") ?? [];
  return events.some((each) => each.attribute("name") === name && each.attribute("enabled") === "yes");
}

export function setPerfEvent(definition: DomainDefinition, name: string, isOn: boolean): void {
  const perf = definition.xml.ensure("perf", domainOrder);
  const others = perf.childrenNamed("event").filter((each) => each.attribute("name") !== name);
  const event = element("event", { name, enabled: isOn ? "yes" : "no" });
  const rank = (each: typeof event) => perfEventNames.indexOf(each.attribute("name") ?? "");
  perf.nodes = [...others, event].sort((a, b) => rank(a) - rank(b));
}
