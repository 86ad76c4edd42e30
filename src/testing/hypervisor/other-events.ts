import {
  ConnectDomainQemuMonitorEventRegisterFlags,
  ErrorDomain,
  ErrorNumber,
  SecretEventID,
} from "../../generated/constants.js";
import * as qemu from "../../protocol/generated/qemu.js";
import * as remote from "../../protocol/generated/remote.js";
import { formatUuid } from "../../uuid.js";
import { driverError } from "../driver/errors.js";
import type { BodyOf, WorldEvent } from "../driver/events.js";
import type { DriverHandlers } from "../driver/state.js";

/** Registering for events that libvirt's test driver has not, and that a test can emit nevertheless. */
export function otherEventHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.connectSecretEventRegisterAny, ({ eventID, secret }, { state }) => {
      if (eventID < 0 || eventID > Math.max(...Object.values(SecretEventID))) {
        refuse(`unsupported secret event ID ${eventID}`);
      }
      const only = secret ? formatUuid(secret.uuid) : undefined;
      const callbackID = state.registrations.add({
        class: "secret",
        eventId: eventID,
        only,
        isLegacy: false,
      });
      return { callbackID };
    })
    .on(remote.connectSecretEventDeregisterAny, ({ callbackID }, { state }) => {
      if (state.registrations.remove("secret", callbackID)) return;
      refuse(`secret event callback ${callbackID} not registered`);
    })
    .on(qemu.connectDomainMonitorEventRegister, ({ dom, event, flags }, { state }) => {
      const only = dom ? formatUuid(dom.uuid) : undefined;
      const registration = { class: "qemu", eventId: 0, only, isLegacy: false } as const;
      if (event === null) return { callbackID: state.registrations.add(registration) };
      const passes = byName(event, flags);
      const filter = {
        key: JSON.stringify([event, flags]),
        passes: ({ body }: WorldEvent) => passes((body as BodyOf<"qemu.monitor">).event),
      };
      return { callbackID: state.registrations.add({ ...registration, filter }) };
    })
    .on(qemu.connectDomainMonitorEventDeregister, ({ callbackID }, { state }) => {
      if (state.registrations.remove("qemu", callbackID)) return;
      refuse(`qemu monitor event ${callbackID} not registered`);
    });
}

/** Which names are wanted: one, however it is written, or all that match an expression. */
function byName(wanted: string, flags: number): (name: string) => boolean {
  const { REGEX, NOCASE } = ConnectDomainQemuMonitorEventRegisterFlags;
  const isCaseless = (flags & NOCASE) !== 0;
  if (flags & REGEX) {
    const expression = compile(wanted, isCaseless ? "i" : "");
    return (name) => expression.test(name);
  }
  if (isCaseless) return (name) => name.toLowerCase() === wanted.toLowerCase();
  return (name) => name === wanted;
}

function compile(expression: string, flags: string): RegExp {
  try {
    return new RegExp(expression, flags);
  } catch {
    throw driverError(ErrorNumber.INVALID_ARG, `failed to compile regex ${expression}`, ErrorDomain.NONE);
  }
}

function refuse(detail: string): never {
  throw driverError(ErrorNumber.INTERNAL_ERROR, detail, ErrorDomain.RPC);
}
