import { AuthenticationError, LibvirtError } from "../errors.js";
import { ErrorNumber } from "../generated/constants.js";
import { AuthType, authList } from "../protocol/generated/remote.js";
import type { Procedure } from "../protocol/procedure.js";

/** Calls a procedure of the daemon that is to be convinced. */
export type Call = <Args, Ret>(procedure: Procedure<Args, Ret>, args: Args) => Promise<Ret>;

const typeNames: ReadonlyMap<number, string> = new Map([
  [AuthType.NONE, "none"],
  [AuthType.SASL, "SASL"],
  [AuthType.POLKIT, "polkit"],
]);

/** Does what the daemon asks for before it lets anybody call anything else. */
export async function authenticate(peer: string, call: Call): Promise<void> {
  const types = await offeredTypes(call);
  // As in C the first offer counts: the daemon lists what it likes best first.
  const [first = AuthType.NONE] = types;
  if (first === AuthType.NONE) return;
  const offered = types.map((type) => typeNames.get(type) ?? `type ${type}`).join(", ");
  throw new AuthenticationError(
    `${peer} asks for authentication by ${offered}, which is not built in yet. Connect where the daemon asks for ` +
      'none: by its unix socket as root, or where its libvirtd.conf sets auth_unix_rw or auth_tcp to "none"',
  );
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
