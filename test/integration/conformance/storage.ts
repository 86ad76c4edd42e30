import { mkdir } from "node:fs/promises";
import { describe, it } from "vitest";
import type { Call } from "./both.js";
import { images, uuidFor, type World } from "./world.js";

function poolXML(name: string): string {
  return `<pool type="dir">
    <name>${name}</name><uuid>${uuidFor(name)}</uuid><target><path>${images}/${name}</path></target>
  </pool>`;
}

function volumeXML(name: string, format = "raw"): string {
  return `<volume>
    <name>${name}</name><capacity>1048576</capacity><allocation>4096</allocation>
    <target><format type="${format}"/></target>
  </volume>`;
}

const poolReads: readonly Call[] = [
  "virStoragePoolGetAutostart",
  "virStoragePoolGetConnect",
  "virStoragePoolGetInfo",
  "virStoragePoolGetName",
  "virStoragePoolGetUUID",
  "virStoragePoolGetUUIDString",
  ["virStoragePoolGetXMLDesc", 0],
  "virStoragePoolIsActive",
  "virStoragePoolIsPersistent",
  ["virStoragePoolListAllVolumes", 0],
  "virStoragePoolListVolumes",
  "virStoragePoolNumOfVolumes",
  ["virStorageVolLookupByName", "nonsense"],
];

const volumeReads: readonly Call[] = [
  "virStorageVolGetConnect",
  "virStorageVolGetInfo",
  ["virStorageVolGetInfoFlags", 0],
  ["virStorageVolGetInfoFlags", 1],
  "virStorageVolGetKey",
  "virStorageVolGetName",
  "virStorageVolGetPath",
  ["virStorageVolGetXMLDesc", 0],
  "virStoragePoolLookupByVolume",
];

export function storageScenarios(world: () => World): void {
  describe.each(["test", "qemu", "ours"] as const)("storage of %s", (driver) => {
    it("has the same pools", async () => {
      const conn = await world().driver(driver);
      const name = `${driver}-pool`;
      await conn.change(
        ["virStoragePoolDefineXML", poolXML(name), 0],
        ["virStoragePoolDefineXML", "nonsense", 0],
      );
      await conn.read(
        ["virConnectListAllStoragePools", 0],
        ["virConnectListAllStoragePools", 2],
        "virConnectListDefinedStoragePools",
        "virConnectListStoragePools",
        "virConnectNumOfDefinedStoragePools",
        "virConnectNumOfStoragePools",
        ["virStoragePoolLookupByName", name],
        ["virStoragePoolLookupByName", "nonsense"],
        ["virStoragePoolLookupByUUID", Buffer.from(uuidFor(name).replaceAll("-", ""), "hex")],
        ["virStoragePoolLookupByUUIDString", uuidFor(name)],
        ["virStoragePoolLookupByUUIDString", uuidFor("nonsense")],
        ["virStoragePoolLookupByTargetPath", `${images}/${name}`],
        ["virStoragePoolLookupByTargetPath", "/nonexistent"],
      );
      const pool = await conn.find("virStoragePoolLookupByName", name);
      await pool.read(...poolReads);
      await pool.change(
        ["virStoragePoolCreate", 0],
        ["virStoragePoolBuild", 0],
        ["virStoragePoolCreate", 0],
        ["virStoragePoolSetAutostart", true],
        ["virStoragePoolRefresh", 0],
        ["virStorageVolCreateXML", volumeXML("first"), 0],
        ["virStorageVolCreateXML", volumeXML("first"), 0],
        "virStoragePoolNumOfVolumes",
        "virStoragePoolListVolumes",
      );
      await pool.read(...poolReads);
      await conn.read(["virStoragePoolLookupByTargetPath", `${images}/${name}`]);
      const first = await pool.find("virStorageVolLookupByName", "first");
      await pool.change(["virStorageVolCreateXMLFrom", volumeXML("second"), first, 0]);
      await pool.read(["virStoragePoolListAllVolumes", 0]);
      await conn.read(
        ["virStorageVolLookupByKey", `${images}/${name}/first`],
        ["virStorageVolLookupByKey", "nonsense"],
        ["virStorageVolLookupByPath", `${images}/${name}/first`],
        ["virStorageVolLookupByPath", "/nonexistent"],
      );
      await first.read(...volumeReads);
      await first.change(
        ["virStorageVolResize", 2_097_152n, 0],
        ["virStorageVolResize", 1n, 0],
        ["virStorageVolWipe", 0],
        ["virStorageVolWipePattern", 0, 0],
        ["virStorageVolWipePattern", 99, 0],
        ["virStorageVolDelete", 0],
        ["virStorageVolDelete", 0],
        "virStorageVolGetInfo",
      );
      await pool.change(
        "virStoragePoolUndefine",
        ["virStoragePoolDelete", 0],
        "virStoragePoolDestroy",
        "virStoragePoolDestroy",
        ["virStoragePoolDelete", 0],
        "virStoragePoolUndefine",
        "virStoragePoolUndefine",
        "virStoragePoolGetInfo",
      );
    });

    it("has the same transient pools", async () => {
      const conn = await world().driver(driver);
      const name = `${driver}-transient`;
      for (const path of world().imagePaths(name)) await mkdir(path, { recursive: true });
      await conn.change(["virStoragePoolCreateXML", poolXML(name), 0]);
      const pool = await conn.find("virStoragePoolLookupByName", name);
      await pool.change(["virStoragePoolSetAutostart", true], "virStoragePoolDestroy");
    });
  });
}
