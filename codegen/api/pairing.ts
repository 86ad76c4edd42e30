/** Joins a function of the C API with the procedure it stands on, into the method that an object gets. */
import { irregular } from "../additions/irregular.js";
import type { Procedure, Protocol, Resolved, ResolvedField } from "../xdr/protocol.js";
import type { Api, ApiFunction, ApiStruct, Variable } from "./model.js";

/** One argument of the method, and of the procedure. */
export interface Parameter {
  /** The C argument's name, under which our documentation has it. */
  readonly name: string;
  /** The field it goes into. */
  readonly field: string;
  readonly type: Resolved;
  readonly enums: readonly string[];
}

/** A field of the procedure's arguments that the caller does not see. */
export interface FixedArgument {
  readonly field: string;
  /**
   * `self`: the object; `selfName`: its name alone; `results`: yes, send the list; `room`: as many as `bound`, the
   * constant that bounds the list in the reply; `count`: a length that the daemon finds out by itself.
   */
  readonly value: "self" | "selfName" | "results" | "room" | "count";
  readonly bound?: string | undefined;
}

export interface ResultField {
  readonly name: string;
  readonly field: string;
  readonly type: Resolved;
  readonly enums: readonly string[];
}

export type Result =
  | { readonly kind: "nothing" }
  /** One value, or one list of values. */
  | { readonly kind: "value"; readonly field: ResultField }
  /** A plain object; `struct` is the C struct that it stands for, where it is one. */
  | { readonly kind: "struct"; readonly struct: string | undefined; readonly fields: readonly ResultField[] }
  /** Typed parameters. `counted`: the daemon has to be asked for their number before. */
  | { readonly kind: "parameters"; readonly field: string; readonly counted: boolean };

export interface Method {
  readonly fn: ApiFunction;
  readonly procedure: Procedure;
  readonly program: string;
  readonly fixed: readonly FixedArgument[];
  readonly parameters: readonly Parameter[];
  readonly result: Result;
}

/** The class of objects that each type of the wire identifies. */
export const objectClasses: Readonly<Record<string, string>> = {
  remote_nonnull_domain: "Domain",
  remote_nonnull_domain_checkpoint: "DomainCheckpoint",
  remote_nonnull_domain_snapshot: "DomainSnapshot",
  remote_nonnull_interface: "Interface",
  remote_nonnull_network: "Network",
  remote_nonnull_network_port: "NetworkPort",
  remote_nonnull_node_device: "NodeDevice",
  remote_nonnull_nwfilter: "NWFilter",
  remote_nonnull_nwfilter_binding: "NWFilterBinding",
  remote_nonnull_secret: "Secret",
  remote_nonnull_storage_pool: "StoragePool",
  remote_nonnull_storage_vol: "StorageVol",
  admin_nonnull_server: "AdminServer",
  admin_nonnull_client: "AdminClient",
};

export class Pairing {
  readonly #protocol: Protocol;
  readonly #structs: ReadonlyMap<string, ApiStruct>;

  constructor(api: Api, protocol: Protocol) {
    this.#protocol = protocol;
    this.#structs = new Map(api.structs.map((struct) => [struct.name, struct]));
  }

  /** The method for a function of regular shape; undefined for those that are written by hand. */
  method(fn: ApiFunction, program: string, procedure: Procedure, className: string): Method | undefined {
    if (irregular.has(fn.name)) return undefined;
    const fields = this.#fields(procedure.args);
    const bound = this.#listBound(procedure);
    const fixed: FixedArgument[] = [];
    const open: ResolvedField[] = [];
    for (const [index, field] of fields.entries()) {
      const value = fixedValue(field, index, className);
      if (value === undefined) open.push(field);
      else fixed.push({ field: field.name, value, ...(value === "room" && { bound }) });
    }
    // Where C has the caller allocate the parameters, the driver wants to hear how many fit.
    const counted =
      fixed.some(({ value }) => value === "count") &&
      fn.args.some(({ type }) => type === "virTypedParameterPtr");
    return {
      fn,
      program,
      procedure,
      fixed: fixed.filter(({ value }) => !(counted && value === "count")),
      parameters: this.#parameters(fn, open),
      result: this.#result(fn, procedure, counted),
    };
  }

  #fields(struct: string | undefined): ResolvedField[] {
    if (struct === undefined) return [];
    const definition = this.#protocol.type(struct);
    if (definition.kind !== "struct") throw new TypeError(`${struct} is no struct`);
    return definition.fields.map((field) => this.#protocol.field(field));
  }

