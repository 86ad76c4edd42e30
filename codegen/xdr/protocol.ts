/** Joins the .x files into one protocol: names are resolved, typedefs unfolded, procedures paired with their structs. */
import type {
  Annotation,
  Declaration,
  Definition,
  Enum,
  Scalar,
  Struct,
  Type,
  Union,
  Value,
} from "./tree.js";

/** A length or bound: the number, and the constant that the file calls it by. */
export interface Bound {
  readonly value: number;
  readonly constant: string | undefined;
}

/** A type with every typedef unfolded. `codec` is a struct or a union, by its C name. */
export type Resolved =
  | { readonly kind: "scalar"; readonly name: Scalar }
  | { readonly kind: "enum"; readonly name: string }
  | { readonly kind: "codec"; readonly name: string }
  | { readonly kind: "string"; readonly max: Bound }
  | { readonly kind: "opaque" | "chars"; readonly fixed: boolean; readonly length: Bound }
  | { readonly kind: "optional"; readonly of: Resolved }
  | { readonly kind: "list" | "array"; readonly of: Resolved; readonly length: Bound };

export interface ResolvedField {
  readonly name: string;
  readonly type: Resolved;
  readonly annotations: readonly Annotation[];
}

export interface Procedure {
  /** As in the enum: `REMOTE_PROC_DOMAIN_GET_INFO`. */
  readonly name: string;
  readonly number: number;
  /** C names of the structs, where the procedure has them. A `message` makes it an event. */
  readonly args: string | undefined;
  readonly ret: string | undefined;
  readonly message: string | undefined;
  readonly stream: "read" | "write" | undefined;
  /** The flag that asks for holes in the stream. */
  readonly sparseFlag: number | undefined;
  readonly priority: "high" | "low";
  readonly annotations: readonly Annotation[];
}

export interface Program {
  /** Base name of the generated file: `remote`. */
  readonly name: string;
  /** What its C names begin with: `remote_`. */
  readonly prefix: string;
  /** The name of the constant with its number; undefined for the header, which is no program. */
  readonly constant: string | undefined;
  readonly constants: readonly { readonly name: string; readonly value: number }[];
  readonly enums: readonly Enum[];
  readonly types: readonly (Struct | Union)[];
  readonly procedures: readonly Procedure[];
}

export interface ProgramSource {
  readonly name: string;
  readonly prefix: string;
  readonly definitions: readonly Definition[];
}

export class Protocol {
  readonly programs: readonly Program[];
  readonly #constants: Map<string, number>;
  readonly #types = new Map<string, { program: string; definition: Definition }>();

