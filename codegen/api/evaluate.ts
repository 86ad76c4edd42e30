/** Gives the integer that a name stands for, or undefined if it stands for none. */
export type Lookup = (name: string) => number | undefined;

const token = /\s*(?:\/\*.*?\*\/\s*)*(0[xX][0-9a-fA-F]+|\d+|\w+|<<|[-+*|()])/sy;
const trailer = /^\s*(?:\/\*.*?\*\/\s*)*$/s;
const literal = /^(0[xX][0-9a-fA-F]+|\d+)$/;
const suffix = /^[uUlL]+$/;

/**
 * The value of a C constant expression as far as libvirt's headers go: integers, names, `+ - * << |`, unary minus,
 * brackets and comments. Undefined for anything else (a cast, a call, a name without a value).
 */
export function evaluate(expression: string, lookup: Lookup): number | undefined {
  const tokens = tokenize(expression);
  if (tokens === undefined) return undefined;
  let position = 0;

  function accept(text: string): boolean {
    if (tokens![position] !== text) return false;
    position++;
    return true;
  }

  /** Left-associative operators of one level, the tighter levels below it. */
  function level(operators: Readonly<Record<string, Operator>>, operand: () => number): number {
    let left = operand();
    for (;;) {
      const operator = operators[tokens![position] ?? ""];
      if (operator === undefined) return left;
      position++;
      left = operator(left, operand());
    }
  }

  const or = (): number => level({ "|": (a, b) => Number(BigInt(a) | BigInt(b)) }, shift);
  const shift = (): number => level({ "<<": (a, b) => a * 2 ** b }, sum);
  const sum = (): number => level({ "+": (a, b) => a + b, "-": (a, b) => a - b }, product);
  const product = (): number => level({ "*": (a, b) => a * b }, unary);

  function unary(): number {
    if (accept("-")) return -unary();
    if (accept("(")) {
      const value = or();
      return accept(")") ? value : Number.NaN;
    }
    const text = tokens![position++] ?? "";
    if (!literal.test(text)) return lookup(text) ?? Number.NaN;
    if (suffix.test(tokens![position] ?? "")) position++;
    return Number(text);
  }

  const value = or();
  return position === tokens.length && Number.isSafeInteger(value) ? value : undefined;
}

type Operator = (left: number, right: number) => number;

function tokenize(expression: string): string[] | undefined {
  const tokens: string[] = [];
  let end = 0;
  token.lastIndex = 0;
  for (let match = token.exec(expression); match !== null; match = token.exec(expression)) {
    tokens.push(match[1]!);
    end = token.lastIndex;
  }
  return trailer.test(expression.slice(end)) ? tokens : undefined;
}
