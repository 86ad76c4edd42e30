import type { Socket } from "node:net";
import type { NodeInfo } from "../../../src/index.js";
import { type PyFields, type PyObject, PyTuple } from "../../support/differential.js";
import type { Volatile } from "./align.js";

/** How a function is not as the others are. */
export interface Irregular {
  /** The binding's method, where the name of C's function doesn't find it. */
  readonly method?: string;
  /** The binding's arguments, made of ours. */
  readonly args?: (...args: readonly unknown[]) => readonly unknown[];
  /** The whole call of the binding. */
  readonly call?: (target: PyObject, args: readonly unknown[]) => Promise<unknown>;
  /** The binding's value in our form, where the order of fields doesn't tell. */
  readonly value?: (theirs: unknown) => unknown;
  /** Our value in a form that can be compared. */
  readonly ours?: (value: unknown, target: object) => unknown;
  /** What in the value changes from one moment to the next. */
  readonly volatile?: Volatile;
}

/** The binding has no function for it, but the object at hand. */
const connectionOf = (method: string): Irregular => ({
  method,
  ours: (value, target) => ({ class: value === Reflect.get(target, "connection") ? "Connect" : "another" }),
});

/** The binding takes the stream that the call opens; `index` is where. */
const opensStream = (c: string, index: number): Irregular => ({
  ours: (stream) => Reflect.get(stream as object, "stream"),
  call: async (target, args) => {
    const stream = await (await target.object("connect")).object("newStream", 0);
    await target.call(c, ...args.toSpliced(index, 0, stream));
    return stream;
  },
});

/** The binding wants a value to hand to the callback. Each client numbers the callbacks in its own way. */
const takesCallback: Irregular = { args: (...args) => [...args, null], volatile: true };

const cpuTimes = [
  "cpuTime",
  /^cpu\.(time|user|system)$/,
  "cpu_time",
  "user_time",
  "system_time",
  "vcpu_time",
  /^vcpu\.\d+\.(time|delay|wait)$/,
];

