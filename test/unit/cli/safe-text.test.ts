import { describe, expect, test } from "vitest";
import { printable, printableJson, withoutPasswords } from "../../../src/cli/safe-text.js";

describe("text for people to look at", () => {
  test.each([
    ["plain, with ümlauts, 漢字 and 🙂", "plain, with ümlauts, 漢字 and 🙂"],
    ["\u001b[31mred\u0007", "\\u{1b}[31mred\\u{7}"],
    ["a\nb\tc\u007f\u0085", "a\\u{a}b\\u{9}c\\u{7f}\\u{85}"],
    ["\u202egnp.exe\u200b\u2028\u2029", "\\u{202e}gnp.exe\\u{200b}\\u{2028}\\u{2029}"],
    ["\u{e0041}\ud800", "\\u{e0041}\\u{d800}"],
  ])("has nothing in it that a terminal acts on: %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test("is the same in JSON when it is read again", () => {
    const value = { "\u001bkey": ["\u009b31m", "\u{e0041}\ud800", "\u202e", "ü\n"] };
    const json = printableJson(value);
    expect(json).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}]/u);
    expect(JSON.parse(json)).toEqual(value);
  });

  test.each([
    ["qemu+ssh://root:pw@host/system", "qemu+ssh://root:***@host/system"],
    ["qemu+ssh://root%3apw@host/", "qemu+ssh://root:***@host/"],
    ["qemu+ssh://my%20name%3apw@host/", "qemu+ssh://my%20name:***@host/"],
    ["qemu+ssh://my%20name:pw@host/", "qemu+ssh://my%20name:***@host/"],
    ["qemu+ssh://root:p@w/x@host/", "qemu+ssh://root:***@host/"],
    ["see qemu://:pw@host/ and x://y:z@w/", "see qemu://:***@host/ and x://y:***@w/"],
    ["esx://host/?x=1&Password=pw&y=2", "esx://host/?x=1&Password=***&y=2"],
    ["esx://host/?of=x?token=a?b&y=2", "esx://host/?of=x?token=***&y=2"],
    ["esx://host/?my_token=pw#part", "esx://host/?my_token=***#part"],
    ["qemu+ssh://root@host:22/system?keyfile=/k", "qemu+ssh://root@host:22/system?keyfile=/k"],
    ["qemu+tls://[fe80::1]:16514/system", "qemu+tls://[fe80::1]:16514/system"],
  ])("shows no password of %s", (text, shown) => {
    expect(withoutPasswords(text)).toBe(shown);
  });

  test.each(["?passw", "//:", "@//:", "//%3a?secret", "&token "])(
    "is looked at in a moment, many times %j as well",
    (part) => {
      const text = part.repeat(300_000);
      expect(withoutPasswords(text)).toHaveLength(part === "@//:" ? "@//:***@//:".length : text.length);
    },
  );
});
