import { expect, test, vi } from "vitest";
import { UnsupportedError } from "../../../../src/errors.js";
import { openTransport } from "../../../../src/transport/open.js";
import { parseUri } from "../../../../src/transport/uri.js";

vi.mock("ssh2", () => {
  throw new Error("Cannot find package 'ssh2'");
});

test.each(["libssh2", "libssh"])("%s says which package it takes, where that is missing", async (name) => {
  const failing = openTransport(parseUri(`test+${name}://127.0.0.1:1/default`));
  await expect(failing).rejects.toThrow(UnsupportedError);
  await expect(failing).rejects.toThrow(`The transport ${name} takes a package: npm install ssh2`);
});
