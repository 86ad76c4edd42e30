import { element, type XmlElement } from "../driver/xml/element.js";
import { parseXml } from "../driver/xml/parse.js";

// What descriptions of all kinds of things are made into XML with.

export function parsed(xml: string): XmlElement {
  return parseXml(xml, { what: "(world)" });
}

/** Descriptions of which each can be the XML itself. */
export function described<T>(all: readonly (T | string)[], describe: (one: T) => XmlElement): XmlElement[] {
  return all.map((each) => (typeof each === "string" ? parsed(each) : describe(each)));
}

export function checkName(of: string, name: unknown): void {
  if (typeof name !== "string" || name === "") throw new TypeError(`world.${of}: each has to have a name`);
}

/** An element for what has been said, none for what has not. */
export function given(name: string, text: string | undefined): XmlElement[] {
  return text === undefined ? [] : [element(name, {}, text)];
}

/** An address and its prefix, `192.168.122.1/24`, as the element that networks and interfaces have for it. */
export function addressElements(text: string | undefined): XmlElement[] {
  const [address, prefix] = text?.split("/") ?? [];
  return address === undefined ? [] : [element("ip", { address, prefix })];
}
