import { ConnectionError } from "../errors.js";
import { type Host, userConfigDirectory } from "./host.js";

/** A value in a configuration file. Lists hold strings and numbers, never lists. */
export type ConfigValue = string | bigint | readonly (string | bigint)[];

/** A configuration file in libvirt's own syntax, with the errors of its readers bearing its name. */
export class Config {
  readonly file: string;
  /** Whether there is such a file; without it nothing is set. */
  readonly found: boolean;
  readonly #values: ReadonlyMap<string, ConfigValue>;

  constructor(file: string, values: ReadonlyMap<string, ConfigValue> | undefined) {
    this.file = file;
    this.found = values !== undefined;
    this.#values = values ?? new Map();
  }

  /** The names of what is set. */
  get keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  get(key: string): ConfigValue | undefined {
    return this.#values.get(key);
  }

  string(key: string): string | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === "string") return value;
    throw new ConnectionError(`${this.file}: ${key} has to be a string`);
  }

  strings(key: string): readonly string[] {
    const value = this.get(key) ?? [];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    throw new ConnectionError(`${this.file}: ${key} has to be a list of strings`);
  }
}

/** Reads a client's configuration: root's is the system's, everyone else's their own, and it need not exist. */
export async function loadConfig(host: Host, name = "libvirt.conf"): Promise<Config> {
  const file = `${host.uid === 0 ? "/etc/libvirt" : userConfigDirectory(host)}/${name}`;
  let text: string | undefined;
  try {
    text = await host.readFile(file);
  } catch (cause) {
    throw new ConnectionError(`Cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
  return text === undefined ? new Config(file, undefined) : parseConfig(text, file);
}

const blanks = /[ \t]*/y;
const blanksAndLines = /[ \t\r\n]*/y;
const comment = /#[^\r\n]*/y;
const name = /[A-Za-z][A-Za-z0-9_]*/y;
const equals = /=/y;
const separator = /[\r\n;]/y;
const quoted = /"""(.*?)"""|'([^'\r\n]*)'|"(?!"")([^"\r\n]*)"/sy;
const quote = /["']/y;
const integer = /[+-]?\d+/y;
const listStart = /\[/y;
const listEnd = /\]/y;
const comma = /,/y;

/** Parses a file's text; `file` is for the error messages. Of a repeated setting the first counts. */
export function parseConfig(text: string, file: string): Config {
  const values = new Map<string, ConfigValue>();
  let at = 0;

  /** Moves past what the pattern matches here, and returns its match. */
  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  }

  function fail(why: string): never {
    const line = text.slice(0, at).split("\n").length;
    throw new ConnectionError(`${file}:${line}: ${why}`);
  }

  function scalar(): string | bigint {
    const string = take(quoted);
    if (string) return string[1] ?? string[2] ?? string[3] ?? "";
    if (take(quote)) fail("this string is not closed");
    const number = take(integer);
    if (!number) fail("a string in quotes, a number or a list was expected");
    const value = BigInt(number[0].replace("+", ""));
    if (BigInt.asIntN(64, value) !== value) fail("this number is too large");
    return value;
  }

  function list(): (string | bigint)[] {
    const items: (string | bigint)[] = [];
    take(blanksAndLines);
    while (!take(listEnd)) {
      items.push(scalar());
      take(blanksAndLines);
      if (take(comma)) take(blanksAndLines);
      else if (!take(listEnd)) fail("this list needs a comma or its ]");
      else break;
    }
    return items;
  }

  function setting(): void {
    const key = take(name);
    if (!key) fail("the name of a setting was expected");
    take(blanks);
    if (!take(equals)) fail(`a = was expected after ${key[0]}`);
    take(blanks);
    const value = take(listStart) ? list() : scalar();
    if (!values.has(key[0])) values.set(key[0], value);
  }

  for (take(blanksAndLines); at < text.length; take(blanksAndLines)) {
    if (!take(comment)) {
      setting();
      take(blanks);
      take(comment);
      if (at < text.length && !take(separator)) fail("the setting should end here");
    }
  }
  return new Config(file, values);
}
