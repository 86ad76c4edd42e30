import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError, unknownError } from "../errors.js";
import { element, type XmlElement } from "../xml/element.js";
import { firstCpus } from "./cpu-map.js";
import type { DomainDefinition } from "./definition.js";
import type { Domain } from "./domain.js";
import { domainOrder } from "./order.js";
import { definedCpus, getPin, removePin, setPin } from "./pinning.js";
import { ioThreadIds as allIds } from "./read-io-threads.js";

/** How an IO thread polls, as long as the domain lives. */
export interface IoThreadPolling {
  poll_max_ns: bigint;
  poll_grow: number;
  poll_shrink: number;
}

/** The polling of IO threads, by their IDs. */
export type IoThreads = Map<number, IoThreadPolling>;

const usualPolling: Readonly<IoThreadPolling> = { poll_max_ns: 32_768n, poll_grow: 0, poll_shrink: 0 };

/** The IDs of the IO threads that a definition has. */
export function ioThreadIds({ xml }: DomainDefinition): number[] {
  const named = xml.child("iothreadids")?.childrenNamed("iothread") ?? [];
  return allIds(
    named.map((each) => Number(each.attribute("id"))),
    Number(xml.childText("iothreads") ?? 0),
  );
}

/** Begins to keep how the IO threads poll of a domain that a world's file has. */
export function loadIoThreads(domain: Domain): void {
  for (const id of ioThreadIds(domain.current)) domain.ioThreads.set(id, { ...usualPolling });
}

export function addIoThread(domain: Domain, id: number, flags: number): void {
  const { definition } = domain.definitionFor(flags);
  const ids = ioThreadIds(definition);
  if (ids.includes(id)) refuse(`an IOThread is already using iothread_id '${id}'`);
  nameThreads(definition, [...ids, id], [id]);
  domain.ioThreads.set(id, { ...usualPolling });
}

export function removeIoThread(domain: Domain, id: number, flags: number): void {
  const { definition } = domain.definitionFor(flags);
  const ids = ioThreadIds(definition);
  if (!ids.includes(id)) refuse(`cannot find IOThread '${id}' in iothreadids list`);
  const isUser = (device: XmlElement) => Number(device.child("driver")?.attribute("iothread")) === id;
  const disk = definition.devices.childrenNamed("disk").find(isUser);
  if (disk) {
    const target = disk.child("target")?.attribute("dev");
    refuse(`cannot remove IOThread ${id} since it is being used by disk '${target}'`);
  }
  if (definition.devices.childrenNamed("controller").some(isUser)) {
    refuse(`cannot remove IOThread '${id}' since it is being used by controller`);
  }
  // Those behind it would get other IDs, were they not named now.
  const at = ids.indexOf(id);
  nameThreads(definition, ids.toSpliced(at, 1), ids.slice(at + 1));
  removePin(definition, "iothreadpin", { iothread: id });
  domain.ioThreads.delete(id);
}

/** Changes how an IO thread of a running domain polls, in what is given. */
export function setIoThreadPolling(
  domain: Domain,
  id: number,
  flags: number,
  read: () => Partial<IoThreadPolling>,
): void {
  const { definition } = domain.definitionFor(flags);
  if (!ioThreadIds(definition).includes(id)) {
    throw driverError(ErrorNumber.INVALID_ARG, `cannot find IOThread '${id}' in iothreadids`);
  }
  const polling = domain.ioThreads.get(id);
  // The domain has it and nobody has begun to keep how it polls: C fails then and does not say why.
  if (!polling) throw unknownError();
  Object.assign(polling, read());
}

export function pinIoThread(definition: DomainDefinition, id: number, cpus: ReadonlySet<number>): void {
  if (cpus.size === 0) {
    throw driverError(ErrorNumber.INVALID_ARG, "Empty iothread cpumap list for pinning");
  }
  if (!ioThreadIds(definition).includes(id)) {
    throw driverError(ErrorNumber.INVALID_ARG, `iothreadid ${id} not found`);
  }
  setPin(definition, "iothreadpin", { iothread: id }, cpus);
  nameThreads(definition, ioThreadIds(definition), [id]);
}

/** Where an IO thread may run: with nothing said about it, on as many CPUs as the domain has of its own. */
export function ioThreadPin(definition: DomainDefinition, id: number): ReadonlySet<number> {
  return (
    getPin(definition, "iothreadpin", { iothread: id }) ??
    definedCpus(definition) ??
    firstCpus(definition.vcpus)
  );
}

/** Refuses the ID of none, before the domain is looked at. */
export function checkIoThreadId(id: number): void {
  if (id === 0) throw driverError(ErrorNumber.INVALID_ARG, "invalid value of 0 for iothread_id");
}

function refuse(detail: string): never {
  throw driverError(ErrorNumber.INVALID_ARG, detail, ErrorDomain.DOMAIN);
}

/** The elements of IO threads that nobody has named: they are only there where others are. A copy does not tell. */
const unnamed = new WeakSet<XmlElement>();

/** Gives a definition IO threads with these IDs, of which some are named from now on. */
function nameThreads({ xml }: DomainDefinition, ids: readonly number[], named: readonly number[]): void {
  const before = xml.child("iothreadids")?.childrenNamed("iothread") ?? [];
  xml.removeNamed("iothreadids");
  xml.removeNamed("iothreads");
  if (ids.length === 0) return;
  xml.ensure("iothreads", domainOrder).text = String(ids.length);
  const threads = ids.map((id) => {
    const known = before.find((each) => each.attribute("id") === String(id));
    const thread = known ?? element("iothread", { id });
    if (named.includes(id)) unnamed.delete(thread);
    else if (!known) unnamed.add(thread);
    return thread;
  });
  if (threads.some((each) => !unnamed.has(each))) xml.ensure("iothreadids", domainOrder).append(...threads);
}
