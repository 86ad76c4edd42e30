import { describe, expect, test } from "vitest";
import { ErrorDomain, ErrorNumber } from "../../../../src/generated/constants.js";
import { formatCpuSet, parseCpuSet } from "../../../../src/testing/driver/domain/cpu-set.js";
import { parseDomain } from "../../../../src/testing/driver/domain/read.js";
import { diskIndex } from "../../../../src/testing/driver/domain/read-devices.js";

const uuid = "c7a5fdbd-edaf-9455-926a-d65c16db1809";

/** A domain with something more in it. */
function domain(more = "", devices = ""): string {
  return `<domain type="test"><name>web</name><uuid>${uuid}</uuid><memory>1024</memory>
    <os><type>hvm</type></os>${more}<devices>${devices}</devices></domain>`;
}

describe("a domain's XML", () => {
  test("is completed and put in libvirt's order", () => {
    expect(
      parseDomain(`<domain id="9" type="test"><devices/><vcpu current="1" cpuset="3,0-1">2</vcpu>
      <os><type>hvm</type></os><memory unit="MiB">1</memory><name>web</name><uuid>C7A5FDBDEDAF9455926AD65C16DB1809</uuid>
      <title>a &amp; b</title></domain>`).format(),
    ).toBe(`<domain type='test'>
  <name>web</name>
  <uuid>${uuid}</uuid>
  <title>a &amp; b</title>
  <memory unit='KiB'>1024</memory>
  <currentMemory unit='KiB'>1024</currentMemory>
  <vcpu placement='static' cpuset='0-1,3' current='1'>2</vcpu>
  <os>
    <type arch='i686'>hvm</type>
    <boot dev='hd'/>
  </os>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
  </devices>
</domain>
`);
  });

  test("gets a UUID and MAC addresses where it has none", () => {
    const xml = `<domain type="test"><name>web</name><memory>1</memory><os><type>hvm</type></os>
      <devices><interface type="user"/><interface type="user"/></devices></domain>`;
    const [one, two] = [parseDomain(xml), parseDomain(xml)];
    expect(one.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(one.uuid).not.toBe(two.uuid);
    const macs = [one, two].flatMap(({ devices }) =>
      devices.childrenNamed("interface").map((each) => each.child("mac")?.attribute("address")),
    );
    expect(new Set(macs).size).toBe(4);
    for (const mac of macs) expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
  });

  test("keeps what is unknown", () => {
    const { xml } = parseDomain(domain("<novelty a='1'><b/></novelty>", "<gadget/>"));
    expect(xml.child("novelty", "b")).toBeDefined();
    expect(xml.child("devices", "gadget")).toBeDefined();
  });

  test("loses metadata that has no namespace, or one that was there before", () => {
    const { xml } = parseDomain(
      domain("<metadata><a xmlns='urn:1'/><b/><c xmlns='urn:1'/><d:e xmlns:d='urn:2'/></metadata>"),
    );
    expect(xml.child("metadata")?.children.map(({ name }) => name)).toEqual(["a", "d:e"]);
    expect(parseDomain(domain("<metadata><b/></metadata>")).xml.child("metadata")).toBeUndefined();
  });

  test("has its disks by bus and name, with addresses and controllers", () => {
    const disk = (dev: string, more = "") =>
      `<disk type='file' device='disk'><source file='/x'/><target dev='${dev}' ${more}/></disk>`;
    const { devices } = parseDomain(
      domain("", disk("sdi") + disk("vdb", "bus='virtio'") + disk("hdc") + disk("vda", "bus='virtio'")),
    );
    const shown = devices.childrenNamed("disk").map((each) => {
      const address = each.child("address");
      const at = ["controller", "bus", "target", "unit"].map((name) => address?.attribute(name) ?? "-");
      return [each.child("target")?.attribute("dev"), each.child("target")?.attribute("bus"), at.join(":")];
    });
    expect(shown).toEqual([
      ["hdc", "ide", "0:1:0:0"],
      ["sdi", "scsi", "1:0:0:1"],
      ["vda", "virtio", "-:-:-:-"],
      ["vdb", "virtio", "-:-:-:-"],
    ]);
    const controllers = devices.childrenNamed("controller");
    expect(controllers.map((each) => `${each.attribute("type")} ${each.attribute("index")}`).sort()).toEqual([
      "ide 0",
      "scsi 0",
      "scsi 1",
    ]);
  });

  test("has the same first console and serial port, whichever was given", () => {
    for (const given of [
      "<serial type='pty'/>",
      "<console type='pty'/>",
      "<console type='pty'/><serial type='pty'/>",
    ]) {
      const { devices } = parseDomain(domain("", given));
      expect(devices.children.map(({ name }) => name)).toEqual(["serial", "console"]);
      expect(devices.child("console", "target")?.attribute("type")).toBe("serial");
    }
  });

  const { XML_ERROR, CONFIG_UNSUPPORTED, INTERNAL_ERROR, NO_NAME, NO_SOURCE, NO_TARGET } = ErrorNumber;
  const { DOMAIN, XML } = ErrorDomain;

  test.each([
    ["<domain/>", NO_NAME, DOMAIN],
    ["<domain><name/></domain>", NO_NAME, DOMAIN],
    ["<domain><name>x</name></domain>", INTERNAL_ERROR, DOMAIN],
    ["<domain type='qubit'><name>x</name></domain>", CONFIG_UNSUPPORTED, DOMAIN],
    ["<domain type='test'><name>x</name></domain>", XML_ERROR, DOMAIN],
    ["<domain type='test'><name>x</name><uuid>1</uuid></domain>", INTERNAL_ERROR, DOMAIN],
    ["<domain type='test'><name>x</name><os><type>dos</type></os></domain>", CONFIG_UNSUPPORTED, DOMAIN],
    [
      "<domain type='test'><name>x</name><os><type arch='z80'>hvm</type></os></domain>",
      CONFIG_UNSUPPORTED,
      DOMAIN,
    ],
    ["<domain type='test'><name>x</name><os><type>hvm</type></os></domain>", XML_ERROR, DOMAIN],
    [domain("<vcpu>x</vcpu>"), XML_ERROR, DOMAIN],
    [domain("<vcpu>0</vcpu>"), INTERNAL_ERROR, DOMAIN],
    [domain("<vcpu current='3'>2</vcpu>"), CONFIG_UNSUPPORTED, DOMAIN],
    [domain("<vcpu current='x'>2</vcpu>"), XML_ERROR, XML],
    [domain("<vcpu placement='x'>2</vcpu>"), XML_ERROR, XML],
    [domain("<vcpu cpuset='9-1'>2</vcpu>"), ErrorNumber.INVALID_ARG, ErrorDomain.NONE],
    [domain("<title>a\nb</title>"), XML_ERROR, DOMAIN],
    [domain("<on_crash>cry</on_crash>"), CONFIG_UNSUPPORTED, DOMAIN],
    [domain("<clock offset='late'/>"), CONFIG_UNSUPPORTED, DOMAIN],
    [domain("<features><flight/></features>"), CONFIG_UNSUPPORTED, DOMAIN],
    [domain("<maxMemory slots='1'>512</maxMemory>"), XML_ERROR, DOMAIN],
    [domain("", "<disk/>"), NO_TARGET, DOMAIN],
    [domain("", "<disk><target dev='vda'/></disk>"), NO_SOURCE, DOMAIN],
    [domain("", "<disk><target dev='foo'/></disk>"), XML_ERROR, DOMAIN],
    [domain("", "<disk><target dev='fda'/></disk>"), INTERNAL_ERROR, DOMAIN],
    [domain("", "<disk type='tape'><target dev='vda'/></disk>"), XML_ERROR, XML],
    [domain("", "<interface type='network'/>"), XML_ERROR, DOMAIN],
    [domain("", "<interface type='pigeon'/>"), XML_ERROR, XML],
    [domain("", "<interface type='user'><mac address='zz'/></interface>"), XML_ERROR, DOMAIN],
    [domain("", "<memballoon model='hydrogen'/>"), XML_ERROR, XML],
  ])("is refused: %s", (xml, code, from) => {
    expect(() => parseDomain(xml)).toThrow(expect.objectContaining({ code, domain: from }));
  });
});

test.each([
  ["vda", 0],
  ["sdb", 1],
  ["hdz", 25],
  ["sdaa", 26],
  ["xvdab", 27],
  ["sda1", 0],
  ["nvme0", -1],
  ["sd", -1],
])("the disk %s is number %i", (name, index) => expect(diskIndex(name)).toBe(index));

test.each([
  ["0", "0"],
  ["0-3,^2", "0-1,3"],
  ["8, 1,2 ,3", "1-3,8"],
])("the CPUs %s are %s", (given, printed) => expect(formatCpuSet(parseCpuSet(given))).toBe(printed));

test.each(["", "x", "3-1", "99999999", "^1", "0-16384", "1,,2"])("no set of CPUs: %j", (text) => {
  expect(() => parseCpuSet(text)).toThrow();
});
