import { afterEach, expect, test, vi } from "vitest";
import { userConfigDirectory, userName } from "../../../src/transport/host.js";
import { fakeHost } from "./fake-host.js";

afterEach(() => void vi.unstubAllEnvs());

/** Runs something as a user of a number alone, as containers are given. */
function withoutAccount<T>(act: () => T): T {
  const before = process.geteuid!();
  process.seteuid!(54321);
  try {
    return act();
  } finally {
    process.seteuid!(before);
  }
}

test("a user without an account has the root directory for a home, unless HOME says where it is", () => {
  expect(withoutAccount(() => userConfigDirectory(fakeHost({ env: { HOME: "/home/me" } })))).toBe(
    "/home/me/.config/libvirt",
  );
  vi.stubEnv("HOME", undefined);
  expect(withoutAccount(() => userConfigDirectory(fakeHost({})))).toBe("/.config/libvirt");
});

test("a user without an account has a number for a name", () => {
  expect(withoutAccount(userName)).toBe("54321");
});