export const irregular: Readonly<Record<string, Irregular>> = {
  virAdmConnectClose: { value: () => undefined },
  virAdmConnectRegisterCloseCallback: { args: () => [] },
  virAdmServerGetThreadPoolParameters: { volatile: ["freeWorkers", "nWorkers", "jobQueueDepth"] },

  virConnectDomainEventRegister: takesCallback,
  virConnectDomainEventRegisterAny: takesCallback,
  virConnectNetworkEventRegisterAny: takesCallback,
  virConnectStoragePoolEventRegisterAny: takesCallback,
  virConnectNodeDeviceEventRegisterAny: takesCallback,
  virConnectSecretEventRegisterAny: takesCallback,
  virConnectDomainQemuMonitorEventRegister: takesCallback,
  virConnectRegisterCloseCallback: takesCallback,
  virConnectUnregisterCloseCallback: { args: () => [] },
  // C's 0 is for: from now on.
  virConnectSetKeepAlive: { value: (theirs) => theirs === 0 },

  // The binding returns how many still hold the connection.
  virConnectClose: { value: () => undefined },
  virConnectDomainXMLFromNative: { ours: withoutUUID, value: withoutUUID },
  virConnectListDomains: { method: "listDomainsID" },
  virDomainGetConnect: connectionOf("connect"),
  virDomainSnapshotGetConnect: connectionOf("getConnect"),
  virDomainCheckpointGetConnect: connectionOf("getConnect"),
  virNetworkGetConnect: connectionOf("connect"),
  virInterfaceGetConnect: connectionOf("connect"),
  virStoragePoolGetConnect: connectionOf("connect"),
  virStorageVolGetConnect: connectionOf("connect"),
  virSecretGetConnect: connectionOf("connect"),
  virDomainSnapshotGetDomain: { method: "getDomain" },
  virDomainCheckpointGetDomain: { method: "getDomain" },
  virNetworkPortGetNetwork: { method: "network" },

  // The binding gives MiB.
  virNodeGetInfo: { ours: (info) => withMemoryInMiB(info as NodeInfo) },
  virNodeGetCPUMap: { value: (theirs) => (theirs as unknown[]).slice(1) },
  virNodeGetFreePages: {
    value: (theirs) => Object.values(theirs as object).map((cell: object) => Object.values(cell)),
    volatile: true,
  },
  virNodeGetFreeMemory: { volatile: true },
  virNodeGetCellsFreeMemory: { volatile: true },
  virNodeGetCPUStats: { volatile: ["idle", "iowait", "kernel", "user", "utilization"] },
  virNodeGetMemoryStats: { volatile: ["buffers", "cached", "free"] },
  virNodeAllocPages: {
    args: (sizes, counts, ...rest) => [
      new Map((sizes as number[]).map((size, index) => [size, (counts as bigint[])[index]])),
      ...rest,
    ],
  },

  virDomainGetInfo: { volatile: cpuTimes },
  virDomainGetVcpus: {
    value: (theirs) => {
      const [vcpus, maps] = theirs as [unknown[][], unknown[]];
      return vcpus.map((vcpu, index) => [...vcpu, maps[index]]);
    },
    volatile: cpuTimes,
  },
  virDomainGetCPUStats: {
    call: (domain, [startCpu = -1, , flags = 0]) => domain.call("getCPUStats", startCpu === -1, flags),
    volatile: cpuTimes,
  },
  virConnectGetAllDomainStats: { volatile: [...cpuTimes, /^balloon\./, /^block\.\d+\.(rd|wr|fl)\./] },
  virDomainListGetStats: { volatile: [...cpuTimes, /^balloon\./, /^block\.\d+\.(rd|wr|fl)\./] },
  virDomainGetBlockInfo: {
    value: (theirs) => {
      const [capacity, allocation, physical] = theirs as unknown[];
      return { allocation, capacity, physical };
    },
  },
  virDomainGetDiskErrors: { value: (theirs) => Object.entries(theirs as object) },
  virDomainInterfaceAddresses: {
    value: (theirs) => Object.entries(theirs as object).map(([name, rest]) => ({ name, ...rest })),
  },
  virDomainBlockStats: { volatile: ["rdBytes", "rdReq", "wrBytes", "wrReq", "errs"] },
  virDomainInterfaceStats: { volatile: [/^[rt]x/] },
  virDomainPinVcpu: { args: (vcpu, map) => [vcpu, new PyTuple(map as unknown[])] },
  virDomainPinVcpuFlags: { args: (vcpu, map, flags) => [vcpu, new PyTuple(map as unknown[]), flags] },
  virDomainPinEmulator: { args: (map, flags) => [new PyTuple(map as unknown[]), flags] },
  virDomainPinIOThread: { args: (id, map, flags) => [id, new PyTuple(map as unknown[]), flags] },
  virDomainMemoryStats: {
    args: () => [],
    // The binding has a name of its own for this one.
    value: (theirs) => {
      const { actual, ...rest } = theirs as PyFields;
      return { ...rest, ...(actual !== undefined && { actual_balloon: actual }) };
    },
    volatile: ["last_update", "rss"],
  },
  virDomainGetJobInfo: { volatile: ["timeElapsed"] },
  virDomainGetJobStats: {
    value: (theirs) => {
      const { type, ...params } = theirs as PyFields;
      return { type, params };
    },
    volatile: ["time_elapsed"],
  },
  virDomainGetBlockJobInfo: {
    value: (theirs) => (Object.keys(theirs as object).length === 0 ? null : theirs),
  },
  virDomainGetTime: { volatile: ["seconds", "nseconds"] },
  virDomainSetTime: { args: (seconds, nseconds, flags = 0) => [{ seconds, nseconds }, flags] },
  virDomainSendKey: {
    args: (codeset, holdtime, keycodes, flags = 0) => {
      return [codeset, holdtime, keycodes, (keycodes as unknown[]).length, flags];
    },
  },
  virDomainRevertToSnapshot: {
    call: async (snapshot, args) =>
      (await snapshot.object("getDomain")).call("revertToSnapshot", snapshot, ...args),
  },

  virDomainOpenGraphicsFD: {
    ours: (socket) => {
      (socket as Socket).destroy();
      return "socket";
    },
    value: (fd) => (typeof fd === "number" ? "socket" : fd),
  },
  virStorageVolUpload: opensStream("virStorageVolUpload", 0),
  virStorageVolDownload: opensStream("virStorageVolDownload", 0),
  virDomainScreenshot: opensStream("virDomainScreenshot", 0),
  virDomainOpenConsole: opensStream("virDomainOpenConsole", 1),
  virDomainOpenChannel: opensStream("virDomainOpenChannel", 1),
  // How much was sent: all of it.
  virStreamSend: { value: () => undefined },
  // The binding has a number for: here is a hole.
  virStreamRecvFlags: { value: (theirs) => (theirs === -3 ? null : theirs) },

  virStoragePoolGetInfo: { volatile: ["allocation", "available"] },
};

function withMemoryInMiB(info: NodeInfo): unknown {
  return { ...info, memory: info.memory / 1024n };
}

/** Each time there is a new one. */
function withoutUUID(xml: unknown): unknown {
  return typeof xml === "string" ? xml.replace(/<uuid>.*<\/uuid>/, "") : xml;
}
