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
  readonly since?: string;
  /** Whether it tells of something and changes nothing, so that calling it again does no harm. */
  readonly idempotent?: boolean;
  /** Opens a stream: `read` from the daemon to us, `write` from us to the daemon. Consoles are `read` and go both ways. */
  readonly stream?: "read" | "write";
  /** The flag among the arguments that lets holes travel in the stream. */
  readonly sparseFlag?: number;
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
