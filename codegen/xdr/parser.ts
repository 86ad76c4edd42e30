/** Recursive descent over the .x language: one method for each rule of the grammar. */
import { type Token, tokenize } from "./lexer.js";
import type {
  Annotation,
  Const,
  Declaration,
  Definition,
  Enum,
  EnumMember,
  Scalar,
  Shape,
  Struct,
  Type,
  Typedef,
  Union,
  UnionArm,
  Value,
} from "./tree.js";

export function parse(source: string, file: string): Definition[] {
  return new Parser(tokenize(source, file), file).file();
}

const scalarWords = new Set(["int", "hyper", "short", "char", "float", "double", "bool", "unsigned"]);
const sizedWords = new Set(["int", "hyper", "short", "char"]);
const noShape: Shape = { kind: "one" };

class Parser {
  readonly #tokens: readonly Token[];
  readonly #file: string;
  #index = 0;

  constructor(tokens: readonly Token[], file: string) {
    this.#tokens = tokens;
    this.#file = file;
  }

  file(): Definition[] {
    const definitions: Definition[] = [];
    while (this.#peek().kind !== "end") definitions.push(this.#definition());
    return definitions;
  }

  #definition(): Definition {
    const token = this.#next();
    if (token.kind === "passthrough") return { kind: "passthrough", text: token.text };
    switch (token.text) {
      case "const":
        return this.#const();
      case "enum":
        return this.#enum();
      case "typedef":
        return this.#typedef();
      case "struct":
        return this.#struct();
      case "union":
        return this.#union();
      default:
        throw this.#unexpected(token, "a definition");
    }
  }

