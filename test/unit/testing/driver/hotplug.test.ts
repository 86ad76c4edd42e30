import { describe, expect, test } from "vitest";
import { DomainState, ErrorNumber } from "../../../../src/generated/constants.js";
import { attachDevice, detachDevice, updateDevice } from "../../../../src/testing/driver/domain/hotplug.js";
import { parseDomain } from "../../../../src/testing/driver/domain/read.js";
import { World } from "../../../../src/testing/driver/world.js";

// libvirt's test driver has this only since 10.0 and 10.6: what is expected is by the rules of 11.3's source.

const uuid = "0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9a15";

const disk = (target: string, { bus = "", device = "disk", source = "/x", more = "" } = {}) =>
  `<disk type="file" device="${device}"><source file="${source}"/><target dev="${target}" ${bus && `bus="${bus}"`}/>${more}</disk>`;
const nic = (type: string, more = "") => `<interface type="${type}">${more}</interface>`;

function setup() {
  const world = new World();
  const heard: string[] = [];
  const domain = world.domains.define(
    parseDomain(`<domain type="test"><name>plugged</name><uuid>${uuid}</uuid><memory>8</memory><os><type>hvm</type></os>
      <devices>${disk("vda")}${disk("hdc", { device: "cdrom" })}${disk("sda")}
      <controller type="usb"/><watchdog model="i6300esb"><alias name="ua-dog"/></watchdog></devices></domain>`),
  );
  domain.create();
  world.events.listen(({ name, body }) => heard.push([name, ...Object.values(body)].join(" ")));
  return { domain, heard, refuses };
}

function refuses(run: () => void, code: number, message: string) {
  expect(run).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
}

const { OPERATION_UNSUPPORTED, CONFIG_UNSUPPORTED, XML_ERROR, INVALID_ARG, INTERNAL_ERROR } = ErrorNumber;

describe("devices are attached", () => {
  test("with aliases of the driver's or of the user's, and it is told", () => {
    const { domain, heard } = setup();
    attachDevice(domain, nic("bridge", '<source bridge="br0"/><alias name="mine"/>'));
    attachDevice(domain, nic("ethernet"));
    attachDevice(domain, disk("vdc"));
    attachDevice(domain, disk("vdb", { more: '<alias name="ua-b"/>' }));
    attachDevice(domain, disk("sdb", { bus: "usb" }));
    expect(heard).toEqual([
      ...["net0", "net1", "virtio-disk2", "ua-b", "usb-disk1"].map((alias) => `domain.deviceAdded ${alias}`),
    ]);
    const targets = domain.current.format().match(/target dev='\w+'/g);
    expect(targets?.slice(0, 6)).toEqual(
      ["vda", "vdb", "vdc", "sda", "hdc", "sdb"].map((target) => `target dev='${target}'`),
    );
    expect(domain.current.format()).toContain("<alias name='net1'/>");
    expect(domain.inactive.format()).not.toContain("alias name='net");
  });

  test("as another medium in a drive that is there", () => {
    const { domain, heard } = setup();
    attachDevice(domain, disk("hdc", { device: "cdrom", source: "/other.iso" }));
    expect(domain.current.format()).toContain("<source file='/other.iso'/>");
    expect(heard).toEqual([]);
  });

  test("of the host's PCI bus, without a word", () => {
    const { domain, heard } = setup();
    attachDevice(
      domain,
      '<hostdev mode="subsystem" type="pci"><source><address bus="5"/></source></hostdev>',
    );
    expect(domain.current.devices.childrenNamed("hostdev")).toHaveLength(1);
    expect(heard).toEqual([]);
  });

  test.each([
    ["an unknown device", "<toaster/>", CONFIG_UNSUPPORTED, "unknown device type 'toaster'"],
    [
      "a device of another kind",
      '<sound model="es1370"/>',
      OPERATION_UNSUPPORTED,
      "live attach of device 'sound'",
    ],
    ["a console", '<console type="pty"/>', OPERATION_UNSUPPORTED, "live attach of device 'chr'"],
    ["an interface of another type", nic("user"), OPERATION_UNSUPPORTED, "hotplug of interface type of user"],
    [
      "a taken target",
      disk("vda", { source: "/y" }),
      XML_ERROR,
      "target 'vda' duplicated for disk sources '/x' and '/y'",
    ],
    ["a bus without plugs", disk("hdb"), OPERATION_UNSUPPORTED, "disk bus 'ide' cannot be hotplugged."],
    ["a floppy", disk("fda", { device: "floppy" }), OPERATION_UNSUPPORTED, "floppy device hotplug"],
    [
      "a virtio drive",
      disk("vdx", { device: "cdrom" }),
      OPERATION_UNSUPPORTED,
      "cdrom device with virtio bus",
    ],
    [
      "a lun on USB",
      disk("sdx", { device: "lun", bus: "usb" }).replace('type="file"', 'type="block"'),
      CONFIG_UNSUPPORTED,
      "device='lun' is not supported for usb bus",
    ],
    ["a lun that is a file", disk("vdx", { device: "lun" }), CONFIG_UNSUPPORTED, "only valid for block type"],
    [
      "a taken alias",
      nic("ethernet", '<alias name="ua-dog"/>'),
      CONFIG_UNSUPPORTED,
      "non unique alias detected: ua-dog",
    ],
    [
      "a USB device",
      '<hostdev mode="subsystem" type="usb"/>',
      CONFIG_UNSUPPORTED,
      "hostdev subsys type 'usb'",
    ],
  ])("but not %s", (_what, xml, code, message) => {
    const { domain, heard } = setup();
    const before = domain.current.format();
    refuses(() => attachDevice(domain, xml), code, message);
    expect(domain.current.format()).toBe(before);
    expect(heard).toEqual([]);
  });
});

