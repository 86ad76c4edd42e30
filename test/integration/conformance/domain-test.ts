import { describe, it } from "vitest";
import { DomainModificationImpact } from "../../../src/index.js";
import { testDomainXML } from "../../support/fixtures.js";
import type { Both } from "./both.js";
import { domainDevices, domainReads } from "./domain-reads.js";
import { uuidFor, type World } from "./world.js";

const { LIVE, CONFIG } = DomainModificationImpact;
const devices = domainDevices("/guest.img", "raw");

/** A domain that is defined on both daemons, not started. */
async function define(conn: Both, name: string): Promise<Both> {
  const xml = testDomainXML({ name, uuid: uuidFor(name), vcpus: 2, devices });
  await conn.change(["virDomainDefineXML", xml]);
  return conn.find("virDomainLookupByName", name);
}

/** The same, and it runs. */
async function start(conn: Both, name: string): Promise<Both> {
  const domain = await define(conn, name);
  await domain.change("virDomainCreate");
  return conn.find("virDomainLookupByName", name);
}

async function remove(domain: Both): Promise<void> {
  await domain.change("virDomainDestroy", ["virDomainUndefineFlags", 7]);
}

export function testDomainScenarios(world: () => World): void {
  describe.each(["test", "ours"] as const)("a domain of the test driver (%s)", (driver) => {
    it("tells the same of itself when it is off", async () => {
      const domain = await define(await world().driver(driver), "quiet");
      await domain.change("virDomainGetID");
      await domain.read(...domainReads);
      await domain.change("virDomainUndefine");
    });

    it("tells the same of itself when it runs", async () => {
      const domain = await start(await world().driver(driver), "busy");
      await domain.change("virDomainGetID");
      await domain.read(...domainReads, ["virDomainGetVcpusFlags", LIVE]);
      await remove(domain);
    });

    it("starts, stops and changes the same way", async () => {
      const conn = await world().driver(driver);
      const domain = await define(conn, "changing");
      await domain.change(
        ["virDomainCreateWithFlags", 1],
        "virDomainCreate",
        "virDomainResume",
        "virDomainSuspend",
        "virDomainResume",
        ["virDomainReboot", 0],
        ["virDomainReset", 0],
        "virDomainShutdown",
        "virDomainShutdown",
        ["virDomainCreateWithFlags", 0],
        ["virDomainShutdownFlags", 0],
        "virDomainCreate",
        ["virDomainDestroyFlags", 1],
        ["virDomainRename", "renamed", 0],
        "virDomainGetName",
        ["virDomainRename", "changing", 0],
        ["virDomainSetAutostart", true],
        ["virDomainSetMaxMemory", 16384n],
        "virDomainCreate",
        ["virDomainSetMemory", 4096n],
        ["virDomainSetMemory", 1_000_000n],
        ["virDomainSetMemoryFlags", 8192n, LIVE | CONFIG],
        ["virDomainSetMemoryStatsPeriod", 5, 0],
        ["virDomainSetVcpus", 1],
        ["virDomainSetVcpusFlags", 2, LIVE],
        ["virDomainSetVcpu", "1", true, 0],
        ["virDomainPinVcpu", 1, [false, true, false, true]],
        ["virDomainPinVcpuFlags", 0, [true, true], CONFIG],
        ["virDomainPinEmulator", [true, false, true], 0],
        ["virDomainAddIOThread", 3, LIVE],
        ["virDomainPinIOThread", 3, [true], 0],
        ["virDomainSetIOThreadParams", 3, { poll_max_ns: 7n }, LIVE],
        ["virDomainSetMetadata", 0, "a description", null, null, LIVE | CONFIG],
        ["virDomainSetMetadata", 1, "a title", null, null, CONFIG],
        ["virDomainSetMetadata", 2, "<x>1</x>", "p", "urn:x", LIVE],
        ["virDomainGetMetadata", 0, null, LIVE],
        ["virDomainGetMetadata", 2, "urn:x", LIVE],
        ["virDomainSetLifecycleAction", 1, 0, CONFIG],
        ["virDomainSetMemoryParameters", { hard_limit: 9000n, soft_limit: 8000n }, 0],
        ["virDomainSetNumaParameters", { numa_mode: 0, numa_nodeset: "0" }, CONFIG],
        ["virDomainSetBlkioParameters", { weight: 300 }, CONFIG],
        ["virDomainSetInterfaceParameters", "guest0", { "inbound.average": 100, "inbound.peak": 200 }, 0],
        ["virDomainSetBlockIoTune", "vda", { total_bytes_sec: 12345678901n, group_name: "g" }, CONFIG],
        ["virDomainSetPerfEvents", { cpu_cycles: true, cmt: false }, 0],
        ["virDomainSetSchedulerParameters", { weight: 60 }],
        ["virDomainGetSchedulerParametersFlags", 0],
        ["virDomainGetMemoryParameters", LIVE],
        ["virDomainGetMemoryParameters", CONFIG],
        ["virDomainGetNumaParameters", CONFIG],
        ["virDomainGetBlkioParameters", CONFIG],
        ["virDomainGetInterfaceParameters", "guest0", 0],
        ["virDomainGetBlockIoTune", "vda", CONFIG],
        ["virDomainGetPerfEvents", 0],
        ["virDomainGetVcpuPinInfo", 0],
        ["virDomainGetVcpuPinInfo", CONFIG],
        ["virDomainGetEmulatorPinInfo", 0],
        ["virDomainGetIOThreadInfo", LIVE],
        ["virDomainDelIOThread", 3, LIVE],
        ["virDomainDelIOThread", 9, LIVE],
        ["virDomainSetTime", 1_700_000_000n, 5, 0],
        ["virDomainSetUserPassword", "root", "secret", 0],
        ["virDomainInjectNMI", 0],
        ["virDomainSendKey", 0, 50, [28, 29], 0],
        ["virDomainSendProcessSignal", 1n, 15, 0],
        ["virDomainFSFreeze", [], 0],
        ["virDomainFSFreeze", ["/"], 0],
        ["virDomainFSThaw", [], 0],
        ["virDomainFSThaw", ["/nonsense"], 0],
        ["virDomainFSTrim", null, 0n, 0],
        ["virDomainFSTrim", "/boot", 0n, 0],
        ["virDomainCoreDump", "/proc/nonexistent/core", 0],
        ["virDomainCoreDumpWithFormat", "/proc/nonexistent/core", 0, 0],
        ["virDomainManagedSave", 0],
        ["virDomainHasManagedSaveImage", 0],
        ["virDomainManagedSaveRemove", 0],
        "virDomainDestroy",
        "virDomainDestroy",
        "virDomainUndefine",
        "virDomainUndefine",
        "virDomainGetInfo",
      );
    });

    it("saves and restores the same way", async () => {
      const conn = await world().driver(driver);
      const domain = await define(conn, "saved");
      const [image, other, core] = ["saved", "other", "core"].map((name) => world().file(driver, name));
      await domain.change("virDomainCreate", ["virDomainSave", image]);
      const xml = testDomainXML({ name: "saved", uuid: uuidFor("saved"), vcpus: 1, devices });
      await conn.change(
        ["virDomainSaveImageGetXMLDesc", image, 0],
        ["virDomainSaveImageDefineXML", image, xml, 0],
        ["virDomainSaveImageGetXMLDesc", image, 0],
        ["virDomainSaveImageGetXMLDesc", "/nonexistent", 0],
        ["virDomainRestore", image],
        ["virDomainRestore", "/nonexistent"],
      );
      await domain.change(["virDomainSaveFlags", other, null, 0]);
      await conn.change(["virDomainRestoreFlags", other, null, 0]);
      await domain.change(["virDomainCoreDumpWithFormat", core, 0, 0]);
      await remove(domain);
    });

    it("has the same snapshots", async () => {
      const domain = await start(await world().driver(driver), "snapped");
      const xml = (name: string) => `<domainsnapshot><name>${name}</name></domainsnapshot>`;
      await domain.change(
        ["virDomainSnapshotCreateXML", xml("first"), 0],
        "virDomainSuspend",
        ["virDomainSnapshotCreateXML", xml("second"), 0],
        ["virDomainSnapshotCreateXML", xml("second"), 0],
        ["virDomainSnapshotCreateXML", "nonsense", 0],
      );
      await domain.read(
        ["virDomainHasCurrentSnapshot", 0],
        ["virDomainListAllSnapshots", 0],
        ["virDomainListAllSnapshots", 1],
        ["virDomainSnapshotCurrent", 0],
        ["virDomainSnapshotListNames", 0],
        ["virDomainSnapshotNum", 0],
        ["virDomainSnapshotLookupByName", "nonsense", 0],
      );
      const first = await domain.find("virDomainSnapshotLookupByName", "first", 0);
      const second = await domain.find("virDomainSnapshotLookupByName", "second", 0);
      for (const snapshot of [first, second]) {
        await snapshot.read(
          ["virDomainSnapshotGetXMLDesc", 0],
          "virDomainSnapshotGetName",
          "virDomainSnapshotGetConnect",
          "virDomainSnapshotGetDomain",
          ["virDomainSnapshotGetParent", 0],
          ["virDomainSnapshotHasMetadata", 0],
          ["virDomainSnapshotIsCurrent", 0],
          ["virDomainSnapshotListAllChildren", 0],
          ["virDomainSnapshotListChildrenNames", 0],
          ["virDomainSnapshotNumChildren", 0],
        );
      }
      await first.change(["virDomainRevertToSnapshot", 0]);
      await domain.change(["virDomainSnapshotCurrent", 0], ["virDomainGetState", 0]);
      await first.change(["virDomainSnapshotDelete", 1], ["virDomainSnapshotDelete", 0]);
      await remove(domain);
    });

    it("has the same checkpoints", async () => {
      const domain = await start(await world().driver(driver), "checked");
      const xml = (name: string) => `<domaincheckpoint><name>${name}</name></domaincheckpoint>`;
      await domain.change(
        ["virDomainCheckpointCreateXML", xml("first"), 0],
        ["virDomainCheckpointCreateXML", xml("second"), 0],
        ["virDomainCheckpointCreateXML", xml("second"), 0],
      );
      await domain.read(
        ["virDomainListAllCheckpoints", 0],
        ["virDomainCheckpointLookupByName", "nonsense", 0],
      );
      const first = await domain.find("virDomainCheckpointLookupByName", "first", 0);
      const second = await domain.find("virDomainCheckpointLookupByName", "second", 0);
      for (const checkpoint of [first, second]) {
        await checkpoint.read(
          ["virDomainCheckpointGetXMLDesc", 0],
          "virDomainCheckpointGetName",
          "virDomainCheckpointGetConnect",
          "virDomainCheckpointGetDomain",
          ["virDomainCheckpointGetParent", 0],
          ["virDomainCheckpointListAllChildren", 0],
        );
      }
      await second.change(["virDomainCheckpointDelete", 0], ["virDomainCheckpointDelete", 0]);
      await remove(domain);
    });
  });
}
