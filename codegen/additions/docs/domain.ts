import type { Docs } from "./doc.js";

const running = "the domain is not running.";
const scope =
  "the flags ask for the running domain and it is off, or for a stored definition and there is none.";
const readonly = "the connection is read-only.";
const noDomain = "there is no such domain.";
const taken = "the name or the UUID belongs to another domain.";
const schema = "the XML breaks libvirt's schema, and `VALIDATE` was among the flags.";
const session = "the driver runs in session mode, where this cannot be done.";

const agent = {
  AGENT_COMMAND_FAILED: "the guest agent refused the command.",
  AGENT_COMMAND_TIMEOUT: "the guest agent took the command and did not answer in time.",
  AGENT_UNRESPONSIVE: "the guest agent is not connected, or silent.",
  ARGUMENT_UNSUPPORTED: "the domain has no channel for a guest agent.",
  OPERATION_INVALID: running,
};
const agentQuery = { ...agent, OPERATION_DENIED: readonly };
const blockJob = {
  BLOCK_COPY_ACTIVE: "the disk is being copied, or its active image committed.",
  INVALID_ARG: "the domain has no such disk or image.",
  OPERATION_INVALID: running,
  OPERATION_UNSUPPORTED: "another job is busy with the disk.",
};
const migration = {
  MIGRATE_UNSAFE:
    "disks are not shared, or cached by the host; `DomainMigrateFlags.UNSAFE` goes ahead regardless.",
  OPERATION_ABORTED: "the migration was cancelled by `abortJob`.",
  OPERATION_INVALID:
    "the domain's state, or something it has, such as snapshots or certain devices, forbids it.",
};

const affinity = "For each host CPU by number, whether it may be used; CPUs past the array's end may not.";
const blockSpeed = "Limit in MiB/s (bytes/s with the flag `BANDWIDTH_BYTES`); 0n for none.";
const device = "XML of one device, such as `<disk>` or `<interface>`.";
const disk = "Target of the disk (`vda`), or its source path where only one disk has it.";
const domainXML = "XML with root `<domain>`.";
const iothread = "Number of the thread, from 1 on.";
const memory = "New size in KiB, more than 0n.";
const migrateSpeed = "Limit in MiB/s; 0n leaves the choice to the driver.";
const mountpoints = "Mount points inside the guest; an empty list means all.";
const nic = "Name that the interface has on the host (`vnet0`), or its MAC address.";
const savedXML =
  "Altered domain XML to use from now on; only what the guest cannot see, such as disk paths, may differ.";
const tunables = "Values to change, by name; the others stay.";
const vcpuList = "vCPU numbers as text: `0-3,^2` is 0, 1 and 3.";

