import { describe, expect, test } from "vitest";
import { ConnectionError } from "../../../src/errors.js";
import { parseConfig } from "../../../src/transport/config.js";
import { resolveUri, wantedUri } from "../../../src/transport/resolve.js";
import { fakeHost } from "./fake-host.js";

/** Root's machine with this libvirt.conf. */
function host(config = "", env = {}) {
  return fakeHost({ uid: 0, env, files: { "/etc/libvirt/libvirt.conf": config } });
}

async function resolved(uri: string | undefined, config?: string, env?: Record<string, string>) {
  return (await resolveUri(uri, { host: host(config, env) })).text;
}

const aliases =
  'uri_aliases = [ "hail=qemu+tcp://root@hail/system?a=b=c", "sleet=hail", "under_s-1=xen:///" ]';

describe("the URI that is meant", () => {
  test("is the one given, before all else", async () => {
    const env = { LIBVIRT_DEFAULT_URI: "lxc:///" };
    expect(await resolved("qemu:///system", 'uri_default = "xen:///"', env)).toBe("qemu:///system");
  });

  test.each([undefined, ""])(
    "without one (%j) is LIBVIRT_DEFAULT_URI, then uri_default, then nobody's",
    async (none) => {
      const env = { LIBVIRT_DEFAULT_URI: "lxc:///" };
      expect(await resolved(none, 'uri_default = "xen:///"', env)).toBe("lxc:///");
      expect(await resolved(none, 'uri_default = "xen:///"', { LIBVIRT_DEFAULT_URI: "" })).toBe("xen:///");
      expect(await resolved(none, 'uri_default = "xen:///"')).toBe("xen:///");
      expect(await resolved(none)).toBe("");
    },
  );

  test.each([
    ["hail", { LIBVIRT_DEFAULT_URI: "lxc:///" }, 'uri_default = "xen:///"', "argument"],
    ["", { LIBVIRT_DEFAULT_URI: "lxc:///" }, 'uri_default = "xen:///"', "LIBVIRT_DEFAULT_URI"],
    [undefined, {}, 'uri_default = "xen:///"', "uri_default"],
    [undefined, {}, "", "none"],
  ])("has somebody who wants it: %j, %j, %j", (uri, env, text, source) => {
    expect(wantedUri(uri, parseConfig(text, "libvirt.conf"), host("", env)).source).toBe(source);
  });

  test("may be given by an alias, which is replaced once", async () => {
    expect(await resolved("hail", aliases)).toBe("qemu+tcp://root@hail/system?a=b=c");
    expect(await resolved("under_s-1", aliases)).toBe("xen:///");
    await expect(resolved("sleet", aliases)).rejects.toThrow(TypeError);
    await expect(resolved("HAIL", aliases)).rejects.toThrow(TypeError);
    expect(await resolved(undefined, aliases, { LIBVIRT_DEFAULT_URI: "under_s-1" })).toBe("xen:///");
    expect(await resolved(undefined, `${aliases}\nuri_default = 'under_s-1'`)).toBe("xen:///");
  });

  test("is taken literally without aliases", async () => {
    await expect(resolveUri("hail", { aliases: false, host: host(aliases) })).rejects.toThrow(TypeError);
  });

  test.each([["no equals sign"], ["spa ce=qemu:///"], ["dot.ted=qemu:///"]])(
    "is not looked for in a broken alias %j",
    async (entry) => {
      const config = `uri_aliases = [ "${entry}" ]`;
      await expect(resolved("qemu:///system", config)).rejects.toThrow(ConnectionError);
      await expect(resolved("qemu:///system", config)).rejects.toThrow(
        "/etc/libvirt/libvirt.conf: an entry of uri_aliases",
      );
    },
  );

  test.each([["xen"], ["Xen"], ["xen://"]])("was once written %j", async (uri) => {
    expect(await resolved(uri)).toBe("xen:///system");
  });

  test("is text", async () => {
    await expect(resolveUri(5 as unknown as string, { host: host() })).rejects.toThrow(TypeError);
    await expect(resolveUri(null as unknown as string, { host: host() })).rejects.toThrow(TypeError);
  });
});

describe("what the URI leaves open", () => {
  const config = "remote_mode = 'legacy'\nremote_proxy = 'native'\ntls_priority = 'NORMAL'";

  test("libvirt.conf says", async () => {
    const { options } = await resolveUri("qemu:///system", { host: host(config) });
    expect(options).toEqual({ mode: "legacy", proxy: "native", tlsPriority: "NORMAL" });
  });

  test("and what it says itself counts more", async () => {
    const uri = "qemu:///system?mode=direct&tls_priority=SECURE";
    const { options } = await resolveUri(uri, { host: host(config) });
    expect(options).toEqual({ mode: "direct", proxy: "native", tlsPriority: "SECURE" });
  });

  test.each([
    ["remote_mode = 'turbo'", "remote_mode is one of auto, direct, legacy"],
    ["remote_proxy = 'x'", "remote_proxy is one of auto, native, netcat"],
    ["remote_mode = 5", "remote_mode has to be a string"],
    ["uri_aliases = 'a=b'", "uri_aliases has to be a list of strings"],
  ])("cannot be %s", async (text, why) => {
    const attempt = resolveUri("qemu:///system", { host: host(text) });
    await expect(attempt).rejects.toThrow(ConnectionError);
    await expect(attempt).rejects.toThrow(`/etc/libvirt/libvirt.conf: ${why}`);
  });
});
