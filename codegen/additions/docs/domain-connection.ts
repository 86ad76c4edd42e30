import type { Docs } from "./doc.js";
import { domainXML, noDomain, readonly, savedXML, schema, taken } from "./domain-phrases.js";

/** What a connection does with domains. */
export const domainConnectionDocs: Docs = {
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
  virDomainCreateLinux: {
    summary: "Starts a transient domain: an old name of `domainCreateXML`.",
    params: { xmlDesc: domainXML },
    errors: { OPERATION_FAILED: taken, OPERATION_INVALID: "a domain of this name and UUID is running." },
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
  virDomainQemuAttach: {
    summary: "Adopted a QEMU process that was started by other means; libvirt gave this up in 5.5.0.",
    params: { pid_value: "ID of the process on the host." },
    errors: { NO_SUPPORT: "always, since libvirt 5.5.0." },
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
};
