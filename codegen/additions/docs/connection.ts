import type { Docs } from "./doc.js";

const emulator = "Path of the emulator's binary on the daemon's host; `null` for the usual one.";
const arch = "The guest's architecture, such as `x86_64`; `null` for the host's.";
const machine = "The machine type, such as `q35`; `null` for the emulator's default.";
const virttype =
  "The kind of virtualization, such as `kvm` or `qemu`; `null` for the best that the host has.";
const uri =
  "The hypervisor's URI. Without one: that in `LIBVIRT_DEFAULT_URI`, else `uri_default` of libvirt.conf, " +
  "else the first hypervisor that answers.";
const readonly = { OPERATION_DENIED: "The connection is read-only." };

/** Opening and closing, what a connection knows of itself, and the host behind it. */
export const connectionDocs: Docs = {
  virConnectBaselineCPU: {
    summary: "Computes the CPU with the most features that all the given host CPUs share.",
    params: {
      xmlCPUs: "The `cpu` elements of the hosts' capabilities, at most 256 of them.",
    },
    returns:
      "The common CPU, as XML to put into a domain. What a particular emulator can do is not looked at.",
    errors: {
      NO_SUPPORT: "libvirt cannot compare CPUs of this architecture.",
      INVALID_ARG: "One of them names no model.",
    },
  },
  virConnectBaselineHypervisorCPU: {
    summary: "Computes the CPU with the most features that the emulator can offer on all the given hosts.",
    params: {
      emulator,
      arch,
      machine,
      virttype,
      xmlCPUs:
        "One guest CPU per host, at most 256, from the `host-model` part of that host's domain " +
        "capabilities. This connection's host should be among them.",
    },
    returns:
      "The common CPU as XML. Given a single CPU, that one with whatever the emulator lacks taken out.",
    errors: {
      ...readonly,
      OPERATION_UNSUPPORTED: "The emulator offers no CPU models for this kind of virtualization.",
    },
  },
  virConnectClose: {
    summary: "Closes the connection; closing it again does no harm.",
  },
  virConnectCompareCPU: {
    summary: "Compares a CPU with that of the host, whatever an emulator would make of it.",
    params: { xmlDesc: "The `cpu` element to judge." },
    returns:
      "One of `CPUCompareResult`: `IDENTICAL`, `SUPERSET` if the host can do all of it and more, or " +
      "`INCOMPATIBLE` if it lacks something.",
    errors: {
      CPU_INCOMPATIBLE: "The host lacks something and the flags ask for an error then; the message names it.",
      NO_SUPPORT: "libvirt cannot compare CPUs of this architecture.",
    },
  },
  virConnectCompareHypervisorCPU: {
    summary: "Compares a CPU with the one that an emulator can offer on this host.",
    params: { emulator, arch, machine, virttype, xmlCPU: "The `cpu` element to judge." },
    returns:
      "One of `CPUCompareResult`: `IDENTICAL`, `SUPERSET` if the emulator can do all of it and more, or " +
      "`INCOMPATIBLE` if it lacks something.",
    errors: {
      ...readonly,
      CPU_INCOMPATIBLE: "The emulator lacks something and the flags ask for an error then.",
      OPERATION_UNSUPPORTED: "The emulator cannot say which CPU it offers.",
    },
  },
  virConnectGetCPUModelNames: {
    summary: "Lists the CPU models of an architecture that libvirt knows by name.",
    params: { arch: "The architecture, such as `x86_64`." },
    returns:
      "The names; empty if libvirt takes any. Which of them an emulator can run is in the domain " +
      "capabilities.",
    errors: { INVALID_ARG: "libvirt has never heard of the architecture." },
  },
  virConnectGetCapabilities: {
    summary: "Describes, as XML, the host and what kinds of guest it can run.",
  },
  virConnectGetHostname: {
    summary: "Gives the name of the host that the daemon runs on, fully qualified where it can be.",
  },
  virConnectGetLibVersion: {
    summary: "Gives the version of libvirt that the daemon runs.",
    returns: "The version as one number: 11003000n stands for 11.3.0.",
  },
  virConnectGetMaxVcpus: {
    summary: "Gives the most virtual CPUs that the driver allows a guest of some type.",
    params: { type: "The `type` of the `domain` element, such as `kvm`; `null` for the driver's default." },
    returns: "An upper bound. The machine type may set a lower one, which the domain capabilities tell.",
    errors: { INVALID_ARG: "The driver runs no guests of that type." },
  },
  virConnectGetSysinfo: {
    summary: "Describes the host's firmware, boards and memory modules as SMBIOS has them.",
    returns: "XML with the `sysinfo` element that a domain can have too.",
    errors: {
      CONFIG_UNSUPPORTED: "The daemon cannot read the host's SMBIOS tables, as when it does not run as root.",
    },
  },
  virConnectGetType: {
    summary:
      "Gives the name of the driver behind the connection, such as `QEMU` (for KVM as well), `LXC` or " +
      "`Test`.",
  },
  virConnectGetURI: {
    summary: "Gives the URI by which the same hypervisor can be connected to again.",
    returns: "The URI that was asked for, in its canonical form; the one that was found, if none was.",
  },
  virConnectGetVersion: {
    summary: "Gives the version of the hypervisor.",
    returns: "The version as one number: 8002001n stands for 8.2.1. 0n if it cannot be told.",
  },
  virConnectIsAlive: {
    summary: "Tells whether the channel to the daemon is still open; nothing is sent.",
  },
  virConnectIsEncrypted: {
    summary: "Tells whether everything on the way to the hypervisor is encrypted.",
  },
  virConnectIsSecure: {
    summary: "Tells whether nobody can listen in: the channel is encrypted or does not leave the host.",
  },
  virConnectOpen: {
    summary: "Connects to a hypervisor.",
    params: {
      name: uri,
    },
    errors: { NO_CONNECT: "The daemon has no driver for the URI." },
  },
  virConnectOpenAuth: {
    summary: "Connects to a hypervisor with credentials for a daemon that wants some.",
    params: {
      name: uri,
      auth: "The credentials, or a function that is asked for them once it is known which are wanted.",
    },
    errors: { NO_CONNECT: "The daemon has no driver for the URI." },
  },
  virConnectOpenReadOnly: {
    summary: "Connects to a hypervisor only to look: whatever would change something is refused.",
    params: {
      name: uri,
    },
    errors: { NO_CONNECT: "The daemon has no driver for the URI." },
  },
  virConnectRegisterCloseCallback: {
    summary: "Has a function called when the connection closes, or when the daemon loses its own hypervisor.",
    params: { cb: "Called once, with the connection and one of `ConnectCloseReason`." },
  },
  virConnectSetIdentity: {
    summary: "Has the daemon judge this connection's calls as if someone else made them.",
    params: {
      params:
        "Who that is, by name (the `CONNECT_IDENTITY_*` constants). It takes the place of all that the " +
        "daemon knew of the caller.",
    },
    errors: { ACCESS_DENIED: "The daemon's access rules do not trust the caller that far." },
  },
  virConnectSetKeepAlive: {
    summary: "Sets after how much silence the client probes the daemon, and when it gives the connection up.",
    params: {
      interval: "Seconds of silence before a probe; 0 or less stops probing.",
      count: "How many probes in a row may go unanswered; with 0 the first such silence ends the connection.",
    },
  },
  virConnectUnregisterCloseCallback: {
    summary: "Takes back the function that was to be called when the connection closes.",
    params: { cb: "The function that was registered." },
  },
  virNodeAllocPages: {
    summary: "Grows or sets the host's pools of huge pages, so that guests can have them.",
    params: {
      pageSizes: "The sizes of page to act on, in KiB.",
      pageCounts: "For each size, how many pages to add or, as the flags may say, to have in all.",
      startCell: "The first NUMA cell to act on; -1 leaves the spread over cells to the kernel.",
      cellCount: "How many cells to act on, from the first on; at least 1.",
    },
    returns: "How many pools were handled: one for each cell and size of page.",
    errors: {
      OPERATION_FAILED:
        "The host has no pages of that size, or the kernel could not find as many as were wanted.",
      OPERATION_UNSUPPORTED: "The size is that of an ordinary page, which has no pool.",
    },
  },
  virNodeGetCPUMap: {
    summary: "Tells which of the host's CPUs are there and online.",
    returns:
      "`cpumap`, an element for each CPU there is, `true` if it is online, and `online`, how many of them " +
      "are.",
  },
  virNodeGetCPUStats: {
    summary: "Reads how the host's CPUs spent their time since it was booted.",
    params: {
      cpuNum: "The CPU's number, or `NodeGetCPUStatsAllCPUs.ALL_CPUS` (-1) for all of them together.",
    },
    returns:
      "Time in ns by name (the `NODE_CPU_STATS_*` constants): `kernel`, `user`, `idle`, `iowait` and, on " +
      "some hosts, others. A driver that has only an average gives `utilization` in percent instead.",
    errors: { INVALID_ARG: "The host has no such CPU." },
  },
  virNodeGetCellsFreeMemory: {
    summary: "Reads how much memory is free in each of a run of NUMA cells.",
    params: {
      startCell: "The first cell, counted from 0.",
      maxCells: "For how many cells at most to tell, from the first on; at least 1.",
    },
    returns: "Bytes for each cell from the first on; fewer than asked for if the host ends before.",
  },
  virNodeGetFreeMemory: {
    summary: "Reads how much of the host's memory is free.",
    returns: "Bytes, unlike most of libvirt's memory sizes, which are in KiB.",
  },
  virNodeGetFreePages: {
    summary: "Counts the free memory pages of given sizes in each of a run of NUMA cells.",
    params: {
      pages: "The sizes of page to count, in KiB: 2048 for pages of 2 MiB.",
      startCell: "The first cell, counted from 0; -1 for the host as a whole.",
      cellCount: "How many cells to look at, from the first on; at least 1.",
    },
    returns: "Cell after cell and, within each, the counts in the order of `pages`.",
    errors: { OPERATION_FAILED: "The host, or a cell of it, has no pages of one of the sizes." },
  },
  virNodeGetInfo: {
    summary: "Reads the host's CPU model, topology and amount of memory.",
    returns:
      "`model`; `memory` in KiB; `cpus`, those online; `mhz`, the current clock of the first in MHz or 0; " +
      "then NUMA `nodes`, `sockets` per node, `cores` per socket and `threads` per core. A host too " +
      "irregular for these is given as one socket full of single-threaded cores; `getCapabilities` has the " +
      "true layout.",
  },
  virNodeGetMemoryParameters: {
    summary: "Reads the settings and counters of the host's memory deduplication (KSM).",
    returns:
      "Values by name (the `NODE_MEMORY_SHARED_*` constants), counted in pages, except " +
      "`shm_sleep_millisecs` (ms), `shm_full_scans` (passes) and `shm_merge_across_nodes` (0 or 1). What " +
      "the kernel lacks is left out.",
  },
  virNodeGetMemoryStats: {
    summary: "Reads how the memory of the host, or of one NUMA cell, is used.",
    params: {
      cellNum: "The cell's number, or `NodeGetMemoryStatsAllCells.ALL_CELLS` (-1) for the whole host.",
    },
    returns:
      "KiB by name (the `NODE_MEMORY_STATS_*` constants): `total` and `free`; for the whole host also " +
      "`buffers`, `cached` and whatever else it tells.",
    errors: { INVALID_ARG: "The host has no such cell." },
  },
  virNodeGetSEVInfo: {
    summary: "Reads what a guest's owner needs to know of the host's AMD memory encryption (SEV).",
    returns:
      "Values by name (the `NODE_SEV_*` constants): keys and certificates in base64, the position of the " +
      "C-bit, how many bits of physical address it costs, and how many guests can use it.",
    errors: { ...readonly, OPERATION_UNSUPPORTED: "The host or its emulator lacks SEV." },
  },
  virNodeGetSecurityModel: {
    summary: "Tells which security driver confines the guests.",
    returns:
      "`model`, such as `selinux` or `apparmor`, empty if there is none, and `doi`, what its labels refer " +
      "to.",
  },
  virNodeSetMemoryParameters: {
    summary: "Tunes the host's memory deduplication (KSM); a tuning service on the host may set it back.",
    params: {
      params:
        "The new values by name: `shm_pages_to_scan` (pages per pass), `shm_sleep_millisecs` (ms between " +
        "passes), `shm_merge_across_nodes` (0 or 1).",
    },
    errors: { OPERATION_INVALID: "The host's kernel has no such setting; nothing was changed." },
  },
  virNodeSuspendForDuration: {
    summary: "Sends the host to sleep, moments after the call, with an alarm set to wake it.",
    params: {
      target: "How deep, one of `NodeSuspendTarget`: to memory, to disk or both.",
      duration: "How long in seconds, 60 at least.",
    },
    errors: {
      OPERATION_INVALID: "The host is about to sleep already.",
      ARGUMENT_UNSUPPORTED: "The host cannot sleep that way.",
      INVALID_ARG: "The time is too short.",
    },
  },
};
