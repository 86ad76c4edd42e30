import type { XmlElement, XmlNode } from "./element.js";

/**
 * Prints an element as libvirt does: two spaces for each level, single quotes, text right between its tags. What
 * belongs to others, in `<metadata>`, is printed as they do it, with double quotes.
 */
export function formatXml(root: XmlElement): string {
  const out: string[] = [];
  print(root, "", ours, out);
  return out.join("");
}

/** Prints what belongs to others, without a line end. */
export function formatForeignXml(root: XmlElement): string {
  const out: string[] = [];
  print(root, "", theirs, out);
  return out.join("").trimEnd();
}

interface Style {
  readonly quote: string;
  readonly text: (text: string) => string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&apos;",
  '"': "&quot;",
};

const ours: Style = { quote: "'", text: (text) => text.replace(/[&<>'"]/g, (each) => entities[each]!) };
const theirs: Style = { quote: '"', text: (text) => text.replace(/[&<>]/g, (each) => entities[each]!) };

function print(element: XmlElement, indent: string, style: Style, out: string[]): void {
  const { name, nodes, block } = element;
  out.push(
    indent,
    "<",
    name,
    ...element.attributes.map(([key, value]) => attribute(key, value, style.quote)),
  );
  const inner = name === "metadata" ? theirs : style;
  if (nodes.length === 0 && !block) out.push("/>\n");
  else if (block || nodes.every((node) => typeof node !== "string")) {
    out.push(">\n");
    for (const node of nodes) if (typeof node !== "string") print(node, `${indent}  `, inner, out);
    out.push(indent, "</", name, ">\n");
  } else out.push(">", ...nodes.map((node) => inline(node, inner)), "</", name, ">\n");
}

/** Between text nothing may be added, or the text would change. */
function inline(node: XmlNode, style: Style): string {
  if (typeof node === "string") return style.text(node);
  const attributes = node.attributes.map(([key, value]) => attribute(key, value, style.quote)).join("");
  const inside = node.nodes.map((each) => inline(each, style)).join("");
  return inside === ""
    ? `<${node.name}${attributes}/>`
    : `<${node.name}${attributes}>${inside}</${node.name}>`;
}

function attribute(name: string, value: string, quote: string): string {
  const escaped = value
    .replace(/[&<>'"]/g, (each) => (each === "'" && quote === '"' ? each : entities[each]!))
    .replace(/[\n\r\t]/g, (each) => `&#${each.charCodeAt(0)};`);
  return ` ${name}=${quote}${escaped}${quote}`;
}
