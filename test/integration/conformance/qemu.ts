import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, it } from "vitest";
import {
  DomainCoreDumpFlags,
  DomainCreateFlags,
  DomainDestroyFlagsValues,
  DomainGetJobStatsFlags,
  DomainSaveRestoreFlags,
  DomainUndefineFlagsValues,
  DomainVcpuFlags,
} from "../../../src/index.js";
import type { PyObject } from "../../support/differential.js";
import { qemuDomainXML } from "../../support/fixtures.js";
import type { Both } from "./both.js";
import { domainDevices, domainReads } from "./domain-reads.js";
import { images, uuidFor, type World } from "./world.js";

const { LIVE, CONFIG, MAXIMUM } = DomainVcpuFlags;
export const COMPLETED = DomainGetJobStatsFlags.COMPLETED | DomainGetJobStatsFlags.KEEP_COMPLETED;

/** A defined guest with a disk, one vCPU of two, and no operating system. */
export async function defineGuest(world: World, conn: Both, name: string): Promise<Both> {
  for (const path of world.imagePaths(`${name}.qcow2`)) {
    await promisify(execFile)("qemu-img", ["create", "-q", "-f", "qcow2", path, "1M"]);
  }
  const devices = domainDevices(`${images}/${name}.qcow2`, "qcow2");
  await conn.change(["virDomainDefineXML", qemuDomainXML({ name, uuid: uuidFor(name), vcpus: 2, devices })]);
  const domain = await conn.find("virDomainLookupByName", name);
  await domain.change(["virDomainSetVcpusFlags", 1, CONFIG]);
  return domain;
}

/** The same, and it runs. */
export async function startGuest(world: World, conn: Both, name: string): Promise<Both> {
  const domain = await defineGuest(world, conn, name);
  await domain.change("virDomainCreate");
  return conn.find("virDomainLookupByName", name);
}

/** Waits until the thing has come so far on both daemons. */
export async function until(thing: Both, reached: (one: PyObject) => Promise<boolean>): Promise<void> {
  for (const one of [thing.theirs, thing.twin]) {
    while (!(await reached(one))) await sleep(20);
  }
}

