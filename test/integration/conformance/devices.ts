import { describe, it } from "vitest";
import { uuidFor, type World } from "./world.js";

const bytes = (name: string) => Buffer.from(uuidFor(name).replaceAll("-", ""), "hex");

const interfaceXML = (mtu: number) => `<interface type="ethernet" name="eth7">
  <start mode="none"/><mac address="aa:bb:cc:dd:ee:07"/><mtu size="${mtu}"/>
</interface>`;

export function interfaceScenarios(world: () => World): void {
  it.each(["test", "qemu", "ours"] as const)("interfaces of %s are the same", async (driver) => {
    const conn = await world().driver(driver);
    await conn.change(
      ["virInterfaceChangeBegin", 0],
      ["virInterfaceChangeBegin", 0],
      ["virInterfaceDefineXML", interfaceXML(1492), 0],
      ["virInterfaceChangeRollback", 0],
      ["virInterfaceChangeBegin", 0],
      ["virInterfaceDefineXML", interfaceXML(1500), 0],
      ["virInterfaceChangeCommit", 0],
      ["virInterfaceChangeCommit", 0],
      ["virInterfaceDefineXML", "nonsense", 0],
    );
    await conn.read(
      ["virConnectListAllInterfaces", 0],
      ["virConnectListAllInterfaces", 2],
      "virConnectListDefinedInterfaces",
      "virConnectListInterfaces",
      "virConnectNumOfDefinedInterfaces",
      "virConnectNumOfInterfaces",
      ["virInterfaceLookupByMACString", "aa:bb:cc:dd:ee:07"],
      ["virInterfaceLookupByName", "nonsense"],
      ["virInterfaceLookupByMACString", "nonsense"],
    );
    const face = await conn.find("virInterfaceLookupByName", driver === "qemu" ? "lo" : "eth7");
    await face.change(["virInterfaceCreate", 0], ["virInterfaceCreate", 0]);
    await face.read(
      "virInterfaceGetConnect",
      "virInterfaceGetMACString",
      "virInterfaceGetName",
      ["virInterfaceGetXMLDesc", 0],
      "virInterfaceIsActive",
    );
    await face.change(["virInterfaceDestroy", 0], "virInterfaceUndefine", "virInterfaceUndefine");
  });
}

export function nodeDeviceScenarios(world: () => World): void {
  it.each(["test", "qemu", "ours"] as const)("node devices of %s are the same", async (driver) => {
    const conn = await world().driver(driver);
    const parent = driver === "qemu" ? "computer" : "scsi_host1";
    const hba = `<device><parent>${parent}</parent>
      <capability type="scsi_host"><capability type="fc_host">
        <wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn>
      </capability></capability></device>`;
    const mediated = `<device><parent>${parent}</parent>
      <capability type="mdev"><type id="some"/><uuid>${uuidFor("mdev")}</uuid></capability></device>`;
    await conn.change(
      ["virNodeDeviceCreateXML", hba, 0],
      ["virNodeDeviceCreateXML", mediated, 0],
      ["virNodeDeviceDefineXML", mediated, 0],
      ["virNodeDeviceDefineXML", "nonsense", 0],
    );
    await conn.read(
      ["virConnectListAllNodeDevices", 0],
      ["virConnectListAllNodeDevices", 1],
      ["virNodeDeviceLookupByName", "nonsense"],
      ["virNodeDeviceLookupSCSIHostByWWN", "2000000012341234", "1000000012341234", 0],
    );
    const created = await conn.find(
      "virNodeDeviceLookupByName",
      driver === "qemu" ? "computer" : "scsi_host12",
    );
    for (const device of [await conn.find("virNodeDeviceLookupByName", parent), created]) {
      await device.read(
        "virNodeDeviceGetName",
        "virNodeDeviceGetParent",
        ["virNodeDeviceGetXMLDesc", 0],
        "virNodeDeviceListCaps",
        "virNodeDeviceNumOfCaps",
        "virNodeDeviceGetAutostart",
        "virNodeDeviceIsActive",
        "virNodeDeviceIsPersistent",
      );
    }
    await created.change(
      ["virNodeDeviceSetAutostart", true],
      ["virNodeDeviceCreate", 0],
      ["virNodeDeviceUndefine", 0],
      "virNodeDeviceDettach",
      ["virNodeDeviceDetachFlags", "vfio", 0],
      "virNodeDeviceReAttach",
      "virNodeDeviceReset",
      "virNodeDeviceDestroy",
      "virNodeDeviceDestroy",
    );
  });
}

