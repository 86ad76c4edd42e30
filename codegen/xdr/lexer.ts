/** Cuts a .x file into tokens. Comments are kept: libvirt's carry annotations that the wire depends on. */

export type TokenKind = "word" | "number" | "punctuation" | "comment" | "passthrough" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** A comment's text comes without its marks, a `%` line's without the percent sign. */
  readonly text: string;
  readonly line: number;
}

const patterns: readonly (readonly [TokenKind | "space", RegExp])[] = [
  ["space", /\s+/y],
  ["passthrough", /%([^\n]*)/y],
  ["comment", /\/\*([\s\S]*?)\*\//y],
  ["comment", /\/\/([^\n]*)/y],
  ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["number", /-?(?:0[xX][0-9a-fA-F]+|[0-9]+)/y],
  ["punctuation", /[{}[\]()<>;:,=*]/y],
];

export function tokenize(source: string, file: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let line = 1;
  while (position < source.length) {
    const [kind, match] = nextMatch(source, position, `${file}:${line}`);
    if (kind !== "space") tokens.push({ kind, text: match[1] ?? match[0], line });
    line += match[0].split("\n").length - 1;
    position += match[0].length;
  }
  tokens.push({ kind: "end", text: "the end of the file", line });
  return tokens;
}

function nextMatch(source: string, position: number, where: string): [TokenKind | "space", RegExpExecArray] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position;
    const match = pattern.exec(source);
    if (match) return [kind, match];
  }
  throw new SyntaxError(`${where}: unexpected ${JSON.stringify(source[position])}`);
}