export function qemuScenarios(world: () => World): void {
  describe("a domain of QEMU's", () => {
    let conn: Both;
    let domain: Both;

    it("tells the same of itself when it is off", async () => {
      const quiet = await defineGuest(world(), await world().driver("qemu"), "quiet");
      await quiet.change("virDomainGetID");
      await quiet.read(...domainReads);
      await quiet.change(
        ["virDomainSetMetadata", 0, "a description", null, null, CONFIG],
        ["virDomainSetMetadata", 2, "<x>1</x>", "p", "urn:x", CONFIG],
        ["virDomainGetMetadata", 2, "urn:x", CONFIG],
        ["virDomainSetAutostart", true],
        ["virDomainSetMaxMemory", 65536n],
        ["virDomainSetMemoryFlags", 16384n, CONFIG],
        ["virDomainSetVcpusFlags", 3, CONFIG | MAXIMUM],
        ["virDomainPinVcpuFlags", 0, [true], CONFIG],
        ["virDomainPinEmulator", [true], CONFIG],
        ["virDomainSetBlockIoTune", "vda", { total_bytes_sec: 12345678901n }, CONFIG],
        ["virDomainGetBlockIoTune", "vda", CONFIG],
        ["virDomainSetSchedulerParametersFlags", { cpu_shares: 2n ** 40n }, CONFIG],
        ["virDomainSetLifecycleAction", 0, 0, CONFIG],
        ["virDomainAttachDeviceFlags", disk("vdb", "extra"), CONFIG],
        ["virDomainAttachDeviceFlags", cdrom(""), CONFIG],
        ["virDomainUpdateDeviceFlags", cdrom(`<source file="/usr/bin/env"/>`), CONFIG],
        ["virDomainSetVcpu", "1", true, CONFIG],
        ["virDomainDetachDeviceFlags", disk("vdb", "extra"), CONFIG],
        ["virDomainRename", "renamed", 0],
        ["virDomainRename", "quiet", 0],
        "virDomainUndefine",
      );
    });

    it("tells the same of itself when it runs", async () => {
      conn = await world().driver("qemu");
      domain = await startGuest(world(), conn, "running");
      await domain.change("virDomainGetID");
      await domain.read(...domainReads, ["virDomainGetVcpusFlags", LIVE]);
    });

    it("changes the same way when it runs", async () => {
      await domain.change(
        "virDomainCreate",
        "virDomainSuspend",
        "virDomainSuspend",
        "virDomainResume",
        ["virDomainReset", 0],
        ["virDomainReboot", 0],
        "virDomainShutdown",
        ["virDomainShutdownFlags", 1],
        ["virDomainSetVcpus", 2],
        ["virDomainSetVcpu", "1", false, LIVE],
        ["virDomainSetMemory", 16384n],
        ["virDomainSetMemoryStatsPeriod", 5, LIVE],
        ["virDomainSetMemoryParameters", { hard_limit: 9000n }, LIVE],
        ["virDomainSetBlkioParameters", { weight: 300 }, LIVE],
        ["virDomainSetNumaParameters", { numa_nodeset: "0" }, CONFIG],
        ["virDomainSetInterfaceParameters", "guest0", { "inbound.average": 100 }, LIVE],
        ["virDomainSetBlockIoTune", "vda", { read_iops_sec: 1000n, group_name: "g" }, LIVE],
        ["virDomainGetBlockIoTune", "vda", LIVE],
        ["virDomainSetBlockThreshold", "vda", 4096n, 0],
        ["virDomainSetPerfEvents", { cmt: false }, LIVE],
        ["virDomainSetSchedulerParameters", { cpu_shares: 1024n }],
        ["virDomainAddIOThread", 3, LIVE],
        ["virDomainSetIOThreadParams", 3, { poll_max_ns: 32768n, poll_grow: 2 }, LIVE],
        ["virDomainPinIOThread", 3, [true, true], LIVE],
        ["virDomainGetIOThreadInfo", LIVE],
        ["virDomainDelIOThread", 3, LIVE],
        ["virDomainPinVcpu", 0, [true]],
        ["virDomainGetVcpuPinInfo", LIVE],
        ["virDomainPinEmulator", [true, true], LIVE],
        ["virDomainGetEmulatorPinInfo", LIVE],
        ["virDomainSetMetadata", 1, "a title", null, null, LIVE],
        ["virDomainGetMetadata", 1, null, LIVE],
        ["virDomainSetLifecycleAction", 1, 1, LIVE],
        ["virDomainInjectNMI", 0],
        ["virDomainSendKey", 0, 50, [28, 29], 0],
        ["virDomainSendProcessSignal", 1n, 15, 0],
        ["virDomainMigrateSetCompressionCache", 2n ** 26n, 0],
        ["virDomainMigrateGetCompressionCache", 0],
        ["virDomainMigrateSetMaxDowntime", 777n, 0],
        ["virDomainMigrateGetMaxDowntime", 0],
        ["virDomainMigrateSetMaxSpeed", 33n, 0],
        ["virDomainMigrateGetMaxSpeed", 0],
        ["virDomainMigrateStartPostCopy", 0],
        ["virDomainStartDirtyRateCalc", 1, 0],
        "virDomainAbortJob",
        ["virDomainAbortJobFlags", 1],
        ["virDomainSetLaunchSecurityState", { "sev-secret": "a", "sev-secret-header": "b" }, 0],
        ["virDomainQemuMonitorCommand", '{"execute":"query-name"}', 0],
        ["virDomainQemuMonitorCommand", "info name", 1],
        ["virDomainQemuMonitorCommand", "nonsense", 0],
        ["virDomainMemoryPeek", 0xfffffff0n, 16, 2],
        ["virDomainBlockPeek", "vda", 0n, 512, 0],
      );
      await conn.read(["virDomainQemuAttach", 1, 0]);
    });

    it("misses its guest agent in the same way", async () => {
      await domain.change(
        ["virDomainAgentSetResponseTimeout", 5, 0],
        ["virDomainAuthorizedSSHKeysGet", "root", 0],
        ["virDomainAuthorizedSSHKeysSet", "root", ["ssh-ed25519 AAAA"], 0],
        ["virDomainFSFreeze", [], 0],
        ["virDomainFSThaw", [], 0],
        ["virDomainFSTrim", null, 0n, 0],
        ["virDomainGetFSInfo", 0],
        ["virDomainGetGuestInfo", 0, 0],
        ["virDomainGetGuestVcpus", 0],
        ["virDomainSetGuestVcpus", "0", true, 0],
        ["virDomainGetHostname", 0],
        ["virDomainInterfaceAddresses", 1, 0],
        ["virDomainInterfaceAddresses", 2, 0],
        ["virDomainGetTime", 0],
        ["virDomainSetTime", 1_700_000_000n, 0, 0],
        ["virDomainSetUserPassword", "root", "secret", 0],
        ["virDomainPMSuspendForDuration", 0, 0n, 0],
        ["virDomainPMWakeup", 0],
        ["virDomainQemuAgentCommand", '{"execute":"guest-ping"}', 5, 0],
      );
    });

    it("takes and loses devices the same way", async () => {
      for (const path of world().imagePaths("extra.qcow2")) {
        await promisify(execFile)("qemu-img", ["create", "-q", "-f", "qcow2", path, "1M"]);
      }
      const tablet = `<input type="tablet" bus="usb"><alias name="ua-tablet"/></input>`;
      const mouse = `<input type="mouse" bus="usb"><alias name="ua-mouse"/></input>`;
      await domain.change(
        ["virDomainAttachDevice", disk("vdb", "extra")],
        ["virDomainAttachDevice", disk("vdb", "extra")],
        ["virDomainAttachDeviceFlags", tablet, LIVE],
        ["virDomainAttachDeviceFlags", mouse, LIVE],
        ["virDomainBlockStatsFlags", "vdb", 0],
        ["virDomainGetBlockInfo", "vdb", 0],
        ["virDomainUpdateDeviceFlags", disk("vdb", "quiet"), LIVE],
        ["virDomainUpdateDeviceFlags", "nonsense", LIVE],
        ["virDomainDetachDeviceAlias", "ua-nonsense", LIVE],
        ["virDomainDetachDeviceFlags", disk("vdz", "extra"), LIVE],
        ["virDomainDetachDevice", disk("vdz", "extra")],
      );
      await domain.begin(["virDomainDetachDeviceAlias", "ua-tablet", LIVE]);
      await domain.begin(["virDomainDetachDevice", mouse]);
      await until(domain, async (one) => !String(await one.call("XMLDesc", 0)).includes("ua-"));
    });

    it("saves and restores the same way", async () => {
      const image = `${images}/saved.image`;
      const xml = "<domain/>";
      await domain.change(
        ["virDomainCoreDump", `${images}/core`, 0],
        ["virDomainCoreDumpWithFormat", `${images}/core2`, 0, DomainCoreDumpFlags.MEMORY_ONLY],
      );
      await domain.read(
        "virDomainGetJobInfo",
        ["virDomainGetJobStats", 0],
        ["virDomainGetJobStats", COMPLETED],
      );
      await domain.change(["virDomainSave", image], ["virDomainSave", image]);
      await conn.change(
        ["virDomainSaveImageGetXMLDesc", image, 0],
        ["virDomainSaveImageDefineXML", image, xml, 0],
        ["virDomainRestore", image],
        ["virDomainRestore", "/nonexistent"],
      );
      await domain.change(["virDomainSaveFlags", image, null, DomainSaveRestoreFlags.RUNNING]);
      await conn.change(["virDomainRestoreFlags", image, null, DomainSaveRestoreFlags.PAUSED]);
      await domain.change(["virDomainGetState", 0], ["virDomainSaveParams", { file: image }, 0]);
      await conn.change(["virDomainRestoreParams", { file: image }, 0]);
      await domain.change(
        ["virDomainManagedSave", 0],
        ["virDomainHasManagedSaveImage", 0],
        ["virDomainManagedSaveGetXMLDesc", 0],
      );
      await domain.change(
        ["virDomainManagedSaveDefineXML", xml, 0],
        ["virDomainManagedSaveDefineXML", await domain.twin.call("managedSaveGetXMLDesc", 0), 0],
        ["virDomainManagedSaveRemove", 0],
        ["virDomainManagedSaveRemove", 0],
        ["virDomainCreateWithFlags", DomainCreateFlags.START_PAUSED],
        ["virDomainDestroyFlags", DomainDestroyFlagsValues.GRACEFUL],
        ["virDomainUndefineFlags", DomainUndefineFlagsValues.MANAGED_SAVE],
      );
    });
  });
}

function disk(target: string, file: string): string {
  return `<disk type="file" device="disk">
    <driver name="qemu" type="qcow2"/><source file="${images}/${file}.qcow2"/><target dev="${target}" bus="virtio"/>
  </disk>`;
}

function cdrom(source: string): string {
  return `<disk type="file" device="cdrom">${source}<target dev="hdc" bus="ide"/><readonly/></disk>`;
}
