import { domain, flags } from "./domains.js";
import type { Operation, Operations } from "./stage.js";

const disk = (target: string, more = "", kind = "disk") =>
  `<disk type='file' device='${kind}'><source file='/z'/><target dev=${target}/>${more}</disk>`;

const devices = [
  disk("'vdc' bus='virtio'"),
  disk("'vdd'"),
  disk("'vda'"),
  disk("'sdb' bus='usb'"),
  disk("'vde'", "<alias name='ua-e'/>"),
  disk("'hdc'", "", "cdrom"),
  disk("'vda'", "<alias name='mine'/>"),
  disk("'hdd'"),
  disk("'fda'", "", "floppy"),
  disk("'vdx'", "", "cdrom"),
  disk("'sdz' bus='usb'", "", "lun"),
  "<disk/>",
  "<interface type='bridge'><source bridge='br0'/><mac address='52:54:00:00:00:0c'/></interface>",
  "<interface type='ethernet'><mac address='52:54:00:00:00:0d'/></interface>",
  "<interface type='ethernet'><mac address='52:54:00:00:00:0e'/><alias name='ua-net'/></interface>",
  "<interface type='network'><mac address='52:54:00:00:00:0f'/><source network='default'/></interface>",
  "<interface type='user'><mac address='52:54:00:00:00:10'/></interface>",
  "<hostdev mode='subsystem' type='usb' managed='yes'><source><address bus='1' device='2'/></source></hostdev>",
  "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0' bus='5' slot='0' function='0'/></source></hostdev>",
  "<console type='pty'/>",
  "<serial type='pty'/>",
  "<channel type='pty'><target type='virtio' name='org.test'/></channel>",
  "<watchdog model='i6300esb'><alias name='ua-dog'/></watchdog>",
  "<input type='tablet' bus='usb'/>",
  "<toaster/>",
  "<disk",
];
const aliases = [
  ...["virtio-disk2", "virtio-disk3", "usb-disk1", "ua-e", "virtio-disk0"],
  ...["net0", "net1", "ua-net", "hostdev0", "console0", "ua-dog", ""],
];
const impacts = [0, 0, 0, 1, 1, 2, 3, 4, ...flags];

/** What only newer libvirts can do is not done where one of the two cannot. */
const since = (release: bigint, operation: Operation): Operation => {
  return async (stage, choose) => (stage.release < release ? undefined : operation(stage, choose));
};

/** Devices that come to domains, go from them and become others. */
export const deviceOperations: Operations = {
  attach: since(10_000_000n, async (stage, choose) =>
    (await domain(stage, choose)).attachDevice(choose.of(devices)),
  ),
  attachFlags: since(10_000_000n, async (stage, choose) =>
    (await domain(stage, choose)).attachDeviceFlags(choose.of(devices), choose.of(impacts)),
  ),
  detachAlias: since(10_000_000n, async (stage, choose) =>
    (await domain(stage, choose)).detachDeviceAlias(choose.of(aliases), choose.of(impacts)),
  ),
  update: since(10_006_000n, async (stage, choose) =>
    (await domain(stage, choose)).updateDeviceFlags(choose.of(devices), choose.of(impacts)),
  ),
};
