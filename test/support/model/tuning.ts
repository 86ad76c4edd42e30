import { type Domain, typed } from "../../../src/index.js";
import { domain, flags } from "./domains.js";
import type { Operations } from "./stage.js";

const impacts = [0, 0, 0, 1, 1, 2, 2, 3, ...flags];
/** Maps of CPUs: one for each that is in it. */
const maps = ["11000000", "01010000", "00000000", "1000000010000000", "1"].map((map) =>
  [...map].map((bit) => bit === "1"),
);
const ids = [0, 1, 2, 3, 4, 7, 44];
const disks = ["vda", "/x", "vdb", "hdc", "vdz", ""];
const nics = ["testnet0", "52:54:00:00:00:0b", "52:54:00:00:00:0a", "nobody", ""];

type Params = Parameters<Domain["setMemoryParameters"]>[0];

const memory: readonly Params[] = [
  { hard_limit: 5000n },
  { soft_limit: 4000n },
  { hard_limit: 5000n, soft_limit: 4000n, swap_hard_limit: 9000n },
  { swap_hard_limit: 1n },
  { hard_limit: typed.int(7) },
  { min_guarantee: 7n },
  { soft_limit: 9007199254740991n },
];
const blkio: readonly Params[] = [
  { weight: 300 },
  { weight: 0 },
  { device_weight: "/dev/a,200,/dev/b,300" },
  { device_weight: "/dev/b,0" },
  { device_read_iops_sec: "/dev/b,7", device_write_bytes_sec: "/dev/c,8" },
  { device_write_iops_sec: "/dev/d,0" },
  { device_read_bytes_sec: "/dev/a,1,/dev/b" },
  { device_read_bytes_sec: "/dev/a,-1" },
  { heavy: typed.uint(1) },
];
const numa: readonly Params[] = [
  { numa_mode: 0 },
  { numa_mode: 2 },
  { numa_mode: 9 },
  { numa_nodeset: "0-1,^0" },
  { numa_nodeset: "x" },
  { numa_mode: 1, numa_nodeset: "3" },
];
const rates: readonly Params[] = [
  { "inbound.average": 100, "inbound.peak": 200, "inbound.burst": 300, "outbound.average": 9 },
  { "inbound.average": 3 },
  { "inbound.peak": 7 },
  { "inbound.floor": 5 },
  { "inbound.average": 0 },
  { "outbound.average": 0 },
  { "outbound.burst": 5 },
  { "outbound.floor": typed.uint(1) },
];
const throttles: readonly Params[] = [
  { total_bytes_sec: 5n, total_bytes_sec_max: 6n },
  { total_bytes_sec: 0n, total_bytes_sec_max: 0n },
  { read_bytes_sec: 5n },
  { write_bytes_sec_max: 5n },
  { total_iops_sec: 1n, write_iops_sec: 1n },
  { total_iops_sec_max: 9n, total_iops_sec: 2n, size_iops_sec: 3n, total_iops_sec_max_length: 4n },
  { read_iops_sec_max: 9n },
  { group_name: "together" },
  { read_bytes_sec: 1000000000000001n },
  { more: typed.ullong(5n) },
];
const perf: readonly Params[] = [
  { mbml: true, cmt: true, page_faults: false },
  { cmt: false },
  { naps: typed.boolean(true) },
];
const polling: readonly Params[] = [
  { poll_max_ns: 1n, poll_grow: 2, poll_shrink: 3 },
  { poll_grow: 5 },
  { poll_dance: typed.uint(5) },
];

