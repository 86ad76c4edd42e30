import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createDriver } from "../../../../src/testing/driver/driver.js";

// Every function that libvirt's test driver has, is one that ours has. The names are C's.

const hypervisor = `
  virConnectGetVersion virConnectGetHostname virConnectGetMaxVcpus virNodeGetInfo virNodeGetCPUStats
  virNodeGetFreeMemory virNodeGetFreePages virConnectGetAllDomainStats virConnectGetCapabilities
  virConnectGetSysinfo virConnectGetType virConnectListDomains
  virConnectNumOfDomains virConnectListAllDomains virDomainCreateXML virDomainCreateXMLWithFiles
  virDomainLookupByID virDomainLookupByUUID virDomainLookupByName virDomainSuspend virDomainResume
  virDomainShutdown virDomainShutdownFlags virDomainReboot virDomainReset virDomainDestroy
  virDomainDestroyFlags virDomainGetOSType virDomainGetLaunchSecurityInfo virDomainGetMaxMemory
  virDomainSetMaxMemory virDomainSetMemory virDomainSetMemoryStatsPeriod virDomainSetMemoryFlags
  virDomainGetHostname virDomainGetInfo virDomainGetState virDomainGetControlInfo virDomainGetTime
  virDomainSetTime virDomainSave virDomainSaveFlags virDomainRestore virDomainRestoreFlags
  virDomainSaveImageDefineXML virDomainSaveImageGetXMLDesc virDomainCoreDump
  virDomainCoreDumpWithFormat virDomainSetUserPassword virDomainPinEmulator
  virDomainGetEmulatorPinInfo virDomainSetVcpus virDomainSetVcpusFlags virDomainGetVcpusFlags
  virDomainPinVcpu virDomainPinVcpuFlags virDomainGetVcpus virDomainGetVcpuPinInfo
  virDomainGetMaxVcpus virDomainGetIOThreadInfo virDomainAddIOThread virDomainDelIOThread
  virDomainPinIOThread virDomainSetIOThreadParams virDomainGetSecurityLabel virNodeGetSecurityModel
  virDomainGetXMLDesc virDomainSetMemoryParameters virDomainGetMemoryParameters
  virDomainSetNumaParameters virDomainGetNumaParameters virDomainSetInterfaceParameters
  virDomainGetInterfaceParameters virDomainSetBlockIoTune virDomainGetBlockIoTune
  virDomainSetBlkioParameters virDomainGetBlkioParameters virConnectListDefinedDomains
  virConnectNumOfDefinedDomains virDomainCreate virDomainCreateWithFlags virDomainCreateWithFiles
  virDomainDefineXML virDomainDefineXMLFlags virDomainUndefine virDomainUndefineFlags
  virDomainFSFreeze virDomainFSThaw virDomainFSTrim virDomainGetAutostart virDomainSetAutostart
  virDomainGetDiskErrors virDomainGetFSInfo virDomainSetPerfEvents virDomainGetPerfEvents
  virDomainGetSchedulerType virDomainGetSchedulerParameters virDomainGetSchedulerParametersFlags
  virDomainSetSchedulerParameters virDomainSetSchedulerParametersFlags virDomainBlockStats
  virDomainInterfaceStats virNodeGetCellsFreeMemory virConnectDomainEventRegister
  virConnectDomainEventDeregister virConnectIsEncrypted virConnectIsSecure virDomainIsActive
  virDomainIsPersistent virDomainIsUpdated virConnectDomainEventRegisterAny
  virConnectDomainEventDeregisterAny virConnectIsAlive virNodeGetCPUMap virDomainRename
  virDomainScreenshot virDomainInjectNMI virDomainSendKey virDomainGetMetadata virDomainSetMetadata
  virDomainGetCPUStats virDomainSendProcessSignal virConnectGetCPUModelNames virDomainManagedSave
  virDomainHasManagedSaveImage virDomainManagedSaveRemove virDomainMemoryStats virDomainMemoryPeek
  virDomainGetBlockInfo virDomainSetLifecycleAction virDomainGetMessages
  virConnectGetDomainCapabilities virConnectBaselineCPU
  virDomainSnapshotNum virDomainSnapshotListNames virDomainListAllSnapshots
  virDomainSnapshotGetXMLDesc virDomainSnapshotNumChildren virDomainSnapshotListChildrenNames
  virDomainSnapshotListAllChildren virDomainSnapshotLookupByName virDomainHasCurrentSnapshot
  virDomainSnapshotGetParent virDomainSnapshotCurrent virDomainSnapshotIsCurrent
  virDomainSnapshotHasMetadata virDomainSnapshotCreateXML virDomainRevertToSnapshot
  virDomainSnapshotDelete virDomainCheckpointCreateXML virDomainCheckpointGetXMLDesc
  virDomainListAllCheckpoints virDomainCheckpointListAllChildren virDomainCheckpointLookupByName
  virDomainCheckpointGetParent virDomainCheckpointDelete
  virDomainAttachDevice virDomainAttachDeviceFlags virDomainDetachDeviceAlias virDomainUpdateDeviceFlags
  virDomainInterfaceAddresses
`;

