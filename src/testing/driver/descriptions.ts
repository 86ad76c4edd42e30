import { DomainMetadataType, type ErrorDomain, ErrorNumber } from "../../generated/constants.js";
import { driverError, invalidArgument } from "./errors.js";
import { intoNamespace, metadataOf, outOfNamespace, setMetadata } from "./metadata.js";
import type { XmlElement } from "./xml/element.js";
import { formatForeignXml } from "./xml/format.js";
import { parseXml } from "./xml/parse.js";

/** The kind of thing that is described: a domain or a network. Both number what can be said of them alike. */
export interface DescribedKind {
  readonly name: "Domain" | "Network";
  readonly errors: ErrorDomain;
  /** The code for a description that is not there. */
  readonly missing: number;
  /** The order of what is in a definition. */
  readonly order: readonly string[];
}

/** What to set; without `metadata` it is taken away. */
export interface Description {
  readonly type: number;
  readonly metadata: string | null;
  /** For metadata: the namespace, and the prefix to write it with. */
  readonly uri: string | null;
  readonly key: string | null;
}

const { TITLE, DESCRIPTION, ELEMENT } = DomainMetadataType;

/** Refuses what the C function would not take, before anything else is looked at. */
export function checkRequest(kind: DescribedKind, type: number, uri: string | null): void {
  const cFunction = `vir${kind.name}GetMetadata`;
  if (type === ELEMENT && uri === null) refuseNull(kind, cFunction, "uri");
  if ((type === TITLE || type === DESCRIPTION) && uri !== null) refuseGiven(kind, cFunction, "uri");
}

export function checkDescription(kind: DescribedKind, { type, metadata, uri, key }: Description): void {
  const cFunction = `vir${kind.name}SetMetadata`;
  if (type === TITLE && metadata?.includes("\n")) {
    throw invalidArgument(cFunction, "metadata", "metadata title can't contain newlines", kind.errors);
  }
  if (type === ELEMENT) {
    if (uri === null) refuseNull(kind, cFunction, "uri");
    if (metadata !== null && key === null) refuseNull(kind, cFunction, "key");
  } else if (type === TITLE || type === DESCRIPTION) {
    const given = uri !== null ? "uri" : key !== null ? "key" : undefined;
    if (given === undefined) return;
    refuseGiven(kind, cFunction, given);
  }
}

/** As in C a type below zero is none, of which nothing is told and nothing is set. */
export function checkType(kind: DescribedKind, type: number): void {
  if (type <= ELEMENT) return;
  throw driverError(ErrorNumber.INVALID_ARG, `unknown metadata type '${type}'`, kind.errors);
}

function refuseNull(kind: DescribedKind, cFunction: string, argument: string): never {
  throw invalidArgument(cFunction, argument, `${argument} in ${cFunction} must not be NULL`, kind.errors);
}

function refuseGiven(kind: DescribedKind, cFunction: string, argument: string): never {
  throw invalidArgument(cFunction, argument, `${argument} in ${cFunction} must be NULL`, kind.errors);
}

/** What a definition says of the thing. */
export function describe(
  kind: DescribedKind,
  definition: XmlElement,
  type: number,
  uri: string | null,
): string {
  const found = find(definition, type, uri ?? "");
  if (found !== undefined) return found;
  throw driverError(kind.missing, "Requested metadata element is not present", kind.errors);
}

function find(definition: XmlElement, type: number, uri: string): string | undefined {
  if (type === TITLE) return definition.childText("title");
  if (type === DESCRIPTION) return definition.childText("description");
  if (type !== ELEMENT) return undefined;
  const found = metadataOf(definition, uri);
  return found && formatForeignXml(outOfNamespace(found, uri));
}

/** Has a definition say this from now on. */
export function redescribe(kind: DescribedKind, definition: XmlElement, description: Description): void {
  const { type, metadata, uri, key } = description;
  if (type === ELEMENT) {
    const content = metadata === null ? undefined : readMetadata(kind, metadata);
    const named = content && intoNamespace(content, key ?? "", uri ?? "");
    setMetadata(definition, uri ?? "", named, kind.order);
    return;
  }
  if (type !== TITLE && type !== DESCRIPTION) return;
  const name = type === TITLE ? "title" : "description";
  if (metadata === null || metadata === "") definition.removeNamed(name);
  else definition.ensure(name, kind.order).text = metadata;
}

function readMetadata(kind: DescribedKind, text: string): XmlElement {
  return parseXml(text, { what: "(metadata_xml)", from: kind.errors });
}
