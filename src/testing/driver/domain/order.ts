/** The order in which libvirt prints what is in a domain's definition. */
export const domainOrder: readonly string[] = [
  ...["name", "uuid", "genid", "title", "description", "metadata"],
  ...["maxMemory", "memory", "currentMemory", "blkiotune", "memtune", "memoryBacking"],
  ...["vcpu", "vcpus", "iothreads", "iothreadids", "defaultiothread", "throttlegroups"],
  ...["cputune", "numatune", "resource", "sysinfo", "bootloader", "bootloader_args", "os", "idmap"],
  ...["features", "cpu", "clock", "on_poweroff", "on_reboot", "on_crash", "on_lockfailure", "pm", "perf"],
  ...["devices", "seclabel", "keywrap", "launchSecurity"],
];

export const osOrder: readonly string[] = [
  ...[
    "type",
    "firmware",
    "init",
    "initarg",
    "initenv",
    "initdir",
    "inituser",
    "initgroup",
    "loader",
    "nvram",
  ],
  ...["kernel", "initrd", "cmdline", "shim", "dtb", "root", "acpi", "boot", "bootmenu", "bios", "smbios"],
];

export const deviceOrder: readonly string[] = [
  ...["emulator", "disk", "controller", "lease", "filesystem", "interface", "smartcard"],
  ...["serial", "parallel", "console", "channel", "input", "tpm", "graphics", "sound", "audio", "video"],
  ...["hostdev", "redirdev", "redirfilter", "hub", "watchdog", "memballoon", "rng", "nvram", "panic"],
  ...["shmem", "memory", "crypto", "iommu", "vsock", "pstore"],
];

export const diskOrder: readonly string[] = [
  ...["driver", "auth", "source", "backingStore", "backenddomain", "geometry", "blockio", "mirror", "target"],
  ...[
    "iotune",
    "throttlefilters",
    "readonly",
    "shareable",
    "transient",
    "serial",
    "wwn",
    "vendor",
    "product",
  ],
  ...["encryption", "boot", "alias", "address"],
];

export const interfaceOrder: readonly string[] = [
  ...["mac", "source", "vlan", "virtualport", "bandwidth", "port", "ip", "route", "portForward"],
  ...["script", "downscript", "backenddomain", "target", "guest", "model", "driver", "backend", "filterref"],
  ...["boot", "tune", "link", "mtu", "coalesce", "teaming", "rom", "acpi", "alias", "address"],
];

export const cputuneOrder: readonly string[] = [
  ...["shares", "period", "quota", "global_period", "global_quota", "emulator_period", "emulator_quota"],
  ...["iothread_period", "iothread_quota", "vcpupin", "emulatorpin", "iothreadpin", "emulatorsched"],
  ...["vcpusched", "iothreadsched", "cachetune", "memorytune"],
];

export const memtuneOrder: readonly string[] = [
  "hard_limit",
  "soft_limit",
  "min_guarantee",
  "swap_hard_limit",
];

export const blkiotuneOrder: readonly string[] = [
  ...["path", "weight", "read_iops_sec", "write_iops_sec", "read_bytes_sec", "write_bytes_sec", "device"],
];