export function secretScenarios(world: () => World): void {
  it("secrets are the same", async () => {
    const conn = await world().driver("qemu");
    await conn.change(
      [
        "virSecretDefineXML",
        `<secret><uuid>${uuidFor("secret")}</uuid><usage type="ceph"><name>pool</name></usage></secret>`,
        0,
      ],
      ["virSecretDefineXML", "nonsense", 0],
    );
    await conn.read(
      ["virConnectListAllSecrets", 0],
      ["virConnectListAllSecrets", 1],
      "virConnectListSecrets",
      "virConnectNumOfSecrets",
      ["virSecretLookupByUUID", bytes("secret")],
      ["virSecretLookupByUUID", bytes("nonsense")],
      ["virSecretLookupByUsage", 2, "pool"],
      ["virSecretLookupByUsage", 1, "nonsense"],
    );
    const secret = await conn.find("virSecretLookupByUUIDString", uuidFor("secret"));
    await secret.read(["virSecretGetValue", 0]);
    await secret.change(["virSecretSetValue", Buffer.from([0, 255, 7]), 0]);
    await secret.read(
      "virSecretGetConnect",
      "virSecretGetUUID",
      "virSecretGetUUIDString",
      "virSecretGetUsageID",
      "virSecretGetUsageType",
      ["virSecretGetValue", 0],
      ["virSecretGetXMLDesc", 0],
    );
    await secret.change("virSecretUndefine", "virSecretUndefine");
  });
}

export function filterScenarios(world: () => World): void {
  it("network filters and their bindings are the same", async () => {
    const conn = await world().driver("qemu");
    const xml = `<filter name="empty" chain="root"><uuid>${uuidFor("filter")}</uuid></filter>`;
    await conn.change(
      ["virNWFilterDefineXML", xml],
      ["virNWFilterDefineXML", "nonsense"],
      ["virNWFilterDefineXMLFlags", xml, 1],
      [
        "virNWFilterBindingCreateXML",
        `<filterbinding>
          <owner><name>nobody</name><uuid>${uuidFor("nobody")}</uuid></owner>
          <portdev name="lo"/><mac address="52:54:00:00:00:42"/><filterref filter="empty"/>
        </filterbinding>`,
        0,
      ],
      ["virNWFilterBindingCreateXML", "nonsense", 0],
    );
    await conn.read(
      ["virConnectListAllNWFilters", 0],
      "virConnectListNWFilters",
      "virConnectNumOfNWFilters",
      ["virConnectListAllNWFilterBindings", 0],
      ["virNWFilterLookupByName", "nonsense"],
      ["virNWFilterLookupByUUID", bytes("filter")],
      ["virNWFilterLookupByUUIDString", uuidFor("filter")],
      ["virNWFilterBindingLookupByPortDev", "nonsense"],
    );
    const binding = await conn.find("virNWFilterBindingLookupByPortDev", "lo");
    await binding.read("virNWFilterBindingGetFilterName", "virNWFilterBindingGetPortDev", [
      "virNWFilterBindingGetXMLDesc",
      0,
    ]);
    const filter = await conn.find("virNWFilterLookupByName", "empty");
    await filter.read("virNWFilterGetName", "virNWFilterGetUUID", "virNWFilterGetUUIDString", [
      "virNWFilterGetXMLDesc",
      0,
    ]);
    await filter.change("virNWFilterUndefine");
    await binding.change("virNWFilterBindingDelete", "virNWFilterBindingDelete");
    await filter.change("virNWFilterUndefine", "virNWFilterUndefine");
  });
}

export function deviceScenarios(world: () => World): void {
  describe("what belongs to the host", () => {
    interfaceScenarios(world);
    nodeDeviceScenarios(world);
    secretScenarios(world);
    filterScenarios(world);
  });
}
