import { describe, expect, test } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import { loadConfig, parseConfig } from "../../../src/transport/config.js";
import { fakeHost } from "./fake-host.js";

function value(text: string) {
  return parseConfig(`key = ${text}`, "test.conf").get("key");
}

describe("a configuration file", () => {
  test("holds strings, numbers and lists", () => {
    const config = parseConfig(
      [
        "# a comment",
        "",
        'double = "it\'s # no comment"',
        "  single='say \"hi\"' # a comment",
        'triple = """first',
        'second "quoted" line"""',
        "number=42;negative = -7 ; plus=+8",
        "list = [",
        '  "one=qemu:///system",',
        "  'two' , 3,",
        "]",
        "empty = []",
        'nothing = ""',
        "last = 1",
      ].join("\n"),
      "test.conf",
    );
    expect(config.get("double")).toBe("it's # no comment");
    expect(config.get("single")).toBe('say "hi"');
    expect(config.get("triple")).toBe('first\nsecond "quoted" line');
    expect(config.get("number")).toBe(42n);
    expect(config.get("negative")).toBe(-7n);
    expect(config.get("plus")).toBe(8n);
    expect(config.get("list")).toEqual(["one=qemu:///system", "two", 3n]);
    expect(config.get("empty")).toEqual([]);
    expect(config.get("nothing")).toBe("");
    expect(config.get("last")).toBe(1n);
    expect(config.get("missing")).toBeUndefined();
  });

  test.each([
    ["", undefined],
    ["\n\n  \t\r\n", undefined],
    ["# only this", undefined],
    ['key = "a"\r\nother = "b"\r\n', "a"],
    ['key = "first"\nkey = "second"', "first"],
    ["key=''", ""],
    ['key=""""""', ""],
    ['key = """"quoted" so"""', '"quoted" so'],
    ["key = 9223372036854775807", 9223372036854775807n],
    ['key = "a \\ b"', "a \\ b"],
  ])("%j", (text, expected) => {
    expect(parseConfig(text, "test.conf").get("key")).toEqual(expected);
  });

  test.each([
    ["key", 1, /= was expected after key/],
    ["\n\n= 5", 3, /name of a setting/],
    ["9key = 5", 1, /name of a setting/],
    ["key =", 1, /string in quotes, a number or a list/],
    ["a = 1\nkey = value", 2, /string in quotes/],
    ["key = -", 1, /string in quotes/],
    ['a = 1\n\nkey = "abc\n"', 3, /not closed/],
    ["key = 'abc", 1, /not closed/],
    ['key = """abc\n\n', 1, /not closed/],
    ['key = """a"""b', 1, /should end here/],
    ["key = 1 2", 1, /should end here/],
    ["key = 1 other = 2", 1, /should end here/],
    ["key = 9223372036854775808", 1, /too large/],
    ["key = 99999999999999999999999999999", 1, /too large/],
    ['key = [\n"a"\n"b"\n]', 3, /comma or its \]/],
    ['key = ["a"', 1, /comma or its \]/],
    ["key = [", 1, /string in quotes/],
    ["key = [,]", 1, /string in quotes/],
    ['key = [\n  ["a"]]', 2, /string in quotes/],
    [`key = ${"[".repeat(100_000)}`, 1, /string in quotes/],
    ['a = """x\ny"""\nb', 3, /= was expected/],
    ["\uFEFFkey = 1", 1, /name of a setting/],
    ["key = 1\0", 1, /should end here/],
  ])("%j is refused with its line", (text, line, why) => {
    const parse = () => parseConfig(text, "/etc/libvirt/libvirt.conf");
    expect(parse).toThrow(ConnectionError);
    expect(parse).toThrow(why);
    expect(parse).toThrow(`/etc/libvirt/libvirt.conf:${line}: `);
  });

  test("says which setting has the wrong kind of value", () => {
    const config = parseConfig("text = 'a'\nnumber = 1\nlist = ['a', 'b']\nmixed = ['a', 1]", "my.conf");
    expect(config.string("text")).toBe("a");
    expect(config.string("missing")).toBeUndefined();
    expect(config.strings("list")).toEqual(["a", "b"]);
    expect(config.strings("missing")).toEqual([]);
    expect(() => config.string("number")).toThrow("my.conf: number has to be a string");
    expect(() => config.string("list")).toThrow("my.conf: list has to be a string");
    expect(() => config.strings("text")).toThrow("my.conf: text has to be a list of strings");
    expect(() => config.strings("mixed")).toThrow("my.conf: mixed has to be a list of strings");
  });

  test("keeps backslashes, for libvirt knows no escapes", () => {
    expect(value("'\\n'")).toBe("\\n");
  });
});

describe("libvirt.conf", () => {
  const files = {
    "/etc/libvirt/libvirt.conf": "who = 'system'",
    "/home/me/.config/libvirt/libvirt.conf": "who = 'home'",
    "/xdg/libvirt/libvirt.conf": "who = 'xdg'",
  };

  test.each([
    [0, { HOME: "/home/me" }, "system"],
    [1000, { HOME: "/home/me" }, "home"],
    [1000, { HOME: "/home/me", XDG_CONFIG_HOME: "" }, "home"],
    [1000, { HOME: "/home/me", XDG_CONFIG_HOME: "/xdg" }, "xdg"],
    [0, { XDG_CONFIG_HOME: "/xdg" }, "system"],
    [1000, { HOME: "/home/other" }, undefined],
  ])("of uid %d with %j", async (uid, env, who) => {
    expect((await loadConfig(fakeHost({ uid, env, files }))).string("who")).toBe(who);
  });

  test("that exists but cannot be read is an error that names it", async () => {
    const host = {
      ...fakeHost({ uid: 0 }),
      readFile: () => Promise.reject(new Error("EIO: i/o error")),
    };
    await expect(loadConfig(host)).rejects.toThrow(ConnectionError);
    await expect(loadConfig(host)).rejects.toThrow("Cannot read /etc/libvirt/libvirt.conf: EIO");
  });
});
