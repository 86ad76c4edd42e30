import { DomainMetadataType, ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError, invalidArgument } from "../errors.js";
import { intoNamespace, metadataOf, outOfNamespace, setMetadata } from "../metadata.js";
import { formatForeignXml } from "../xml/format.js";
import { parseXml } from "../xml/parse.js";
import type { DomainDefinition } from "./definition.js";
import type { Domain } from "./domain.js";
import { domainOrder } from "./order.js";

/** What people and programs note down about a domain: its title, its description, and metadata by namespaces. */
export function getDescription(domain: Domain, type: number, uri: string | null, flags: number): string {
  if (type === DomainMetadataType.ELEMENT && uri === null) missing("virDomainGetMetadata", "uri");
  checkType(type);
  const found = describe(domain.definitionFor(flags).definition, type, uri ?? "");
  if (found !== undefined) return found;
  const detail = "Requested metadata element is not present";
  throw driverError(ErrorNumber.NO_DOMAIN_METADATA, detail, ErrorDomain.DOMAIN);
}

function describe(definition: DomainDefinition, type: number, uri: string): string | undefined {
  if (type === DomainMetadataType.TITLE) return definition.title;
  if (type === DomainMetadataType.DESCRIPTION) return definition.description;
  const found = metadataOf(definition.xml, uri);
  return found && formatForeignXml(outOfNamespace(found, uri));
}

/** A description to set; `null` takes it away. */
export interface Description {
  readonly type: number;
  readonly metadata: string | null;
  /** For metadata: the namespace, and the prefix to write it with. */
  readonly uri: string | null;
  readonly key: string | null;
}

export function setDescription(domain: Domain, description: Description, flags: number): void {
  const { type, metadata, uri, key } = description;
  checkDescription(description);
  const { live, config } = domain.definitionsFor(flags);
  checkType(type);
  for (const definition of [live, config]) {
    if (!definition) continue;
    if (type === DomainMetadataType.ELEMENT) {
      const content =
        metadata === null ? undefined : intoNamespace(readMetadata(metadata), key ?? "", uri ?? "");
      setMetadata(definition.xml, uri ?? "", content, domainOrder);
    } else {
      definition.setText(type === DomainMetadataType.TITLE ? "title" : "description", metadata ?? undefined);
    }
  }
  domain.metadataChanged(type, uri);
}

function checkDescription({ type, metadata, uri, key }: Description): void {
  const cFunction = "virDomainSetMetadata";
  if (type === DomainMetadataType.TITLE && metadata?.includes("\n")) {
    throw invalidArgument(cFunction, "metadata", "metadata title can't contain newlines");
  }
  if (type === DomainMetadataType.ELEMENT) {
    if (uri === null) missing(cFunction, "uri");
    if (metadata !== null && key === null) missing(cFunction, "key");
  } else if (type === DomainMetadataType.TITLE || type === DomainMetadataType.DESCRIPTION) {
    const given = uri !== null ? "uri" : key !== null ? "key" : undefined;
    if (given === undefined) return;
    throw invalidArgument(cFunction, given, `${given} in ${cFunction} must be NULL`);
  }
}

function checkType(type: number): void {
  if (type >= 0 && type <= DomainMetadataType.ELEMENT) return;
  throw driverError(ErrorNumber.INVALID_ARG, `unknown metadata type '${type}'`, ErrorDomain.DOMAIN);
}

function missing(cFunction: string, argument: string): never {
  throw invalidArgument(cFunction, argument, `${argument} in ${cFunction} must not be NULL`);
}

function readMetadata(text: string) {
  return parseXml(text, { what: "(metadata_xml)", from: ErrorDomain.DOMAIN });
}
