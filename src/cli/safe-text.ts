import { withoutPassword } from "../transport/uri-syntax.js";

const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Text with nothing in it that a terminal would act on, or that would pass for other text: what comes from far away
 * may hold both.
 */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** JSON that is safe to look at, too. */
export function printableJson(value: unknown): string {
  const lines = JSON.stringify(value, null, 2).split("\n");
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return lines
    .map((line) => line.replace(unsafe, (found) => found.split("").map(escaped).join("")))
    .join("\n");
}

const run = /[^\s?#]+/g;
const secretParameter =
  /([?&;][^?=&;\s]{0,64}?(?:passw|passphrase|secret|token|credential)[^?=&;\s]{0,64}=)[^&;#\s"]*/gi;

/**
 * Hides the passwords that people put into URIs, where libvirt never looks for them. What a daemon says may be made to
 * keep us busy, so that each expression reads any place a few times at the most.
 */
export function withoutPasswords(text: string): string {
  return text.replace(run, withoutPassword).replace(secretParameter, "$1***");
}
