/** The words that libvirt knows in a domain's definition. */
export const domainTypes: readonly string[] = [
  ...[
    "none",
    "qemu",
    "kqemu",
    "kvm",
    "xen",
    "lxc",
    "uml",
    "openvz",
    "test",
    "vmware",
    "hyperv",
    "vbox",
    "phyp",
  ],
  ...["parallels", "bhyve", "vz", "hvf"],
];

export const osTypes: readonly string[] = ["hvm", "xen", "linux", "exe", "uml", "xenpvh"];

export const archs: readonly string[] = [
  ...[
    "alpha",
    "armv6l",
    "armv7l",
    "armv7b",
    "aarch64",
    "cris",
    "i686",
    "ia64",
    "lm32",
    "loongarch64",
    "m68k",
  ],
  ...["microblaze", "microblazeel", "mips", "mipsel", "mips64", "mips64el", "openrisc", "parisc", "parisc64"],
  ...["ppc", "ppcle", "ppc64", "ppc64le", "ppcemb", "riscv32", "riscv64", "s390", "s390x", "sh4", "sh4eb"],
  ...["sparc", "sparc64", "unicore32", "x86_64", "xtensa", "xtensaeb"],
];

export const features: readonly string[] = [
  ...[
    "acpi",
    "apic",
    "pae",
    "hap",
    "viridian",
    "privnet",
    "hyperv",
    "kvm",
    "pvspinlock",
    "capabilities",
    "pmu",
  ],
  ...["vmport", "gic", "smm", "ioapic", "hpt", "vmcoreinfo", "htm", "nested-hv", "msrs", "ccf-assist", "xen"],
  ...["cfpc", "sbbc", "ibs", "tcg", "async-teardown", "ras", "ps2", "aia"],
];

export const lifecycleActions: readonly string[] = [
  ...["destroy", "restart", "rename-restart", "preserve", "coredump-destroy", "coredump-restart"],
];

export const clockOffsets: readonly string[] = ["utc", "localtime", "variable", "timezone", "absolute"];

export const bootDevices = ["fd", "cdrom", "hd", "network"] as const;

export const diskTypes = [
  ...(["file", "block", "dir", "network", "volume", "nvme", "vhostuser", "vhostvdpa"] as const),
];

export const diskDevices = ["disk", "cdrom", "floppy", "lun"] as const;

export const diskBuses = ["none", "ide", "fdc", "scsi", "virtio", "xen", "usb", "uml", "sata", "sd"] as const;

export const interfaceTypes = [
  ...([
    "user",
    "ethernet",
    "vhostuser",
    "server",
    "client",
    "mcast",
    "network",
    "bridge",
    "internal",
  ] as const),
  ...(["direct", "hostdev", "udp", "vdpa", "null", "vds"] as const),
];

export const memballoonModels = [
  "virtio",
  "xen",
  "none",
  "virtio-transitional",
  "virtio-non-transitional",
] as const;
