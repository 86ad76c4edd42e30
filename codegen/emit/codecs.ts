/** Prints the types of one program, each with its codec. */
import type { Bound, Program, Protocol, Resolved, ResolvedField } from "../xdr/protocol.js";
import type { Enum, Struct, Union } from "../xdr/tree.js";
import { lowerCamel } from "./naming.js";

/** `remote_domain_get_info_ret` -> `DomainGetInfoRet`, `virNetMessageError` -> `MessageError`. */
export function typeName(cName: string, prefix: string): string {
  const name = lowerCamel(cName.slice(prefix.length));
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What a module declares by one name: a constant, a type with its codec, the codec of a list, a procedure. */
export interface Declaration {
  readonly name: string;
  readonly text: string;
  /** The other declarations that it refers to, with the programs that these belong to. */
  readonly uses: ReadonlyMap<string, string>;
  /** Of a struct: the text up to its codec, its name in C, and what the codec does. */
  readonly struct?: { readonly type: string; readonly cName: string; readonly fields: string };
}

export class CodecPrinter {
  readonly #program: Program;
  readonly #protocol: Protocol;
  /** The codecs of lists, one for each type of element, by their names. */
  readonly #lists = new Map<string, Declaration>();
  /** What the declaration that is being printed uses. */
  #uses = new Map<string, string>();

  constructor(program: Program, protocol: Protocol) {
    this.#program = program;
    this.#protocol = protocol;
  }

  /** The codecs of the lists in all that has been printed. */
  get lists(): readonly Declaration[] {
    return [...this.#lists.values()];
  }

  enum({ name, members }: Enum): Declaration {
    const type = typeName(name, this.#program.prefix);
    const common = commonPrefix(members.map((member) => member.name));
    const lines = members.map(
      (member) => `  ${member.name.slice(common.length)}: ${this.#protocol.number(member.value)},`,
    );
    const text = `/** \`${name}\` */
export const ${type} = {
${lines.join("\n")}
} as const;
export type ${type} = (typeof ${type})[keyof typeof ${type}] | (number & {});`;
    return { name: type, text, uses: new Map() };
  }

  type(definition: Struct | Union): Declaration {
    const name = typeName(definition.name, this.#program.prefix);
    return this.#declare(name, () =>
      definition.kind === "struct" ? this.#struct(definition) : { text: this.#union(definition) },
    );
  }

  /** The codec of a procedure's arguments or result, and their type: by that name. */
  use(cName: string, uses: Map<string, string>): string {
    return this.#declare("", () => ({ text: this.#type(cName) }), uses).text;
  }

  /** Prints a declaration and takes down what it uses. */
  #declare(
    name: string,
    print: () => Pick<Declaration, "text" | "struct">,
    uses = new Map<string, string>(),
  ): Declaration {
    const outer = this.#uses;
    this.#uses = uses;
    const printed = print();
    this.#uses = outer;
    return { name, ...printed, uses };
  }

  #struct({ name, fields: declarations }: Struct): Pick<Declaration, "text" | "struct"> {
    const fields = declarations.map((declaration) => this.#protocol.field(declaration));
    const type = this.#type(name);
    const properties = fields.map(
      (field) => `  readonly ${lowerCamel(field.name)}: ${this.#tsType(field.type)};`,
    );
    const writes = fields.map((field) => this.#write(field, `value.${lowerCamel(field.name)}`));
    const reads = fields.map(
      (field) => `${lowerCamel(field.name)}: ${this.#read(field.type, quote(field.name))},`,
    );
    const described = `/** \`${name}\` */
export interface ${type} {
${properties.join("\n")}
}`;
    const codec = `(to, value) => {
    ${writes.join("\n    ")}
  },
  (from) => ({
    ${reads.join("\n    ")}
  }),`;
    return {
      text: `${described}

export const ${type}: Codec<${type}> = /* @__PURE__ */ struct(
  "${name}",
  ${codec}
);`,
      struct: { type: described, cName: name, fields: codec },
    };
  }

  #union({ name, discriminant, arms, otherwise }: Union): string {
    if (otherwise) throw new SyntaxError(`${name}: a default arm does not occur in libvirt's files`);
    const type = this.#type(name);
    const tag = this.#protocol.field(discriminant);
    const cases = arms.flatMap((arm) =>
      arm.cases.map((value) => ({ constant: String(value), number: this.#protocol.number(value), arm })),
    );
    const variants = cases.map(({ constant, number, arm }) => {
      const value = arm.declaration
        ? `; readonly value: ${this.#tsType(this.#protocol.field(arm.declaration).type)}`
        : "";
      return `  /** \`${constant}\` */\n  | { readonly ${tag.name}: ${number}${value} }`;
    });
    const writes = cases.map(({ number, arm }) => {
      const write = arm.declaration
        ? `${this.#write(this.#protocol.field(arm.declaration), "value.value")}\n        `
        : "";
      return `case ${number}:\n        ${write}break;`;
    });
    const reads = cases.map(({ number, arm }) => {
      const field = arm.declaration && this.#protocol.field(arm.declaration);
      const read = field ? `, value: ${this.#read(field.type, quote(field.name))}` : "";
      return `case ${number}:\n        value = { ${tag.name}${read} };\n        break;`;
    });
    return `/** \`${name}\` */
export type ${type} =
${variants.join("\n")};

export const ${type}: Codec<${type}> = {
  name: "${name}",
  encode(to, field, value) {
    to.enter(field, value);
    to.${method(tag.type)}("${tag.name}", value.${tag.name});
    switch (value.${tag.name}) {
      ${writes.join("\n      ")}
      default:
        throw to.unknownCase("${tag.name}", (value as ${type}).${tag.name});
    }
    to.leave();
  },
  decode(from, field) {
    from.enter(field);
    const ${tag.name} = from.${method(tag.type)}("${tag.name}");
    let value: ${type};
    switch (${tag.name}) {
      ${reads.join("\n      ")}
      default:
        throw from.unknownCase("${tag.name}", ${tag.name});
    }
    from.leave();
    return value;
  },
};`;
  }

  /** The name of a struct, union or enum. */
  #type(cName: string): string {
    const owner = this.#protocol.owner(cName);
    const { prefix } = this.#protocol.programs.find((program) => program.name === owner)!;
    return this.#use(typeName(cName, prefix), owner);
  }

  /** A bound, by its name where a program gives it one. */
  #bound({ value, constant }: Bound): string {
    const owner = this.#protocol.programs.find((program) =>
      program.constants.some((one) => one.name === constant),
    );
    return constant === undefined || owner === undefined ? String(value) : this.#use(constant, owner.name);
  }

  #use(name: string, program: string): string {
    this.#uses.set(name, program);
    return name;
  }

  #tsType(type: Resolved): string {
    switch (type.kind) {
      case "scalar":
        if (type.name === "bool") return "boolean";
        return type.name.endsWith("hyper") ? "bigint" : "number";
      case "enum":
      case "codec":
        return this.#type(type.name);
      case "string":
        return "string";
      case "opaque":
      case "chars":
        return "Uint8Array";
      case "optional":
        return `${this.#tsType(type.of)} | null`;
      case "list":
      case "array":
        return `readonly ${this.#tsType(type.of)}[]`;
    }
  }

  #write({ name, type }: ResolvedField, value: string): string {
    if (type.kind !== "optional") return this.#writeOne(type, quote(name), value);
    return `if (to.present(${quote(name)}, ${value})) ${this.#writeOne(type.of, quote(name), value)}`;
  }

  /** The statement that writes a value; `field` is what it is called, as an expression. */
  #writeOne(type: Resolved, field: string, value: string): string {
    switch (type.kind) {
      case "codec":
        return `${this.#type(type.name)}.encode(to, ${field}, ${value});`;
      case "list":
        return `${this.#list(type.of)}.encode(to, ${field}, ${value}, ${this.#bound(type.length)});`;
      case "string":
        return `to.string(${field}, ${value}, ${this.#bound(type.max)});`;
      case "opaque":
      case "chars":
        return `to.${method(type)}(${field}, ${value}, ${this.#bound(type.length)});`;
      case "scalar":
      case "enum":
        return `to.${isFlags(type, field) ? "flags" : method(type)}(${field}, ${value});`;
      default:
        throw new SyntaxError(
          `${field}: ${type.kind} within another shape does not occur in libvirt's files`,
        );
    }
  }

  /** The expression that reads a value. */
  #read(type: Resolved, field: string): string {
    switch (type.kind) {
      case "optional":
        return `from.present(${field}) ? ${this.#read(type.of, field)} : null`;
      case "codec":
        return `${this.#type(type.name)}.decode(from, ${field})`;
      case "list":
        return `${this.#list(type.of)}.decode(from, ${field}, ${this.#bound(type.length)})`;
      case "string":
        return `from.string(${field}, ${this.#bound(type.max)})`;
      case "opaque":
      case "chars":
        return `from.${method(type)}(${field}, ${this.#bound(type.length)})`;
      case "scalar":
      case "enum":
        return `from.${isFlags(type, field) ? "flags" : method(type)}(${field})`;
      case "array":
        throw new SyntaxError(`${field}: an array of fixed length does not occur in libvirt's files`);
    }
  }

  /** The codec for lists of one type of element: a loop of its own for each, so that each stays monomorphic. */
  #list(of: Resolved): string {
    const element = this.#tsType(of);
    const name = `${listName(of, element)}List`;
    const codec = this.#declare(name, () => ({
      text: `const ${name}: ListCodec<${element}> = {
  encode(to, field, value, max) {
    to.count(field, value, max);
    to.enter(field, value);
    for (let i = 0; i < value.length; i++) ${this.#writeOne(of, "i", "value[i]!")}
    to.leave();
  },
  decode(from, field, max) {
    const value = new Array<${element}>(from.count(field, max, ${this.#protocol.minSize(of)}));
    from.enter(field);
    for (let i = 0; i < value.length; i++) value[i] = ${this.#read(of, "i")};
    from.leave();
    return value;
  },
};`,
    }));
    // The name says the kind of element but not its bound.
    if ((this.#lists.get(name) ?? codec).text !== codec.text) {
      throw new SyntaxError(`two lists of ${element} with different bounds do not occur in libvirt's files`);
    }
    this.#lists.set(name, codec);
    return this.#use(name, this.#program.name);
  }
}

function listName(of: Resolved, element: string): string {
  if (of.kind === "codec" || of.kind === "enum") return element;
  return of.kind === "scalar" ? method(of) : of.kind;
}

const scalarMethods: Readonly<Record<string, string>> = {
  "unsigned int": "uint",
  "unsigned hyper": "uhyper",
  "unsigned short": "ushort",
  "unsigned char": "uchar",
};

/** The reader's and writer's method for a type. */
function method(type: Resolved): string {
  switch (type.kind) {
    case "scalar":
      return scalarMethods[type.name] ?? type.name;
    case "enum":
      return "int";
    case "opaque":
      return type.fixed ? "fixedOpaque" : "opaque";
    case "chars":
      return type.fixed ? "fixedChars" : "chars";
    default:
      throw new TypeError(`${type.kind} has no method`);
  }
}

const isFlags = (type: Resolved, field: string) =>
  field === '"flags"' && type.kind === "scalar" && type.name === "unsigned int";

const quote = (name: string) => `"${name}"`;

/** What all names begin with, up to and with an underscore. */
function commonPrefix(names: readonly string[]): string {
  let prefix = names[0] ?? "";
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, prefix.lastIndexOf("_") + 1);
}
