import type { Docs } from "./doc.js";
import {
  affinity,
  agent,
  agentQuery,
  iothread,
  memory,
  readonly,
  running,
  scope,
  session,
  tunables,
  vcpuList,
} from "./domain-phrases.js";

/** CPUs, memory and what limits them. */
export const domainResourceDocs: Docs = {
  virDomainAddIOThread: {
    summary: "Adds an I/O thread to the running domain, its stored definition, or both.",
    params: { iothread_id: iothread },
    errors: { INVALID_ARG: "the number is 0 or in use.", OPERATION_INVALID: scope },
  },
  virDomainDelIOThread: {
    summary: "Removes an idle I/O thread from the running domain, its stored definition, or both.",
    params: { iothread_id: iothread },
    errors: {
      INVALID_ARG: "the thread does not exist, or a disk or controller uses it.",
      OPERATION_INVALID: scope,
    },
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
  virDomainGetEmulatorPinInfo: {
    summary: "Tells on which host CPUs the hypervisor's own threads for the domain may run.",
    returns: "For each host CPU by number, whether it may be used.",
    errors: { OPERATION_INVALID: scope },
  },
  virDomainGetGuestVcpus: {
    summary: "Asks the guest agent which vCPUs the guest sees and uses.",
    returns:
      "Lists of numbers as text (`0-3`): `vcpus` seen, `online` in use, `offlinable` that can be switched off.",
    errors: agentQuery,
  },
  virDomainGetIOThreadInfo: {
    summary: "Lists the domain's I/O threads and the host CPUs that each may use.",
    errors: { OPERATION_INVALID: scope },
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
  virDomainGetNumaParameters: {
    summary: "Tells how the domain's memory is spread over the host's NUMA nodes.",
    returns: "`DOMAIN_NUMA_MODE`, a `DomainNumatuneMemMode`, and `DOMAIN_NUMA_NODESET`, text such as `0-3`.",
    errors: { OPERATION_INVALID: scope },
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
  virDomainSetBlkioParameters: {
    summary: "Changes the domain's weight and limits for I/O on the host's block devices.",
    params: { params: `${tunables} Names, units and text are those of \`getBlkioParameters\`.` },
    errors: {
      CONFIG_UNSUPPORTED: session,
      INVALID_ARG: "a value's text cannot be read.",
      OPERATION_INVALID: "the flags do not fit the domain, or the host has no blkio control group.",
    },
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
};
