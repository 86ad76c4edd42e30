/** Prints the descriptors of a program's procedures: plain data, so that a bundler drops what nobody calls. */
import type { Procedure, Program } from "../xdr/protocol.js";
import type { CodecPrinter, Declaration } from "./codecs.js";
import { isIdempotent } from "./idempotent.js";
import { lowerCamel } from "./naming.js";

/** `REMOTE_PROC_DOMAIN_GET_INFO` -> `domainGetInfo`. */
export function procedureName(cName: string): string {
  return lowerCamel(cName.slice(cName.indexOf("_PROC_") + "_PROC_".length).toLowerCase());
}

/** The libvirt release that brought each procedure, by its C name, as far as is known. */
export type Releases = ReadonlyMap<string, string>;

export function printProcedure(
  procedure: Procedure,
  { name: program, constant = "" }: Program,
  codecs: CodecPrinter,
  releases: Releases,
): Declaration {
  const since = releases.get(procedure.name);
  const name = procedureName(procedure.name);
  const isEvent = procedure.message !== undefined || constant === "KEEPALIVE_PROGRAM";
  const structs = isEvent ? [procedure.message] : [procedure.args, procedure.ret];
  const uses = new Map([[constant, program]]);
  const types = structs.map((struct) => (struct === undefined ? undefined : codecs.use(struct, uses)));
  const parameters = types.map((type) => type ?? "void");
  const values = types.map((type) => type ?? "nothing");
  const properties = [
    `program: ${constant}`,
    `number: ${procedure.number}`,
    `name: "${procedure.name}"`,
    ...(isEvent ? [`message: ${values[0]}`] : [`args: ${values[0]}`, `ret: ${values[1]}`]),
    ...(isEvent ? [] : [`priority: "${procedure.priority}"`]),
    ...(isEvent || since === undefined ? [] : [`since: "${since}"`]),
    ...(!isEvent && isIdempotent(procedure) ? ["idempotent: true"] : []),
    ...(procedure.stream === undefined ? [] : [`stream: "${procedure.stream}"`]),
    ...(procedure.sparseFlag === undefined ? [] : [`sparseFlag: ${procedure.sparseFlag}`]),
  ];
  const text = `/** \`${procedure.name}\` */
export const ${name}: ${isEvent ? "EventMessage" : "Procedure"}<${parameters.join(", ")}> = {
${properties.map((property) => `  ${property},`).join("\n")}
};`;
  return { name, text, uses };
}