/** Where domains run, and what bounds them. */
export const tuningOperations: Operations = {
  getVcpuPinInfo: async (stage, choose) => (await domain(stage, choose)).getVcpuPinInfo(choose.of(impacts)),
  getVcpus: async (stage, choose) => {
    const vcpus = await (await domain(stage, choose)).getVcpus();
    // Their time passes.
    return vcpus.map(({ cpuTime: _, ...rest }) => rest);
  },
  pinVcpu: async (stage, choose) => (await domain(stage, choose)).pinVcpu(choose.of(ids), choose.of(maps)),
  pinVcpuFlags: async (stage, choose) =>
    (await domain(stage, choose)).pinVcpuFlags(choose.of(ids), choose.of(maps), choose.of(impacts)),
  getEmulatorPinInfo: async (stage, choose) =>
    (await domain(stage, choose)).getEmulatorPinInfo(choose.of(impacts)),
  pinEmulator: async (stage, choose) =>
    (await domain(stage, choose)).pinEmulator(choose.of(maps), choose.of(impacts)),
  getIOThreadInfo: async (stage, choose) => (await domain(stage, choose)).getIOThreadInfo(choose.of(impacts)),
  addIOThread: async (stage, choose) =>
    (await domain(stage, choose)).addIOThread(choose.of(ids), choose.of(impacts)),
  delIOThread: async (stage, choose) =>
    (await domain(stage, choose)).delIOThread(choose.of(ids), choose.of(impacts)),
  pinIOThread: async (stage, choose) =>
    (await domain(stage, choose)).pinIOThread(choose.of(ids), choose.of(maps), choose.of(impacts)),
  setIOThreadParams: async (stage, choose) =>
    (await domain(stage, choose)).setIOThreadParams(choose.of(ids), choose.of(polling), choose.of(impacts)),
  getMemoryParameters: async (stage, choose) =>
    (await domain(stage, choose)).getMemoryParameters(choose.of(impacts)),
  setMemoryParameters: async (stage, choose) =>
    (await domain(stage, choose)).setMemoryParameters(choose.of(memory), choose.of(impacts)),
  getBlkioParameters: async (stage, choose) =>
    (await domain(stage, choose)).getBlkioParameters(choose.of(impacts)),
  setBlkioParameters: async (stage, choose) =>
    (await domain(stage, choose)).setBlkioParameters(choose.of(blkio), choose.of(impacts)),
  getNumaParameters: async (stage, choose) =>
    (await domain(stage, choose)).getNumaParameters(choose.of(impacts)),
  setNumaParameters: async (stage, choose) =>
    (await domain(stage, choose)).setNumaParameters(choose.of(numa), choose.of(impacts)),
  getInterfaceParameters: async (stage, choose) =>
    (await domain(stage, choose)).getInterfaceParameters(choose.of(nics), choose.of(impacts)),
  setInterfaceParameters: async (stage, choose) =>
    (await domain(stage, choose)).setInterfaceParameters(
      choose.of(nics),
      choose.of(rates),
      choose.of(impacts),
    ),
  getBlockIoTune: async (stage, choose) =>
    (await domain(stage, choose)).getBlockIoTune(choose.of(disks), choose.of(impacts)),
  setBlockIoTune: async (stage, choose) =>
    (await domain(stage, choose)).setBlockIoTune(choose.of(disks), choose.of(throttles), choose.of(impacts)),
  getPerfEvents: async (stage, choose) => (await domain(stage, choose)).getPerfEvents(choose.of(impacts)),
  setPerfEvents: async (stage, choose) =>
    (await domain(stage, choose)).setPerfEvents(choose.of(perf), choose.of(impacts)),
  setLifecycleAction: async (stage, choose) =>
    (await domain(stage, choose)).setLifecycleAction(
      choose.of([0, 1, 2, 3]),
      choose.of([0, 1, 2, 3, 4, 5, 9]),
      choose.of(impacts),
    ),
  setMemoryStatsPeriod: async (stage, choose) =>
    (await domain(stage, choose)).setMemoryStatsPeriod(choose.of([0, 5, 10]), choose.of(impacts)),
  schedulerFlags: async (stage, choose) =>
    (await domain(stage, choose)).setSchedulerParametersFlags({ weight: 7 }, choose.of(impacts)),
  schedulerType: async (stage, choose) => (await domain(stage, choose)).getSchedulerType(),
};
