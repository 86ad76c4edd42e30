/** Which table of src/api/parameter-types.ts says what a function's typed parameters are. */
export const parameterGroups: Readonly<Record<string, string>> = {
  virAdmServerSetClientLimits: "clientLimitParameters",
  virAdmServerSetThreadPoolParameters: "threadPoolParameters",
  virConnectSetIdentity: "identityParameters",
  virDomainAnnounceInterface: "announceInterfaceParameters",
  virDomainBlockCopy: "blockCopyParameters",
  virDomainRestoreParams: "restoreParameters",
  virDomainSaveParams: "saveParameters",
  virDomainSetBlkioParameters: "blkioParameters",
  virDomainSetBlockIoTune: "blockIoTuneParameters",
  virDomainSetIOThreadParams: "ioThreadParameters",
  virDomainSetInterfaceParameters: "interfaceParameters",
  virDomainSetLaunchSecurityState: "launchSecurityParameters",
  virDomainSetMemoryParameters: "memoryParameters",
  virDomainSetNumaParameters: "numaParameters",
  virDomainSetPerfEvents: "perfEventParameters",
  virDomainSetSchedulerParameters: "schedulerParameters",
  virDomainSetSchedulerParametersFlags: "schedulerParameters",
  virDomainSetThrottleGroup: "blockIoTuneParameters",
  virNetworkPortSetParameters: "networkPortParameters",
  virNodeSetMemoryParameters: "nodeMemoryParameters",
};

/** Functions whose parameters may be strings, if the flags say that the client knows of such. */
export const stringParameters: ReadonlySet<string> = new Set([
  "virDomainGetLaunchSecurityInfo",
  "virNodeGetSEVInfo",
]);
