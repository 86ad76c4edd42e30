import type { Procedure } from "../protocol/procedure.js";

/** Calls a procedure of the daemon that is to be convinced. */
export type Call = <Args, Ret>(procedure: Procedure<Args, Ret>, args: Args) => Promise<Ret>;
