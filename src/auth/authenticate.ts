import { AuthenticationError, LibvirtError } from "../errors.js";
import { ErrorNumber } from "../generated/constants.js";
import { AuthType, authList, authPolkit } from "../protocol/generated/remote.js";
import type { Call } from "./call.js";
import type { Credentials } from "./credentials.js";
import type { AuthenticationObserver } from "./observer.js";
import type { SecurityLayer } from "./security-layer.js";

/** The daemon that is to be convinced. */
export interface Daemon {
  /** Where it is, for people. */
  readonly peer: string;
  /** Whether what is said to it is safe from listeners. */
  readonly secure: boolean;
  readonly call: Call;
}

/** How to convince it. */
export interface AuthenticationPlan {
  /** What the URI asks for: `sasl`, `sasl.MECHANISM` or `polkit`. */
  readonly wanted?: string | undefined;
  /** The daemon's host, as the URI has it. */
  readonly hostname: string;
  /** What is known to log in with. Asked for only where it is needed. */
  credentials(): Promise<Credentials>;
  readonly observer?: AuthenticationObserver | undefined;
}

const typeNames: ReadonlyMap<number, string> = new Map([
  [AuthType.NONE, "none"],
  [AuthType.SASL, "sasl"],
  [AuthType.POLKIT, "polkit"],
]);

const typeName = (type: number) => typeNames.get(type) ?? `type ${type}`;

/**
 * Does what the daemon asks for before it lets anybody call anything else. Returns what everything after that has to
 * be protected with, if that was agreed on.
 *
 * @throws AuthenticationError where the daemon and this client do not come to terms.
 */
export async function authenticate(
  daemon: Daemon,
  plan: AuthenticationPlan,
): Promise<SecurityLayer | undefined> {
  const types = await offeredTypes(daemon.call);
  const type = chooseType(types, plan.wanted, daemon.peer);
  plan.observer?.types?.(types.map(typeName), typeName(type));
  try {
    switch (type) {
      case AuthType.NONE:
        return undefined;
      case AuthType.SASL:
        return await bySasl(daemon, plan);
      case AuthType.POLKIT:
        await daemon.call(authPolkit, undefined);
        return undefined;
    }
  } catch (error) {
    throw rejected(error, daemon.peer, type);
  }
  throw new AuthenticationError(
    `${daemon.peer} asks for authentication of type ${type}, which this client does not know`,
  );
}

async function bySasl(
  { call, secure }: Daemon,
  { wanted, hostname, credentials, observer }: AuthenticationPlan,
): Promise<SecurityLayer | undefined> {
  const context = {
    channel: { secure },
    hostname,
    credentials: await credentials(),
    nonce: () => Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("base64"),
  };
  const [, mechanism] = /^sasl\.(.*)$/i.exec(wanted ?? "") ?? [];
  const { authenticateSasl } = await import("./sasl.js");
  return authenticateSasl(call, context, mechanism, observer);
}

async function offeredTypes(call: Call): Promise<readonly number[]> {
  try {
    return (await call(authList, undefined)).types;
  } catch (error) {
    // A daemon too old to know the question wants no answer.
    if (error instanceof LibvirtError && error.code === ErrorNumber.NO_SUPPORT) return [];
    throw error;
  }
}

function chooseType(types: readonly number[], wanted: string | undefined, peer: string): number {
  // As in C the first offer counts: the daemon lists what it likes best first.
  const [first = AuthType.NONE] = types;
  if (types.length === 0 || wanted === undefined) return first;
  const type = /^polkit$/i.test(wanted) ? AuthType.POLKIT : AuthType.SASL;
  if (types.includes(type)) return type;
  const offered = types.map(typeName).join(", ");
  throw new AuthenticationError(
    `${peer} does not offer authentication by ${typeNames.get(type)}, which the URI's auth= asks for, but ${offered}`,
  );
}

const refusals: readonly number[] = [
  ErrorNumber.AUTH_FAILED,
  ErrorNumber.AUTH_CANCELLED,
  ErrorNumber.AUTH_UNAVAILABLE,
];

/** What the daemon does not like about us comes as its error, which stays the cause: it has the code. */
function rejected(error: unknown, peer: string, type: number): unknown {
  if (!(error instanceof LibvirtError) || !refusals.includes(error.code)) return error;
  return new AuthenticationError(`${peer}: ${error.message}. ${advice(error, type)}`, { cause: error });
}

function advice({ code, procedure }: LibvirtError, type: number): string {
  if (type === AuthType.POLKIT) {
    return code === ErrorNumber.AUTH_UNAVAILABLE
      ? "There is nobody who could be asked to allow it: run a polkit agent, add a rule for org.libvirt.unix.manage, or join the group that libvirt lets in"
      : "polkit on the daemon's host does not allow it: see its rules for org.libvirt.unix.manage";
  }
  return procedure === "REMOTE_PROC_AUTH_SASL_INIT"
    ? "The daemon has no SASL mechanism to offer on this connection: see mech_list in /etc/sasl2/libvirt.conf on its host, and use tls or ssh where its mechanisms do not encrypt"
    : "Check the name, the password and the realm; the daemon says no more than that, its log may";
}
