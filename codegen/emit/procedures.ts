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
  const name = procedureName(procedure.name);
  const isEvent = procedure.message !== undefined || constant === "KEEPALIVE_PROGRAM";
  const uses = new Map([[isEvent ? constant : makerName(program), program]]);
  const value = (struct: string | undefined) => (struct === undefined ? "nothing" : codecs.use(struct, uses));
  const text = isEvent
    ? `export const ${name}: EventMessage<${procedure.message === undefined ? "void" : value(procedure.message)}> = {
  program: ${constant},
  number: ${procedure.number},
  name: "${procedure.name}",
  message: ${value(procedure.message)},
};`
    : `export const ${name} = /* @__PURE__ */ ${makerName(program)}(${[
        procedure.number,
        `"${procedure.name.slice(prefixOf(procedure).length)}"`,
        value(procedure.args),
        value(procedure.ret),
        ...peculiarities(procedure, releases),
      ].join(", ")});`;
  return { name, text: `/** \`${procedure.name}\` */\n${text}`, uses };
}

function peculiarities(procedure: Procedure, releases: Releases): string[] {
  const since = releases.get(procedure.name);
  const { priority, stream, sparseFlag } = procedure;
  const properties = [
    ...(priority === "high" ? ['priority: "high"'] : []),
    ...(since === undefined ? [] : [`since: "${since}"`]),
    ...(isIdempotent(procedure) ? ["idempotent: true"] : []),
    ...(stream === undefined ? [] : [`stream: "${stream}"`]),
    ...(sparseFlag === undefined ? [] : [`sparseFlag: ${sparseFlag}`]),
  ];
  return properties.length === 0 ? [] : [`{ ${properties.join(", ")} }`];
}

/** What makes the descriptors of a program's procedures; undefined where it has none. */
export function printMaker({ name: program, constant = "", procedures }: Program): Declaration | undefined {
  const called = procedures.find(({ message }) => message === undefined);
  if (!called || constant === "KEEPALIVE_PROGRAM") return undefined;
  const name = makerName(program);
  const text = `const ${name} = /* @__PURE__ */ procedures(${constant}, "${prefixOf(called)}");`;
  return { name, text, uses: new Map([[constant, program]]) };
}

function makerName(program: string): string {
  return `${program}Procedure`;
}

/** `REMOTE_PROC_` */
function prefixOf({ name }: Procedure): string {
  return name.slice(0, name.indexOf("_PROC_") + "_PROC_".length);
}
