import { describe, expect, test } from "vitest";
import { daemonSockets, mayStart } from "../../../src/transport/sockets.js";
import { parseUri } from "../../../src/transport/uri.js";
import { fakeHost } from "./fake-host.js";

const me = fakeHost({ uid: 1000, env: { HOME: "/home/me", XDG_RUNTIME_DIR: "/run/user/1000" } });
const root = fakeHost({ uid: 0, env: me.env });

function paths(uri: string, host = root, readonly = false): string[] {
  return daemonSockets(parseUri(uri), readonly, host).map(({ path }) => path);
}

const system = "/var/run/libvirt";
const session = "/run/user/1000/libvirt";

describe("the sockets of a URI", () => {
  test.each([
    ["qemu:///system", root, [`${system}/virtqemud-sock`, `${system}/libvirt-sock`]],
    ["qemu:///system", me, [`${system}/virtqemud-sock`, `${system}/libvirt-sock`]],
    ["qemu+unix:///system?mode=auto", root, [`${system}/virtqemud-sock`, `${system}/libvirt-sock`]],
    ["qemu:///system?mode=direct", root, [`${system}/virtqemud-sock`]],
    ["qemu:///system?mode=legacy", root, [`${system}/libvirt-sock`]],
    ["lxc:///", root, [`${system}/virtlxcd-sock`, `${system}/libvirt-sock`]],
    ["qemu:///session", me, [`${session}/virtqemud-sock`, `${session}/libvirt-sock`]],
    ["qemu:///session?mode=legacy", me, [`${session}/libvirt-sock`]],
    ["qemu:///session", root, [`${system}/virtqemud-sock`, `${system}/libvirt-sock`]],
    ["test+unix:///default", me, [`${session}/virttestd-sock`, `${session}/libvirt-sock`]],
    ["test:///default", me, [`${session}/virttestd-sock`, `${session}/libvirt-sock`]],
    ["test:///default", root, [`${system}/virttestd-sock`, `${system}/libvirt-sock`]],
    ["qemu:///system?socket=/x/y", root, ["/x/y"]],
    ["qemu:///session?socket=/x/y&mode=direct", me, ["/x/y"]],
    ["qemu+ssh://h/system", me, [`${system}/libvirt-sock`]],
    ["qemu+ssh://h/system?socket=/x", me, ["/x"]],
  ])("%s", (uri, host, expected) => {
    expect(paths(uri, host)).toEqual(expected);
  });

  test("for reading only, where the daemon has them", () => {
    expect(paths("qemu:///system", me, true)).toEqual([
      `${system}/virtqemud-sock-ro`,
      `${system}/libvirt-sock-ro`,
    ]);
    expect(paths("qemu:///session", me, true)).toEqual([
      `${session}/virtqemud-sock`,
      `${session}/libvirt-sock`,
    ]);
    expect(paths("qemu:///system?socket=/x", root, true)).toEqual(["/x"]);
  });

  test("that names no hypervisor are those of every driver with a daemon of its own", () => {
    const drivers = ["xen", "qemu", "lxc", "vbox", "bhyve", "vz"];
    expect(paths("")).toEqual([...drivers.map((d) => `${system}/virt${d}d-sock`), `${system}/libvirt-sock`]);
    expect(paths("", me)).toEqual(["virtqemud", "virtvboxd", "libvirt"].map((d) => `${session}/${d}-sock`));
  });

  test.each([
    [{ HOME: "/home/me" }, "/home/me/.cache/libvirt"],
    [{ HOME: "/home/me", XDG_RUNTIME_DIR: "" }, "/home/me/.cache/libvirt"],
    [{ HOME: "/home/me", XDG_CACHE_HOME: "/cache" }, "/cache/libvirt"],
    [{ HOME: "/home/me", XDG_CACHE_HOME: "/cache", XDG_RUNTIME_DIR: "/run/me" }, "/run/me/libvirt"],
  ])("of the session with %j lie in %s", (env, directory) => {
    expect(paths("qemu:///session?mode=legacy", fakeHost({ uid: 1000, env }))).toEqual([
      `${directory}/libvirt-sock`,
    ]);
  });

  test("say which daemon they want", () => {
    expect(daemonSockets(parseUri("qemu:///session"), false, me)).toMatchObject([
      { daemon: "virtqemud", session: true },
      { daemon: "libvirtd", session: true },
    ]);
    expect(daemonSockets(parseUri("qemu:///system?socket=/x"), false, me)).toMatchObject([
      { daemon: undefined, session: false },
    ]);
  });

  test("cannot be direct on another machine", () => {
    expect(() => paths("qemu+ssh://h/system?mode=direct")).toThrow(RangeError);
    expect(() => paths("qemu+ssh://h/system?mode=direct")).toThrow("mode=direct is not possible with ssh");
  });
});

describe("a daemon is started where it does not run", () => {
  const starts = (uri: string, host = me) =>
    daemonSockets(parseUri(uri), false, host).map((socket) => mayStart(socket, host));

  test.each(["qemu:///session", "test+unix:///default", "test:///default", ""])(
    "if it is the user's own: %j",
    (uri) => {
      expect(new Set(starts(uri))).toEqual(new Set([true]));
      const forbidden = fakeHost({ uid: 1000, env: { ...me.env, LIBVIRT_AUTOSTART: "0" } });
      expect(new Set(starts(uri, forbidden))).toEqual(new Set([false]));
      const allowed = fakeHost({ uid: 1000, env: { ...me.env, LIBVIRT_AUTOSTART: "1" } });
      expect(new Set(starts(uri, allowed))).toEqual(new Set([true]));
    },
  );

  test("and never the system's, nor root's, nor one whose socket the user named", () => {
    for (const uri of ["qemu:///system", "qemu:///session?socket=/x"]) {
      expect(new Set(starts(uri))).toEqual(new Set([false]));
    }
    for (const uri of ["qemu:///system", "qemu:///session", "test:///default", ""]) {
      expect(new Set(starts(uri, root))).toEqual(new Set([false]));
    }
  });
});
