import { callers } from "./generated/callers.js";

/** A procedure of libvirt's protocol: `REMOTE_PROC_DOMAIN_CREATE`. */
export type ProcedureName = keyof typeof callers;
/** A method that calls the daemon, by its class and its name: `Domain.create`; and `connect`. */
export type MethodName = (typeof callers)[ProcedureName][number];
/** Which calls something is about: those of a method, those of a procedure, or all. */
export type CallName = MethodName | ProcedureName | "*";

const methods = new Set(Object.values(callers).flat());

/**
 * Which procedures a name stands for; undefined for all of them.
 *
 * @throws TypeError for what is the name of none.
 */
export function proceduresOf(name: CallName): ReadonlySet<string> | undefined {
  if (name === "*") return undefined;
  if (Object.hasOwn(callers, name)) return new Set([name]);
  const called = Object.entries(callers).filter(([, by]) => (by as readonly string[]).includes(name));
  if (called.length > 0) return new Set(called.map(([procedure]) => procedure));
  throw new TypeError(`${String(name)} is no call that a hypervisor gets${hint(String(name))}`);
}

/** What a procedure is called by here: the method's name or, where there is none, its own. */
export function callName(procedure: ProcedureName): MethodName | ProcedureName {
  return callers[procedure][0] ?? procedure;
}

function hint(name: string): string {
  const bare = (text: string) => text.replace(/^.*\./, "").toLowerCase();
  const alike = [...methods].filter((method) => bare(method) === bare(name)).sort();
  if (alike.length > 0) return `; ${alike.join(" or ")} may be meant`;
  return ": a method that asks the daemon is wanted, such as Domain.create, or a procedure, REMOTE_PROC_DOMAIN_CREATE";
}