  #parameters(fn: ApiFunction, fields: readonly ResolvedField[]): Parameter[] {
    const args = inputs(fn, fields);
    // C may call an argument otherwise than the wire does; the order is the same.
    if (args.length !== fields.length) {
      throw new Error(`${fn.name}: ${args.length} arguments for ${fields.length} fields; is it irregular?`);
    }
    return fields.map((field, index) => {
      const { name, enums } = args[index]!;
      return { name, field: field.name, type: field.type, enums };
    });
  }

  #result(fn: ApiFunction, procedure: Procedure, counted: boolean): Result {
    const all = this.#fields(procedure.ret);
    const outputs = fn.args.slice(1).filter((arg) => !isInput(arg, fn) && !isCount(arg));
    const list = all.find(({ type }) => type.kind === "list");
    if (list) {
      // Beside the list only its length comes, in one guise or another.
      if (isTypedParam(list.type)) return { kind: "parameters", field: list.name, counted };
      return { kind: "value", field: { name: list.name, field: list.name, type: list.type, enums: [] } };
    }
    if (all.length === 0) return { kind: "nothing" };
    const struct = outputs.length === 1 ? this.#struct(outputs[0]!) : undefined;
    if (all.length === 1 && !struct) {
      const [field] = all;
      const enums = outputs[0]?.enums ?? (fn.returnsEnum === undefined ? [] : [fn.returnsEnum]);
      return { kind: "value", field: { name: field!.name, field: field!.name, type: field!.type, enums } };
    }
    return {
      kind: "struct",
      struct: struct?.name,
      fields: all.map((field) => resultField(field, struct?.fields ?? outputs, fn)),
    };
  }

  /** The C struct that an argument points to: `virDomainInfoPtr` -> `virDomainInfo`. */
  #struct({ type }: Variable): ApiStruct | undefined {
    const name = type.replace(/Ptr$/, "");
    return this.#structs.get(name) ?? this.#structs.get(`${name}Struct`);
  }

  #listBound(procedure: Procedure): string | undefined {
    const list = this.#fields(procedure.ret).find(({ type }) => type.kind === "list");
    return list?.type.kind === "list" ? list.type.length.constant : undefined;
  }
}

export function isTypedParam(type: Resolved): boolean {
  return type.kind === "list" && type.of.kind === "codec" && /_typed_param$/.test(type.of.name);
}

function fixedValue(
  { name, type }: ResolvedField,
  index: number,
  className: string,
): FixedArgument["value"] | undefined {
  if (index === 0 && type.kind === "codec" && objectClasses[type.name] === className) return "self";
  if (index === 0 && className === "NodeDevice" && name === "name") return "selfName";
  if (name === "need_results") return "results";
  if (name === "nparams") return "count";
  if (/^max(names|ids|uuids)$/.test(name)) return "room";
  return undefined;
}

function inputs(fn: ApiFunction, fields: readonly ResolvedField[]): Variable[] {
  // How much memory to peek at is the caller's to say; how large C's struct is nobody needs to know.
  const isWanted = (arg: Variable) =>
    isInput(arg, fn) || fields.some((field) => field.name === "size" && arg.name === "size");
  return fn.args.slice(1).filter(isWanted);
}

/** C passes results through pointers, and with every array its length. */
function isInput(arg: Variable, fn: ApiFunction): boolean {
  if (isCount(arg)) return false;
  // Parameters whose number is a pointer too are filled in by the call.
  if (arg.type === "virTypedParameterPtr")
    return !fn.args.some(({ name, type }) => name === "nparams" && type.endsWith("*"));
  if (arg.type.includes("*")) return arg.type.startsWith("const ") || arg.name === "keycodes";
  return !/^vir\w+Ptr$/.test(arg.type) || /^vir(StorageVol|Domain|Network)Ptr$/.test(arg.type);
}

function isCount({ name, type }: Variable): boolean {
  return (
    /^(unsigned int|int|size_t)( \*)?$/.test(type) &&
    /^(n(params|cpus|keys|mountpoints|keycodes|files)|max\w+|nameslen|value_size|size)$/.test(name)
  );
}

function resultField(
  { name, type }: ResolvedField,
  candidates: readonly Variable[],
  fn: ApiFunction,
): ResultField {
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  const known = candidates.find((candidate) => plain(candidate.name) === plain(name));
  if (!known && fn.returns !== "char *") throw new Error(`${fn.name}: nothing in C is called ${name}`);
  return { name: known?.name ?? name, field: name, type, enums: known?.enums ?? [] };
}
