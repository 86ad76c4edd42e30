/** What our own documentation says of one function of the C API; the printers add names, numbers and versions. */
export interface Doc {
  /** One sentence in the third person: what the method does, or what it gives. */
  readonly summary: string;
  /** By the C argument's name: what it means, with its unit (KiB, bytes, ns, ms, MiB/s …). Flags need no entry. */
  readonly params?: Readonly<Record<string, string>>;
  /** What comes back, where the summary does not say it; with units, and what null or an empty list means. */
  readonly returns?: string;
  /** The errors to expect beyond the ordinary ones, by their names in `ErrorNumber`, and when. */
  readonly errors?: Readonly<Record<string, string>>;
}

/** By C function name. */
export type Docs = Readonly<Record<string, Doc>>;
