import type { Codec } from "./xdr.js";

/** What a caller and a dispatcher need to know of one procedure. */
export interface Procedure<Args, Ret> {
  /** The number of the program that it belongs to. */
  readonly program: number;
  readonly number: number;
  /** Its name in libvirt's interface file: `REMOTE_PROC_DOMAIN_CREATE`. */
  readonly name: string;
  readonly args: Codec<Args>;
  readonly ret: Codec<Ret>;
  /** `low` may have to wait for the hypervisor, `high` is answered even when all ordinary workers are busy. */
  readonly priority: "high" | "low";
  /** The libvirt release that brought it, as far as libvirt's API says. */
  readonly since?: string | undefined;
  /** Whether it tells of something and changes nothing, so that calling it again does no harm. */
  readonly idempotent?: boolean | undefined;
  /** Opens a stream: `read` from the daemon to us, `write` from us to the daemon. Consoles are `read` and go both ways. */
  readonly stream?: "read" | "write" | undefined;
  /** The flag among the arguments that lets holes travel in the stream. */
  readonly sparseFlag?: number | undefined;
}

/** What few procedures have, or what is unlike in them. */
export type Peculiarities = Partial<
  Omit<Procedure<never, never>, "program" | "number" | "name" | "args" | "ret">
>;

/** How a program's procedures are described, by their numbers and their names behind `REMOTE_PROC_`. */
export type ProcedureMaker = <Args, Ret>(
  number: number,
  name: string,
  args: Codec<Args>,
  ret: Codec<Ret>,
  peculiarities?: Peculiarities,
) => Procedure<Args, Ret>;

/** Makes the maker of a program's procedures. All are of one shape, which is what engines are fastest with. */
export function procedures(program: number, prefix: string): ProcedureMaker {
  return (number, name, args, ret, { priority = "low", since, idempotent, stream, sparseFlag } = {}) => ({
    program,
    number,
    name: prefix + name,
    args,
    ret,
    priority,
    since,
    idempotent,
    stream,
    sparseFlag,
  });
}

/** A message that the daemon sends by itself. */
export interface EventMessage<Message> {
  readonly program: number;
  readonly number: number;
  /** Its name in libvirt's interface file: `REMOTE_PROC_DOMAIN_EVENT_LIFECYCLE`. */
  readonly name: string;
  readonly message: Codec<Message>;
}

/** Every program that libvirt has is at its first version. */
export const programVersion = 1;
