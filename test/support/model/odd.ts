import { XmlElement } from "../../../src/testing/driver/xml/element.js";
import { formatXml } from "../../../src/testing/driver/xml/format.js";
import { parseXml } from "../../../src/testing/driver/xml/parse.js";
import type { Choices } from "./stage.js";

/** What stands where something else is expected. */
const values = [
  ...[
    "",
    " ",
    "0",
    "-1",
    "+7",
    " 7 ",
    "07",
    "0x7",
    "1.5",
    "4294967295",
    "4294967296",
    "18446744073709551616",
  ],
  ...["what", "yes", "none", "default", "a b", "a/b", "a'b", "ä", 'a&<>"b', "//x//y/", "x".repeat(300)],
];

type Change = (element: XmlElement, within: XmlElement, choose: Choices) => void;

/** What can be wrong with an element, or only unusual. */
const changes: Readonly<Record<string, Change>> = {
  drop: (element, within) => within.remove(element),
  repeat: (element, within) => within.append(element.clone()),
  empty: (element) => {
    element.nodes = [];
  },
  retext: (element, _within, choose) => {
    // libvirt drops text that means nothing.
    if (element.nodes.some((node) => typeof node === "string")) element.text = choose.of(values);
  },
  bare: (element) => {
    for (const [name] of element.attributes) element.setAttribute(name, undefined);
  },
  revalue: (element, _within, choose) => {
    const names = element.attributes.map(([name]) => name);
    if (names.length > 0) element.setAttribute(choose.of(names), choose.of(values));
  },
};

/** XML with something in it as nobody would write it, who knows what it is for. */
export function odd(xml: string, choose: Choices): string {
  const root = parseXml(xml, { what: "(generated)" });
  const places: (readonly [element: XmlElement, within: XmlElement])[] = [];
  const collect = (within: XmlElement) => {
    for (const child of within.children) {
      places.push([child, within]);
      collect(child);
    }
  };
  collect(new XmlElement("document", [], [root]));
  const [element, within] = places[choose.of([...places.keys()])]!;
  changes[choose.of(Object.keys(changes))]!(element, within, choose);
  // Chosen, so that it is said what was made.
  return choose.of([formatXml(root)]);
}
