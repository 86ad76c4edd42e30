/** What an element holds, in its order: other elements and text. */
export type XmlNode = XmlElement | string;

/** Attributes for {@link element}; those without a value are left out. */
export type XmlAttributes = Readonly<Record<string, string | number | bigint | undefined>>;

/**
 * An element of a document that can be read, changed, copied and printed. Plainer than a DOM: no parents, no
 * documents, and nothing that is not there but `undefined`.
 */
export class XmlElement {
  /** As it was written, with its prefix. */
  readonly name: string;
  /** The namespace that the name is of; null for libvirt's own elements. */
  readonly namespace: string | null;
  nodes: XmlNode[];
  /** Whether it is printed with an end tag on a line of its own even where it is empty, as libvirt prints some. */
  block = false;
  #attributes: (readonly [name: string, value: string])[];

  constructor(
    name: string,
    attributes: readonly (readonly [name: string, value: string])[] = [],
    nodes: XmlNode[] = [],
    namespace: string | null = null,
  ) {
    this.name = name;
    this.namespace = namespace;
    this.nodes = nodes;
    this.#attributes = [...attributes];
  }

  get attributes(): readonly (readonly [name: string, value: string])[] {
    return this.#attributes;
  }

  attribute(name: string): string | undefined {
    return this.#attributes.find(([each]) => each === name)?.[1];
  }

  /** Sets an attribute where it is or at the end, or takes it away. */
  setAttribute(name: string, value: string | number | bigint | undefined): void {
    const at = this.#attributes.findIndex(([each]) => each === name);
    if (value === undefined) {
      if (at >= 0) this.#attributes.splice(at, 1);
    } else this.#attributes[at < 0 ? this.#attributes.length : at] = [name, String(value)];
  }

  /** Puts the attributes into this order; those that it does not name follow. */
  orderAttributes(order: readonly string[]): void {
    const rank = ([name]: readonly [string, string]) =>
      (order.indexOf(name) + order.length + 1) % (order.length + 1);
    this.#attributes.sort((a, b) => rank(a) - rank(b));
  }

  get children(): XmlElement[] {
    return this.nodes.filter((node) => typeof node !== "string");
  }

  /** All text within, that of elements inside included. */
  get text(): string {
    return this.nodes.map((node) => (typeof node === "string" ? node : node.text)).join("");
  }

  set text(text: string) {
    this.nodes = text === "" ? [] : [text];
  }

  /** The first element of a name inside this one, or inside the one that a path of names leads to. */
  child(...path: string[]): XmlElement | undefined {
    let found: XmlElement | undefined = this;
    for (const name of path) found = found?.children.find((each) => each.name === name);
    return found;
  }

  childrenNamed(name: string): XmlElement[] {
    return this.children.filter((each) => each.name === name);
  }

  /** The text of the first element of that name; undefined where there is none. */
  childText(...path: string[]): string | undefined {
    return this.child(...path)?.text;
  }

  append(...nodes: XmlNode[]): void {
    this.nodes.push(...nodes);
  }

  remove(child: XmlElement): void {
    this.nodes = this.nodes.filter((node) => node !== child);
  }

  /** Takes away every child of that name. */
  removeNamed(name: string): void {
    this.nodes = this.nodes.filter((node) => typeof node === "string" || node.name !== name);
  }

  /** Puts `child` where its name stands in `order`, behind its namesakes. Names that are not there come last. */
  place(child: XmlElement, order: readonly string[]): void {
    const rank = rankIn(order, child.name);
    const at = this.nodes.findIndex((node) => typeof node !== "string" && rankIn(order, node.name) > rank);
    this.nodes.splice(at < 0 ? this.nodes.length : at, 0, child);
  }

  /** The first child of that name, made and placed where there is none. */
  ensure(name: string, order: readonly string[]): XmlElement {
    const found = this.child(name);
    if (found) return found;
    const made = new XmlElement(name);
    this.place(made, order);
    return made;
  }

  /** Puts the children into this order and drops text between them; those that it does not name come last. */
  sortChildren(order: readonly string[]): void {
    this.nodes = this.children.sort((a, b) => rankIn(order, a.name) - rankIn(order, b.name));
  }

  clone(): XmlElement {
    const nodes = this.nodes.map((node) => (typeof node === "string" ? node : node.clone()));
    const copy = new XmlElement(this.name, this.#attributes, nodes, this.namespace);
    copy.block = this.block;
    return copy;
  }
}

/** Where a name stands in an order; behind all others if it does not. */
function rankIn(order: readonly string[], name: string): number {
  const at = order.indexOf(name);
  return at < 0 ? order.length : at;
}

/** Makes an element of libvirt's: `element("vcpu", { placement: "static" }, "2")`. */
export function element(name: string, attributes: XmlAttributes = {}, ...nodes: XmlNode[]): XmlElement {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)] as const],
  );
  return new XmlElement(name, given, nodes);
}
