import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type AuthConfQuery, loadAuthConf } from "../../../src/auth/auth-conf.js";
import { AuthenticationError } from "../../../src/errors.js";

let directory: string;
let query: AuthConfQuery;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-auth-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, "user"));
  query = { service: "libvirt", hostname: "host", userDirectory: join(directory, "user") };
});

async function file(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

const forHost = (host: string, password: string) =>
  `[credentials-${host}]\npassword=${password}\n[auth-libvirt-${host}]\ncredentials=${host}\n`;

/** What a file of this text has for the host. */
async function read(text: string | Uint8Array, more: Partial<AuthConfQuery> = {}) {
  return loadAuthConf({ ...query, authfile: await file("auth.conf", text), ...more });
}

describe("auth.conf", () => {
  test("is the environment's, the URI's, the user's, in this order", async () => {
    const user = await file("user/auth.conf", forHost("host", "user"));
    const fromUri = { authfile: await file("uri.conf", forHost("host", "uri")) };
    const fromEnvironment = await file("environment.conf", forHost("host", "environment"));
    expect(await loadAuthConf(query)).toMatchObject({ file: user, password: "user" });
    expect(await loadAuthConf({ ...query, ...fromUri })).toMatchObject({ password: "uri" });
    expect(await loadAuthConf({ ...query, ...fromUri, fromEnvironment })).toMatchObject({
      password: "environment",
    });
  });

  test("has to be there where it was named", async () => {
    for (const named of [
      { authfile: join(directory, "none") },
      { fromEnvironment: join(directory, "none") },
    ]) {
      const load = loadAuthConf({ ...query, ...named });
      await expect(load).rejects.toThrow(AuthenticationError);
      await expect(load).rejects.toThrow(`Cannot read ${directory}/none`);
    }
  });

  test("has what its host's credentials have", async () => {
    const text =
      "# people\n[credentials-one]\nusername=u\nauthname = a\npassword=p\nrealm=r\n[credentials-two]\npassword=2\n\n" +
      "[auth-libvirt-host]\ncredentials=one\n[auth-ssh-host]\ncredentials=two\n[auth-libvirt-default]\ncredentials=two";
    expect(await read(text)).toMatchObject({ username: "u", authname: "a", password: "p", realm: "r" });
    expect(await read(text, { service: "ssh" })).toMatchObject({ authname: undefined, password: "2" });
    expect(await read(text, { hostname: "elsewhere" })).toMatchObject({ password: "2" });
    expect(await read(text, { hostname: "elsewhere", service: "ssh" })).toBeUndefined();
    expect(await read("")).toBeUndefined();
  });

  test.each([
    ["one", "libvirt", { username: "me", password: "1", realm: undefined, authname: undefined }],
    ["two", "libvirt", { username: "me", password: "1" }],
    ["three", "libvirt", { username: "you", password: "2" }],
    ["one", "vnc", undefined],
    ["four", "libvirt", undefined],
    ["ONE", "libvirt", undefined],
    ["[one]", "libvirt", undefined],
    ["one.example.com", "libvirt", undefined],
  ])("has for %s and %s what it says of them", async (hostname, service, expected) => {
    const text =
      "[credentials-a]\nusername=me\npassword=1\n\n[credentials-b]\nusername=you\npassword=2\n\n" +
      "[auth-libvirt-one]\ncredentials=a\n[auth-libvirt-two]\ncredentials=a\n[auth-libvirt-three]\ncredentials=b\n";
    const found = await read(text, { hostname, service });
    if (expected) expect(found).toMatchObject(expected);
    else expect(found).toBeUndefined();
  });

  // Each as GLib reads it.
  test.each([
    ["a value", "password=v", "v"],
    ["blanks around the =", "password \t=\t v", "v"],
    ["blanks at the end", "password=v  ", "v  "],
    ["blanks at the beginning", "   password=v", "v"],
    ["quotes", 'password="v"', '"v"'],
    ["a # in it", "password=v # x", "v # x"],
    ["an = in it", "password=a=b", "a=b"],
    ["nothing", "password=", ""],
    ["escapes", "password=a\\sb\\tc\\nd\\\\e\\r", "a b\tc\nd\\e\r"],
    ["an escape that there is not", "password=a\\x\\;b", "a\\x\\;b"],
    ["a backslash at the end", "password=a\\", "a"],
    ["two backslashes and an s", "password=v\\\\\\\\s", "v\\\\s"],
    ["other letters", "password=é€", "é€"],
    ["the last of two", "password=a\npassword=b", "b"],
    ["the one with no language", "password[de]=a\npassword=b", "b"],
    ["a key with a language alone", "password[de]=a", undefined],
    ["keys of other kinds", "a b=1\n!=2\npassword=v", "v"],
    ["the group in two parts", "x=1\n[other]\n[credentials-c]\npassword=v", "v"],
    ["lines that end as in DOS", "password=v \r", "v "],
  ])("can have %s", async (_, lines, password) => {
    const text = `[auth-libvirt-host]\ncredentials=c\n  [credentials-c]  \n${lines}\n`;
    expect(await read(text)).toMatchObject({ password });
  });

  test.each([
    ["no group", "password=geheim", 1, "a [GROUP] has to come first"],
    ["a line of another kind", "[g]\ngeheim", 2, "this line is neither"],
    ["a ; for a comment", "[g]\n\n;geheim", 3, "this line is neither"],
    ["no key", "[g]\n=geheim", 2, "this line is neither"],
    ["something behind a group", "[g]geheim=1", 1, "this line is neither"],
    ["a group without an end", "[geheim\n", 1, "this line is neither"],
    ["a group without a name", "[]\npassword=geheim", 1, "this line is neither"],
    ["a group with a [ in its name", "[a[b]\npassword=geheim", 1, "this line is neither"],
    ["a mark at the beginning", "\ufeff[geheim]", 1, "this line is neither"],
  ])("cannot have %s, and nobody is shown the line", async (_, text, line, why) => {
    const error = await read(text).catch((error) => error);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toBe(`${directory}/auth.conf:${line}: ${error.message.split(": ")[1]}`);
    expect(error.message).toContain(why);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("geheim");
  });

  test.each([
    [
      "says nothing of credentials",
      "[auth-libvirt-host]\nx=1",
      "[auth-libvirt-host] has no credentials=NAME",
    ],
    [
      "refers to nothing",
      "[auth-libvirt-host]\ncredentials=x",
      "there is no [credentials-x], which [auth-libvirt-host]",
    ],
  ])("is wrong where it %s", async (_, text, why) => {
    await expect(read(text)).rejects.toThrow(`${directory}/auth.conf: ${why}`);
  });

  test("is in UTF-8, as far as it counts", async () => {
    const text = "[auth-libvirt-host]\ncredentials=c\n[credentials-c]\n# \xe4\npassword=";
    expect(await read(Buffer.from(`${text}x`, "latin1"))).toMatchObject({ password: "x" });
    await expect(read(Buffer.from(`${text}\xe4`, "latin1"))).rejects.toThrow(
      "the password in [credentials-c] is not UTF-8",
    );
  });
});
