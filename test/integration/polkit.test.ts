import { chmod } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ErrorNumber } from "../../src/index.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { connectAs, Polkit, virshAs } from "../support/polkit.js";

/** Users of every Debian: polkit's rules know them by name. */
const nobody = 65534;
const games = 5;
const mail = 8;

let polkit: Polkit;
let libvirtd: Libvirtd;

beforeAll(async () => {
  polkit = await Polkit.create(`
    if (subject.user == "nobody") return polkit.Result.YES;
    if (subject.user == "mail") return polkit.Result.AUTH_ADMIN;
    return action.id == "org.libvirt.unix.monitor" ? polkit.Result.YES : polkit.Result.NO;
  `);
  libvirtd = await startLibvirtd({
    conf: { auth_unix_ro: "polkit", auth_unix_rw: "polkit", unix_sock_rw_perms: "0777" },
    env: polkit.env,
  });
  await chmod(libvirtd.directory, 0o755);
});

afterAll(async () => {
  await libvirtd?.stop();
  await polkit?.[Symbol.asyncDispose]();
});

describe("polkit lets in whom it lets in by virsh", () => {
  test.each([
    ["root, who is not even asked", 0, false],
    ["the user whom a rule allows everything", nobody, false],
    ["the user whom a rule allows to look, to look", games, true],
  ])("%s", async (_, user, readonly) => {
    const uri = libvirtd.uri("test", { readonly });
    expect(await virshAs(user, uri, readonly)).toBeUndefined();
    expect(await connectAs(user, uri, readonly)).toEqual({});
  });
});

describe("polkit refuses whom it refuses by virsh", () => {
  test("by a rule", async () => {
    const uri = libvirtd.uri("test");
    expect(await virshAs(games, uri)).toContain("error: authentication failed: access denied by policy");
    expect(await connectAs(games, uri)).toEqual({
      name: "AuthenticationError",
      code: ErrorNumber.AUTH_FAILED,
      message:
        `unix:${libvirtd.socketPath}: authentication failed: access denied by policy. ` +
        "polkit on the daemon's host does not allow it: see its rules for org.libvirt.unix.manage",
    });
  });

  test.each([false, true])(
    "who would have to be asked for a password, and cannot be (to look only: %s)",
    async (readonly) => {
      const uri = libvirtd.uri("test", { readonly });
      const action = `org.libvirt.unix.${readonly ? "monitor" : "manage"}`;
      const refusal = `authentication unavailable: no polkit agent available to authenticate action '${action}'`;
      expect(await virshAs(mail, uri, readonly)).toContain(`error: ${refusal}`);
      expect(await connectAs(mail, uri, readonly)).toEqual({
        name: "AuthenticationError",
        code: ErrorNumber.AUTH_UNAVAILABLE,
        message: expect.stringMatching(
          / nobody who could be asked to allow it: run a polkit agent, add a rule for /,
        ),
      });
    },
  );
});
