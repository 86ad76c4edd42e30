import * as remote from "../../../protocol/generated/remote.js";
import { rpcError } from "../../server/refusals.js";
import { checkFlags, checkNonNegative, checkNonZero, invalidArgument, unknownError } from "../errors.js";
import { securityModel } from "../host.js";
import type { DriverHandlers } from "../state.js";
import { cString } from "../wire.js";
import { modelRoom } from "../world-file.js";
import { refuseRoom } from "./tunables.js";

/** The machine that the hypervisor seems to run on. What never changes there is as libvirt's test driver has it. */
export function hostHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.connectGetCapabilities, (_args, { state }) => ({
      capabilities: state.world.host.capabilities(),
    }))
    .on(remote.connectGetSysinfo, ({ flags }) => {
      checkFlags(flags, 0, "testConnectGetSysinfo");
      return { sysinfo };
    })
    .on(remote.nodeGetInfo, (_args, { state }) => {
      const { info } = state.world.host;
      return { ...info, model: cString(info.model, modelRoom) };
    })
    .on(remote.nodeGetCpuStats, ({ cpuNum, nparams, flags }) => {
      if (cpuNum < -1) {
        const message = "cpuNum in virNodeGetCPUStats only accepts -1 as a negative value";
        throw invalidArgument("virNodeGetCPUStats", "cpuNum", message);
      }
      checkFlags(flags, 0, "testNodeGetCPUStats");
      if (nparams === 0) return { params: [], nparams: cpuStats.length };
      return { params: cpuStats.slice(0, nparams), nparams: 0 };
    })
    .on(remote.nodeGetCpuMap, ({ needMap, needOnline, flags }) => {
      checkFlags(flags, 0, "testNodeGetCPUMap");
      // Three of eight CPUs are there.
      return {
        cpumap: needMap ? Uint8Array.of(0b10101) : new Uint8Array(),
        online: needOnline ? 3 : 0,
        ret: 8,
      };
    })
    .on(remote.nodeGetFreeMemory, (_args, { state }) => {
      const { freeMemory } = state.world.host;
      // In C no memory is no answer, and nobody has said why there is none.
      if (freeMemory === 0n) throw unknownError();
      return { freeMem: freeMemory };
    })
    .on(remote.nodeGetCellsFreeMemory, ({ startCell, maxcells }, { state }) => {
      if (maxcells < 0) throw rpcError("maxcells must be non-negative");
      if (maxcells > remote.REMOTE_NODE_MAX_CELLS) throw rpcError("maxcells > REMOTE_NODE_MAX_CELLS");
      if (maxcells === 0) {
        const message = "maxCells in virNodeGetCellsFreeMemory must be greater than zero";
        throw invalidArgument("virNodeGetCellsFreeMemory", "maxCells", message);
      }
      checkNonNegative(startCell, "startCell", "virNodeGetCellsFreeMemory");
      return { cells: state.world.host.cellMemory(startCell, maxcells) };
    })
    .on(remote.nodeGetFreePages, ({ pages, startCell, cellCount, flags }) => {
      if (pages.length * cellCount > remote.REMOTE_NODE_MAX_CELLS) {
        refuseRoom("the result won't fit into REMOTE_NODE_MAX_CELLS");
      }
      checkNonZero(pages.length, "npages", "virNodeGetFreePages");
      checkNonZero(cellCount, "cellCount", "virNodeGetFreePages");
      checkFlags(flags, 0, "testNodeGetFreePages");
      const cells = Array.from({ length: cellCount }, (_, cell) => freePages(startCell + cell, pages.length));
      return { counts: cells.flat() };
    })
    .on(remote.nodeGetSecurityModel, () => ({ model: textWithEnd(securityModel), doi: textWithEnd("") }));
}

const sysinfo = `<sysinfo type='smbios'>
  <bios>
    <entry name='vendor'>LENOVO</entry>
    <entry name='version'>G4ETA1WW (2.61 )</entry>
    <entry name='date'>05/07/2014</entry>
    <entry name='release'>2.61</entry>
  </bios>
</sysinfo>
`;

/** Nanoseconds. */
const cpuStats = [
  { field: "user", value: 9_797_400_000n },
  { field: "kernel", value: 34_678_723_400_000n },
  { field: "idle", value: 87_264_900_000n },
  { field: "iowait", value: 763_600_000n },
];

/** Numbers that differ, for one cell. In C they are counted as int, and told as what is never below zero. */
function freePages(cell: number, sizes: number): bigint[] {
  const counts: bigint[] = [];
  let count = Math.imul(cell, 6);
  for (let size = 0; size < sizes; size++) {
    count = (count * 2 + 7) | 0;
    counts.push(BigInt.asUintN(64, BigInt(count)));
  }
  return counts;
}

/** Text as bytes, with the zero that ends it in C. */
function textWithEnd(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
