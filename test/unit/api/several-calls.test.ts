import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Domain } from "../../../src/api/domain.js";
import { Network } from "../../../src/api/network.js";
import { TimeoutError } from "../../../src/errors.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import type { CallOptions } from "../../../src/rpc/deadline.js";
import { settle } from "../transport/recorder.js";
import { ScriptedDaemon } from "./scripted-daemon.js";

const ref = { name: "web", uuid: new Uint8Array(16), id: 1 };
const domainOn = ({ connection }: ScriptedDaemon) => new Domain(connection, ref);

const never = () => new Promise<never>(() => {});

/** Answers the first time, 80 ms later, and not a second time. */
function late<Ret>(answer: Ret): () => Promise<Ret> {
  let asked = false;
  return () => {
    if (asked) return never();
    asked = true;
    return new Promise((resolve) => setTimeout(resolve, 80, answer));
  };
}

const info = { state: 1, maxMem: 1n, memory: 1n, nrVirtCpu: 1, cpuTime: 1n };

type Call = (daemon: ScriptedDaemon, options: CallOptions) => Promise<unknown>;

/** Methods, with what their first calls are answered. */
const methods: readonly (readonly [string, (daemon: ScriptedDaemon) => void, Call])[] = [
  [
    "getMemoryParameters",
    (daemon) => daemon.on(remote.domainGetMemoryParameters, late({ params: [], nparams: 3 })),
    (daemon, options) => domainOn(daemon).getMemoryParameters(0, options),
  ],
  [
    "nodeGetCPUStats",
    (daemon) => daemon.on(remote.nodeGetCpuStats, late({ params: [], nparams: 3 })),
    ({ connection }, options) => connection.nodeGetCPUStats(-1, 0, options),
  ],
  [
    "create",
    (daemon) => daemon.on(remote.domainCreate, late(undefined)).on(remote.domainLookupByUuid, never),
    (daemon, options) => domainOn(daemon).create(options),
  ],
  [
    "getVcpus",
    (daemon) =>
      daemon
        .on(remote.domainGetInfo, late(info))
        .on(remote.nodeGetCpuMap, late({ cpumap: new Uint8Array(0), online: 1, ret: 1 }))
        .on(remote.domainGetVcpus, never),
    (daemon, options) => domainOn(daemon).getVcpus(options),
  ],
  [
    "getSchedulerParameters",
    (daemon) =>
      daemon
        .on(remote.domainGetSchedulerType, late({ type: "posix", nparams: 1 }))
        .on(remote.domainGetSchedulerParameters, never),
    (daemon, options) => domainOn(daemon).getSchedulerParameters(options),
  ],
  [
    "update",
    (daemon) =>
      daemon.on(remote.connectSupportsFeature, late({ supported: 1 })).on(remote.networkUpdate, never),
    ({ connection }, options) => new Network(connection, ref).update(1, 1, -1, "<host/>", 0, options),
  ],
];

describe("a method that makes several calls", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each(methods)("takes no longer than one may: %s", async (_method, answer, call) => {
    const daemon = new ScriptedDaemon("test+tcp://host/default");
    answer(daemon);
    let outcome: unknown;
    call(daemon, { timeoutMs: 100 }).catch((error: unknown) => {
      outcome = error;
    });
    await settle();
    await vi.advanceTimersByTimeAsync(80);
    await settle();
    expect(outcome).toBeUndefined();
    await vi.advanceTimersByTimeAsync(20);
    await settle();
    expect(outcome).toBeInstanceOf(TimeoutError);
  });
});
