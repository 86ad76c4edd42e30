import { describe, expect, test } from "vitest";
import { parseUri, uriParameters } from "../../../src/transport/uri.js";
import { suspicion, suspiciousParameters } from "../../../src/transport/uri-suspects.js";

const suspects = (query: string) => suspiciousParameters(parseUri(`qemu+tls://host/system?${query}`));

describe("a parameter that looks like", () => {
  test.each([
    ["pki_path", "pkipath"],
    ["pki-path", "pkipath"],
    ["PkiPath_", "pkipath"],
    ["keyfille", "keyfile"],
    ["keyflie", "keyfile"],
    ["key_file", "keyfile"],
    ["ekyfile", "keyfile"],
    ["noverify", "no_verify"],
    ["no-verify", "no_verify"],
    ["no_verfy", "no_verify"],
    ["no_tyt", "no_tty"],
    ["sokcet", "socket"],
    ["sockets", "socket"],
    ["mod", "mode"],
    ["names", "name"],
    ["proxi", "proxy"],
    ["auth_file", "authfile"],
    ["tlspriority", "tls_priority"],
    ["knownhosts", "known_hosts"],
    ["known_host_verify", "known_hosts_verify"],
    ["ssh_auth", "sshauth"],
  ])("%s is taken for %s", (name, meant) => {
    expect(suspects(`${name}=x`)).toEqual([{ name, meant }]);
  });

  test.each([
    "root",
    "transport",
    "vcenter",
    "auto_answer",
    "tlsPort",
    "tlsSubject",
    "foo",
    "x",
    "%C3%A9",
    "certfile",
  ])("none of the client's is not suspicious: %s", (name) => {
    expect(suspects(`${name}=x`)).toEqual([]);
  });

  test("one of the client's and is that one is not suspicious either", () => {
    for (const name of uriParameters.filter((each) => each !== "mode" && each !== "proxy")) {
      const values: Record<string, string> = { known_hosts_verify: "auto", sshauth: "agent", auth: "sasl" };
      const value = values[name] ?? (name.startsWith("no_") ? "1" : "x");
      expect(suspects(`${name}=${value}`)).toEqual([]);
    }
  });
});

test("a suspicious parameter is named once, and travels on", () => {
  const uri = parseUri("qemu+tls://host/system?pki_path=/a&pki_path=/b&other=1");
  expect(suspiciousParameters(uri)).toEqual([{ name: "pki_path", meant: "pkipath" }]);
  expect(uri.nameForDaemon).toBe("qemu:///system?pki_path=%2Fa&pki_path=%2Fb&other=1");
});

test("what is told of it has both names, and no value", () => {
  const [suspect] = suspects("key%1bfile=s3cret");
  expect(suspicion(suspect!)).toBe(
    'There is no URI parameter "key\\u001bfile" that this client knows, so the daemon gets it: is keyfile meant?',
  );
});

test("a name as long as a URI takes no time", () => {
  expect(suspects(`${"keyfile".repeat(100_000)}=x`)).toEqual([]);
});
