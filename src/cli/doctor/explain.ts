import { AuthenticationError, LibvirtError, TimeoutError } from "../../errors.js";
import { ErrorNumber } from "../../generated/constants.js";
import type { StepName, StepResult } from "./steps.js";

/** What is wrong, and what to do about it where the error itself does not say that. */
export function explain(
  step: StepName,
  error: unknown,
): Required<Pick<StepResult, "message" | "error">> & Pick<StepResult, "advice"> {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const advice = error instanceof LibvirtError ? byCode(error) : byStep(step, error);
  return { message, ...(advice !== undefined && { advice }), error: { name, code: codeOf(error) } };
}

/** libvirt's name for what is wrong, or the system's. */
function codeOf(error: unknown): string | null {
  if (error instanceof LibvirtError) return error.codeName ?? String(error.code);
  if (error instanceof AggregateError) return codeOf(error.errors.at(-1));
  if (!(error instanceof Error)) return null;
  const { code, cause } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : codeOf(cause);
}

export const daemonsLog =
  "The daemon's log on its host may say more: journalctl -u libvirtd, or -u virtqemud";

function byCode({ code }: LibvirtError): string {
  switch (code) {
    case ErrorNumber.NO_CONNECT:
      return (
        "This daemon has no driver for that hypervisor: install it on the daemon's host (Debian and Ubuntu: package " +
        "libvirt-daemon-driver-…), give the URI of another driver, or with mode=direct of another daemon"
      );
    case ErrorNumber.OPERATION_DENIED:
    case ErrorNumber.ACCESS_DENIED:
      return "You are known there, but not allowed to do this: see the daemon's access drivers and polkit rules, or try --readonly";
    default:
      return daemonsLog;
  }
}

const uriForms =
  "A URI is DRIVER:///PATH for this machine, such as qemu:///system, or DRIVER+TRANSPORT://HOST/PATH, such as " +
  "qemu+ssh://root@host/system; an alias has to be in libvirt.conf";

const later = "--timeout gives it more time";

const onTimeout: Partial<Record<StepName, string>> = {
  address: `The name server does not answer. Check the network, or give an address; ${later}`,
  connection: `Check the address, and firewalls on the way, which may drop what they do not let through; ${later}`,
  tls: `Something accepts connections there, and does not go on as TLS does. Check the port: 16514 is usual for TLS; ${later}`,
  greeting:
    "Something accepts connections there, and does not answer as libvirt does. Check the port: 16509 is usual for TCP " +
    `in clear, 16514 for TLS; or the daemon is overloaded, see its max_clients; ${later}`,
};

/** For errors of our own, most of which say themselves what to do. */
function byStep(step: StepName, error: unknown): string | undefined {
  if (error instanceof TimeoutError)
    return onTimeout[step] ?? `The daemon is busy, or stuck. ${daemonsLog}; ${later}`;
  if (step === "uri" && error instanceof TypeError) return uriForms;
  if (step === "authentication" && error instanceof AuthenticationError)
    return "The doctor has no other passwords than those of an auth.conf: see LIBVIRT_AUTH_FILE and authfile=";
  return undefined;
}
