import type { Docs } from "./doc.js";
import {
  agent,
  agentQuery,
  device,
  domainXML,
  nic,
  readonly,
  running,
  savedXML,
  scope,
  tunables,
} from "./domain-phrases.js";

/** All else that a domain does. */
export const domainDocs: Docs = {
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
  virDomainGetAutostart: {
    summary: "Tells whether the domain is started whenever its host boots.",
  },
  virDomainGetAutostartOnce: {
    summary: "Tells whether the domain is started at the next boot of its host, and only then.",
  },
  virDomainGetConnect: { summary: "Gives the connection that this domain was obtained from." },
  virDomainGetControlInfo: {
    summary: "Tells whether the hypervisor can take commands for the domain at present.",
    returns: "The state, in case of error its reason, and for how many ms a job or command has kept it busy.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainGetGuestInfo: {
    summary: "Asks the guest agent about users, system, time zone, host name, filesystems, disks and more.",
    params: {
      types: "What to ask for, `DomainGuestInfoTypes` joined by `|`; 0 for all that the agent can tell.",
    },
    returns: "Values by dotted name, such as `os.name` and `user.0.name`.",
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
  virDomainGetOSType: {
    summary:
      "Tells what kind of system the domain boots, such as `hvm` in a full machine or `exe` in a container.",
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