/** Domains: class Domain but for snapshots and checkpoints, and what class Connection does about domains. */
export const domainDocs: Docs = {
  virConnectDomainEventDeregister: {
    summary: "Removes a callback that `domainEventRegister` added.",
    params: { cb: "The very function that was registered." },
  },
  virConnectDomainEventDeregisterAny: {
    summary: "Removes a callback that `domainEventRegisterAny` added.",
    params: { callbackID: "What `domainEventRegisterAny` gave." },
  },
  virConnectDomainEventRegister: {
    summary:
      "Calls a function at each life-cycle event of any domain; `domainEventRegisterAny` knows all events.",
    params: { cb: "Called with each event." },
  },
  virConnectDomainEventRegisterAny: {
    summary: "Calls a function at each event of one kind, of one domain or of all.",
    params: {
      cb: "Called with each event.",
      dom: "The only domain to listen to; null for all of them.",
      eventID: "The kind of event, a `DomainEventID`.",
    },
    returns: "A number that `domainEventDeregisterAny` takes.",
  },
  virConnectDomainQemuMonitorEventDeregister: {
    summary: "Removes a callback that `domainQemuMonitorEventRegister` added.",
    params: { callbackID: "What `domainQemuMonitorEventRegister` gave." },
  },
  virConnectDomainQemuMonitorEventRegister: {
    summary: "Calls a function at raw events of QEMU's monitor, of one domain or of all.",
    params: {
      cb: "Called with each event.",
      dom: "The only domain to listen to; null for all of them.",
      event:
        "QMP's name of the event (`SHUTDOWN`), or with `ConnectDomainQemuMonitorEventRegisterFlags.REGEX` a pattern; null for all.",
    },
    returns: "A number that `domainQemuMonitorEventDeregister` takes.",
    errors: { OPERATION_DENIED: readonly },
  },
  virConnectDomainXMLFromNative: {
    summary: "Translates a guest's configuration from a hypervisor's own format into domain XML.",
    params: {
      nativeConfig: "The configuration itself, not its path.",
      nativeFormat: "Name of the format, such as `bhyve-argv`, `lxc-tools`, `vmware-vmx` or `xen-xl`.",
    },
    returns: domainXML,
    errors: { NO_SUPPORT: "the driver reads no native format; QEMU's does not.", OPERATION_DENIED: readonly },
  },
  virConnectDomainXMLToNative: {
    summary: "Translates domain XML into a hypervisor's own format, for QEMU its command line.",
    params: {
      domainXml: domainXML,
      nativeFormat: "Name of the format, such as `qemu-argv`, `vmware-vmx` or `xen-xl`.",
    },
    returns: "The configuration; what libvirt hands over by other means, such as open files, is not in it.",
    errors: { INVALID_ARG: "the driver does not write that format.", OPERATION_DENIED: readonly },
  },
  virConnectGetAllDomainStats: {
    summary: "Gives statistics of all domains, or of those that the flags select, in one call.",
    params: { stats: "Groups wanted, `DomainStatsTypes` joined by `|`; 0 for all that there are." },
    returns:
      "Each domain and its values by dotted name (`block.0.rd.bytes`); what cannot be told is left out.",
    errors: {
      ARGUMENT_UNSUPPORTED:
        "a group is unknown, and the flags have `ConnectGetAllDomainStatsFlags.ENFORCE_STATS`.",
    },
  },
  virConnectGetDomainCapabilities: {
    summary:
      "Describes what guests may have with one emulator, architecture, machine and virtualization type.",
    params: {
      arch: "CPU architecture (`x86_64`); null for the emulator's own.",
      emulatorbin: "Path of the emulator on the host; null for the architecture's usual one.",
      machine: "Machine type (`q35`); null for the default.",
      virttype: "Virtualization type (`kvm`); null for the best there is.",
    },
    returns: "XML with root `<domainCapabilities>`.",
    errors: {
      CONFIG_UNSUPPORTED: "no emulator for the architecture is installed.",
      INVALID_ARG: "the architecture or type is unknown, or not what the emulator offers.",
      OPERATION_DENIED: readonly,
    },
  },
  virConnectListAllDomains: {
    summary: "Lists domains, running and defined: all, or those that the flags select.",
    returns: "In no particular order. Flags of one group widen the choice, each further group narrows it.",
  },
  virConnectListDefinedDomains: {
    summary: "Lists the names of the defined domains that do not run; `listAllDomains` gives objects.",
  },
  virConnectListDomains: {
    summary: "Lists the IDs of the running domains; `listAllDomains` gives objects.",
  },
  virConnectNumOfDefinedDomains: { summary: "Counts the defined domains that do not run." },
  virConnectNumOfDomains: { summary: "Counts the running domains." },
  virDomainAbortJob: {
    summary: "Cancels the domain's job, such as a migration, a save, a dump or a backup.",
    errors: {
      OPERATION_INVALID:
        "there is no job, or it cannot be cancelled: a start, an incoming migration, or one in its post-copy phase.",
    },
  },
  virDomainAbortJobFlags: {
    summary:
      "Cancels the domain's job; `DomainAbortJobFlagsValues.POSTCOPY` interrupts a post-copy migration.",
    errors: { OPERATION_INVALID: "there is no job, or it cannot be cancelled." },
  },
  virDomainAddIOThread: {
    summary: "Adds an I/O thread to the running domain, its stored definition, or both.",
    params: { iothread_id: iothread },
    errors: { INVALID_ARG: "the number is 0 or in use.", OPERATION_INVALID: scope },
  },
  virDomainAgentSetResponseTimeout: {
    summary: "Sets how long commands to the domain's guest agent may take; without this they wait for ever.",
    params: {
      timeout: "Seconds, or one of `DomainAgentResponseTimeoutValues`: for ever, the default, no waiting.",
    },
    returns: "Always 0.",
    errors: { INVALID_ARG: "the time is below -2." },
  },
  virDomainAnnounceInterface: {
    summary:
      "Makes the domain announce its network cards with ARP packets, so that switches find them again.",
    params: {
      device: `${nic} Null means every one.`,
      params:
        "`DOMAIN_ANNOUNCE_INTERFACE_ROUNDS` packets; in ms `DOMAIN_ANNOUNCE_INTERFACE_INITIAL`, `DOMAIN_ANNOUNCE_INTERFACE_STEP`, `DOMAIN_ANNOUNCE_INTERFACE_MAX`. What is left out has a default.",
    },
  },
  virDomainAttachDevice: {
    summary: "Plugs a device into the running domain; its stored definition stays as it is.",
    params: { xml: device },
    errors: { OPERATION_INVALID: running },
  },
  virDomainAttachDeviceFlags: {
    summary: "Adds a device to the running domain, its stored definition, or both.",
    params: { xml: device },
    errors: { OPERATION_INVALID: scope },
  },
  virDomainAuthorizedSSHKeysGet: {
    summary: "Reads the SSH keys that may log in as a user of the guest, by its agent.",
    params: { user: "Name of the user in the guest." },
    returns: "The lines of the user's `authorized_keys`.",
    errors: agentQuery,
  },
  virDomainAuthorizedSSHKeysSet: {
    summary: "Changes the SSH keys that may log in as a user of the guest, by its agent.",
    params: {
      keys: "OpenSSH public keys: they replace all others, or the flags say to append or remove them.",
      user: "Name of the user in the guest.",
    },
    errors: agent,
  },
  virDomainBackupBegin: {
    summary: "Starts a backup of the running domain's disks, as they are at this moment.",
    params: {
      backupXML:
        "XML with root `<domainbackup>`: push to files or pull by NBD, which disks, since which checkpoint.",
      checkpointXML:
        "XML of a checkpoint to make at the same moment, for later incremental backups; null for none.",
    },
    errors: {
      CHECKPOINT_INCONSISTENT: "a disk has lost its record of changes since the checkpoint.",
      CONFIG_UNSUPPORTED: "no disk is chosen, or an image's format cannot take part.",
      INVALID_ARG: "an unknown disk is named, or an output file exists already.",
      NO_DOMAIN_CHECKPOINT: "the checkpoint to start from does not exist.",
      OPERATION_INVALID: "a backup is in progress.",
      OPERATION_UNSUPPORTED: running,
    },
  },
  virDomainBackupGetXMLDesc: {
    summary: "Describes the backup in progress, with all that libvirt chose, such as the NBD port.",
    returns: "XML with root `<domainbackup>`.",
    errors: { NO_DOMAIN_BACKUP: "no backup is in progress." },
  },
  virDomainBlockCommit: {
    summary: "Starts merging images of a disk's backing chain into an image further down.",
    params: {
      bandwidth: blockSpeed,
      base: "Image that takes the data: path, or target with index (`vda[3]`). Null: the chain's last, or with `DomainBlockCommitFlags.SHALLOW` the one below `top`.",
      disk,
      top: "Highest image to merge, named likewise. Null: the active one, which needs `DomainBlockCommitFlags.ACTIVE`.",
    },
    errors: blockJob,
  },
  virDomainBlockCopy: {
    summary: "Starts copying a disk, then mirrors writes to the copy until `blockJobAbort` ends it.",
    params: {
      destxml: "XML `<disk>` of the copy; only its source and driver count.",
      disk,
      params:
        "`DOMAIN_BLOCK_COPY_BANDWIDTH` in bytes/s, `DOMAIN_BLOCK_COPY_BUF_SIZE` in bytes, `DOMAIN_BLOCK_COPY_GRANULARITY` in bytes, a power of two.",
    },
    errors: {
      ...blockJob,
      OPERATION_INVALID:
        "the domain is off, or is not transient and the flags lack `DomainBlockCopyFlags.TRANSIENT_JOB`.",
    },
  },
  virDomainBlockJobAbort: {
    summary:
      "Ends a disk's job: cancels it, or with `DomainBlockJobAbortFlags.PIVOT` switches over to its result.",
    params: { disk },
    errors: {
      BLOCK_COPY_ACTIVE: "the job is not ready yet for `DomainBlockJobAbortFlags.PIVOT`.",
      INVALID_ARG: "the disk is unknown or has no job.",
      OPERATION_INVALID: "the domain is off, or the job is ending already.",
    },
  },
  virDomainBlockJobSetSpeed: {
    summary: "Limits the bandwidth of a disk's job.",
    params: { bandwidth: blockSpeed, disk },
    errors: {
      INVALID_ARG: "the disk is unknown or has no job.",
      OPERATION_INVALID: running,
      OVERFLOW: "the limit is too large.",
    },
  },
  virDomainBlockPeek: {
    summary: "Reads bytes of a disk's image.",
    params: {
      disk,
      offset: "First byte to read, counted from 0n.",
      size: "Number of bytes, at most 4 MiB; 0 only tests whether reading is possible.",
    },
    errors: {
      INVALID_ARG: "the disk is unknown, or ends before the last byte.",
      OPERATION_DENIED: readonly,
      OPERATION_UNSUPPORTED: "the image is not a raw one.",
    },
  },
  virDomainBlockPull: {
    summary: "Starts copying a disk's whole backing chain into its active image, which then stands alone.",
    params: { bandwidth: blockSpeed, disk },
    errors: blockJob,
  },
  virDomainBlockRebase: {
    summary:
      "Starts pulling part of a disk's backing chain into its active image, or copying the disk to a file.",
    params: {
      bandwidth: blockSpeed,
      base: "Image to rest on afterwards: path, or target with index (`vda[3]`); null for none. With `DomainBlockRebaseFlags.COPY`, path of the copy.",
      disk,
    },
    errors: blockJob,
  },
  virDomainBlockResize: {
    summary: "Changes the size of a running domain's disk.",
    params: {
      disk,
      size: "New size in KiB (bytes with `DomainBlockResizeFlags.BYTES`). Less than now cuts data off, unless `DomainBlockResizeFlags.EXTEND` forbids it.",
    },
    errors: {
      INVALID_ARG: "the domain has no such disk.",
      OPERATION_INVALID: running,
      OPERATION_UNSUPPORTED: "the disk is empty or read-only, or of a kind that keeps its size.",
      OVERFLOW: "the size is too large.",
    },
  },
  virDomainBlockStats: {
    summary: "Counts what a disk has read and written since the domain started.",
    params: { disk: `${disk} With some drivers, an empty text for all disks together.` },
    returns: "Requests and bytes, read and written, and errors; -1n where the driver does not know.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainBlockStatsFlags: {
    summary: "Counts what a disk has read, written and flushed, and the time that it took.",
    params: { disk: `${disk} With some drivers, an empty text for all disks together.` },
    returns:
      "Requests, bytes and times in ns, by names such as `DOMAIN_BLOCK_STATS_READ_REQ`, `DOMAIN_BLOCK_STATS_READ_BYTES` and `DOMAIN_BLOCK_STATS_READ_TOTAL_TIMES`.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainCoreDump: {
    summary:
      "Writes the domain's memory to a file; the domain pauses meanwhile, unless the flags say otherwise.",
    params: { to: "Absolute path on the host." },
    errors: { OPERATION_INVALID: running },
  },
  virDomainCoreDumpWithFormat: {
    summary: "Writes the domain's memory to a file of a chosen format.",
    params: {
      dumpformat:
        "A `DomainCoreDumpFormat`; all but `DomainCoreDumpFormat.RAW` need `DomainCoreDumpFlags.MEMORY_ONLY`.",
      to: "Absolute path on the host.",
    },
    errors: {
      INVALID_ARG: "the format is unknown here.",
      OPERATION_INVALID: running,
      OPERATION_UNSUPPORTED: "the format and the flags do not go together.",
    },
  },
  virDomainCreate: {
    summary: "Starts a defined domain, from its managed save image if it has one.",
    errors: { OPERATION_INVALID: "the domain is running (the test driver says `INTERNAL_ERROR`)." },
  },
  virDomainCreateLinux: {
    summary: "Starts a transient domain: an old name of `domainCreateXML`.",
    params: { xmlDesc: domainXML },
    errors: { OPERATION_FAILED: taken, OPERATION_INVALID: "a domain of this name and UUID is running." },
  },
  virDomainCreateWithFiles: {
    summary: "Starts a defined container and hands open files to its first process.",
    params: {
      files:
        "File descriptors; in the container they are numbered from 3. Taken over and closed here; unix sockets only.",
    },
    errors: { OPERATION_INVALID: "the domain is running." },
  },
  virDomainCreateWithFlags: {
    summary: "Starts a defined domain, by default from its managed save image if it has one.",
    errors: { OPERATION_INVALID: "the domain is running (the test driver says `INTERNAL_ERROR`)." },
  },
  virDomainCreateXML: {
    summary: "Starts a transient domain: it is gone from libvirt as soon as it stops.",
    params: { xmlDesc: domainXML },
    errors: {
      OPERATION_FAILED: taken,
      OPERATION_INVALID: "a domain of this name and UUID is running.",
      XML_INVALID_SCHEMA: schema,
    },
  },
  virDomainCreateXMLWithFiles: {
    summary: "Starts a transient container and hands open files to its first process.",
    params: {
      files:
        "File descriptors; in the container they are numbered from 3. Taken over and closed here; unix sockets only.",
      xmlDesc: domainXML,
    },
    errors: { OPERATION_FAILED: taken, OPERATION_INVALID: "a domain of this name and UUID is running." },
  },
  virDomainDefineXML: {
    summary: "Stores a domain's definition without starting it, in place of one that has its name and UUID.",
    params: { xml: domainXML },
    errors: { OPERATION_FAILED: taken },
  },
  virDomainDefineXMLFlags: {
    summary: "Stores a domain's definition without starting it, if wanted after a check against the schema.",
    params: { xml: domainXML },
    errors: { OPERATION_FAILED: taken, XML_INVALID_SCHEMA: schema },
  },
  virDomainDelIOThread: {
    summary: "Removes an idle I/O thread from the running domain, its stored definition, or both.",
    params: { iothread_id: iothread },
    errors: {
      INVALID_ARG: "the thread does not exist, or a disk or controller uses it.",
      OPERATION_INVALID: scope,
    },
  },
  virDomainDelThrottleGroup: {
    summary: "Removes a throttle group that no disk uses.",
    params: { group: "Name of the group." },
    errors: { INVALID_ARG: "a disk uses the group.", OPERATION_INVALID: scope },
  },
  virDomainDestroy: {
    summary:
      "Stops the domain by force, as loss of power would; what the guest has not written to disk is lost.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainDestroyFlags: {
    summary:
      "Stops the domain by force; with `DomainDestroyFlagsValues.GRACEFUL` only if its process gives in.",
    errors: {
      OPERATION_INVALID: running,
      SYSTEM_ERROR:
        "`DomainDestroyFlagsValues.GRACEFUL` was asked for, and the process has not ended in time.",
    },
  },
  virDomainDetachDevice: {
    summary: "Unplugs a device from the running domain; its stored definition stays as it is.",
    params: { xml: device },
    errors: { DEVICE_MISSING: "the domain has no such device.", OPERATION_INVALID: running },
  },
  virDomainDetachDeviceAlias: {
    summary:
      "Asks for a device to be unplugged and does not wait; the event `domain.deviceRemoved` tells of the end.",
    params: { alias: "Alias of the device (`net0`, `ua-data`)." },
    errors: { DEVICE_MISSING: "the domain has no device of this alias.", OPERATION_INVALID: scope },
  },
  virDomainDetachDeviceFlags: {
    summary: "Removes a device from the running domain, its stored definition, or both.",
    params: {
      xml: `${device} Give it in full, so that no other matches. A guest may let go of it only later: wait for \`domain.deviceRemoved\`.`,
    },
    errors: { DEVICE_MISSING: "the domain has no such device.", OPERATION_INVALID: scope },
  },
  virDomainFDAssociate: {
    summary: "Lends open files to the domain, for use as disk images, while this connection lasts.",
    params: {
      fds: "File descriptors. Taken over and closed here; unix sockets only.",
      name: "Name by which domain XML refers to them (`fdgroup`).",
    },
  },
  virDomainFSFreeze: {
    summary: "Stops writes to filesystems of the guest, by its agent, until `fsThaw`.",
    params: { mountpoints },
    returns: "How many filesystems are frozen.",
    errors: agent,
  },
  virDomainFSThaw: {
    summary: "Lets the guest write to its frozen filesystems again.",
    params: { mountpoints: `${mountpoints} QEMU takes no other.` },
    returns: "How many filesystems were thawed.",
    errors: {
      ...agent,
      ARGUMENT_UNSUPPORTED: "mount points were given, or the domain has no guest agent.",
    },
  },
  virDomainFSTrim: {
    summary: "Makes the guest tell its disks which blocks of its filesystems are free.",
    params: {
      minimum: "Free ranges of fewer bytes may be passed over; 0n for the guest's own limit.",
      mountPoint: "One mount point inside the guest; null for all. QEMU takes only null.",
    },
    errors: {
      ...agent,
      ARGUMENT_UNSUPPORTED: "a mount point was given, or the domain has no guest agent.",
    },
  },
  virDomainGetAutostart: {
    summary: "Tells whether the domain is started whenever its host boots.",
  },
  virDomainGetAutostartOnce: {
    summary: "Tells whether the domain is started at the next boot of its host, and only then.",
  },
  virDomainGetBlkioParameters: {
    summary: "Gives the domain's weight and limits for I/O on the host's block devices.",
    returns:
      "`DOMAIN_BLKIO_WEIGHT`, and by device, as text of paths and values in turn, weights, bytes/s and requests/s.",
    errors: {
      CONFIG_UNSUPPORTED: session,
      OPERATION_INVALID: "the flags do not fit the domain, or the host has no blkio control group.",
    },
  },
  virDomainGetBlockInfo: {
    summary: "Gives the sizes of a disk.",
    params: { disk },
    returns:
      "In bytes: `capacity` is what the guest sees, `allocation` what it takes up on the host, `physical` where its image ends.",
    errors: {
      INVALID_ARG: "the disk is unknown or empty.",
      OPERATION_UNSUPPORTED: "the disk is a vhost-user device.",
    },
  },
  virDomainGetBlockIoTune: {
    summary: "Gives the limits on a disk's throughput.",
    params: { disk },
    returns:
      "By names such as `DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC` (bytes/s), `DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC` (requests/s), `DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC_MAX_LENGTH` (s); 0n is no limit.",
    errors: { INVALID_ARG: "the disk is unknown or empty.", OPERATION_INVALID: scope },
  },
  virDomainGetBlockJobInfo: {
    summary: "Tells how far the job on a disk has come.",
    params: { disk },
    returns:
      "Its type (`DomainBlockJobType`), its limit in MiB/s (bytes/s with the flag `BANDWIDTH_BYTES`), and where it is (`cur`) on its way to `end`; null if the disk has no job.",
    errors: { INVALID_ARG: "the domain has no such disk.", OPERATION_INVALID: running },
  },
  virDomainGetCPUStats: {
    summary: "Gives the time that the domain has spent on the host's CPUs.",
    params: {
      ncpus: "How many host CPUs to tell of; 1 for the total.",
      start_cpu: "First host CPU to tell of; -1 for the total of all.",
    },
    returns:
      "In ns: `DOMAIN_CPU_STATS_CPUTIME`, and `DOMAIN_CPU_STATS_VCPUTIME` for single CPUs, or `DOMAIN_CPU_STATS_USERTIME` and `DOMAIN_CPU_STATS_SYSTEMTIME` for the total.",
    errors: {
      INVALID_ARG: "the host has fewer CPUs.",
      OPERATION_INVALID: "the domain is off, or the host does not count by CPU.",
    },
  },
  virDomainGetConnect: { summary: "Gives the connection that this domain was obtained from." },
  virDomainGetControlInfo: {
    summary: "Tells whether the hypervisor can take commands for the domain at present.",
    returns: "The state, in case of error its reason, and for how many ms a job or command has kept it busy.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainGetDiskErrors: {
    summary: "Lists the running domain's disks that have I/O errors.",
    returns: "Target of each such disk and its `DomainDiskErrorCode`; disks without error are not listed.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainGetEmulatorPinInfo: {
    summary: "Tells on which host CPUs the hypervisor's own threads for the domain may run.",
    returns: "For each host CPU by number, whether it may be used.",
    errors: { OPERATION_INVALID: scope },
  },
  virDomainGetFSInfo: {
    summary: "Lists the filesystems mounted in the guest, by its agent.",
    returns: "Mount point, name of the device in the guest, type, and targets of the disks that hold it.",
    errors: agentQuery,
  },
  virDomainGetGuestInfo: {
    summary: "Asks the guest agent about users, system, time zone, host name, filesystems, disks and more.",
    params: {
      types: "What to ask for, `DomainGuestInfoTypes` joined by `|`; 0 for all that the agent can tell.",
    },
    returns: "Values by dotted name, such as `os.name` and `user.0.name`.",
    errors: agentQuery,
  },
  virDomainGetGuestVcpus: {
    summary: "Asks the guest agent which vCPUs the guest sees and uses.",
    returns:
      "Lists of numbers as text (`0-3`): `vcpus` seen, `online` in use, `offlinable` that can be switched off.",
    errors: agentQuery,
  },
  virDomainGetHostname: {
    summary: "Gives the guest's host name, from its agent or from the DHCP leases of libvirt's networks.",
    errors: { ...agentQuery, NO_HOSTNAME: "none is known." },
  },
  virDomainGetID: {
    summary:
      "Gives the number of the running domain, as known when this object was made; -1 if it did not run.",
  },
  virDomainGetIOThreadInfo: {
    summary: "Lists the domain's I/O threads and the host CPUs that each may use.",
    errors: { OPERATION_INVALID: scope },
  },
  virDomainGetInfo: {
    summary: "Gives the domain's state, memory, number of vCPUs and CPU time.",
    returns: "`maxMem` and `memory` are in KiB, `cpuTime` is in ns.",
  },
  virDomainGetInterfaceParameters: {
    summary: "Gives the bandwidth limits of a network interface.",
    params: { device: nic },
    returns:
      "By names such as `DOMAIN_BANDWIDTH_IN_AVERAGE` and `DOMAIN_BANDWIDTH_OUT_PEAK` in kB/s, `DOMAIN_BANDWIDTH_IN_BURST` in KiB; 0 is no limit.",
    errors: { OPERATION_INVALID: scope },
  },
  virDomainGetJobInfo: {
    summary: "Tells how far the domain's job has come, in brief; `getJobStats` tells all.",
    returns: "Times are in ms, sizes in bytes; `type` is `DomainJobType.NONE` if there is no job.",
    errors: { OPERATION_INVALID: running, OPERATION_UNSUPPORTED: "a migration comes in: ask its source." },
  },
  virDomainGetJobStats: {
    summary: "Tells how far the domain's job has come, or with the right flag how the last one went.",
    returns:
      "The `DomainJobType` (`DomainJobType.NONE` if there is none), and times in ms, sizes in bytes and rates by names such as `DOMAIN_JOB_TIME_ELAPSED` and `DOMAIN_JOB_DATA_REMAINING`.",
    errors: { OPERATION_INVALID: running, OPERATION_UNSUPPORTED: "a migration comes in: ask its source." },
  },
  virDomainGetLaunchSecurityInfo: {
    summary: "Gives facts of a confidential guest's launch, such as its measurement by AMD SEV.",
    returns:
      "By names such as `DOMAIN_LAUNCH_SECURITY_SEV_MEASUREMENT`; empty if the domain is not confidential.",
  },
  virDomainGetMaxMemory: { summary: "Gives the most memory that the domain can be given, in KiB." },
  virDomainGetMaxVcpus: {
    summary: "Gives the most vCPUs that the domain can be given.",
    errors: { OPERATION_INVALID: "the domain is off, and the driver tells only of running ones." },
  },
  virDomainGetMemoryParameters: {
    summary: "Gives the limits on the domain's use of host memory.",
    returns:
      "In KiB, by names such as `DOMAIN_MEMORY_HARD_LIMIT`; `DOMAIN_MEMORY_PARAM_UNLIMITED` is no limit.",
    errors: {
      OPERATION_INVALID: "the flags do not fit the domain, or the host has no memory control group.",
      OPERATION_UNSUPPORTED: session,
    },
  },
  virDomainGetMessages: {
    summary: "Lists libvirt's remarks about the domain: deprecated features, taints, I/O errors.",
    returns: "Sentences for people; an empty list if there are none.",
  },
  virDomainGetMetadata: {
    summary: "Gives the domain's title, its description, or an application's own XML.",
    params: {
      type: "A `DomainMetadataType`.",
      uri: "Namespace of the XML wanted, for `DomainMetadataType.ELEMENT`; else null.",
    },
    errors: { NO_DOMAIN_METADATA: "the domain has none of this kind.", OPERATION_INVALID: scope },
  },
  virDomainGetName: { summary: "Gives the domain's name." },
  virDomainGetNumaParameters: {
    summary: "Tells how the domain's memory is spread over the host's NUMA nodes.",
    returns: "`DOMAIN_NUMA_MODE`, a `DomainNumatuneMemMode`, and `DOMAIN_NUMA_NODESET`, text such as `0-3`.",
    errors: { OPERATION_INVALID: scope },
  },
  virDomainGetOSType: {
    summary:
      "Tells what kind of system the domain boots, such as `hvm` in a full machine or `exe` in a container.",
  },
  virDomainGetPerfEvents: {
    summary: "Tells which perf events of Linux are counted for the domain.",
    returns: "True or false by names such as `PERF_PARAM_CPU_CYCLES`.",
    errors: { OPERATION_INVALID: scope },
  },
  virDomainGetSchedulerParameters: {
    summary: "Gives the domain's shares of CPU time and limits on it.",
    returns:
      "By names such as `DOMAIN_SCHEDULER_CPU_SHARES`, a weight, `DOMAIN_SCHEDULER_VCPU_PERIOD` and `DOMAIN_SCHEDULER_VCPU_QUOTA`, in µs.",
    errors: { CONFIG_UNSUPPORTED: session },
  },
  virDomainGetSchedulerParametersFlags: {
    summary:
      "Gives the shares of CPU time and limits on it, of the running domain or of its stored definition.",
    returns:
      "By names such as `DOMAIN_SCHEDULER_CPU_SHARES`, a weight, `DOMAIN_SCHEDULER_VCPU_PERIOD` and `DOMAIN_SCHEDULER_VCPU_QUOTA`, in µs.",
    errors: { CONFIG_UNSUPPORTED: session, OPERATION_INVALID: scope },
  },
  virDomainGetSchedulerType: {
    summary: "Names the scheduler that shares out CPU time.",
    returns:
      "`posix` for Linux, `credit` and the like for Xen, `allocation` for ESX; and how many parameters it has.",
    errors: { OPERATION_UNSUPPORTED: session },
  },
  virDomainGetSecurityLabel: {
    summary: "Gives the security label that the running domain's process bears.",
    returns: "The label, an empty text if there is none, and whether the host enforces its policy.",
  },
  virDomainGetSecurityLabelList: {
    summary: "Gives the security labels that the running domain's process bears, one by each security model.",
    returns: "Each label, and whether the host enforces its policy; an empty list for a domain that is off.",
  },
  virDomainGetState: {
    summary: "Gives the domain's state and why it is in it.",
    returns:
      "`reason` is of the enum that belongs to the state: `DomainRunningReason`, `DomainShutoffReason` and so on.",
  },
  virDomainGetTime: {
    summary: "Asks the guest what time it is.",
    returns: "Seconds since 1970 in UTC, and nanoseconds on top.",
    errors: agentQuery,
  },
  virDomainGetUUID: { summary: "Gives the domain's UUID as 16 bytes." },
  virDomainGetUUIDString: { summary: "Gives the domain's UUID as text." },
  virDomainGetVcpuPinInfo: {
    summary: "Tells on which host CPUs each vCPU may run, of the running domain or of its stored definition.",
    returns: "By vCPU, and in each by number of host CPU, whether it may be used.",
    errors: { OPERATION_INVALID: scope },
  },
  virDomainGetVcpus: {
    summary: "Tells of each vCPU of the running domain its state, its time, and where it runs and may run.",
    returns:
      "`state` is a `VcpuState`, `cpuTime` in ns, `cpu` a host CPU's number or one of `VcpuHostCpuState`; the maps tell by host CPU whether it may be used.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainGetVcpusFlags: {
    summary:
      "Counts vCPUs: present or possible, now or after the next boot, or online by the guest's own account.",
    errors: {
      INVALID_ARG: "`DomainVcpuFlags.GUEST` was asked of a domain that is off.",
      OPERATION_DENIED: "`DomainVcpuFlags.GUEST` was asked over a read-only connection.",
      OPERATION_INVALID: scope,
    },
  },
  virDomainGetXMLDesc: {
    summary: "Describes the domain in XML, as it runs or as it will after its next boot.",
    returns: `${domainXML} Passwords are left out, unless \`DomainXMLFlags.SECURE\` asks for them.`,
    errors: {
      OPERATION_DENIED:
        "`DomainXMLFlags.SECURE` or `DomainXMLFlags.MIGRATABLE` was asked over a read-only connection.",
    },
  },
  virDomainGraphicsReload: {
    summary: "Makes the running domain's graphical display read its TLS certificates again.",
    params: { type: "Which displays, a `DomainGraphicsReloadType`." },
    errors: { INVALID_ARG: "the type is unknown.", OPERATION_INVALID: running },
  },
  virDomainHasManagedSaveImage: {
    summary: "Tells whether the next start will resume the domain from a managed save image.",
  },
  virDomainInjectNMI: {
    summary: "Sends the guest a non-maskable interrupt.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainInterfaceAddresses: {
    summary: "Lists the running domain's network interfaces and their IP addresses.",
    params: {
      source:
        "Who is asked, a `DomainInterfaceAddressesSource`: libvirt's DHCP leases, the agent, or the host's ARP table.",
    },
    returns:
      "Name (in the guest if the agent was asked), MAC address or null, and addresses with their prefix, 0 from ARP.",
    errors: {
      ...agent,
      ARGUMENT_UNSUPPORTED: "the source is unknown, or the domain has no guest agent.",
      OPERATION_DENIED: "the agent was to be asked over a read-only connection.",
    },
  },
  virDomainInterfaceStats: {
    summary: "Counts what a network interface has sent and received, as the guest sees it.",
    params: { device: nic },
    returns: "Bytes, packets, errors and drops each way; -1n where the driver does not know.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainIsActive: { summary: "Tells whether the domain is running, be it paused." },
  virDomainIsPersistent: {
    summary: "Tells whether the domain has a stored definition that outlives its run.",
  },
  virDomainIsUpdated: {
    summary: "Tells whether the definition was changed while the domain ran; most drivers never say yes.",
  },
  virDomainListGetStats: {
    summary: "Gives statistics of some domains in one call.",
    params: {
      doms: "Domains of this connection, at least one.",
      stats: "Groups wanted, `DomainStatsTypes` joined by `|`; 0 for all that there are.",
    },
    returns: "Each domain and its values by dotted name (`block.0.rd.bytes`); vanished domains are left out.",
    errors: {
      ARGUMENT_UNSUPPORTED:
        "a group is unknown, and the flags have `ConnectGetAllDomainStatsFlags.ENFORCE_STATS`.",
    },
  },
  virDomainLookupByID: {
    summary: "Finds a running domain by its ID.",
    params: { id: "Number that the domain has while it runs." },
    errors: { NO_DOMAIN: noDomain },
  },
  virDomainLookupByName: {
    summary: "Finds a domain by its name.",
    params: { name: "The name, exactly." },
    errors: { NO_DOMAIN: noDomain },
  },
  virDomainLookupByUUID: {
    summary: "Finds a domain by its UUID in bytes.",
    params: { uuid: "The 16 bytes." },
    errors: { NO_DOMAIN: noDomain },
  },
  virDomainLookupByUUIDString: {
    summary: "Finds a domain by its UUID in text.",
    params: { uuidstr: "32 hexadecimal digits, with or without hyphens." },
    errors: { NO_DOMAIN: noDomain },
  },
  virDomainLxcOpenNamespace: {
    summary: "Always rejects with an UnsupportedError: namespaces are files, and Node cannot receive those.",
  },
  virDomainManagedSave: {
    summary:
      "Saves the domain's memory to a file that libvirt keeps, and stops it; its next start resumes there.",
    errors: { OPERATION_INVALID: "the domain is off, or transient." },
  },
  virDomainManagedSaveDefineXML: {
    summary: "Changes the definition inside the domain's managed save image.",
    params: { dxml: savedXML },
    errors: { OPERATION_INVALID: "there is no managed save image." },
  },
  virDomainManagedSaveGetXMLDesc: {
    summary: "Describes the domain as its managed save image has it.",
    returns: `${domainXML} Passwords are left out, unless \`DomainSaveImageXMLFlags.SECURE\` asks for them.`,
    errors: {
      OPERATION_DENIED: "`DomainSaveImageXMLFlags.SECURE` was asked over a read-only connection.",
      OPERATION_INVALID: "there is no managed save image.",
    },
  },
  virDomainManagedSaveRemove: {
    summary: "Deletes the domain's managed save image, so that its next start is a fresh boot.",
    errors: { SYSTEM_ERROR: "the file cannot be deleted, or is not there." },
  },
  virDomainMemoryPeek: {
    summary: "Reads bytes of the running domain's memory.",
    params: {
      size: "Number of bytes, at most 4 MiB.",
      start: "Address of the first byte: physical or virtual, as the flags must say (`DomainMemoryFlags`).",
    },
    errors: {
      INVALID_ARG: "the flags are not exactly one of `DomainMemoryFlags`.",
      OPERATION_DENIED: readonly,
      OPERATION_INVALID: running,
    },
  },
  virDomainMemoryStats: {
    summary: "Gives statistics of the running domain's memory, most of them from the guest's balloon driver.",
    returns:
      "Values by `DomainMemoryStatTags`: sizes in KiB, faults and huge page allocations as counts, the last update in seconds since 1970.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainMigrate: {
    summary: "Moves the domain to another host; `migrate3` can do more.",
    params: {
      bandwidth: migrateSpeed,
      dconn: "Connection to the destination.",
      dname: "Name that the domain shall have there; null to keep its own.",
      uri: "Address of the destination as the source host sees it; null lets the destination choose.",
    },
    returns: "The domain at its destination, an object of `dconn`.",
    errors: migration,
  },
  virDomainMigrate2: {
    summary: "Moves the domain to another host, with altered XML if wanted; `migrate3` can do more.",
    params: {
      bandwidth: migrateSpeed,
      dconn: "Connection to the destination.",
      dname: "Name that the domain shall have there; null to keep its own.",
      dxml: "Domain XML for the destination; only what the guest cannot see may differ. Null for no change.",
      uri: "Address of the destination as the source host sees it; null lets the destination choose.",
    },
    returns: "The domain at its destination, an object of `dconn`.",
    errors: migration,
  },
  virDomainMigrate3: {
    summary: "Moves the domain to another host, with this client between the two daemons.",
    params: {
      dconn: "Connection to the destination.",
      params:
        "By names such as `MIGRATE_PARAM_URI`, `MIGRATE_PARAM_DEST_NAME`, `MIGRATE_PARAM_DEST_XML` and `MIGRATE_PARAM_BANDWIDTH` (MiB/s).",
    },
    returns: "The domain at its destination, an object of `dconn`.",
    errors: {
      ...migration,
      INVALID_ARG: "the flags want peer-to-peer or a tunnel: that is `migrateToURI3`.",
    },
  },
  virDomainMigrateGetCompressionCache: {
    summary: "Gives the size of the cache for compressing memory pages in live migration, in bytes.",
    errors: { OPERATION_INVALID: running, OPERATION_UNSUPPORTED: "this QEMU cannot compress a migration." },
  },
  virDomainMigrateGetMaxDowntime: {
    summary: "Gives the longest pause at the end of a live migration, in ms.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainMigrateGetMaxSpeed: {
    summary: "Gives the bandwidth limit of migrations, or of their post-copy phase, in MiB/s.",
    errors: { OPERATION_DENIED: readonly },
  },
  virDomainMigrateSetCompressionCache: {
    summary: "Sets the size of the cache for compressing memory pages in live migration.",
    params: { cacheSize: "Size in bytes." },
    errors: { OPERATION_INVALID: running, OPERATION_UNSUPPORTED: "this QEMU cannot compress a migration." },
  },
  virDomainMigrateSetMaxDowntime: {
    summary: "Sets the longest pause at the end of a live migration, also while one is in progress.",
    params: { downtime: "Time in ms." },
    errors: { OPERATION_INVALID: running },
  },
  virDomainMigrateSetMaxSpeed: {
    summary: "Sets the bandwidth limit of migrations, or of their post-copy phase.",
    params: { bandwidth: "Limit in MiB/s." },
    errors: { OVERFLOW: "the limit is too large." },
  },
  virDomainMigrateStartPostCopy: {
    summary:
      "Lets the migrating domain run at its destination now and fetch the rest of its memory as needed.",
    errors: {
      OPERATION_INVALID: "the domain is not migrating away, or not with `DomainMigrateFlags.POSTCOPY`.",
    },
  },
  virDomainMigrateToURI: {
    summary: "Moves the domain to another host, by its own daemon; `migrateToURI3` can do more.",
    params: {
      bandwidth: migrateSpeed,
      dname: "Name that the domain shall have there; null to keep its own.",
      duri: "Libvirt URI of the destination with `DomainMigrateFlags.PEER2PEER`, else the hypervisor's address of it.",
    },
    errors: migration,
  },
  virDomainMigrateToURI2: {
    summary: "Moves the domain to another host, by its own daemon, with altered XML if wanted.",
    params: {
      bandwidth: migrateSpeed,
      dconnuri: "Libvirt URI of the destination with `DomainMigrateFlags.PEER2PEER`, else null.",
      dname: "Name that the domain shall have there; null to keep its own.",
      dxml: "Domain XML for the destination; only what the guest cannot see may differ. Null for no change.",
      miguri: "The hypervisor's address of the destination; null lets the destination choose.",
    },
    errors: migration,
  },
  virDomainMigrateToURI3: {
    summary: "Moves the domain to another host, by its own daemon: this client need not reach the other.",
    params: {
      dconnuri: "Libvirt URI of the destination with `DomainMigrateFlags.PEER2PEER`, else null.",
      params:
        "By names such as `MIGRATE_PARAM_URI` (needed without peer-to-peer), `MIGRATE_PARAM_DEST_NAME` and `MIGRATE_PARAM_BANDWIDTH` (MiB/s).",
    },
    errors: migration,
  },
  virDomainOpenChannel: {
    summary: "Opens the host's end of one of the domain's channels.",
    params: {
      name: "Alias (`channel0`) or virtio name (`org.example.agent`) of the channel; null for the first.",
    },
    returns: "A stream to read and write.",
    errors: {
      OPERATION_DENIED: readonly,
      OPERATION_FAILED: "another client has it open, and the flags lack `DomainChannelFlags.FORCE`.",
      OPERATION_INVALID: running,
    },
  },
  virDomainOpenConsole: {
    summary: "Opens the domain's console, or one of its serial or parallel ports.",
    params: { dev_name: "Alias of the device (`serial0`); null for the first console, or else serial port." },
    returns: "A stream to read and write.",
    errors: {
      OPERATION_DENIED: readonly,
      OPERATION_FAILED: "another client has it open, and the flags lack `DomainConsoleFlags.FORCE`.",
      OPERATION_INVALID: running,
    },
  },
  virDomainOpenGraphics: {
    summary: "Connects a socket of the caller's to the domain's graphical display.",
    params: {
      fd: "Descriptor of one end of a socket pair. Taken over and closed here; unix sockets only.",
      idx: "Which `<graphics>` of the domain, counted from 0.",
    },
    errors: {
      CONFIG_UNSUPPORTED: "this kind of display cannot be connected to.",
      OPERATION_DENIED: readonly,
      OPERATION_INVALID: running,
    },
  },
  virDomainOpenGraphicsFD: {
    summary: "Opens a socket that is connected to the domain's graphical display.",
    params: { idx: "Which `<graphics>` of the domain, counted from 0." },
    returns: "The socket, which the caller has to close. Unix sockets only.",
    errors: {
      CONFIG_UNSUPPORTED: "this kind of display cannot be connected to.",
      OPERATION_DENIED: readonly,
      OPERATION_INVALID: running,
    },
  },
  virDomainPMSuspendForDuration: {
    summary: "Makes the guest's system sleep, by its agent, until something wakes it or the time is over.",
    params: {
      duration: "Seconds until it wakes by itself; 0n for never, the only choice with QEMU.",
      target: "How deep, a `NodeSuspendTarget`.",
    },
    errors: {
      ...agent,
      ARGUMENT_UNSUPPORTED: "a duration was given, or the domain has no guest agent.",
      INVALID_ARG: "the target is unknown.",
      OPERATION_UNSUPPORTED: "the guest's machine cannot be woken again.",
    },
  },
  virDomainPMWakeup: {
    summary: "Wakes a guest that `pmSuspendForDuration` sent to sleep.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainPinEmulator: {
    summary: "Ties the hypervisor's own threads for the domain to some of the host's CPUs.",
    params: { cpumap: affinity },
    errors: { INVALID_ARG: "no CPU is chosen.", OPERATION_INVALID: scope },
  },
  virDomainPinIOThread: {
    summary: "Ties one of the domain's I/O threads to some of the host's CPUs.",
    params: { cpumap: affinity, iothread_id: iothread },
    errors: { INVALID_ARG: "the thread does not exist, or no CPU is chosen.", OPERATION_INVALID: scope },
  },
  virDomainPinVcpu: {
    summary: "Ties a vCPU of the running domain to some of the host's CPUs.",
    params: { cpumap: affinity, vcpu: "Number of the vCPU, from 0 on." },
    errors: { INVALID_ARG: "the vCPU does not exist, or no CPU is chosen.", OPERATION_INVALID: running },
  },
  virDomainPinVcpuFlags: {
    summary: "Ties a vCPU to some of the host's CPUs, now, from the next boot on, or both.",
    params: { cpumap: affinity, vcpu: "Number of the vCPU, from 0 on." },
    errors: { INVALID_ARG: "the vCPU does not exist, or no CPU is chosen.", OPERATION_INVALID: scope },
  },
  virDomainQemuAgentCommand: {
    summary: "Sends any command to the QEMU guest agent.",
    params: {
      cmd: 'JSON text such as `{"execute":"guest-ping"}`.',
      timeout:
        "Seconds to wait, or one of `DomainQemuAgentCommandTimeoutValues`: for ever, the default, no waiting.",
    },
    returns: "The agent's answer, JSON text; null if there is none.",
    errors: agent,
  },
  virDomainQemuAttach: {
    summary: "Adopted a QEMU process that was started by other means; libvirt gave this up in 5.5.0.",
    params: { pid_value: "ID of the process on the host." },
    errors: { NO_SUPPORT: "always, since libvirt 5.5.0." },
  },
  virDomainQemuMonitorCommand: {
    summary:
      "Sends any command to QEMU's monitor; one that changes what libvirt keeps track of can break things.",
    params: {
      cmd: 'JSON text such as `{"execute":"query-status"}`, or with `DomainQemuMonitorCommandFlags.HMP` a line as people type it.',
    },
    returns: "The monitor's answer, JSON text or with that flag plain text.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainQemuMonitorCommandWithFiles: {
    summary: "Sends any command to QEMU's monitor together with an open file.",
    params: {
      cmd: 'JSON text such as `{"execute":"add-fd"}`, or with `DomainQemuMonitorCommandFlags.HMP` a line as people type it.',
      infiles: "File descriptors, at most one. Taken over and closed here; unix sockets only.",
    },
    returns: "The monitor's answer, and the descriptors that came with it.",
    errors: { INVALID_ARG: "more than one descriptor was given.", OPERATION_INVALID: running },
  },
  virDomainReboot: {
    summary: "Asks the guest to reboot and does not wait; a guest may ignore it.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainRename: {
    summary: "Gives a stopped domain another name.",
    params: { new_name: "The name, which no other domain has." },
    errors: {
      OPERATION_INVALID:
        "the domain is not shut off, is transient or has a managed save image, or the name is taken.",
    },
  },
  virDomainReset: {
    summary: "Resets the running domain at once, like a machine's reset button; unsaved data is lost.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainRestore: {
    summary: "Resumes a domain from a file that `save` wrote.",
    params: { from: "Absolute path on the host." },
    errors: { OPERATION_FAILED: taken, OPERATION_INVALID: "the domain is running." },
  },
  virDomainRestoreFlags: {
    summary: "Resumes a domain from a file that `save` wrote, with altered XML if wanted.",
    params: {
      dxml: "Domain XML to use instead; only what the guest cannot see, such as disk paths, may differ. Null for no change.",
      from: "Absolute path on the host.",
    },
    errors: { OPERATION_FAILED: taken, OPERATION_INVALID: "the domain is running." },
  },
  virDomainRestoreParams: {
    summary: "Resumes a domain from a file that `save` wrote, with further parameters.",
    params: {
      params:
        "`DOMAIN_SAVE_PARAM_FILE`, the absolute path on the host; if wanted `DOMAIN_SAVE_PARAM_DXML` and `DOMAIN_SAVE_PARAM_PARALLEL_CHANNELS`.",
    },
    errors: {
      INVALID_ARG: "`DOMAIN_SAVE_PARAM_FILE` is missing.",
      OPERATION_FAILED: taken,
      OPERATION_INVALID: "the domain is running.",
    },
  },
  virDomainResume: {
    summary: "Lets a paused domain run on.",
    errors: { OPERATION_INVALID: "the domain is not paused (the test driver says `INTERNAL_ERROR`)." },
  },
  virDomainSave: {
    summary: "Saves the running domain's memory to a file and stops it; `domainRestore` resumes it.",
    params: { to: "Absolute path on the host." },
    errors: { OPERATION_INVALID: "the domain is off, or something it has cannot be saved." },
  },
  virDomainSaveFlags: {
    summary: "Saves the running domain's memory to a file and stops it, with altered XML if wanted.",
    params: {
      dxml: "Domain XML to save with it; only what the guest cannot see, such as disk paths, may differ. Null for no change.",
      to: "Absolute path on the host.",
    },
    errors: { OPERATION_INVALID: "the domain is off, or something it has cannot be saved." },
  },
  virDomainSaveImageDefineXML: {
    summary: "Changes the domain XML inside a file that `save` wrote.",
    params: { dxml: savedXML, file: "Absolute path on the host." },
  },
  virDomainSaveImageGetXMLDesc: {
    summary: "Describes the domain as a file that `save` wrote has it.",
    params: { file: "Absolute path on the host." },
    returns: `${domainXML} Passwords are left out, unless \`DomainSaveImageXMLFlags.SECURE\` asks for them.`,
    errors: { OPERATION_DENIED: readonly },
  },
  virDomainSaveParams: {
    summary: "Saves the running domain's memory and stops it, with further parameters.",
    params: {
      params:
        "`DOMAIN_SAVE_PARAM_FILE`, the absolute path on the host (without it, a managed save), `DOMAIN_SAVE_PARAM_DXML`, `DOMAIN_SAVE_PARAM_IMAGE_FORMAT`, `DOMAIN_SAVE_PARAM_PARALLEL_CHANNELS`.",
    },
    errors: {
      OPERATION_FAILED: "the image format is unknown.",
      OPERATION_INVALID: "the domain is off, or something it has cannot be saved.",
    },
  },
  virDomainScreenshot: {
    summary: "Takes a picture of one of the running domain's screens.",
    params: { screen: "Number of the screen from 0 on, all heads of one card before those of the next." },
    returns: "The picture as a readable stream, and its MIME type (`image/png`).",
    errors: {
      OPERATION_DENIED: readonly,
      OPERATION_INVALID: "the domain is off, or has no such screen.",
    },
  },
  virDomainSendKey: {
    summary: "Presses keys of the guest's keyboard, all together.",
    params: {
      codeset: "What the codes mean, a `KeycodeSet`.",
      holdtime: "Time until the keys are let go, in ms.",
      keycodes: "Codes of the keys, 1 to 16.",
    },
    errors: { INTERNAL_ERROR: "a code does not exist in the set.", OPERATION_INVALID: running },
  },
  virDomainSendProcessSignal: {
    summary: "Sends a signal to a process inside the guest.",
    params: {
      pid_value:
        "ID of the process inside the guest, or of a process group as a negative number; LXC takes only 1n.",
      signum: "A `DomainProcessSignal`; `DomainProcessSignal.NOP` only tests that the process is there.",
    },
    errors: {
      ARGUMENT_UNSUPPORTED: "the driver cannot reach that process.",
      INVALID_ARG: "the signal is unknown.",
      OPERATION_INVALID: running,
    },
  },
  virDomainSetAutostart: {
    summary: "Sets whether the domain is started whenever its host boots.",
    params: { autostart: "True to have it started." },
    errors: { OPERATION_INVALID: "the domain is transient." },
  },
  virDomainSetAutostartOnce: {
    summary: "Sets whether the domain is started at the next boot of its host, whatever `setAutostart` says.",
    params: { autostart: "True to have it started." },
    errors: { OPERATION_INVALID: "the domain is transient." },
  },
  virDomainSetBlkioParameters: {
    summary: "Changes the domain's weight and limits for I/O on the host's block devices.",
    params: { params: `${tunables} Names, units and text are those of \`getBlkioParameters\`.` },
    errors: {
      CONFIG_UNSUPPORTED: session,
      INVALID_ARG: "a value's text cannot be read.",
      OPERATION_INVALID: "the flags do not fit the domain, or the host has no blkio control group.",
    },
  },
  virDomainSetBlockIoTune: {
    summary: "Changes the limits on a disk's throughput.",
    params: {
      disk,
      params: `${tunables} Names and units are those of \`getBlockIoTune\`; a total excludes separate limits for reads and writes.`,
    },
    errors: {
      CONFIG_UNSUPPORTED: "the disk is in throttle groups, or of a kind that cannot be slowed down.",
      INVALID_ARG: "the disk is unknown, or the values contradict each other.",
      OPERATION_INVALID: scope,
    },
  },
  virDomainSetBlockThreshold: {
    summary: "Asks for one event `domain.blockThreshold` when a disk's image is written beyond an offset.",
    params: {
      dev: "Target of the disk (`vda`), with an index (`vda[4]`) for another image of its chain.",
      threshold: "Offset in bytes.",
    },
    errors: { OPERATION_INVALID: running, OPERATION_UNSUPPORTED: "the disk is a vhost-user device." },
  },
  virDomainSetGuestVcpus: {
    summary: "Switches vCPUs on or off inside the guest, by its agent.",
    params: { cpumap: vcpuList, state: "True to switch them on." },
    errors: {
      ...agent,
      INVALID_ARG: "the list cannot be read, or the guest lacks one of them.",
      OPERATION_UNSUPPORTED: "the guest cannot do without one of them.",
    },
  },
  virDomainSetIOThreadParams: {
    summary: "Changes how one of the domain's I/O threads polls and how many workers it has.",
    params: {
      iothread_id: iothread,
      params:
        "`DOMAIN_IOTHREAD_POLL_MAX_NS` in ns, `DOMAIN_IOTHREAD_POLL_GROW`, `DOMAIN_IOTHREAD_POLL_SHRINK`, `DOMAIN_IOTHREAD_POLL_WEIGHT`, `DOMAIN_IOTHREAD_THREAD_POOL_MIN`, `DOMAIN_IOTHREAD_THREAD_POOL_MAX`.",
    },
    errors: {
      INVALID_ARG: "the thread does not exist, or a value is out of range.",
      OPERATION_INVALID: scope,
    },
  },
  virDomainSetInterfaceParameters: {
    summary: "Changes the bandwidth limits of a network interface.",
    params: { device: nic, params: `${tunables} Names and units are those of \`getInterfaceParameters\`.` },
    errors: {
      CONFIG_UNSUPPORTED: "this type of interface cannot be limited.",
      OPERATION_INVALID: scope,
      OPERATION_UNSUPPORTED:
        "`DOMAIN_BANDWIDTH_IN_FLOOR` was given for an interface whose network cannot warrant it.",
    },
  },
  virDomainSetLaunchSecurityState: {
    summary: "Puts a secret into the memory of a confidential guest that is still paused.",
    params: {
      params:
        "`DOMAIN_LAUNCH_SECURITY_SEV_SECRET` and `DOMAIN_LAUNCH_SECURITY_SEV_SECRET_HEADER` in base64; if wanted the address, `DOMAIN_LAUNCH_SECURITY_SEV_SECRET_SET_ADDRESS`.",
    },
    errors: {
      OPERATION_INVALID: "the domain is not paused.",
      OPERATION_UNSUPPORTED: "the domain does not use AMD SEV, or this QEMU takes no secret.",
    },
  },
  virDomainSetLifecycleAction: {
    summary: "Sets what happens to the domain when its guest powers off, reboots or crashes.",
    params: {
      action: "What to do, a `DomainLifecycleAction`.",
      type: "At which event, a `DomainLifecycle`.",
    },
    errors: {
      OPERATION_INVALID: scope,
      OPERATION_UNSUPPORTED: "QEMU was started in a way that lets it do nothing but end.",
    },
  },
  virDomainSetMaxMemory: {
    summary: "Sets the most memory that the domain can be given.",
    params: { memory },
    errors: { OPERATION_INVALID: "the domain is running." },
  },
  virDomainSetMemory: {
    summary: "Sets how much memory the running domain has, by its balloon.",
    params: { memory },
    errors: {
      INVALID_ARG: "it is more than the domain's maximum.",
      OPERATION_INVALID: "the domain is off, or has no balloon.",
    },
  },
  virDomainSetMemoryFlags: {
    summary: "Sets the domain's memory, or its maximum, now, from the next boot on, or both.",
    params: { memory },
    errors: {
      INVALID_ARG: "it is more than the domain's maximum.",
      OPERATION_INVALID:
        "the flags do not fit the domain, a running one's maximum was to change, or it has no balloon.",
    },
  },
  virDomainSetMemoryParameters: {
    summary: "Changes the limits on the domain's use of host memory.",
    params: { params: `${tunables} Names are those of \`getMemoryParameters\`, in KiB.` },
    errors: {
      INVALID_ARG: "the limit on memory exceeds that on memory with swap.",
      OPERATION_INVALID: "the flags do not fit the domain, or the host has no memory control group.",
      OPERATION_UNSUPPORTED: session,
    },
  },
  virDomainSetMemoryStatsPeriod: {
    summary: "Sets how often the guest's balloon driver updates what `memoryStats` gives.",
    params: { period: "Time in s; 0 for no updates." },
    errors: { INTERNAL_ERROR: "the domain has no balloon.", OPERATION_INVALID: scope },
  },
  virDomainSetMetadata: {
    summary: "Sets or removes the domain's title, its description, or an application's own XML.",
    params: {
      key: "Namespace prefix to write the XML with, for `DomainMetadataType.ELEMENT`; else null.",
      metadata: "The text, a title in one line, or one XML element; null to remove it.",
      type: "A `DomainMetadataType`.",
      uri: "Namespace of the XML, for `DomainMetadataType.ELEMENT`; else null.",
    },
    errors: {
      INVALID_ARG: "the title has a line break, or key and namespace do not suit the type.",
      OPERATION_INVALID: scope,
    },
  },
  virDomainSetNumaParameters: {
    summary: "Changes how the domain's memory is spread over the host's NUMA nodes.",
    params: { params: `${tunables} Names are those of \`getNumaParameters\`.` },
    errors: {
      INVALID_ARG: "the mode is unknown.",
      OPERATION_INVALID: "the flags do not fit the domain, or the change has to wait until it is off.",
      OPERATION_UNSUPPORTED: session,
    },
  },
  virDomainSetPerfEvents: {
    summary: "Starts or stops counting perf events of Linux for the domain.",
    params: { params: "True or false by names such as `PERF_PARAM_CPU_CYCLES`; the others stay." },
    errors: { OPERATION_INVALID: scope },
  },
  virDomainSetSchedulerParameters: {
    summary: "Changes the domain's shares of CPU time and limits on it.",
    params: { params: `${tunables} Names and units are those of \`getSchedulerParameters\`.` },
    errors: { CONFIG_UNSUPPORTED: session },
  },
  virDomainSetSchedulerParametersFlags: {
    summary: "Changes the shares of CPU time and limits on it, now, from the next boot on, or both.",
    params: { params: `${tunables} Names and units are those of \`getSchedulerParameters\`.` },
    errors: { CONFIG_UNSUPPORTED: session, OPERATION_INVALID: scope },
  },
  virDomainSetThrottleGroup: {
    summary: "Creates a throttle group, whose limits several disks can share, or changes its limits.",
    params: {
      group: "Name of the group.",
      params: "Limits, by the names and in the units of `getBlockIoTune`.",
    },
    errors: { OPERATION_INVALID: scope },
  },
  virDomainSetTime: {
    summary: "Sets the guest's clock, by its agent, as after a long pause.",
    params: {
      nseconds: "Nanoseconds on top.",
      seconds:
        "Seconds since 1970 in UTC; of no account with `DomainSetTimeFlags.SYNC`, which reads the virtual RTC.",
    },
    errors: { ...agent, OPERATION_UNSUPPORTED: "QEMU is too old to keep the RTC in step." },
  },
  virDomainSetUserPassword: {
    summary: "Sets the password of a user of the guest, by its agent.",
    params: {
      password:
        "As typed, or with `DomainSetUserPasswordFlags.ENCRYPTED` hashed as the guest's system does it.",
      user: "Name of the user in the guest.",
    },
    errors: agent,
  },
  virDomainSetVcpu: {
    summary: "Plugs or unplugs single vCPUs.",
    params: { state: "True to plug them in.", vcpumap: vcpuList },
    errors: {
      INVALID_ARG: "the list is empty, or goes beyond the domain's maximum.",
      OPERATION_INVALID: scope,
      OPERATION_UNSUPPORTED: "they cannot be changed in one step, or not at all.",
    },
  },
  virDomainSetVcpus: {
    summary: "Sets how many vCPUs the running domain has.",
    params: { nvcpus: "The number, at least 1." },
    errors: { INVALID_ARG: "it is more than the domain's maximum.", OPERATION_INVALID: running },
  },
  virDomainSetVcpusFlags: {
    summary:
      "Sets how many vCPUs the domain has or can have, now, from the next boot on, or inside the guest.",
    params: { nvcpus: "The number, at least 1." },
    errors: {
      INVALID_ARG: "it is more than the domain's maximum, or at odds with its CPU topology.",
      OPERATION_INVALID: scope,
      OPERATION_UNSUPPORTED: "a running domain's maximum was to change.",
    },
  },
  virDomainShutdown: {
    summary: "Asks the guest to power off and does not wait; a guest may ignore it.",
    errors: { OPERATION_INVALID: "the domain is off (the test driver says `INTERNAL_ERROR`)." },
  },
  virDomainShutdownFlags: {
    summary: "Asks the guest to power off, in the way that the flags say, and does not wait.",
    errors: { OPERATION_INVALID: "the domain is off (the test driver says `INTERNAL_ERROR`)." },
  },
  virDomainStartDirtyRateCalc: {
    summary:
      "Starts measuring how fast the running domain changes its memory; `getAllDomainStats` has the result.",
    params: { seconds: "How long to measure, 1 to 60." },
    errors: {
      CONFIG_UNSUPPORTED: "the time is out of range.",
      OPERATION_INVALID: running,
      OPERATION_UNSUPPORTED: "QEMU does not measure, or not in that way.",
    },
  },
  virDomainSuspend: {
    summary: "Pauses the running domain: it keeps its memory and gets no CPU time until `resume`.",
    errors: {
      OPERATION_INVALID: "the domain is off, or its system sleeps (the test driver says `INTERNAL_ERROR`).",
    },
  },
  virDomainUndefine: {
    summary: "Removes the domain's stored definition; one that is running becomes transient.",
    errors: {
      OPERATION_INVALID:
        "the domain is transient, has a managed save image or NVRAM, or is off and has snapshots or checkpoints.",
    },
  },
  virDomainUndefineFlags: {
    summary: "Removes the domain's stored definition, and what the flags say with it.",
    errors: {
      OPERATION_INVALID:
        "the domain is transient, or has files, snapshots or checkpoints that no flag says what to do with.",
    },
  },
  virDomainUpdateDeviceFlags: {
    summary:
      "Changes a device of the running domain, of its stored definition, or of both: a CD, a link, a password.",
    params: { xml: `${device} Give it in full: what is missing counts as taken away.` },
    errors: {
      DEVICE_MISSING: "the domain has no such device.",
      OPERATION_INVALID: scope,
      OPERATION_UNSUPPORTED: "this cannot be changed while the domain is running.",
    },
  },
};
