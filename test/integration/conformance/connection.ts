import { describe, expect, it } from "vitest";
import { connect } from "../../../src/index.js";
import { outcome, type PyFields } from "../../support/differential.js";
import { qemuDomainXML, testDomainXML } from "../../support/fixtures.js";
import { uuidFor, type World } from "./world.js";

export function connectionScenarios(world: () => World): void {
  describe("a connection", () => {
    it.each(["test", "qemu", "ours"] as const)("to %s tells of the host", async (driver) => {
      const conn = await world().driver(driver);
      await conn.read(
        "virConnectGetCapabilities",
        "virConnectGetHostname",
        "virConnectGetLibVersion",
        ["virConnectGetMaxVcpus", null],
        ["virConnectGetMaxVcpus", "qemu"],
        ["virConnectGetMaxVcpus", "nonsense"],
        ["virConnectGetStoragePoolCapabilities", 0],
        ["virConnectGetSysinfo", 0],
        "virConnectGetType",
        "virConnectGetURI",
        "virConnectGetVersion",
        "virConnectIsAlive",
        "virConnectIsEncrypted",
        "virConnectIsSecure",
        ["virConnectGetDomainCapabilities", null, null, null, null, 0],
        ["virConnectGetDomainCapabilities", null, "x86_64", "pc", "qemu", 0],
        ["virConnectGetCPUModelNames", "x86_64", 0],
        ["virConnectGetCPUModelNames", "nonsense", 0],
        ["virConnectFindStoragePoolSources", "logical", null, 0],
        ["virConnectFindStoragePoolSources", "dir", null, 0],
        "virNodeGetInfo",
        ["virNodeGetCPUMap", 0],
        ["virNodeGetCPUStats", -1, 0],
        ["virNodeGetCPUStats", 0, 0],
        ["virNodeGetMemoryStats", -1, 0],
        ["virNodeGetCellsFreeMemory", 0, 1],
        "virNodeGetFreeMemory",
        ["virNodeGetFreePages", [4, 2048], 0, 1, 0],
        ["virNodeGetMemoryParameters", 0],
        ["virNodeGetSEVInfo", 0],
        "virNodeGetSecurityModel",
        ["virNodeNumOfDevices", null, 0],
        ["virNodeListDevices", null, 0],
        ["virNodeNumOfDevices", "net", 0],
        ["virNodeListDevices", "net", 0],
      );
    });

    it.each(["test", "qemu", "ours"] as const)("to %s compares CPUs and configurations", async (driver) => {
      const conn = await world().driver(driver);
      const cpu = (model: string) => `<cpu><arch>x86_64</arch><model>${model}</model></cpu>`;
      const hypervisor = [null, "x86_64", "pc", "qemu"] as const;
      const guest = qemuDomainXML({ name: "native", uuid: uuidFor("native") });
      await conn.read(
        ["virConnectBaselineCPU", [cpu("Penryn"), cpu("Nehalem")], 0],
        ["virConnectBaselineCPU", ["nonsense"], 0],
        ["virConnectBaselineHypervisorCPU", ...hypervisor, [cpu("Penryn"), cpu("Nehalem")], 0],
        ["virConnectCompareCPU", cpu("Penryn"), 0],
        ["virConnectCompareCPU", "nonsense", 0],
        ["virConnectCompareHypervisorCPU", ...hypervisor, cpu("Penryn"), 0],
        ["virConnectDomainXMLToNative", "qemu-argv", guest, 0],
        ["virConnectDomainXMLToNative", "nonsense", guest, 0],
        ["virConnectDomainXMLFromNative", "qemu-argv", "qemu", 0],
        ["virDomainSaveImageGetXMLDesc", "/nonexistent", 0],
        ["virNodeAllocPages", [3], [1n], 0, 1, 0],
        ["virNodeAllocPages", [2048], [0n], 0, 1, 0],
      );
    });

    it("to qemu sets what was set already", async () => {
      const conn = await world().driver("qemu");
      const { shm_pages_to_scan } = (await conn.theirs.call("getMemoryParameters")) as PyFields;
      await conn.read(["virNodeSetMemoryParameters", { shm_pages_to_scan }, 0]);
    });

    it("to lxc reads its native configurations", async () => {
      const conn = await world().driver("lxc");
      const native = "lxc.uts.name = box\nlxc.rootfs.path = /\n";
      await conn.read(
        ["virConnectDomainXMLFromNative", "lxc-tools", native, 0],
        ["virConnectDomainXMLFromNative", "lxc-tools", "nonsense", 0],
      );
    });

    it.each(["test", "qemu", "ours"] as const)("to %s finds and lists domains", async (driver) => {
      const conn = await world().driver(driver);
      const xml = (name: string) =>
        (driver === "qemu" ? qemuDomainXML : testDomainXML)({ name, uuid: uuidFor(name) });
      await conn.change(
        ["virDomainDefineXMLFlags", xml("listed"), 1],
        ["virDomainDefineXMLFlags", "nonsense", 0],
        ["virDomainCreateXML", xml("transient"), 0],
        ["virDomainCreateXML", xml("transient"), 0],
        ["virDomainCreateLinux", xml("linux"), 0],
      );
      const bytes = Buffer.from(uuidFor("listed").replaceAll("-", ""), "hex");
      await conn.read(
        ["virDomainLookupByUUID", bytes],
        ["virDomainLookupByUUIDString", uuidFor("transient")],
        ["virDomainLookupByUUIDString", uuidFor("nonsense")],
        ["virDomainLookupByName", "nonsense"],
        ["virDomainLookupByID", 99_999],
        ["virConnectListAllDomains", 0],
        ["virConnectListAllDomains", 1],
        "virConnectListDefinedDomains",
        "virConnectListDomains",
        "virConnectNumOfDefinedDomains",
        "virConnectNumOfDomains",
        ["virConnectGetAllDomainStats", 0, 0],
        ["virConnectGetAllDomainStats", 1, 1],
      );
      const transient = await conn.find("virDomainLookupByName", "transient");
      const linux = await conn.find("virDomainLookupByName", "linux");
      const listed = await conn.find("virDomainLookupByName", "listed");
      const { id } = transient.theirs.identity;
      await conn.read(
        ["virDomainLookupByID", id],
        ["virDomainListGetStats", [transient, listed], 0, 0],
        ["virDomainListGetStats", [listed], 1, 0],
      );
      for (const domain of [transient, linux]) await domain.change("virDomainDestroy");
      await listed.change("virDomainUndefine");
    });

    it.each(["test", "qemu", "ours"] as const)("to %s for reading only refuses the same", async (driver) => {
      const conn = await world().connect(driver, { readonly: true });
      await conn.read(
        ["virDomainDefineXML", "nonsense"],
        ...(driver === "qemu"
          ? [["virNodeSetMemoryParameters", { shm_pages_to_scan: 100 }, 0] as const]
          : []),
        ["virNodeSuspendForDuration", 0, 60n, 0],
        ["virNodeAllocPages", [2048], [1n], 0, 1, 0],
        "virConnectGetHostname",
      );
    });

    it("opens, fails to open and closes the same way", async () => {
      const { python, coverage, daemons } = world();
      const [daemon] = daemons;
      for (const uri of [daemon.uri("test"), daemon.uri("nonsense")]) {
        for (const [c, name, readonly] of [
          ["virConnectOpen", "libvirt.open", false],
          ["virConnectOpenReadOnly", "libvirt.openReadOnly", true],
          ["virConnectOpenAuth", "libvirt.openAuth", false],
        ] as const) {
          const auth = c === "virConnectOpenAuth" ? [[[], null, null], 0] : [];
          const theirs = await outcome(python.object(name, uri, ...auth).then((conn) => conn.call("getURI")));
          const ours = await outcome(connect(uri, { readonly }).then((conn) => conn.getURI()));
          expect.soft(ours, `${c} ${uri}`).toEqual(theirs);
          coverage.equal(c, "test", ours);
        }
      }
      const conn = await world().connect("test");
      await conn.change(["virConnectSetIdentity", { "user-name": "somebody", "unix-user-id": 1000n }, 0]);
      await conn.change("virConnectClose");
    });
  });
}
