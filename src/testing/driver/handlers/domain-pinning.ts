import * as remote from "../../../protocol/generated/remote.js";

import { readCpuMap, writeCpuMap } from "../domain/cpu-map.js";
import { emulatorPin, pinEmulator, pinVcpu, runningVcpus, vcpuPins } from "../domain/pinning.js";
import { checkFlags } from "../errors.js";
import type { ClientState, DriverHandlers } from "../state.js";
import { checkOneImpact, checkPositive, impact, refuseRoom } from "./tunables.js";

/** On which of the host's CPUs domains run. */
export function domainPinningHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainPinVcpu, ({ dom, vcpu, cpumap }, { state }) => {
      checkPositive(cpumap.length, "maplen", "virDomainPinVcpu");
      pinVcpu(state.world.domain(dom), vcpu, readCpuMap(cpumap));
    })
    .on(remote.domainPinVcpuFlags, ({ dom, vcpu, cpumap, flags }, { state }) => {
      checkPositive(cpumap.length, "maplen", "virDomainPinVcpuFlags");
      checkFlags(flags, 0, "testDomainPinVcpuFlags");
      pinVcpu(state.world.domain(dom), vcpu, readCpuMap(cpumap));
    })
    .on(remote.domainGetVcpus, ({ dom, maxinfo, maplen }, { state }) => {
      checkMaps(maxinfo, maplen, "maxinfo", "maxinfo");
      checkPositive(maxinfo, "maxinfo", "virDomainGetVcpus");
      const vcpus = runningVcpus(state.world.domain(dom), hostCpus(state)).slice(0, maxinfo);
      // As much as has passed since 1970, in tenths: it grows, as CPU time does.
      const cpuTime = BigInt(Date.now()) * 100n;
      return {
        info: vcpus.map(({ number, state: what, cpu }) => ({ number, state: what, cpuTime, cpu })),
        cpumaps: maps(
          vcpus.map(({ cpus }) => cpus),
          maxinfo,
          maplen,
        ),
      };
    })
    .on(remote.domainGetVcpuPinInfo, ({ dom, ncpumaps, maplen, flags }, { state }) => {
      checkMaps(ncpumaps, maplen, "ncpumaps", "maplen");
      checkPositive(ncpumaps, "ncpumaps", "virDomainGetVcpuPinInfo");
      checkPositive(maplen, "maplen", "virDomainGetVcpuPinInfo");
      checkOneImpact(flags, "virDomainGetVcpuPinInfo");
      const { definition } = state.world.domain(dom).definitionFor(flags);
      const pins = vcpuPins(definition, hostCpus(state)).slice(0, ncpumaps);
      return { cpumaps: maps(pins, ncpumaps, maplen), num: pins.length };
    })
    .on(remote.domainPinEmulator, ({ dom, cpumap, flags }, { state }) => {
      checkPositive(cpumap.length, "maplen", "virDomainPinEmulator");
      checkFlags(flags, impact, "testDomainPinEmulator");
      pinEmulator(state.world.domain(dom).definitionFor(flags).definition, readCpuMap(cpumap));
    })
    .on(remote.domainGetEmulatorPinInfo, ({ dom, maplen, flags }, { state }) => {
      checkMaps(1, maplen, "ncpumaps", "maplen");
      checkPositive(maplen, "maplen", "virDomainGetEmulatorPinInfo");
      checkOneImpact(flags, "virDomainGetEmulatorPinInfo");
      checkFlags(flags, impact, "testDomainGetEmulatorPinInfo");
      const { definition } = state.world.domain(dom).definitionFor(flags);
      return { cpumaps: writeCpuMap(emulatorPin(definition, hostCpus(state)), maplen), ret: 1 };
    });
}

/** As many as there could be, whether they are there or not. */
function hostCpus({ world }: ClientState): number {
  const { nodes, sockets, cores, threads } = world.host.info;
  return nodes * sockets * cores * threads;
}

/** One map behind the other; where there are fewer sets than room, the rest is empty. */
function maps(sets: readonly ReadonlySet<number>[], count: number, maplen: number): Uint8Array {
  const all = new Uint8Array(count * maplen);
  for (const [at, set] of sets.entries()) all.set(writeCpuMap(set, maplen), at * maplen);
  return all;
}

/** Refuses what the daemon has no room for. The names are the ones that it gives to what is wrong. */
function checkMaps(count: number, maplen: number, countName: string, maplenName: string): void {
  if (count < 0) refuseRoom(`${countName} must be non-negative`);
  if (maplen < 0) refuseRoom(`${maplenName} must be non-negative`);
  if (count > remote.REMOTE_VCPUINFO_MAX) refuseRoom(`${countName} > REMOTE_VCPUINFO_MAX`);
  if (count * maplen > remote.REMOTE_CPUMAPS_MAX) refuseRoom("maxinfo * maplen > REMOTE_CPUMAPS_MAX");
}
