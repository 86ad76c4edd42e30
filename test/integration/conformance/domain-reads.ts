import { DomainVcpuFlags } from "../../../src/index.js";
import type { Call } from "./both.js";

const { CONFIG, MAXIMUM } = DomainVcpuFlags;

/** A disk, vda, and a network interface, guest0. */
export function domainDevices(disk: string, format: string): string {
  return `<disk type="file" device="disk">
      <driver name="qemu" type="${format}"/><source file="${disk}"/><target dev="vda" bus="virtio"/>
    </disk>
    <interface type="ethernet">
      <mac address="52:54:00:00:00:01"/><target dev="guest0"/><model type="virtio"/>
    </interface>`;
}

/** What any domain with {@link domainDevices} can be asked, running or not. */
export const domainReads: readonly Call[] = [
  "virDomainGetAutostart",
  "virDomainGetConnect",
  "virDomainGetName",
  "virDomainGetUUID",
  "virDomainGetUUIDString",
  "virDomainGetOSType",
  "virDomainGetInfo",
  ["virDomainGetState", 0],
  "virDomainGetMaxMemory",
  "virDomainGetMaxVcpus",
  ["virDomainGetVcpusFlags", CONFIG],
  ["virDomainGetVcpusFlags", CONFIG | MAXIMUM],
  ["virDomainGetXMLDesc", 0],
  ["virDomainGetXMLDesc", 2],
  ["virDomainGetXMLDesc", 3],
  ["virDomainGetBlkioParameters", 0],
  ["virDomainGetMemoryParameters", 0],
  ["virDomainGetNumaParameters", 0],
  ["virDomainGetInterfaceParameters", "guest0", 0],
  ["virDomainGetInterfaceParameters", "nonsense", 0],
  ["virDomainGetBlockIoTune", "vda", 0],
  ["virDomainGetBlockIoTune", "nonsense", 0],
  ["virDomainGetPerfEvents", 0],
  ["virDomainGetLaunchSecurityInfo", 0],
  ["virDomainGetMessages", 0],
  "virDomainGetSchedulerType",
  "virDomainGetSchedulerParameters",
  ["virDomainGetSchedulerParametersFlags", 0],
  ["virDomainGetControlInfo", 0],
  ["virDomainGetEmulatorPinInfo", 0],
  ["virDomainGetVcpuPinInfo", 0],
  ["virDomainGetIOThreadInfo", 0],
  ["virDomainGetDiskErrors", 0],
  ["virDomainGetFSInfo", 0],
  ["virDomainGetHostname", 0],
  ["virDomainGetBlockInfo", "vda", 0],
  ["virDomainInterfaceAddresses", 0, 0],
  ["virDomainGetTime", 0],
  ["virDomainGetMetadata", 0, null, 0],
  ["virDomainGetMetadata", 2, "urn:x", 0],
  "virDomainGetSecurityLabel",
  "virDomainGetSecurityLabelList",
  "virDomainGetVcpus",
  ["virDomainGetCPUStats", -1, 1, 0],
  ["virDomainGetCPUStats", 0, 0, 0],
  "virDomainGetJobInfo",
  ["virDomainGetJobStats", 0],
  ["virDomainGetBlockJobInfo", "vda", 0],
  ["virDomainGetGuestInfo", 0, 0],
  ["virDomainGetGuestVcpus", 0],
  ["virDomainMemoryStats", 0],
  ["virDomainBlockStats", "vda"],
  ["virDomainBlockStatsFlags", "vda", 0],
  ["virDomainInterfaceStats", "guest0"],
  ["virDomainHasCurrentSnapshot", 0],
  ["virDomainHasManagedSaveImage", 0],
  "virDomainIsActive",
  "virDomainIsPersistent",
  "virDomainIsUpdated",
  ["virDomainListAllCheckpoints", 0],
  ["virDomainListAllSnapshots", 0],
  ["virDomainSnapshotNum", 0],
  ["virDomainSnapshotListNames", 0],
  ["virDomainBackupGetXMLDesc", 0],
  ["virDomainManagedSaveGetXMLDesc", 0],
  ["virDomainMigrateGetCompressionCache", 0],
  ["virDomainMigrateGetMaxDowntime", 0],
  ["virDomainMigrateGetMaxSpeed", 0],
  ["virDomainAuthorizedSSHKeysGet", "root", 0],
  ["virDomainMemoryPeek", 0n, 16, 2],
  ["virDomainBlockPeek", "vda", 0n, 16, 0],
];
