import { readFileSync } from "node:fs";
import { join } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { evaluate } from "./evaluate.js";
import type {
  Api,
  ApiEnum,
  ApiFunction,
  ApiStruct,
  ApiSymbol,
  ApiTypedef,
  EnumMember,
  Library,
  NumberMacro,
  StringMacro,
  StructField,
  Variable,
} from "./model.js";

const files: readonly (readonly [Library, string])[] = [
  ["libvirt", "libvirt-api.xml"],
  ["qemu", "libvirt-qemu-api.xml"],
  ["lxc", "libvirt-lxc-api.xml"],
  ["admin", "libvirt-admin-api.xml"],
];

/** Elements that may occur more than once in their parent, hence always come as an array. */
const repeated = new Set(["arg", "enum", "field", "function", "functype", "macro", "struct", "typedef"]);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && repeated.has(name),
});

/** An element as the XML library gives it: attributes and children under their names. */
interface Element {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly string?: unknown;
  readonly union?: unknown;
  readonly info?: unknown;
  readonly [other: string]: unknown;
}

/** Reads the four API XML files of a libvirt release from the directory that holds them. */
export function readApi(directory: string): Api {
  const symbols = files.map(([library, file]) => new Symbols(library, join(directory, file)));
  const numbers = integers(symbols);
  const all = <T>(pick: (file: Symbols) => readonly T[]): T[] => symbols.flatMap(pick);
  return {
    functions: all((file) => file.functions("function")),
    callbacks: all((file) => file.functions("functype")),
    enums: all((file) => file.enums(numbers)),
    strings: all((file) => file.strings()),
    numbers: all((file) => file.numbers(numbers)),
    structs: all((file) => file.structs()),
    typedefs: all((file) => file.typedefs()),
  };
}

/** Every C name of the API that has an integer value: enum members and macros. */
export function constants(api: Api): Map<string, number> {
  const members = api.enums.flatMap((type) => type.members);
  return new Map([...members, ...api.numbers].map(({ name, value }) => [name, value]));
}

/** The symbols of one file. */
class Symbols {
  readonly #library: Library;
  readonly #path: string;
  readonly #root: Element;
  readonly #enumTypes: ReadonlySet<string>;

  constructor(library: Library, path: string) {
    this.#library = library;
    this.#path = path;
    const document: unknown = parser.parse(readFileSync(path, "utf8"), true);
    this.#root = this.#child(this.#child(document, "api"), "symbols");
    const enums = this.elements("typedef").filter((element) => element.type === "enum");
    this.#enumTypes = new Set(enums.map((element) => this.#text(element, "name")));
  }

  functions(kind: "function" | "functype"): ApiFunction[] {
    return this.elements(kind).map((element) => ({
      ...this.#symbol(element),
      returns: this.#text(this.#child(element, "return"), "type"),
      returnsEnum: this.#enums(this.#child(element, "return"))[0],
      args: this.#variables(element, "arg"),
    }));
  }

  /** The file lists enum members one by one, each naming the typedef of its enum. */
  enums(values: ReadonlyMap<string, number>): ApiEnum[] {
    const members = this.elements("enum");
    const types = this.elements("typedef").filter((element) => element.type === "enum");
    const stray = members.find((member) => !types.some((type) => type.name === member.type));
    if (stray !== undefined) throw new Error(`${this.#path}: no enum has ${this.#text(stray, "name")}`);
    return types.map((type) => ({
      ...this.#symbol(type),
      members: members
        .filter((member) => member.type === type.name)
        .map((member) => this.#member(member, values))
        .sort(byValueThenName),
    }));
  }

  strings(): StringMacro[] {
    return this.elements("macro")
      .filter((element) => element.string !== undefined)
      .map((element) => ({ ...this.#symbol(element), value: this.#text(element, "string") }));
  }

  numbers(values: ReadonlyMap<string, number>): NumberMacro[] {
    return this.elements("macro").flatMap((element) => {
      const symbol = this.#symbol(element);
      const value = values.get(symbol.name);
      return value === undefined ? [] : [{ ...symbol, value }];
    });
  }

  structs(): ApiStruct[] {
    return this.elements("struct").map((element) => ({
      ...this.#symbol(element),
      fields: this.elements("field", element).map((field) => this.#field(field)),
    }));
  }

  typedefs(): ApiTypedef[] {
    return this.elements("typedef")
      .filter((element) => element.type !== "enum")
      .map((element) => ({ ...this.#symbol(element), type: this.#text(element, "type") }));
  }

  /** The C expressions that may have an integer value, by name. */
  expressions(): [name: string, expression: string][] {
    const pairs = (elements: readonly Element[], attribute: string) =>
      elements.map((element): [string, string] => [
        this.#text(element, "name"),
        this.#text(element, attribute),
      ]);
    const macros = this.elements("macro").filter((macro) => "raw" in macro && !("params" in macro));
    return [...pairs(this.elements("enum"), "value"), ...pairs(macros, "raw")];
  }

  elements(name: string, parent = this.#root): readonly Element[] {
    return (parent[name] ?? []) as readonly Element[];
  }

  #symbol(element: Element): ApiSymbol {
    return {
      name: this.#text(element, "name"),
      library: this.#library,
      file: this.#text(element, "file"),
      since: this.#text(element, "version"),
    };
  }

  #member(element: Element, values: ReadonlyMap<string, number>): EnumMember {
    const name = this.#text(element, "name");
    const value = values.get(name);
    if (value === undefined) throw new Error(`${this.#path}: enum member ${name} has no integer value`);
    return { name, value, since: this.#text(element, "version") };
  }

  #field(element: Element): StructField {
    const field = this.#variable(element);
    if (element.union === undefined) return field;
    return { ...field, union: this.#variables(this.#child(element, "union"), "field") };
  }

  #variables(parent: Element, name: string): Variable[] {
    return this.elements(name, parent).map((element) => this.#variable(element));
  }

  #variable(element: Element): Variable {
    return {
      name: this.#text(element, "name"),
      type: this.#text(element, "type"),
      enums: this.#enums(element),
    };
  }

  /** The enums that the words about an element name: the one fact that is taken from the prose. */
  #enums(element: Element): string[] {
    const words = typeof element.info === "string" ? (element.info.match(/\bvir\w+/g) ?? []) : [];
    return [...new Set(words)].filter((word) => this.#enumTypes.has(word));
  }

  #child(parent: unknown, name: string): Element {
    const child: unknown = (parent as Element)[name];
    if (typeof child !== "object" || child === null) throw new Error(`${this.#path}: no element <${name}>`);
    return child as Element;
  }

  #text(element: Element, attribute: string): string {
    const text = element[attribute];
    if (typeof text === "string") return text;
    throw new Error(`${this.#path}: no attribute ${attribute} on ${JSON.stringify(element.name)}`);
  }
}

/** Resolves every expression, whatever file or order the names it refers to come in. */
function integers(symbols: readonly Symbols[]): Map<string, number> {
  const expressions = new Map(symbols.flatMap((file) => file.expressions()));
  const values = new Map<string, number>();
  const pending = new Set<string>();

  function resolve(name: string): number | undefined {
    const expression = expressions.get(name);
    if (values.has(name) || expression === undefined || pending.has(name)) return values.get(name);
    pending.add(name);
    const value = evaluate(expression, resolve);
    pending.delete(name);
    if (value !== undefined) values.set(name, value);
    return value;
  }

  for (const name of expressions.keys()) resolve(name);
  return values;
}

function byValueThenName(a: EnumMember, b: EnumMember): number {
  return a.value - b.value || (a.name < b.name ? -1 : 1);
}
