import { describe, expect, test } from "vitest";
import { Domain } from "../../../src/api/domain.js";
import { ProtocolError } from "../../../src/errors.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import { ScriptedDaemon } from "./scripted-daemon.js";

/** A daemon that says its host has so many CPUs, and a domain with one vCPU there. */
function hostOf(cpus: number) {
  const daemon = new ScriptedDaemon("test+tcp://host/default");
  const cpumap = new Uint8Array([1]);
  daemon
    .on(remote.nodeGetCpuMap, () => ({ cpumap, online: 1, ret: cpus }))
    .on(remote.domainGetInfo, () => ({ state: 1, maxMem: 1n, memory: 1n, nrVirtCpu: 1, cpuTime: 1n }))
    .on(remote.domainGetVcpuPinInfo, () => ({ cpumaps: cpumap, num: 1 }))
    .on(remote.domainGetEmulatorPinInfo, () => ({ cpumaps: cpumap, ret: 1 }));
  const { connection } = daemon;
  return { connection, domain: new Domain(connection, { name: "web", uuid: new Uint8Array(16), id: 1 }) };
}

describe("maps of CPUs are as long as the host has CPUs", () => {
  test("which may be more than a map has bits", async () => {
    const { connection, domain } = hostOf(10);
    const first = [true, ...Array(9).fill(false)];
    expect((await connection.nodeGetCPUMap()).cpumap).toEqual(first);
    expect(await domain.getEmulatorPinInfo()).toEqual(first);
  });

  test("or none, if the daemon says so", async () => {
    const { connection, domain } = hostOf(0);
    expect((await connection.nodeGetCPUMap()).cpumap).toEqual([]);
    expect(await domain.getVcpuPinInfo()).toEqual([]);
    expect(await domain.getEmulatorPinInfo()).toEqual([]);
  });

  test.each([-1, 16_385, 0x7fffffff])("and not %d, which no host has", async (cpus) => {
    const { connection, domain } = hostOf(cpus);
    await expect(connection.nodeGetCPUMap()).rejects.toThrow(ProtocolError);
    await expect(domain.getVcpuPinInfo()).rejects.toThrow(ProtocolError);
    await expect(domain.getEmulatorPinInfo()).rejects.toThrow(ProtocolError);
  });
});
