/**
 * libvirt keeps a dump of every struct's layout in memory beside its .x files, made from the compiled library. Ours
 * is printed in the same form and compared with it: what the parser misread would differ.
 */
import type { Declaration, Definition, Enum, Struct, Type, Union } from "./tree.js";

const cNames: Readonly<Record<string, string>> = {
  "unsigned int": "u_int",
  "unsigned char": "u_char",
  "unsigned short": "u_short",
  hyper: "int64_t",
  "unsigned hyper": "uint64_t",
  opaque: "char",
  string: "char *",
};

/**
 * Compares what was parsed with a dump's text; returns one line for each difference. `own` is what the dump's file
 * declares, all of which must be in it; `others` what it may have from the files that it includes.
 */
export function compareWithDump(
  own: readonly Definition[],
  others: readonly Definition[],
  dump: string,
): string[] {
  const wanted = readDump(dump);
  const parsed = new Map([...others, ...own].filter(hasLayout).map((one) => [one.name, normal(print(one))]));
  const differences: string[] = [];
  for (const [name, text] of wanted) {
    const mine = parsed.get(name);
    if (mine === undefined) differences.push(`${name}: in libvirt's dump only`);
    else if (mine !== text) differences.push(`${name}: ${mine}\n  but libvirt has ${text}`);
  }
  for (const { name } of own.filter(hasLayout)) {
    if (!wanted.has(name)) differences.push(`${name}: not in libvirt's dump`);
  }
  return differences;
}

function hasLayout(definition: Definition): definition is Struct | Union | Enum {
  return definition.kind === "struct" || definition.kind === "union" || definition.kind === "enum";
}

const normal = (text: string) => text.replace(/\s+/g, " ").trim();

function readDump(dump: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const match of dump.matchAll(/^(?:struct|enum) (\w+) \{[\s\S]*?^\};/gm))
    found.set(match[1]!, normal(match[0]));
  return found;
}

function print(definition: Struct | Union | Enum): string {
  switch (definition.kind) {
    case "struct":
      return `struct ${definition.name} { ${definition.fields.map(field).join(" ")} };`;
    case "enum":
      return `enum ${definition.name} { ${definition.members.map((one) => `${one.name} = ${one.value},`).join(" ")} };`;
    case "union": {
      const arms = definition.arms.map((arm) => (arm.declaration ? field(arm.declaration) : ""));
      const inner = `union { ${arms.join(" ")} } ${definition.name}_u;`;
      return `struct ${definition.name} { ${field(definition.discriminant)} ${inner} };`;
    }
  }
}

function field({ type, shape, name }: Declaration): string {
  const c = cType(type);
  switch (shape.kind) {
    case "one":
      return `${c} ${name};`;
    case "optional":
      return `${c} * ${name};`;
    case "fixed":
      return `${c} ${name}[${shape.length}];`;
    case "variable":
      if (type.kind === "string") return `char * ${name};`;
      return `struct { u_int ${name}_len; ${c} * ${name}_val; } ${name};`;
  }
}

function cType(type: Type): string {
  const name = type.kind === "string" || type.kind === "opaque" ? type.kind : type.name;
  return cNames[name] ?? name;
}
