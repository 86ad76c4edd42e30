import { withoutPasswords } from "../safe-text.js";
import { explain } from "./explain.js";
import { type Detail, type Diagnosis, type StepName, type StepResult, stepNames } from "./steps.js";

/** What is noted down of a step while it is done. What is there when it fails stays. */
export class Notes {
  readonly details: Record<string, Detail> = {};
  outcome: Partial<Pick<StepResult, "status" | "message" | "advice">> = {};
  /** What to do should the step fail, and the error not say it. */
  adviceOnFailure: string | undefined;

  warn(message: string, advice?: string): void {
    this.outcome = { status: "warning", message, ...(advice !== undefined && { advice }) };
  }

  skip(message: string): void {
    this.outcome = { status: "skipped", message };
  }
}

/** A step has failed, and what is wrong is on record: there is no going on. */
export class StepFailed extends Error {}

/** Keeps the record of an examination. Passwords do not get into it. */
export class Examination {
  readonly steps: StepResult[] = [];
  readonly #onStep: (step: StepResult) => void;
  readonly #hidden = new Map<string, string>();

  constructor(onStep: (step: StepResult) => void) {
    this.#onStep = onStep;
  }

  get diagnosis(): Diagnosis {
    return { ok: this.steps.every(({ status }) => status !== "failed"), steps: this.steps };
  }

  /** Does a step, and keeps what comes of it. */
  async step<T>(name: StepName, run: (notes: Notes) => T | Promise<T>): Promise<T> {
    const notes = new Notes();
    const start = performance.now();
    const finish = (outcome: Partial<StepResult>) => {
      const ms = Math.round((performance.now() - start) * 1000) / 1000;
      this.#record({ name, status: "ok", ms, details: notes.details, ...outcome });
    };
    try {
      const result = await run(notes);
      finish(notes.outcome);
      return result;
    } catch (error) {
      const { adviceOnFailure: advice } = notes;
      finish({ status: "failed", ...(advice !== undefined && { advice }), ...explain(name, error) });
      throw new StepFailed(name);
    }
  }

  /** From now on shows something else in place of a text. */
  hide(text: string, shown: string): void {
    this.#hidden.set(text, shown);
  }

  /** Marks what has not been done. */
  end(): void {
    for (const name of stepNames.slice(this.steps.length))
      this.#record({ name, status: "skipped", ms: 0, details: {}, message: "not reached" });
  }

  #record(step: StepResult): void {
    const safe = mapTexts(step, (text) => withoutPasswords(this.#withoutHidden(text)));
    this.steps.push(safe);
    this.#onStep(safe);
  }

  #withoutHidden(text: string): string {
    let rest = text;
    for (const [hidden, shown] of this.#hidden) rest = rest.replaceAll(hidden, shown);
    return rest;
  }
}

/** A copy with all its texts changed. */
function mapTexts<T>(value: T, change: (text: string) => string): T {
  const copy = (part: unknown): unknown => {
    if (typeof part === "string") return change(part);
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.map(copy);
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, copy(inner)]));
  };
  return copy(value) as T;
}
