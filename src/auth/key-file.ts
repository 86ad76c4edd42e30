import { AuthenticationError } from "../errors.js";

/** Groups of keys with values, in the format of GLib's key files. */
export type KeyFile = ReadonlyMap<string, ReadonlyMap<string, string>>;

// GLib knows ASCII's white space alone.
const blank = /^[ \t\v\f\r]*(#.*)?$/s;
const heading = /^[ \t\v\f\r]*\[([^[\]\p{Cc}]+)\][ \t\v\f\r]*$/u;
const entry = /^[ \t\v\f\r]*([^= \t\v\f\r](?:[^=]*[^= \t\v\f\r])?)[ \t\v\f\r]*=[ \t\v\f\r]*(.*)$/s;

const escapes: Readonly<Record<string, string>> = { s: " ", n: "\n", t: "\t", r: "\r", "\\": "\\" };

/**
 * Parses a file's text; `file` is for the errors, which give the line's number and nothing of it: there may be a secret
 * in it. Groups of one name count as one, and of a repeated key the last value counts.
 */
export function parseKeyFile(text: string, file: string): KeyFile {
  const groups = new Map<string, Map<string, string>>();
  let group: Map<string, string> | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (blank.test(line)) continue;
    const fail = (why: string) => new AuthenticationError(`${file}:${index + 1}: ${why}`);
    const name = heading.exec(line)?.[1];
    if (name !== undefined) {
      group = groups.get(name) ?? new Map();
      groups.set(name, group);
      continue;
    }
    const [, key, value] = entry.exec(line) ?? [];
    if (key === undefined || value === undefined || key.startsWith("["))
      throw fail("this line is neither [GROUP] nor KEY=VALUE");
    if (!group) throw fail("a [GROUP] has to come first");
    group.set(key, unescaped(value));
  }
  return groups;
}

/** An escape that there is not stands for itself; a backslash at the end, for nothing. */
function unescaped(value: string): string {
  return value.replace(/\\(.?)/gs, (whole, letter: string) =>
    letter === "" ? "" : (escapes[letter] ?? whole),
  );
}
