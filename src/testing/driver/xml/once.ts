import type { XmlElement } from "./element.js";

/** Drops, of children that can be there once, all but the first: libvirt does not look at the others. */
export function dropRepeated(of: XmlElement, names: readonly string[]): void {
  const seen = new Set<string>();
  of.nodes = of.children.filter(({ name, namespace }) => {
    if (namespace !== null || !names.includes(name)) return true;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}
