import type { Operations } from "./stage.js";

const few = [0, 0, 0, 1, 2, 3, 8];
const cells = [-2, -1, 0, 1, 2, 3, 99];

/** What there is to know of a host, and of the connection to it. */
export const hostOperations: Operations = {
  connection: async ({ conn }) => [
    await conn.getType(),
    await conn.getVersion(),
    await conn.getHostname(),
    await conn.isAlive(),
    await conn.isSecure(),
    await conn.isEncrypted(),
  ],
  getMaxVcpus: async ({ conn }, choose) => conn.getMaxVcpus(choose.of([null, "test", "qemu", ""])),
  getSysinfo: async ({ conn }, choose) => conn.getSysinfo(choose.of(few)),
  getInfo: async ({ conn }) => conn.nodeGetInfo(),
  getCPUMap: async ({ conn }, choose) => conn.nodeGetCPUMap(choose.of(few)),
  getCPUStats: async ({ conn }, choose) => {
    // Newer libvirts tell of the time of guests, too.
    const { user, kernel, idle, iowait } = await conn.nodeGetCPUStats(
      choose.of([...cells, 15, 16]),
      choose.of(few),
    );
    return [user, kernel, idle, iowait];
  },
  getFreeMemory: async ({ conn }) => conn.nodeGetFreeMemory(),
  getCellsFreeMemory: async ({ conn }, choose) =>
    conn.nodeGetCellsFreeMemory(choose.of(cells), choose.of([-1, 0, 1, 2, 9, 1024, 1025])),
  getFreePages: async ({ conn, release }, choose) => {
    // libvirt 9 counts them and says that it could not.
    if (release < 11_000_000n) return undefined;
    return conn.nodeGetFreePages(
      choose.of([[], [4], [4, 2048], [2048, 4, 4], [0]]),
      choose.of(cells),
      choose.of([0, 1, 2, 3, 9]),
      choose.of(few),
    );
  },
  getSecurityModel: async ({ conn }) => conn.nodeGetSecurityModel(),
  /** These are for other drivers. */
  getMemoryStats: async ({ conn }) => conn.nodeGetMemoryStats(),
  getMemoryParameters: async ({ conn }) => conn.nodeGetMemoryParameters(),
  setMemoryParameters: async ({ conn }) => conn.nodeSetMemoryParameters({ shm_pages_to_scan: 7 }),
  allocPages: async ({ conn }) => conn.nodeAllocPages([4], [1n], 0, 1),
  suspendForDuration: async ({ conn }) => conn.nodeSuspendForDuration(0, 60n),
  getSEVInfo: async ({ conn }) => conn.nodeGetSEVInfo(),
  compareCPU: async ({ conn }) => conn.compareCPU("<cpu/>"),
  compareHypervisorCPU: async ({ conn }) => conn.compareHypervisorCPU(null, "x86_64", null, null, "<cpu/>"),
  baselineHypervisorCPU: async ({ conn }) => conn.baselineHypervisorCPU(null, null, null, null, ["<cpu/>"]),
  fromNative: async ({ conn }) => conn.domainXMLFromNative("qemu-argv", "x"),
  toNative: async ({ conn }) => conn.domainXMLToNative("qemu-argv", "<domain/>"),
  getStoragePoolCapabilities: async ({ conn }) => conn.getStoragePoolCapabilities(),
};
