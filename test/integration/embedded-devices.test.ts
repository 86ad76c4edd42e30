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
