import { DOMParser, type Element, Node } from "@xmldom/xmldom";
import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import { XmlElement, type XmlNode } from "./element.js";

/** As deep as libxml2 goes. */
const maxDepth = 256;

export interface ParseOptions {
  /** What the text is, for the error: `(domain_definition)`, or a file's name. */
  readonly what: string;
  /** The name that the outermost element has to have. */
  readonly root?: string;
  /** The part of libvirt that reports what is wrong. */
  readonly from?: ErrorDomain;
}

/** Reads a document, or throws the error that libvirt has for text that is none. */
export function parseXml(text: string, { what, root, from = ErrorDomain.XML }: ParseOptions): XmlElement {
  let complaint = "";
  let line = 1;
  let document: ReturnType<DOMParser["parseFromString"]> | undefined;
  try {
    complaint = whatParserMisses(text);
    const parser = new DOMParser({
      // What XML 1.0 takes for the end of a line; by itself xmldom takes 1.1's for it.
      normalizeLineEndings: (source) => source.replace(/\r\n?/g, "\n"),
      onError(_level, message, context: { locator?: { lineNumber?: number } } | undefined) {
        // A character like any other; xmldom suspects that it stands for one that was lost.
        if (message.startsWith("Unicode replacement character")) return;
        complaint ||= message;
        line = context?.locator?.lineNumber || 1;
        throw new Error(message);
      },
    });
    if (complaint === "") document = parser.parseFromString(text, "text/xml");
  } catch (error) {
    complaint ||= (error as Error).message;
  }
  const top = document?.documentElement;
  if (!top) throw driverError(ErrorNumber.XML_DETAIL, `${what}:${line}: ${complaint || "no element"}`, from);
  if (root !== undefined && top.nodeName !== root) {
    const detail = `expecting root element of '${root}', not '${top.nodeName}'`;
    throw driverError(ErrorNumber.XML_ERROR, detail, ErrorDomain.XML);
  }
  return convert(top, maxDepth, () =>
    driverError(ErrorNumber.XML_DETAIL, `${what}: elements are nested more than ${maxDepth} deep`, from),
  );
}

/** What XML forbids and xmldom lets pass. */
function whatParserMisses(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:0+|x0+);/i.test(text))
    return "a character that XML cannot hold";
  // To the end of the text, where they have none: a text of nothing but their beginnings would take hours.
  const marked = text.replace(/<!\[CDATA\[.*?(?:\]\]>|$)|<!--.*?(?:-->|$)/gs, "");
  if (/&(?!(?:[\p{L}_:][\p{L}\p{N}_.:-]*|#\d+|#x[\da-f]+);)/iu.test(marked))
    return "an & that begins no entity";
  return "";
}

function convert(from: Element, depth: number, tooDeep: () => Error): XmlElement {
  if (depth === 0) throw tooDeep();
  const nodes: XmlNode[] = [];
  for (let node = from.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === Node.ELEMENT_NODE) nodes.push(convert(node as Element, depth - 1, tooDeep));
    else if (node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE) {
      nodes.push(node.nodeValue ?? "");
    }
  }
  const attributes = Array.from(from.attributes, ({ name, value }) => [name, value] as const);
  return new XmlElement(from.nodeName, attributes, withoutLayout(nodes), from.namespaceURI);
}

/** Between elements, white space is layout. */
function withoutLayout(nodes: XmlNode[]): XmlNode[] {
  const isLayout = (node: XmlNode) => typeof node === "string" && /^[ \t\r\n]*$/.test(node);
  const hasElements = nodes.some((node) => typeof node !== "string");
  if (hasElements && nodes.every((node) => typeof node !== "string" || isLayout(node))) {
    return nodes.filter((node) => typeof node !== "string");
  }
  // Text that comes in pieces, around a comment or as CDATA, is one text.
  const joined: XmlNode[] = [];
  for (const node of nodes) {
    const last = joined.at(-1);
    if (typeof node === "string" && typeof last === "string") joined[joined.length - 1] = last + node;
    else joined.push(node);
  }
  return joined.filter((node) => node !== "");
}
