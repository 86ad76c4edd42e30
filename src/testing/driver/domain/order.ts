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
  ...["mac", "source", "ip", "route", "script", "downscript", "backenddomain", "vlan", "virtualport"],
  ...[
    "target",
    "guest",
    "model",
    "driver",
    "backend",
    "filterref",
    "boot",
    "tune",
    "bandwidth",
    "link",
    "mtu",
  ],
  ...["coalesce", "rom", "acpi", "alias", "address"],
];
