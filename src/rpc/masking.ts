/** What must not be seen of the values that are called with, answered and reported: secrets, wherever they may be. */
import { inspect } from "node:util";

/** The fields that are secrets, by their procedures, in calls and in replies. */
const secretFields: Readonly<Record<string, readonly string[]>> = {
  REMOTE_PROC_AUTH_SASL_START: ["data"],
  REMOTE_PROC_AUTH_SASL_STEP: ["data"],
  REMOTE_PROC_SECRET_SET_VALUE: ["value"],
  REMOTE_PROC_SECRET_GET_VALUE: ["value"],
  REMOTE_PROC_DOMAIN_SET_USER_PASSWORD: ["password"],
  // What is typed may be a password.
  REMOTE_PROC_DOMAIN_SEND_KEY: ["keycodes"],
};

/** Part of the names of typed parameters, of attributes, elements and settings that are secrets. */
const secretName = "passw|passphrase|pass(?![a-z])|secret|token|ticket|credential|cookie|private.?key";

/** Members of QEMU's and its agent's messages that are secrets, or hold what may be: files, input and output. */
const secretMember = new RegExp(`${secretName}|key|^(buf-b64|input-data|out-data|err-data|arg|env)$`, "i");

/** Commands of QEMU's monitor for people that may have a secret among their arguments. */
const secretCommand = /pass|secret|token|key/i;

/** An attribute's value that is such a name. */
const given = `\\s{0,64}=\\s{0,64}["'][^"']{0,100}(?:${secretName})[^"']{0,100}["']`;

/**
 * Replacements in texts: XML, command lines, URIs. How far each looks is bounded, or a text made for it, or a long one of
 * letters alone, would take hours.
 */
const inTexts: readonly (readonly [RegExp, string])[] = [
  // passwd="…"
  [new RegExp(`((?:${secretName})[\\w.-]{0,64}\\s{0,64}=\\s{0,64})("[^"]*"|'[^']*')`, "gi"), '$1"***"'],
  // <password>…</password>
  [
    new RegExp(`(<[\\w:.-]{0,64}(?:${secretName})[\\w:.-]{0,64}(?:\\s[^<>]*)?>)\\s*[^<\\s][^<]*`, "gi"),
    "$1***",
  ],
  // <env name="TOKEN" value="…"/>, <entry name="password">…</entry>
  [new RegExp(`(name${given}\\s{1,64}value\\s{0,64}=\\s{0,64})("[^"]*"|'[^']*')`, "gi"), '$1"***"'],
  [new RegExp(`(name${given}[^<>]{0,500}(?<!/)>)[^<]+`, "gi"), "$1***"],
  // password=…, and the data of QEMU's objects for secrets
  [new RegExp(`((?:${secretName})[\\w.-]{0,64}=)[^\\s,;&"'<>]+`, "gi"), "$1***"],
  [/(\bsecret\b[^\s"'<>]{0,200}\bdata=)[^\s,"'<>]+/gi, "$1***"],
  // user:password@
  [/(\/\/(?:(?!%3a)[^\s/:@"'<>])*(?::|%3a))[^\s/@"'<>]*@/gi, "$1***@"],
];

/** Longer texts and lists are cut. */
const longestText = 2000;
const longestList = 20;

/** Looks like that where it is printed. */
const printedAs = (text: string) => ({ [inspect.custom]: () => text });

const mask = printedAs("***");

/** A value of a procedure's, as it may be shown. Of bytes nothing is shown but how many there are. */
export function masked(procedure: string, value: unknown): unknown {
  if (typeof value === "string") return shortened(maskedText(value));
  if (value instanceof Uint8Array) return printedAs(`<${value.length} bytes>`);
  if (Array.isArray(value)) {
    const shown = value.slice(0, longestList).map((each) => masked(procedure, each));
    return value.length > longestList ? [...shown, printedAs(`… ${value.length - longestList} more`)] : shown;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, maskedMember(procedure, value, name, member)]),
  );
}

function maskedMember(procedure: string, owner: object, name: string, member: unknown): unknown {
  if (secretFields[procedure]?.includes(name) && member !== null) return mask;
  if (name === "uuid" && member instanceof Uint8Array) return printedAs(Buffer.from(member).toString("hex"));
  // A typed parameter.
  if (name === "value" && "field" in owner && new RegExp(secretName, "i").test(String(owner.field)))
    return mask;
  if (name === "cmd" && typeof member === "string" && isForPeople(procedure, member)) {
    return secretCommand.test(member) ? `${/^\s*\S*/.exec(member)} ***` : member;
  }
  return masked(procedure, member);
}

/** Whether a command for QEMU's monitor is in words, and not JSON. */
function isForPeople(procedure: string, command: string): boolean {
  return procedure.startsWith("QEMU_PROC_DOMAIN_MONITOR_COMMAND") && !looksLikeJSON(command);
}

const looksLikeJSON = (text: string) => /^\s*(\{|\[\s*[{"'])/.test(text);

/** A text without the secrets in it. */
export function maskedText(text: string): string {
  if (looksLikeJSON(text)) return maskedJSON(text);
  return inTexts.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}

function maskedJSON(text: string): string {
  const holdsSecret = /"qom-type"\s*:\s*"(tls-creds|secret)/.test(text);
  const isSecret = (name: string) => secretMember.test(name) || (holdsSecret && name === "data");
  try {
    return JSON.stringify(
      JSON.parse(text, (name, value: unknown) => {
        if (isSecret(name)) return "***";
        return typeof value === "string" ? maskedText(value) : value;
      }),
    );
  } catch {
    // QEMU takes more for JSON than JSON.parse does.
    return "***";
  }
}

function shortened(text: string): string {
  return text.length > longestText
    ? `${text.slice(0, longestText)}… ${text.length - longestText} more`
    : text;
}
