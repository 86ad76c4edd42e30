/** Prints the descriptors of a program's procedures: plain data, so that a bundler drops what nobody calls. */
import type { Procedure, Program } from "../xdr/protocol.js";
import { isIdempotent } from "./idempotent.js";
import { lowerCamel } from "./naming.js";

/** `REMOTE_PROC_DOMAIN_GET_INFO` -> `domainGetInfo`. */
export function procedureName(cName: string): string {
  return lowerCamel(cName.slice(cName.indexOf("_PROC_") + "_PROC_".length).toLowerCase());
}

/** The libvirt release that brought each procedure, by its C name, as far as is known. */
export type Releases = ReadonlyMap<string, string>;

/** `type` gives the exported name of a struct. */
export function emitProcedures(
  program: Program,
  releases: Releases,
  type: (cName: string) => string,
): string {
  const { constant } = program;
  if (constant === undefined) return "";
  return program.procedures
    .map((procedure) => emitProcedure(procedure, constant, releases.get(procedure.name), type))
    .join("\n\n");
}

function emitProcedure(
  procedure: Procedure,
  program: string,
  since: string | undefined,
  type: (cName: string) => string,
): string {
  const name = procedureName(procedure.name);
  const isEvent = procedure.message !== undefined || program === "KEEPALIVE_PROGRAM";
  const types = isEvent ? [procedure.message] : [procedure.args, procedure.ret];
  const parameters = types.map((struct) => (struct === undefined ? "void" : type(struct)));
  const codecs = types.map((struct) => (struct === undefined ? "nothing" : type(struct)));
  const properties = [
    `program: ${program}`,
    `number: ${procedure.number}`,
    `name: "${procedure.name}"`,
    ...(isEvent ? [`message: ${codecs[0]}`] : [`args: ${codecs[0]}`, `ret: ${codecs[1]}`]),
    ...(isEvent ? [] : [`priority: "${procedure.priority}"`]),
    ...(isEvent || since === undefined ? [] : [`since: "${since}"`]),
    ...(!isEvent && isIdempotent(procedure) ? ["idempotent: true"] : []),
    ...(procedure.stream === undefined ? [] : [`stream: "${procedure.stream}"`]),
    ...(procedure.sparseFlag === undefined ? [] : [`sparseFlag: ${procedure.sparseFlag}`]),
  ];
  const interfaceName = isEvent ? "EventMessage" : "Procedure";
  return `/** \`${procedure.name}\` */
export const ${name}: ${interfaceName}<${parameters.join(", ")}> = {
${properties.map((property) => `  ${property},`).join("\n")}
};`;
}
