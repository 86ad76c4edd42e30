import { domain, flags } from "./domains.js";
import type { Operations } from "./stage.js";

/** What grows in time is compared in what kind of thing it is. */
async function kinds(call: Promise<object>) {
  return Object.entries(await call).map(([name, value]) => [name, typeof value]);
}

const few = [0, 0, 0, 0, ...flags];
const places = [[], ["/"], ["/", "/boot"], ["/boot", "/home"], ["/dev"]];
const disks = ["vda", "/x", "hdc", "vdz", ""];

/** What guests do, what is done to them, and what is told of them. */
export const guestOperations: Operations = {
  getFSInfo: async (stage, choose) => (await domain(stage, choose)).getFSInfo(choose.of(few)),
  fsFreeze: async (stage, choose) =>
    (await domain(stage, choose)).fsFreeze(choose.of(places), choose.of(few)),
  fsThaw: async (stage, choose) => (await domain(stage, choose)).fsThaw(choose.of(places), choose.of(few)),
  fsTrim: async (stage, choose) =>
    (await domain(stage, choose)).fsTrim(choose.of([null, "/", "/boot", "/home"]), 0n, choose.of(few)),
  setUserPassword: async (stage, choose) =>
    (await domain(stage, choose)).setUserPassword("me", "secret", choose.of(few)),
  injectNMI: async (stage, choose) => (await domain(stage, choose)).injectNMI(choose.of(few)),
  sendKey: async (stage, choose) =>
    (await domain(stage, choose)).sendKey(
      choose.of([0, 1, 3, 5, 6, 7, 8, 9, 10, 99]),
      0,
      choose.of([[1], [30, 96], [255], [57_361], []]),
      choose.of(few),
    ),
  sendProcessSignal: async (stage, choose) =>
    (await domain(stage, choose)).sendProcessSignal(
      choose.of([1n, 1n, 2n, -1n]),
      choose.of([0, 9, 64, 65]),
      choose.of(few),
    ),
  memoryPeek: async (stage, choose) =>
    (await domain(stage, choose)).memoryPeek(
      choose.of([0n, 250n]),
      choose.of([0, 10]),
      choose.of([0, 1, 2, 3, 4]),
    ),
  getSecurityLabel: async (stage, choose) => (await domain(stage, choose)).getSecurityLabel(),
  getLaunchSecurityInfo: async (stage, choose) =>
    (await domain(stage, choose)).getLaunchSecurityInfo(choose.of(few)),
  getHostname: async (stage, choose) => (await domain(stage, choose)).getHostname(choose.of(few)),
  getTime: async (stage, choose) => (await domain(stage, choose)).getTime(choose.of(few)),
  // That of errors of input and output, 4, is new.
  getMessages: async (stage, choose) =>
    (await domain(stage, choose)).getMessages(choose.of([0, 0, 1, 2, 3, 8])),
  getDiskErrors: async (stage, choose) => (await domain(stage, choose)).getDiskErrors(choose.of(few)),
  getBlockInfo: async (stage, choose) =>
    (await domain(stage, choose)).getBlockInfo(choose.of(disks), choose.of(few)),
  blockStats: async (stage, choose) => kinds((await domain(stage, choose)).blockStats(choose.of(disks))),
  interfaceStats: async (stage, choose) =>
    kinds(
      (await domain(stage, choose)).interfaceStats(choose.of(["testnet0", "52:54:00:00:00:0b", "nobody"])),
    ),
  interfaceAddresses: async (stage, choose) =>
    (await domain(stage, choose)).interfaceAddresses(choose.of([0, 0, 1, 2, 3]), choose.of(few)),
  memoryStats: async (stage, choose) => (await domain(stage, choose)).memoryStats(choose.of(few)),
  getCPUStats: async (stage, choose) =>
    (await domain(stage, choose)).getCPUStats(choose.of([-1, 0, 1, 2, 3]), choose.of([1, 2]), choose.of(few)),
  getAllDomainStats: async ({ conn }, choose) =>
    conn.getAllDomainStats(choose.of([0, 1, 512, 2047, 1 << 30]), choose.of([0, 0, 1, 2, 4, 16, 1 << 31])),
  /** These are for other drivers. */
  getJobInfo: async (stage, choose) => (await domain(stage, choose)).getJobInfo(),
  abortJob: async (stage, choose) => (await domain(stage, choose)).abortJob(),
  getGuestInfo: async (stage, choose) => (await domain(stage, choose)).getGuestInfo(0),
  getGuestVcpus: async (stage, choose) => (await domain(stage, choose)).getGuestVcpus(),
  migrateGetMaxSpeed: async (stage, choose) => (await domain(stage, choose)).migrateGetMaxSpeed(),
  migrateSetMaxDowntime: async (stage, choose) => (await domain(stage, choose)).migrateSetMaxDowntime(5n),
  blockResize: async (stage, choose) => (await domain(stage, choose)).blockResize("vda", 5n),
  setVcpu: async (stage, choose) => (await domain(stage, choose)).setVcpu("1", true),
  setGuestVcpus: async (stage, choose) => (await domain(stage, choose)).setGuestVcpus("1", true),
  managedSaveGetXMLDesc: async (stage, choose) => (await domain(stage, choose)).managedSaveGetXMLDesc(),
  detachDevice: async (stage, choose) => (await domain(stage, choose)).detachDevice("<console type='pty'/>"),
  pmWakeup: async (stage, choose) => (await domain(stage, choose)).pmWakeup(),
};