const networks = `
  virConnectNumOfNetworks virConnectListNetworks virConnectNumOfDefinedNetworks
  virConnectListDefinedNetworks virConnectListAllNetworks virConnectNetworkEventRegisterAny
  virConnectNetworkEventDeregisterAny virNetworkLookupByUUID virNetworkLookupByName
  virNetworkCreateXML virNetworkCreateXMLFlags virNetworkDefineXML virNetworkDefineXMLFlags
  virNetworkUndefine virNetworkUpdate virNetworkCreate virNetworkDestroy virNetworkGetXMLDesc
  virNetworkGetBridgeName virNetworkGetAutostart virNetworkSetAutostart virNetworkIsActive
  virNetworkIsPersistent virNetworkSetMetadata virNetworkGetMetadata
`;

const interfaces = `
  virConnectNumOfInterfaces virConnectListInterfaces virConnectNumOfDefinedInterfaces
  virConnectListDefinedInterfaces virConnectListAllInterfaces virInterfaceLookupByName
  virInterfaceLookupByMACString virInterfaceGetXMLDesc virInterfaceDefineXML virInterfaceUndefine
  virInterfaceCreate virInterfaceDestroy virInterfaceIsActive virInterfaceChangeBegin
  virInterfaceChangeCommit virInterfaceChangeRollback
`;

const storage = `
  virConnectNumOfStoragePools virConnectListStoragePools virConnectNumOfDefinedStoragePools
  virConnectListDefinedStoragePools virConnectListAllStoragePools virConnectFindStoragePoolSources
  virConnectStoragePoolEventRegisterAny virConnectStoragePoolEventDeregisterAny
  virStoragePoolLookupByName virStoragePoolLookupByUUID virStoragePoolLookupByVolume
  virStoragePoolCreateXML virStoragePoolDefineXML virStoragePoolBuild virStoragePoolUndefine
  virStoragePoolCreate virStoragePoolDestroy virStoragePoolDelete virStoragePoolRefresh
  virStoragePoolGetInfo virStoragePoolGetXMLDesc virStoragePoolGetAutostart virStoragePoolSetAutostart
  virStoragePoolNumOfVolumes virStoragePoolListVolumes virStoragePoolListAllVolumes
  virStorageVolLookupByName virStorageVolLookupByKey virStorageVolLookupByPath virStorageVolCreateXML
  virStorageVolCreateXMLFrom virStorageVolDelete virStorageVolGetInfo virStorageVolGetXMLDesc
  virStorageVolGetPath virStoragePoolIsActive virStoragePoolIsPersistent
`;

const nodeDevices = `
  virConnectListAllNodeDevices virConnectNodeDeviceEventRegisterAny
  virConnectNodeDeviceEventDeregisterAny virNodeNumOfDevices virNodeListDevices
  virNodeDeviceLookupByName virNodeDeviceGetXMLDesc virNodeDeviceGetParent virNodeDeviceNumOfCaps
  virNodeDeviceListCaps virNodeDeviceCreateXML virNodeDeviceDestroy virNodeDeviceIsActive
  virNodeDeviceIsPersistent
`;

interface Row {
  readonly c: string;
  readonly program?: string;
  readonly procedure?: number;
}

const manifest: readonly Row[] = JSON.parse(
  readFileSync(new URL("../../../../api-manifest.json", import.meta.url), "utf8"),
);
const rows = new Map(manifest.map((row) => [row.c, row]));
const remoteProgram = 0x2000_8086;

/** What is known without asking a daemon has no procedure. */
const local = ["virConnectIsAlive"];

describe("the test driver has what libvirt's has", () => {
  test.each([hypervisor, networks, interfaces, storage, nodeDevices].join(" ").trim().split(/\s+/))(
    "%s",
    (name) => {
      const row = rows.get(name);
      expect(row).toBeDefined();
      if (local.includes(name)) expect(row?.procedure).toBeUndefined();
      else expect(createDriver().find(remoteProgram, row?.procedure ?? 0)).toBeDefined();
    },
  );
});
