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

/** Refuses numbers that nothing has, before anything else is looked at. */
export function checkLifecycle(type: number, action: number): void {
  if (!events[type]) refuse(`invalid lifecycle type '${type}'`);
  if (lifecycleActions[action] === undefined) refuse(`invalid lifecycle action '${action}'`);
}

/** Refuses what cannot become of a domain when that happens. */
export function checkLifecycleAction(type: number, action: number): void {
  const event = events[type]!;
  const word = lifecycleActions[action]!;
  if (word.startsWith("coredump-") && type !== DomainLifecycle.CRASH) {
    const detail = `Lifecycle event '${event.name}' doesn't support '${word}' action`;
    throw driverError(ErrorNumber.CONFIG_UNSUPPORTED, detail, ErrorDomain.DOMAIN);
  }
}

/** Says what becomes of a domain by itself when that happens. */
export function setLifecycleAction(domain: Domain, type: number, action: number, flags: number): void {
  const { live, config } = domain.definitionsFor(flags);
  for (const definition of [live, config]) {
    if (definition)
      definition.xml.ensure(events[type]!.element, domainOrder).text = lifecycleActions[action]!;
  }
}

function refuse(detail: string): never {
  throw driverError(ErrorNumber.INVALID_ARG, detail, ErrorDomain.DOMAIN);
}
