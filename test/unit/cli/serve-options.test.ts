import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UsageError } from "../../../src/cli/command.js";
import { FileError, security, serveRequest } from "../../../src/cli/serve-options.js";

const uri = "test:///default";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-serve-options-"));
});

afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

test("listens wherever it is asked to, and on this machine alone where no host is named", () => {
  const where = ["--unix", "a", "--unix-ro", "b", "--tcp", "0", "--tcp", "[::1]:7", "--tls", "host:16514"];
  expect(serveRequest([uri, ...where, "--cert", "c", "--key", "k", "--ca", "a"])).toEqual({
    uri,
    listen: ["unix:a", "unix-ro:b", "tcp:127.0.0.1:0", "tcp:[::1]:7", "tls:host:16514"],
    tls: { cert: "c", key: "k", ca: "a" },
    users: undefined,
  });
});

test.each<[string[], string]>([
  [[], "one URI is wanted"],
  [[uri], "--unix PATH, --tcp PORT or --tls PORT is missing"],
  [["qemu:///system", "--tcp", "0"], "only test:///… can be served"],
  [["qemu://me:pencil@host/", "--tcp", "0"], "not qemu://me:***@host/"],
  [[uri, "--tcp", "host"], '--tcp takes a port, or a host and a port, not "host"'],
  [[uri, "--tls", "99999"], "--tls takes a port"],
  [[uri, "--tls", "0", "--cert", "c.pem"], "--tls takes --cert and --key, too"],
  [[uri, "--tcp", "0", "--ca", "ca.pem"], "--cert, --key and --ca are for --tls"],
  [[uri, "--tcp", "0", "--users", "users"], "--users and --tcp do not go together"],
  [[uri, "--bogus"], "--bogus"],
])("refuses %j", (args, message) => {
  const take = () => serveRequest(args);
  expect(take).toThrow(UsageError);
  expect(take).toThrow(message);
});

describe("of files", () => {
  test("there are none where nothing is to be safe", async () => {
    expect(await security(serveRequest([uri, "--tcp", "0"]))).toEqual({});
  });

  test("reads the users, whose passwords may have colons in them", async () => {
    const users = await file("users", "# who may\n\nalice:pencil\r\nbob:a:b\n__proto__:c\n");
    const { auth } = await security(serveRequest([uri, "--unix", "a", "--users", users]));
    expect(Object.entries(auth?.users ?? {})).toEqual([
      ["alice", "pencil"],
      ["bob", "a:b"],
      ["__proto__", "c"],
    ]);
    expect(auth?.mechanisms).not.toContain("EXTERNAL");
  });

  test("reads the certificates", async () => {
    const [cert, key, ca] = [await file("cert", "1"), await file("key", "2"), await file("ca", "3")];
    const args = [uri, "--tls", "0", "--cert", cert, "--key", key];
    expect(await security(serveRequest(args))).toEqual({ tls: { cert: "1", key: "2" } });
    const { tls } = await security(serveRequest([...args, "--ca", ca]));
    expect(tls).toEqual({ cert: "1", key: "2", ca: "3" });
  });

  test.each([
    ["one that is not there", undefined, /no such file or directory/],
    ["one without users", "# nobody\n", /has no users$/],
    ["a user without a password", "alice:pencil\nsecret\n", /^line 2 of .* is not NAME:PASSWORD$/],
  ])("refuses %s, and says nothing of what is in it", async (_what, text, message) => {
    const users = text === undefined ? join(directory, "none") : await file("wrong", text);
    const error = await security(serveRequest([uri, "--unix", "a", "--users", users])).catch((e) => e);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/pencil|secret/);
  });
});
