import { TypedParameterFlags } from "../generated/constants.js";
import type { TypedParam } from "../protocol/generated/remote.js";
import type { Procedure } from "../protocol/procedure.js";
import { type CallOptions, withDeadline } from "../rpc/deadline.js";
import { unsignedFlags } from "./arguments.js";
import { type Json, toJson } from "./json.js";
import { fromTypedParams, type TypedParameters } from "./typed-params.js";

const inspectCustom = Symbol.for("nodejs.util.inspect.custom");

/** What can call a daemon's procedures: a connection. */
export interface Conversation {
  call<Args, Ret, Result = Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options?: CallOptions,
    read?: (ret: Ret) => Result,
  ): Promise<Result>;
}

/** The base of all objects with methods that call the daemon. */
export abstract class Caller<Owner extends Conversation> {
  /** The connection that the object belongs to. */
  abstract readonly connection: Owner;

  /** Calls a procedure of the connection's daemon by its descriptor. `read`, if given, makes the result of the reply. */
  call<Args, Ret, Result = Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options: CallOptions | undefined,
    read?: (ret: Ret) => Result,
  ): Promise<Result> {
    return this.connection.call(procedure, args, options, read);
  }

  /** Makes several calls, for which the caller's time and signal count as if they were one, that of the procedure given. */
  protected asOne<Result>(
    { name }: Pick<Procedure<never, unknown>, "name">,
    options: CallOptions | undefined,
    calls: (within: CallOptions) => Promise<Result>,
  ): Promise<Result> {
    return withDeadline(options, name, (signal) => calls({ signal }));
  }

  /**
   * Calls a procedure that wants to know how many parameters there is room for: once to learn how many there are,
   * and then for them. Some drivers insist on the exact number, so a generous guess will not do.
   */
  protected async countedParameters<Args extends { readonly nparams: number; readonly flags: number }>(
    procedure: Procedure<Args, { readonly params: readonly TypedParam[]; readonly nparams: number }>,
    args: Omit<Args, "nparams"> & { readonly flags: number },
    options: CallOptions | undefined,
  ): Promise<TypedParameters> {
    // The flag says that we know of parameters that are strings, as every client since 0.9.8 does.
    const flags = unsignedFlags(args.flags) | TypedParameterFlags.STRING_OKAY;
    const withRoomFor = (nparams: number) => ({ ...args, flags, nparams }) as unknown as Args;
    return this.asOne(procedure, options, async (within) => {
      const { nparams } = await this.call(procedure, withRoomFor(0), within);
      if (nparams === 0) return {};
      const { params } = await this.call(procedure, withRoomFor(nparams), within);
      return fromTypedParams(params);
    });
  }

  /** What tells this object from others of its class, for people and for JSON. */
  protected abstract identity(): Record<string, unknown>;

  toJSON(): Json {
    return toJson(this.identity());
  }

  /** How `console.log` and `util.inspect` show it. */
  [inspectCustom](
    depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    const name = this.constructor.name;
    return depth < 0 ? `[${name}]` : `${name} ${inspect(this.identity(), options)}`;
  }
}