describe("devices are detached by their aliases", () => {
  test("and it is told", () => {
    const { domain, heard } = setup();
    const before = domain.current.format();
    attachDevice(domain, nic("ethernet"));
    attachDevice(domain, disk("vdc"));
    heard.length = 0;
    detachDevice(domain, "virtio-disk2");
    detachDevice(domain, "net0");
    expect(heard).toEqual(["domain.deviceRemoved virtio-disk2", "domain.deviceRemoved net0"]);
    expect(domain.current.format()).toBe(before);
  });

  test("but not what cannot be", () => {
    const { domain } = setup();
    refuses(() => detachDevice(domain, "nobody"), INTERNAL_ERROR, "no device found with alias nobody");
    refuses(() => detachDevice(domain, "ua-dog"), OPERATION_UNSUPPORTED, "live detach of device 'watchdog'");
  });
});

describe("a disk is put in another's place", () => {
  test("in what runs, without a word", () => {
    const { domain, heard } = setup();
    updateDevice(domain, disk("vda", { source: "/y" }), 1);
    expect(domain.current.format()).toContain("<source file='/y'/>");
    expect(domain.inactive.format()).not.toContain("<source file='/y'/>");
    expect(heard).toEqual([]);
  });

  test("in what will run, which is told", () => {
    const { domain, heard } = setup();
    updateDevice(domain, disk("sda", { source: "/y" }), 2);
    expect(domain.current.format()).not.toContain("<source file='/y'/>");
    expect(domain.inactive.format()).toContain("<source file='/y'/>");
    expect(heard).toEqual(["domain.lifecycle 0 1"]);
    expect(domain.state).toBe(DomainState.RUNNING);
  });

  test("but no other device, and none that is not there", () => {
    const { domain } = setup();
    refuses(
      () => updateDevice(domain, nic("user"), 3),
      OPERATION_UNSUPPORTED,
      "persistent update of device 'interface'",
    );
    refuses(() => updateDevice(domain, disk("vdz"), 0), INVALID_ARG, "target vdz doesn't exist.");
  });
});
