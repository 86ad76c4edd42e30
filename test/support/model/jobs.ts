import { domain } from "./domains.js";
import type { Operations } from "./stage.js";

// What only other drivers do, so that all of this is refused. Arguments that libvirt refuses before are not among them.

/** Jobs on disks, memory and agents, and the ways into a guest. */
export const jobOperations: Operations = {
  abortJobFlags: async (stage, choose) => (await domain(stage, choose)).abortJobFlags(),
  getJobStats: async (stage, choose) => (await domain(stage, choose)).getJobStats(),
  backupBegin: async (stage, choose) => (await domain(stage, choose)).backupBegin("<domainbackup/>"),
  backupGetXMLDesc: async (stage, choose) => (await domain(stage, choose)).backupGetXMLDesc(),
  blockCommit: async (stage, choose) => (await domain(stage, choose)).blockCommit("vda", null, null, 7n),
  blockCopy: async (stage, choose) => (await domain(stage, choose)).blockCopy("vda", "<disk/>", {}),
  blockJobAbort: async (stage, choose) => (await domain(stage, choose)).blockJobAbort("vda"),
  blockJobSetSpeed: async (stage, choose) => (await domain(stage, choose)).blockJobSetSpeed("vda", 7n),
  getBlockJobInfo: async (stage, choose) => (await domain(stage, choose)).getBlockJobInfo("vda"),
  blockPeek: async (stage, choose) => (await domain(stage, choose)).blockPeek("vda", 0n, 8),
  blockPull: async (stage, choose) => (await domain(stage, choose)).blockPull("vda", 7n),
  blockRebase: async (stage, choose) => (await domain(stage, choose)).blockRebase("vda", null, 7n),
  blockStatsFlags: async (stage, choose) => (await domain(stage, choose)).blockStatsFlags("vda"),
  setBlockThreshold: async (stage, choose) => (await domain(stage, choose)).setBlockThreshold("vda", 7n),
  agentSetResponseTimeout: async (stage, choose) => (await domain(stage, choose)).agentSetResponseTimeout(5),
  authorizedSSHKeysGet: async (stage, choose) => (await domain(stage, choose)).authorizedSSHKeysGet("root"),
  authorizedSSHKeysSet: async (stage, choose) =>
    (await domain(stage, choose)).authorizedSSHKeysSet("root", ["ssh-ed25519 AAAA"]),
  managedSaveDefineXML: async (stage, choose) =>
    (await domain(stage, choose)).managedSaveDefineXML("<domain/>"),
  migrateGetCompressionCache: async (stage, choose) =>
    (await domain(stage, choose)).migrateGetCompressionCache(),
  migrateSetCompressionCache: async (stage, choose) =>
    (await domain(stage, choose)).migrateSetCompressionCache(7n),
  migrateGetMaxDowntime: async (stage, choose) => (await domain(stage, choose)).migrateGetMaxDowntime(),
  migrateSetMaxSpeed: async (stage, choose) => (await domain(stage, choose)).migrateSetMaxSpeed(7n),
  migrateStartPostCopy: async (stage, choose) => (await domain(stage, choose)).migrateStartPostCopy(),
  openChannel: async (stage, choose) => (await domain(stage, choose)).openChannel(),
  openConsole: async (stage, choose) => (await domain(stage, choose)).openConsole(),
  pmSuspendForDuration: async (stage, choose) => (await domain(stage, choose)).pmSuspendForDuration(0, 0n),
  setLaunchSecurityState: async (stage, choose) =>
    (await domain(stage, choose)).setLaunchSecurityState({ "sev-secret": "x" }),
  startDirtyRateCalc: async (stage, choose) => (await domain(stage, choose)).startDirtyRateCalc(1),
  detachDeviceFlags: async (stage, choose) =>
    (await domain(stage, choose)).detachDeviceFlags("<console type='pty'/>"),
};