  #const(): Const {
    const name = this.#word("a constant's name");
    this.#expect("=");
    const value = this.#value();
    this.#expect(";");
    return { kind: "const", name, value };
  }

  #enum(): Enum {
    const name = this.#word("an enum's name");
    this.#expect("{");
    const members: EnumMember[] = [];
    do {
      // What stands before a member speaks of it, such as a procedure's @generate.
      const annotations = this.#annotations();
      if (this.#accept("}")) return this.#ended({ kind: "enum", name, members });
      const member = this.#word("a member's name");
      this.#expect("=");
      members.push({ name: member, value: this.#value(), annotations });
    } while (this.#accept(","));
    this.#expect("}");
    return this.#ended({ kind: "enum", name, members });
  }

  #typedef(): Typedef {
    const declaration = this.#declaration();
    return { kind: "typedef", name: declaration.name, declaration };
  }

  #struct(): Struct {
    const name = this.#word("a struct's name");
    const opening = this.#expect("{");
    const annotations = this.#annotations(opening.line);
    const fields: Declaration[] = [];
    for (;;) {
      if (this.#accept("}")) return this.#ended({ kind: "struct", name, fields, annotations });
      fields.push(this.#declaration());
    }
  }

  #union(): Union {
    const name = this.#word("a union's name");
    if (this.#word("switch") !== "switch") throw this.#unexpected(this.#previous(), "switch");
    this.#expect("(");
    const type = this.#type();
    const discriminant = { name: this.#word("a name"), type, shape: noShape, annotations: [] };
    this.#expect(")");
    this.#expect("{");
    const arms: UnionArm[] = [];
    let otherwise: UnionArm | undefined;
    for (;;) {
      if (this.#accept("}")) return this.#ended({ kind: "union", name, discriminant, arms, otherwise });
      if (this.#accept("default")) {
        this.#expect(":");
        otherwise = { cases: [], declaration: this.#armDeclaration() };
      } else {
        const cases = this.#cases();
        arms.push({ cases, declaration: this.#armDeclaration() });
      }
    }
  }

  #cases(): Value[] {
    const cases: Value[] = [];
    do {
      this.#expect("case");
      cases.push(this.#value());
      this.#expect(":");
    } while (this.#peek().text === "case");
    return cases;
  }

  #armDeclaration(): Declaration | undefined {
    if (!this.#accept("void")) return this.#declaration();
    this.#expect(";");
    return undefined;
  }

  /** A type, a name, and around the name what says how often: `*name`, `name[3]`, `name<3>`. */
  #declaration(): Declaration {
    const type = this.#type();
    const optional = this.#accept("*");
    const name = this.#word("a name");
    const shape = optional ? { kind: "optional" as const } : this.#shape();
    const semicolon = this.#expect(";");
    // Only what stands on the same line speaks of this declaration; what follows introduces the next.
    return { name, type, shape, annotations: this.#annotations(semicolon.line) };
  }

  #shape(): Shape {
    if (this.#accept("[")) {
      const length = this.#value();
      this.#expect("]");
      return { kind: "fixed", length };
    }
    if (this.#accept("<")) {
      const max = this.#peek().text === ">" ? undefined : this.#value();
      this.#expect(">");
      return { kind: "variable", max };
    }
    return noShape;
  }

  #type(): Type {
    const word = this.#word("a type");
    if (word === "string" || word === "opaque") return { kind: word };
    if (word === "struct" || word === "enum" || word === "union") {
      return { kind: "named", name: this.#word("a type's name") };
    }
    if (!scalarWords.has(word)) return { kind: "named", name: word };
    if (word !== "unsigned") return { kind: "scalar", name: word as Scalar };
    const sized = sizedWords.has(this.#peek().text) ? this.#next().text : "int";
    return { kind: "scalar", name: `unsigned ${sized}` as Scalar };
  }

  #value(): Value {
    const token = this.#next();
    if (token.kind === "word") return token.text;
    // A leading zero means octal, as in C; to Number it means nothing.
    const number = token.kind === "number" ? Number(token.text.replace(/\b0(?=\d)/, "0o")) : Number.NaN;
    if (!Number.isNaN(number)) return number;
    throw this.#unexpected(token, "a number or a constant's name");
  }

  #ended<T>(definition: T): T {
    this.#expect(";");
    return definition;
  }

  /** Takes the comments that stand here, or only those that begin on `line`, and reads what they say. */
  #annotations(line?: number): Annotation[] {
    return this.#comments(line).flatMap(readAnnotations);
  }

  #comments(line?: number): string[] {
    const texts: string[] = [];
    for (;;) {
      const token = this.#tokens[this.#index]!;
      if (token.kind !== "comment" || (line !== undefined && token.line !== line)) return texts;
      texts.push(token.text);
      this.#index++;
    }
  }

  /** The next token that is no comment. */
  #peek(): Token {
    let index = this.#index;
    while (this.#tokens[index]!.kind === "comment") index++;
    return this.#tokens[index]!;
  }

  #next(): Token {
    this.#comments();
    return this.#tokens[this.#index++]!;
  }

  #previous(): Token {
    return this.#tokens[this.#index - 1]!;
  }

  #word(what: string): string {
    const token = this.#next();
    if (token.kind !== "word") throw this.#unexpected(token, what);
    return token.text;
  }

  #accept(text: string): boolean {
    if (this.#peek().text !== text) return false;
    this.#next();
    return true;
  }

  #expect(text: string): Token {
    const token = this.#next();
    if (token.text !== text) throw this.#unexpected(token, `"${text}"`);
    return token;
  }

  #unexpected(token: Token, wanted: string): SyntaxError {
    return new SyntaxError(`${this.#file}:${token.line}: ${wanted} is wanted, not ${token.text}`);
  }
}

/** `@name: value` on a line of its own (procedures), or `name@value` (structs and fields). */
function readAnnotations(comment: string): Annotation[] {
  const annotations: Annotation[] = [];
  for (const raw of comment.split("\n")) {
    const line = raw.replace(/^[\s*]+/, "").trim();
    const match = /^@(\w+):?\s*(.*)$/.exec(line) ?? /^(insert|alloc)@(.*)$/.exec(line);
    if (match) annotations.push({ name: match[1]!, value: match[2]! });
  }
  return annotations;
}
