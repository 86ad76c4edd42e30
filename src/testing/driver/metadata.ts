import { XmlElement } from "./xml/element.js";

/** The part of `<metadata>` that a namespace has. */
export function metadataOf(definition: XmlElement, uri: string): XmlElement | undefined {
  return definition.child("metadata")?.children.find((each) => each.namespace === uri);
}

/** Puts what a namespace has in `<metadata>`, or takes it away. */
export function setMetadata(
  definition: XmlElement,
  uri: string,
  content: XmlElement | undefined,
  order: readonly string[],
): void {
  const metadata = definition.ensure("metadata", order);
  metadata.nodes = metadata.children.filter((each) => each.namespace !== uri);
  if (content) metadata.append(content);
  if (metadata.nodes.length === 0) definition.remove(metadata);
}

/** Gives names of `key`'s namespace to an element and all inside it that have none yet. */
export function intoNamespace(from: XmlElement, key: string, uri: string): XmlElement {
  const renamed = prefixed(from, key, uri);
  renamed.setAttribute(`xmlns:${key}`, uri);
  return renamed;
}

function prefixed(from: XmlElement, key: string, uri: string): XmlElement {
  const nodes = from.nodes.map((node) => (typeof node === "string" ? node : prefixed(node, key, uri)));
  if (from.namespace !== null) return new XmlElement(from.name, from.attributes, nodes, from.namespace);
  return new XmlElement(`${key}:${from.name}`, from.attributes, nodes, uri);
}

/** The reverse of {@link intoNamespace}: how what was put there is handed out. */
export function outOfNamespace(from: XmlElement, uri: string): XmlElement {
  const isNamed = from.namespace === uri;
  const name = isNamed ? from.name.replace(/^.*:/, "") : from.name;
  const attributes = from.attributes.filter(([key, value]) => !(key.startsWith("xmlns") && value === uri));
  const nodes = from.nodes.map((node) => (typeof node === "string" ? node : outOfNamespace(node, uri)));
  return new XmlElement(name, attributes, nodes, isNamed ? null : from.namespace);
}

/** Takes from `<metadata>` what libvirt does: of each namespace the first element, and nothing that has none. */
export function tidyMetadata(metadata: XmlElement): void {
  const seen = new Set<string>();
  metadata.nodes = metadata.children.filter(({ namespace }) => {
    if (namespace === null || seen.has(namespace)) return false;
    seen.add(namespace);
    return true;
  });
}
