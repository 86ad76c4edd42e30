import { NWFilterMethods } from "./generated/nwfilter.js";

/** A network filter: rules for the packets of a domain's interfaces. */
export class NWFilter extends NWFilterMethods {}
