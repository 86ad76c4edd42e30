import { type Enum, nameOf } from "../../enums.js";
import type { EventFilters, EventName } from "./types.js";

/** What happens to the objects of each class, where libvirt has a number for it: the index. */
export const eventNames = {
  domain: [
    "lifecycle",
    "reboot",
    "rtcChange",
    "watchdog",
    "ioError",
    "graphics",
    "ioErrorReason",
    "controlError",
    "blockJob",
    "diskChange",
    "trayChange",
    "pmWakeup",
    "pmSuspend",
    "balloonChange",
    "pmSuspendDisk",
    "deviceRemoved",
    "blockJob2",
    "tunable",
    "agentLifecycle",
    "deviceAdded",
    "migrationIteration",
    "jobCompleted",
    "deviceRemovalFailed",
    "metadataChange",
    "blockThreshold",
    "memoryFailure",
    "memoryDeviceSizeChange",
    "nicMacChange",
    "vcpuRemoved",
    "channelLifecycle",
  ],
  network: ["lifecycle", "metadataChange"],
  storagePool: ["lifecycle", "refresh"],
  nodeDevice: ["lifecycle", "update"],
  secret: ["lifecycle", "valueChanged"],
} as const;

/** The classes of objects whose events have numbers. */
export type EventClass = keyof typeof eventNames;

/** What a subscriber may narrow the events of each class down by. */
const filters: { readonly [Class in keyof EventFilters]: readonly (keyof EventFilters[Class])[] } = {
  domain: ["domain"],
  network: ["network"],
  storagePool: ["pool"],
  nodeDevice: ["device"],
  secret: ["secret"],
  qemu: ["domain", "event", "flags"],
  connection: [],
};

const names: ReadonlySet<unknown> = new Set([
  ...Object.entries(eventNames).flatMap(([of, all]) => all.map((name) => `${of}.${name}`)),
  "qemu.monitor",
  "connection.close",
  "connection.lost",
  "connection.attemptFailed",
  "connection.reconnected",
]);

/** Refuses what is no event's name, and a filter that the event does not have: it would be ignored otherwise. */
export function checkSubscription(name: EventName, filter: object): void {
  if (!names.has(name))
    throw new RangeError(`${String(name)} is no event; there are ${[...names].join(", ")}`);
  const known: readonly string[] = filters[name.split(".")[0] as keyof EventFilters];
  for (const option of Object.keys(filter)) {
    if (!known.includes(option)) throw new RangeError(`${option}: ${name} has no such option`);
  }
}

/** The name of the event that libvirt has this number for. */
export function eventByID(of: EventClass, eventID: number): EventName {
  const name = eventNames[of][eventID];
  if (name === undefined) throw new RangeError(`eventID: there is no event ${eventID} of the class ${of}`);
  return `${of}.${name}` as EventName;
}

/** The name of one of an enum's values; undefined for a value that a newer libvirt has added. */
export type NameIn<E> = (keyof E & string) | undefined;

/** As `nameOf`, and typed by the enum. */
export const nameIn = nameOf as <E extends Enum>(type: E, value: number) => NameIn<E>;
