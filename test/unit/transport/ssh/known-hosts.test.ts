import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  checkHostKey,
  describeKey,
  keyType,
  knownHostsLine,
  knownKeyTypes,
  parseKnownHosts,
} from "../../../../src/transport/ssh/known-hosts.js";

function key(type: string, content: string): Buffer {
  const parts = [type, content].map((part) => Buffer.from(part));
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}

const one = key("ssh-ed25519", "one");
const two = key("ssh-ed25519", "two");
const rsa = key("ssh-rsa", "three");
const text = (value: Buffer) => `${keyType(value)} ${value.toString("base64")}`;
const hashed = (name: string) => {
  const salt = Buffer.from("salt salt salt salt!");
  const hash = createHmac("sha1", salt).update(name).digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
};
const verdict = (file: string, host: string, port: number, shown: Buffer) =>
  checkHostKey(parseKnownHosts(file, "file"), host, port, shown).is;

describe("a server is known", () => {
  test.each([
    ["by its name", "host", "host", 22],
    ["in any letters", "HoSt", "hOsT", 22],
    ["among others", "other,host,10.0.0.1", "host", 22],
    ["by its address", "other,host,::1", "::1", 22],
    ["by name and port", "[host]:2222", "host", 2222],
    ["as libssh2 writes it", "[host]:22", "host", 22],
    ["by its name with any port", "host", "host", 2222],
    ["by a pattern", "*.example.org", "a.b.example.org", 22],
    ["by a pattern for one letter", "host?", "host1", 22],
    ["by a pattern with a port", "[*.example.org]:22?2", "a.example.org", 2222],
    ["by a pattern with another left out", "!c*,*.example.org", "a.example.org", 22],
    ["by its name's hash", hashed("host"), "host", 22],
    ["by the hash of name and port", hashed("[host]:2222"), "host", 2222],
  ])("%s", (_, names, host, port) => {
    expect(verdict(`${names} ${text(one)} a comment\n`, host, port, one)).toBe("known");
  });

  test("by any of several keys, whatever stands around them", () => {
    const file = `# a comment\n\n  host ${text(two)}\r\nhost\t${text(rsa)}\nhost ${text(one)}`;
    for (const shown of [one, two, rsa]) expect(verdict(file, "host", 22, shown)).toBe("known");
    expect(knownKeyTypes(parseKnownHosts(file, "file"), "host", 22)).toEqual(["ssh-ed25519", "ssh-rsa"]);
  });

  test("by the line that we write", () => {
    for (const [host, port] of [
      ["host", 22],
      ["host", 2222],
      ["::1", 22],
      ["::1", 2222],
    ] as const) {
      const line = knownHostsLine(host, port, one);
      expect(line.endsWith("\n")).toBe(true);
      expect(verdict(line, host, port, one)).toBe("known");
      expect(verdict(line, host, port, two)).toBe("changed");
    }
    expect(knownHostsLine("host", 22, one)).toBe(`host ${text(one)}\n`);
    expect(knownHostsLine("host", 2222, one)).toBe(`[host]:2222 ${text(one)}\n`);
  });
});

describe("a server is unknown", () => {
  test.each([
    ["of another name", "hos,ost,hostx", "host", 22],
    ["of another port", "[host]:2222", "host", 22],
    ["left out by a pattern", "*.example.org,!c*", "c.example.org", 22],
    ["whose dots are no patterns", "a.c", "abc", 22],
    ["in a comment", "#host", "host", 22],
    ["of another hash", hashed("hosT"), "host", 22],
    ["of a broken hash", "|1|c2FsdA==|", "host", 22],
    ["of a hash of another kind", hashed("host").replace("|1|", "|2|"), "host", 22],
    ["behind a mark that nobody knows", "@strange host", "host", 22],
  ])("%s", (_, names, host, port) => {
    expect(verdict(`${names} ${text(one)}\n`, host, port, one)).toBe("unknown");
  });

  test.each([
    "host",
    "host ssh-ed25519",
    "host ssh-ed25519 AAAA",
    "host ssh-ed25519 ####",
    `host ssh-rsa ${one.toString("base64")}`,
    "\0\xff",
  ])("in the line %j, which is none", (line) => {
    expect(parseKnownHosts(line, "file")).toEqual([]);
  });

  test("but for an authority, which is told", () => {
    const known = parseKnownHosts(`\n@cert-authority *.example.org ${text(two)}\n`, "file");
    for (const shown of [one, two]) {
      const result = checkHostKey(known, "a.example.org", 22, shown);
      expect(result).toMatchObject({ is: "unknown", authority: { place: "file:2" } });
    }
    expect(knownKeyTypes(known, "a.example.org", 22)).toEqual([]);
  });

  test("with a port, where only another server's key is known of the host", () => {
    expect(verdict(`host ${text(two)}\n`, "host", 2222, one)).toBe("unknown");
  });
});

describe("a server", () => {
  test("has changed where another key is known, of whatever type", () => {
    const known = parseKnownHosts(`other ${text(one)}\nhost ${text(two)}\n`, "file");
    for (const shown of [one, rsa]) {
      expect(checkHostKey(known, "host", 22, shown)).toMatchObject({
        is: "changed",
        known: { place: "file:2", key: two },
      });
    }
  });

  test("has a revoked key, whether it is known or not", () => {
    const mark = `@revoked * ${text(one)}\n`;
    for (const file of [mark, `host ${text(one)}\n${mark}`, `${mark}host ${text(two)}\n`]) {
      expect(verdict(file, "host", 22, one)).toBe("revoked");
      expect(verdict(file, "host", 2222, one)).toBe("revoked");
    }
    expect(verdict(`host ${text(two)}\n${mark}`, "host", 22, two)).toBe("known");
    expect(verdict(`@revoked other ${text(one)}\n`, "host", 22, one)).toBe("unknown");
  });
});

test("a key is described as ssh-keygen does it", () => {
  const base64 = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
  expect(describeKey(Buffer.from(base64, "base64"))).toBe(
    "ssh-ed25519 SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA",
  );
});

test.each([[""], ["AAA"], ["AAAAIA=="], ["/////w=="]])("bytes that are no key have no type: %j", (base64) => {
  expect(keyType(Buffer.from(base64, "base64"))).toBe("");
});
