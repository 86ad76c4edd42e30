import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import {
  checkDescription,
  checkRequest,
  checkType,
  type DescribedKind,
  type Description,
  describe,
  redescribe,
} from "../descriptions.js";
import type { Domain } from "./domain.js";
import { domainOrder } from "./order.js";

const kind: DescribedKind = {
  name: "Domain",
  errors: ErrorDomain.DOMAIN,
  missing: ErrorNumber.NO_DOMAIN_METADATA,
  order: domainOrder,
};

/** Refuses what the C functions would not take, before anything else is looked at. */
export const checkDomainRequest = (type: number, uri: string | null) => checkRequest(kind, type, uri);
export const checkDomainDescription = (description: Description) => checkDescription(kind, description);

/** What people and programs note down about a domain: its title, its description, and metadata by namespaces. */
export function getDescription(domain: Domain, type: number, uri: string | null, flags: number): string {
  checkType(kind, type);
  return describe(kind, domain.definitionFor(flags).definition.xml, type, uri);
}

export function setDescription(domain: Domain, description: Description, flags: number): void {
  const { live, config } = domain.definitionsFor(flags);
  checkType(kind, description.type);
  for (const definition of [live, config]) if (definition) redescribe(kind, definition.xml, description);
  domain.metadataChanged(description.type, description.uri);
}
