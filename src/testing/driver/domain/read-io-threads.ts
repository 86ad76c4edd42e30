import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { REMOTE_IOTHREAD_INFO_MAX } from "../../../protocol/generated/remote.js";
import { driverError } from "../errors.js";
import { element, type XmlElement } from "../xml/element.js";
import { readUnsigned, unsignedAttribute } from "../xml/values.js";
import { domainOrder } from "./order.js";

function refuse(detail: string, from: number = ErrorDomain.DOMAIN): never {
  throw driverError(ErrorNumber.XML_ERROR, detail, from);
}

/** Checks the IO threads of a domain. Where some of them are named, the others are given IDs. */
export function readIoThreads(xml: XmlElement): void {
  const given = xml.childText("iothreads") || "0";
  const count = readUnsigned(given);
  // Nobody could be told of more.
  if (count === undefined || count > REMOTE_IOTHREAD_INFO_MAX) refuse(`invalid iothreads count '${given}'`);
  const named = xml.child("iothreadids")?.childrenNamed("iothread") ?? [];
  const ids = new Set<number>();
  for (const thread of named) {
    const id = readId(thread);
    if (ids.has(id)) refuse(`duplicate iothread id '${id}' found`);
    ids.add(id);
  }
  if (ids.size === 0) xml.removeNamed("iothreadids");
  const all = ioThreadIds([...ids], Number(count));
  if (all.length === 0) xml.removeNamed("iothreads");
  else xml.ensure("iothreads", domainOrder).text = String(all.length);
  const others = all.slice(ids.size).map((id) => element("iothread", { id }));
  if (ids.size > 0) xml.child("iothreadids")?.append(...others);
}

function readId(thread: XmlElement): number {
  const id = unsignedAttribute(thread, "id");
  if (id === undefined) refuse("Missing required attribute 'id' in element 'iothread'", ErrorDomain.XML);
  if (id !== 0) return id;
  refuse("Invalid value for attribute 'id' in element 'iothread': Zero is not permitted", ErrorDomain.XML);
}

/** The IDs of so many IO threads of which some have one: the lowest free ones are the others'. */
export function ioThreadIds(named: readonly number[], count: number): number[] {
  const ids = new Set(named);
  for (let id = 1; ids.size < count; id++) ids.add(id);
  return [...ids];
}
