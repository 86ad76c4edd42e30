/** What is said of many functions about domains. */
export const running = "the domain is not running.";
export const scope =
  "the flags ask for the running domain and it is off, or for a stored definition and there is none.";
export const readonly = "the connection is read-only.";
export const noDomain = "there is no such domain.";
export const taken = "the name or the UUID belongs to another domain.";
export const schema = "the XML breaks libvirt's schema, and `VALIDATE` was among the flags.";
export const session = "the driver runs in session mode, where this cannot be done.";

export const agent = {
  AGENT_COMMAND_FAILED: "the guest agent refused the command.",
  AGENT_COMMAND_TIMEOUT: "the guest agent took the command and did not answer in time.",
  AGENT_UNRESPONSIVE: "the guest agent is not connected, or silent.",
  ARGUMENT_UNSUPPORTED: "the domain has no channel for a guest agent.",
  OPERATION_INVALID: running,
};
export const agentQuery = { ...agent, OPERATION_DENIED: readonly };
export const blockJob = {
  BLOCK_COPY_ACTIVE: "the disk is being copied, or its active image committed.",
  INVALID_ARG: "the domain has no such disk or image.",
  OPERATION_INVALID: running,
  OPERATION_UNSUPPORTED: "another job is busy with the disk.",
};
export const migration = {
  MIGRATE_UNSAFE:
    "disks are not shared, or cached by the host; `DomainMigrateFlags.UNSAFE` goes ahead regardless.",
  OPERATION_ABORTED: "the migration was cancelled by `abortJob`.",
  OPERATION_INVALID:
    "the domain's state, or something it has, such as snapshots or certain devices, forbids it.",
};

export const affinity =
  "For each host CPU by number, whether it may be used; CPUs past the array's end may not.";
export const blockSpeed = "Limit in MiB/s (bytes/s with the flag `BANDWIDTH_BYTES`); 0n for none.";
export const device = "XML of one device, such as `<disk>` or `<interface>`.";
export const disk = "Target of the disk (`vda`), or its source path where only one disk has it.";
export const domainXML = "XML with root `<domain>`.";
export const iothread = "Number of the thread, from 1 on.";
export const memory = "New size in KiB, more than 0n.";
export const migrateSpeed = "Limit in MiB/s; 0n leaves the choice to the driver.";
export const mountpoints = "Mount points inside the guest; an empty list means all.";
export const nic = "Name that the interface has on the host (`vnet0`), or its MAC address.";
export const savedXML =
  "Altered domain XML to use from now on; only what the guest cannot see, such as disk paths, may differ.";
export const tunables = "Values to change, by name; the others stay.";
export const vcpuList = "vCPU numbers as text: `0-3,^2` is 0, 1 and 3.";

/** Domains: class Domain but for snapshots and checkpoints, and what class Connection does about domains. */
