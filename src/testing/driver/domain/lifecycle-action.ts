import { DomainLifecycle, ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { Domain } from "./domain.js";
import { domainOrder } from "./order.js";
import { lifecycleActions } from "./words.js";

/** By libvirt's numbers. */
const events = [
  { name: "poweroff", element: "on_poweroff" },
  { name: "reboot", element: "on_reboot" },
  { name: "crash", element: "on_crash" },
] as const;

/** Says what becomes of a domain by itself when that happens. */
export function setLifecycleAction(domain: Domain, type: number, action: number, flags: number): void {
  const event = events[type];
  const word = lifecycleActions[action];
  if (!event) refuse(`invalid lifecycle type '${type}'`);
  if (word === undefined) refuse(`invalid lifecycle action '${action}'`);
  if (word.startsWith("coredump-") && type !== DomainLifecycle.CRASH) {
    const detail = `Lifecycle event '${event.name}' doesn't support '${word}' action`;
    throw driverError(ErrorNumber.CONFIG_UNSUPPORTED, detail, ErrorDomain.DOMAIN);
  }
  const { live, config } = domain.definitionsFor(flags);
  for (const definition of [live, config]) {
    if (definition) definition.xml.ensure(event.element, domainOrder).text = word;
  }
}

function refuse(detail: string): never {
  throw driverError(ErrorNumber.INVALID_ARG, detail, ErrorDomain.DOMAIN);
}
