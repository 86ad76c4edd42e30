/** What the doctor looks at, in this order. */
export const stepNames = [
  "configuration",
  "uri",
  "parameters",
  "address",
  "certificates",
  "connection",
  "tls",
  "greeting",
  "authentication",
  "open",
  "hypervisor",
  "library",
  "roundTrip",
  "features",
] as const;

export type StepName = (typeof stepNames)[number];

/** Something found out, fit for JSON. */
export type Detail =
  | string
  | number
  | boolean
  | null
  | readonly Detail[]
  | { readonly [name: string]: Detail };

/** What became of a step. */
export interface StepResult {
  readonly name: StepName;
  /** `skipped`: it was not needed, or not reached. */
  readonly status: "ok" | "warning" | "failed" | "skipped";
  readonly ms: number;
  readonly details: Readonly<Record<string, Detail>>;
  /** What is wrong, or why it was skipped. */
  readonly message?: string;
  /** How to mend it, as far as the message does not say so. */
  readonly advice?: string;
  /** The class of the error that the step failed with, and its code. */
  readonly error?: { readonly name: string; readonly code: string | null };
}

export interface Diagnosis {
  /** Whether everything that was needed went well. */
  readonly ok: boolean;
  readonly steps: readonly StepResult[];
}
