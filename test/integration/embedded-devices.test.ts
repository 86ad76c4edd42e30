import { afterAll, beforeAll, test } from "vitest";
import { ConnectListAllNodeDeviceFlags as List } from "../../src/index.js";
import { compareDrivers } from "../support/both-drivers.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

let libvirtd: Libvirtd;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
});

afterAll(() => libvirtd.stop());

test("the devices that are there from the beginning are the same", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    await take(() => conn.listAllNodeDevices());
    await take(() => conn.nodeListDevices());
    await take(() => conn.nodeNumOfDevices());
    for (const type of ["system", "scsi_host", "fc_host", "vports", "net", "what"]) {
      await take(() => conn.nodeListDevices(type));
      await take(() => conn.nodeNumOfDevices(type));
    }
    for (const flags of [List.CAP_SYSTEM, List.CAP_FC_HOST, List.CAP_VPORTS, List.CAP_NET]) {
      await take(() => conn.listAllNodeDevices(flags));
    }
    await take(() => conn.listAllNodeDevices(List.CAP_SYSTEM | List.CAP_VPORTS));
    await take(() => conn.nodeListDevices(null, 1));
    for (const name of ["computer", "scsi_host1", "scsi_host2", "scsi_host11"]) {
      const device = await get(() => conn.nodeDeviceLookupByName(name));
      await take(() => device.getXMLDesc());
      await take(() => device.getXMLDesc(8));
      await take(() => device.getParent());
      await take(() => device.numOfCaps());
      await take(() => device.listCaps());
    }
    await take(() => conn.nodeDeviceLookupByName("scsi_host12"));
    await take(() => conn.nodeDeviceLookupSCSIHostByWWN("2000000012341234", "1000000012341234"));
    await take(() => conn.nodeDeviceDefineXML("<device/>"));
  });
});

const names = "<wwnn>2000000012340001</wwnn><wwpn>1000000012340001</wwpn>";

function adapter(parent = "", more = `<capability type="fc_host">${names}</capability>`) {
  return `<device>${parent}<capability type="scsi_host">${more}</capability></device>`;
}

/** What is refused, or makes an adapter; each as libvirt has it. */
const adapters: readonly string[] = [
  adapter(),
  adapter("<parent>scsi_host1</parent>"),
  adapter("<name>mine</name><parent>scsi_host2</parent>"),
  adapter(`<parent wwnn="2000000012341234" wwpn="1000000012341234"/>`),
  adapter(`<parent fabric_wwn="2000000087658765"/>`),
  adapter(`<parent>computer</parent>`),
  adapter(`<parent>scsi_host11</parent>`),
  adapter(`<parent>nobody</parent>`),
  adapter(`<parent wwnn="1" wwpn="2"/>`),
  adapter(`<parent wwnn="1"/>`),
  adapter(`<parent wwpn="1"/>`),
  adapter(`<parent fabric_wwn="1"/>`),
  adapter("", `<capability type="vport_ops"/>`),
  adapter("", `<capability type="wings"/>`),
  adapter("", `<capability/>`),
  adapter("", ""),
  `<device><capability type="system"/></device>`,
  `<device><devnode type="x"/><capability type="system"/></device>`,
  `<device><capability type="what"/></device>`,
  `<device><capability/></device>`,
  "<device/>",
  "<domain/>",
];

test("adapters are made and taken away alike", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    for (const xml of adapters) {
      await take(async () => {
        const device = await conn.nodeDeviceCreateXML(xml);
        const made = { name: device.name, parent: await device.getParent(), xml: await device.getXMLDesc() };
        await device.destroy();
        return made;
      });
    }
    await take(() => conn.nodeDeviceCreateXML(adapter(), 8));
    const first = await get(() => conn.nodeDeviceCreateXML(adapter()));
    await take(() => conn.nodeDeviceCreateXML(adapter()));
    await take(() => conn.listAllNodeDevices());
    await take(() => first.destroy());
    await take(() => first.destroy());
    await take(() => first.getXMLDesc());
    const computer = await get(() => conn.nodeDeviceLookupByName("computer"));
    await take(() => computer.destroy());
    await take(() => computer.reset());
    await take(() => computer.dettach());
    await take(() => conn.nodeNumOfDevices());
  });
});

/** The numbers of an address in each form that there is, at their bounds and beyond. */
const pciAddresses: readonly string[] = [
  "domain='0' bus='0' slot='3' function='0'",
  "domain='0x0' bus='0x00' slot='0x1f' function='0x7' multifunction='on'",
  "domain='0' bus='0' slot='32' function='0'",
  "bus='256' slot='1'",
  "slot='4' function='8'",
  "slot='4x'",
  "slot='4' multifunction='perhaps'",
];

test("the addresses of domains' devices are read and refused the same", async () => {
  await compareDrivers(libvirtd, async (conn, take, get) => {
    for (const address of pciAddresses) {
      const xml = `<domain type='test'><name>addressed</name><uuid>5d0c3b42-2e0c-4bd5-9a3c-1f1d7a2c9e11</uuid><memory>1</memory><os><type>hvm</type></os><devices>
        <disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/><address type='pci' ${address}/></disk>
      </devices></domain>`;
      await take(() => conn.domainDefineXML(xml));
    }
    const domain = await get(() => conn.domainLookupByName("addressed"));
    await take(() => domain.getXMLDesc());
  });
});