  /** `external` has the constants that the files take from C headers. */
  constructor(sources: readonly ProgramSource[], external: ReadonlyMap<string, number>) {
    this.#constants = new Map(external);
    for (const source of sources) this.#declare(source);
    this.programs = sources.map((source) => this.#program(source));
  }

  number(value: Value): number {
    if (typeof value === "number") return value;
    const known = this.#constants.get(value);
    if (known === undefined) throw new ReferenceError(`no constant is called ${value}`);
    return known;
  }

  /** Which program's file declares a type. */
  owner(typeName: string): string {
    return this.#lookUp(typeName).program;
  }

  field(declaration: Declaration): ResolvedField {
    const { name, annotations } = declaration;
    return { name, annotations, type: this.#resolve(declaration) };
  }

  /** The struct or union of that name. */
  type(name: string): Struct | Union {
    const { definition } = this.#lookUp(name);
    if (definition.kind === "struct" || definition.kind === "union") return definition;
    throw new ReferenceError(`${name} is no struct and no union`);
  }

  /** The fewest bytes that a value takes on the wire: what bounds an array's length. */
  minSize(type: Resolved): number {
    switch (type.kind) {
      case "scalar":
        return type.name.endsWith("hyper") || type.name === "double" ? 8 : 4;
      case "opaque":
        return type.fixed ? type.length.value + (-type.length.value & 3) : 4;
      case "chars":
        return type.fixed ? 4 * type.length.value : 4;
      case "array":
        return type.length.value * this.minSize(type.of);
      case "codec": {
        const definition = this.type(type.name);
        if (definition.kind === "union") return 4;
        return definition.fields.reduce((sum, field) => sum + this.minSize(this.#resolve(field)), 0);
      }
      default:
        return 4;
    }
  }

  #declare(source: ProgramSource): void {
    for (const definition of source.definitions) {
      if (definition.kind === "passthrough") continue;
      if (definition.kind === "const") {
        this.#constants.set(definition.name, this.number(definition.value));
        continue;
      }
      if (definition.kind === "enum") {
        for (const member of definition.members) this.#constants.set(member.name, this.number(member.value));
      }
      this.#types.set(definition.name, { program: source.name, definition });
    }
  }

  #program({ name, prefix, definitions }: ProgramSource): Program {
    const enums = definitions.filter((definition) => definition.kind === "enum");
    const types = definitions.filter((definition) => isType(definition));
    const constants = definitions
      .filter((definition) => definition.kind === "const")
      .map((constant) => ({ name: constant.name, value: this.number(constant.value) }));
    const names = new Set(types.map((type) => type.name));
    const procedures = enums
      .filter((one) => one.name === `${prefix}procedure`)
      .flatMap((one) => one.members)
      .map((member) => this.#procedure(member.name, this.number(member.value), member.annotations, names));
    return {
      name,
      prefix,
      constant: constants.find((constant) => constant.name.endsWith("_PROGRAM"))?.name,
      constants,
      enums: enums.filter((one) => one.name !== `${prefix}procedure`),
      types,
      procedures,
    };
  }

  #procedure(
    name: string,
    number: number,
    annotations: readonly Annotation[],
    types: ReadonlySet<string>,
  ): Procedure {
    const base = name.replace("_PROC_", "_").toLowerCase();
    const struct = (suffix: string) => (types.has(base + suffix) ? base + suffix : undefined);
    const said = (annotation: string) => annotations.find((one) => one.name === annotation)?.value;
    const stream = said("readstream") ? "read" : said("writestream") ? "write" : undefined;
    const sparse = said("sparseflag");
    return {
      name,
      number,
      args: struct("_args"),
      ret: struct("_ret"),
      message: struct("_msg"),
      stream,
      sparseFlag: sparse === undefined ? undefined : this.number(sparse),
      priority: said("priority") === "high" ? "high" : "low",
      annotations,
    };
  }

  #resolve({ type, shape, name }: Declaration): Resolved {
    if (type.kind === "string" || type.kind === "opaque" || isChar(type)) {
      if (shape.kind === "variable") {
        if (shape.max === undefined) throw new SyntaxError(`${name} has no bound`);
        const length = this.#bound(shape.max);
        if (type.kind === "string") return { kind: "string", max: length };
        return { kind: type.kind === "opaque" ? "opaque" : "chars", fixed: false, length };
      }
      if (shape.kind === "fixed" && type.kind !== "string") {
        return {
          kind: type.kind === "opaque" ? "opaque" : "chars",
          fixed: true,
          length: this.#bound(shape.length),
        };
      }
      if (type.kind !== "scalar") throw new SyntaxError(`${name}: ${type.kind} needs a length`);
    }
    const of = this.#single(type);
    switch (shape.kind) {
      case "one":
        return of;
      case "optional":
        return { kind: "optional", of };
      case "fixed":
        return { kind: "array", of, length: this.#bound(shape.length) };
      case "variable":
        if (shape.max === undefined) throw new SyntaxError(`${name} has no bound`);
        return { kind: "list", of, length: this.#bound(shape.max) };
    }
  }

  #single(type: Type): Resolved {
    if (type.kind === "scalar") return type;
    if (type.kind !== "named") throw new SyntaxError(`${type.kind} needs a length`);
    const { definition } = this.#lookUp(type.name);
    if (definition.kind === "typedef") return this.#resolve(definition.declaration);
    if (definition.kind === "enum") return { kind: "enum", name: definition.name };
    return { kind: "codec", name: type.name };
  }

  #bound(value: Value): Bound {
    return { value: this.number(value), constant: typeof value === "string" ? value : undefined };
  }

  #lookUp(name: string) {
    const found = this.#types.get(name);
    if (!found) throw new ReferenceError(`no type is called ${name}`);
    return found;
  }
}

function isChar(type: Type): boolean {
  return type.kind === "scalar" && type.name === "char";
}

function isType(definition: Definition): definition is Struct | Union {
  return definition.kind === "struct" || definition.kind === "union";
}
